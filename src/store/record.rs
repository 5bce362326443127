//! The records of the store: what is known of a file, and a track's latent.

use serde::{Deserialize, Serialize};

use crate::track::{FileFault, Probe, Stat};

/// Dimensions of a latent on disk; equal to `latent::DIMS`, which this room may not import.
pub(super) const DIMS: usize = 32;

/// What is known of one file of the library.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The stat it had when it was looked at.
    pub stat: Stat,
    /// What the look found.
    pub outcome: Outcome,
    /// Why it could not be listened to (decoded and embedded), if it could not.
    pub listen_fault: Option<FileFault>,
    /// When it, or another file of its track, was seen first, seconds since the Unix epoch.
    pub added: u64,
    /// How its tags were read ([`TagEncoding::mark`](crate::config::TagEncoding::mark)). Postcard writes numbers below 128 as
    /// it did when this was one byte, so that records of then are read as they are.
    pub tags_version: u16,
    /// When it was found missing, seconds since the Unix epoch; a file on an unmounted disk is not forgotten at once.
    pub gone_since: Option<u64>,
}

/// What a first look at a file found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is playable.
    Probed(Probe),
    /// It is not.
    Failed {
        /// Why.
        why: FileFault,
        /// How many workers died or timed out over this stat of it; see `worker::quarantine`.
        strikes: u8,
    },
}

/// One track's latent in one generation.
#[derive(Clone, Debug, PartialEq)]
pub struct LatentRecord {
    /// Mean over the analysed segments.
    pub mean: [f32; DIMS],
    /// Standard deviation over the segments, per dimension.
    pub spread: [f32; DIMS],
    /// How many segments.
    pub segments: u8,
    /// The genre head's scores, one per class of the model, or none.
    pub genres: Vec<f32>,
    /// The probability of every tag of the model's card, each for itself, or none. A store keeps them in steps that are finest near 0.
    pub tags: Vec<f32>,
}

impl FileRecord {
    /// Whether an older jukebox looked at the file, or its tags were read in another way than `mark` says
    /// ([`TagEncoding::mark`](crate::config::TagEncoding::mark)): tags and identity are to be read again.
    pub fn is_outdated(&self, mark: u16) -> bool {
        let known_before = matches!(&self.outcome, Outcome::Probed(probe) if probe.track.is_former());
        self.tags_version != mark || known_before
    }
}
