//! The two rows at the bottom: the status row, and the row for notices and prompts with its completion menu.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::Model;
use crate::app::commands::row::Completion;
use crate::app::msg::Progress;
use crate::text;
use crate::tui::binding::{says, typeable};
use crate::tui::pages;
use crate::tui::pane::broken;
use crate::tui::prompt::{Prompt, Purpose};
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

use super::{Span, bar, dotted, put, put_right, tabs, thousands};

/// Maximum number of rows of the completion menu.
const MENU: usize = 8;
/// Maximum number of rows of a notice.
const NOTICE: usize = 6;

/// Draws the status row: the progress of the analysis, or else the size of the library; at the
/// right the number of marks, what is not saved, the number of errors, and the pending keys.
pub fn status(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let mut right = Vec::new();
    let marked = screen.marks.songs.len() + screen.marks.items.len();
    if marked > 0 {
        right.push((format!("{marked} marked  "), Role::Marked));
    }
    if !model.unsaved.is_empty() {
        right.push((format!("{}  ", model.unsaved.short()), Role::Error));
    }
    if !model.faults.is_empty() {
        right.push((format!("{} :errors  ", model.faults.len()), Role::Error));
    }
    if let Some((_, what)) = model.undoable().filter(|_| area.width >= 76) {
        let room = usize::from(area.width) / 3;
        let what = text::fit(what, text::width(what).min(room));
        right.push((format!("undo: {what}  "), Role::Dim));
    }
    let pending = screen.pending();
    right.push((pending, Role::Key));
    let room = put_right(buf, area, theme, &right, None);
    put(buf, room, theme, &doing(screen.progress.shown(), model.catalog.len(), usize::from(room.width)), None);
}

/// The keys that matter most in the open view, as many as there is room for.
pub fn keys(screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let mut spans: Vec<Span> = Vec::new();
    let mut used = 0;
    let view = tabs::open(screen);
    let view = if view.id() == pages::LIBRARY.id() && screen.shows_grid() { pages::GRID } else { view };
    let bound: Vec<_> = typeable(screen.keymap.bindings(), view.scope()).collect();
    for (command, word) in view.hints() {
        // A command whose key was taken away by the user has nothing to show.
        let Some((binding, _)) = bound.iter().find(|(_, line)| says(line, command)) else { continue };
        let key = text::sanitize(&binding.text);
        used += text::width(&key) + text::width(word) + 3;
        if used > usize::from(area.width) {
            break;
        }
        spans.extend([(key, Role::Key), (format!(" {word}  "), Role::Dim)]);
    }
    put(buf, area, theme, &spans, None);
}

fn doing(p: &Progress, songs: usize, columns: usize) -> Vec<Span> {
    if p.stage.is_empty() {
        if songs == 0 {
            return Vec::new();
        }
        // `latents` counts tracks; several files can be the same track, so it may stay below the
        // number of songs.
        let known = match p.latents {
            0 => String::new(),
            n => format!("{} listened to", thousands(n)),
        };
        let tracks = format!("{} {}", thousands(songs), text::either(songs, "track", "tracks"));
        return vec![(text::fit(&dotted(&[&tracks, &known]), columns), Role::Dim)];
    }
    let mut spans = vec![(format!("{} ", text::sanitize(&p.stage)), Role::Accent)];
    if columns >= 50 && p.total > 0 {
        let (done, rest) = bar(p.done as f64 / p.total as f64, 12);
        spans.extend([(done, Role::Progress), (rest, Role::ProgressRest), (" ".into(), Role::Text)]);
    }
    let of = if p.total > 0 { format!("/{}", thousands(p.total)) } else { String::new() };
    let amount = format!("{}{of}", thousands(p.done));
    let rate = if p.rate > 0.0 && p.rate.is_finite() { rate(p.rate) } else { String::new() };
    let left = p.left.filter(|l| l.is_finite() && *l >= 0.0).map(left).unwrap_or_default();
    let used: usize = spans.iter().map(|(text, _)| text::width(text)).sum();
    spans.push((text::fit(&dotted(&[&amount, &rate, &left]), columns.saturating_sub(used)), Role::Dim));
    spans
}

