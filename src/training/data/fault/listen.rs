//! Errors of listening to audio files.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why no file can be listened to, or what was heard cannot be kept.
#[derive(Debug, Error)]
pub enum ListenError {
    /// A cache cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A worker process cannot be started; the message says why.
    #[error("cannot start a worker process: {0}")]
    NoWorker(String),
    /// The threads that drive worker processes cannot be started; a message of those who start them.
    #[error("{0}")]
    NoThread(String),
}

/// Why a cache of what was heard cannot be used.
#[derive(Debug, Error)]
pub enum CacheError {
    /// Another process writes to it.
    #[error("{}: another jukebox is analysing into it; wait until it is done", .0.display())]
    Busy(PathBuf),
    /// Reading or writing failed.
    #[error("{}: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
}

impl CacheError {
    /// For `map_err`: the error of using the cache at `path`.
    pub(in crate::training::data) fn of(path: &Path) -> impl Fn(io::Error) -> CacheError + '_ {
        |cause| match cause.kind() {
            ErrorKind::WouldBlock => CacheError::Busy(path.to_owned()),
            _ => CacheError::Io { path: path.to_owned(), cause },
        }
    }
}

/// Why there are no images or descriptors of one file.
#[derive(Debug, Error)]
pub enum Unheard {
    /// Nothing is to be heard in it.
    #[error("silent from beginning to end")]
    Silent,
    /// Nobody has listened to it.
    #[error("was not analysed")]
    Skipped,
    /// It cannot be decoded; a message of the worker.
    #[error("{0}")]
    Refused(String),
    /// What was heard of it cannot be read.
    #[error(transparent)]
    Cache(#[from] CacheError),
}
