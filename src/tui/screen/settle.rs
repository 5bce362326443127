//! Fitting the screen to the session, and taking up where it stood.

use std::collections::HashSet;
use std::sync::Arc;

use ratatui::layout::Rect;

use crate::app::state::session::View;
use crate::app::{Model, Msg};
use crate::library::grouping::By;
use crate::library::playlist::sort;
use crate::tui::kept::{Basis, Kept};
use crate::tui::layout::{Layout, Pane};
use crate::tui::list::{Column, window};
use crate::tui::pages::{self, Laid};
use crate::tui::pane::{self, Page, PageInput};

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
        if self.current != current && self.shows(pages::LYRICS) {
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
        self.settle_added(model);
        self.settle_signature(model);
        self.settle_train(model);
        self.settle_map(model);
        let height = self.layout().map_or(0, |layout| Layout::queue_rows(layout.queue().0).1.height);
        self.queue.top = window(self.queue.top, self.queue.at, items.len(), usize::from(height), self.margin());
        self.settle_log(model);
        self.settle_page(model);
        self.settle_covers(model);
    }

    /// Copies to the session what it saves of the screen, and what is seen of it.
    pub fn note_in(&self, model: &mut Model) {
        model.view = self.place();
        model.trial.seen = self.shows(pages::SIGNATURE);
        model.lists_seen = self.shows_lists();
    }

    /// What the session has to be told of what came on the screen or left it.
    pub fn attended(&self, model: &Model) -> Vec<Msg> {
        let shown = [
            (self.shows(pages::LYRICS), model.singing.shown, Msg::LyricsShown as fn(bool) -> Msg),
            (self.shows(pages::SOUND), model.sound_view.shown, Msg::SoundShown),
            (self.shows(pages::TRAIN), model.training.shown, Msg::TrainShown),
            (self.shows(pages::MAP), model.map.shown, Msg::MapShown),
        ];
        let shown = shown.map(|(now, before, told)| (now && !self.unseen, before, told));
        shown.into_iter().filter(|(now, before, _)| now != before).map(|(now, _, told)| told(now)).collect()
    }

    /// Lays the open page out, unless nothing has changed, and keeps what it is about in sight.
    fn settle_page(&mut self, model: &Model) {
        let kept = self.kept.take();
        // The signature has no lines: `draw::signature` draws it.
        let Some((page, top)) = self.page.filter(|_| !self.shows(pages::SIGNATURE)) else { return };
        let (area, narrow, log) = (self.over(page.pane), self.narrow.clone(), self.log.clone());
        let basis = Basis { page, area, narrow, log, now: model.now, changes: model.changes };
        let kept = Kept::renewed(kept, basis, || pages::laid_out(page, model, self.page_input(), area));
        // What narrows a page, or was searched for in it, is looked through by hand.
        let held = self.held || self.hit.is_some() || !self.narrow.is_empty();
        self.page = Some((page, kept.laid.first_line(top, held)));
        self.kept = Some(kept);
    }

    /// A page in an area, as it was when the screen last settled.
    pub fn laid(&self, page: Page, model: &Model, area: Rect) -> Arc<Laid> {
        match &self.kept {
            Some(kept) if kept.is_of(page, area) => kept.laid.clone(),
            _ => Arc::new(pages::laid_out(page, model, self.page_input(), area)),
        }
    }

    /// The open view: the page, or else the focused list.
    pub fn open_view(&self) -> &'static dyn pane::Pane {
        match (&self.page, self.focus) {
            (Some((page, _)), _) => page.pane,
            (None, Pane::Library) if self.shows_grid() => pages::GRID,
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
        self.grid.on = view.grid;
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
