use ratatui::Terminal;
use ratatui::layout::Size;

use super::*;
use crate::picture::{Form, Raster};
use crate::tui::cells::CellWriter;
use crate::tui::colour::Depth;

fn art(protocol: Protocol) -> Art {
    Art { protocol, cell: (10, 20), guessed: false, wrapped: false, depth: Depth::True }
}

fn drawn(form: Form, side: usize) -> Arc<Drawn> {
    let mut random = fastrand::Rng::with_seed(3);
    let rgb = (0..3 * side * side).map(|_| random.u8(..)).collect();
    Arc::new(Drawn::of(Raster::new(side, side, rgb).unwrap(), form))
}

fn at(x: u16, y: u16, drawn: &Arc<Drawn>) -> Placement {
    Placement { area: Rect::new(x, y, 6, 3), drawn: drawn.clone(), ground: Color::Reset }
}

fn gallery(protocol: Protocol) -> Gallery {
    Gallery { art: Some(art(protocol)), ..Gallery::default() }
}

/// What is sent before and after the cells of a frame.
fn turn(gallery: &mut Gallery, wanted: &[Placement]) -> (String, String) {
    let (before, after) = gallery.turn(wanted.to_vec());
    (String::from_utf8(before).unwrap(), String::from_utf8(after).unwrap())
}

const NOTHING: (String, String) = (String::new(), String::new());

#[test]
fn a_picture_is_sent_once_in_every_protocol() {
    for (protocol, form, begins, ends) in [
        (Protocol::Kitty, Form::Png, "\x1b_Ga=T,f=100,i=1784807425,q=2,C=1,m=", "\x1b\\"),
        (Protocol::Iterm, Form::Png, "\x1b]1337;File=inline=1;size=", "\x07"),
        (Protocol::Sixel, Form::Sixels, "\x1bP0;1;0q\"1;1;60;60#", "\x1b\\"),
    ] {
        let (mut gallery, picture) = (gallery(protocol), drawn(form, 60));
        let (before, after) = turn(&mut gallery, &[at(2, 30, &picture)]);
        assert_eq!(before, "", "{protocol:?}");
        let rest = after.strip_prefix("\x1b7\x1b[31;3H").and_then(|rest| rest.strip_suffix("\x1b8")).unwrap();
        assert!(rest.starts_with(begins) && rest.ends_with(ends), "{protocol:?}: {}", &rest[..60]);
        assert_eq!(turn(&mut gallery, &[at(2, 30, &picture)]), NOTHING);
        // Other cells do not matter.
        gallery.written(8, 30);
        gallery.written(2, 33);
        assert_eq!(turn(&mut gallery, &[at(2, 30, &picture)]), NOTHING);
        gallery.written(7, 32);
        assert_eq!(turn(&mut gallery, &[at(2, 30, &picture)]).1, after, "{protocol:?}");
        gallery.cleared();
        assert_eq!(turn(&mut gallery, &[at(2, 30, &picture)]), (String::new(), after));
    }
}

#[test]
fn what_goes_leaves_blank_cells() {
    let picture = drawn(Form::Png, 20);
    let mut kitty = gallery(Protocol::Kitty);
    turn(&mut kitty, &[at(2, 30, &picture), at(50, 10, &picture)]);
    let (before, after) = turn(&mut kitty, &[at(50, 10, &picture)]);
    assert_eq!((before.as_str(), after.as_str()), ("\x1b7\x1b_Ga=d,d=I,i=1784807425,q=2\x1b\\\x1b8", ""));
    // The number is free again.
    assert!(turn(&mut kitty, &[at(50, 10, &picture), at(2, 30, &picture)]).1.contains("i=1784807425,"));
    let mut iterm = gallery(Protocol::Iterm);
    let placement = Placement { ground: Color::Indexed(7), ..at(2, 30, &picture) };
    turn(&mut iterm, std::slice::from_ref(&placement));
    let blank = " ".repeat(6);
    let gone = format!("\x1b7\x1b[0;48;5;7m\x1b[31;3H{blank}\x1b[32;3H{blank}\x1b[33;3H{blank}\x1b8");
    assert_eq!(turn(&mut iterm, &[]), (gone, String::new()));
    assert_eq!(turn(&mut iterm, &[]), NOTHING);
    // Another picture at the same place replaces it.
    turn(&mut iterm, &[placement]);
    let (before, after) = turn(&mut iterm, &[at(2, 30, &drawn(Form::Png, 20))]);
    assert!(before.contains(&blank) && after.contains("]1337;"));
}

