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
    /// A test asks for an answer when everything that is due by now has been done: the number of the attempt to open a
    /// device that is still in progress.
    #[cfg(test)]
    Look(Sender<Option<u64>>),
}

/// One start of a track.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Start {
    /// Name of this start.
    pub token: u64,
    /// Its file.
    pub path: PathBuf,
    /// How it is to sound.
    pub sounding: Sounding,
}

/// Something that is true from a frame of the ring on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    /// The `Play` or `Stop` that it belongs to; marks of earlier rounds are stale.
    pub round: u64,
    /// Frame, counted from the stream's first.
    pub at: u64,
    /// What begins or ends there.
    pub what: What,
}

/// What a mark marks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// A track begins, at `offset` seconds of it; `secs` is its duration, where that is known.
    Begin { start: Start, secs: Option<f64>, offset: f64 },
    /// It was heard to its end.
    End { token: u64 },
    /// It cannot be played (on).
    Fail { token: u64, why: FileFault },
}

/// Where events go.
#[derive(Clone)]
pub(super) struct Events(pub Sender<Event>);

impl Events {
    /// Tells the player's owner something.
    pub fn tell(&self, event: Event) {
        // Without a receiver the player is about to be dropped.
        let _ = self.0.send(event);
    }
}
