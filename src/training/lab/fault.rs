//! Errors of the lab.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::training::MeasureError;

/// Why an experiment cannot be run or listed.
#[derive(Debug, Error)]
pub enum LabError {
    /// There is no such arm.
    #[error("--only {wanted}: no such arm; there are {}", names.join(", "))]
    NoArm {
        /// What was asked for.
        wanted: String,
        /// The names that there are.
        names: Vec<String>,
    },
    /// All pilots of an arm diverged, so that no rate can be chosen.
    #[error(
        "{arm}: all its pilots diverged; run it by itself at a lower rate: --only {arm} --rate {:e}", lowest / 10.0
    )]
    Pilots {
        /// The arm.
        arm: String,
        /// The lowest rate of its pilots.
        lowest: f64,
    },
    /// The run was begun with other settings.
    #[error("{}: {run} was begun with another configuration; remove it to begin anew", path.display())]
    OtherConfiguration {
        /// The run's directory.
        path: PathBuf,
        /// The run.
        run: String,
    },
    /// The run was begun on other clips, or from another encoder than the one that it would begin from now.
    #[error("{}: {run} was begun from other clips or another encoder; remove it to begin anew", path.display())]
    OtherClips {
        /// The run's directory.
        path: PathBuf,
        /// The run.
        run: String,
    },
    /// A run that begins from an encoder has none to begin from.
    #[error("{0}: there is no encoder to begin from")]
    NoStart(String),
    /// The directory of a run cannot be made.
    #[error("{}: {cause}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// A record cannot be read or written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A training failed.
    #[error("{run}: {cause:#}")]
    Training {
        /// The run.
        run: String,
        /// What the encoder says.
        cause: anyhow::Error,
    },
    /// A finished run cannot be measured.
    #[error("{run}: {cause}")]
    Measure {
        /// The run.
        run: String,
        /// The reason.
        cause: MeasureError,
    },
    /// A thread of a run ended unexpectedly.
    #[error("a run failed unexpectedly")]
    Panicked,
}

/// What is wrong with the record of a run.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The record cannot be read or written.
    #[error("{}: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// The records' directory cannot be read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// The record cannot be understood.
    #[error("{}: {cause}; remove it, and the run begins anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The parser's error.
        cause: serde_json::Error,
    },
    /// The run cannot be written as JSON.
    #[error("{run}: {cause}")]
    Json {
        /// The run.
        run: String,
        /// The writer's error.
        cause: serde_json::Error,
    },
}

impl RecordError {
    /// For `map_err`: the error of reading or writing the record at `path`.
    pub(in crate::training::lab) fn io(path: &Path) -> impl FnOnce(io::Error) -> RecordError + '_ {
        |cause| RecordError::Io { path: path.to_owned(), cause }
    }
}

/// Why a data set has no clips for an experiment.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClipsError {
    /// There are too few clips to train or validate on.
    #[error(
        "{data}: it has {training} clips to train on and {validation} to validate on, and two and one are needed: use \
         music of more artists, or mend the splits in clips.tsv"
    )]
    TooFew {
        /// The data set's name.
        data: String,
        /// Number of clips to train on.
        training: usize,
        /// Number of clips to validate on.
        validation: usize,
    },
    /// There are no test clips.
    #[error(
        "{0}: it has no test clips, on which Table 4 is measured: use music of more artists, or give some tracks the \
         split `test` in clips.tsv"
    )]
    NoTest(String),
    /// Table 4 takes strobe images alone.
    #[error("{0}: Table 4 takes strobe images; use strobe:DIR, tree:DIR or fma:DIR")]
    NoStrobes(String),
    /// The outlook takes views alone, which are strobe images.
    #[error("{0}: the outlook takes strobe images, which it draws from audio in folders named by genre; use tree:DIR")]
    NoViews(String),
    /// Transfer takes patches alone.
    #[error("{0}: transfer takes patches, which are made from audio; use tree:DIR or fma:DIR")]
    NoPatches(String),
    /// The data set has no views at other pitches, which an arm takes.
    #[error("{0}: its tracks are not there at other pitches")]
    NoPitches(String),
    /// The images are of a kind that has no powers.
    #[error("{0}: the lab takes strobe images or powers; use strobe:DIR, tree:DIR or fma:DIR")]
    NoPowers(String),
}

/// Why the page of results cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PageError {
    /// The marks of a part are missing.
    #[error("the marks `{begin}` and `{end}` are missing")]
    NoMarks {
        /// The mark before the part.
        begin: String,
        /// The mark after it.
        end: String,
    },
    /// A line of the curves of others is none.
    #[error("line {0}: a curve's name, an epoch and an accuracy are wanted")]
    Curve(usize),
}
