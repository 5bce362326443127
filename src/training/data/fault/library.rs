//! Errors of the user's library as data.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::lacking::REMEDY;

/// Why an encoder cannot learn from the library.
#[derive(Debug, Error)]
pub enum LibraryError {
    /// The program has no library at hand.
    #[error("there is no library to learn from; use other data, such as --data tree:DIR")]
    Missing,
    /// The encoder hears images that are not kept of the library.
    #[error("the library has no full mels, which this encoder needs: use --data tree:DIR or fma:DIR")]
    OtherImages,
    /// The library has no tracks.
    #[error("the library is empty: `jukebox scan DIR` first, or learn from folders: --data tree:DIR")]
    Empty,
    /// The snapshot cannot be used.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A line of the snapshot names no track.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The image cache cannot be opened.
    #[error("{}: the images of the library cannot be read: {cause}", path.display())]
    Images {
        /// The cache.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// The images of a track cannot be read.
    #[error("{}: {cause}", path.display())]
    Image {
        /// The cache.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// No track has a genre.
    #[error("the library cannot teach an encoder: none of its {0} tracks has a genre tag.{REMEDY}")]
    Untagged(usize),
    /// No track with a genre has images.
    #[error(
        "the library cannot teach an encoder: {tracks} tracks have a genre, but no images are kept of them ({}). \
         To do: `jukebox scan` keeps what the encoder in use hears; `jukebox train --encoder` can name one that hears \
         the same, and `jukebox model use` another.", cache.display()
    )]
    NoImages {
        /// Number of tracks with a genre.
        tracks: usize,
        /// The cache that should have their images.
        cache: PathBuf,
    },
}

/// What is wrong with a snapshot of the library.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// It cannot be read.
    #[error("{}: the snapshot of the library cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// It cannot be written.
    #[error("{}: the snapshot cannot be written: {cause}", path.display())]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// A line is no track.
    #[error("{}, line {line}: not a track: {cause}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        cause: EntryError,
    },
}

/// Why a line of a snapshot is no track.
#[derive(Debug, Error)]
pub enum EntryError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is no JSON of a track.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Its identity is none; the parser's message.
    #[error("{0}")]
    Identity(String),
}
