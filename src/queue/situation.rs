//! What an engine is told of the session, and what it proposes.

use super::course::{Blend, Course};
use crate::latent::Why;
use crate::track::TrackId;

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
