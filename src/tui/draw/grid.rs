//! The library as a grid of albums: covers with titles, artists, years and how well they fit. Only what is seen is drawn.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::library::Song;
use crate::library::playlist::sort;
use crate::text;
use crate::tui::gallery::Placement;
use crate::tui::grid::{Tiles, parts};
use crate::tui::layout::Layout;
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

use super::library::{album_name, filtered};
use super::table::title_role;
use super::tile::tile;
use super::{Span, cover, dotted, heading, meter, playing_sign, put, put_right, queue, thousands};

/// The most songs of an album that are looked at for its signs and its fit.
const SAMPLED: usize = 24;
/// The most songs whose lengths are added up.
const SUMMED: usize = 1000;

/// The area of the grid with its heading: the body without the queue beside it.
pub fn area(layout: &Layout) -> Rect {
    let (body, queue) = (layout.body, layout.library().queue);
    let width = if queue.width > 0 { queue.x.saturating_sub(body.x + 1) } else { body.width };
    Rect { width, ..body }
}

/// Draws the library. What the terminal is to show above the cells is returned.
pub fn grid(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, layout: &Layout) -> Vec<Placement> {
    let (area, beside) = (area(layout), layout.library().queue);
    if beside.width > 0 {
        for y in beside.top()..beside.bottom() {
            buf.set_string(beside.x - 1, y, "│", theme.style(Role::Border));
        }
        queue::beside(model, screen, theme, buf, beside);
    }
    head(model, screen, theme, buf, area);
    let tiles = Tiles::of(Layout::rows_of(area));
    let first = screen.grid.top * tiles.columns;
    let shown = (0..tiles.count()).take_while(|nth| first + nth < screen.rows.cells());
    let hung = shown.filter_map(|nth| album(model, screen, theme, buf, (nth, first + nth), tiles.place(nth))).collect();
    about(screen, theme, buf, tiles.about);
    hung
}

fn head(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let (rows, wanted) = (&screen.rows, screen.rows.wanted());
    let albums = match rows.cells() {
        1 => "1 album".to_string(),
        n => format!("{} albums", thousands(n)),
    };
    let group = rows.group_of(screen.library.at).and_then(|group| rows.groups().get(group));
    let right = match group {
        _ if wanted.catalog.is_ranked() => String::new(),
        _ if !wanted.sort.is_empty() => format!("sorted by {}", sort::shown(&wanted.sort)),
        Some(group) => {
            let name = if group.name.is_empty() { "(none)" } else { &group.name };
            format!("{}: {name}", wanted.by.title())
        }
        None => String::new(),
    };
    heading(buf, area, theme, (&dotted(&[&albums, &filtered(model)]), Role::TabFocus), &right);
}

/// An album: its cover or a tile in its place, and below it its title, artist and year, and how well it fits.
fn album(
    model: &Model,
    screen: &Screen,
    theme: &Theme,
    buf: &mut Buffer,
    (nth, cell): (usize, usize),
    place: Rect,
) -> Option<Placement> {
    let rows = &screen.rows;
    let songs: Vec<&Arc<Song>> = rows.of_cell(cell).take(SAMPLED).filter_map(|entry| rows.song(entry)).collect();
    let song = songs.first()?;
    let (picture, caption) = parts(place);
    let hung = match screen.art.zip(screen.tile_cover(nth)) {
        Some((art, drawn)) if !picture.is_empty() => cover::hang(art, drawn, buf, picture),
        _ => {
            tile(leader(song), &album_name(song), theme, buf, picture);
            None
        }
    };
    let here = rows.cell_of(screen.library.at) == cell;
    let base = here.then(|| theme.style(Role::Text).patch(theme.style(Role::Selected)));
    if let Some(style) = base {
        buf.set_style(caption.intersection(buf.area), style);
    }
    let now = model.playing().is_some_and(|item| songs.iter().any(|song| song.path == item.song.path));
    let marked = songs.iter().any(|song| screen.marks.songs.contains(&*song.path));
    let roles = || songs.iter().map(|song| title_role(screen, song, now, marked));
    let role = roles().find(|role| *role != Role::Text).unwrap_or(Role::Text);
    let sign = match role {
        Role::Playing => format!("{} ", playing_sign(model)),
        Role::Marked => "● ".into(),
        _ => String::new(),
    };
    let room = usize::from(caption.width).saturating_sub(text::width(&sign));
    let title = Rect { height: caption.height.min(1), ..caption };
    put(buf, title, theme, &[(sign, role), (text::fit(&album_name(song), room), role)], base);
    let line = Rect { y: title.bottom(), height: caption.height - title.height, ..caption };
    if line.is_empty() {
        return hung;
    }
    let mut tail: Vec<Span> = song.tags.year.map(|year| (year.to_string(), Role::Dim)).into_iter().collect();
    if !model.fits.is_empty() {
        let fits = songs.iter().filter_map(|song| model.fits.of(song.track));
        let (sum, count) = fits.fold((0.0, 0), |(sum, count), fit| (sum + fit, count + 1));
        let bar = if count > 0 { meter(sum / count as f32, 1) } else { " ".into() };
        tail.push((format!(" {bar}"), Role::Progress));
    }
    let room = put_right(buf, line, theme, &tail, base);
    put(buf, room, theme, &[(text::fit(leader(song), usize::from(room.width)), Role::Dim)], base);
    hung
}

/// A line about the album under the cursor, whose names may be cut in its tile.
fn about(screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let rows = &screen.rows;
    let cell = rows.cell_of(screen.library.at);
    let Some(song) = rows.of_cell(cell).next().and_then(|entry| rows.song(entry)) else { return };
    let count = rows.of_cell(cell).count();
    let tracks = match count {
        1 => "1 track".to_string(),
        n => format!("{} tracks", thousands(n)),
    };
    let secs: f64 = rows.of_cell(cell).take(SUMMED).filter_map(|entry| rows.song(entry)).map(|song| song.secs).sum();
    let length = if count > SUMMED { String::new() } else { text::time(secs) };
    let year = song.tags.year.map(|year| year.to_string()).unwrap_or_default();
    let words = dotted(&[leader(song), &album_name(song), &year, &tracks, &length]);
    put(buf, area, theme, &[(text::fit(&words, text::width(&words).min(usize::from(area.width))), Role::Artist)], None);
}

/// By whom an album is.
fn leader(song: &Song) -> &str {
    match &song.tags.album_artist {
        Some(artist) => artist,
        None if song.tags.compilation => "several artists",
        None => song.artist(),
    }
}
