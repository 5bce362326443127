//! Fitting the screen to the session, and taking up where it stood.

use std::collections::HashSet;

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::state::session::View;
use crate::tui::layout::{Layout, Pane};
use crate::tui::list::window;
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
        PageInput { bindings: self.keymap.bindings(), narrow: &self.narrow }
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
}
