//! Why the user's playlists, signatures or moods are not changed or read.

use std::path::PathBuf;

use thiserror::Error;

use crate::library::change::NotUndone;
use crate::library::moods::MoodError;
use crate::library::playlists::PlaylistsError;
use crate::library::signatures::SignatureError;

/// Why the user's playlists, signatures or moods are not changed or read. The `Display` form is one line.
#[derive(Debug, Error)]
pub(super) enum ChangeError {
    /// A playlist cannot be read or changed.
    #[error(transparent)]
    Playlist(#[from] PlaylistsError),
    /// A saved signature cannot be read or changed.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The moods cannot be read or changed.
    #[error(transparent)]
    Mood(#[from] MoodError),
    /// The list would be written into a file that is there.
    #[error("{}: is there already; `:{command} {}` writes over it", file.display(), file.display())]
    Taken {
        /// The file.
        file: PathBuf,
        /// The command that writes over it, without the file.
        command: String,
    },
    /// There are no mixes that could be ended.
    #[error("there are no mixes; :mix makes some")]
    NoMixes,
    /// A step is not among the last changes.
    #[error("that change can no longer be undone")]
    Forgotten,
    /// A change cannot be undone.
    #[error(transparent)]
    NotUndone(#[from] NotUndone),
    /// A signature was not changed, and its mood is lost.
    #[error("{why}; the hours of {name} are lost")]
    HoursLost {
        /// Why the signature was not changed.
        #[source]
        why: SignatureError,
        /// Its name.
        name: String,
    },
    /// The disk takes nothing, and too many changes wait for it.
    #[error("{why}: {change} is not changed: too many changes are waiting already")]
    TooMany {
        /// Why the first of them waits.
        why: String,
        /// What is not changed.
        change: String,
    },
}
