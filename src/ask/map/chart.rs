//! A chart: what a window shows of the map, cell by cell.

use crate::ask::error::SearchError;
use crate::latent::map::Point;
use crate::track::TrackId;

use super::colour::{Class, Colour, MOST, UNKNOWN};
use super::landmarks::Landmark;
use super::window::{ACROSS, DOWN, Window};

/// The bits of a braille letter by column and row of the dot.
pub const BITS: [[u8; DOWN as usize]; ACROSS as usize] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// What a chart is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Charting {
    /// The part of the map.
    pub window: Window,
    /// What the tracks are coloured by.
    pub colour: Colour,
    /// A filter whose matches are lit; empty for none.
    pub sought: String,
    /// Tracks that are marked; of several in a cell the first is seen.
    pub marks: Vec<(TrackId, Kind)>,
    /// What else the chart depends on.
    pub stand: Stand,
}

/// The revisions of what a chart is made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// Of the map.
    pub map: u64,
    /// Of the catalog: its number of songs.
    pub songs: usize,
    /// Of what the tracks are coloured by.
    pub colour: u64,
}

/// Why a track is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It plays.
    Playing,
    /// It was played; counted from 1, the oldest first.
    Played(u8),
    /// The user added it to the queue.
    Hand,
    /// The queue filled itself with it.
    Auto,
}

/// A marked track in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its column.
    pub column: u16,
    /// Its row.
    pub row: u16,
    /// Why.
    pub kind: Kind,
}

/// A cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The dots of a braille letter: which of U+2800 to U+28FF it is.
    pub dots: u8,
    /// The commonest class of its tracks.
    pub class: u8,
    /// How many of its tracks were sought.
    pub found: u32,
    /// How many tracks are in it.
    pub count: u32,
    /// The track nearest to its middle; none in an empty cell.
    pub track: Option<TrackId>,
}

/// What a window shows.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// What was asked for.
    pub wanted: Charting,
    /// The cells, row by row.
    pub cells: Vec<Cell>,
    /// The names on it.
    pub landmarks: Vec<Landmark>,
    /// The marked tracks, each in the window.
    pub marks: Vec<Mark>,
    /// The classes of the colour, over the whole map.
    pub classes: Vec<Class>,
    /// How many tracks of the whole map were sought, or what is wrong with the filter.
    pub found: Option<Result<usize, SearchError>>,
}

impl Chart {
    /// A cell; `None` outside.
    pub fn cell(&self, [column, row]: [u16; 2]) -> Option<&Cell> {
        let Window { columns, rows, .. } = self.wanted.window;
        let inside = column < columns && row < rows;
        self.cells.get(usize::from(row) * usize::from(columns) + usize::from(column)).filter(|_| inside)
    }

    /// The track nearest to the middle of a cell, by what the cells around hold; `None` on an empty chart.
    pub fn nearest(&self, [column, row]: [u16; 2]) -> Option<TrackId> {
        let columns = usize::from(self.wanted.window.columns).max(1);
        let far = |at: usize| {
            // A cell is twice as high as wide.
            let x = (at % columns) as i64 - i64::from(column);
            let y = 2 * ((at / columns) as i64 - i64::from(row));
            x * x + y * y
        };
        let filled = self.cells.iter().enumerate().filter_map(|(at, cell)| Some((at, cell.track?)));
        filled.min_by_key(|(at, _)| far(*at)).map(|(_, track)| track)
    }

    /// The next cell with a track that was sought, after this one in reading order or before it, around the end.
    pub fn next_found(&self, [column, row]: [u16; 2], back: bool) -> Option<[u16; 2]> {
        let columns = usize::from(self.wanted.window.columns).max(1);
        let (here, len) = (usize::from(row) * columns + usize::from(column), self.cells.len());
        let steps = 1..=len;
        let at = |step: usize| (here + if back { len.saturating_mul(2) - step } else { step }) % len.max(1);
        let found = steps.map(at).find(|at| self.cells.get(*at).is_some_and(|cell| cell.found > 0))?;
        Some([(found % columns) as u16, (found / columns) as u16])
    }
}

