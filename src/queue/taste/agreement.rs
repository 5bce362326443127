//! How well a taste predicts answers that it was not learned from.

use serde::{Deserialize, Serialize};

use crate::latent::{ALL_DIMS, Space, named};
use crate::measure::wilson;

use super::Taste;
use super::fit::{Row, WIDTH, dot};
use super::history::{History, Step};
use super::seen::differences;

/// Summary of what was learned, for display and for scripts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TasteReport {
    /// Number of answers used for learning, so without the held-out ones.
    pub answers: usize,
    /// Number of verdicts on automatic tracks: kept, heard, skipped, removed or refused.
    pub judgements: usize,
    /// Number of pairs of tracks that the listener chose to hear one after the other, of those learned from.
    #[serde(default)]
    pub listens: usize,
    /// Whether the history supports weights beyond chance.
    pub learned: bool,
    /// Held-out answers predicted by equal weights.
    pub before: Agreement,
    /// Held-out answers predicted by the learned weights.
    pub after: Agreement,
    /// Description of the step that the next undo takes back; empty when there is none.
    #[serde(default)]
    pub undoes: String,
    /// Whether that step is an answer given in `jukebox taste` rather than something the player
    /// recorded since.
    #[serde(default)]
    pub undoes_answer: bool,
    /// Every dimension with its weight.
    pub dims: Vec<TasteDim>,
}

/// How many answers were predicted correctly; guessing gets a third.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Number predicted correctly.
    pub agreed: usize,
    /// Number of answers.
    pub of: usize,
    /// Lower end of Wilson's 95 % interval of the share.
    pub low: f64,
    /// Upper end of the same interval.
    pub high: f64,
}

impl Agreement {
    /// The share, 0 to 1; 0 when there are no answers.
    pub fn share(&self) -> f64 {
        self.agreed as f64 / self.of.max(1) as f64
    }
}

/// A dimension's weight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TasteDim {
    /// Number counted from 1; those above 32 are the named dimensions.
    pub dim: u8,
    /// The label shown for it.
    pub name: String,
    /// The weight; 1 is the default.
    pub weight: f32,
    /// How often the user asked for less of it.
    pub less: usize,
}

/// Counts the triplets (the odd one first) that `weights` predict correctly: the distance between
/// the other two is smaller than both distances from the odd one. Triplets with a track that has no
/// latent are left out.
pub fn agreement<'a>(
    space: &Space,
    weights: &[f32; ALL_DIMS],
    triplets: impl Iterator<Item = &'a [crate::track::TrackId; 3]>,
) -> Agreement {
    let weights: Row = std::array::from_fn(|d| weights.get(d).copied().unwrap_or(0.0));
    let foretold = |apart: [Row; 3]| {
        let [odd, first, second] = apart.map(|row| dot(&row, &weights));
        odd < first && odd < second
    };
    let told: Vec<bool> = triplets.filter_map(|tracks| differences(space, tracks)).map(foretold).collect();
    let agreed = told.iter().filter(|t| **t).count();
    let (low, high) = wilson(agreed, told.len());
    Agreement { agreed, of: told.len(), low, high }
}

/// Summarises a history and the taste learned from it; `undoes` and `listens` are left for the caller.
pub(super) fn report(history: &History, taste: &Taste, space: &Space) -> TasteReport {
    let steps = history.counting();
    let held_out = || {
        steps.iter().filter_map(|step| match step {
            Step::Odd { tracks, held_out: true } => Some(tracks),
            _ => None,
        })
    };
    let dim = |dim: u8| TasteDim {
        dim: dim + 1,
        name: named::label(dim),
        weight: taste.weights[usize::from(dim)],
        less: steps.iter().filter(|step| **step == Step::Less(dim)).count(),
    };
    TasteReport {
        answers: steps.iter().filter(|s| matches!(s, Step::Odd { held_out: false, .. })).count(),
        judgements: steps.iter().filter(|s| matches!(s, Step::Judged { .. })).count(),
        listens: 0,
        learned: taste.learned,
        before: agreement(space, &[1.0; ALL_DIMS], held_out()),
        after: agreement(space, &taste.weights, held_out()),
        undoes: String::new(),
        undoes_answer: matches!(history.last(), Some(Step::Odd { .. })),
        dims: (0..ALL_DIMS as u8).map(dim).collect(),
    }
}

const _: () = assert!(WIDTH >= ALL_DIMS);
