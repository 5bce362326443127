//! The path of the last plays on the map: a line from each to the next and to what plays, in dots between those of tracks.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ask::map::{BITS, Chart, Kind};
use crate::tui::theme::{Role, Theme};

/// Dots of a cell, across and down.
const DOTS: [u16; 2] = [BITS.len() as u16, BITS[0].len() as u16];

/// A place in dots, from the left and from the top.
type Dot = [u16; 2];

/// Draws it. `first` is the first of the braille letters. A cell with tracks keeps theirs.
pub fn path(chart: &Chart, first: u32, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let mut cells: BTreeMap<[u16; 2], u8> = BTreeMap::new();
    for [from, to] in legs(chart) {
        for [x, y] in line(from, to) {
            let bit = BITS[usize::from(x % DOTS[0])][usize::from(y % DOTS[1])];
            *cells.entry([x / DOTS[0], y / DOTS[1]]).or_default() |= bit;
        }
    }
    let style = theme.style(Role::Text).patch(theme.style(Role::Dim));
    for ([column, row], dots) in cells {
        let free = chart.cell([column, row]).is_some_and(|cell| cell.dots == 0);
        let seen = column < area.width && row < area.height;
        if let Some(cell) = buf.cell_mut((area.x + column, area.y + row)).filter(|_| free && seen) {
            cell.set_char(char::from_u32(first + u32::from(dots)).unwrap_or(' ')).set_style(style);
        }
    }
}

/// From each of the last plays to the next where both are in the window.
fn legs(chart: &Chart) -> Vec<[Dot; 2]> {
    let played = |kind: &Kind| if let Kind::Played(nth) = kind { *nth } else { 0 };
    let count = chart.wanted.marks.iter().map(|(_, kind)| played(kind)).max().unwrap_or(0);
    let stops: Vec<Kind> = (1..=count).map(Kind::Played).chain([Kind::Playing]).collect();
    let middle = |kind: Kind| {
        let mark = chart.marks.iter().find(|mark| mark.kind == kind)?;
        Some([mark.column * DOTS[0] + DOTS[0] / 2, mark.row * DOTS[1] + DOTS[1] / 2])
    };
    stops.windows(2).filter_map(|pair| Some([middle(pair[0])?, middle(pair[1])?])).collect()
}

/// The dots of a line.
fn line(from: Dot, to: Dot) -> Vec<Dot> {
    let steps = from[0].abs_diff(to[0]).max(from[1].abs_diff(to[1]));
    let at = |step: u16, axis: usize| {
        let share = if steps == 0 { 0.0 } else { f32::from(step) / f32::from(steps) };
        (f32::from(from[axis]) + share * (f32::from(to[axis]) - f32::from(from[axis]))).round() as u16
    };
    (0..=steps).map(|step| [at(step, 0), at(step, 1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::map::{Cell, Charting, Mark, Window};
    use crate::track::TrackId;
    use crate::tui::colour::Depth;

    fn drawn(marks: &[(Kind, u16, u16)], known: &[Kind]) -> Vec<String> {
        let window = Window { columns: 10, rows: 5, ..Window::default() };
        let wanted = known.iter().map(|kind| (TrackId([1; 16]), *kind)).collect();
        let mut cells = vec![Cell::default(); 50];
        cells[13].dots = 1;
        let marks = marks.iter().map(|&(kind, column, row)| Mark { column, row, kind }).collect();
        let chart = Chart {
            wanted: Charting { window, marks: wanted, ..Charting::default() },
            cells,
            marks,
            ..Chart::default()
        };
        let theme = Theme::load("terminal", None, Depth::True.into()).unwrap().0;
        let mut buf = Buffer::empty(Rect::new(0, 0, 10, 5));
        let area = buf.area;
        path(&chart, 0x2800, &theme, &mut buf, area);
        buf.content.chunks(10).map(|row| row.iter().map(|cell| cell.symbol()).collect()).collect()
    }

    #[test]
    fn each_play_is_joined_to_the_next_and_the_last_to_what_plays() {
        let known = [Kind::Playing, Kind::Played(1), Kind::Played(2)];
        let rows = drawn(&[(Kind::Played(1), 1, 1), (Kind::Played(2), 6, 1), (Kind::Playing, 6, 3)], &known);
        let line =
            |row: usize, column: usize| ('\u{2801}'..='\u{28ff}').contains(&rows[row].chars().nth(column).unwrap());
        assert!([1, 2, 4, 5, 6].into_iter().all(|column| line(1, column)), "{rows:?}");
        assert!(!line(1, 3), "where a track is: {rows:?}");
        assert!(line(2, 6) && line(3, 6) && !line(0, 1) && !line(1, 7), "{rows:?}");
        // What lies beyond the window breaks it.
        let rows = drawn(&[(Kind::Played(1), 1, 1), (Kind::Playing, 6, 3)], &known);
        assert!(rows.iter().all(|row| row.trim().is_empty()), "{rows:?}");
        let rows = drawn(&[(Kind::Playing, 6, 3)], &[Kind::Playing]);
        assert!(rows.iter().all(|row| row.trim().is_empty()), "{rows:?}");
    }
}
