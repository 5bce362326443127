//! Predicts the next track from the user's own history. Sessions of the journal and playlists
//! ([`history`]) train a small recurrent model ([`lesson`]; the network is in the encoder package),
//! held-out sessions evaluate it ([`judge`]), and only a model that is significantly better than
//! rankings that ignore order takes part in the policy ([`Usual`]).

pub mod history;
pub mod judge;
pub mod lesson;
pub mod report;
pub mod simulation;

mod error;
mod guide;

use crate::latent::Space;

pub use error::NextError;
pub use guide::Usual;
pub use history::{Play, Recent, sessions};
pub use jukebox_encoder::next::NextTrack;
pub use lesson::{Learned, Lesson, Sounds};
pub use report::{Report, Verdict};

/// Number of new transitions after which the model is trained again.
pub const ENOUGH_NEW: usize = 100;

/// Parses a model's file.
///
/// # Errors
/// The bytes are not a model or damaged.
pub fn read(bytes: &[u8]) -> Result<NextTrack, NextError> {
    Ok(NextTrack::read(bytes)?)
}

/// Whether a model should be trained, given the report on the last one: on `ENOUGH_NEW` new
/// transitions, or when there is no model for this generation of latents. Never below
/// `FEWEST` transitions.
pub fn due(last: Option<&Report>, lesson: &Lesson) -> bool {
    let now = lesson.transitions();
    match last.filter(|last| last.generation == lesson.generation) {
        _ if now < lesson::FEWEST => false,
        Some(last) => now >= last.transitions + ENOUGH_NEW,
        None => true,
    }
}

/// Whether a model is used in a space: it is proven and made for the same generation of latents.
pub fn speaks(model: &NextTrack, space: &Space) -> bool {
    model.card().proven && model.card().generation == space.generation()
}

#[cfg(test)]
mod tests;
