//! The part of the map that a screen shows: every cell holds two by four dots, as a braille letter does.

use crate::latent::map::Point;

/// Dots across a cell.
pub const ACROSS: u32 = 2;
/// Dots down a cell.
pub const DOWN: u32 = 4;
/// The share of the screen that a whole map takes, so that its edge can be seen.
const FILL: f32 = 0.94;

/// A rectangle of the map: its corners with the lowest and the highest coordinates.
pub type Area = [Point; 2];

/// A part of the map at the size of a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Window {
    /// The place in its middle.
    pub centre: Point,
    /// The width and height of a dot, in units of the map.
    pub dot: f32,
    /// Cells across.
    pub columns: u16,
    /// Cells down.
    pub rows: u16,
}

impl Window {
    /// The window that shows all of a map with these corners; `zoom` times doubled in size around `centre`.
    pub fn of([low, high]: Area, columns: u16, rows: u16, centre: Point, zoom: u8) -> Window {
        let dots = [u32::from(columns) * ACROSS, u32::from(rows) * DOWN].map(|dots| (dots.max(1)) as f32 * FILL);
        let needed = [0, 1].map(|axis| (high[axis] - low[axis]).max(0.0) / dots[axis]);
        let whole = needed[0].max(needed[1]);
        // A single place has no extent.
        let whole = if whole.is_finite() && whole > 0.0 { whole } else { 0.01 };
        Window { centre, dot: whole * 0.5_f32.powi(i32::from(zoom)), columns, rows }
    }

    /// The width and height of a cell, in units of the map.
    pub fn cell(&self) -> Point {
        [self.dot * ACROSS as f32, self.dot * DOWN as f32]
    }

    /// The place at the upper left corner.
    fn corner(&self) -> Point {
        let [wide, tall] = self.cell();
        [self.centre[0] - wide * f32::from(self.columns) / 2.0, self.centre[1] - tall * f32::from(self.rows) / 2.0]
    }

    /// The dot of a place, counted from the upper left; `None` outside.
    pub fn dot_of(&self, place: Point) -> Option<[u32; 2]> {
        let corner = self.corner();
        let dots = [u32::from(self.columns) * ACROSS, u32::from(self.rows) * DOWN];
        let mut found = [0; 2];
        for axis in 0..2 {
            let dot = ((place[axis] - corner[axis]) / self.dot).floor();
            // False for what is not a number.
            if !(dot >= 0.0 && dot < dots[axis] as f32) {
                return None;
            }
            found[axis] = dot as u32;
        }
        Some(found)
    }

    /// The cell of a place: column and row from the upper left; `None` outside.
    pub fn cell_of(&self, place: Point) -> Option<[u16; 2]> {
        let [x, y] = self.dot_of(place)?;
        Some([(x / ACROSS) as u16, (y / DOWN) as u16])
    }

    /// The place in the middle of a cell.
    pub fn place_of(&self, [column, row]: [u16; 2]) -> Point {
        let (corner, [wide, tall]) = (self.corner(), self.cell());
        [corner[0] + wide * (f32::from(column) + 0.5), corner[1] + tall * (f32::from(row) + 0.5)]
    }
}

/// A place as filters name it: from 0 to 100 across and down, with one decimal.
pub fn percent(place: Point) -> [f64; 2] {
    place.map(|value| ((f64::from(value) + 1.0) * 500.0).round() / 10.0)
}

/// The rectangle that two places are opposite corners of.
pub fn between(a: Point, b: Point) -> Area {
    [[a[0].min(b[0]), a[1].min(b[1])], [a[0].max(b[0]), a[1].max(b[1])]]
}

/// Whether a place lies in a rectangle, edges included.
pub fn holds([low, high]: &Area, place: Point) -> bool {
    (0..2).all(|axis| place[axis] >= low[axis] && place[axis] <= high[axis])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_map_lies_in_its_window_and_a_cell_knows_its_place() {
        for (columns, rows) in [(80, 28), (10, 40), (1, 1)] {
            let map = [[-1.0, -0.4], [1.0, 0.7]];
            let window = Window::of(map, columns, rows, [0.0, 0.15], 0);
            for corner in [[-1.0, -0.4], [1.0, 0.7], [1.0, -0.4]] {
                assert!(window.dot_of(corner).is_some(), "{columns}×{rows}");
            }
            for cell in [[0, 0], [columns - 1, rows - 1], [columns / 2, rows / 2]] {
                assert_eq!(window.cell_of(window.place_of(cell)), Some(cell), "{columns}×{rows}");
            }
            assert_eq!(window.cell_of([9.0, 0.0]), None);
            assert_eq!(window.cell_of([f32::NAN, 0.0]), None);
        }
    }

    #[test]
    fn zoom_halves_what_is_seen_and_nothing_is_divided_by_zero() {
        let of = |zoom| Window::of([[-1.0; 2], [1.0; 2]], 40, 10, [0.0; 2], zoom);
        assert_eq!(of(1).dot, of(0).dot / 2.0);
        let point = Window::of([[0.0; 2]; 2], 0, 0, [0.0; 2], 3);
        assert!(point.dot > 0.0 && point.dot_of([0.0; 2]).is_none());
        assert!(
            holds(&between([1.0, 0.0], [0.0, 1.0]), [0.5, 0.5]) && !holds(&between([0.0; 2], [1.0; 2]), [2.0, 0.0])
        );
    }
}
