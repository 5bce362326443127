//! The lyrics on the screen: what is lit, what scrolls, what the keys do.

use std::time::Duration;

use crate::app::{Effect, Msg};
use crate::audio;
use crate::library::lyrics::{Read, parse};
use crate::tui::fixture::Harness;

/// A session that plays at 83 s, with these lyrics on the screen.
fn singing(text: &str, size: (u16, u16)) -> Harness {
    let mut h = Harness::new(240, size);
    h.play_and_fill().keys(":lyrics<enter>");
    answer(&mut h, text);
    h
}

/// Answers the request for the lyrics of what plays.
fn answer(h: &mut Harness, text: &str) {
    let path = h.ui.model.playing().unwrap().song.path.to_path_buf();
    assert_eq!(asked(h).last(), Some(&path));
    let lyrics = crate::library::lyrics::Lyrics { from: "song.lrc".into(), ..parse(text) };
    h.message(Msg::Lyrics { path, found: Ok(Read { lyrics: Some(lyrics), faults: Vec::new() }) });
}

/// The files whose lyrics were asked for.
fn asked(h: &Harness) -> Vec<std::path::PathBuf> {
    let asked = h.effects.0.iter().filter_map(|e| if let Effect::Lyrics(path) = e { Some(path.clone()) } else { None });
    asked.collect()
}

fn position(h: &mut Harness, secs: f64) {
    let token = h.effects.0.iter().rev().find_map(|effect| match effect {
        Effect::Player(audio::Command::Play { token, .. }) => Some(*token),
        _ => None,
    });
    h.message(Msg::Player(audio::Event::Position { token: token.unwrap(), secs }));
}

/// The row of the frame that has the lit line's sign, and its text.
fn lit(h: &Harness) -> Option<(usize, String)> {
    let text = h.text();
    let row = text.lines().enumerate().find(|(_, line)| line.trim_start().starts_with('▸'))?;
    Some((row.0, row.1.trim().to_string()))
}

/// A line every second.
fn long() -> String {
    (0..200).map(|n| format!("[{:02}:{:02}.00]line {n}\n", n / 60, n % 60)).collect()
}

#[test]
fn the_screen_of_lyrics() {
    let mut h = singing(
        "[00:10]Wild is the wind\n[01:22]<01:22>Give <01:23>me <01:24>more\n[01:30]\n[01:40]Than one caress",
        (80, 24),
    );
    insta::assert_snapshot!("page_lyrics", h.text());
    assert_eq!(lit(&h).unwrap().1, "▸ Give me more");
    // By word: the words that have begun look different from the rest.
    let buffer = h.buffer();
    let (row, _) = lit(&h).unwrap();
    let start = (0..80).find(|x| buffer[(*x, row as u16)].symbol() == "G").unwrap();
    let style = |offset: u16| buffer[(start + offset, row as u16)].style();
    assert!(style(0) == style(5) && style(5) != style(8), "\"Give me\" is sung, \"more\" is not");
    position(&mut h, 95.0);
    assert_eq!(lit(&h).unwrap().1, "▸ · · ·");
    position(&mut h, 3.0);
    assert_eq!(lit(&h), None, "before the first line nothing is lit");
}

#[test]
fn the_lit_line_is_in_the_middle_until_somebody_scrolls() {
    let mut h = singing(&long(), (80, 24));
    let (row, text) = lit(&h).unwrap();
    assert_eq!(text, "▸ line 83");
    let body = crate::tui::layout::Layout::of(h.buffer().area).unwrap().body;
    let middle = usize::from(body.y + 1 + (body.height - 1) / 2);
    assert!(row.abs_diff(middle) <= 1, "{row} is not near {middle}");
    position(&mut h, 84.0);
    assert_eq!(lit(&h), Some((row, "▸ line 84".into())));
    // By hand: it holds, although the song goes on.
    h.keys("jj");
    assert_eq!(lit(&h), Some((row - 2, "▸ line 84".into())));
    position(&mut h, 85.0);
    assert_eq!(lit(&h), Some((row - 1, "▸ line 85".into())));
    h.keys("gg");
    assert!(lit(&h).is_none() && h.text().contains("line 0"), "{}", h.text());
    h.keys("i");
    assert_eq!(lit(&h), Some((row, "▸ line 85".into())), "and follows again");
    assert!(h.ui.screen.page.is_some());
}

#[test]
fn the_end_and_what_has_no_times_scroll_like_any_page() {
    let mut h = singing(&long(), (80, 24));
    position(&mut h, 199.5);
    assert!(lit(&h).is_some_and(|(_, text)| text == "▸ line 199"), "{}", h.text());
    let plain: String = (0..100).map(|n| format!("line {n}\n")).collect();
    let mut h = singing(&plain, (80, 24));
    assert!(h.text().contains("without times") && lit(&h).is_none(), "{}", h.text());
    h.keys("<ctrl-f>");
    position(&mut h, 90.0);
    assert!(!h.text().contains("line 0\n"), "it stays where it was scrolled to:\n{}", h.text());
}

