//! Errors of measuring encoders on a data set.

use thiserror::Error;

/// Why encoders cannot be measured on a data set.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// The data has images of another size than the encoder takes.
    #[error(
        "{data} has images of {} × {} and this encoder needs {} × {}: use --data tree:DIR, fma:DIR or library",
        has[0], has[1], needs[0], needs[1]
    )]
    Images {
        /// The data set's name.
        data: String,
        /// Bands and steps of its images.
        has: [usize; 2],
        /// Bands and steps that the encoder takes.
        needs: [usize; 2],
    },
    /// The encoder failed.
    #[error("{0:#}")]
    Encoder(#[from] anyhow::Error),
    /// The encoder's output is not finite, or huge.
    #[error("this encoder is of no use: its output for {bad} of {clips} clips is unusable (not finite, or huge)")]
    Unusable {
        /// Number of clips with such an output.
        bad: usize,
        /// Number of clips.
        clips: usize,
    },
    /// The part of the data to measure on is empty.
    #[error("that part of the data has no tracks; choose another with --split")]
    NoTracks,
    /// Encoder and data have fewer than two genres in common.
    #[error(
        "the model shares {shared} of the data's genres ({}) by name; it knows {}", data.join(", "), model.join(", ")
    )]
    FewGenres {
        /// Number of genres in common.
        shared: usize,
        /// The data's genres.
        data: Vec<String>,
        /// The encoder's genres.
        model: Vec<String>,
    },
    /// Two encoders to be compared have heard different tracks.
    #[error("the two models have not analysed the same tracks: their images come from different files")]
    OtherTracks,
}

/// Why the dimensions of an encoder cannot be aligned with another's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AlignError {
    /// The two have heard different numbers of tracks.
    #[error("{new} new latents cannot be aligned to {old} old ones")]
    Counts {
        /// Number of latents of the new encoder.
        new: usize,
        /// Number of latents of the old one.
        old: usize,
    },
    /// There are too few tracks.
    #[error("{tracks} tracks are too few to align dimensions by, {needed} are needed")]
    TooFew {
        /// Number of tracks.
        tracks: usize,
        /// The least number.
        needed: usize,
    },
    /// A latent has a number that is not finite.
    #[error("dimensions cannot be aligned: a latent holds a number that is not finite")]
    NotFinite,
}

/// For callers that only show the error.
impl From<MeasureError> for String {
    fn from(error: MeasureError) -> String {
        error.to_string()
    }
}
