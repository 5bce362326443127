//! What the fits are of that the engine's thread has sent, so that it sends them again only when that changes.

use std::sync::Arc;

use crate::latent::{ALL_DIMS, Choice, Space};
use crate::track::TrackId;

/// What the fits that were last sent are of.
pub(super) struct Fitted {
    /// The tracks followed.
    pub tracks: Vec<TrackId>,
    /// In which dimensions.
    pub choice: Choice,
    /// In which space.
    pub space: Arc<Space>,
    /// The weights that the learned taste gives the dimensions.
    pub weights: [f32; ALL_DIMS],
}
