//! Errors of the configuration.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a configuration file was not read. Its `Display` form is one line with the file.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Unread {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// A setting is not valid.
    #[error("{}: {cause}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Which setting, and why.
        #[source]
        cause: SettingError,
    },
}

/// Which setting is not valid. Its `Display` form is one line with the line number, where it is known, and the correct
/// form.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{}{cause}", line.map_or_else(String::new, |line| format!("line {line}: ")))]
pub struct SettingError {
    /// The number of the line, from 1.
    pub line: Option<usize>,
    /// What is wrong.
    #[source]
    pub cause: SettingFault,
}

/// What is wrong with a setting. Its `Display` form names it, but not its line.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SettingFault {
    /// The text is not TOML, or a setting is unknown or of another type; the message of the TOML reader.
    #[error("{0}")]
    Toml(String),
    /// A number is out of range.
    #[error("{key} is {found}; it must be {least} to {most}{unit}")]
    Range {
        /// The dotted key.
        key: &'static str,
        /// The number as written.
        found: String,
        /// The least number.
        least: f64,
        /// The largest number.
        most: f64,
        /// The unit with a space before it, or nothing.
        unit: &'static str,
    },
    /// `player.replaygain` is not one of its words.
    #[error("player.replaygain must be \"off\", \"track\", \"album\" or \"smart\"")]
    ReplayGain,
    /// More tracks are chosen at once than stand ahead.
    #[error("queue.refill must not exceed queue.ahead")]
    Refill,
    /// `analysis.device` is not one of its words.
    #[error("analysis.device must be \"auto\", \"cpu\" or \"cuda\"")]
    Device,
    /// A set of limits has the word that lifts all limits as its name.
    #[error("limits.off needs another name: `:limits off` lifts all limits")]
    LimitsOff,
    /// A set of limits is not valid.
    #[error("limits.{set}{cause}")]
    Limits {
        /// The name of the set.
        set: String,
        /// What is wrong.
        #[source]
        cause: LimitError,
    },
}

/// What is wrong with a set of limits. Its `Display` form follows the name of the set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LimitError {
    /// A spacing is too large.
    #[error(".{key} must be 0 to {most} tracks")]
    Spacing {
        /// Its key.
        key: &'static str,
        /// The most tracks.
        most: usize,
    },
    /// Too many days without hearing a track; how many there may be.
    #[error(".not_heard_days must be 0 to {0}")]
    Days(u32),
    /// A share is out of range; the genre.
    #[error(".share: {0} must be 0 to 1, such as 0.3 for 30 percent")]
    Share(String),
    /// There are too many shares; how many there may be.
    #[error(".share has more than {0} genres")]
    Shares(usize),
    /// The length is not a time.
    #[error(".length must be a time like \"90m\" or \"1h30m\"")]
    Length,
    /// The end is not a time of day.
    #[error(".until must be a time of day like \"23:30\"")]
    Until,
    /// There are a length and an end.
    #[error(" has both length and until; one of them says when the queue ends")]
    TwoEnds,
}

impl LimitError {
    /// The key that it is about.
    pub(super) fn key(&self) -> &'static str {
        match self {
            LimitError::Spacing { key, .. } => key,
            LimitError::Days(_) => "not_heard_days",
            LimitError::Share(_) | LimitError::Shares(_) => "share",
            LimitError::Length => "length",
            LimitError::Until | LimitError::TwoEnds => "until",
        }
    }
}
