//! The library's columns: which has the cursor, what it moves by, what is selected in it.

use std::ops::Range;
use std::sync::Arc;

use crate::app::Model;
use crate::library::Song;
use crate::library::grouping::By;
use crate::tui::layout::{Layout, LibraryColumns};
use crate::tui::list::{Column, window};

use super::Screen;

impl Screen {
    /// The columns as they are on the screen; none on one that is too small.
    pub(super) fn library_columns(&self) -> Option<LibraryColumns> {
        let (groups, albums) = (!self.rows.groups().is_empty(), self.rows.has_albums());
        self.layout().map(|layout| layout.library().for_list(groups, albums))
    }

    /// The column that has the cursor: the chosen one, or the tracks where the screen has no room for it.
    pub fn column(&self) -> Column {
        let there = self.library_columns().is_some_and(|columns| match self.column {
            Column::Groups => columns.groups.width > 0,
            Column::Albums => columns.albums.width > 0,
            Column::Tracks => true,
        });
        if there { self.column } else { Column::Tracks }
    }

    /// The entries of the group under the cursor; all of them where there are no groups.
    pub fn group(&self) -> Range<usize> {
        self.rows.group_of(self.library.at).map_or(0..self.rows.len(), |group| self.rows.of_group(group))
    }

    /// The entries that the tracks' column lists, and whether they are one album, which needs no heading.
    pub fn listed(&self) -> (Range<usize>, bool) {
        let all = (0..self.rows.len(), false);
        let Some(columns) = self.library_columns() else { return all };
        match (columns.groups.width > 0, columns.albums.width > 0) {
            (false, _) => all,
            (true, true) if self.column() != Column::Groups => (self.rows.album_of(self.library.at), true),
            (true, _) => (self.group(), false),
        }
    }

    /// Adapts the rows to the catalog and the grouping, and the cursor and the scroll positions to the rows.
    pub(super) fn settle_library(&mut self, model: &Model) {
        self.settle_rows(model);
        self.library.by(0, self.rows.len());
        self.song = self.rows.song(self.library.at).map(|song| song.path.to_path_buf());
        self.settle_grid();
        let Some(columns) = self.library_columns() else { return };
        let height = usize::from(Layout::rows_of(columns.tracks).height);
        let (listed, bare) = self.listed();
        self.library.top = self.rows.top(self.library, height, &self.rows.rows_of(&listed, bare), self.margin());
        let group = self.rows.group_of(self.library.at).unwrap_or(0);
        let albums = self.rows.albums_in(&self.group());
        let album = albums.partition_point(|first| *first as usize <= self.library.at).saturating_sub(1);
        self.tops = [
            window(self.tops[0], group, self.rows.groups().len(), height, self.margin()),
            window(self.tops[1], album, albums.len(), height, self.margin()),
        ];
    }

    /// Moves the library's cursor by so many rows of its column.
    pub(super) fn step_library(&mut self, step: isize) {
        if self.shows_grid() {
            return self.step_grid(step);
        }
        match self.column() {
            Column::Tracks => self.library.by(step, self.rows.len()),
            Column::Albums => self.library.at = self.rows.album(self.library.at, step),
            Column::Groups => self.library.at = self.rows.group(self.library.at, step),
        }
    }

    /// Moves the library's cursor to a row of its column, counted from 0; past the end, to the last one.
    pub(super) fn goto_library(&mut self, row: usize) {
        if self.shows_grid() {
            return self.goto_cell(row);
        }
        let nth = |firsts: &[u32]| firsts.get(row.min(firsts.len().saturating_sub(1))).map_or(0, |at| *at as usize);
        self.library.at = match self.column() {
            Column::Tracks => {
                let (listed, _) = self.listed();
                listed.start.saturating_add(row).min(listed.end.max(1) - 1)
            }
            Column::Albums => nth(self.rows.albums_in(&self.group())),
            Column::Groups => {
                let group = row.min(self.rows.groups().len().saturating_sub(1));
                self.rows.of_group(group).start
            }
        };
    }

    /// Goes so many columns to the right.
    pub(super) fn go_column(&mut self, step: isize) {
        if self.shows_grid() {
            return self.go_cell(step);
        }
        const COLUMNS: [Column; 3] = [Column::Groups, Column::Albums, Column::Tracks];
        let Some(shown) = self.library_columns() else { return };
        let there = [shown.groups.width > 0, shown.albums.width > 0, true];
        let there: Vec<Column> = COLUMNS.into_iter().zip(there).filter(|(_, there)| *there).map(|(c, _)| c).collect();
        let at = there.iter().position(|column| *column == self.column()).unwrap_or(0);
        if let Some(column) = there.get(at.saturating_add_signed(step).min(there.len() - 1)) {
            self.column = *column;
        }
    }

    /// Groups the library anew, keeping the song under the cursor.
    pub(super) fn group_by(&mut self, by: Option<By>) {
        self.by = by.unwrap_or_else(|| self.by.next());
    }

    /// The songs under the library's cursor: one, or all of an album or a group.
    pub(super) fn under_cursor(&self) -> Vec<Arc<Song>> {
        if self.shows_grid() {
            return self.songs_of_cell();
        }
        let entries = match self.column() {
            Column::Tracks => self.library.at..self.library.at + 1,
            Column::Albums => self.rows.album_of(self.library.at),
            Column::Groups => self.group(),
        };
        entries.filter_map(|entry| self.rows.song(entry).cloned()).collect()
    }

    /// The marked songs in the order in which they are listed, each once.
    pub(super) fn marked_songs(&self) -> Vec<Arc<Song>> {
        let mut left = self.marks.songs.clone();
        let all = (0..self.rows.len()).filter_map(|entry| self.rows.song(entry));
        all.filter(|song| left.remove(&*song.path)).cloned().collect()
    }

    /// Marks the songs under the cursor, or unmarks them where all of them are marked.
    pub(super) fn mark_songs(&mut self) {
        let songs = self.under_cursor();
        if songs.iter().all(|song| self.marks.songs.contains(&*song.path)) {
            for song in &songs {
                self.marks.songs.remove(&*song.path);
            }
        } else {
            self.marks.songs.extend(songs.iter().map(|song| song.path.to_path_buf()));
        }
    }
}
