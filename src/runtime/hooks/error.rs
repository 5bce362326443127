//! What can go wrong with a hook.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use thiserror::Error;

use crate::text::words::SplitError;

/// What went wrong with a hook. The `Display` form is one line.
#[derive(Debug, Error)]
pub(super) enum HookError {
    /// Its line cannot be split into words.
    #[error(transparent)]
    Line(#[from] SplitError),
    /// The program cannot be started.
    #[error("{program}: cannot be started: {cause}")]
    Unstarted {
        /// The program.
        program: String,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// There is no thread that would notice its end.
    #[error("{program}: was ended, as it cannot be watched: {cause}")]
    Unwatched {
        /// The program.
        program: String,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// The program failed.
    #[error("{program}: ended with {status}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// The system does not tell how the program ended.
    #[error("{program}: {cause}")]
    Unknown {
        /// The program.
        program: String,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// The program did not end in time.
    #[error("{program}: still ran after {} seconds and was ended", limit.as_secs())]
    TooLong {
        /// The program.
        program: String,
        /// How long it may run.
        limit: Duration,
    },
}
