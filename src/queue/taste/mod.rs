//! Taste: how much each dimension of sound counts for this user, learned from the picks that they keep and reject, from
//! which of three tracks they call the odd one out, and from what they chose to hear one after the other.
//!
//! `history` reads the journal, `seen` expresses it in a latent space, `fit` finds the weights that explain it best,
//! `evidence` checks whether they explain anything, `question` chooses what to ask next. Everything is computed from the
//! journal, so that changing the encoder loses nothing.

pub mod agreement;
mod evidence;
mod fit;
pub mod history;
pub mod learner;
mod listened;
mod question;
mod seen;
pub mod simulation;
#[cfg(test)]
mod simulation_tests;

pub use agreement::{Agreement, TasteDim, TasteReport};
pub use history::{History, Step};
pub use learner::Learner;

use crate::latent::ALL_DIMS;

/// How much each dimension counts for a user, beside what a set agrees on.
#[derive(Clone, Debug, PartialEq)]
pub struct Taste {
    /// For each dimension, named ones included: 1 is the default weight, 0 is none.
    pub weights: [f32; ALL_DIMS],
    /// Whether the history supports weights beyond chance. Where it does not, the weights still
    /// contain the user's explicit wishes for less of a dimension.
    pub learned: bool,
}

impl Default for Taste {
    fn default() -> Taste {
        Taste { weights: [1.0; ALL_DIMS], learned: false }
    }
}

impl Taste {
    /// The largest absolute difference of a weight from its default of 1.
    pub fn departure(&self) -> f32 {
        self.weights.iter().map(|w| (w - 1.0).abs()).fold(0.0, f32::max)
    }
}
