//! The state of the screen: focus, cursors, marks, prompt, open page. The session has copies of focus and cursors only.

mod act;
mod find;
mod input;
mod library;
pub mod lists;
mod mouse;
mod pending;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ratatui::layout::{Rect, Size};

use crate::app::Model;
use crate::app::commands::row::{Selection, Takes};
use crate::app::state::session::View;
use crate::config::{self, Columns};
use crate::library::Song;
use crate::library::grouping::By;
use crate::queue::Item;

use self::lists::Saved;
use self::mouse::Mouse;
use self::pending::Pending;
use super::common::Common;
use super::keymap::Keymap;
use super::layout::{Layout, Pane};
use super::list::{Column, Cursor, MARGIN, Marks, Rows, window};
use super::pages;
use super::pane::{self, Page, PageInput};
use super::progress::Steps;
use super::prompt::{History, Prompt};
use super::search::Search;

/// A request that only the loop can carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Repaint every cell.
    Redraw,
    /// Suspend to the shell.
    Suspend,
}

/// The state of the screen.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    /// The focused list.
    pub focus: Pane,
    /// The library's cursor: `at` is the index of a song, `top` that of a row.
    pub library: Cursor,
    /// The queue's cursor: `at` and `top` are indices of items.
    pub queue: Cursor,
    /// The cursors of the playlists.
    pub saved: Saved,
    /// The columns of the queue that the user chose, in their order.
    pub columns: Vec<config::Column>,
    /// The marked songs and items.
    pub marks: Marks,
    /// The open prompt.
    pub prompt: Option<Prompt>,
    /// The page over the lists, and the first line of it that is shown.
    pub page: Option<(Page, usize)>,
    /// The last search.
    pub search: Option<Search>,
    /// The library's rows.
    pub rows: Rows,
    /// What the library is grouped by.
    pub by: By,
    /// The first row shown of the groups, and of their albums.
    pub tops: [usize; 2],
    /// How far scanning and analysis are, as it is shown.
    pub progress: Steps,
    /// What the reasons of the automatic tracks ahead have in common.
    pub common: Common,
    /// The key bindings.
    pub keymap: Keymap,
    /// The column of the library that was chosen; see [`Screen::column`].
    column: Column,
    mouse: Mouse,
    back: bool,
    size: Size,
    pending: Pending,
    history: History,
    /// The text that narrows the open page.
    narrow: String,
    request: Option<Request>,
    /// The filter before another one is typed, restored if the prompt is cancelled.
    filter: String,
    /// The song under the library's cursor, and the serial number of the item under the queue's, to find them again
    /// when the lists change.
    song: Option<PathBuf>,
    item: Option<u64>,
    /// Serial number of the playing item when last settled.
    current: Option<u64>,
    /// The revision of the queue when last settled.
    revision: u64,
}

impl Screen {
    /// The initial screen.
    pub fn new(keymap: Keymap) -> Screen {
        Screen { keymap, columns: Columns::default().queue, ..Screen::default() }
    }