#[test]
fn offsets_are_typed_and_kept_for_the_track() {
    let mut h = singing("[01:20]before\n[01:23.25]here", (80, 24));
    assert_eq!(lit(&h).unwrap().1, "▸ before");
    h.keys("]]]");
    assert_eq!(lit(&h).unwrap().1, "▸ here");
    assert!(h.text().contains("0.3 s sooner"), "{}", h.text());
    let saved = h.ui.model.session().lyric_offsets;
    assert_eq!(saved, [(h.ui.model.playing().unwrap().song.track.to_string(), 300)]);
    let mut again = Harness::new(240, (80, 24));
    let session = h.ui.model.session();
    let catalog = again.ui.model.catalog.clone();
    again.ui.model.restore(session, &catalog);
    assert_eq!(again.ui.model.session().lyric_offsets, saved);
    h.keys("[");
    assert_eq!(lit(&h).unwrap().1, "▸ before");
    h.keys("\\");
    assert!(h.ui.model.session().lyric_offsets.is_empty());
    h.keys(":lyrics offset -2.5<enter>");
    assert!(h.text().contains("2.5 s later"), "{}", h.text());
    let mut empty = Harness::new(3, (80, 24));
    empty.keys(":lyrics offset 1<enter>");
    assert_eq!(empty.ui.model.notice.as_ref().unwrap().text, "nothing plays");
}

#[test]
fn lyrics_are_read_only_while_they_are_shown_and_for_each_track() {
    let mut h = Harness::new(240, (80, 24));
    h.play_and_fill();
    assert!(asked(&h).is_empty());
    h.keys("T");
    assert_eq!(asked(&h).len(), 1);
    assert!(h.text().contains("Looking for lyrics"), "{}", h.text());
    answer(&mut h, "[01:20]of the first");
    h.keys(">");
    assert_eq!(asked(&h).len(), 2);
    assert!(!h.text().contains("of the first"), "{}", h.text());
    // What comes late of the track before is not shown.
    let first = asked(&h)[0].clone();
    let late = Read { lyrics: Some(parse("[00:00]overdue")), faults: Vec::new() };
    h.message(Msg::Lyrics { path: first, found: Ok(late) });
    assert!(!h.text().contains("overdue"), "{}", h.text());
    let path = asked(&h)[1].clone();
    h.message(Msg::Lyrics { path, found: Ok(Read::default()) });
    assert!(h.text().contains("No lyrics"), "{}", h.text());
    h.keys("<esc>>");
    assert_eq!(asked(&h).len(), 2, "they are not on the screen");
    h.keys("T");
    let path = asked(&h)[2].clone();
    h.message(Msg::Lyrics { path: path.clone(), found: Err("its reader died (signal: 11)".into()) });
    assert!(h.text().contains("its reader died"), "{}", h.text());
    let noted = h.ui.model.log.newest().find(|entry| entry.path.as_ref() == Some(&path));
    assert!(noted.is_some_and(|entry| entry.text.contains("its lyrics were not read")));
    h.keys("TT");
    assert_eq!(asked(&h).len(), 4, "opened again, they are read again");
}

#[test]
fn what_is_typed_narrows_the_lines() {
    let mut h = singing(&long(), (80, 24));
    h.keys("/LINE 17<enter>");
    let text = h.text();
    assert!(text.contains("line 17\n") && text.contains("line 170") && !text.contains("line 83"), "{text}");
    h.keys("<esc>");
    assert_eq!(lit(&h).unwrap().1, "▸ line 83");
}

#[test]
fn long_lines_are_broken_and_every_size_is_drawn() {
    let text = format!("[00:10]{}\n[01:20]<01:20>{}<01:22> 日本語の歌 <01:25>end", "word ".repeat(60), "x".repeat(300));
    let mut h = singing(&text, (80, 24));
    for width in [0, 1, 39, 40, 41, 60, 80, 200] {
        for height in [0, 1, 9, 10, 16, 24, 60] {
            h.size = (width.max(1), height.max(1));
            h.ui.resize(ratatui::layout::Size { width, height });
            h.keys("ji");
            h.buffer();
        }
    }
}

#[test]
fn a_paused_song_draws_nothing_and_a_line_is_drawn_when_it_begins() {
    let mut h = singing("[01:20]a\n[01:23.30]b\n[01:23.60]c\n[02:00]d", (80, 24));
    h.ui.take_dirty();
    let now = h.ui.model.now;
    let at = |ms| now + Duration::from_millis(ms);
    assert_eq!(h.ui.lyrics_due(), Some(at(300)));
    h.ui.light(at(299));
    assert!(!h.ui.take_dirty());
    h.ui.light(at(300));
    assert!(h.ui.take_dirty() && lit(&h).unwrap().1 == "▸ b");
    assert_eq!(h.ui.lyrics_due(), Some(at(600)));
    h.ui.light(at(650));
    assert!(h.ui.take_dirty() && lit(&h).unwrap().1 == "▸ c");
    assert_eq!(h.ui.lyrics_due(), None, "the player reports before the next line begins");
    h.keys("<space>");
    h.ui.take_dirty();
    h.ui.light(at(5000));
    assert!(!h.ui.take_dirty() && h.ui.lyrics_due().is_none());
    h.keys("<esc><space>");
    assert_eq!(h.ui.lyrics_due(), None, "not on the screen");
}
