//! Errors of times that a user gives a training.

use thiserror::Error;

/// A text that is no time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParseTimeError {
    /// No length of time.
    #[error("'{0}' is not a time: write 90m, 6h or 1h30m")]
    Length(String),
    /// No time of day.
    #[error("'{0}' is not a time of day: write 07:00")]
    TimeOfDay(String),
}

/// Why it cannot be told when a time of day comes next.
#[derive(Debug, Error)]
pub enum ClockError {
    /// The computer's time is outside of the calendar.
    #[error("the computer's clock cannot be used: {0}")]
    Calendar(#[from] jiff::Error),
    /// The time of day does not come within three days.
    #[error("the computer's clock cannot be used: the day never comes")]
    Never,
}

/// For callers that only show the error.
impl From<ParseTimeError> for String {
    fn from(error: ParseTimeError) -> String {
        error.to_string()
    }
}
