//! Journeys: from one track to another, each step a real track on the way.
//!
//! Waypoints lie on the straight line from A to B (`Space::point`). By Pythagoras, a track's squared distance to a waypoint
//! is its squared distance from the line plus its squared distance along the line. The first is the same for every waypoint
//! and is the track's score; the second is what the steps weigh. In 32 dimensions most tracks project near the middle of the
//! line, so even steps along it would ask for tracks that do not exist near its ends; steps are even in the mean of the
//! projection and of its quantile among the tracks near the line. No step goes back, and the last is B itself.

use std::collections::{HashMap, HashSet};

use crate::latent::{DIMS, Latent, Scorer, Space};
use crate::queue::{Context, Proposal, SignatureEngine, Why};
use crate::track::TrackId;

use super::Course;
use super::leg::{Leg, along};
use super::steps::{Steps, mid_ranks};

/// Number of tracks near each waypoint that are candidates.
const NEAR: usize = 60;
/// Below this root mean square difference two tracks sound the same, and nothing lies between them.
const SAME: f32 = 0.05;

/// The line from A to B.
pub struct Line {
    from: Latent,
    to: Latent,
    square: f32,
}

impl Line {
    /// The line between two rows; `None` when they sound the same.
    pub fn new(space: &Space, from: u32, to: u32) -> Option<Line> {
        let (from, to) = (space.point(from), space.point(to));
        let square: f32 = from.iter().zip(&to).map(|(a, b)| (b - a) * (b - a)).sum();
        (square > SAME * SAME * DIMS as f32).then_some(Line { from, to, square })
    }

    /// Where a point projects onto the line: 0 at A, 1 at B.
    pub fn along(&self, z: &Latent) -> f32 {
        (0..DIMS).map(|d| (z[d] - self.from[d]) * (self.to[d] - self.from[d])).sum::<f32>() / self.square
    }

    /// The point at position `t`: 0 is A, 1 is B.
    fn at(&self, t: f32) -> Latent {
        std::array::from_fn(|d| self.from[d] + t * (self.to[d] - self.from[d]))
    }

    /// A point's distance from the line.
    pub fn aside(&self, z: &Latent) -> f32 {
        let foot = self.at(self.along(z));
        z.iter().zip(&foot).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
    }
}

/// The next steps of a journey: A unless it is already playing or queued, tracks between, B at the end.
///
/// # Errors
/// When an end is not analysed, or both sound the same.
pub(super) fn picks(
    context: &Context,
    course: &Course,
    from: TrackId,
    to: TrackId,
    want: usize,
) -> Result<(Vec<Proposal>, Option<String>), String> {
    let space = &context.space;
    let row = |id: TrackId| {
        space.row(id).ok_or_else(|| {
            let title = context.catalog.of_track(id).map_or_else(|| "a track".to_string(), |song| song.title());
            format!("{title} is not analysed yet: no journey")
        })
    };
    let (a, b) = (row(from)?, row(to)?);
    let line = Line::new(space, a, b).ok_or("both ends of the journey sound the same")?;
    let end = |id: TrackId| {
        let why = Why { engine: SignatureEngine::NAME.into(), ..Why::default() };
        Proposal { id, score: 0.0, why }
    };
    let situation = &context.situation;
    let there = situation.playing == Some(from) || situation.ahead.contains(&from);
    let mut picks = Vec::new();
    // An end that is unwanted or already ahead is left out.
    let may_end = context.wanted(to) && !situation.ahead.contains(&to);
    if course.picked.at == 0 && !there && context.wanted(from) {
        picks.push(end(from));
    }
    let begin = course.picked.track.and_then(|id| space.row(id)).map_or(0.0, |row| line.along(&space.point(row)));
    let left = course.left() - picks.len();
    // The last step is B.
    let (between, room) = (left.saturating_sub(1), want - picks.len());
    let mut apart = context.clone();
    // Exclude both ends, their versions and their sounds.
    apart.situation.playlist.extend([from, to]);
    let asked = between.min(room);
    let (mut found, note) = along(&apart, leg(&apart, &line, begin, left), asked);
    // Where no remaining track leads on, the journey ends early instead of going back.
    let mut reached = begin;
    found.retain(|pick| {
        let t = space.row(pick.id).map_or(f32::NAN, |row| line.along(&space.point(row)));
        let on = t > reached;
        reached = reached.max(t);
        on
    });
    let short = found.len() < asked;
    picks.extend(found);
    if (room > between || short) && may_end {
        picks.push(end(to));
    }
    Ok((picks, note))
}

/// The tracks near the rest of the line, and `left` steps of which the last is its end.
fn leg(context: &Context, line: &Line, begin: f32, left: usize) -> Leg {
    let space = &context.space;
    let standing: HashSet<u32> = context.standing().into_iter().filter_map(|id| space.row(id)).collect();
    let on_the_way = |row: u32| {
        let t = line.along(&space.point(row));
        let listed = || space.id(row).is_some_and(|id| context.lists(id));
        t > begin && t < 1.0 && !standing.contains(&row) && listed()
    };
    let mut rows: Vec<u32> = (1..left)
        .flat_map(|k| {
            let point = line.at(begin + (1.0 - begin) * k as f32 / left as f32);
            space.scan(&Scorer::around(&point, 0..DIMS as u8), NEAR, &on_the_way)
        })
        .map(|hit| hit.row)
        .collect();
    rows.sort_unstable();
    rows.dedup();
    let along: Vec<f32> =
        rows.iter().map(|&row| (line.along(&space.point(row)) - begin) / (1.0 - begin).max(1e-6)).collect();
    let places: HashMap<u32, f32> =
        rows.iter().copied().zip(along.iter().zip(mid_ranks(&along)).map(|(t, rank)| 0.5 * (t + rank))).collect();
    let pool = rows.iter().map(|&row| (row, -line.aside(&space.point(row)))).collect();
    // B may lie far out: then the step before it is the last track available.
    let top = places.values().copied().fold(0.0, f32::max);
    let end = (top * left as f32 / left.saturating_sub(1).max(1) as f32).min(1.0);
    Leg { pool, steps: Steps::new(places, 0.0, end, left, true), note: None }
}
