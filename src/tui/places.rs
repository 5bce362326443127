//! The places for covers on the screen, and what hangs there.

use std::sync::Arc;

use crate::app::state::covers::{Covers, Wanted};
use crate::picture::Drawn;

/// A place for a cover.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The cover that belongs there.
    pub wanted: Option<Wanted>,
    /// The cover that hangs there.
    pub drawn: Option<Arc<Drawn>>,
}

impl Place {
    /// Shows the cover that is wanted now, once it is known. Until then that of a file in the same directory stays, so
    /// that an album keeps its cover from track to track.
    pub fn settle(&mut self, wanted: Option<Wanted>, covers: &Covers) {
        match wanted.as_ref().map(|wanted| (wanted, covers.get(wanted))) {
            Some((_, Some(known))) => self.drawn = known.cloned(),
            Some((wanted, None)) if self.is_beside(wanted) => {}
            _ => self.drawn = None,
        }
        self.wanted = wanted;
    }

    /// Whether what hangs here is of the same size, and of a file in the same directory.
    fn is_beside(&self, other: &Wanted) -> bool {
        self.wanted.as_ref().is_some_and(|own| {
            (own.within, own.form) == (other.within, other.form) && own.path.parent() == other.path.parent()
        })
    }
}

/// The places for covers.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Beside what plays.
    pub player: Place,
    /// In the panel about the track under the cursor.
    pub info: Place,
    /// In the grid of albums: those that are shown, in their order.
    pub tiles: Vec<Place>,
}
