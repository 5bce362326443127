//! The filling of the queue: by picks of an engine, and up to its end.

use std::time::Duration;

use crate::analysis::Progress;
use crate::library::Catalog;
use crate::queue::{Queue, Repeat};
use crate::track::TrackId;

use super::auto::AutoQueue;
use super::playback::Playback;

/// The parts of a session that decide how far the queue is filled.
#[derive(Debug)]
pub(in crate::app) struct Filling<'a> {
    /// The queue.
    pub queue: &'a mut Queue,
    /// What fills it, within which bounds.
    pub auto: &'a mut AutoQueue,
    /// What plays.
    pub play: &'a Playback,
    /// The repeat mode.
    pub repeat: Repeat,
    /// The length of a crossfade in seconds: so much earlier the next item is settled.
    pub crossfade: f32,
    /// The time since the start.
    pub now: Duration,
}

/// What picks are made from.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) struct Stock<'a> {
    /// The library.
    pub catalog: &'a Catalog,
    /// How much of it is analysed.
    pub progress: &'a Progress,
    /// The tracks that were heard, the latest last.
    pub heard: &'a [TrackId],
    /// Whether the store is open: before that no latents are known.
    pub opened: bool,
}
