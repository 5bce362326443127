//! What plays next: the queue, the engines that propose tracks, and the policy that picks from them.

// `queue` is the data structure; its module is named like the parent.
#[allow(clippy::module_inception)]
pub mod queue;

mod albums;
mod away;
mod candidate;
pub mod course;
pub mod director;
pub mod engine;
mod error;
mod explain;
mod facts;
#[cfg(test)]
mod fixture;
mod former;
mod items;
mod liking;
pub mod limits;
pub mod modes;
pub mod next;
mod order;
pub mod plugin;
pub mod policy;
mod reasons;
mod renew;
pub mod signature_engine;
mod situation;
mod standing;
pub mod taste;
pub mod versions;

pub use albums::AlbumsEngine;
pub use course::{Blend, Course};
pub use director::Director;
pub use engine::{Context, Engine, Find, Guide, members};
pub use error::{DirectorError, EngineError};
pub use explain::why_fits;
pub use former::{Conditions, Former};
pub use limits::{Gate, Kinds, Limits, Spacing};
pub use modes::{Mode, Modes, Repeat, Shuffle};
pub use queue::Queue;
pub use signature_engine::{SignatureEngine, prior, signature_report};
pub use situation::{Proposal, Situation};
pub use taste::Taste;
pub use versions::{Versions, song_key};

use std::sync::Arc;

use crate::library::Song;

pub use crate::latent::{Step, Term, Way, Why};

/// Who put a track into the queue.
#[derive(Clone, Debug, PartialEq)]
// Boxing would gain nothing: automatic items are few, and their reasons are read on every frame.
#[allow(clippy::large_enum_variant)]
pub enum Origin {
    /// The user.
    Hand,
    /// An engine, for a reason.
    Auto(Why),
}

/// A track in the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Identifies this entry; never reused.
    pub serial: u64,
    /// The song.
    pub song: Arc<Song>,
    /// Who put it there.
    pub origin: Origin,
    /// Whether its file is missing from the library, perhaps only for now. The item keeps its place
    /// and is skipped.
    pub away: bool,
}
