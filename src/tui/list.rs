//! Lists: scrolling cursors and marks.

use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;

pub use crate::library::rows::{Row, Rows, Wanted};

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

/// Rows that are kept visible around the cursor while it is moved by keys.
pub const MARGIN: usize = 2;

/// The first of `rows` rows to show in a window of `height` rows, so that `row` is visible with up to `margin` rows on
/// either side; changes `top` no more than necessary.
pub fn window(top: usize, row: usize, rows: usize, height: usize, margin: usize) -> usize {
    if height == 0 {
        return top;
    }
    let margin = margin.min((height - 1) / 2);
    let lowest = (row + margin + 1).saturating_sub(height);
    let highest = row.saturating_sub(margin);
    // No empty rows are shown below the end of the list.
    top.clamp(lowest.min(highest), highest).min(rows.saturating_sub(height))
}

/// A column of the library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// Groups: artists, genres, …
    Groups,
    /// The albums of the group.
    Albums,
    /// The tracks.
    #[default]
    Tracks,
}

impl Rows {
    /// The first row to show, of these rows, so that the cursor's entry is visible, and before an album's first entry
    /// also its heading.
    pub fn top(&self, cursor: Cursor, height: usize, shown: &Range<usize>, margin: usize) -> usize {
        let row = self.place(cursor.at).clamp(shown.start, shown.end.max(shown.start + 1) - 1);
        let top = cursor.top.saturating_sub(shown.start);
        let top = shown.start + window(top, row - shown.start, shown.len(), height, margin);
        let headed = row > shown.start && matches!(self.rows().get(row - 1), Some(Row::Album(_)));
        if headed && top == row && height > 1 { row - 1 } else { top }
    }
}

impl Column {
    /// The columns with the names under which a session keeps them.
    const NAMES: [(&str, Column); 3] =
        [("groups", Column::Groups), ("albums", Column::Albums), ("tracks", Column::Tracks)];

    /// Its name.
    pub fn name(self) -> &'static str {
        Column::NAMES.iter().find(|(_, column)| *column == self).map_or("", |(name, _)| name)
    }

    /// The column of a name.
    pub fn named(name: &str) -> Option<Column> {
        Column::NAMES.iter().find(|(own, _)| *own == name).map(|(_, column)| *column)
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
    use std::sync::Arc;

    use crate::app::fixture;
    use crate::library::Catalog;
    use crate::library::grouping::By;
    use crate::library::playlist::sort::NoFacts;

    fn rows(catalog: Arc<Catalog>, by: By) -> Rows {
        Rows::of(Wanted { catalog, by, ..Wanted::default() }, &NoFacts)
    }

    #[test]
    fn the_cursor_is_always_in_the_window() {
        for height in 1..12 {
            for rows in 1..30 {
                for row in 0..rows {
                    for top in 0..40 {
                        let first = window(top, row, rows, height, MARGIN);
                        assert!((first..first + height).contains(&row), "{row} of {rows} in {height} from {top}");
                        assert!(first == 0 || first + height <= rows, "no empty rows below");
                    }
                }
            }
        }
        assert_eq!(window(10, 14, 100, 20, MARGIN), 10, "it does not move without need");
        assert_eq!(window(10, 10, 100, 20, 0), 10, "without a margin the first row may have the cursor");
    }

    #[test]
    fn albums_have_headings() {
        let rows = self::rows(fixture::catalog(25), By::AlbumArtist);
        assert_eq!(rows.rows()[..2], [Row::Album(0), Row::Song(0)]);
        assert_eq!(rows.rows().len(), 25 + 3);
        assert_eq!((rows.place(0), rows.place(10), rows.place(99)), (1, 12, 0));
        assert_eq!((rows.album(3, -1), rows.album(0, 1), rows.album(12, -2), rows.album(24, 9)), (0, 10, 0, 15));
        let top = |at| rows.top(Cursor { at, top: 99 }, 3, &(0..28), MARGIN);
        assert_eq!(top(0), 0);
        assert_eq!(Rows::default().top(Cursor::default(), 5, &(0..0), MARGIN), 0);
    }

    #[test]
    fn a_group_has_its_albums_and_an_album_its_entries() {
        let rows = self::rows(fixture::catalog(65), By::AlbumArtist);
        assert_eq!(rows.groups().len(), 3);
        assert_eq!(
            (rows.of_group(1), rows.group_of(30), rows.group(5, 1), rows.group(35, -1)),
            (30..60, Some(1), 30, 30)
        );
        assert_eq!(rows.albums_in(&(30..60)), [30, 40, 50]);
        assert_eq!((rows.album_of(44), rows.album_of(64)), (40..50, 60..65));
        assert_eq!(rows.rows_of(&(40..50), true).len(), 10);
        assert_eq!(rows.rows_of(&(30..60), false).len(), 33);
        let within = rows.rows_of(&(30..60), false);
        assert_eq!(rows.top(Cursor { at: 30, top: 0 }, 5, &within, MARGIN), within.start, "its heading is seen");
        let ranked = self::rows(fixture::catalog(30).ranked([5, 3, 9]).into(), By::Genre);
        assert_eq!((ranked.len(), ranked.groups().len(), ranked.album(0, 1), ranked.album(2, -1)), (3, 0, 2, 0));
    }
}
