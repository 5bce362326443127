use std::thread;

use crossbeam_channel::unbounded;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::*;
use crate::app::Msg;
use crate::clock::SystemClock;
use crate::tui::fixture::Harness;
use crate::tui::run::Exit;
use crate::tui::run::turn::show;

/// A terminal that is to be attached, and its other side.
fn guest(size: (u16, u16)) -> (Attached, Sender<io::Result<Event>>, Receiver<Shown>) {
    let pictures = Pictures { way: Way::Kitty, cell: (9, 20), guessed: false, wrapped: true };
    let terminal =
        Terminal { size, cell: Some((9, 20)), colours: Colours::True, light: true, pictures: Some(pictures) };
    let ((input, events), (output, shown)) = (unbounded(), unbounded());
    let link = Arc::new(Link::of(&terminal));
    (Attached { terminal, events, output, link }, input, shown)
}

fn typed(keys: &str) -> impl Iterator<Item = Event> {
    let key = |c| match c {
        '\n' => KeyCode::Enter,
        c => KeyCode::Char(c),
    };
    keys.chars().map(move |c| Event::Key(KeyEvent::new(key(c), KeyModifiers::NONE))).collect::<Vec<_>>().into_iter()
}

#[test]
fn a_terminal_is_known_by_what_it_said() {
    let (attached, ..) = guest((100, 30));
    let terminal = attached.terminal;
    assert_eq!(display(&terminal), Display { depth: Depth::True, ground: Ground::Light });
    let shown = art(&terminal).unwrap();
    assert_eq!((shown.protocol, shown.cell, shown.wrapped), (Protocol::Kitty, (9, 20), true));
    assert_eq!(super::terminal((100, 30), Some((9, 20)), Depth::True, Ground::Light, Some(shown)), terminal);
    // Cells without a side would have no picture fit them.
    let of = |way, cell| {
        let pictures = Pictures { way, cell, guessed: false, wrapped: false };
        let art = art(&Terminal { pictures: Some(pictures), ..terminal.clone() }).unwrap();
        (art.cell, art.guessed)
    };
    assert_eq!(of(Way::Sixel, (9, 20)), ((9, 20), false));
    assert_eq!((of(Way::Kitty, (0, 20)), of(Way::Iterm, (9, u16::MAX))), (((10, 20), true), ((10, 20), true)));
    assert_eq!(of(Way::Blocks, (0, 0)), ((1, 2), false));
}

#[test]
fn nothing_is_drawn_for_nobody_and_no_more_than_is_taken() {
    let (sender, arrivals) = unbounded();
    let mut stage = Stage::new(arrivals, true);
    assert!(!stage.watched() && !stage.ready() && stage.size().unwrap() == UNSEEN);
    let mut h = Harness::new(3, (80, 24));
    stage.draw(&h.ui.model, &h.ui.screen, &h.ui.theme, false).unwrap();
    let (attached, input, shown) = guest((60, 20));
    let link = attached.link.clone();
    stage.attach(attached).unwrap();
    assert!(stage.watched() && stage.ready());
    assert_eq!((stage.size().unwrap(), stage.cell()), (Size { width: 60, height: 20 }, Some((9, 20))));
    h.ui.resize(stage.size().unwrap());
    stage.draw(&h.ui.model, &h.ui.screen, &h.ui.theme, true).unwrap();
    stage.title("So What").unwrap();
    stage.title("So What").unwrap();
    assert_eq!((link.waiting(), stage.ready()), (2, false), "a frame and one title wait to be written");
    let side = |n| std::num::NonZero::new(n).unwrap();
    let mut screen = vt100::Parser::new(side(20), side(60), 0);
    for block in shown.try_iter() {
        let Shown::Bytes(bytes) = block else { panic!("{block:?}") };
        screen.process(&bytes);
        link.written();
    }
    assert!(stage.ready() && screen.screen().contents().contains("Sea Line"), "{}", screen.screen().contents());
    // Another terminal takes its place.
    let (second, ..) = guest((100, 30));
    stage.attach(second).unwrap();
    assert!(matches!(shown.recv().unwrap(), Shown::Bye(why) if why.contains("another terminal")));
    assert!(shown.recv().is_err() && input.send(Err(io::Error::other("gone"))).is_err());
    assert!(stage.lost(TerminalError::HungUp).is_ok(), "the session goes on");
    assert!(!stage.watched());
    drop(sender);
}

#[test]
fn what_nobody_sees_is_not_read() {
    let (screens, arrivals) = unbounded();
    let (messages, inbox) = unbounded::<Msg>();
    let visitor = thread::spawn(move || {
        let (attached, input, shown) = guest((100, 30));
        let link = attached.link.clone();
        screens.send(attached).unwrap();
        let mut keys = [":sound\n", ":detach\n"].into_iter();
        for block in shown {
            if let Shown::Bytes(_) = block {
                link.written();
                keys.next().into_iter().flat_map(typed).for_each(|event| input.send(Ok(event)).unwrap());
            }
        }
        // The loop ends with its messages, after the terminal has left.
        drop(messages);
    });
    let mut h = Harness::new(3, (80, 24));
    h.ui.model.headless = true;
    let mut stage = Stage::new(arrivals, false);
    show(&mut h.ui, &mut stage, &inbox, &SystemClock::new(), &mut h.effects);
    visitor.join().unwrap();
    let spectra: Vec<bool> = h
        .effects
        .0
        .iter()
        .filter_map(|effect| match effect {
            crate::app::Effect::Player(crate::audio::Command::Spectrum(wanted)) => Some(*wanted),
            _ => None,
        })
        .collect();
    let ends = (spectra.first(), spectra.last());
    assert_eq!(ends, (Some(&true), Some(&false)), "only while the view was on a terminal");
}

#[test]
fn a_terminal_comes_types_and_leaves_and_the_session_goes_on() {
    let (screens, arrivals) = unbounded();
    let (messages, inbox) = unbounded::<Msg>();
    let first = thread::spawn(move || {
        let visit = |leave: &str| {
            let (attached, input, shown) = guest((80, 24));
            let link = attached.link.clone();
            screens.send(attached).unwrap();
            let mut sent = false;
            for block in shown {
                match block {
                    Shown::Bytes(_) => link.written(),
                    Shown::Bye(why) => return Some(why),
                    Shown::Suspend => return Some("suspended".into()),
                }
                if !std::mem::replace(&mut sent, true) {
                    typed(leave).for_each(|event| input.send(Ok(event)).unwrap());
                }
            }
            None
        };
        let said = [visit(":detach\n"), visit(":suspend\n"), visit(":quit\n")];
        drop(messages);
        said
    });
    let mut h = Harness::new(3, (80, 24));
    h.ui.model.headless = true;
    let mut stage = Stage::new(arrivals, false);
    let exit = show(&mut h.ui, &mut stage, &inbox, &SystemClock::new(), &mut h.effects);
    assert!(matches!(exit, Exit::Quit), "{exit:?}");
    drop(stage);
    let [left, suspended, ended] = first.join().unwrap();
    assert!(left.unwrap().contains("the music goes on"));
    assert_eq!((suspended.as_deref(), ended), (Some("suspended"), None));
    assert!(h.ui.ended(), "quitting ends the session");
}
