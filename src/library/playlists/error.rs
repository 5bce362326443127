//! Errors of the user's playlists.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::library::name::NameError;
use crate::library::playlist::{PlaylistError, SmartError};
use crate::store::private;

/// Why one of the user's playlists could not be read or changed. Its `Display` form is one line.
#[derive(Debug, Error)]
pub enum PlaylistsError {
    /// The name is not allowed.
    #[error(transparent)]
    Name(#[from] NameError),
    /// There is no playlist of this name.
    #[error("no playlist '{name}'{}", instead(names))]
    Missing {
        /// The name.
        name: String,
        /// The names of all playlists.
        names: Vec<String>,
    },
    /// The playlist is a smart one.
    #[error("'{0}' is a smart playlist: it has a filter, not tracks")]
    Smart(String),
    /// A playlist with tracks has the name of a smart one to be saved.
    #[error("playlist '{0}' already exists: delete it first")]
    OfTracks(String),
    /// A smart playlist has the name of one with tracks to be saved.
    #[error("smart playlist '{0}' already exists: delete it first")]
    OfFilter(String),
    /// The name of a smart playlist to be saved is that of another one.
    #[error("smart playlist '{0}' already exists; `:playlist smart! {0} …` replaces it")]
    SmartExists(String),
    /// The name of a playlist to be saved is that of another one.
    #[error("playlist '{0}' already exists; `:playlist add {0}` adds to it, `:playlist save! {0}` replaces it")]
    Exists(String),
    /// The new name of a playlist is that of another one.
    #[error("playlist '{0}' already exists; choose another name, or delete it first")]
    Taken(String),
    /// A playlist with tracks could not be read or written.
    #[error(transparent)]
    List(#[from] PlaylistError),
    /// A smart playlist could not be parsed.
    #[error("{}: {cause}", path.display())]
    Filter {
        /// The file.
        path: PathBuf,
        /// What is wrong with its text.
        #[source]
        cause: SmartError,
    },
    /// A file could not be read, renamed or replaced.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// A copy, or a file of the mixes, could not be written or removed.
    #[error("{}: {}", path.display(), private::explain(cause))]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// A file could not be backed up, so it was not replaced.
    #[error("{}: not replaced, because no backup could be made: {cause}", path.display())]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// A mix that was just written cannot be read.
    #[error("{}: cannot be read", .0.display())]
    Unreadable(PathBuf),
}

impl PlaylistsError {
    /// For `map_err`: the error of the file at `path`.
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> PlaylistsError + '_ {
        |cause| PlaylistsError::File { path: path.to_owned(), cause }
    }

    /// For `map_err`: the error of writing or removing the file at `path`.
    pub(in crate::library) fn unwritten(path: &Path) -> impl FnOnce(io::Error) -> PlaylistsError + '_ {
        |cause| PlaylistsError::Unwritten { path: path.to_owned(), cause }
    }
}

/// For callers that only show the error.
impl From<PlaylistsError> for String {
    fn from(error: PlaylistsError) -> String {
        error.to_string()
    }
}

/// What there is instead of a missing playlist.
fn instead(names: &[String]) -> String {
    match names.is_empty() {
        true => ": none are saved yet".into(),
        false => format!("; there are: {}", names.join(", ")),
    }
}
