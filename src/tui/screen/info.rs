//! The panel about the track under the cursor: whether it is open, and what it asks for.

use std::sync::Arc;

use crate::app::{Model, Msg};
use crate::library::Song;
use crate::queue::Item;
use crate::tui::layout::Pane;
use crate::tui::pages;

use super::Screen;

impl Screen {
    /// Opens the panel, or closes it.
    pub(super) fn toggle_info(&mut self) -> Vec<Msg> {
        if self.page.is_some_and(|(page, _)| page.pane.is_view()) {
            return vec![Msg::hint("the panel is about tracks: it opens in the library, the queue and the playlists")];
        }
        self.page = None;
        self.info = !self.info;
        Vec::new()
    }

    /// The song under the cursor of the focused list; of a group or an album its first. None on the name of a saved list.
    pub fn under(&self, model: &Model) -> Option<Arc<Song>> {
        match self.focus {
            Pane::Library => self.rows.song(self.library.at).cloned(),
            Pane::Queue => self.item_under(model).map(|item| item.song.clone()),
            Pane::Saved if self.saved.inside => self.list(model)?.songs.get(self.saved.song.at).cloned(),
            Pane::Saved => None,
        }
    }

    /// The item under the cursor of the queue; `None` in the other lists.
    pub fn item_under<'a>(&self, model: &'a Model) -> Option<&'a Item> {
        model.queue.items().get(self.queue.at).filter(|_| self.focus == Pane::Queue)
    }

    /// Asks about the song under the cursor while the panel or the map is open, and again when what is known of it may have changed.
    pub(super) fn inspect(&mut self, model: &Model) -> Option<Msg> {
        let song = match self.shows(pages::MAP) {
            true => self.map_song(model),
            false if self.info => self.under(model),
            false => None,
        }?;
        let about = (song.path.to_path_buf(), model.revisions.sound + model.revisions.fits);
        if self.requests.about.as_ref() == Some(&about) {
            return None;
        }
        self.requests.about = Some(about);
        Some(Msg::Inspect(song.path.to_path_buf()))
    }
}
