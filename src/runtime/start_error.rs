//! Why a part of the runtime cannot be started.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::analysis::error::ThreadError;

/// Why a part of the runtime cannot be started. The `Display` form is one line.
#[derive(Debug, Error)]
pub enum StartError {
    /// A thread.
    #[error("cannot start {what}: {cause}")]
    Thread {
        /// Which one, in words.
        what: String,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// A thread of the analysis.
    #[error(transparent)]
    Analysis(#[from] ThreadError),
    /// The system does not hand signals over.
    #[error("signals cannot be handled: {0}")]
    Signals(#[source] io::Error),
    /// The system does not report changes of the configuration.
    #[error("{}: changes take effect at the next start only: it cannot be watched: {cause}", file.display())]
    Unwatched {
        /// The configuration file.
        file: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
}

impl StartError {
    /// For `map_err`: a thread cannot be started; which one, in words.
    pub fn thread(what: &str) -> impl FnOnce(io::Error) -> StartError + '_ {
        move |cause| StartError::Thread { what: what.into(), cause }
    }
}
