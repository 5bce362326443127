//! Even steps along a direction or journey, as a term of the policy.

use std::collections::{HashMap, HashSet};

use crate::queue::{Context, Guide};
use crate::track::TrackId;

/// Penalty, in standard deviations, of a track behind the last step or not on the way: large enough
/// that no other terms can outweigh it.
const NEVER: f32 = 50.0;
/// How far behind the last step a track may be, as a share of a step.
const SLACK: f32 = 0.25;

/// Targets along a way on which tracks have positions between 0 (beginning) and 1 (end). A track's score is
/// −((place − target)/(half a step))², so that half a step off the target costs one standard deviation.
#[derive(Debug)]
pub(super) struct Steps {
    places: HashMap<u32, f32>,
    begin: f32,
    step: f32,
    count: usize,
    strict: bool,
    /// The artists of the rows, of which none comes twice; empty where they may.
    artists: HashMap<u32, u64>,
}

impl Steps {
    /// `count` even steps from `begin` to `end` over the rows' positions. A strict way never goes back, and its last
    /// step is not among these rows; any other goes back by at most a quarter of a step.
    pub fn new(places: HashMap<u32, f32>, begin: f32, end: f32, count: usize, strict: bool) -> Steps {
        // Steps narrower than the average gap between tracks would make the order of picks
        // arbitrary.
        let dense = 1.0 / places.len().max(1) as f32;
        let step = ((end - begin) / count.max(1) as f32).max(dense);
        Steps { places, begin, step, count, strict, artists: HashMap::new() }
    }

    /// Lets none of these artists of rows come twice.
    #[must_use]
    pub fn apart(self, artists: HashMap<u32, u64>) -> Steps {
        Steps { artists, ..self }
    }

    /// The farthest place of each artist among these rows who may still come.
    fn farthest(&self, rows: &[Option<u32>], gone: &HashSet<u64>) -> HashMap<u64, f32> {
        let mut farthest: HashMap<u64, f32> = HashMap::new();
        for row in rows.iter().flatten() {
            if let (Some(&place), Some(artist)) = (self.places.get(row), self.artists.get(row))
                && !gone.contains(artist)
            {
                let far = farthest.entry(*artist).or_insert(place);
                *far = far.max(place);
            }
        }
        farthest
    }
}

impl Guide for Steps {
    fn values(&self, context: &Context, tail: &[TrackId], picked: usize, rows: &[Option<u32>]) -> Option<Vec<f32>> {
        if picked >= self.count {
            return None;
        }
        let target = self.begin + self.step * (picked + 1) as f32;
        let place = |row: u32| self.places.get(&row).copied();
        let last = tail.last().filter(|_| picked > 0).and_then(|&id| place(context.space.row(id)?));
        let last = last.unwrap_or(self.begin);
        let least = if self.strict { last } else { last - SLACK * self.step };
        let row = |id: &TrackId| context.space.row(*id);
        let before = tail.iter().rev().take(picked).filter_map(row);
        let gone: HashSet<u64> = before.filter_map(|row| self.artists.get(&row).copied()).collect();
        // Picking a far track too early would leave too few for the remaining steps.
        let farthest = self.farthest(rows, &gone);
        let alone = rows.iter().flatten().filter(|row| !self.artists.contains_key(*row)).filter_map(|&row| place(row));
        let mut ahead: Vec<f32> = alone.chain(farthest.values().copied()).collect();
        ahead.sort_unstable_by(f32::total_cmp);
        // The end of a strict way is not among these rows.
        let wanted = self.count.saturating_sub(picked + 1 + usize::from(self.strict));
        // Where artists come once, no step near its target is worth a missing one.
        let short = if self.artists.is_empty() { NEVER } else { 1.5 * NEVER };
        let value = |row: &Option<u32>| {
            let Some(place) = row.and_then(place) else { return -NEVER };
            let off = (place - target) / (0.5 * self.step);
            let artist = row.and_then(|row| self.artists.get(&row));
            let again = artist.is_some_and(|artist| gone.contains(artist));
            let behind = again || place < least || (self.strict && place <= least);
            // Its own artist cannot come after it.
            let beyond = ahead.len() - ahead.partition_point(|&other| other <= place);
            let own = artist.and_then(|artist| farthest.get(artist)).is_some_and(|far| *far > place);
            let spent = beyond.saturating_sub(usize::from(own)) < wanted;
            -(off * off).min(NEVER) - if behind { 2.0 * NEVER } else { 0.0 } - if spent { short } else { 0.0 }
        };
        Some(rows.iter().map(value).collect())
    }
}

