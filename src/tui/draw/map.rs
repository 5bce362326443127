//! The map: dots of braille in the colours of their classes, names, marks, the cursor, an area that is being chosen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::app::Model;
use crate::app::state::map::Progress;
use crate::ask::map::{Cell, Chart, Window, between};
use crate::text;
use crate::tui::layout::Layout;
use crate::tui::map::areas;
use crate::tui::pane::wrapped;
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

use super::map_looks::{sign, style};
use super::{Span, centred, dotted, heading, map_path, map_side, put, thousands};

/// The first of the braille letters.
const BRAILLE: u32 = 0x2800;
/// What is said while no track was listened to.
const NOTHING: &str = "Nothing was listened to yet. Once tracks were listened to, your library stands here as a map on which near is alike.";

/// Draws the view.
pub fn map(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, body: Rect) {
    let areas = areas(body);
    head(model, screen, theme, buf, areas.head);
    let (Some(window), Some(chart)) = (screen.map_window(model), model.map.chart.as_deref()) else {
        let words = lacking(model);
        let lines: Vec<Span> = wrapped(&words, usize::from(body.width), Role::Dim).into_iter().flatten().collect();
        return centred(theme, buf, Layout::rows_of(body), &lines);
    };
    let cursor = screen.map.at.and_then(|at| window.cell_of(at));
    dots(chart, screen, cursor, theme, buf, areas.chart);
    map_path::path(chart, BRAILLE, theme, buf, areas.chart);
    let chosen = chosen(screen, &window, areas.chart);
    if let Some(chosen) = chosen {
        let style = theme.style(Role::SelectedUnfocused);
        buf.set_style(chosen.intersection(buf.area), style);
    }
    signs(chart, cursor, theme, buf, areas.chart);
    let song = screen.map_song(model);
    map_side::side(model, screen, chart, song.as_deref(), theme, buf, areas.side);
    if let Some(song) = &song {
        let line = format!("◉ {}", map_side::one_line(song));
        put(buf, areas.card, theme, &[(text::fit(&line, usize::from(areas.card.width)), Role::Text)], None);
    }
    map_side::legend(chart, theme, buf, areas.legend);
}

/// Why there is nothing to see.
fn lacking(model: &Model) -> String {
    match &model.map.progress {
        Progress::Failed(why) => format!("The map cannot be made: {why}"),
        Progress::Working(share) => format!(
            "Your library is being laid out: {:.0} %. It is done once; later tracks are placed among the others. \
             :map stop gives it up.",
            100.0 * share
        ),
        Progress::Stopped => "Laying your library out was stopped. :map refit begins anew.".into(),
        Progress::None if model.progress.latents == 0 => NOTHING.into(),
        Progress::Ready if model.map.tracks == 0 => NOTHING.into(),
        Progress::None | Progress::Ready => "The map is being read.".into(),
    }
}

fn head(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let map = &model.map;
    if area.is_empty() {
        return;
    }
    let tracks = match map.tracks {
        0 => "Map".to_string(),
        1 => "Map of 1 track".into(),
        n => format!("Map of {} tracks", thousands(n)),
    };
    let chart = map.chart.as_deref();
    let found = match chart.and_then(|chart| chart.found.as_ref()) {
        Some(Ok(n)) => format!("{} lit", thousands(*n)),
        Some(Err(why)) => text::sanitize(&why.line()),
        None => String::new(),
    };
    let colour = format!("colour: {}", screen.map.colour.name());
    let alike = if area.width >= 90 { "near is alike" } else { "" };
    let title = dotted(&[&tracks, &colour, alike, &found]);
    let chosen = match (screen.map.songs.len(), screen.map.anchor) {
        (_, Some(_)) => "choosing".to_string(),
        (0, None) => String::new(),
        (n, None) => format!("{} chosen", thousands(n)),
    };
    let zoom = match screen.map.zoom {
        0 => String::new(),
        zoom => format!("zoom {}×", 1_u32 << u32::from(zoom.min(20))),
    };
    let working = match map.progress {
        Progress::Working(share) if map.tracks > 0 => format!("being laid out {:.0} % (:map stop)", 100.0 * share),
        _ => String::new(),
    };
    heading(buf, area, theme, (&title, Role::TabFocus), &dotted(&[&working, &chosen, &zoom]));
}

