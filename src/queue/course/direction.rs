//! Directions: the next tracks rise or fall along one dimension and otherwise stay near the playlist.
//!
//! The pool is the ring of tracks nearest to the playlist's signature. Steps are even in the quantiles of the dimension
//! within that ring, from the last track's value almost to the end, so that every step has equally many tracks to
//! choose from; the signature distance decides among them. If the ring does not reach far enough beyond the last track,
//! it is widened; if even the library does not, the direction starts lower.

use std::collections::{HashMap, HashSet};

use crate::latent::{DIMS, Space, named};
use crate::queue::facts;
use crate::queue::{Context, EngineError};

use super::Course;
use super::leg::Leg;
use super::steps::{Steps, mid_rank, mid_ranks};

/// The ring holds one in `RING` tracks of the library.
const RING: usize = 10;
/// Lower and upper bound of the ring's size before it is widened.
const RING_SIZE: (usize, usize) = (300, 2000);
/// The factor by which the ring is widened.
const WIDER: usize = 3;
/// The quantile within the ring at which a course ends.
const GOAL: f32 = 0.97;
/// The quantile within the ring at which a course starts when too few tracks lie beyond the last one.
const LOWER: f32 = 0.3;
/// The least share of the library that a whole course must pass through.
const REACH: f32 = 0.25;
/// The least number of tracks beyond the last one per step.
const CHOICE: usize = 2;

/// A row's value in a 0-based dimension, for a direction: the normal score of a numbered dimension; a named one in its
/// own unit, the tempo in beats per minute between 80 and 160. `None` where unknown.
pub fn value(space: &Space, row: u32, dim: u8) -> Option<f32> {
    let value = facts::value(space, row, dim)?;
    Some(if usize::from(dim) == DIMS { named::bpm(value) } else { value })
}

/// The pool of tracks and the remaining steps of a course through it.
///
/// # Errors
/// When nothing of the playlist is analysed, or the dimension is known for too few tracks.
pub(super) fn leg(context: &Context, course: &Course, dim: u8, up: bool) -> Result<Leg, EngineError> {
    let (space, name) = (&context.space, named::label(dim));
    let Some((signature, members)) = context.signature(context.anchor()) else {
        return Err(EngineError::NotAnalysed);
    };
    let signed = |row: u32| value(space, row, dim).map(|v| if up { v } else { -v });
    let standing: HashSet<u32> = context.standing().into_iter().filter_map(|id| space.row(id)).collect();
    let listed = |row: u32| space.id(row).is_some_and(|id| context.lists(id));
    let mut near: Vec<(f32, u32, f32)> = (0..)
        .zip(space.distances(&signature.scorer()))
        .filter(|(row, _)| !standing.contains(row) && listed(*row))
        .filter_map(|(row, distance)| Some((distance, row, signed(row)?)))
        .collect();
    let left = course.left();
    if near.len() < left.max(2) {
        return Err(EngineError::NoDirection(name));
    }
    near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));

    // Start from the course's last pick, else the last track, else the middle of the playlist.
    let situation = &context.situation;
    let last = situation.ahead.last().or(situation.playing.as_ref()).or(situation.heard.last());
    let of_track = |id| signed(space.row(id)?);
    let begun = course.picked.track.and_then(of_track);
    let from = begun.or_else(|| of_track(*last?)).or_else(|| median(members.iter().filter_map(|m| signed(m.row))));

    let first = (near.len() / RING).clamp(RING_SIZE.0, RING_SIZE.1).max(left * 25).min(near.len());
    let sorted = |n: usize| {
        let mut values: Vec<f32> = near[..n].iter().map(|n| n.2).collect();
        values.sort_unstable_by(f32::total_cmp);
        values
    };
    let library = sorted(near.len());
    let enough = |values: &[f32], from: f32| {
        let beyond = values.len() - values.partition_point(|&v| v <= from);
        let goal = values[((values.len() - 1) as f32 * GOAL) as usize];
        let reach = mid_rank(&library, goal) - mid_rank(&library, from);
        beyond >= CHOICE * left && reach >= REACH * left as f32 / f32::from(course.steps)
    };
    let mut size = first;
    let mut values = sorted(size);
    let Some(mut from) = from else {
        let begin = mid_rank(&values, values[(values.len() as f32 * LOWER) as usize]);
        return Ok(made(&near[..size], begin, left, None));
    };
    while size < near.len() && !enough(&values, from) {
        size = (size * WIDER).min(near.len());
        values = sorted(size);
    }
    let mut note = (size > first && begun.is_none())
        .then(|| format!("few tracks near the playlist go that way in {name}: searching farther"));
    if begun.is_none() && !enough(&values, from) {
        // The last track is already near the end of the dimension.
        (size, values) = (first, sorted(first));
        let lower = values[(values.len() as f32 * LOWER) as usize];
        if lower < from {
            from = lower;
            let way = if up { "lower" } else { "higher" };
            note = Some(format!("the playing track is already at the end of {name}: starting {way}"));
        }
    }
    Ok(made(&near[..size], mid_rank(&values, from), left, note))
}

/// The leg through a ring of (signature distance, row, value) from a quantile (`begin`) in it.
fn made(ring: &[(f32, u32, f32)], begin: f32, left: usize, note: Option<String>) -> Leg {
    let ranks = mid_ranks(&ring.iter().map(|r| r.2).collect::<Vec<_>>());
    let places: HashMap<u32, f32> = ring.iter().map(|r| r.1).zip(ranks).collect();
    let rows = ring.iter().map(|&(distance, row, _)| (row, -distance)).collect();
    Leg { pool: rows, steps: Steps::new(places, begin, GOAL.max(begin), left, false), note }
}

fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    values.sort_unstable_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}
