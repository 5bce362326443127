//! The sets of tracks that a question can be about.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::track::TrackId;

/// A set of tracks, which has a signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Set {
    /// These tracks.
    Tracks(Vec<TrackId>),
    /// These files, and the files of these directories.
    Files {
        /// The files.
        #[serde(with = "crate::paths::raw::list")]
        paths: Vec<PathBuf>,
        /// Whether each file means its whole album.
        albums: bool,
    },
    /// Every track of an artist.
    Artist(String),
    /// A saved signature.
    Saved(String),
    /// The whole library.
    Library,
}

/// A set with its label and choice of dimensions. Without a choice, the set's own is used, or else one by test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// The label for the user.
    pub label: String,
    /// The tracks.
    pub set: Set,
    /// The choice of dimensions, as the user writes it.
    pub choice: Option<String>,
}
