//! The library as a grid of albums: the cursor, which is that of the list, the mouse, and the covers on the screen.

use std::path::Path;
use std::sync::Arc;

use ratatui::layout::{Position, Rect};

use crate::library::Song;
use crate::tui::draw::grid;
use crate::tui::grid::{Tiles, parts};
use crate::tui::layout::{Layout, Pane};
use crate::tui::list::window;
use crate::tui::search::Search;

use super::Screen;

impl Screen {
    /// Whether the library is a grid now: where it stands in no albums, it is a list.
    pub fn shows_grid(&self) -> bool {
        self.grid.on && self.rows.cells() > 0
    }

    /// Shows the library as a grid or as a list; `None`: as a grid, or as a list if the grid is seen.
    pub(super) fn arrange_as_grid(&mut self, on: Option<bool>) {
        let seen = self.focus == Pane::Library && self.page.is_none() && self.grid.on;
        self.show(Pane::Library);
        self.grid.on = on.unwrap_or(!seen);
    }

    /// The places of the grid; none on a screen that is too small.
    pub(super) fn tiles(&self) -> Option<Tiles> {
        self.layout().map(|layout| Tiles::of(Layout::rows_of(grid::area(&layout))))
    }

    /// Keeps the album under the cursor in sight.
    pub(super) fn settle_grid(&mut self) {
        let Some(tiles) = self.tiles().filter(|_| self.shows_grid()) else { return };
        let row = self.rows.cell_of(self.library.at) / tiles.columns;
        let rows = self.rows.cells().div_ceil(tiles.columns);
        self.grid.top = window(self.grid.top, row, rows, tiles.rows, self.margin().min(1));
    }

    /// Moves the cursor by so many rows of albums, at most to the first or the last album.
    pub(super) fn step_grid(&mut self, step: isize) {
        let columns = self.tiles().map_or(1, |tiles| tiles.columns);
        self.go_cell(step.saturating_mul(columns as isize));
    }

    /// Moves the cursor by so many albums.
    pub(super) fn go_cell(&mut self, step: isize) {
        self.goto_cell(self.rows.cell_of(self.library.at).saturating_add_signed(step));
    }

    /// Moves the cursor to an album, counted from 0; past the end, to the last one.
    pub(super) fn goto_cell(&mut self, cell: usize) {
        let last = self.rows.cells().saturating_sub(1);
        let first = self.rows.of_cell(cell.min(last)).next();
        self.library.at = first.unwrap_or(self.library.at);
    }

    /// The songs of the album under the cursor in the album's order, however the library is sorted.
    pub(super) fn songs_of_cell(&self) -> Vec<Arc<Song>> {
        let entries = self.rows.of_cell(self.rows.cell_of(self.library.at));
        let mut songs: Vec<Arc<Song>> = entries.filter_map(|entry| self.rows.song(entry).cloned()).collect();
        if self.rows.gathered().is_some() {
            let place = |song: &Song| (song.tags.disc.unwrap_or(0), song.tags.track.unwrap_or(0));
            songs.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.path.cmp(&b.path)));
        }
        songs
    }

    /// The first song of an album that a search finds, by its entry.
    pub(super) fn in_cell(&self, cell: usize, search: &Search) -> Option<usize> {
        self.rows.of_cell(cell).find(|entry| self.rows.song(*entry).is_some_and(|song| search.finds(song)))
    }

    /// Puts the cursor on the album under the mouse; whether there is one.
    pub(super) fn press_grid(&mut self, at: Position, layout: &Layout) -> bool {
        if layout.library().queue.contains(at) {
            self.show(Pane::Queue);
            return false;
        }
        let Some(tiles) = self.tiles() else { return false };
        let cell = tiles.at(at).map(|nth| self.grid.top * tiles.columns + nth);
        let Some(cell) = cell.filter(|cell| *cell < self.rows.cells()) else { return false };
        self.goto_cell(cell);
        true
    }

    /// The albums that are on the screen, by their first files, and where their covers go. Empty while the grid is not seen.
    pub(super) fn cover_places(&self) -> Vec<(Arc<Path>, Rect)> {
        let covered = self.page.is_some_and(|(page, _)| page.pane.is_view());
        let seen = self.focus == Pane::Library && !covered && self.shows_grid();
        let Some(tiles) = self.tiles().filter(|_| seen) else { return Vec::new() };
        let first = self.grid.top * tiles.columns;
        let place = |nth: usize| {
            let song = self.rows.song(self.rows.of_cell(first + nth).next()?)?;
            Some((song.path.clone(), parts(tiles.place(nth)).0))
        };
        (0..tiles.count()).map_while(place).collect()
    }
}
