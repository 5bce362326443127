//! The library and the queue. Only the visible rows are built.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::Model;
use crate::describe::reason;
use crate::library::Song;
use crate::queue::{Item, Origin};
use crate::text;
use crate::tui::layout::{Layout, Pane};
use crate::tui::list::{Row, window};
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

use super::{Span, dotted, put, put_right, thousands};

/// Draws the titles of the lists, with the number of songs and what is ahead in the queue.
pub fn tabs(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, layout: &Layout) {
    let role = |pane| if screen.focus == pane { Role::TabFocus } else { Role::Tab };
    let library = ("Library".to_string(), role(Pane::Library));
    let queue = ("Queue".to_string(), role(Pane::Queue));
    let songs = match &model.filter.shown {
        None => (format!("  {}", thousands(model.catalog.len())), Role::Dim),
        Some(shown) => {
            let of = format!("  {} of {}", thousands(shown.len()), thousands(model.catalog.len()));
            let room = usize::from(layout.tabs.width / 2).saturating_sub(text::width(&of) + 10);
            let filter = text::fit(&model.filter.text, text::width(&model.filter.text).min(room));
            (dotted(&[&of, &text::sanitize(&filter)]), Role::Match)
        }
    };
    let ahead = model.queue.ahead();
    let coming = match ahead.len() {
        0 if model.asking() => "  listening for what fits …".to_string(),
        0 => String::new(),
        n if layout.tabs.width < 60 => format!("  {n} ahead"),
        n => format!("  {n} ahead · {}", text::time(model.queue.secs_ahead())),
    };
    let coming = (coming, Role::Dim);
    let area = layout.tabs;
    if layout.wide() {
        put(buf, Rect { width: layout.library.width, ..area }, theme, &[library, songs], None);
        let right = Rect { x: layout.queue.x, width: layout.queue.width, ..area };
        put(buf, right, theme, &[queue, coming], None);
    } else {
        let gap = ("    ".to_string(), Role::Dim);
        put(buf, area, theme, &[library, songs, gap, queue, coming], None);
    }
}

/// Draws the library: albums and their songs, or a ranked list without album headings.
pub fn library(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    if model.catalog.is_empty() {
        return empty_library(model, theme, buf, area);
    }
    if model.shown().is_empty() {
        let hint = "Nothing passes the filter. F changes it, esc shows all again.";
        put(buf, Rect { height: area.height.min(1), ..area }, theme, &[(format!("  {hint}"), Role::Dim)], None);
        return;
    }
    let height = usize::from(area.height);
    let playing = model.playing().map(|i| &i.song.path);
    let top = screen.rows.top(screen.library, height);
    let rows = screen.rows.rows().iter().skip(top).take(height);
    for (y, row) in rows.enumerate() {
        let line = Rect { y: area.y + y as u16, height: 1, ..area };
        let (Row::Album(index) | Row::Song(index)) = *row;
        let Some(song) = model.shown().songs().get(index as usize) else { continue };
        if matches!(row, Row::Album(_)) {
            heading(song, theme, buf, line);
            continue;
        }
        let marked = screen.marks.songs.contains(&*song.path);
        let now = playing == Some(&song.path);
        let base = cursor(screen, theme, Pane::Library, index as usize == screen.library.at);
        let sign = match (now, marked) {
            (true, _) => ("▶ ", Role::Playing),
            (_, true) => ("● ", Role::Marked),
            _ => ("  ", Role::Dim),
        };
        let number = song.tags.track.map(|n| n.to_string()).unwrap_or_default();
        let ranked = model.shown().is_ranked();
        let artist = if !ranked && song.tags.album_artist.as_deref().unwrap_or(song.artist()) == song.artist() {
            String::new()
        } else {
            song.artist().to_string()
        };
        let artist = if ranked { dotted(&[&artist, song.album()]) } else { artist };
        let number = if ranked { String::new() } else { number };
        let title = (song.title(), title_role(screen, song, now, marked));
        let lead = [(sign.0.to_string(), sign.1), (format!("{number:>3}  "), Role::Dim)];
        entry(theme, buf, line, &lead, title, &[&artist], &[(text::time(song.secs), Role::Dim)], base);
    }
}

