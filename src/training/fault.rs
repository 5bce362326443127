//! Why a training could not go on, as far as anybody decides by it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::files;

/// Why a training ended without a result. Displayed, it is one line for the user.
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
    /// It was stopped before the first epoch was complete: nothing is lost, and there is nothing to judge. In words.
    #[error("{0}")]
    Early(String),
    /// The new encoder is good and could not be put in use: why, and where it is kept.
    #[error("{cause}; the new encoder is not in use, it is kept as {}", kept.display())]
    Unpublished {
        /// Why.
        cause: Box<Fault>,
        /// The encoder's file.
        kept: PathBuf,
    },
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl Fault {
    /// For `map_err`: a file that cannot be written.
    pub fn unwritten(path: &Path) -> impl FnOnce(io::Error) -> Fault + '_ {
        |cause| Fault::Unwritten { path: path.to_owned(), cause }
    }

    /// Whether a file of the run could not be written, for whatever reason.
    pub fn is_unwritten(&self) -> bool {
        match self {
            Fault::Unwritten { .. } => true,
            Fault::Encoder(e) => e.chain().any(|cause| cause.is::<io::Error>()),
            Fault::Unpublished { cause, .. } => cause.is_unwritten(),
            Fault::Early(_) | Fault::Other(_) => false,
        }
    }

    /// Whether the disk is full, or the user's quota used up.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Fault::Unwritten { cause, .. } => files::is_full(cause),
            Fault::Encoder(e) => e.chain().filter_map(|cause| cause.downcast_ref()).any(files::is_full),
            Fault::Unpublished { cause, .. } => cause.is_disk_full(),
            Fault::Early(_) | Fault::Other(_) => false,
        }
    }
}

impl From<String> for Fault {
    fn from(why: String) -> Fault {
        Fault::Other(why)
    }
}

/// Where a training's fault is only shown.
impl From<Fault> for String {
    fn from(fault: Fault) -> String {
        fault.to_string()
    }
}
