//! Errors of a training, as far as callers distinguish them.

mod measure;
mod model;
mod run;
mod tagger;
mod time;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

pub use measure::{AlignError, MeasureError};
pub use model::{Damage, ModelError, NameError, Unfit};
pub use run::{LockError, RunError};
pub use tagger::ImportError;
pub use time::{ClockError, ParseTimeError};

use super::data::DataError;
use super::limit::span;
use crate::files;

/// Why a training ended without a result. Its `Display` form is one line for the user.
#[derive(Debug, Error)]
pub enum Fault {
    /// A file cannot be written.
    #[error("cannot write {}: {cause}", path.display())]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// The data cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The data has no clips to train or validate on.
    #[error("{0}: its split has no clips to train on or none to validate on")]
    Split(String),
    /// The run's directory cannot be used.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The encoder failed, or could not write its checkpoint.
    #[error("{0:#}")]
    Encoder(#[from] anyhow::Error),
    /// The encoder cannot be measured.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// There is no time for one epoch.
    #[error(
        "going through the data once takes about {} here, and there {} left: give it more time",
        span(*epoch), remaining(*left)
    )]
    NoTime {
        /// The time that an epoch takes.
        epoch: Duration,
        /// The time that is left.
        left: Duration,
    },
    /// Stopped before the training began.
    #[error("stopped before the training began")]
    NotBegun,
    /// Stopped before the first epoch was complete: nothing is lost, and there is nothing to judge.
    #[error("{}{cause:#}", if *time_up { "out of time, " } else { "" })]
    Early {
        /// What the encoder says.
        cause: anyhow::Error,
        /// Whether the time was up; otherwise the user stopped it.
        time_up: bool,
    },
    /// The new encoder cannot be aligned with the one in use.
    #[error(transparent)]
    Align(#[from] AlignError),
    /// The new encoder cannot be kept or put in use.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The new encoder is better but could not be put in use.
    #[error("{cause}; the new encoder is not in use, it is kept as {}", kept.display())]
    Unpublished {
        /// The reason.
        cause: Box<Fault>,
        /// The file in which the encoder is kept.
        kept: PathBuf,
    },
}

/// The time that is left, after "there".
fn remaining(left: Duration) -> String {
    if left.is_zero() { "is no time".into() } else { format!("are only {}", span(left)) }
}

impl Fault {
    /// For `map_err`: converts the I/O error of writing to `path`.
    pub fn unwritten(path: &Path) -> impl FnOnce(io::Error) -> Fault + '_ {
        |cause| Fault::Unwritten { path: path.to_owned(), cause }
    }

    /// The system's error if a file of the run could not be written.
    fn writing(&self) -> Option<&io::Error> {
        match self {
            Fault::Unwritten { cause, .. } | Fault::Model(ModelError::Unwritten { cause, .. }) => Some(cause),
            Fault::Encoder(e) => e.chain().find_map(|cause| cause.downcast_ref()),
            Fault::Unpublished { cause, .. } => cause.writing(),
            _ => None,
        }
    }

    /// Whether a file of the run could not be written, for any reason.
    pub fn is_unwritten(&self) -> bool {
        self.writing().is_some()
    }

    /// Whether the disk is full or the user's quota is exhausted.
    pub fn is_disk_full(&self) -> bool {
        self.writing().is_some_and(files::is_full)
    }
}

/// For callers that only show the error.
impl From<Fault> for String {
    fn from(fault: Fault) -> String {
        fault.to_string()
    }
}
