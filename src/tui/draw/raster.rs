//! Images of levels in cells: two levels a cell, one above the other, in colours; or one in shades.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::ramp::Ramp;

/// An image of levels.
pub struct Levels<'a> {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
    /// The level, 0 to 1, of a row, the lowest first, and a column.
    pub level: &'a dyn Fn(usize, usize) -> f32,
}

/// Draws an image over an area: the mean where several levels fall together.
pub fn raster(levels: &Levels<'_>, ramp: &Ramp, buf: &mut Buffer, area: Rect) {
    let (width, tall) = (usize::from(area.width), 2 * usize::from(area.height));
    for x in 0..width {
        let columns = range(x, width, levels.columns);
        let half = |from_top: usize| mean(levels, range(tall - 1 - from_top, tall, levels.rows), &columns);
        for y in 0..usize::from(area.height) {
            let (sign, style) = ramp.cell(half(2 * y), half(2 * y + 1));
            if let Some(cell) = buf.cell_mut((area.x + x as u16, area.y + y as u16)) {
                cell.set_char(sign).set_style(style);
            }
        }
    }
}

/// The columns or rows, of so many, that fall on one of `of` places; at least one.
pub fn range(place: usize, of: usize, all: usize) -> Range<usize> {
    let from = place * all / of.max(1);
    from.min(all)..((place + 1) * all / of.max(1)).max(from + 1).min(all)
}

fn mean(levels: &Levels<'_>, rows: Range<usize>, columns: &Range<usize>) -> f32 {
    let count = (rows.len() * columns.len()).max(1) as f32;
    let at = |row| columns.clone().map(move |column| (levels.level)(row, column)).sum::<f32>();
    rows.map(at).sum::<f32>() / count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::colour::Depth;
    use crate::tui::theme::{Display, Theme};

    fn ramp(theme: &str) -> Ramp {
        Ramp::of(&Theme::load(theme, None, Display::from(Depth::True)).unwrap().0)
    }

    fn drawn(levels: &Levels<'_>, ramp: &Ramp, (width, height): (u16, u16)) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        raster(levels, ramp, &mut buf, area);
        buf.content.chunks(usize::from(width)).map(|row| row.iter().map(|cell| cell.symbol()).collect()).collect()
    }

    #[test]
    fn a_rising_tone_rises_by_half_cells() {
        // Eight columns; the level of column n is in row n.
        let chirp = Levels { rows: 8, columns: 8, level: &|row, column| f32::from(u8::from(row == column)) };
        let rows = drawn(&chirp, &ramp("gruvbox-dark"), (8, 4));
        assert_eq!(rows, ["      ▄▀", "    ▄▀  ", "  ▄▀    ", "▄▀      "]);
        // Without colours there is one level a cell.
        let rows = drawn(&chirp, &ramp("mono"), (8, 4));
        assert_eq!(rows, ["      ▒▒", "    ▒▒  ", "  ▒▒    ", "▒▒      "]);
    }

    #[test]
    fn every_level_falls_on_some_cell_and_nothing_is_missing() {
        for all in 1..40 {
            for of in 1..50 {
                let ranges: Vec<Range<usize>> = (0..of).map(|place| range(place, of, all)).collect();
                assert!(ranges.iter().all(|r| !r.is_empty() && r.end <= all), "{all} on {of}: {ranges:?}");
                assert!((0..all).all(|at| ranges.iter().any(|r| r.contains(&at))), "{all} on {of}");
            }
        }
        let none = Levels { rows: 0, columns: 0, level: &|_, _| 1.0 };
        assert_eq!(drawn(&none, &ramp("nord"), (3, 1)), ["   "]);
    }
}
