//! The library as a grid of albums: where each stands, and which songs are in it.

use ratatui::layout::{Position, Rect};

use super::list::Rows;

/// The least columns of an album's cells.
const LEAST_WIDE: u16 = 18;
/// The rows of an album's cells that are aimed at, and the most.
const TALL: u16 = 10;
const TALLEST: u16 = 12;
/// From so many rows on two rows of albums are shown.
const WITH_TWO: u16 = 12;
/// From so many rows on, there is a line about the album under the cursor.
const WITH_ABOUT: u16 = 8;
/// Rows of text below a cover.
const CAPTION: u16 = 2;
/// From so many rows of a tile on, the last of them stays blank.
const WITH_GAP: u16 = 9;
/// The least rows of a cover.
const LEAST_COVER: u16 = 2;

/// Whether the library is shown as a grid, and how far it is scrolled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// Whether it is chosen.
    pub on: bool,
    /// The first row of albums that is shown.
    pub top: usize,
}

/// The places of a grid in an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiles {
    /// How many albums stand beside each other, at least one.
    pub columns: usize,
    /// How many rows of them there are, at least one.
    pub rows: usize,
    /// The line about the album under the cursor; empty on a low screen.
    pub about: Rect,
    area: Rect,
    /// Cells of an album, without the blank column at its right.
    width: u16,
    height: u16,
}

impl Tiles {
    /// The places in an area.
    pub fn of(area: Rect) -> Tiles {
        let about = u16::from(area.height >= WITH_ABOUT);
        let inner = Rect { height: area.height - about, ..area };
        let about = Rect { y: inner.bottom(), height: about, ..area };
        let columns = ((area.width + 1) / (LEAST_WIDE + 1)).max(1);
        let rows = ((inner.height + 4) / TALL).max(if inner.height >= WITH_TWO { 2 } else { 1 });
        let width = ((area.width + 1) / columns).saturating_sub(1);
        let height = (inner.height / rows).min(TALLEST);
        Tiles { columns: columns.into(), rows: rows.into(), about, area: inner, width, height }
    }

    /// How many albums there is room for.
    pub fn count(&self) -> usize {
        self.columns * self.rows
    }

    /// Where an album stands, by its place among those that are shown; empty beyond the last one.
    pub fn place(&self, nth: usize) -> Rect {
        if nth >= self.count() {
            return Rect::default();
        }
        let (column, row) = ((nth % self.columns) as u16, (nth / self.columns) as u16);
        let (x, y) = (self.area.x + column * (self.width + 1), self.area.y + row * self.height);
        Rect { x, y, width: self.width, height: self.height }.intersection(self.area)
    }

    /// The album under the mouse, by its place among those that are shown.
    pub fn at(&self, at: Position) -> Option<usize> {
        (0..self.count()).find(|nth| self.place(*nth).contains(at))
    }
}

/// The cover and the lines below it in the cells of an album. The cover is a square, of cells that are twice as high as wide; there
/// is none where it would be tiny.
pub fn parts(tile: Rect) -> (Rect, Rect) {
    let gap = u16::from(tile.height >= WITH_GAP);
    let room = tile.height.saturating_sub(CAPTION + gap).min(tile.width / 2);
    let height = if room >= LEAST_COVER { room } else { 0 };
    let cover = Rect { width: 2 * height, height, ..tile };
    let caption = Rect { y: cover.bottom(), height: CAPTION.min(tile.height - height), ..tile };
    (cover, caption)
}

impl Rows {
    /// How many albums a grid of these rows has; none where they stand in no albums.
    pub fn cells(&self) -> usize {
        self.gathered().map_or_else(|| self.albums_in(&(0..self.len())).len(), |gathered| gathered.len())
    }

