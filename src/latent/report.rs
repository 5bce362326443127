//! What signatures and proposals report about themselves: plain data, put into words by `describe`.

use serde::{Deserialize, Serialize};

use crate::track::TrackId;

use super::dim::{Dim, Shape};

/// Why a track was proposed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    /// The engine that proposed it.
    pub engine: String,
    /// A plugin's own explanation (sanitised), empty for built-in engines.
    pub text: String,
    /// The nearest playlist member, if any.
    pub nearest: Option<TrackId>,
    /// Fit: the share of the library (or of the members' own leave-one-out distances) that is farther, 0 to 1.
    pub fit: Option<f32>,
    /// The dimensions that matter most, the most important first: (1-based dimension, its contribution to the signature
    /// distance; negative is nearer).
    pub dims: Vec<(u8, f32)>,
    /// What the set and the track have in common in these dimensions, where both are known.
    pub facts: Vec<Fact>,
    /// The encoder's words that apply to both the track and the set.
    pub words: Vec<String>,
    /// What each term of the queue's policy added to the pick's score; zero terms are left out.
    pub terms: Vec<(Term, f32)>,
    /// Position in the current run of tracks by its artist, 1-based; 0 when unknown.
    pub run: u32,
    /// Which step of a course it is, if of any.
    pub step: Option<Step>,
    /// Whether the engine chose its place among the picks, which are then not to be ordered anew.
    pub ordered: bool,
}

/// The kind of a course of the queue, and where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Along a dimension.
    Direction {
        /// 0-based dimension; from 32 on the named ones.
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
    /// Identifies the course within a session.
    pub course: u32,
    /// Where it leads.
    pub way: Way,
    /// 1-based step.
    pub at: u16,
    /// Number of steps.
    pub of: u16,
}

/// A term of the score by which the queue's policy picks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// The engine's score of the fit.
    Fit,
    /// Closeness to the previous track.
    Closeness,
    /// Penalty: the artist was just heard.
    Run,
    /// Penalty: the album was just heard.
    Album,
    /// Penalty: the track was heard recently.
    Heard,
    /// The user's ratings, loves and plays.
    Liked,
    /// How likely it is to follow, by what usually comes next.
    Next,
    /// Agreement with a direction or a journey.
    Course,
}

/// Position of a set and of one track in a dimension that the set agrees on and the track fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fact {
    /// 1-based dimension; 33 on are the named ones.
    pub dim: u8,
    /// The track's value: a normal score, or a named dimension's own unit (circular ones in turns).
    pub value: f32,
    /// The members' lower quartile in the same unit; for circular ones, measured about their centre.
    pub low: f32,
    /// The members' upper quartile.
    pub high: f32,
    /// The set's centre in normal scores; 0 for a circular dimension.
    pub centre: f32,
    /// For a key: whether the track is in minor, where that is known.
    pub minor: Option<bool>,
}

/// A signature, for display.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SignatureReport {
    /// How many members had a latent.
    pub members: usize,
    /// Effective number of members.
    pub effective: f64,
    /// Whether all dimensions take part, because too few were significant or all were asked for.
    pub soft: bool,
    /// Leave-one-out AUC, when there are enough members.
    pub confidence: Option<f64>,
    /// The dimensions, the most informative first.
    pub dims: Vec<DimReport>,
    /// The encoder's words that apply to many of the members; empty when it has no words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// The choice of dimensions behind it, in the user's notation; empty when unknown.
    #[serde(default)]
    pub choice: String,
    /// The moods of a set that no single signature describes, the largest first; empty for a set of one mood.
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
    /// 1-based dimension; 33 on are the named ones.
    pub dim: u8,
    /// Label: `7`, `tempo`.
    #[serde(default)]
    pub name: String,
    /// Whether it is circular: then `mean` is an angle of the library's uniform scores, radians.
    #[serde(default)]
    pub circular: bool,
    /// Centre m̂ in the library's normal scores.
    pub mean: f32,
    /// Predictive standard deviation √p; circular: √(−2 ln ρ).
    pub spread: f32,
    /// Weight in the distance; 1 unless the user chose another.
    #[serde(default)]
    pub weight: f32,
    /// Information in nats.
    pub info: f32,
    /// p-value of the agreement test; 1 without a test.
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