fn dots(chart: &Chart, screen: &Screen, cursor: Option<[u16; 2]>, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let here = cursor.and_then(|cell| chart.cell(cell)).filter(|cell| cell.count > 0).map(|cell| cell.class);
    let colour = chart.wanted.colour;
    let sought = !chart.wanted.sought.is_empty() && screen.search.is_some();
    // There are few classes and thousands of cells.
    let mut looks: Vec<(u8, Style)> = Vec::new();
    for row in 0..area.height.min(chart.wanted.window.rows) {
        for column in 0..area.width.min(chart.wanted.window.columns) {
            let Some(cell) = chart.cell([column, row]).filter(|cell| cell.dots > 0) else { continue };
            let style = match sought {
                true => lit(cell, theme),
                false => match looks.iter().find(|(class, _)| *class == cell.class) {
                    Some((_, known)) => *known,
                    None => {
                        let look = style(colour, cell.class, here, theme);
                        looks.push((cell.class, look));
                        look
                    }
                },
            };
            let letter = char::from_u32(BRAILLE + u32::from(cell.dots)).unwrap_or(' ');
            if let Some(target) = buf.cell_mut((area.x + column, area.y + row)) {
                target.set_char(letter).set_style(style);
            }
        }
    }
}

/// The style of a cell while something is sought.
fn lit(cell: &Cell, theme: &Theme) -> Style {
    match cell.found {
        0 => theme.style(Role::Border),
        _ => theme.style(Role::Match).add_modifier(Modifier::BOLD),
    }
}

/// The cells of an area that is being chosen, or was.
fn chosen(screen: &Screen, window: &Window, area: Rect) -> Option<Rect> {
    let [low, high] = match (screen.map.anchor, screen.map.area) {
        (Some(anchor), _) => between(anchor, screen.map.at?),
        (None, Some(area)) => area,
        (None, None) => return None,
    };
    // What lies outside is seen up to the edge.
    let first = window.place_of([0, 0]);
    let last = window.place_of([window.columns.saturating_sub(1), window.rows.saturating_sub(1)]);
    if (0..2).any(|axis| high[axis] < first[axis] || low[axis] > last[axis]) {
        return None;
    }
    let inside = |place: [f32; 2]| window.cell_of([0, 1].map(|axis| place[axis].max(first[axis]).min(last[axis])));
    let (from, to) = (inside(low)?, inside(high)?);
    let found =
        Rect { x: area.x + from[0], y: area.y + from[1], width: to[0] - from[0] + 1, height: to[1] - from[1] + 1 };
    Some(found.intersection(area))
}

/// The cursor, the marks and the names, none over another.
fn signs(chart: &Chart, cursor: Option<[u16; 2]>, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let text = theme.style(Role::Text);
    let mut taken: Vec<Rect> = Vec::new();
    let mut set = |buf: &mut Buffer, [column, row]: [u16; 2], sign: char, style: Style| {
        let at = Rect { x: area.x + column, y: area.y + row, width: 1, height: 1 };
        let free = column < area.width && row < area.height && !taken.contains(&at);
        if let Some(cell) = buf.cell_mut((at.x, at.y)).filter(|_| free) {
            cell.set_char(sign).set_style(style);
            taken.push(at);
        }
    };
    if let Some(cursor) = cursor {
        set(buf, cursor, '◉', text.patch(theme.style(Role::Selected)));
    }
    for mark in &chart.marks {
        let (sign, role) = sign(mark.kind);
        set(buf, [mark.column, mark.row], sign, text.patch(theme.style(role)));
    }
    for landmark in &chart.landmarks {
        let width = text::width(&landmark.name) as u16;
        if width == 0 || width > area.width || landmark.row >= area.height {
            continue;
        }
        let x = landmark.column.saturating_sub(width / 2).min(area.width - width);
        let at = Rect { x: area.x + x, y: area.y + landmark.row, width, height: 1 };
        // A blank at both sides stays free of other names.
        let around = Rect { x: at.x.saturating_sub(1), width: width + 2, ..at };
        if taken.iter().all(|other| other.intersection(around).is_empty()) {
            put(buf, at, theme, &[(landmark.name.clone(), Role::Heading)], None);
            taken.push(at);
        }
    }
}
