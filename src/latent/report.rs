//! What signatures and proposals report about themselves: plain facts, put into words by `describe`.

use serde::{Deserialize, Serialize};

use crate::track::TrackId;

use super::dim::{Dim, Shape};

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
    /// What the set and the track have in common in these dimensions, as far as both are known.
    pub facts: Vec<Fact>,
    /// The encoder's words that are said of both the track and the set.
    pub words: Vec<String>,
    /// What each consideration of the queue's policy added to the pick, those that added nothing left out.
    pub terms: Vec<(Term, f32)>,
    /// Which track of its artist it is in a row, counted from 1; 0 when that is not known.
    pub run: u32,
    /// Which step of a direction or a journey it is, if of any.
    pub step: Option<Step>,
}

/// Where a course of the queue leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Along a dimension.
    Direction {
        /// Which one, counted from 0; from 32 on the named ones.
        dim: u8,
        /// Towards its high end.
        up: bool,
    },
    /// From one track to another.
    Journey {
        /// Where it begins.
        #[serde(with = "crate::track::hex")]
        from: TrackId,
        /// Where it ends.
        #[serde(with = "crate::track::hex")]
        to: TrackId,
    },
}

/// Which step of a course a pick is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Tells the courses of a session apart.
    pub course: u32,
    /// Where it leads.
    pub way: Way,
    /// Counted from 1.
    pub at: u16,
    /// How many there are.
    pub of: u16,
}

/// A consideration of the queue's policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// How well it fits: the engine's score.
    Fit,
    /// Closeness to the track before.
    Closeness,
    /// The artist was just heard.
    Run,
    /// The album was just heard.
    Album,
    /// The track was heard lately.
    Heard,
    /// What usually comes next.
    Next,
    /// A direction or a journey.
    Course,
}

/// Where a set and one track lie in a dimension that the set agrees on and the track fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fact {
    /// Counted from 1; 33 on are the named ones.
    pub dim: u8,
    /// The track's value: a normal score, or a named dimension's own unit (circular ones in turns).
    pub value: f32,
    /// The members' lower quartile in the same unit; round a circle, measured about their centre.
    pub low: f32,
    /// The members' upper quartile.
    pub high: f32,
    /// The set's centre in normal scores; 0 for a circular dimension.
    pub centre: f32,
    /// Of a key: whether the track is in minor, where that is known.
    pub minor: Option<bool>,
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
    /// The encoder's words that are said of many of the members; none where it has no words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// The choice of dimensions that led here, as the user writes it; empty when it is not known.
    #[serde(default)]
    pub choice: String,
    /// The moods of a set that no one signature describes, the largest first; empty for a set of one mood.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moods: Vec<Mood>,
}

/// A part of a set that agrees with itself better than with the rest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mood {
    /// How many members it has.
    pub members: usize,
    /// Its dimensions, the most informative first.
    pub dims: Vec<DimReport>,
}

/// One dimension of a signature.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DimReport {
    /// Counted from 1; 33 on are the named ones.
    pub dim: u8,
    /// What the user calls it: `7`, `tempo`.
    #[serde(default)]
    pub name: String,
    /// Whether it goes round: then `mean` is an angle of the library's uniform scores, radians.
    #[serde(default)]
    pub circular: bool,
    /// Centre m̂ in the library's normal scores.
    pub mean: f32,
    /// Predictive standard deviation √p; circular: √(−2 ln ρ).
    pub spread: f32,
    /// How much it counts; 1 unless the user chose.
    #[serde(default)]
    pub weight: f32,
    /// Information in nats.
    pub info: f32,
    /// p-value of the agreement test; 1 when there was none.
    pub p_value: f32,
}

impl DimReport {
    /// A dimension's report.
    pub fn of(dim: &Dim) -> DimReport {
        DimReport {
            dim: dim.dim + 1,
            name: dim.label(),
            circular: matches!(dim.shape, Shape::Circular { .. }),
            mean: dim.centre(),
            spread: dim.spread(),
            weight: dim.weight,
            info: dim.info,
            p_value: dim.p_value,
        }
    }
}
