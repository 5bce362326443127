//! What a data set lacks to teach an encoder.

use std::fmt;

use thiserror::Error;

/// Advice for a library that is insufficient.
pub(super) const REMEDY: &str = "\n  To do: give more tracks a genre with a tagger (Picard, beets), gather rare genres under \
                                 common ones in [train.genres] of config.toml, listen to the rest with `jukebox scan`, \
                                 learn from folders named by genre (--data tree:DIR), or without genres from a public tagger (--from-teacher).";
/// The most notes that the message has.
const NOTES: usize = 12;

/// Why an encoder cannot be trained and judged with a data set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Insufficient {
    /// The data set's name.
    pub data: String,
    /// What it lacks.
    pub lack: Lack,
    /// What was left out or merged, and why.
    pub notes: Vec<String>,
}

/// What a data set lacks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Lack {
    /// Genres.
    #[error("no genre has enough artists and tracks; two are needed")]
    Genres,
    /// A second genre beside this one.
    #[error("{0} is its only genre with enough artists and tracks; two are needed")]
    SecondGenre(String),
    /// Clips to train on.
    #[error("it has nothing to train on")]
    Training,
    /// Clips to choose the epoch by.
    #[error("none of it is held out for validation")]
    Validation,
    /// Artists that are not trained on.
    #[error("{artists} artists are held out for testing, {needed} are needed")]
    HeldOut {
        /// Number of them.
        artists: usize,
        /// Number that is needed.
        needed: usize,
    },
}

impl fmt::Display for Insufficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot teach an encoder: {}.", self.data, self.lack)?;
        self.notes.iter().take(NOTES).try_for_each(|note| write!(f, "\n  {note}"))?;
        if self.notes.len() > NOTES {
            write!(f, "\n  and {} more", self.notes.len() - NOTES)?;
        }
        f.write_str(REMEDY)
    }
}
