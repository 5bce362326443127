//! What is told while a training runs.

use super::EpochReport;

/// One genre of a data set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Genre {
    /// Its name.
    pub name: String,
    /// Clips to learn from.
    pub clips: usize,
    /// Artists of these clips, where the data knows artists.
    pub artists: Option<usize>,
}

/// What a training is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Reads the data.
    #[default]
    Reading,
    /// Times the first steps, to know how many epochs fit.
    Timing,
    /// Learns.
    Learning,
    /// Turns the new dimensions onto the old ones.
    Aligning,
    /// Compares with the encoder in use.
    Judging,
    /// Writes the report.
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

/// What is told while a training runs.
#[derive(Clone, Debug)]
pub enum Progress {
    /// It is at something else now.
    Stage(Stage),
    /// The data is read.
    Ready {
        /// Clips of the training, validation and test split.
        clips: [usize; 3],
        /// The genres, in the order of their names.
        genres: Vec<Genre>,
        /// Whether there is a teacher to learn from.
        teacher: bool,
    },
    /// How long it will go on; told anew when that changes.
    Plan {
        /// Epochs in all.
        epochs: usize,
        /// When it will stop at the latest, in seconds since the Unix epoch.
        ends: Option<i64>,
    },
    /// The epochs of a run that is gone on with.
    Earlier(Vec<EpochReport>),
    /// A step is done.
    Step {
        /// Epoch, counted from 1.
        epoch: usize,
        /// Step of the epoch, counted from 1.
        step: usize,
        /// Steps of an epoch.
        steps: usize,
        /// Its loss.
        loss: f64,
        /// The learning rate it was made with, where it is known.
        rate: Option<f64>,
    },
    /// An epoch is done, logged and saved.
    Epoch(EpochReport),
    /// The share of validation clips of each genre whose genre is right, in the order of the genres; `None` for a genre
    /// without such clips.
    Genres(Vec<Option<f64>>),
    /// A line for the user.
    Note(String),
}