/// Draws the queue: played, playing and coming items.
pub fn queue(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let items = model.queue.items();
    if items.is_empty() {
        let lines = [
            ("The queue is empty.".to_string(), Role::Text),
            (String::new(), Role::Text),
            ("enter plays a track, e adds one.".to_string(), Role::Dim),
            ("What fits it then comes by itself.".to_string(), Role::Dim),
        ];
        return centred(theme, buf, area, &lines);
    }
    let height = usize::from(area.height);
    let top = window(screen.queue.top, screen.queue.at, items.len(), height);
    let front = items.len() - model.queue.ahead().len();
    for (y, (index, item)) in items.iter().enumerate().skip(top).take(height).enumerate() {
        let line = Rect { y: area.y + y as u16, height: 1, ..area };
        let now = model.queue.current() == Some(index);
        let marked = screen.marks.items.contains(&item.serial);
        let base = cursor(screen, theme, Pane::Queue, index == screen.queue.at);
        let sign = match (&item.origin, now, marked) {
            (_, true, _) => ("▶", Role::Playing),
            (_, _, true) => ("●", Role::Marked),
            _ if item.away => ("?", Role::Dim),
            (Origin::Hand, ..) => ("+", Role::Hand),
            (Origin::Auto(_), ..) => ("~", Role::Auto),
        };
        let number = if index >= front { (index - front + 1).to_string() } else { String::new() };
        let past = index < front && !now;
        // An item that the catalog lacks is skipped in playing, and dimmed until its file is back or it is removed.
        let title = if past || item.away && !now { Role::Dim } else { title_role(screen, &item.song, now, marked) };
        let lead = [(format!("{} ", sign.0), sign.1), (format!("{number:>3}  "), Role::Dim)];
        let mut tail = vec![(text::time(item.song.secs), Role::Dim)];
        // A track without a fit keeps the empty column, so that the columns to its left line up.
        if area.width >= 50 {
            tail.insert(0, (format!("{:>4}  ", fit(item).unwrap_or_default()), Role::Auto));
        }
        let why = if area.width >= WITH_REASON { reason_of(model, item) } else { String::new() };
        let details = [item.song.artist(), why.as_str()];
        let details = if area.width >= WITH_REASON { &details[..] } else { &details[..1] };
        entry(theme, buf, line, &lead, (item.song.title(), title), details, &tail, base);
    }
}

/// Width in columns from which the queue shows the reason for each pick.
const WITH_REASON: u16 = 70;

/// Why an automatic track was picked; empty for a track added by hand.
fn reason_of(model: &Model, item: &Item) -> String {
    match &item.origin {
        Origin::Auto(why) => text::sanitize(&reason(why, &model.catalog, model.cards())),
        Origin::Hand => String::new(),
    }
}

/// The fit of an automatic track in percent; `None` if unknown or added by hand.
fn fit(item: &Item) -> Option<String> {
    match &item.origin {
        Origin::Auto(why) => {
            why.fit.filter(|f| f.is_finite()).map(|f| format!("{:.0}%", f64::from(f.clamp(0.0, 1.0)) * 100.0))
        }
        Origin::Hand => None,
    }
}

fn cursor(screen: &Screen, theme: &Theme, pane: Pane, here: bool) -> Option<Style> {
    let role = if screen.focus == pane { Role::Selected } else { Role::SelectedUnfocused };
    here.then(|| theme.style(Role::Text).patch(theme.style(role)))
}

fn title_role(screen: &Screen, song: &Song, now: bool, marked: bool) -> Role {
    let found = || screen.search.as_ref().is_some_and(|search| search.finds(song));
    match (now, marked) {
        (true, _) => Role::Playing,
        (_, true) => Role::Marked,
        _ if found() => Role::Match,
        _ => Role::Text,
    }
}

