//! What signatures and proposals say about themselves: plain facts, put into words by `describe`.

use serde::{Deserialize, Serialize};

use crate::track::TrackId;

/// Why a track was proposed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    /// The engine that proposed it.
    pub engine: String,
    /// A plugin's own words (sanitised), empty for built-in engines.
    pub text: String,
    /// The playlist member that it is nearest to, if any.
    pub nearest: Option<TrackId>,
    /// Fit: the share of the library (or of the members' own leave-one-out distances) that lies farther, 0 to 1.
    pub fit: Option<f32>,
    /// Dimensions that count most for it, the most important first: (dimension counted from 1, its share of the
    /// signature distance; negative is nearer).
    pub dims: Vec<(u8, f32)>,
}

/// A signature, for the screen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SignatureReport {
    /// How many members had a latent.
    pub members: usize,
    /// Effective number of members.
    pub effective: f64,
    /// Whether dimensions were significant, or all take part softly.
    pub soft: bool,
    /// Leave-one-out AUC, when there are members enough.
    pub confidence: Option<f64>,
    /// The dimensions, the most informative first.
    pub dims: Vec<DimReport>,
}

/// One dimension of a signature.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DimReport {
    /// Counted from 1.
    pub dim: u8,
    /// Centre m̂ in the library's normal scores.
    pub mean: f32,
    /// Predictive standard deviation √p.
    pub spread: f32,
    /// Information in nats.
    pub info: f32,
    /// p-value of the agreement test; 1 when there was none.
    pub p_value: f32,
}
