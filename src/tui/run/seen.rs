//! What depends on what is seen: the lyrics, the terminal that shows it, and the size of a cell for pictures.

use std::time::Duration;

use ratatui::layout::Size;

use crate::app::Model;
use crate::ask::screen::Terminal;
use crate::tui::stage;

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

    /// Whether anybody looks: for nobody lyrics, sound, trainings, map and covers are not read.
    pub(super) fn watch(&mut self, watched: bool, host: &mut dyn Host) {
        if self.screen.unseen == watched {
            self.screen.unseen = !watched;
            if !watched {
                self.screen.art = None;
            }
            self.attend(host);
        }
    }

    /// Another terminal shows the screen from now on.
    pub(super) fn appear(&mut self, terminal: &Terminal) {
        let (width, height) = terminal.size;
        self.looks.show_on(stage::display(terminal), &mut self.theme);
        self.screen.art = stage::art(terminal);
        self.resize(Size { width, height });
        self.anew = true;
    }

    /// Takes notice of the size of the terminal's cells in pixels, which follows its font.
    pub(super) fn measure(&mut self, cell: Option<(u16, u16)>, host: &mut dyn Host) {
        if let Some(art) = &mut self.screen.art {
            art.measure(cell);
            self.settle(host);
        }
    }
}