    /// Sets the size of the terminal.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
    }

    /// Takes the pending request to the loop.
    pub fn take_request(&mut self) -> Option<Request> {
        self.request.take()
    }

    /// Adapts rows, marks, cursors and scroll positions to the model. Call after every update and
    /// key, before drawing.
    pub fn settle(&mut self, model: &Model) {
        self.progress.renew(&model.progress, model.now);
        self.common.renew(model);
        self.settle_library(model);
        let items = model.queue.items();
        // A cursor on the playing item follows when another one plays.
        let current = model.playing().map(|i| i.serial);
        if current != self.current && current.is_some() && self.item == self.current {
            self.item = current;
        }
        self.current = current;
        // The cursor stays on its item when the queue changes.
        let held = self.item.filter(|serial| items.get(self.queue.at).is_none_or(|i| i.serial != *serial));
        if let Some(index) = held.and_then(|serial| items.iter().position(|i| i.serial == serial)) {
            self.queue.at = index;
        }
        self.queue.by(0, items.len());
        self.item = items.get(self.queue.at).map(|i| i.serial);
        // Items that have left the queue lose their marks.
        if self.revision != model.queue.revision() && !self.marks.items.is_empty() {
            let there: HashSet<u64> = items.iter().map(|i| i.serial).collect();
            self.marks.items.retain(|serial| there.contains(serial));
        }
        self.revision = model.queue.revision();
        self.settle_lists(model);
        let area = Rect::new(0, 0, self.size.width, self.size.height);
        let height = Layout::of(area).map_or(0, |layout| Layout::rows_of(layout.queue().0).height);
        self.queue.top = window(self.queue.top, self.queue.at, items.len(), usize::from(height), self.margin());
        if let Some((page, top)) = &mut self.page {
            let input = PageInput { bindings: self.keymap.bindings(), narrow: &self.narrow };
            // The line at the bottom stays free below a page that opens over the lists.
            let over = Rect { height: area.height.saturating_sub(u16::from(!page.pane.is_view())), ..area };
            *top = (*top).min(pages::furthest(*page, model, input, over));
        }
    }

    /// The open view: the page, or else the focused list.
    fn open_view(&self) -> &'static dyn pane::Pane {
        match (&self.page, self.focus) {
            (Some((page, _)), _) => page.pane,
            (None, Pane::Library) => pages::LIBRARY,
            (None, Pane::Queue) => pages::QUEUE,
            (None, Pane::Saved) => pages::SAVED,
        }
    }

    /// What the open page is given.
    pub fn page_input(&self) -> PageInput<'_> {
        PageInput { bindings: self.keymap.bindings(), narrow: &self.narrow }
    }

    /// Rows that are kept visible around the cursor; none after a click, which must not move the rows under the mouse.
    pub fn margin(&self) -> usize {
        if self.mouse.clicked() { 0 } else { MARGIN }
    }

    /// The focus and cursors, to be saved with the session.
    pub fn place(&self) -> View {
        let song = self.song.as_deref().and_then(Path::to_str).map(PathBuf::from);
        View { queue: self.focus == Pane::Queue, song, item: self.queue.at }
    }

    /// Restores saved focus and cursors. Call [`Screen::settle`] afterwards.
    pub fn take_up(&mut self, view: View, model: &Model) {
        self.focus = if view.queue { Pane::Queue } else { Pane::Library };
        if let Some(entry) = view.song.as_deref().and_then(|path| self.rows.entry(path)) {
            self.library.at = entry;
        }
        // Rows of another catalog are built by `settle`, which then looks for the song.
        self.song = view.song.or(self.song.take());
        self.queue.at = view.item;
        self.item = None;
        // Otherwise `settle` would take the playing item as new, and move the cursor to it.
        self.current = model.playing().map(|i| i.serial);
    }

    /// The songs that a command applies to: the marked ones in the list's order, or else the one under the cursor.
    pub fn selected(&self, model: &Model) -> Vec<Arc<Song>> {
        match self.focus {
            Pane::Library if self.marks.songs.is_empty() => self.under_cursor(),
            Pane::Library => self.marked_songs(),
            Pane::Saved => self.listed_songs(model),
            Pane::Queue => self.selected_items(model).map(|i| i.song.clone()).collect(),
        }
    }

    fn selected_items<'a>(&self, model: &'a Model) -> impl Iterator<Item = &'a Item> {
        let under = model.queue.items().get(self.queue.at).map(|i| i.serial);
        let marks = self.marks.items.clone();
        let chosen =
            move |i: &&Item| if marks.is_empty() { Some(i.serial) == under } else { marks.contains(&i.serial) };
        model.queue.items().iter().filter(chosen)
    }

    /// Moves the queue's cursor to an index, limited to the last item.
    pub(super) fn place_in_queue(&mut self, index: usize, model: &Model) {
        self.queue.at = index.min(model.queue.items().len().saturating_sub(1));
        // Otherwise `settle` would move the cursor back to the previous item.
        self.item = model.queue.items().get(self.queue.at).map(|i| i.serial);
    }

    /// The part of the selection that a command takes. Clears the marks if the command uses them
    /// up and there is such a part; closes the page that explains an item if the command takes that item.
    fn take(&mut self, takes: Takes, argument: &str, model: &Model) -> Selection {
        let bare = argument.is_empty();
        // What cannot be seen is not meant: a command then applies to what plays.
        if self.page.is_some_and(|(page, _)| page.pane.is_view()) {
            return Selection::default();
        }
        let (selection, unmarks) = match takes {
            Takes::Songs { when, unmarks } if when(argument) => {
                (Selection { songs: self.selected(model), items: Vec::new() }, unmarks)
            }
            Takes::Proposals | Takes::Proposal if bare && self.explained().is_some() => {
                let items = self.explained().into_iter().collect();
                self.page = None;
                (Selection { songs: Vec::new(), items }, matches!(takes, Takes::Proposals))
            }
            Takes::Items { .. } | Takes::Proposals if bare => {
                let items = self.selected_items(model).map(|i| i.serial).collect();
                (self.in_queue(items), !matches!(takes, Takes::Items { unmarks: false }))
            }
            Takes::Proposal if bare => {
                let under = model.queue.items().get(self.queue.at).map(|i| i.serial);
                (self.in_queue(under.into_iter().collect()), false)
            }
            Takes::Nothing | Takes::Songs { .. } | Takes::Items { .. } | Takes::Proposals | Takes::Proposal => {
                return Selection::default();
            }
        };
        // A command that found nothing to work on leaves the marks, for instance `remove` in the library.
        if unmarks && !(selection.songs.is_empty() && selection.items.is_empty()) {
            match self.focus {
                Pane::Library => self.marks.songs.clear(),
                Pane::Queue => self.marks.items.clear(),
                Pane::Saved => {}
            }
        }
        selection
    }

    /// A selection of these items if the queue is focused, else an empty one.
    fn in_queue(&self, items: Vec<u64>) -> Selection {
        if self.focus == Pane::Queue { Selection { songs: Vec::new(), items } } else { Selection::default() }
    }

    /// Serial number of the item that the open page explains.
    fn explained(&self) -> Option<u64> {
        match self.page {
            Some((page, _)) if page.pane.id() == pages::WHY.id() => page.about,
            _ => None,
        }
    }
}

#[cfg(test)]
mod hint_tests;
#[cfg(test)]
mod keys_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod views_tests;
