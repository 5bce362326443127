//! Why a set of tracks is not found, compared, tried or written.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::ask::error;
use crate::store::private;

/// Why a set of tracks is not found, compared, tried or written. The `Display` form is one line.
#[derive(Debug, Error)]
pub(super) enum SetError {
    /// A question about the library has no answer.
    #[error(transparent)]
    Unanswered(#[from] error::SetError),
    /// A name means no tracks.
    #[error(transparent)]
    Name(#[from] error::NameError),
    /// No track fits; what is said instead of picks.
    #[error("{0}")]
    NoPicks(String),
    /// No track of a saved signature is in the library.
    #[error("none of the tracks of '{name}' is in the library")]
    Signature {
        /// Its name.
        name: String,
        /// How many tracks it has.
        missing: usize,
    },
    /// The same of a mood's.
    #[error("mood {name}: none of its tracks is in the library")]
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
