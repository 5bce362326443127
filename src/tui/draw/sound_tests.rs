//! The view of the sound: what it shows, its keys and the mouse, and that nothing is asked for while it is not open.

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::*;
use crate::app::{Effect, Msg, fixture};
use crate::audio::{self, Command};
use crate::tui::colour::Depth;
use crate::tui::fixture::{Harness, flaw};
use crate::tui::layout::Layout;
use crate::tui::pages;

/// A tone that rises from the lowest band to the highest.
fn rising(column: usize, band: usize) -> u8 {
    if band.abs_diff(column * BANDS / 480) <= 2 { 160 } else { 0 }
}

/// The view of a track of 203 s, of which 83 have passed.
fn open(size: (u16, u16), theme: &str) -> Harness {
    let mut h = Harness::of(fixture::model(240), size, theme, Depth::True);
    h.play_and_fill().keys(":sound<enter>");
    h
}

fn body(h: &Harness) -> Areas {
    areas(Layout::of(Rect::new(0, 0, h.size.0, h.size.1)).unwrap().body)
}

fn sought(h: &Harness) -> Option<f64> {
    h.effects.0.iter().rev().find_map(|e| if let Effect::Player(Command::Seek(to)) = e { Some(*to) } else { None })
}

#[test]
fn a_rising_tone_rises_in_the_picture() {
    for theme in ["gruvbox-dark", "terminal", "mono"] {
        let mut h = open((120, 40), theme);
        assert!(h.text().contains("Making the spectrogram"), "{}", h.text());
        h.trace(rising);
        let (buffer, area) = (h.buffer(), body(&h).picture);
        let bright = |share: f64| {
            let x = area.x + (share * f64::from(area.width)) as u16;
            (area.top()..area.bottom()).find(|y| buffer[(x, *y)].symbol() != " ").expect("a tone")
        };
        let rows = [0.1, 0.3, 0.5, 0.7, 0.9].map(bright);
        assert!(rows.windows(2).all(|pair| pair[1] < pair[0]), "{theme}: {rows:?}\n{}", h.text());
        // The cursor of time stands where 83 of 203 s are.
        let x = area.x + (83.0 / 203.0 * f64::from(area.width)) as u16;
        assert!((area.top()..area.bottom()).all(|y| buffer[(x, y)].symbol() == "│"), "{}", h.text());
        for words in ["Sound of", "1 kHz", "3:23", "energy", "LUFS", "16 kHz"] {
            assert!(h.text().contains(words), "{words}: {}", h.text());
        }
    }
}

#[test]
fn the_cursor_leaves_no_holes_in_a_loud_picture() {
    let mut h = open((120, 40), "gruvbox-dark");
    h.trace(|_, _| 160);
    let (buffer, area) = (h.buffer(), body(&h).picture);
    let x = area.x + (83.0 / 203.0 * f64::from(area.width)) as u16;
    for y in area.top()..area.bottom() {
        let beside = &buffer[(x + 1, y)];
        assert_eq!((beside.symbol(), buffer[(x, y)].symbol()), ("█", "│"), "{}", h.text());
        assert_eq!(buffer[(x, y)].bg, beside.fg);
    }
}

#[test]
fn it_is_asked_for_when_it_opens_and_ends_when_it_closes() {
    let mut h = Harness::new(240, (120, 40));
    h.play_and_fill();
    let of_sound = |e: &Effect| matches!(e, Effect::Trace(_) | Effect::Player(Command::Spectrum(_)));
    assert!(!h.effects.0.iter().any(of_sound), "it is not open");
    h.keys("6");
    h.ui.timeout(&mut h.effects);
    assert!(h.ui.screen.shows(pages::SOUND) && h.effects.0.contains(&Effect::Player(Command::Spectrum(true))));
    assert!(h.effects.0.iter().any(|e| matches!(e, Effect::Trace(Some(_)))));
    // Another view over it, and back.
    h.effects.0.clear();
    h.keys("?");
    assert!(h.effects.0.contains(&Effect::Player(Command::Spectrum(false))));
    assert!(h.effects.0.contains(&Effect::Trace(None)) && !h.ui.model.sound_view.shown);
    h.effects.0.clear();
    h.keys(">");
    assert!(!h.effects.0.iter().any(of_sound), "{:?}", h.effects.0);
    h.keys(":sound<enter>");
    assert!(h.ui.model.sound_view.shown);
    h.keys(":sound<enter>");
    assert!(!h.ui.model.sound_view.shown && !h.ui.screen.shows(pages::SOUND));
}