/// Two digits of a rate: more of them change all the time and tell nothing.
fn rate(rate: f64) -> String {
    if rate < 9.95 { format!("{rate:.1} tracks/s") } else { format!("{rate:.0} tracks/s") }
}

/// The remaining time in words, in steps of five seconds, of minutes, of tenths of an hour; `secs` is in seconds.
fn left(secs: f64) -> String {
    match secs {
        s if s <= 55.0 => format!("{:.0} s left", (s / 5.0).ceil().max(1.0) * 5.0),
        s if s < 5400.0 => format!("{:.0} min left", (s / 60.0).ceil()),
        s => format!("{:.1} h left", s / 3600.0),
    }
}

/// Draws the prompt and returns its cursor's position, or else draws the last notice.
pub fn line(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) -> Option<Position> {
    let Some(prompt) = &screen.prompt else {
        if let Some(notice) = &model.notice {
            let said = format!("{} {}", notice.kind.sign(), notice.text);
            told(&said, notice.kind.into(), theme, buf, area);
        }
        return None;
    };
    // Scroll a long line so that the cursor stays visible.
    let sign = prompt.sign();
    let signed = text::width(&sign);
    let room = usize::from(area.width).saturating_sub(signed + 1);
    let before = &prompt.text[..prompt.at];
    let mut start = 0;
    while text::width(&before[start..]) > room {
        start += before[start..].chars().next().map_or(1, char::len_utf8);
    }
    let spans = [(sign.into_owned(), Role::Key), (prompt.text[start..].to_string(), Role::Prompt)];
    put(buf, area, theme, &spans, None);
    if let Some((aside, role)) = beside(prompt, model) {
        let used = spans.iter().map(|(text, _)| text::width(text)).sum::<usize>() + 3;
        let rest = usize::from(area.width).saturating_sub(used);
        let place = Rect { x: area.x + used.min(usize::from(area.width)) as u16, width: rest as u16, ..area };
        put(buf, place, theme, &[(text::fit(&aside, text::width(&aside).min(rest)), role)], None);
    }
    let x = area.x as usize + signed + text::width(&before[start..]);
    Some(Position { x: (x as u16).min(area.right().saturating_sub(1)), y: area.y })
}

/// Draws a notice into the line, and one that is longer over the rows above it too, so that no advice is cut off.
fn told(said: &str, role: Role, theme: &Theme, buf: &mut Buffer, line: Rect) {
    let parts = broken(said, usize::from(line.width));
    let shown = parts.len().min(NOTICE).min(usize::from(line.y / 2) + 1);
    for (row, part) in parts.iter().take(shown).enumerate() {
        let area = Rect { y: line.y - (shown - 1 - row) as u16, ..line };
        for x in area.left()..area.right() {
            if let Some(cell) = buf.cell_mut((x, area.y)) {
                cell.reset();
            }
        }
        buf.set_style(area, theme.style(Role::Text));
        // What the last row has no room for shows that it is cut.
        let words = if row + 1 == shown { &said[part.start..] } else { &said[part.clone()] };
        let words = text::fit(words, text::width(words).min(usize::from(line.width)));
        put(buf, area, theme, &[(words, role)], None);
    }
}

/// What is to be said of the line while it is typed: what is wrong with it, how many songs it finds, or what a similar
/// filter would find.
fn beside<'a>(prompt: &'a Prompt, model: &'a Model) -> Option<(Cow<'a, str>, Role)> {
    if let Some(fault) = &prompt.fault {
        return Some((fault.into(), Role::Dim));
    }
    if prompt.is_counted() {
        let counted = model.counted.as_ref().filter(|counted| counted.line == prompt.text);
        return Some(match counted.map(|counted| &counted.found) {
            None => ("counting …".into(), Role::Dim),
            Some(Ok((1, secs))) => (dotted(&["1 track", &text::time(*secs)]).into(), Role::Hint),
            Some(Ok((n, secs))) => {
                let length = if *n > 0 { text::time(*secs) } else { String::new() };
                (dotted(&[&format!("{} tracks", thousands(*n)), &length]).into(), Role::Hint)
            }
            Some(Err(why)) => (why.into(), Role::Dim),
        });
    }
    let filters = prompt.purpose == Purpose::Filter && prompt.text.trim() == model.filter.text;
    Some((model.filter.hint.as_deref().filter(|_| filters)?.into(), Role::Hint))
}

