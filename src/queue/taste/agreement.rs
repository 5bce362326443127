//! How well a taste predicts answers that it was not learned from.

use serde::{Deserialize, Serialize};

use crate::latent::{ALL_DIMS, Space, named};
use crate::measure::wilson;

use super::Taste;
use super::fit::{Row, WIDTH, dot};
use super::history::{History, Step};
use super::seen::differences;

/// What was learned, for people and scripts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TasteReport {
    /// Answers that were learned from.
    pub answers: usize,
    /// Tracks that were kept, heard, skipped, removed or refused.
    pub judgements: usize,
    /// Whether any of it was more than chance.
    pub learned: bool,
    /// Held-out answers that all dimensions alike foretell.
    pub before: Agreement,
    /// Held-out answers that the weights foretell.
    pub after: Agreement,
    /// What would be taken back next, in words; empty for nothing.
    #[serde(default)]
    pub undoes: String,
    /// Whether that is an answer of `jukebox taste`, and nothing that the player noted since.
    #[serde(default)]
    pub undoes_answer: bool,
    /// Every dimension with its weight.
    pub dims: Vec<TasteDim>,
}

/// A share of answers; chance is a third.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// How many were foretold.
    pub agreed: usize,
    /// Of how many.
    pub of: usize,
    /// Lower end of Wilson's 95 % interval of the share.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Agreement {
    /// The share; 0 of none.
    pub fn share(&self) -> f64 {
        self.agreed as f64 / self.of.max(1) as f64
    }
}

/// A dimension's weight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TasteDim {
    /// Counted from 1; 33 on are the named ones.
    pub dim: u8,
    /// What the user calls it.
    pub name: String,
    /// 1 is as much as for anybody.
    pub weight: f32,
    /// How often the user wanted less of it.
    pub less: usize,
}

/// How many of some triplets, the odd one first, weights foretell: the other two lie nearest to each other. Triplets
/// that the space does not know are left out.
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

/// What a history and the taste learned from it say.
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
        learned: taste.learned,
        before: agreement(space, &[1.0; ALL_DIMS], held_out()),
        after: agreement(space, &taste.weights, held_out()),
        undoes: String::new(),
        undoes_answer: matches!(history.last(), Some(Step::Odd { .. })),
        dims: (0..ALL_DIMS as u8).map(dim).collect(),
    }
}

const _: () = assert!(WIDTH >= ALL_DIMS);
