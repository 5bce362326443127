//! The covers on the screen: which are wanted, and which hang there.

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::app::state::covers::Wanted;
use crate::app::{Model, Msg};
use crate::picture::Drawn;
use crate::tui::draw::info;
use crate::tui::places::{Place, Places};

use super::Screen;

impl Screen {
    /// Decides which covers are wanted and shown. The screen needs to be settled otherwise.
    pub(super) fn settle_covers(&mut self, model: &Model) {
        let (Some(art), Some(layout)) = (self.art, self.layout()) else {
            self.places = Places::default();
            return;
        };
        let wanted = |path: &Arc<std::path::Path>, area: Rect| (!area.is_empty()).then(|| art.wanted(path, area));
        let playing = model.playing().filter(|item| !item.away);
        let player = playing.and_then(|item| wanted(&item.song.path, layout.cover));
        self.places.player.settle(player, &model.covers);
        let under = if layout.info.is_empty() { None } else { self.under(model) };
        let info = under.and_then(|song| wanted(&song.path, info::cover_at(model, &song, layout.info)));
        self.places.info.settle(info, &model.covers);
        let tiles: Vec<Option<Wanted>> = self.cover_places().iter().map(|(path, area)| wanted(path, *area)).collect();
        self.places.tiles.resize_with(tiles.len(), Place::default);
        for (place, wanted) in self.places.tiles.iter_mut().zip(tiles) {
            place.settle(wanted, &model.covers);
        }
    }

    /// The cover of what plays, if it has one and there is room for it.
    pub fn player_cover(&self) -> Option<&Arc<Drawn>> {
        self.places.player.drawn.as_ref()
    }

    /// The cover of the track under the cursor, likewise, for the panel about it.
    pub fn info_cover(&self) -> Option<&Arc<Drawn>> {
        self.places.info.drawn.as_ref()
    }

    /// The cover of an album in the grid, likewise, by its place among those that are shown.
    pub fn tile_cover(&self, nth: usize) -> Option<&Arc<Drawn>> {
        self.places.tiles.get(nth)?.drawn.as_ref()
    }

    /// The covers that are wanted, the one that matters most first.
    pub fn wanted_covers(&self) -> impl Iterator<Item = &Wanted> {
        let places = [&self.places.player, &self.places.info].into_iter().chain(&self.places.tiles);
        places.filter_map(|place| place.wanted.as_ref())
    }

    /// Asks for a cover that is not known, one at a time. Those of a grid on a huge screen may be more than are kept: then the last
    /// ones are not asked for.
    pub(super) fn ask_for_cover(&self, model: &Model) -> Option<Msg> {
        if model.covers.is_reading() {
            return None;
        }
        let unknown = self.wanted_covers().find(|wanted| model.covers.get(wanted).is_none())?;
        let tiled =
            ![&self.places.player, &self.places.info].iter().any(|place| place.wanted.as_ref() == Some(unknown));
        if tiled && !model.covers.has_room(self.wanted_covers()) {
            return None;
        }
        Some(Msg::CoverWanted(Box::new(unknown.clone())))
    }
}

#[cfg(test)]
#[path = "covers_tests.rs"]
mod tests;