/// Bins tracks into the cells of a window: place, class and whether it was sought of each. Returns the cells and, of each
/// track in the window, its cell.
pub fn binned(
    window: &Window,
    tracks: impl Iterator<Item = (usize, TrackId, Point, u8, bool)>,
) -> (Vec<Cell>, Vec<(usize, [u16; 2])>) {
    let columns = usize::from(window.columns);
    let len = columns * usize::from(window.rows);
    let mut cells = vec![Cell::default(); len];
    let mut classes = vec![[0_u16; MOST + 2]; len];
    let mut nearest = vec![f32::INFINITY; len];
    let mut inside = Vec::new();
    for (index, track, place, class, sought) in tracks {
        let Some([x, y]) = window.dot_of(place) else { continue };
        let at = [(x / ACROSS) as u16, (y / DOWN) as u16];
        let number = usize::from(at[1]) * columns + usize::from(at[0]);
        let Some((cell, counts)) = cells.get_mut(number).zip(classes.get_mut(number)) else { continue };
        inside.push((index, at));
        cell.dots |= BITS[(x % ACROSS) as usize][(y % DOWN) as usize];
        cell.count += 1;
        cell.found += u32::from(sought);
        let count = &mut counts[usize::from(class.min(UNKNOWN))];
        *count = count.saturating_add(1);
        let middle = window.place_of(at);
        let far = (place[0] - middle[0]).hypot(place[1] - middle[1]);
        if let Some(least) = nearest.get_mut(number).filter(|least| far < **least) {
            (*least, cell.track) = (far, Some(track));
        }
    }
    for (cell, counts) in cells.iter_mut().zip(&classes) {
        // Of equally common classes the first.
        let most = counts.iter().copied().max().unwrap_or(0);
        cell.class = counts.iter().position(|count| *count == most).unwrap_or(0) as u8;
    }
    (cells, inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(tracks: &[(u8, Point, u8, bool)]) -> Chart {
        let window = Window { centre: [0.0; 2], dot: 0.1, columns: 10, rows: 4 };
        let tracks =
            tracks.iter().enumerate().map(|(i, &(n, at, class, sought))| (i, TrackId([n; 16]), at, class, sought));
        let (cells, _) = binned(&window, tracks);
        Chart { cells, wanted: Charting { window, ..Charting::default() }, ..Chart::default() }
    }

    #[test]
    fn dots_stand_where_the_tracks_are() {
        // A cell is 0.2 wide and 0.4 high; the middle of the window lies between cells.
        let chart = chart(&[
            (1, [0.01, 0.01], 3, false),
            (2, [0.11, 0.31], 4, true),
            (3, [0.12, 0.32], 4, false),
            (9, [5.0, 0.0], 0, true),
        ]);
        let cell = chart.cell([5, 2]).unwrap();
        assert_eq!((cell.dots, cell.count, cell.class, cell.found), (0x01 | 0x80, 3, 4, 1));
        assert_eq!(cell.track, Some(TrackId([2; 16])), "the nearest to the middle");
        assert!(chart.cells.iter().map(|cell| cell.count).sum::<u32>() == 3, "what is outside is left out");
        assert_eq!((chart.cell([10, 0]), chart.cell([0, 4])), (None, None));
    }

    #[test]
    fn the_nearest_track_is_found_from_anywhere() {
        let two = chart(&[(1, [-0.9, -0.7], 0, false), (2, [0.9, 0.7], 0, false)]);
        assert_eq!((two.nearest([0, 0]), two.nearest([9, 2])), (Some(TrackId([1; 16])), Some(TrackId([2; 16]))));
        assert_eq!(chart(&[]).nearest([3, 3]), None);
        assert_eq!(Chart::default().nearest([3, 3]), None);
    }

    #[test]
    fn what_is_sought_is_gone_through_in_both_directions() {
        let some = chart(&[(1, [-0.9, -0.7], 0, true), (2, [0.05, 0.05], 0, false), (3, [0.9, 0.7], 0, true)]);
        let (first, last) = ([0, 0], [9, 3]);
        assert_eq!((some.next_found([5, 2], false), some.next_found([5, 2], true)), (Some(last), Some(first)));
        assert_eq!((some.next_found(last, false), some.next_found(first, true)), (Some(first), Some(last)));
        assert_eq!((chart(&[]).next_found([0, 0], false), Chart::default().next_found([0, 0], true)), (None, None));
    }
}
