//! Errors of the directory of a run, and of the lock of all of them.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a run cannot be begun, continued or shown.
#[derive(Debug, Error)]
pub enum RunError {
    /// The directory has a run that is not to be continued.
    #[error("{} already has a run: add --resume to continue it, or choose another directory", .0.display())]
    Taken(PathBuf),
    /// There is no run, or what it was begun with cannot be read.
    #[error("there is no run to continue in {}: {file}: {cause}", directory.display())]
    NoRun {
        /// The directory.
        directory: PathBuf,
        /// The file that is missing.
        file: &'static str,
        /// The system's error.
        cause: io::Error,
    },
    /// What the run was begun with is damaged, or of another version.
    #[error("{} cannot be used ({cause}): start a new run", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The parser's error.
        cause: serde_json::Error,
    },
    /// The directory cannot be made.
    #[error("cannot make the run directory {}: {cause}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// A file of the run cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// A file that tells how the run stands is damaged.
    #[error("{file}: {cause}")]
    Damaged {
        /// The file's name.
        file: String,
        /// The system's error, or the parser's.
        cause: io::Error,
    },
}

/// Why the lock of trainings cannot be taken.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another training holds it.
    #[error("another training is running{}: wait for it or stop it", who(*pid, run))]
    Held {
        /// Its process; `None` if that is not known.
        pid: Option<i32>,
        /// The directory of its run.
        run: PathBuf,
    },
    /// The file of the lock cannot be used.
    #[error("cannot use the lock {}: {cause}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
}

fn who(pid: Option<i32>, run: &std::path::Path) -> String {
    pid.map_or_else(String::new, |pid| format!(" (pid {pid}, its run is {})", run.display()))
}
