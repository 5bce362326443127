//! The next-track network: what usually comes after the last few tracks, in one user's own history (the paper's §6.5 in a
//! small sound form, made for hundreds or thousands of plays, not millions).
//!
//! The last 8 tracks, 35 numbers each, go through a GRU of 64; out come the mean and the log variance of the next track's 32
//! normal scores. [`train`] makes a network of a history; [`NextTrack`] guesses with one. Plain loops on the CPU: the
//! network has some 24,000 numbers, a guess takes tens of microseconds and a training seconds.

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
