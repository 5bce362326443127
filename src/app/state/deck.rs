//! The deck: what is needed to go from one track to another.

use std::time::Duration;

use crate::library::Catalog;
use crate::queue::Queue;
use crate::track::TrackId;

use super::auto::AutoQueue;
use super::faults::Faults;
use super::filling::Filling;
use super::notices::Notices;
use super::order::Order;
use super::playback::Playback;
use super::sounds::Sounds;

/// The parts of a session that are needed to go from one track to another.
#[derive(Debug)]
pub(in crate::app) struct Deck<'a> {
    /// The queue, whose current item plays.
    pub queue: &'a mut Queue,
    /// What plays.
    pub play: &'a mut Playback,
    /// Which item comes next, and when playback stops.
    pub order: &'a mut Order,
    /// The automatic queue: what it proposed is judged by whether it is heard.
    pub auto: &'a mut AutoQueue,
    /// The tracks that were heard, the latest last; at most [`HEARD`](super::model::HEARD).
    pub heard: &'a mut Vec<TrackId>,
    /// Files that cannot be used.
    pub faults: &'a mut Faults,
    /// Gains and crossfade.
    pub sounds: &'a Sounds,
    /// The library.
    pub catalog: &'a Catalog,
    /// Where the user is told what cannot be played.
    pub notices: Notices<'a>,
    /// The time since the start.
    pub now: Duration,
}

impl Deck<'_> {
    /// The filling of the queue; the same as `Model::filling`.
    pub fn filling(&mut self) -> Filling<'_> {
        Filling {
            queue: self.queue,
            auto: self.auto,
            play: self.play,
            repeat: self.order.modes.repeat,
            crossfade: self.sounds.crossfade,
            now: self.now,
        }
    }
}
