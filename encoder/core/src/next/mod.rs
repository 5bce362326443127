//! The next-track network: predicts the next track from the last few, trained on one user's history (the paper's §6.5
//! in a small form for hundreds or thousands of plays instead of millions).
//!
//! The last 8 tracks, with 35 numbers each, go through a GRU of 64. The output is the mean and the log variance of the
//! next track's 32 normal scores. [`train`] trains a network on a history; [`NextTrack`] predicts with one. It uses
//! plain loops on the CPU: with about 24,000 parameters, a prediction takes tens of microseconds and a training takes
//! seconds.

mod card;
mod file;
mod network;
mod step;
mod training;

use crate::parameters::Parameters;

pub use card::Card;
pub use network::Guess;
pub use step::{HIDDEN, INPUTS, STEPS, Step};
pub use training::{Example, Options, train};

/// A network with its card.
#[derive(Clone, Debug, PartialEq)]
pub struct NextTrack {
    parameters: Parameters,
    card: Card,
}

impl NextTrack {
    /// The card.
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Predicts what comes after these tracks, ordered oldest to latest; only the last [`STEPS`] are used. `None`
    /// without a track.
    pub fn guess(&self, steps: &[Step]) -> Option<Guess> {
        let steps = &steps[steps.len().saturating_sub(STEPS)..];
        let inputs: Vec<[f32; INPUTS]> = steps.iter().map(Step::inputs).collect();
        let guess = || pulp::Arch::new().dispatch(|| network::forward(&self.parameters, &inputs, None).guess);
        (!inputs.is_empty()).then(guess)
    }
}
