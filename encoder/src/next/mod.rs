//! The next-track network: what usually comes after the last few tracks, in one user's own history (the paper's §6.5 in a
//! small sound form, made for hundreds or thousands of plays, not millions).
//!
//! The last 8 tracks, 35 numbers each, go through a GRU of 64; out come the mean and the log variance of the next track's 32
//! normal scores. [`train`] makes a network of a history; [`NextTrack`] guesses with one. Plain loops on the CPU: the
//! network has some 24,000 numbers, a guess takes tens of microseconds and a training seconds.

mod file;
mod network;
mod training;

use serde::{Deserialize, Serialize};

use crate::DIMS;
use crate::parameters::Parameters;

pub use file::Card;
pub use network::Guess;
pub use training::{Example, Options, train};

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
    fn inputs(&self) -> [f32; INPUTS] {
        let mut inputs = [0.0; INPUTS];
        inputs[..DIMS].copy_from_slice(&self.z);
        inputs[DIMS] = self.completion.map_or(0.0, |c| 2.0 * c - 1.0);
        inputs[DIMS + 1] = self.skipped.map_or(0.0, |s| if s { 1.0 } else { -1.0 });
        // From −1 for none to 1 for half an hour.
        inputs[DIMS + 2] = self.gap.map_or(0.0, |g| (1.0 + g.max(0.0)).ln() / 3.75 - 1.0);
        inputs
    }
}

/// A network with what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct NextTrack {
    parameters: Parameters,
    card: Card,
}

impl NextTrack {
    /// What is known of it.
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Guesses what comes after these tracks, the latest last; further back than [`STEPS`] is not heard. `None` without
    /// a track.
    pub fn guess(&self, steps: &[Step]) -> Option<Guess> {
        let steps = &steps[steps.len().saturating_sub(STEPS)..];
        let inputs: Vec<[f32; INPUTS]> = steps.iter().map(Step::inputs).collect();
        let guess = || pulp::Arch::new().dispatch(|| network::forward(&self.parameters, &inputs, None).guess);
        (!inputs.is_empty()).then(guess)
    }
}
