//! The library: groups, their albums, their tracks. Only visible rows are drawn.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::Model;
use crate::library::Song;
use crate::text;
use crate::tui::layout::{Layout, Pane};
use crate::tui::list::{Column, Row};
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

use super::heads::{self, Head};
use super::table::{self, Kind, title_role};
use super::{centred, dotted, heading, meter, playing_sign, put, put_right, queue, thousands};

/// Columns of the sign and the number before a title.
const LEAD: usize = 7;
/// The most songs whose fit is averaged for the bar of an album or a group.
const SAMPLED: usize = 48;

/// Draws the library in its columns.
pub fn library(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, layout: &Layout) {
    let columns = layout.library().for_list(!screen.rows.groups().is_empty(), screen.rows.has_albums());
    for column in [columns.albums, columns.tracks, columns.queue] {
        if column.width > 0 && column.x > layout.body.x {
            for y in column.top()..column.bottom() {
                buf.set_string(column.x - 1, y, "│", theme.style(Role::Border));
            }
        }
    }
    if columns.groups.width > 0 {
        groups(model, screen, theme, buf, columns.groups);
    }
    if columns.albums.width > 0 {
        albums(model, screen, theme, buf, columns.albums);
    }
    tracks(model, screen, theme, buf, columns.tracks);
    if columns.queue.width > 0 {
        queue::beside(model, screen, theme, buf, columns.queue);
    }
}

/// The groups: artists, genres, …
fn groups(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let rows = &screen.rows;
    let title = format!("{} {}", rows.wanted().by.title(), thousands(rows.groups().len()));
    heading(buf, area, theme, (&title, column_role(screen, Column::Groups)), "");
    let area = Layout::rows_of(area);
    let here = rows.group_of(screen.library.at);
    let shown = rows.groups().iter().enumerate().skip(screen.tops[0]).take(usize::from(area.height));
    for (y, (index, group)) in shown.enumerate() {
        let entries = rows.of_group(index);
        let line = Rect { y: area.y + y as u16, height: 1, ..area };
        let base = cursor(screen, theme, Column::Groups, here == Some(index));
        let name = if group.name.is_empty() { "(none)" } else { &group.name };
        // Of a sorted list the tracks are counted, which stand in no albums.
        let count = if rows.has_albums() { rows.albums_in(&entries).len() } else { entries.len() };
        let role = if group.name.is_empty() { Role::Dim } else { Role::Text };
        named(model, screen, theme, buf, line, (name, role), (&count.to_string(), entries), base);
    }
}

/// The albums of the group under the cursor.
fn albums(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let rows = &screen.rows;
    let entries = screen.group();
    let albums = rows.albums_in(&entries);
    let title = match albums.len() {
        1 => "1 album".to_string(),
        n => format!("{} albums", thousands(n)),
    };
    heading(buf, area, theme, (&title, column_role(screen, Column::Albums)), "");
    let area = Layout::rows_of(area);
    let here = rows.album_of(screen.library.at).start;
    for (y, first) in albums.iter().skip(screen.tops[1]).take(usize::from(area.height)).enumerate() {
        let first = *first as usize;
        let (Some(song), entries) = (rows.song(first), rows.album_of(first)) else { continue };
        let line = Rect { y: area.y + y as u16, height: 1, ..area };
        let base = cursor(screen, theme, Column::Albums, here == first);
        let year = song.tags.year.map(|year| year.to_string()).unwrap_or_default();
        let about = format!("{year} {:>3}", entries.len());
        let name = album_name(song);
        named(model, screen, theme, buf, line, (&name, Role::Text), (&about, entries), base);
    }
}

/// A row of a group or an album: its name, something about it, and how well its songs fit.
#[allow(clippy::too_many_arguments, reason = "one row is drawn of just these parts")]
fn named(
    model: &Model,
    screen: &Screen,
    theme: &Theme,
    buf: &mut Buffer,
    area: Rect,
    (name, role): (&str, Role),
    (about, entries): (&str, Range<usize>),
    base: Option<Style>,
) {
    if let Some(style) = base {
        buf.set_style(area, style);
    }
    let marked = entries
        .clone()
        .take(SAMPLED)
        .any(|entry| screen.rows.song(entry).is_some_and(|song| screen.marks.songs.contains(&*song.path)));
    let mut tail = vec![(about.to_string(), Role::Dim)];
    if !model.fits.is_empty() {
        let cells = if area.width >= 30 { 4 } else { 1 };
        tail.push((
            format!(" {}", fit_of(model, screen, &entries).map_or(" ".repeat(cells), |f| meter(f, cells))),
            Role::Progress,
        ));
    }
    let room = put_right(buf, area, theme, &tail, base);
    let sign = if marked { ("●", Role::Marked) } else { (" ", Role::Text) };
    let name = text::fit(name, usize::from(room.width.saturating_sub(2)));
    put(buf, room, theme, &[(sign.0.into(), sign.1), (name, role)], base);
}

