//! Fitting the screen to the session, and taking up where it stood.

use std::collections::HashSet;

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::state::session::View;
use crate::library::grouping::By;
use crate::library::playlist::sort;
use crate::tui::layout::{Layout, Pane};
use crate::tui::list::{Column, window};
use crate::tui::pages;
use crate::tui::pane::{self, PageInput};

use super::Screen;

impl Screen {
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
        if self.current != current && self.shows_lyrics() {
            // The words of another track are not held where those of the last one were.
            (self.held, self.hit) = (false, None);
            self.page = self.page.map(|(page, _)| (page, 0));
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
        self.settle_queue_sort(model);
        self.revision = model.queue.revision();
        self.settle_lists(model);
        self.settle_signature(model);
        self.settle_train(model);
        let height = self.layout().map_or(0, |layout| Layout::queue_rows(layout.queue().0).1.height);
        self.queue.top = window(self.queue.top, self.queue.at, items.len(), usize::from(height), self.margin());
        self.settle_log(model);
        if let Some((page, top)) = self.page {
            // What narrows a page, or was searched for in it, is looked through by hand.
            let held = self.held || self.hit.is_some() || !self.narrow.is_empty();
            let top = pages::first_line((page, top), held, model, self.page_input(), self.over(page.pane));
            self.page = Some((page, top));
        }
    }

    /// The open view: the page, or else the focused list.
    pub(super) fn open_view(&self) -> &'static dyn pane::Pane {
        match (&self.page, self.focus) {
            (Some((page, _)), _) => page.pane,
            (None, Pane::Library) => pages::LIBRARY,
            (None, Pane::Queue) => pages::QUEUE,
            (None, Pane::Saved) => pages::SAVED,
        }
    }

    /// What the open page is given.
    pub fn page_input(&self) -> PageInput<'_> {
        let sought = self.search.as_ref().filter(|_| self.hit.is_some()).map_or("", |search| search.text.as_str());
        PageInput { bindings: self.keymap.bindings(), narrow: &self.narrow, sought, log: &self.log }
    }

    /// The area in which a page is laid out: the line at the bottom stays free below one that opens over the lists.
    pub(super) fn over(&self, pane: &dyn pane::Pane) -> Rect {
        let height = self.size.height.saturating_sub(u16::from(!pane.is_view()));
        Rect::new(0, 0, self.size.width, height)
    }

    /// Restores saved focus and cursors. Call [`Screen::settle`] afterwards.
    pub fn take_up(&mut self, view: View, model: &Model) {
        self.focus = match (view.playlists, view.queue) {
            (true, _) => Pane::Saved,
            (false, true) => Pane::Queue,
            (false, false) => Pane::Library,
        };
        // An older session does not say how the library is shown; what a file that was edited says may mean nothing.
        self.by = By::named(&view.by).unwrap_or(self.by);
        self.column = Column::named(&view.column).unwrap_or(self.column);
        self.sort = sort::keys(&view.sort).unwrap_or_default();
        self.saved.held = view.list.or(self.saved.held.take());
        // The saved lists are read when they are looked at.
        self.requests.lists = view.playlists;
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
}
