//! Errors of next-track models.

use thiserror::Error;

/// Why there is no next-track model. The `Display` form is one line.
#[derive(Debug, Error)]
pub enum NextError {
    /// A play of the lesson refers to a row that its library does not have.
    #[error("the lesson refers to an unknown track")]
    UnknownTrack,
    /// There is nothing to contrast the targets with.
    #[error("the library is too small to learn from")]
    TooSmall,
    /// The bytes are no model, or the model cannot be made into bytes.
    #[error("{0:#}")]
    File(#[from] anyhow::Error),
}
