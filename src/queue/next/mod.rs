//! What usually comes next in the user's own history. Sessions of the journal and playlists ([`history`]) train a small
//! recurrent model ([`lesson`]; the network is in the encoder package), held-out sessions evaluate it ([`judge`]), and only a
//! model that is significantly better than those that ignore order takes part in the policy ([`Usual`]).

pub mod history;
pub mod judge;
pub mod lesson;
pub mod report;
pub mod simulation;

mod guide;

use crate::latent::Space;

pub use guide::Usual;
pub use history::{Play, Recent, sessions};
pub use jukebox_encoder::next::NextTrack;
pub use lesson::{Learned, Lesson, Sounds};
pub use report::{Report, Verdict};

/// New transitions after which the model is trained again.
pub const ENOUGH_NEW: usize = 100;

/// Reads a model's file.
///
/// # Errors
/// In one line, when it is none or damaged.
pub fn read(bytes: &[u8]) -> Result<NextTrack, String> {
    NextTrack::read(bytes).map_err(|e| format!("{e:#}"))
}

/// Whether there is enough that is new for a model to be made, after the last one's report.
pub fn due(last: Option<&Report>, lesson: &Lesson) -> bool {
    let now = lesson.transitions();
    match last.filter(|last| last.generation == lesson.generation) {
        _ if now < lesson::FEWEST => false,
        Some(last) => now >= last.transitions + ENOUGH_NEW,
        None => true,
    }
}

/// Whether a model speaks in a space.
pub fn speaks(model: &NextTrack, space: &Space) -> bool {
    model.card().proven && model.card().generation == space.generation()
}

#[cfg(test)]
mod tests;
