//! What followers of the session (scripts, hooks, the desktop) were told last, so that they hear of every change once.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::playback::State;
use crate::queue::{Repeat, Shuffle};

/// Seconds by which the position must differ from where playback would have come, to count as a jump.
const JUMP: f64 = 2.0;

/// What was announced last. Nothing is while nobody follows.
#[derive(Clone, Debug, Default)]
pub struct Announced {
    /// Whether anybody follows.
    pub(in crate::app) followed: bool,
    /// Whether somebody has joined since the last announcement, who is to hear everything as it is.
    pub(in crate::app) joined: bool,
    /// The session when it was last announced.
    pub(in crate::app) last: Option<Last>,
}

/// The session as far as it is announced.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) struct Last {
    /// The current item's serial number and file.
    pub playing: Option<(u64, Arc<Path>)>,
    /// Whether it plays.
    pub state: State,
    /// Percent.
    pub volume: u8,
    /// The queue's revision, and how many tracks come.
    pub queue: (u64, usize),
    /// The modes that desktops know.
    pub modes: (Repeat, Shuffle),
    /// The choice of dimensions, and the saved signature that is followed.
    pub signature: (String, String),
    /// The stage, the files done and all files of it.
    pub analysis: (String, usize, usize),
    /// Seconds from the track's beginning.
    pub position: f64,
    /// When the position was that, since the start.
    pub at: Duration,
}

impl Announced {
    /// From now on changes are announced, and to whoever has joined first everything as it is.
    pub(in crate::app) fn begin(&mut self) {
        (self.followed, self.joined) = (true, true);
    }

    /// Keeps what the next changes are compared with; whoever had joined was told everything.
    pub(in crate::app) fn note(&mut self, last: Last) {
        (self.last, self.joined) = (Some(last), false);
    }
}

impl Last {
    /// Whether the position is not where playback would have come since `before`.
    pub fn jumped(&self, before: &Last) -> bool {
        let passed = match before.state {
            State::Playing => self.at.saturating_sub(before.at).as_secs_f64(),
            State::Paused | State::Stopped => 0.0,
        };
        // Ticks and positions arrive apart from each other, so either may be ahead.
        self.position < before.position - JUMP || self.position > before.position + passed + JUMP
    }
}
