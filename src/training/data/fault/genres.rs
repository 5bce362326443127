//! Errors of the table of genres.

use thiserror::Error;

/// What is wrong with the spellings of genres.
#[derive(Debug, Error)]
pub enum GenresError {
    /// A spelling in the user's configuration has no letters.
    #[error("config.toml: [train.genres]: \"{0}\" is not a genre: it has no letters")]
    NoLetters(String),
    /// The built-in table cannot be parsed.
    #[error("genres.toml: {0}")]
    Table(#[from] toml::de::Error),
    /// A spelling stands in the built-in table twice.
    #[error("genres.toml: \"{spelling}\" of {genre} is written twice")]
    Twice {
        /// The spelling.
        spelling: String,
        /// The genre of the second place.
        genre: String,
    },
}
