//! Errors of reading tags.

use std::io;

use thiserror::Error;

use crate::audio::AudioError;

/// Why the tags of a file were not read. Its `Display` form is one line without the path; it may quote the file, and is
/// not sanitised.
#[derive(Debug, Error)]
pub enum TagsError {
    /// The file could not be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file of a piece could not be found.
    #[error(transparent)]
    Piece(#[from] AudioError),
    /// The content is of no format that is known.
    #[error("its tags cannot be read: its contents do not match its name")]
    Format,
    /// The reader panicked.
    #[error("the tag reader failed on it")]
    Panicked,
}