#[test]
fn a_large_picture_is_sent_to_kitty_in_parts() {
    let picture = drawn(Form::Png, 80);
    let (_, sent) = turn(&mut gallery(Protocol::Kitty), &[at(0, 0, &picture)]);
    let parts: Vec<&str> = sent.split("\x1b_G").skip(1).collect();
    assert!(parts.len() > 3 && parts[0].contains("C=1,m=1;"), "{}", parts.len());
    let last = parts.len() - 1;
    assert!(parts[1..last].iter().all(|part| part.starts_with("m=1;")) && parts[last].starts_with("m=0;"));
    let data: String = parts.iter().map(|part| part.split_once(';').unwrap().1.split('\x1b').next().unwrap()).collect();
    assert_eq!(data, base64(&picture.bytes));
    assert!(parts.iter().all(|part| part.len() < PART + 80));
    let guessed = Art { guessed: true, ..art(Protocol::Kitty) };
    let mut gallery = Gallery { art: Some(guessed), ..Gallery::default() };
    assert!(turn(&mut gallery, &[at(0, 0, &picture)]).1.contains(",C=1,c=6,r=3,m=1;"));
}

#[test]
fn tmux_passes_on_what_is_wrapped() {
    let wrapped = Art { wrapped: true, ..art(Protocol::Kitty) };
    let mut gallery = Gallery { art: Some(wrapped), ..Gallery::default() };
    let (_, sent) = turn(&mut gallery, &[at(2, 30, &drawn(Form::Png, 2))]);
    assert!(sent.starts_with("\x1b7\x1bPtmux;\x1b\x1b[31;3H\x1b\x1b_Ga=T,"), "{sent:?}");
    assert!(sent.ends_with("\x1b\x1b\\\x1b\\\x1b8"), "{sent:?}");
    let unwrapped = String::from_utf8_lossy(FORGET_WRAPPED).replace("\x1b\x1b", "\x1b");
    assert_eq!(unwrapped, format!("\x1bPtmux;{}\x1b\\", String::from_utf8_lossy(FORGET)));
}

#[test]
fn pictures_go_with_the_frame_and_only_when_they_changed() {
    let size = || Ok(Size { width: 40, height: 12 });
    let mut terminal = Terminal::new(CellWriter::new(Vec::new(), size)).unwrap();
    terminal.backend_mut().use_art(Some(art(Protocol::Sixel)));
    let picture = drawn(Form::Sixels, 40);
    let mut draw = |words: &str, x: u16, wanted: &[Placement], anew: bool| {
        if anew {
            terminal.resize(Rect::new(0, 0, 40, 12)).unwrap();
        }
        terminal.backend_mut().hold();
        let style = ratatui::style::Style::new();
        let text = |frame: &mut ratatui::Frame<'_>| {
            frame.buffer_mut().set_string(x, 2, words, style);
        };
        terminal.draw(text).unwrap();
        terminal.backend_mut().hang(wanted.to_vec()).unwrap();
        String::from_utf8(terminal.backend_mut().take_sent()).unwrap()
    };
    let hung = [at(1, 1, &picture)];
    let first = draw("0:01", 20, &hung, false);
    assert!(first.find("0:01") < first.find("\x1bP0;1;0q"), "the picture lies above the cells");
    assert!(first.starts_with("\x1b[?2026h") && first.ends_with("\x1b8\x1b[?2026l"));
    // Time goes on: nothing but the digit.
    assert_eq!(draw("0:02", 20, &hung, false), "\x1b[3;24H2");
    assert_eq!(draw("0:02", 20, &hung, false), "");
    assert!(draw("0:02", 20, &hung, true).contains("\x1bP0;1;0q"), "the screen was cleared");
    // A box over it: blanks first, then what is written there.
    let covered = draw("box", 3, &[], false);
    assert!(covered.find("\x1b[2;2H      ") < covered.find("box") && !covered.contains("\x1bP"), "{covered:?}");
    assert!(draw("", 3, &hung, false).contains("\x1bP0;1;0q"));
}
