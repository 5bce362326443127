//! The view of the playlists: the saved lists by kind, and the songs of the one under the cursor beside them.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::app::Model;
use crate::app::state::lists::{Kind, Listed};
use crate::library::Mood;
use crate::text;
use crate::tui::layout::Layout;
use crate::tui::pane::wrapped;
use crate::tui::saved::{Row, rows};
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

use super::table::{self, Column, title_role};
use super::{Span, centred, dotted, heading, playing_sign, put, put_right, queue, thousands};

/// From this width of the body on, the songs stand beside the lists; on a narrower screen they take their place while
/// the cursor is in them.
const BESIDE: u16 = 70;
/// Columns of the sign and the blanks around the number before a title.
const LEAD: usize = 4;

/// The areas of the lists and of the songs; the songs' is empty on a narrow screen.
fn areas(body: Rect) -> (Rect, Rect) {
    let width = if body.width < BESIDE { body.width } else { (body.width * 3 / 8).min(60) };
    let left = Rect { width, ..body };
    (left, Rect { x: left.right() + 1, width: body.width.saturating_sub(width + 1), ..body })
}

/// Whether a place is in the songs of the list, not in the lists.
pub fn in_songs(screen: &Screen, at: Position, body: Rect) -> bool {
    let (_, right) = areas(body);
    if right.width == 0 { screen.saved.inside } else { right.contains(at) }
}

/// Draws the view.
pub fn saved(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, body: Rect) {
    if model.lists.as_deref().is_none_or(<[_]>::is_empty) {
        return lists(model, screen, theme, buf, body);
    }
    let (left, right) = areas(body);
    if right.width == 0 {
        match screen.list(model).filter(|_| screen.saved.inside) {
            Some(list) => songs(model, screen, list, theme, buf, body),
            None => lists(model, screen, theme, buf, body),
        }
        return;
    }
    lists(model, screen, theme, buf, left);
    for y in body.top()..body.bottom() {
        buf.set_string(left.right(), y, "│", theme.style(Role::Border));
    }
    if let Some(list) = screen.list(model) {
        songs(model, screen, list, theme, buf, right);
    }
}

fn lists(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let role = if screen.saved.inside { Role::Tab } else { Role::TabFocus };
    heading(buf, area, theme, ("Saved", role), "");
    let area = Layout::rows_of(area);
    let Some(lists) = model.lists.as_deref().filter(|lists| !lists.is_empty()) else {
        let words = if model.lists.is_some() { "Nothing is saved yet." } else { "Reading what is saved …" };
        let lines = [
            (words.to_string(), Role::Text),
            (String::new(), Role::Text),
            (":playlist save NAME keeps the queue".into(), Role::Dim),
            (":playlist smart NAME FILTER keeps a filter".into(), Role::Dim),
            (":signature save NAME keeps a signature".into(), Role::Dim),
        ];
        return centred(theme, buf, area, &lines);
    };
    let rows = rows(lists);
    let shown = rows.iter().skip(screen.saved.list.top).take(usize::from(area.height));
    for (y, row) in shown.enumerate() {
        let line = Rect { y: area.y + y as u16, height: 1, ..area };
        match *row {
            Row::Heading(kind) => {
                let words = match kind {
                    Kind::Playlist => "Playlists",
                    Kind::Smart => "Smart playlists",
                    Kind::Signature => "Signatures",
                    Kind::Mood => "Moods",
                };
                put(buf, line, theme, &[(words.into(), Role::Heading)], None);
            }
            Row::List(index) => {
                let here = index == screen.saved.list.at;
                if let Some(list) = lists.get(index) {
                    list_row(list, theme, buf, line, base(theme, !screen.saved.inside, here));
                }
            }
        }
    }
}

/// The hours of a mood as times of day: `22:00–2:00`.
fn hours(mood: &Listed) -> String {
    let hours = Mood::parse_hours(&mood.about);
    hours.map_or_else(|_| text::sanitize(&mood.about), |(from, to)| format!("{from}:00–{to}:00"))
}

fn list_row(list: &Listed, theme: &Theme, buf: &mut Buffer, line: Rect, base: Option<Style>) {
    if let Some(style) = base {
        buf.set_style(line, style);
    }
    let hours = if list.kind == Kind::Mood { hours(list) } else { String::new() };
    let length = if list.songs.is_empty() { String::new() } else { text::time(list.secs) };
    let tail = match list.broken {
        true => ("cannot be read".to_string(), Role::Error),
        false => (dotted(&[&hours, &thousands(list.songs.len()), &length]), Role::Dim),
    };
    let room = put_right(buf, line, theme, &[tail], base);
    let name = text::fit(&text::sanitize(&list.name), usize::from(room.width.saturating_sub(2)));
    put(buf, room, theme, &[("  ".into(), Role::Text), (name, Role::Text)], base);
}

fn songs(model: &Model, screen: &Screen, list: &Listed, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let role = if screen.saved.inside { Role::TabFocus } else { Role::Tab };
    let missing = if list.missing > 0 { format!("{} not in the library", list.missing) } else { String::new() };
    let about = match list.kind {
        _ if list.broken => String::new(),
        Kind::Mood => format!("followed {}", hours(list)),
        Kind::Playlist | Kind::Smart | Kind::Signature => text::sanitize(&list.about),
    };
    heading(buf, area, theme, (&dotted(&[&text::sanitize(&list.name), &about]), role), &missing);
    let area = Layout::rows_of(area);
    if list.broken {
        let lines = wrapped(&text::sanitize(&list.about), usize::from(area.width), Role::Error);
        let lines: Vec<Span> = lines.into_iter().flatten().collect();
        return centred(theme, buf, area, &lines);
    }
    if list.songs.is_empty() {
        let words = match (list.missing, list.kind) {
            (1.., _) => "None of its tracks is in the library.",
            (0, Kind::Smart) => "No track passes its filter now.",
            (0, _) => "It has no tracks.",
        };
        return centred(theme, buf, area, &[(words.into(), Role::Dim)]);
    }
    let digits = list.songs.len().to_string().len().max(3);
    let columns = table::saved(usize::from(area.width), LEAD + digits);
    let shown = list.songs.iter().enumerate().skip(screen.saved.song.top).take(usize::from(area.height));
    for (y, (index, song)) in shown.enumerate() {
        let line = Rect { y: area.y + y as u16, height: 1, ..area };
        let now = model.playing().is_some_and(|item| item.song.path == song.path);
        let marked = screen.marks.songs.contains(&*song.path);
        let sign = match (now, marked) {
            (true, _) => (playing_sign(model), Role::Playing),
            (_, true) => ("●", Role::Marked),
            _ => (" ", Role::Dim),
        };
        let lead = [(format!("{} ", sign.0), sign.1), (format!("{:>digits$}  ", index + 1), Role::Dim)];
        let cell =
            |column: &Column| (*column, queue::song_span(model, song, *column, title_role(screen, song, now, marked)));
        let base = base(theme, screen.saved.inside, index == screen.saved.song.at && screen.saved.inside);
        table::row(buf, line, theme, &lead, columns.iter().map(cell), base);
    }
}

fn base(theme: &Theme, focused: bool, here: bool) -> Option<Style> {
    let role = if focused { Role::Selected } else { Role::SelectedUnfocused };
    here.then(|| theme.style(Role::Text).patch(theme.style(role)))
}
