//! Lists: scrolling cursors, marks, and the library's rows (albums and their songs).

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::library::grouping::{By, Group, Grouping};
use crate::library::{Catalog, Song};

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

/// A row of the library's tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The heading of an album, by its first entry.
    Album(u32),
    /// A song, by its entry.
    Song(u32),
}

/// The library's entries and rows, built once for each catalog and grouping. An entry is a song in a group; by album
/// artist the entries are the songs of the catalog.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    catalog: Arc<Catalog>,
    grouping: Grouping,
    rows: Vec<Row>,
    /// The row of each entry.
    places: Vec<u32>,
    /// The first entry of each album.
    albums: Vec<u32>,
}

impl Rows {
    /// Builds the rows of a catalog; `root` is the music directory.
    pub fn new(catalog: Arc<Catalog>, by: By, root: Option<&Path>) -> Rows {
        let grouping = Grouping::of(&catalog, by, root);
        let len = grouping.order.as_ref().map_or(catalog.len(), Vec::len);
        let song = |entry: usize| catalog.songs().get(grouping.song(entry));
        let (mut rows, mut places, mut albums) = (Vec::with_capacity(len * 9 / 8), Vec::with_capacity(len), Vec::new());
        let mut groups = grouping.groups.iter().map(|group| group.first as usize).peekable();
        let mut last: Option<&Arc<Song>> = None;
        for entry in 0..len {
            let begins = groups.next_if_eq(&entry).is_some();
            let own = song(entry);
            let goes_on = match (own, last) {
                (Some(own), Some(last)) => own.shares_album(last),
                _ => false,
            };
            let first = !catalog.is_ranked() && (begins || !goes_on);
            last = own;
            if first {
                rows.push(Row::Album(entry as u32));
                albums.push(entry as u32);
            }
            places.push(rows.len() as u32);
            rows.push(Row::Song(entry as u32));
        }
        Rows { catalog, grouping, rows, places, albums }
    }

    /// Whether these rows were built from this catalog (the same `Arc`, not an equal one) and this grouping.
    pub fn are_of(&self, catalog: &Arc<Catalog>, by: By) -> bool {
        Arc::ptr_eq(&self.catalog, catalog) && self.grouping.by == by
    }

    /// The catalog from which the rows were built.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// All rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The song of an entry.
    pub fn song(&self, entry: usize) -> Option<&Arc<Song>> {
        self.catalog.songs().get(self.grouping.song(entry))
    }

    /// The first entry of the file at a path.
    pub fn entry(&self, path: &Path) -> Option<usize> {
        self.grouping.entry(self.catalog.index_of(path)?)
    }

    /// The entry of the file at a path in the group of this name; without such an entry its first.
    pub fn entry_in(&self, path: &Path, group: Option<&str>) -> Option<usize> {
        let song = self.catalog.index_of(path)?;
        let named = group.and_then(|name| self.grouping.groups.iter().position(|group| group.name == name));
        let within = named.and_then(|group| self.of_group(group).find(|entry| self.grouping.song(*entry) == song));
        within.or_else(|| self.grouping.entry(song))
    }

    /// The row of an entry, not of its album's heading; 0 if there is no such entry.
    pub fn place(&self, entry: usize) -> usize {
        self.places.get(entry).map_or(0, |r| *r as usize)
    }

    /// The groups; none where the catalog is ranked.
    pub fn groups(&self) -> &[Group] {
        &self.grouping.groups
    }

    /// The group of an entry.
    pub fn group_of(&self, entry: usize) -> Option<usize> {
        self.grouping.group_of(entry)
    }

    /// The entries of a group.
    pub fn of_group(&self, group: usize) -> Range<usize> {
        let first = |group: usize| self.grouping.groups.get(group).map_or(self.len(), |group| group.first as usize);
        first(group)..first(group + 1)
    }

    /// The first entries of the albums within these entries.
    pub fn albums_in(&self, entries: &Range<usize>) -> &[u32] {
        let before = |entry: usize| self.albums.partition_point(|album| (*album as usize) < entry);
        &self.albums[before(entries.start)..before(entries.end)]
    }

    /// The entries of an entry's album; all of them where there are no albums.
    pub fn album_of(&self, entry: usize) -> Range<usize> {
        let after = self.albums.partition_point(|album| *album as usize <= entry);
        let first = after.checked_sub(1).and_then(|at| self.albums.get(at)).map_or(0, |album| *album as usize);
        first..self.albums.get(after).map_or(self.len(), |album| *album as usize)
    }

    /// The first entry of the album `step` albums away. Going back from the middle of an album, the first step leads to
    /// that album's first entry. Without albums, as in a ranked list, ten entries stand for one.
    pub fn album(&self, entry: usize, step: isize) -> usize {
        if self.albums.is_empty() {
            return entry.saturating_add_signed(step * 10).min(self.len().saturating_sub(1));
        }
        leap(&self.albums, entry, step)
    }

    /// The first entry of the group `step` groups away, as [`Rows::album`].
    pub fn group(&self, entry: usize, step: isize) -> usize {
        if self.groups().is_empty() {
            return self.album(entry, step);
        }
        let firsts: Vec<u32> = self.groups().iter().map(|group| group.first).collect();
        leap(&firsts, entry, step)
    }

    /// The rows that show these entries: with the headings of their albums, or without where `bare`.
    pub fn rows_of(&self, entries: &Range<usize>, bare: bool) -> Range<usize> {
        if entries.is_empty() {
            return 0..0;
        }
        let first = self.place(entries.start);
        let headed = !bare && first > 0 && matches!(self.rows.get(first - 1), Some(Row::Album(_)));
        first - usize::from(headed)..self.place(entries.end - 1) + 1
    }

    /// The first row to show, of these rows, so that the cursor's entry is visible, and before an album's first entry
    /// also its heading.
    pub fn top(&self, cursor: Cursor, height: usize, shown: &Range<usize>, margin: usize) -> usize {
        let row = self.place(cursor.at).clamp(shown.start, shown.end.max(shown.start + 1) - 1);
        let top = cursor.top.saturating_sub(shown.start);
        let top = shown.start + window(top, row - shown.start, shown.len(), height, margin);
        let headed = row > shown.start && matches!(self.rows.get(row - 1), Some(Row::Album(_)));
        if headed && top == row && height > 1 { row - 1 } else { top }
    }
}

/// The beginning `step` beginnings away from an entry; going back from between two, the first step leads to the one
/// before.
fn leap(firsts: &[u32], entry: usize, step: isize) -> usize {
    let begun = firsts.partition_point(|first| *first as usize <= entry);
    let this = begun.saturating_sub(1);
    let inside = firsts.get(this).is_some_and(|first| (*first as usize) < entry);
    let step = if step < 0 && inside { step + 1 } else { step };
    let target = this.saturating_add_signed(step).min(firsts.len().saturating_sub(1));
    firsts.get(target).map_or(0, |first| *first as usize)
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
        let rows = Rows::new(fixture::catalog(25), By::AlbumArtist, None);
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
        let rows = Rows::new(fixture::catalog(65), By::AlbumArtist, None);
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
        let ranked = Rows::new(fixture::catalog(30).ranked([5, 3, 9]).into(), By::Genre, None);
        assert_eq!((ranked.len(), ranked.groups().len(), ranked.album(0, 1), ranked.album(2, -1)), (3, 0, 2, 0));
    }
}