#[test]
fn keys_and_the_mouse_go_through_the_track() {
    let mut h = open((120, 40), "terminal");
    h.keys("]");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("still being made"), "{:?}", h.ui.model.notice);
    // Two halves that differ.
    h.trace(|column, band| if (column < 240) == (band < 60) { 150 } else { 90 });
    assert!(h.text().contains("┬2"), "{}", h.text());
    h.keys("]");
    assert!(sought(&h).is_some_and(|to| (to - 101.5).abs() < 2.0), "{:?}", sought(&h));
    h.keys("[");
    assert_eq!(sought(&h), Some(0.0), "the first section began there");
    let mouse = |h: &mut Harness, kind, column, row| {
        h.ui.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }), &mut h.effects);
    };
    let area = body(&h).picture;
    let middle = area.x + area.width / 2;
    mouse(&mut h, MouseEventKind::Down(MouseButton::Left), middle, area.y + 3);
    assert!(sought(&h).is_some_and(|to| (to - 101.5).abs() < 2.0), "{:?}", sought(&h));
    mouse(&mut h, MouseEventKind::Drag(MouseButton::Left), area.x, area.y);
    assert_eq!(sought(&h), Some(0.0));
    mouse(&mut h, MouseEventKind::Up(MouseButton::Left), area.x, area.y);
    // The list beside the spectrum is no place in the track.
    h.effects.0.clear();
    let below = body(&h).below;
    mouse(&mut h, MouseEventKind::Down(MouseButton::Left), middle, below.y + 2);
    assert_eq!(sought(&h), None);
}

#[test]
fn the_list_is_scrolled_and_searched() {
    let mut h = open((80, 24), "terminal");
    assert!(h.text().contains("tempo") && !h.text().contains("encoder's"), "{}", h.text());
    h.keys("G");
    assert!(h.text().lines().any(|line| line.trim_end().ends_with("32")), "{}", h.text());
    h.keys("gg/dimensions<enter>");
    assert!(h.text().contains("the encoder's 32 dimensions"), "{}", h.text());
    h.keys("gg/nonsense<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("nonsense"));
}

#[test]
fn the_spectrum_of_what_is_sent_is_drawn_with_its_peaks() {
    let mut h = open((120, 40), "terminal");
    let mut bands = [0.0; spectrum::BANDS];
    bands[10] = 1.0;
    h.message(Msg::Player(audio::Event::Spectrum(bands)));
    let area = body(&h).spectrum;
    let height = |h: &Harness, band: u16| {
        let buffer = h.buffer();
        (area.top()..area.bottom() - 1).filter(|y| buffer[(area.x + band, *y)].symbol() == "█").count()
    };
    assert_eq!((height(&h, 10), height(&h, 11)), (usize::from(area.height - 1), 0), "{}", h.text());
    bands[10] = 0.3;
    h.message(Msg::Player(audio::Event::Spectrum(bands)));
    let buffer = h.buffer();
    let held = (area.top()..area.bottom()).any(|y| buffer[(area.x + 10, y)].symbol() == "─");
    assert!(held && height(&h, 10) < 8, "{}", h.text());
}

#[test]
fn it_draws_at_any_size_and_says_why_there_is_no_picture() {
    for width in [40, 60, 80, 120, 200] {
        for height in [10, 14, 24, 60] {
            let mut h = Harness::of(fixture::model(40), (width, height), "gruvbox-dark", Depth::True);
            h.play_and_fill().keys(":sound<enter>");
            assert_eq!(flaw(&h.buffer()), None, "{width}×{height}");
            h.trace(rising);
            assert_eq!(flaw(&h.buffer()), None, "{width}×{height}");
        }
    }
    let mut h = Harness::new(240, (80, 24));
    h.keys(":sound<enter>");
    assert!(h.text().contains("Nothing plays."), "{}", h.text());
    h.keys("1");
    h.ui.timeout(&mut h.effects);
    h.play_and_fill();
    let start = |e: &Effect| if let Effect::Player(Command::Play { token, .. }) = e { Some(*token) } else { None };
    let token = h.effects.0.iter().rev().find_map(start).expect("a start");
    h.message(Msg::Player(audio::Event::Started { token, secs: Some(3.0 * 3600.0) }));
    h.keys(":sound<enter>");
    assert!(h.text().contains("longer than two hours"), "{}", h.text());
    h.message(Msg::Player(audio::Event::Started { token, secs: Some(203.0) }));
    let asked = |e: &Effect| if let Effect::Trace(Some(asked)) = e { Some(asked.clone()) } else { None };
    let (path, piece) = h.effects.0.iter().rev().find_map(asked).expect("a request");
    h.message(Msg::Traced { path, piece, found: Err("no sound in it".into()) });
    assert!(h.text().contains("No spectrogram: no sound in it"), "{}", h.text());
}