/// The mean fit of these entries, of a sample of them where they are many; `None` where that of none is known.
fn fit_of(model: &Model, screen: &Screen, entries: &Range<usize>) -> Option<f32> {
    let step = entries.len().div_ceil(SAMPLED).max(1);
    let fits = entries.clone().step_by(step).filter_map(|entry| model.fits.of(screen.rows.song(entry)?.track));
    let (sum, count) = fits.fold((0.0, 0), |(sum, count), fit| (sum + fit, count + 1));
    (count > 0).then(|| sum / count as f32)
}

/// The tracks: of the album, of the group, or of the whole library under the headings of their albums.
fn tracks(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let rows = &screen.rows;
    let (listed, bare) = screen.listed();
    heading(buf, area, theme, (&tracks_title(model, screen, &listed, bare), column_role(screen, Column::Tracks)), "");
    heads::draw(&track_heads(model, screen, area), theme, buf, area);
    let area = Layout::rows_of(area);
    if model.catalog.is_empty() {
        return empty_library(model, screen, theme, buf, area);
    }
    if model.shown().is_empty() {
        let hint = "Nothing passes the filter. F changes it, esc shows all again.";
        put(buf, Rect { height: area.height.min(1), ..area }, theme, &[(format!("  {hint}"), Role::Dim)], None);
        return;
    }
    let height = usize::from(area.height);
    let shown = rows.rows_of(&listed, bare);
    let top = rows.top(screen.library, height, &shown, screen.margin());
    let visible = rows.rows().get(top..shown.end).unwrap_or_default().iter().take(height);
    for (y, row) in visible.enumerate() {
        let line = Rect { y: area.y + y as u16, height: 1, ..area };
        let (Row::Album(entry) | Row::Song(entry)) = *row;
        let Some(song) = rows.song(entry as usize) else { continue };
        match row {
            Row::Album(_) => album_heading(song, theme, buf, line),
            Row::Song(_) => track(model, screen, theme, buf, line, (entry as usize, song)),
        }
    }
}

fn tracks_title(model: &Model, screen: &Screen, listed: &Range<usize>, bare: bool) -> String {
    let of = |count: usize| match count {
        1 => "1 track".to_string(),
        n => format!("{} tracks", thousands(n)),
    };
    let filter = filtered(model);
    let name = match screen.rows.song(listed.start) {
        Some(song) if bare => dotted(&[&album_name(song), &song.tags.year.map(|y| y.to_string()).unwrap_or_default()]),
        _ => of(listed.len()),
    };
    if filter.is_empty() { name } else { dotted(&[&filter, if bare { &name } else { "" }]) }
}

/// How many tracks a filter leaves, and the filter that left them; empty without one.
pub fn filtered(model: &Model) -> String {
    let Some(shown) = &model.filter.shown else { return String::new() };
    let (left, all) = (thousands(shown.len()), thousands(model.catalog.len()));
    format!("{left} of {all}: {}", text::sanitize(&model.filter.passed))
}

/// A track: sign and number, title, its artist where that is not the album's, fit and length.
fn track(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect, (entry, song): (usize, &Song)) {
    let marked = screen.marks.songs.contains(&*song.path);
    let now = model.playing().is_some_and(|item| item.song.path == song.path);
    let base = cursor(screen, theme, Column::Tracks, entry == screen.library.at);
    let sign = match (now, marked) {
        (true, _) => (playing_sign(model), Role::Playing),
        (_, true) => ("●", Role::Marked),
        _ => (" ", Role::Dim),
    };
    let ranked = screen.rows.wanted().catalog.is_ranked();
    let sorted = !ranked && !screen.rows.wanted().sort.is_empty();
    let own = song.tags.album_artist.as_deref().is_some_and(|leader| leader != song.artist());
    let artist = match (ranked, own || sorted) {
        (true, _) => dotted(&[song.artist(), song.album()]),
        (false, true) => song.artist().to_string(),
        (false, false) => String::new(),
    };
    let number = song.tags.track.filter(|_| !ranked && !sorted).map(|n| n.to_string()).unwrap_or_default();
    let lead = [(format!("{} ", sign.0), sign.1), (format!("{number:>3}  "), Role::Dim)];
    let columns = track_columns(model, screen, area.width, !artist.is_empty());
    let cell = |column: table::Column| {
        let span = match column.kind {
            Kind::Artist => (artist.clone(), Role::Dim),
            _ => queue::song_span(model, song, column, title_role(screen, song, now, marked)),
        };
        (column, span)
    };
    table::row(buf, area, theme, &lead, columns.into_iter().map(cell), base);
}

