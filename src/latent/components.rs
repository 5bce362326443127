//! Playlists of several moods: splits a set that one signature describes poorly into two or three.

use crate::measure;

use super::clusters::{self, mean, square};
use super::evidence::{self, FEWEST_MEMBERS};
use super::signature::{Member, Signature};
use super::space::Space;
use super::{Choice, Latent, Prior};

/// A set smaller than this is never split.
pub const FEWEST_TO_SPLIT: usize = 6;
/// A set whose confidence reaches this is never split.
pub const ONE_MOOD: f64 = 0.65;
/// The maximum number of components.
const MOST: usize = 3;
/// Splitting must improve the AUC of held-out members by `WORTH`, and by at least `SURE` standard errors of the paired
/// difference.
const WORTH: f64 = 0.03;
const SURE: f64 = 2.0;
/// The maximum number of folds; longer playlists hold out an evenly spaced selection of members.
const MOST_FOLDS: usize = 32;
/// Size of the sample of the library.
const SAMPLE: usize = 2048;

/// The components of a set, the largest first: two or three groups of at least three members each, or the whole set
/// when its confidence is 0.65 or more, it has under six members, or splitting does not help.
///
/// Whether splitting helps is measured by leave-one-out, with the groups found anew in each fold: the groups'
/// signatures together must find the held-out member better than the single one does, by 0.03 of AUC and by two
/// standard errors. So a random set, which k-means splits as readily as any, stays whole.
pub fn components(space: &Space, members: &[Member], choice: &Choice, prior: Prior) -> Vec<Vec<Member>> {
    let members = evidence::distinct(space, members);
    let whole = |members: Vec<Member>| if members.is_empty() { Vec::new() } else { vec![members] };
    if members.len() < FEWEST_TO_SPLIT {
        return whole(members);
    }
    if !evidence::doubted(space, &members, choice, prior, ONE_MOOD) {
        return whole(members);
    }
    let Some(mut best) = found(space, &members, 1, choice, prior) else { return whole(members) };
    let mut parts = whole(members.clone());
    for k in 2..=MOST {
        let (Some(area), Some(groups)) = (found(space, &members, k, choice, prior), split(space, &members, k)) else {
            break;
        };
        // Each further component must improve on the best so far.
        if better(&area, &best) {
            (best, parts) = (area, groups);
        }
    }
    parts
}

/// Whether one list of per-fold AUCs beats another of the same folds by more than chance.
fn better(areas: &[f64], than: &[f64]) -> bool {
    let gains: Vec<f64> = areas.iter().zip(than).map(|(a, b)| a - b).collect();
    let n = gains.len() as f64;
    let mean = gains.iter().sum::<f64>() / n;
    let variance = gains.iter().map(|g| (g - mean) * (g - mean)).sum::<f64>() / (n - 1.0).max(1.0);
    mean >= WORTH && mean >= SURE * (variance / n).sqrt()
}

/// The AUC of each held-out member under the mixture of `k` groups of the others; `None` when a fold cannot be split.
fn found(space: &Space, members: &[Member], k: usize, choice: &Choice, prior: Prior) -> Option<Vec<f64>> {
    let is_member = |row: u32| members.binary_search_by_key(&row, |m| m.row).is_ok();
    let rows: Vec<u32> = space.spread(SAMPLE).filter(|&row| !is_member(row)).collect();
    let step = members.len().div_ceil(MOST_FOLDS).max(1);
    let mut areas = Vec::new();
    for left_out in (0..members.len()).step_by(step) {
        let rest: Vec<Member> = (0..members.len()).filter(|&i| i != left_out).map(|i| members[i]).collect();
        let groups = if k == 1 { Some(vec![rest]) } else { split(space, &rest, k) };
        let groups = groups?;
        let signatures: Vec<Signature> =
            groups.iter().filter_map(|group| Signature::of(space, group, choice, prior)).collect();
        let mixture = Mixture::of(&signatures, &groups);
        let own = mixture.distance(space, members[left_out].row);
        let others: Vec<f32> = rows.iter().map(|&row| mixture.distance(space, row)).collect();
        areas.push(measure::auc(&[own], &others)?);
    }
    Some(areas)
}

/// A mixture of signatures: the distance is −ln Σ πₖ·exp(−dₖ), πₖ being the group's share of the members.
struct Mixture {
    parts: Vec<(f32, super::Scorer)>,
}

impl Mixture {
    fn of(signatures: &[Signature], groups: &[Vec<Member>]) -> Mixture {
        let all = groups.iter().map(Vec::len).sum::<usize>().max(1) as f32;
        let parts = signatures.iter().zip(groups);
        Mixture { parts: parts.map(|(s, g)| (g.len() as f32 / all, s.scorer())).collect() }
    }

    fn distance(&self, space: &Space, row: u32) -> f32 {
        let parts: Vec<f32> = self.parts.iter().map(|(share, s)| space.distance(s, row) - share.ln()).collect();
        let least = parts.iter().copied().fold(f32::INFINITY, f32::min);
        least - parts.iter().map(|d| (least - d).exp()).sum::<f32>().ln()
    }
}

/// k-means on [`Space::point`], initialised with points far from each other; the largest group first. `None` unless
/// every group has [`FEWEST_MEMBERS`].
fn split(space: &Space, members: &[Member], k: usize) -> Option<Vec<Vec<Member>>> {
    if members.len() < k * FEWEST_MEMBERS {
        return None;
    }
    let points: Vec<Latent> = members.iter().map(|m| space.point(m.row)).collect();
    let mut centres = vec![mean(points.iter())];
    let mut first = true;
    while centres.len() < k || first {
        let gap = |p: &Latent| centres.iter().map(|c| square(p, c)).fold(f32::INFINITY, f32::min);
        let far = points.iter().max_by(|a, b| gap(a).total_cmp(&gap(b)))?;
        // The mean only serves to find the first centre, the point farthest from it.
        if first {
            centres = vec![*far];
            first = false;
        } else {
            centres.push(*far);
        }
    }
    let (group, _) = clusters::settled(&points, centres);
    let groups = clusters::by_group(&group, k);
    let groups: Vec<Vec<Member>> = groups.into_iter().map(|g| g.into_iter().map(|i| members[i]).collect()).collect();
    groups.iter().all(|g| g.len() >= FEWEST_MEMBERS).then_some(groups)
}