/// The mid-rank of each value among all, 0 to 1: the share below plus half of the ties.
pub(super) fn mid_ranks(values: &[f32]) -> Vec<f32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    values.iter().map(|&v| mid_rank(&sorted, v)).collect()
}

/// The mid-rank of a value among sorted ones, 0 to 1.
pub(super) fn mid_rank(sorted: &[f32], value: f32) -> f32 {
    let below = sorted.partition_point(|&v| v < value);
    let through = sorted.partition_point(|&v| v <= value);
    (below + through) as f32 / 2.0 / sorted.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::fixture::{context, id};

    #[test]
    fn ranks_share_ties() {
        assert_eq!(mid_ranks(&[3.0, 1.0, 1.0, 2.0]), [0.875, 0.25, 0.25, 0.625]);
        assert!(mid_ranks(&[]).is_empty());
        assert_eq!((mid_rank(&[1.0, 2.0], 0.0), mid_rank(&[1.0, 2.0], 9.0)), (0.0, 1.0));
    }

    #[test]
    fn no_artist_comes_twice_and_enough_are_left_for_the_rest() {
        let context = context(&[0]);
        let row = |n: u8| context.space.row(id(n)).unwrap();
        let places: HashMap<u32, f32> = (0..32).map(|n| (row(n), f32::from(n) / 31.0)).collect();
        // Two tracks of each artist, one after the other.
        let artists = (0..32).map(|n| (row(n), u64::from(n / 2))).collect();
        let steps = Steps::new(places, 0.0, 1.0, 15, true).apart(artists);
        let rows: Vec<Option<u32>> = (0..32).map(|n| Some(row(n))).collect();
        let best = |values: &[f32]| (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap();
        let (mut tail, mut picked) = (vec![id(0)], Vec::new());
        for n in 0..14 {
            let pick = best(&steps.values(&context, &tail, n, &rows).unwrap());
            tail.push(id(pick as u8));
            picked.push(pick);
        }
        assert!(picked.windows(2).all(|pair| pair[0] / 2 < pair[1] / 2), "{picked:?}");
    }

    #[test]
    fn the_target_is_best_and_what_lies_behind_is_out() {
        let context = context(&[0]);
        let row = |n: u8| context.space.row(id(n)).unwrap();
        let places = (0..32).map(|n| (row(n), f32::from(n) / 31.0)).collect();
        let steps = Steps::new(places, 0.0, 1.0, 4, true);
        let rows: Vec<Option<u32>> = (0..32).map(|n| Some(row(n))).chain([None]).collect();
        let best = |values: &[f32]| (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap();
        let first = steps.values(&context, &[id(5)], 0, &rows).unwrap();
        assert_eq!((first.len(), best(&first)), (33, 8), "a quarter of the way");
        assert!(first[32] <= -NEVER);
        // The second step, after a first one that went far: neither that track nor any before it.
        let second = steps.values(&context, &[id(20)], 1, &rows).unwrap();
        assert_eq!(best(&second), 21);
        assert!(second[20] < -NEVER && second[16] < -NEVER && second[21] > -NEVER);
        assert!(steps.values(&context, &[], 4, &rows).is_none(), "no more steps");
    }
}
