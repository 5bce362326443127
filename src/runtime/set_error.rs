//! Why a set of tracks is not found, compared, tried or written.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::store::private;

/// Why a set of tracks is not found, compared, tried or written. The `Display` form is one line.
#[derive(Debug, Error)]
pub(super) enum SetError {
    /// What is said of a question about the library, or by an engine that proposes nothing.
    #[error("{0}")]
    Unanswered(String),
    /// No track of a saved signature is in the library.
    #[error("none of the {missing} tracks of '{name}' is in the library")]
    Signature {
        /// Its name.
        name: String,
        /// How many tracks it has.
        missing: usize,
    },
    /// The same of a mood's.
    #[error("mood {name}: none of its {missing} tracks is in the library")]
    Mood {
        /// Its name.
        name: String,
        /// How many tracks it has.
        missing: usize,
    },
    /// No track of a set is in the library.
    #[error("no track of {0} is in the library")]
    Absent(String),
    /// A playlist cannot be read: why; or, if that is empty, none of its tracks is in the library.
    #[error("{}", if .0.is_empty() { "it has no track of the library" } else { .0 })]
    Playlist(String),
    /// The same of a playlist of this name.
    #[error("{name}: {why}")]
    Named {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        why: Box<SetError>,
    },
    /// A smart playlist has no tracks of its own that there could be more of.
    #[error("a filter says what is in it; :playlist open and :playlist save make one of tracks of it")]
    Filter,
    /// Nothing of a set is analysed yet.
    #[error("nothing of {0} is analysed yet")]
    Unanalysed(String),
    /// The file cannot be written.
    #[error("{}: not written: {}", file.display(), private::explain(cause))]
    Unwritten {
        /// The file.
        file: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
}

impl SetError {
    /// What is said of a question about the library.
    pub fn unanswered(fault: impl Into<String>) -> SetError {
        SetError::Unanswered(fault.into())
    }
}
