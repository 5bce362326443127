//! One of the last tracks, as the network takes it in.

use serde::{Deserialize, Serialize};

use crate::DIMS;

/// How many of the last tracks are heard.
pub const STEPS: usize = 8;
/// Numbers of a step: the normal scores, how much of the track was heard, whether it was turned away, the pause before.
pub const INPUTS: usize = DIMS + 3;
/// Size of the recurrent state.
pub const HIDDEN: usize = 64;

/// One of the last tracks. What is not known says nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its normal scores within the library.
    pub z: [f32; DIMS],
    /// The share of it that was heard, 0 to 1.
    pub completion: Option<f32>,
    /// Whether it was turned away.
    pub skipped: Option<bool>,
    /// Seconds between the end of the track before and its beginning.
    pub gap: Option<f32>,
}

impl Step {
    /// A track of which only the sound is known.
    pub fn of(z: [f32; DIMS]) -> Step {
        Step { z, completion: None, skipped: None, gap: None }
    }

    /// What the network takes in: everything about 0, unknown is 0.
    pub(super) fn inputs(&self) -> [f32; INPUTS] {
        let mut inputs = [0.0; INPUTS];
        inputs[..DIMS].copy_from_slice(&self.z);
        inputs[DIMS] = self.completion.map_or(0.0, |c| 2.0 * c - 1.0);
        inputs[DIMS + 1] = self.skipped.map_or(0.0, |s| if s { 1.0 } else { -1.0 });
        // From −1 for none to 1 for half an hour.
        inputs[DIMS + 2] = self.gap.map_or(0.0, |g| (1.0 + g.max(0.0)).ln() / 3.75 - 1.0);
        inputs
    }
}
