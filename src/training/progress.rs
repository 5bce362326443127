//! Progress messages of a training.

use serde::{Deserialize, Serialize};

use super::EpochReport;

/// One genre of a data set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Genre {
    /// Its name.
    pub name: String,
    /// Training clips.
    pub clips: usize,
    /// Artists of these clips; `None` if the data does not name artists.
    pub artists: Option<usize>,
}

/// The stage of a training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Reading the data.
    #[default]
    Reading,
    /// Timing the first steps, to choose the number of epochs.
    Timing,
    /// Learning.
    Learning,
    /// Aligning the new dimensions with the old ones.
    Aligning,
    /// Comparing with the encoder in use.
    Judging,
    /// Writing the report.
    Reporting,
}

impl Stage {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Stage::Reading => "reading the data",
            Stage::Timing => "timing the first steps",
            Stage::Learning => "learning",
            Stage::Aligning => "aligning the dimensions with the old ones",
            Stage::Judging => "comparing with the encoder in use",
            Stage::Reporting => "writing the report",
        }
    }
}

/// A progress message of a training.
#[derive(Clone, Debug)]
pub enum Progress {
    /// A new stage begins.
    Stage(Stage),
    /// The data has been read.
    Ready {
        /// Number of training, validation and test clips.
        clips: [usize; 3],
        /// The genres, sorted by name.
        genres: Vec<Genre>,
        /// Whether there is a teacher to learn from.
        teacher: bool,
    },
    /// The plan; sent again when it changes.
    Plan {
        /// Total number of epochs.
        epochs: usize,
        /// Latest time at which it stops, in seconds since the Unix epoch.
        ends: Option<i64>,
    },
    /// The previous epochs of a resumed run.
    Earlier(Vec<EpochReport>),
    /// A step was completed.
    Step {
        /// Epoch, counted from 1.
        epoch: usize,
        /// Step within the epoch, counted from 1.
        step: usize,
        /// Steps per epoch.
        steps: usize,
        /// Its loss.
        loss: f64,
        /// The learning rate of the step, if known.
        rate: Option<f64>,
    },
    /// An epoch was completed, logged and saved.
    Epoch(EpochReport),
    /// Recall of each genre on the validation clips, in the order of the genres; `None` for a genre without such clips.
    Genres(Vec<Option<f64>>),
    /// A message for the user.
    Note(String),
}
