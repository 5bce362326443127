//! Errors of the installation's models.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::latent::soundness::SoundnessError;
use crate::text;

/// Why a model cannot be found, kept or used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The directory of the models cannot be read.
    #[error("cannot read the models in {}: {cause}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {cause}", path.display())]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// The file of the model in use cannot be removed.
    #[error("cannot remove {}: {cause}", path.display())]
    Unremoved {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// No other model was in use before.
    #[error("no other model was used before this one")]
    NoPrevious,
    /// The model that was in use before is not there any more.
    #[error("the model that was used before no longer exists")]
    PreviousGone,
    /// There is no such model.
    #[error("there is no model `{}`: there are {}", text::sanitize(wanted), names.join(", "))]
    Unknown {
        /// The name, or digits, that was asked for.
        wanted: String,
        /// The names that there are.
        names: Vec<String>,
    },
    /// The digits fit several models.
    #[error("several models' hashes begin with {0}: give more digits, or a name")]
    Ambiguous(String),
    /// The model's file is damaged.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// What is to be kept is no model.
    #[error("it is not kept: {0:#}")]
    NotKept(anyhow::Error),
    /// The name cannot be given to a model.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The model is not used.
    #[error("{model} is not used: {why}{how}")]
    Unused {
        /// The model's name, file or both.
        model: String,
        /// The reason.
        why: Unfit,
        /// What to do, after a semicolon; may be empty.
        how: &'static str,
    },
}

impl ModelError {
    /// For `map_err`: the error of writing to `path`.
    pub(in crate::training) fn unwritten(path: &Path) -> impl FnOnce(io::Error) -> ModelError + '_ {
        |cause| ModelError::Unwritten { path: path.to_owned(), cause }
    }
}

/// Why a name cannot be given to a model.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// It is empty, too long, or has characters that a file's name should not have.
    #[error("a model's name is 1 to 64 letters, digits, dots, dashes and underscores")]
    Letters,
    /// The program itself gives this name.
    #[error("`{0}` is reserved: choose another name")]
    Reserved(String),
    /// Another model has it.
    #[error("another model has the name {0}: choose another name")]
    Taken(String),
}

/// What is wrong with a model's file. The reasons are texts, so that it can be kept in a list of models.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Damage {
    /// A built-in model cannot be read.
    #[error("the built-in model {name} is broken: {why}")]
    BuiltIn {
        /// Its name.
        name: String,
        /// What the reader of encoders says.
        why: String,
    },
    /// The file is larger than any encoder.
    #[error("{} is too large to be a model; remove it", .0.display())]
    TooLarge(PathBuf),
    /// The file cannot be read.
    #[error("cannot read {}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// A file among the models is no encoder.
    #[error("{} is not usable: {why}; remove it", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the reader of encoders says.
        why: String,
    },
    /// A file of the user, or one that has changed since it was listed, is no encoder.
    #[error("{name}: {why}")]
    NoModel {
        /// The file or the model's name.
        name: String,
        /// What the reader of encoders says.
        why: String,
    },
}

/// Why a model that can be read is of no use to the player.
#[derive(Debug, Error)]
pub enum Unfit {
    /// It cannot be loaded or run.
    #[error("{0:#}")]
    Encoder(#[from] anyhow::Error),
    /// It takes images that the player does not make.
    #[error("it needs images of {bands} bands and {steps} steps, which the player does not make; it can be measured")]
    Images {
        /// Mel bands of an image.
        bands: usize,
        /// Time steps of an image.
        steps: usize,
    },
    /// Its output is unusable.
    #[error(transparent)]
    Output(#[from] SoundnessError),
}
