//! One of the last tracks, as input of the network.

use serde::{Deserialize, Serialize};

use crate::DIMS;

/// Number of last tracks that are used.
pub const STEPS: usize = 8;
/// Inputs per step: the normal scores, the share played, whether it was skipped, and the pause before it.
pub const INPUTS: usize = DIMS + 3;
/// Size of the recurrent state.
pub const HIDDEN: usize = 64;

/// One of the last tracks. Unknown values have no effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its normal scores within the library.
    pub z: [f32; DIMS],
    /// The share of it that was played, 0 to 1.
    pub completion: Option<f32>,
    /// Whether it was skipped.
    pub skipped: Option<bool>,
    /// Seconds between the end of the previous track and its start.
    pub gap: Option<f32>,
}

impl Step {
    /// A track of which only the sound is known.
    pub fn of(z: [f32; DIMS]) -> Step {
        Step { z, completion: None, skipped: None, gap: None }
    }

    /// The network's inputs, centred on 0; unknown values are 0.
    pub(super) fn inputs(&self) -> [f32; INPUTS] {
        let mut inputs = [0.0; INPUTS];
        inputs[..DIMS].copy_from_slice(&self.z);
        inputs[DIMS] = self.completion.map_or(0.0, |c| 2.0 * c - 1.0);
        inputs[DIMS + 1] = self.skipped.map_or(0.0, |s| if s { 1.0 } else { -1.0 });
        // From −1 for no pause to 1 for half an hour.
        inputs[DIMS + 2] = self.gap.map_or(0.0, |g| (1.0 + g.max(0.0)).ln() / 3.75 - 1.0);
        inputs
    }
}
