//! What plays next: the queue, the engines that propose tracks, and the policy that picks from them.

// The queue's own file, in the room of the same name.
#[allow(clippy::module_inception)]
pub mod queue;

mod albums;
mod away;
pub mod course;
pub mod director;
pub mod engine;
mod facts;
#[cfg(test)]
mod fixture;
mod items;
pub mod modes;
pub mod next;
mod order;
pub mod plugin;
pub mod policy;
pub mod signature_engine;
mod standing;
pub mod taste;
pub mod versions;

pub use albums::AlbumsEngine;
pub use course::{Blend, Course};
pub use director::Director;
pub use engine::{Context, Engine, Find, Guide, members};
pub use modes::{Mode, Modes, Repeat, Shuffle};
pub use queue::Queue;
pub use signature_engine::{SignatureEngine, prior, signature_report};
pub use taste::Taste;
pub use versions::{Versions, song_key};

use std::sync::Arc;

use crate::library::Song;
use crate::track::TrackId;

pub use crate::latent::{Step, Term, Way, Why};

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
    /// Whether the library does not have its file, or not yet. It stays where it is and is passed over.
    pub away: bool,
}

/// What a proposal request needs to know of the session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Situation {
    /// What the signature is made of: the tracks that the user chose.
    pub playlist: Vec<TrackId>,
    /// What plays now.
    pub playing: Option<TrackId>,
    /// What already stands in the queue after it.
    pub ahead: Vec<TrackId>,
    /// What was heard, the latest last.
    pub heard: Vec<TrackId>,
    /// Tracks that the user does not want.
    pub refused: Vec<TrackId>,
    /// Artists that the user does not want now, in lower case.
    pub artists_off: Vec<String>,
    /// A direction or a journey that is not at its end.
    pub course: Option<Course>,
    /// What is followed, when it is a blend; `playlist` then holds its sets to be like.
    pub blend: Option<Blend>,
    /// Whether the user's taste counts.
    pub taste: bool,
}
