//! What depends on what is seen: the lyrics, and the size of a cell for pictures.

use std::time::Duration;

use crate::app::Model;

use super::{Haste, Host, Ui};

impl Ui {
    /// When the next line or word of the lyrics begins, if the player does not report before that.
    pub fn lyrics_due(&self) -> Option<Duration> {
        let Model { singing, play, now, .. } = &self.model;
        singing.due(play, self.model.playing()?.song.track, *now)
    }

    /// Time has passed: lights the line of the lyrics that has begun.
    pub fn light(&mut self, now: Duration) {
        self.model.now = now;
        let lit = self.model.lit();
        if lit != self.lit {
            self.lit = lit;
            self.screen.settle(&self.model);
            self.want(Haste::Now);
        }
    }

    /// Takes notice of the size of the terminal's cells in pixels, which follows its font.
    pub(super) fn measure(&mut self, cell: Option<(u16, u16)>, host: &mut dyn Host) {
        if let Some(art) = &mut self.screen.art {
            art.measure(cell);
            self.settle(host);
        }
    }
}
