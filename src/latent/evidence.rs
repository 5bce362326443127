//! How far to trust a signature, and how well a track fits it: leave-one-out over the members, with the dimensions
//! chosen again in each fold (docs/design.md, "Confidence").

use super::Choice;
use super::Prior;
use super::named::ALL_DIMS;
use super::signature::{Member, Signature};
use super::space::Space;

/// Fewest members for a confidence: with two, each fold's signature would rest on one track.
pub const FEWEST_MEMBERS: usize = 3;
/// Fewest members for a fit from leave-one-out distances; below, the fit is the percentile in the library.
pub const FEWEST_FOR_FIT: usize = 5;
/// The maximum number of folds, spread evenly over a longer playlist.
const MOST_FOLDS: usize = 64;
/// Size of the sample of the library (standard error of an AUC below 0.01).
const SAMPLE: usize = 4096;

/// For each fold, the signature without one member, and that member's row.
fn folds<'a>(
    space: &'a Space,
    members: &'a [Member],
    choice: &'a Choice,
    prior: Prior,
    weights: &'a [f32; ALL_DIMS],
) -> impl ExactSizeIterator<Item = Option<(Signature, u32)>> + 'a {
    let step = members.len().div_ceil(MOST_FOLDS).max(1);
    (0..members.len()).step_by(step).map(move |left_out| {
        let rest: Vec<Member> = (0..members.len()).filter(|&i| i != left_out).map(|i| members[i]).collect();
        let signature = Signature::of(space, &rest, choice, prior)?.weighted(weights);
        Some((signature, members[left_out].row))
    })
}

/// The AUC of each fold: the share of the library that is farther than the held-out member; `None` where there is no
/// signature or the library holds nothing else. `members` must be distinct.
fn areas<'a>(
    space: &'a Space,
    members: &'a [Member],
    choice: &'a Choice,
    prior: Prior,
) -> impl ExactSizeIterator<Item = Option<f64>> + 'a {
    let others = space.thinned(SAMPLE, &|row| members.binary_search_by_key(&row, |m| m.row).is_ok());
    folds(space, members, choice, prior, &[1.0; ALL_DIMS]).map(move |fold| {
        let (signature, row) = fold?;
        let scorer = signature.scorer();
        let own = space.distance(&scorer, row);
        let others = others.distances(&scorer);
        // With a single positive, the AUC is a count.
        let farther = others.iter().filter(|&&d| d > own).count() as f64;
        let equal = others.iter().filter(|&&d| d == own).count() as f64;
        (!others.is_empty()).then(|| (farther + 0.5 * equal) / others.len() as f64)
    })
}

/// The members that exist in the space, sorted by row, without duplicates.
pub(super) fn distinct(space: &Space, members: &[Member]) -> Vec<Member> {
    let mut members: Vec<Member> = members.iter().copied().filter(|m| (m.row as usize) < space.len()).collect();
    members.sort_by_key(|m| m.row);
    members.dedup_by_key(|m| m.row);
    members
}

/// Leave-one-out AUC: the probability that a held-out member is nearer to the signature of the others than a track of
/// the library is. 0.5 is chance, 1 perfect. `None` under three members, or when the library holds nothing else.
pub fn confidence(space: &Space, members: &[Member], choice: &Choice, prior: Prior) -> Option<f64> {
    let members = distinct(space, members);
    if members.len() < FEWEST_MEMBERS {
        return None;
    }
    let areas: Vec<f64> = areas(space, &members, choice, prior).flatten().collect();
    (!areas.is_empty()).then(|| areas.iter().sum::<f64>() / areas.len() as f64)
}

/// Whether the confidence is known and below `limit`; stops as soon as that is decided. `members` must be distinct.
pub(super) fn doubted(space: &Space, members: &[Member], choice: &Choice, prior: Prior, limit: f64) -> bool {
    if members.len() < FEWEST_MEMBERS {
        return false;
    }
    let (mut sum, mut folds) = (0.0, 0.0);
    let areas = areas(space, members, choice, prior);
    let mut left = areas.len() as f64;
    for area in areas {
        left -= 1.0;
        let Some(area) = area else { continue };
        (sum, folds) = (sum + area, folds + 1.0);
        // The remaining folds have an area between 0 and 1.
        if sum + left < limit * (folds + left) {
            return true;
        }
        if sum >= limit * (folds + left) {
            return false;
        }
    }
    false
}

/// Converts signature distances to fits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Yardstick {
    /// Reference distances, ascending.
    distances: Vec<f32>,
}

impl Yardstick {
    /// Uses the members' own leave-one-out distances, with the weights of `signature`; under five members, the
    /// distances of a sample of the library.
    pub fn of(space: &Space, signature: &Signature, members: &[Member], choice: &Choice, prior: Prior) -> Yardstick {
        let members = distinct(space, members);
        let mut distances: Vec<f32> = if members.len() >= FEWEST_FOR_FIT {
            let weights = signature.weights();
            let folds = folds(space, &members, choice, prior, &weights).flatten();
            folds.map(|(signature, row)| space.distance_to(&signature.scored, row)).collect()
        } else {
            let is_member = |row: u32| members.binary_search_by_key(&row, |m| m.row).is_ok();
            space.sample(&signature.scorer(), SAMPLE, &is_member)
        };
        distances.sort_by(f32::total_cmp);
        Yardstick { distances }
    }

    /// The share of the reference distances that are farther than `distance`: (farther + ½ equal + ½) / (all + 1),
    /// strictly between 0 and 1 because a few tracks cannot prove that nothing fits better. ½ without reference
    /// distances.
    pub fn fit(&self, distance: f32) -> f32 {
        let below = self.distances.partition_point(|&d| d < distance);
        let not_above = self.distances.partition_point(|&d| d <= distance);
        let farther = (self.distances.len() - not_above) as f32;
        (farther + 0.5 * (not_above - below) as f32 + 0.5) / (self.distances.len() as f32 + 1.0)
    }
}
