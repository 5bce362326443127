//! Errors of a training, as far as callers distinguish them.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::data::DataError;
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
    /// The encoder failed, or could not write its checkpoint.
    #[error("{0:#}")]
    Encoder(#[from] anyhow::Error),
    /// Stopped before the first epoch was complete: nothing is lost, and there is nothing to judge. A message.
    #[error("{0}")]
    Early(String),
    /// The new encoder is better but could not be put in use.
    #[error("{cause}; the new encoder is not in use, it is kept as {}", kept.display())]
    Unpublished {
        /// The reason.
        cause: Box<Fault>,
        /// The file in which the encoder is kept.
        kept: PathBuf,
    },
    /// The data cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl Fault {
    /// For `map_err`: converts the I/O error of writing to `path`.
    pub fn unwritten(path: &Path) -> impl FnOnce(io::Error) -> Fault + '_ {
        |cause| Fault::Unwritten { path: path.to_owned(), cause }
    }

    /// Whether a file of the run could not be written, for any reason.
    pub fn is_unwritten(&self) -> bool {
        match self {
            Fault::Unwritten { .. } => true,
            Fault::Encoder(e) => e.chain().any(|cause| cause.is::<io::Error>()),
            Fault::Unpublished { cause, .. } => cause.is_unwritten(),
            Fault::Early(_) | Fault::Data(_) | Fault::Other(_) => false,
        }
    }

    /// Whether the disk is full or the user's quota is exhausted.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Fault::Unwritten { cause, .. } => files::is_full(cause),
            Fault::Encoder(e) => e.chain().filter_map(|cause| cause.downcast_ref()).any(files::is_full),
            Fault::Unpublished { cause, .. } => cause.is_disk_full(),
            Fault::Early(_) | Fault::Data(_) | Fault::Other(_) => false,
        }
    }
}

impl From<String> for Fault {
    fn from(why: String) -> Fault {
        Fault::Other(why)
    }
}

/// For callers that only show the error.
impl From<Fault> for String {
    fn from(fault: Fault) -> String {
        fault.to_string()
    }
}
