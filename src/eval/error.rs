//! Errors of an evaluation.

use std::io;

use thiserror::Error;

/// Why a corpus was not measured. Its `Display` form is one line.
#[derive(Debug, Error)]
pub enum EvalError {
    /// It has too few tracks.
    #[error("{corpus}: {tracks} analysed tracks; at least {fewest} are needed to measure")]
    TooFew {
        /// The name of the corpus.
        corpus: String,
        /// Number of its tracks.
        tracks: usize,
        /// The minimum number.
        fewest: usize,
    },
    /// A row does not have one vector per track.
    #[error("{row}: not one vector for each of {tracks} tracks")]
    Vectors {
        /// The name of the row.
        row: String,
        /// Number of tracks.
        tracks: usize,
    },
    /// The space is about other tracks.
    #[error("the latent space and the corpus are not about the same tracks")]
    OtherTracks,
    /// No track has a genre.
    #[error("{corpus}: no track has a genre; tag them, or use --genre folder")]
    NoGenre {
        /// The name of the corpus.
        corpus: String,
    },
    /// Vectors of another system are about none of the tracks.
    #[error("{external}: none of its {lines} paths is a track in {corpus}")]
    NoneOfThem {
        /// The name of the vectors.
        external: String,
        /// Number of vectors.
        lines: usize,
        /// The name of the corpus.
        corpus: String,
    },
    /// A simulated session failed; its own message.
    #[error("{0}")]
    Session(String),
}

/// Why there is no row of the encoder with random weights. Its `Display` form is one line.
#[derive(Debug, Error)]
pub enum UntrainedError {
    /// The image cache cannot be read.
    #[error("the image cache cannot be read: {0}")]
    Cache(#[from] io::Error),
    /// The encoder failed.
    #[error("the random-weight encoder failed: {0:#}")]
    Encoder(#[from] anyhow::Error),
}
