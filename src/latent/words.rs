//! What an encoder calls its dimensions and its tags, as its file says.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What a dimension is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// One word, unique among the dimensions; empty when it has no name.
    pub name: String,
    /// What its low end sounds like.
    pub low: String,
    /// What its high end sounds like.
    pub high: String,
}

/// The words of an encoder; none of those that have no tag head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// One for each dimension of the latent, or none.
    pub axes: Vec<Axis>,
    /// The tags that it knows, in the order of their probabilities.
    pub tags: Arc<[String]>,
}
