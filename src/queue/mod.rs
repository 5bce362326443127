//! What plays next: the queue, engines that propose, the policy that picks.

pub mod queue;

pub use queue::Queue;

use std::sync::Arc;

use crate::library::Song;
use crate::track::TrackId;

/// Why a track was proposed: facts, put into words by `describe`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    /// The engine that proposed it.
    pub engine: String,
    /// A plugin's own words (sanitised), empty for built-in engines.
    pub text: String,
    /// The playlist member that it is nearest to, if any.
    pub nearest: Option<TrackId>,
    /// Fit: the share of the library (or of the members' own leave-one-out distances) that lies farther, 0 to 1.
    pub fit: Option<f32>,
    /// Dimensions that count most for it, the most important first: (dimension counted from 1, its share of the
    /// signature distance; negative is nearer).
    pub dims: Vec<(u8, f32)>,
}

/// A track that an engine proposes; a higher score is better.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The track.
    pub id: TrackId,
    /// How good, on the engine's own scale.
    pub score: f32,
    /// Why.
    pub why: Why,
}

/// Who put a track into the queue.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// The user.
    Hand,
    /// An engine, for a reason.
    Auto(Why),
}

/// A track in the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Names this entry for as long as it stands; never reused.
    pub serial: u64,
    /// The song.
    pub song: Arc<Song>,
    /// Who put it there.
    pub origin: Origin,
}
