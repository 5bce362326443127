//! What can go wrong with the model of what usually comes next.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::worker::WorkerError;

/// What went wrong with the model of what usually comes next, or with its report. The `Display` form is one line.
#[derive(Debug, Error)]
pub enum LearnedError {
    /// A file cannot be read or written.
    #[error("{}: {cause}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// The process that trains failed.
    #[error("the next-track model could not be trained: {0}")]
    Untrained(#[source] WorkerError),
    /// The report or the model cannot be read.
    #[error("{}: {why}; `jukebox next-track --train` {again} again", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What the system or its reader says.
        why: String,
        /// What the command does: "writes it" or "trains it".
        again: &'static str,
    },
}

/// For callers that only show the error.
impl From<LearnedError> for String {
    fn from(error: LearnedError) -> String {
        error.to_string()
    }
}