fn heading(song: &Song, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let year = song.tags.year.map(|y| y.to_string()).unwrap_or_default();
    let artist = song.tags.album_artist.as_deref().unwrap_or(song.artist());
    let name = dotted(&[artist, song.album()]);
    let name = if name.is_empty() {
        // Without tags, the directory's name stands in for artist and album.
        let dir = song.path.parent().and_then(|d| d.file_name()).unwrap_or_default();
        text::sanitize(&dir.to_string_lossy())
    } else {
        name
    };
    let room = usize::from(area.width);
    let name = text::fit(&name, text::width(&name).min(room.saturating_sub(7)));
    let used = put(buf, area, theme, &[(name, Role::Heading), (String::from(" "), Role::Text)], None);
    let rest = usize::from(area.width.saturating_sub(used));
    let year = if year.is_empty() { String::new() } else { format!(" {year}") };
    let rule = "─".repeat(rest.saturating_sub(text::width(&year)));
    let rest = Rect { x: area.x + used, width: area.width - used, ..area };
    put(buf, rest, theme, &[(rule, Role::Border), (year, Role::Dim)], None);
}

/// Draws one row: `lead` (sign and number), title, details (artist, reason), and `tail` at the
/// right edge. `base`, if any, overrides the style of every part.
#[allow(clippy::too_many_arguments, reason = "one row is drawn of just these parts")]
fn entry(
    theme: &Theme,
    buf: &mut Buffer,
    area: Rect,
    lead: &[Span],
    title: Span,
    details: &[&str],
    tail: &[Span],
    base: Option<Style>,
) {
    if let Some(style) = base {
        buf.set_style(area, style);
    }
    let room = put_right(buf, area, theme, tail, base);
    let used = put(buf, room, theme, lead, base);
    let room = Rect { x: room.x + used, width: room.width.saturating_sub(used), ..room };
    let columns = usize::from(room.width);
    // Details have fixed widths, so that they line up from row to row.
    let shares: &[usize] = match details {
        [_, _] => &[columns / 5, columns / 2],
        [""] | [] => &[],
        _ => &[columns * 2 / 5],
    };
    let mut spans = vec![(text::fit(&title.0, columns - shares.iter().sum::<usize>()), title.1)];
    for (detail, &share) in details.iter().zip(shares).filter(|(_, share)| **share > 2) {
        spans.push((format!("  {}", text::fit(detail, share - 2)), Role::Dim));
    }
    put(buf, room, theme, &spans, base);
}

fn empty_library(model: &Model, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let dir = model.music.as_ref().map(|d| text::sanitize(&d.to_string_lossy()));
    let lines = match (&dir, model.progress.stage.as_str()) {
        (Some(dir), stage) if !stage.is_empty() => vec![
            (format!("Looking through {dir} …"), Role::Text),
            (String::new(), Role::Text),
            (format!("{} files so far", thousands(model.progress.done)), Role::Dim),
        ],
        (dir, _) => vec![
            (dir.as_ref().map_or("No music directory.".into(), |d| format!("No music in {d}.")), Role::Title),
            (String::new(), Role::Text),
            ("Name another:  jukebox DIR".into(), Role::Text),
            ("or in config.toml:  [library] music = \"DIR\"".into(), Role::Text),
            (String::new(), Role::Text),
            ("mp3 flac ogg opus wav aiff m4a aac".into(), Role::Dim),
            (":rescan looks again".into(), Role::Dim),
        ],
    };
    centred(theme, buf, area, &lines);
}

fn centred(theme: &Theme, buf: &mut Buffer, area: Rect, lines: &[Span]) {
    let top = area.height.saturating_sub(lines.len() as u16) / 3;
    for (y, (text, role)) in lines.iter().take(usize::from(area.height)).enumerate() {
        let columns = text::width(text).min(usize::from(area.width));
        let fitted = text::fit(text, columns);
        let columns = columns as u16;
        let x = area.x + (area.width - columns) / 2;
        let line = Rect { x, y: area.y + top + y as u16, width: columns, height: 1 }.intersection(area);
        put(buf, line, theme, &[(fitted, *role)], None);
    }
}
