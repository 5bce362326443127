//! Errors of a library that a tagger labels.

use std::path::PathBuf;

use thiserror::Error;

/// Why a tagger cannot label the library.
#[derive(Debug, Error)]
pub enum TaughtError {
    /// There is no tagger.
    #[error("there is no tagger to learn from: `jukebox model import` one")]
    NoTagger,
    /// The encoder hears other images than the tagger of this name.
    #[error("{0} hears patches of 3 s, and the encoder to train does not: add --encoder ear")]
    OtherImages(String),
    /// No track has images.
    #[error(
        "the library cannot teach an encoder: no images are kept of its {tracks} tracks ({}); `jukebox scan` listens to \
         them", cache.display()
    )]
    NoImages {
        /// Number of tracks.
        tracks: usize,
        /// The cache that should have their images.
        cache: PathBuf,
    },
    /// The tagger failed.
    #[error("{0:#}")]
    Tagger(#[from] anyhow::Error),
    /// A thread that runs the tagger ended unexpectedly.
    #[error("a thread that asks the tagger panicked")]
    Panicked,
}
