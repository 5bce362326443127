//! What a next-track network's file says of the network.

use serde::{Deserialize, Serialize};

/// What is known of a network beside its numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The generation of latents (the encoder's hash) that it was trained in: in another its numbers mean nothing.
    pub generation: String,
    /// Pairs of tracks and what came after them that it was trained on.
    pub trained: usize,
    /// Pairs that were held out.
    pub held_out: usize,
    /// Mean reciprocal rank of the held-out tracks; `None` when none were held out.
    pub mrr: Option<f64>,
    /// Whether it found more than everything that it had to find more than.
    pub proven: bool,
    /// Seed of the training.
    pub seed: u64,
}
