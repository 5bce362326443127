//! The records of the store: one per file, and one latent per track.

use serde::{Deserialize, Serialize};

use crate::track::{FileFault, Probe, Stat};

/// Dimensions of a latent on disk; equal to `latent::DIMS`, which this room may not import.
pub(super) const DIMS: usize = 32;

/// The record of one file of the library.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The file's stat when it was read.
    pub stat: Stat,
    /// The result of reading it.
    pub outcome: Outcome,
    /// Why it could not be decoded and embedded, if it could not.
    pub listen_fault: Option<FileFault>,
    /// When the file, or another one of its track, was first seen, in seconds since the Unix epoch.
    pub added: u64,
    /// How its tags were read ([`TagEncoding::mark`](crate::config::TagEncoding::mark)). Postcard encodes numbers below
    /// 128 as it did when this was a single byte, so old records remain readable.
    pub tags_version: u16,
    /// When it was found missing, in seconds since the Unix epoch; a file on an unmounted disk is not forgotten soon.
    pub gone_since: Option<u64>,
}

/// The result of probing a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// The file is playable.
    Probed(Probe),
    /// The file is not playable.
    Failed {
        /// The reason.
        why: FileFault,
        /// How many workers died or timed out on this version of the file; see `worker::quarantine`.
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
    /// Number of segments.
    pub segments: u8,
    /// The genre head's scores, one per class of the model, or none.
    pub genres: Vec<f32>,
    /// The probability of each tag of the model's card (independent of each other), or none. Stored in steps that are
    /// finest near 0.
    pub tags: Vec<f32>,
}

impl FileRecord {
    /// Whether an older jukebox read the file, or its tags were read in another way than `mark` states
    /// ([`TagEncoding::mark`](crate::config::TagEncoding::mark)), so that tags and identity must be read again.
    pub fn is_outdated(&self, mark: u16) -> bool {
        let known_before = matches!(&self.outcome, Outcome::Probed(probe) if probe.track.is_former());
        self.tags_version != mark || known_before
    }
}
