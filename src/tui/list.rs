//! Lists: scrolling cursors, marks, and the library's rows (albums and their songs).

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::library::Catalog;

/// A cursor in a list, and the scroll position of its window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Index of the entry under the cursor.
    pub at: usize,
    /// Index of the first row shown.
    pub top: usize,
}

impl Cursor {
    /// Moves by `step` entries, staying within `len`.
    pub fn by(&mut self, step: isize, len: usize) {
        self.at = self.at.saturating_add_signed(step).min(len.saturating_sub(1));
    }
}

/// The first of `rows` rows to show in a window of `height` rows, so that `row` is visible with up to two rows on
/// either side; changes `top` no more than necessary.
pub fn window(top: usize, row: usize, rows: usize, height: usize) -> usize {
    if height == 0 {
        return top;
    }
    let margin = 2.min((height - 1) / 2);
    let lowest = (row + margin + 1).saturating_sub(height);
    let highest = row.saturating_sub(margin);
    // No empty rows are shown below the end of the list.
    top.clamp(lowest.min(highest), highest).min(rows.saturating_sub(height))
}

/// A row of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The heading of an album, by the index of its first song in the catalog.
    Album(u32),
    /// A song, by its index in the catalog.
    Song(u32),
}

/// The library's rows, built once for each catalog. A ranked catalog has no album headings.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    catalog: Arc<Catalog>,
    rows: Vec<Row>,
    /// The row of each song.
    places: Vec<u32>,
    /// The first song of each album.
    albums: Vec<u32>,
}

impl Rows {
    /// Builds the rows of a catalog.
    pub fn new(catalog: Arc<Catalog>) -> Rows {
        let songs = catalog.songs();
        let (mut rows, mut places, mut albums) = (Vec::with_capacity(songs.len() * 9 / 8), Vec::new(), Vec::new());
        for (index, song) in songs.iter().enumerate() {
            let first = !catalog.is_ranked() && (index == 0 || songs[index - 1].album_key() != song.album_key());
            if first {
                rows.push(Row::Album(index as u32));
                albums.push(index as u32);
            }
            places.push(rows.len() as u32);
            rows.push(Row::Song(index as u32));
        }
        Rows { catalog, rows, places, albums }
    }

    /// Whether these rows were built from this catalog: the same `Arc`, not an equal one.
    pub fn are_of(&self, catalog: &Arc<Catalog>) -> bool {
        Arc::ptr_eq(&self.catalog, catalog)
    }

    /// The catalog from which the rows were built.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// All rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of a song, not of its album's heading; 0 if there is no such song.
    pub fn place(&self, song: usize) -> usize {
        self.places.get(song).map_or(0, |r| *r as usize)
    }

    /// The first song of the album `step` albums away, or 0 without albums. Going back from the middle of an album, the
    /// first step leads to that album's first song.
    pub fn album(&self, song: usize, step: isize) -> usize {
        let begun = self.albums.partition_point(|a| *a as usize <= song);
        let this = begun.saturating_sub(1);
        let inside = self.albums.get(this).is_some_and(|a| (*a as usize) < song);
        let step = if step < 0 && inside { step + 1 } else { step };
        let target = this.saturating_add_signed(step).min(self.albums.len().saturating_sub(1));
        self.albums.get(target).map_or(0, |a| *a as usize)
    }

    /// The first row to show so that the cursor's song is visible, and before an album's first song also its heading.
    pub fn top(&self, cursor: Cursor, height: usize) -> usize {
        let row = self.place(cursor.at);
        let top = window(cursor.top, row, self.rows.len(), height);
        let headed = row > 0 && matches!(self.rows.get(row - 1), Some(Row::Album(_)));
        if headed && top == row && height > 1 { row - 1 } else { top }
    }
}

/// The marked songs of the library and items of the queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// Paths of songs.
    pub songs: HashSet<PathBuf>,
    /// Serial numbers of items.
    pub items: HashSet<u64>,
}

impl Marks {
    /// Clears all marks. Returns whether there were any.
    pub fn clear(&mut self) -> bool {
        let any = !self.songs.is_empty() || !self.items.is_empty();
        *self = Marks::default();
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;

    #[test]
    fn the_cursor_is_always_in_the_window() {
        for height in 1..12 {
            for rows in 1..30 {
                for row in 0..rows {
                    for top in 0..40 {
                        let first = window(top, row, rows, height);
                        assert!((first..first + height).contains(&row), "{row} of {rows} in {height} from {top}");
                        assert!(first == 0 || first + height <= rows, "no empty rows below");
                    }
                }
            }
        }
        assert_eq!(window(10, 14, 100, 20), 10, "it does not move without need");
    }

    #[test]
    fn albums_have_headings() {
        let rows = Rows::new(fixture::catalog(25));
        assert_eq!(rows.rows()[..2], [Row::Album(0), Row::Song(0)]);
        assert_eq!(rows.rows().len(), 25 + 3);
        assert_eq!((rows.place(0), rows.place(10), rows.place(99)), (1, 12, 0));
        assert_eq!((rows.album(3, -1), rows.album(0, 1), rows.album(12, -2), rows.album(24, 9)), (0, 10, 0, 15));
        let top = |at| rows.top(Cursor { at, top: 99 }, 3);
        assert_eq!(top(0), 0);
        assert_eq!(Rows::default().top(Cursor::default(), 5), 0);
    }
}
