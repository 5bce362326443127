//! An encoder's names of its dimensions and tags, as its file gives them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The names of a dimension.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// One word, unique among the dimensions; empty when it has no name.
    pub name: String,
    /// What its low end sounds like.
    pub low: String,
    /// What its high end sounds like.
    pub high: String,
}

/// The names of an encoder; empty without a tag head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// One for each dimension of the latent, or none.
    pub axes: Vec<Axis>,
    /// The tags it knows, in the order of their probabilities.
    pub tags: Arc<[String]>,
}
