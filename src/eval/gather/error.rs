//! Errors of gathering a corpus.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::analysis::error::{ModelError, ThreadError};
use crate::store::StoreError;

/// Why there is no corpus. Its `Display` form is one line.
#[derive(Debug, Error)]
pub enum GatherError {
    /// The model in use cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The analysis cannot be started.
    #[error(transparent)]
    Thread(#[from] ThreadError),
    /// The analysis failed; its last words.
    #[error("{0}")]
    Analysis(String),
    /// The analysis ended before it was done, without a reason.
    #[error("the analysis ended early")]
    Ended,
    /// The user's model cannot be read.
    #[error("{}: the model in use cannot be read: {cause}", path.display())]
    ModelUnread {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// The user's model cannot be copied.
    #[error("{}: the model cannot be written here: {cause}", path.display())]
    ModelUnwritten {
        /// The file of the copy.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// There is no store.
    #[error("there is no library yet; run `jukebox scan DIR` first, or use --data tree:DIR")]
    NoLibrary,
    /// Another process has the store.
    #[error("a jukebox is running and holds the library: quit it first, or use --data tree:DIR")]
    Held,
    /// The store cannot be read.
    #[error("{}: {cause}", path.display())]
    Store {
        /// The directory of the store.
        path: PathBuf,
        /// The store's error.
        #[source]
        cause: StoreError,
    },
    /// No track is analysed; the name of the corpus.
    #[error("{0}: no analysed tracks; run `jukebox scan` first")]
    NoTracks(String),
}
