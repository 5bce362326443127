//! The sets of tracks that a question can be about.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::track::TrackId;

/// Some tracks that have a signature together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Set {
    /// These tracks.
    Tracks(Vec<TrackId>),
    /// These files, directories' files included.
    Files {
        /// The files.
        #[serde(with = "crate::paths::raw::list")]
        paths: Vec<PathBuf>,
        /// Whether each stands for its whole album.
        albums: bool,
    },
    /// Every track of an artist.
    Artist(String),
    /// A saved signature.
    Saved(String),
    /// Everything.
    Library,
}

/// A set with what the user calls it and which dimensions it goes by; no choice means its own, else by test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// What the user calls it.
    pub label: String,
    /// The tracks.
    pub set: Set,
    /// The choice of dimensions, as the user writes it.
    pub choice: Option<String>,
}