/// The columns of the tracks' list at a width. In a sorted list all rows have an artist and, where there is room, an album,
/// and what it is sorted by stands in a column of its own; else `artist` says whether a row tells its artist.
fn track_columns(model: &Model, screen: &Screen, width: u16, artist: bool) -> Vec<table::Column> {
    let wanted = screen.rows.wanted();
    let key = wanted.sort.first().filter(|_| !wanted.catalog.is_ranked());
    let by = key.and_then(|(key, _)| table::column_of(*key));
    let value = by.filter(|kind| !table::grows(*kind) && !matches!(kind, Kind::Fit | Kind::Length));
    let all = [
        (Some(Kind::Title), true),
        (Some(Kind::Artist), (artist || key.is_some()) && width >= 36),
        (Some(Kind::Album), key.is_some() && (width >= 80 || by == Some(Kind::Album) && width >= 36)),
        (value, width >= 36),
        (Some(Kind::Fit), (!model.fits.is_empty() || by == Some(Kind::Fit)) && width >= 40),
        (Some(Kind::Length), true),
    ];
    let kinds: Vec<Kind> = all.into_iter().filter(|(_, shown)| *shown).filter_map(|(kind, _)| kind).collect();
    table::columns(&kinds, usize::from(width), LEAD)
}

/// The heads of the tracks' columns in the heading of their area; none over what was found, which has its own order.
pub fn track_heads(model: &Model, screen: &Screen, area: Rect) -> Vec<Head> {
    let wanted = screen.rows.wanted();
    if wanted.catalog.is_ranked() || wanted.catalog.is_empty() {
        return Vec::new();
    }
    let (listed, bare) = screen.listed();
    // The rule and a blank stand before the title, a blank and the rule behind it.
    let free = usize::from(area.x) + text::width(&tracks_title(model, screen, &listed, bare)) + 4;
    heads::heads(&track_columns(model, screen, area.width, false), area, free, LEAD, &wanted.sort)
}

fn column_role(screen: &Screen, column: Column) -> Role {
    if screen.focus == Pane::Library && screen.column() == column { Role::TabFocus } else { Role::Tab }
}

fn cursor(screen: &Screen, theme: &Theme, column: Column, here: bool) -> Option<Style> {
    let role = if screen.column() == column { Role::Selected } else { Role::SelectedUnfocused };
    here.then(|| theme.style(Role::Text).patch(theme.style(role)))
}

/// The name of a song's album; without a tag that of its directory, which is all there is to go by.
pub fn album_name(song: &Song) -> String {
    if song.album().is_empty() {
        let dir = song.path.parent().and_then(|d| d.file_name()).unwrap_or_default();
        return text::sanitize(&dir.to_string_lossy());
    }
    song.album().to_string()
}

fn album_heading(song: &Song, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let year = song.tags.year.map(|y| y.to_string()).unwrap_or_default();
    let artist = song.tags.album_artist.as_deref().unwrap_or(song.artist());
    let name =
        if song.album().is_empty() && artist.is_empty() { album_name(song) } else { dotted(&[artist, song.album()]) };
    let room = usize::from(area.width);
    let name = text::fit(&name, text::width(&name).min(room.saturating_sub(7)));
    let used = put(buf, area, theme, &[(name, Role::Heading), (String::from(" "), Role::Text)], None);
    let rest = usize::from(area.width.saturating_sub(used));
    let year = if year.is_empty() { String::new() } else { format!(" {year}") };
    let rule = "─".repeat(rest.saturating_sub(text::width(&year)));
    let rest = Rect { x: area.x + used, width: area.width - used, ..area };
    put(buf, rest, theme, &[(rule, Role::Border), (year, Role::Dim)], None);
}

fn empty_library(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let progress = screen.progress.shown();
    let dir = model.music.as_ref().map(|d| text::sanitize(&d.to_string_lossy()));
    let lines = match (&dir, progress.stage.as_str()) {
        (Some(dir), stage) if !stage.is_empty() => vec![
            (format!("Looking through {dir} …"), Role::Text),
            (String::new(), Role::Text),
            (
                format!("{} {} so far", thousands(progress.done), text::either(progress.done, "file", "files")),
                Role::Dim,
            ),
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
