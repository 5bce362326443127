//! Errors of parsing identities.

use thiserror::Error;

/// Why a text is not an identity. Its `Display` form is one line with the text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdError {
    /// A track's identity has another length.
    #[error("a track id is 32 hexadecimal digits, not '{0}'")]
    Length(String),
    /// A track's identity has other characters.
    #[error("not hexadecimal: '{0}'")]
    Digits(String),
    /// The text is not an identity of MusicBrainz.
    #[error("no MusicBrainz id: '{0}'")]
    MusicBrainz(String),
}
