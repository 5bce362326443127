//! The state of the session that an engine gets, and what it proposes.

use super::course::{Blend, Course};
use super::limits::Limits;
use crate::latent::Why;
use crate::track::TrackId;

/// The state of the session at a request for proposals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Situation {
    /// The tracks that the user chose, from which the signature is made.
    pub playlist: Vec<TrackId>,
    /// The playing track.
    pub playing: Option<TrackId>,
    /// The upcoming tracks in the queue.
    pub ahead: Vec<TrackId>,
    /// The tracks heard, the latest last.
    pub heard: Vec<TrackId>,
    /// Tracks that the user rejected.
    pub refused: Vec<TrackId>,
    /// Artists that the user currently excludes, in lower case.
    pub artists_off: Vec<String>,
    /// The unfinished direction or journey, if any.
    pub course: Option<Course>,
    /// The blend that is followed, if any; `playlist` then holds the tracks of its sets to be like.
    pub blend: Option<Blend>,
    /// Whether the learned taste is applied.
    pub taste: bool,
    /// What must hold for every pick.
    pub limits: Limits,
    /// Automatic tracks that were played, play or are ahead, the latest last, as far as shares of genres look back.
    pub picked: Vec<TrackId>,
    /// Automatic tracks ahead that stay as far as the limits let them pass, in playing order. `ahead` is without them.
    pub staying: Vec<TrackId>,
}

impl Situation {
    /// Notes that these were picked: they come next.
    pub fn pick(&mut self, picks: impl IntoIterator<Item = TrackId>) {
        for track in picks {
            self.ahead.push(track);
            self.picked.push(track);
        }
    }
}

/// A track that an engine proposes; a higher score is better.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The track.
    pub id: TrackId,
    /// The score, on the engine's own scale.
    pub score: f32,
    /// The reason.
    pub why: Why,
}