/// Draws the completions of the prompt in the rows above `line`, but not above the row `top`.
pub fn menu(prompt: &Prompt, theme: &Theme, buf: &mut Buffer, line: Rect, top: u16) {
    let wanted = match prompt.purpose {
        Purpose::Command => !prompt.text.is_empty(),
        Purpose::Filter | Purpose::List(_) => true,
        Purpose::Narrow | Purpose::Search { .. } | Purpose::Quit | Purpose::Sure => false,
    };
    if !wanted || prompt.menu.is_empty() {
        return;
    }
    let room = usize::from(line.y.saturating_sub(top)).min(MENU);
    if room == 0 {
        return;
    }
    let chosen = prompt.chosen.unwrap_or(0);
    let first = (chosen + 1).saturating_sub(room);
    let shown: Vec<(usize, &Completion)> = prompt.menu.iter().enumerate().skip(first).take(room).collect();
    let names = shown.iter().map(|(_, entry)| text::width(&entry.line)).max().unwrap_or(0);
    for (row, (index, entry)) in shown.iter().enumerate() {
        let y = line.y - (shown.len() - row) as u16;
        let area = Rect { y, height: 1, ..line };
        let ground = theme.style(Role::Text).patch(theme.style(Role::Popup));
        for x in area.left()..area.right() {
            buf[(x, y)].reset();
        }
        let base = (prompt.chosen == Some(*index)).then(|| ground.patch(theme.style(Role::Selected)));
        buf.set_style(area, base.unwrap_or(ground));
        let room = usize::from(area.width).saturating_sub(names + 4);
        let doc = text::fit(&entry.doc, text::width(&entry.doc).min(room));
        let spans = [(format!(" {}  ", text::fit(&entry.line, names)), Role::Key), (doc, Role::Dim)];
        put(buf, area, theme, &spans, base);
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Cell;

    use super::*;
    use crate::tui::colour::Depth;

    #[test]
    fn a_long_notice_takes_the_rows_above_and_is_cut_only_at_the_end() {
        let theme = Theme::load("terminal", None, Depth::True.into()).unwrap().0;
        let shown = |said: &str, (width, height): (u16, u16)| -> Vec<String> {
            let mut buf = Buffer::filled(Rect { x: 0, y: 0, width, height }, Cell::new("x"));
            told(said, Role::Text, &theme, &mut buf, Rect { x: 0, y: height - 1, width, height: 1 });
            let rows = buf.content.chunks(usize::from(width));
            rows.map(|row| row.iter().map(Cell::symbol).collect::<String>().trim_end().to_string()).collect()
        };
        assert_eq!(shown("one two", (8, 3)), ["xxxxxxxx", "xxxxxxxx", "one two"]);
        assert_eq!(shown("one two three", (8, 3)), ["xxxxxxxx", "one two", "three"]);
        assert_eq!(shown("one two three four five", (8, 3)), ["xxxxxxxx", "one two", "three f…"]);
        assert_eq!(shown("", (8, 1)), ["xxxxxxxx"], "nothing to say");
    }

    #[test]
    fn what_is_left_is_said_in_steps() {
        for (secs, said) in [
            (0.0, "5 s left"),
            (5.1, "10 s left"),
            (54.9, "55 s left"),
            (56.0, "1 min left"),
            (61.0, "2 min left"),
            (5399.0, "90 min left"),
            (9000.0, "2.5 h left"),
        ] {
            assert_eq!(left(secs), said);
        }
        assert_eq!((rate(0.04), rate(9.94), rate(9.96), rate(123.4)), of(["0.0", "9.9", "10", "123"]));
    }

    fn of(rates: [&str; 4]) -> (String, String, String, String) {
        let [a, b, c, d] = rates.map(|rate| format!("{rate} tracks/s"));
        (a, b, c, d)
    }
}
