//! How far to trust a signature, and how well a track fits it: leave-one-out over the members, the dimensions chosen
//! anew in each fold (DESIGN §3, "Confidence").

use crate::measure;

use super::Choice;
use super::Prior;
use super::named::ALL_DIMS;
use super::signature::{Member, Signature};
use super::space::Space;

/// Members under which there is no confidence: two folds of one track each say nothing.
pub const FEWEST_MEMBERS: usize = 3;
/// Members under which the fit is measured against the library.
pub const FEWEST_FOR_FIT: usize = 5;
/// A long playlist is judged by this many folds, spread evenly over it.
const MOST_FOLDS: usize = 64;
/// Tracks of the library that stand for all (standard error of an AUC below 0.01).
const SAMPLE: usize = 4096;

/// The signature without one member, and that member's distance to it.
fn folds<'a>(
    space: &'a Space,
    members: &'a [Member],
    choice: &'a Choice,
    prior: Prior,
    weights: &'a [f32; ALL_DIMS],
) -> impl Iterator<Item = (Signature, f32)> + 'a {
    let step = members.len().div_ceil(MOST_FOLDS).max(1);
    (0..members.len()).step_by(step).filter_map(move |left_out| {
        let rest: Vec<Member> = (0..members.len()).filter(|&i| i != left_out).map(|i| members[i]).collect();
        let signature = Signature::of(space, &rest, choice, prior)?.weighted(weights);
        let distance = space.distance(&signature.scorer(), members[left_out].row);
        Some((signature, distance))
    })
}

/// The members that the space has, each once.
pub(super) fn distinct(space: &Space, members: &[Member]) -> Vec<Member> {
    let mut members: Vec<Member> = members.iter().copied().filter(|m| (m.row as usize) < space.len()).collect();
    members.sort_by_key(|m| m.row);
    members.dedup_by_key(|m| m.row);
    members
}

/// Leave-one-out AUC: the probability that a member left out lies nearer to the signature of the others than a track of
/// the library does. 0.5 is none, 1 is certain. `None` under three members, or when the library holds nothing else.
pub fn confidence(space: &Space, members: &[Member], choice: &Choice, prior: Prior) -> Option<f64> {
    let members = distinct(space, members);
    if members.len() < FEWEST_MEMBERS {
        return None;
    }
    let is_member = |row: u32| members.binary_search_by_key(&row, |m| m.row).is_ok();
    let areas: Vec<f64> = folds(space, &members, choice, prior, &[1.0; ALL_DIMS])
        .filter_map(|(signature, distance)| {
            measure::auc(&[distance], &space.sample(&signature.scorer(), SAMPLE, &is_member))
        })
        .collect();
    (!areas.is_empty()).then(|| areas.iter().sum::<f64>() / areas.len() as f64)
}

/// Turns signature distances into fits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Yardstick {
    /// Ascending.
    distances: Vec<f32>,
}

impl Yardstick {
    /// The members' own leave-one-out distances, with the weights of `signature`; under five members those of the
    /// library to it.
    pub fn of(space: &Space, signature: &Signature, members: &[Member], choice: &Choice, prior: Prior) -> Yardstick {
        let members = distinct(space, members);
        let mut distances: Vec<f32> = if members.len() >= FEWEST_FOR_FIT {
            folds(space, &members, choice, prior, &signature.weights()).map(|(_, distance)| distance).collect()
        } else {
            let is_member = |row: u32| members.binary_search_by_key(&row, |m| m.row).is_ok();
            space.sample(&signature.scorer(), SAMPLE, &is_member)
        };
        distances.sort_by(f32::total_cmp);
        Yardstick { distances }
    }

    /// The share of the yardstick that lies farther than a distance, strictly between 0 and 1: (farther + ½ equal + ½) /
    /// (all + 1), because nothing fits better than everything on the evidence of a few tracks. ½ when there is no
    /// yardstick.
    pub fn fit(&self, distance: f32) -> f32 {
        let below = self.distances.partition_point(|&d| d < distance);
        let not_above = self.distances.partition_point(|&d| d <= distance);
        let farther = (self.distances.len() - not_above) as f32;
        (farther + 0.5 * (not_above - below) as f32 + 0.5) / (self.distances.len() as f32 + 1.0)
    }
}
