//! The lyrics of what plays: the line that sounds is lit and kept in the middle.

use std::ops::Range;

use crate::app::state::lyrics::Known;
use crate::library::filter::fold;
use crate::library::lyrics::{Line, Lit, Lyrics};
use crate::text;
use crate::tui::draw::{Span, dotted};
use crate::tui::pane::{Focus, Pane, Shown, blank, broken, wrapped};
use crate::tui::theme::Role;

/// The sign before a line that sounds, for terminals and themes without colours, and before all others.
const LIT: &str = "▸ ";
const UNLIT: &str = "  ";
/// What stands for a line without words.
const PAUSE: &str = "· · ·";

/// The lyrics page.
pub struct Words;

impl Pane for Words {
    fn id(&self) -> &'static str {
        "lyrics"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Lyrics"
    }

    fn narrows(&self) -> bool {
        true
    }

    fn is_view(&self) -> bool {
        true
    }

    fn has_tab(&self) -> bool {
        false
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("lyrics offset +0.1", "sooner"),
            ("lyrics offset -0.1", "later"),
            ("lyrics offset 0", "as written"),
            ("goto-playing", "follow"),
            ("search", "find"),
            ("cancel", "close"),
        ]
    }

    fn lines(&self, shown: &Shown) -> Vec<Vec<Span>> {
        laid(shown).0
    }

    fn laid(&self, shown: &Shown) -> (Vec<Vec<Span>>, Option<Focus>) {
        let (lines, under) = laid(shown);
        (lines, under.map(Focus::Middle))
    }
}

/// The lines, and those that sound.
fn laid(shown: &Shown) -> (Vec<Vec<Span>>, Option<Range<usize>>) {
    let &Shown { model, narrow, columns, .. } = shown;
    let Some(item) = model.playing() else {
        return (wrapped("Nothing plays.", columns, Role::Text), None);
    };
    let song = &item.song;
    let mut lines = vec![vec![
        (text::fit(&song.title(), text::width(&song.title()).min(columns)), Role::Title),
        (format!("  {}", song.artist()), Role::Artist),
    ]];
    let lyrics = match &model.singing.known {
        Known::Found(lyrics) => lyrics,
        Known::Nothing => {
            lines.push(vec![("Looking for lyrics …".into(), Role::Dim)]);
            return (lines, None);
        }
        Known::None => {
            let none = "No lyrics: neither a .lrc or .txt with the file's name beside it or in a directory lyrics beside it, \
                        nor any in its tags. Nothing is fetched from the network.";
            lines.extend(wrapped(none, columns, Role::Text));
            return (lines, None);
        }
        Known::Failed(why) => {
            lines.extend(wrapped(why, columns, Role::Error));
            return (lines, None);
        }
    };
    lines.push(vec![(about(lyrics, model.singing.offset(song.track)), Role::Dim)]);
    lines.push(blank());
    let words: Vec<String> = narrow.split_whitespace().map(fold).collect();
    if !words.is_empty() {
        let has = |line: &&Line| {
            let text = fold(&line.text);
            words.iter().all(|word| text.contains(word.as_str()))
        };
        lyrics.lines.iter().filter(has).for_each(|line| rows(line, UNLIT, (0, Role::Text), columns, &mut lines));
        return (lines, None);
    }
    let lit = model.lit();
    let place = model.singing.place(&model.play, song.track, model.now);
    let first = lines.len();
    let mut under = lyrics.timed.then_some(0..first);
    for (index, line) in lyrics.lines.iter().enumerate() {
        let begin = lines.len();
        if lit.is_some_and(|lit| (lit.first..lit.end).contains(&index)) {
            rows(line, LIT, (line.sung(place), Role::Text), columns, &mut lines);
            let from = under.take().filter(|under| under.end == begin && under.start >= first);
            under = Some(from.map_or(begin, |under| under.start)..lines.len());
        } else {
            rows(line, UNLIT, (0, ground(lyrics, lit, index)), columns, &mut lines);
        }
    }
    if lyrics.cut {
        lines.push(vec![("The rest is left out: there is too much of it.".into(), Role::Dim)]);
    }
    (lines, under)
}

/// The role of a line that does not sound: what has passed steps back.
fn ground(lyrics: &Lyrics, lit: Option<Lit>, index: usize) -> Role {
    if lyrics.timed && lit.is_some_and(|lit| index < lit.first) { Role::Dim } else { Role::Text }
}

/// Where the lyrics come from, and by how much they are moved.
fn about(lyrics: &Lyrics, offset: i32) -> String {
    let secs = f64::from(offset.abs()) / 1000.0;
    let moved = match offset {
        0 => String::new(),
        1.. => format!("{secs} s sooner"),
        _ => format!("{secs} s later"),
    };
    let times = if lyrics.timed { "" } else { "without times" };
    dotted(&[&format!("from {}", if lyrics.from == "tags" { "its tags" } else { &lyrics.from }), times, &moved])
}

/// Adds a line, broken at spaces where it is too long: `sign`, then `sung` bytes of it lit, the rest in another role.
fn rows(line: &Line, sign: &str, (sung, rest): (usize, Role), columns: usize, lines: &mut Vec<Vec<Span>>) {
    let lit = sign == LIT;
    if line.text.is_empty() {
        lines.push(if lit { vec![(format!("{sign}{PAUSE}"), Role::Playing)] } else { blank() });
        return;
    }
    let room = columns.saturating_sub(text::width(sign)).max(1);
    for (n, part) in broken(&line.text, room).into_iter().enumerate() {
        let sign = if n == 0 { sign } else { UNLIT };
        let middle = sung.clamp(part.start, part.end);
        let sign_role = if lit { Role::Playing } else { rest };
        let parts = [
            (sign.to_string(), sign_role),
            (line.text[part.start..middle].to_string(), Role::Playing),
            (line.text[middle..part.end].to_string(), rest),
        ];
        lines.push(parts.into_iter().filter(|(text, _)| !text.is_empty()).collect());
    }
}

#[cfg(test)]
#[path = "lyrics_tests.rs"]
mod tests;
