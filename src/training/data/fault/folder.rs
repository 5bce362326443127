//! Errors of folders of audio files.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why `tree:DIR` or `fma:DIR` cannot be used.
#[derive(Debug, Error)]
pub enum FolderError {
    /// A directory cannot be read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Unreadable {
        /// The directory.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// No audio file is in a folder named by a genre.
    #[error(
        "{}: no audio files in folders; `tree:` needs a folder for each genre, such as DIR/Jazz/one.mp3", .0.display()
    )]
    NoGenres(PathBuf),
    /// The directory has no folder of FMA's clips.
    #[error("{}: contains no fma_small; unpack fma_small.zip there", .0.display())]
    NoSubset(PathBuf),
    /// None of FMA's clips is there.
    #[error("{}: none of the {listed} clips of {} is there", path.display(), table.display())]
    NoClips {
        /// The folder of the clips.
        path: PathBuf,
        /// Number of clips that the table lists.
        listed: usize,
        /// The table.
        table: PathBuf,
    },
}