    /// The entries of an album of the grid, in the order of the list.
    pub fn of_cell(&self, cell: usize) -> impl Iterator<Item = usize> + '_ {
        let gathered = self.gathered().map_or(&[][..], |gathered| gathered.entries(cell));
        let first = self.albums_in(&(0..self.len())).get(cell).filter(|_| self.gathered().is_none());
        let together = first.map_or(0..0, |first| self.album_of(*first as usize));
        together.chain(gathered.iter().map(|entry| *entry as usize))
    }

    /// The album of the grid in which an entry stands.
    pub fn cell_of(&self, entry: usize) -> usize {
        match self.gathered() {
            Some(gathered) => gathered.album(entry),
            None => {
                let albums = self.albums_in(&(0..self.len()));
                albums.partition_point(|first| *first as usize <= entry).saturating_sub(1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;
    use crate::library::playlist::sort::{NoFacts, keys};
    use crate::tui::list::Wanted;

    #[test]
    fn tiles_lie_in_the_area_and_do_not_overlap() {
        for width in 1..200 {
            for height in 0..60 {
                let area = Rect::new(3, 2, width, height);
                let tiles = Tiles::of(area);
                let all: Vec<Rect> = (0..tiles.count())
                    .map(|nth| tiles.place(nth))
                    .chain([tiles.about])
                    .filter(|r| !r.is_empty())
                    .collect();
                for (i, a) in all.iter().enumerate() {
                    assert_eq!(a.intersection(area), *a, "{width}×{height}: {i}");
                    assert!(all[i + 1..].iter().all(|b| a.intersection(*b).is_empty()), "{width}×{height}: {i}");
                    let (cover, caption) = parts(*a);
                    assert!(cover.union(caption).intersection(*a) == cover.union(caption), "{width}×{height}: {i}");
                    assert!(cover.intersection(caption).is_empty() && cover.width == 2 * cover.height);
                }
                let corner = tiles.place(tiles.count() - 1);
                let hit = (!corner.is_empty()).then(|| tiles.at(corner.as_position()));
                assert!(hit.is_none_or(|nth| nth == Some(tiles.count() - 1)), "{width}×{height}");
            }
        }
    }

    #[test]
    fn usual_screens_show_many_albums_with_covers() {
        let shape = |width, height| {
            let tiles = Tiles::of(Rect::new(1, 2, width, height));
            (tiles.columns, tiles.rows, parts(tiles.place(0)).0.height)
        };
        // The rows below the heading at 60×16, 80×24, 120×40 and 200×60.
        assert_eq!([shape(58, 9), shape(78, 15)], [(3, 1, 6), (4, 2, 5)]);
        assert_eq!([shape(118, 30), shape(148, 50)], [(6, 3, 6), (7, 5, 6)]);
        assert_eq!(shape(40, 3), (2, 1, 0), "no room for a cover");
    }

    #[test]
    fn an_album_has_its_songs_whether_they_stand_together_or_not() {
        let rows = |sort: &str| {
            let sort = if sort.is_empty() { Vec::new() } else { keys(sort).unwrap() };
            let gathered = !sort.is_empty();
            Rows::of(
                Wanted { catalog: fixture::catalog(25), sort, whole: true, gathered, ..Wanted::default() },
                &NoFacts,
            )
        };
        let plain = rows("");
        assert_eq!((plain.cells(), plain.of_cell(1).collect::<Vec<_>>()), (3, (10..15).collect()));
        assert_eq!([plain.cell_of(0), plain.cell_of(14), plain.cell_of(24)], [0, 1, 2]);
        assert_eq!(plain.of_cell(3).count(), 0);
        // The longest songs come first, and so do their albums.
        let sorted = rows("-length");
        assert_eq!((sorted.cells(), sorted.of_cell(0).collect::<Vec<_>>()), (3, (0..5).collect()));
        assert_eq!([sorted.cell_of(4), sorted.cell_of(5), sorted.cell_of(24)], [0, 1, 2]);
        assert_eq!(Rows::default().cells(), 0);
    }
}
