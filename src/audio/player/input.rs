//! The messages to the control thread, and the channel for its events.

use std::path::PathBuf;

use crossbeam_channel::Sender;

use crate::audio::output::device::Wish;
use crate::audio::output::{Opened, OutputError};
use crate::audio::{Command, Event, Sounding};
use crate::track::FileFault;

/// A message to the control thread.
pub(crate) enum Input {
    /// From the player's owner.
    Command(Command),
    /// From the decode thread.
    Mark(Mark),
    /// The device of the stream with this number is gone.
    Lost(u64),
    /// An attempt to open a device has ended.
    Opened {
        /// Number of the attempt.
        attempt: u64,
        /// The number that its stream would have.
        stream: u64,
        /// What was to be opened.
        wish: Wish,
        /// The output, or why there is none.
        result: Result<Box<Opened>, OutputError>,
    },
    /// A test asks for an answer once everything due by now has been done: the number of the attempt to open a device
    /// that is still in progress.
    #[cfg(test)]
    Look(Sender<Option<u64>>),
}

/// One request to play a track.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Start {
    /// Identifies this start.
    pub token: u64,
    /// Its file.
    pub path: PathBuf,
    /// Gain, rate and crossfade.
    pub sounding: Sounding,
}

/// An event tied to a frame of the ring.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    /// The `Play` or `Stop` that it belongs to; marks of earlier rounds are stale.
    pub round: u64,
    /// Frame, counted from the stream's first.
    pub at: u64,
    /// What happens there.
    pub what: What,
}

/// The kind of a mark.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// A track begins at position `offset` in seconds; `secs` is its duration, if known.
    Begin { start: Start, secs: Option<f64>, offset: f64 },
    /// The track ends.
    End { token: u64 },
    /// The track cannot be played, or not to its end.
    Fail { token: u64, why: FileFault },
}

/// Where events go.
#[derive(Clone)]
pub(super) struct Events(pub Sender<Event>);

impl Events {
    /// Sends an event to the player's owner.
    pub fn tell(&self, event: Event) {
        // Fails only if there is no receiver: the player is about to be dropped.
        let _ = self.0.send(event);
    }
}
