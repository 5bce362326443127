//! The parts of a training's loss.

use serde::{Deserialize, Serialize};

/// The parts of a loss, as means over the shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Losses {
    pub total: f64,
    pub genre: f64,
    pub teacher: f64,
    #[serde(default)]
    pub cosines: f64,
    #[serde(default)]
    pub tags: f64,
    #[serde(default)]
    pub contrast: f64,
    pub decorrelation: f64,
    pub agreement: f64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub decode: f64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub describe: f64,
}

/// A loss of 0 belongs to a head that there is not: it is not written.
fn is_zero(loss: &f64) -> bool {
    *loss == 0.0
}

impl Losses {
    /// Adds a weighted part of another.
    pub fn add(&mut self, other: Losses, weight: f64) {
        self.total += weight * other.total;
        self.genre += weight * other.genre;
        self.teacher += weight * other.teacher;
        self.cosines += weight * other.cosines;
        self.tags += weight * other.tags;
        self.contrast += weight * other.contrast;
        self.decorrelation += weight * other.decorrelation;
        self.agreement += weight * other.agreement;
        self.decode += weight * other.decode;
        self.describe += weight * other.describe;
    }
}
