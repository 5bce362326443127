//! Errors of the analysis.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::store::{GenerationError, StoreError};
use crate::text::shown;
use crate::worker::WorkerError;

/// Why the analysis cannot begin or go on. The `Display` form is one line.
#[derive(Debug, Error)]
pub enum AnalysisError {
    /// Not even the shipped model can be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A thread cannot be started.
    #[error(transparent)]
    Thread(#[from] ThreadError),
    /// The store cannot be opened.
    #[error("{}: {cause}", store.display())]
    Store {
        /// The store's directory.
        store: PathBuf,
        /// Why not.
        cause: StoreError,
    },
    /// What was found last cannot be written to the store.
    #[error("what was found last could not be kept: {0}")]
    Unkept(StoreError),
}

/// A thread cannot be started.
#[derive(Debug, Error)]
#[error("cannot start {what}: {cause}")]
pub struct ThreadError {
    /// The thread in words.
    pub what: &'static str,
    /// The system's error.
    pub cause: io::Error,
}

impl ThreadError {
    /// For `map_err`: converts the error of starting this thread.
    pub(super) fn of(what: &'static str) -> impl FnOnce(io::Error) -> ThreadError {
        move |cause| ThreadError { what, cause }
    }
}

/// Why a model cannot be used. The `Display` form is one line.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The user's model cannot be read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Unreadable {
        /// Its file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// The file of a model that was read before cannot be read again.
    #[error("{}: {cause}", path.display())]
    Lost {
        /// Its file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// The file has been replaced by another model since it was looked at.
    #[error("{} has become another model", .0.display())]
    Replaced(PathBuf),
    /// The user's model is damaged, or no model.
    #[error("{}: not a usable model: {cause}; remove it to go back to the shipped one", path.display())]
    Unusable {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        cause: anyhow::Error,
    },
    /// The shipped model is damaged.
    #[error("the shipped model is broken: {0}")]
    Broken(anyhow::Error),
    /// The player does not make the images that the model takes.
    #[error(
        "{}`{arch}` hears images of {bands} bands and {steps} steps, which the player does not make; \
         `jukebox model use` another",
        path.as_ref().map_or(String::new(), |path| format!("{}: ", path.display()))
    )]
    Unheard {
        /// Its file; `None` for the shipped model.
        path: Option<PathBuf>,
        /// Its architecture.
        arch: String,
        /// The bands of its images.
        bands: usize,
        /// The steps of its images.
        steps: usize,
    },
    /// Its hash cannot name a generation of latents.
    #[error(transparent)]
    Hash(#[from] GenerationError),
}

/// Why the encoder gave no answer. The `Display` form is one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// Its process failed.
    #[error("the encoder failed: {0}")]
    Worker(#[from] WorkerError),
    /// It left images out.
    #[error("the encoder answered {got} of {wanted} images")]
    Short {
        /// How many images it answered.
        got: usize,
        /// How many it was given.
        wanted: usize,
    },
}

shown!(ThreadError, ModelError);
