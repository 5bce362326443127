//! The card in the file of a next-track network.

use serde::{Deserialize, Serialize};

/// What is known about a network besides its parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The generation of latents (the encoder's hash) that it was trained on; it cannot be used with another.
    pub generation: String,
    /// Number of training examples, each a few tracks and the one that came next.
    pub trained: usize,
    /// Number of held-out examples.
    pub held_out: usize,
    /// Mean reciprocal rank of the held-out targets; `None` if none were held out.
    pub mrr: Option<f64>,
    /// Whether it was measured to be better than all baselines that it has to beat.
    pub proven: bool,
    /// Seed of the training.
    pub seed: u64,
}
