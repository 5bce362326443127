//! Journeys: from one track to another, by way of others perhaps, each step a real track on the way, and no artist twice.
//!
//! Waypoints lie on the line from A to B (`Space::point`). By Pythagoras, a track's squared distance to a waypoint of a
//! straight line is its squared distance from the line plus its squared distance along the line. The first is the same for
//! every waypoint and is the track's score; the second is what the steps weigh. In 32 dimensions most tracks project near the
//! middle of the line, so even steps along it would ask for tracks that do not exist near its ends; steps are even in the mean
//! of the projection and of its quantile among the tracks near the line. No step goes back, and the last is B itself.
//!
//! So that a journey goes another way each time, its line is bent to a side that its seed draws: an arc of half a wave across
//! the straight line, which leaves every projection as it is. A journey by way of others is a line after the other; the steps
//! are shared out by their lengths.

use std::collections::{HashMap, HashSet};
use std::f32::consts::PI;

use fastrand::Rng;

use crate::latent::{DIMS, Latent, Scorer, Space};
use crate::queue::engine::group;
use crate::queue::{Context, EngineError, Proposal, SignatureEngine, Why, policy};
use crate::track::TrackId;

use super::Course;
use super::leg::{Leg, along};
use super::steps::{Steps, mid_ranks};

/// Number of tracks near each waypoint that are candidates.
const NEAR: usize = 60;
/// Below this root mean square difference two tracks sound the same, and nothing lies between them.
const SAME: f32 = 0.05;
/// How far the middle of a bent line lies aside, as a share of its length.
const BOW: f32 = 0.25;

/// The line from A to B.
pub struct Line {
    from: Latent,
    to: Latent,
    square: f32,
    /// Where its middle lies beside that of the straight line.
    bow: Latent,
}

impl Line {
    /// The straight line between two rows; `None` when they sound the same.
    pub fn new(space: &Space, from: u32, to: u32) -> Option<Line> {
        let (from, to) = (space.point(from), space.point(to));
        let square: f32 = from.iter().zip(&to).map(|(a, b)| (b - a) * (b - a)).sum();
        (square > SAME * SAME * DIMS as f32).then_some(Line { from, to, square, bow: [0.0; DIMS] })
    }

    /// The line bent to a side that the seed draws.
    #[must_use]
    pub fn bent(self, seed: u64) -> Line {
        let mut rng = Rng::with_seed(seed);
        let mut bow: Latent = std::array::from_fn(|_| (0..12).map(|_| rng.f32()).sum::<f32>() - 6.0);
        let lean = (0..DIMS).map(|d| bow[d] * (self.to[d] - self.from[d])).sum::<f32>() / self.square;
        bow.iter_mut().enumerate().for_each(|(d, b)| *b -= lean * (self.to[d] - self.from[d]));
        let size = bow.iter().map(|b| b * b).sum::<f32>().sqrt();
        let scale = if size > 1e-6 { BOW * self.square.sqrt() / size } else { 0.0 };
        Line { bow: bow.map(|b| scale * b), ..self }
    }

    /// Where a point projects onto the line: 0 at A, 1 at B.
    pub fn along(&self, z: &Latent) -> f32 {
        (0..DIMS).map(|d| (z[d] - self.from[d]) * (self.to[d] - self.from[d])).sum::<f32>() / self.square
    }

    /// The point at position `t`: 0 is A, 1 is B.
    fn at(&self, t: f32) -> Latent {
        let aside = (PI * t.clamp(0.0, 1.0)).sin();
        std::array::from_fn(|d| self.from[d] + t * (self.to[d] - self.from[d]) + aside * self.bow[d])
    }

    /// A point's distance from the line at its projection.
    pub fn aside(&self, z: &Latent) -> f32 {
        let foot = self.at(self.along(z));
        z.iter().zip(&foot).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
    }
}

/// Picks, each with the number of its step, and a note for the user.
type Found = (Vec<(u16, Proposal)>, Option<String>);

/// The next steps of a journey, each with its number: A unless it is already playing or queued, tracks between, the points that
/// it goes by, B at the end.
///
/// # Errors
/// When a point is not analysed, or both ends sound the same.
pub(super) fn picks(context: &Context, course: &Course, want: usize) -> Result<Found, EngineError> {
    let (space, situation) = (&context.space, &context.situation);
    let row = |id: &TrackId| {
        space.row(*id).ok_or_else(|| {
            let title = context.catalog.of_track(*id).map_or_else(|| "a track".to_string(), |song| song.title());
            EngineError::NoPoint(title)
        })
    };
    let points = course.points();
    let rows: Vec<u32> = points.iter().map(row).collect::<Result<_, _>>()?;
    if let [a, b] = rows[..] {
        Line::new(space, a, b).ok_or(EngineError::SameEnds)?;
    }
    let ends = ends(space, &rows, course.steps);
    let mut walk = Walk::of(context, course, &points);
    // A point that is unwanted, already ahead or kept out by a limit at its step is left out.
    let may_come = |walk: &Walk, id: TrackId| {
        context.wanted(id) && !situation.ahead.contains(&id) && policy::may_follow(&walk.context, id)
    };
    let from = points.first().copied().filter(|&from| situation.playing != Some(from) && may_come(&walk, from));
    if let Some(from) = from.filter(|_| course.picked.at == 0) {
        walk.take(1, point(from));
    }
    let mut note = None;
    for (n, &end) in ends.iter().enumerate() {
        if walk.at >= end {
            continue;
        }
        // Tracks between; the step after them is the point.
        let left = usize::from(end - walk.at);
        let room = want.saturating_sub(walk.picks.len());
        let asked = (left - 1).min(room);
        let before = walk.picks.len();
        if let Some(line) = Line::new(space, rows[n], rows[n + 1]) {
            let line = match course.seed {
                0 => line,
                seed => line.bent((u64::from(seed) << 8) | n as u64),
            };
            let start = if n == 0 { 0 } else { ends[n - 1] };
            let last = course.picked.track.filter(|_| course.picked.at > start && walk.at == course.picked.at);
            let begin = last.and_then(|id| space.row(id)).map_or(0.0, |row| line.along(&space.point(row)));
            let (found, said) = along(&walk.context, leg(&walk, &line, begin, left), asked);
            note = note.or(said);
            // Where no remaining track leads on, the way to the point ends early instead of going back.
            let mut reached = begin;
            for pick in found {
                let t = space.row(pick.id).map_or(f32::NAN, |row| line.along(&space.point(row)));
                if t > reached && walk.is_new(pick.id) {
                    reached = t;
                    walk.take(walk.at + 1, pick);
                }
            }
        }
        let short = walk.picks.len() - before < asked;
        if room < left && !short {
            break;
        }
        walk.at = end;
        if walk.picks.len() < want && may_come(&walk, points[n + 1]) {
            walk.take(end, point(points[n + 1]));
        }
    }
    Ok((walk.picks, note))
}

/// A point of the journey as a pick.
fn point(id: TrackId) -> Proposal {
    Proposal { id, score: 0.0, why: Why { engine: SignatureEngine::NAME.into(), ..Why::default() } }
}

/// How far a journey has come.
struct Walk {
    /// The session, with the points and what was picked in it: these, their versions and their sounds are no steps.
    context: Context,
    /// The artists of the points and of what was picked.
    artists: HashSet<u64>,
    /// The last step.
    at: u16,
    /// The picks of this request with their steps.
    picks: Vec<(u16, Proposal)>,
}

impl Walk {
    fn of(context: &Context, course: &Course, points: &[TrackId]) -> Walk {
        let mut context = context.clone();
        context.situation.playlist.extend(points);
        // The steps before are the last tracks that were heard or are ahead, as far as none was added or taken out.
        let situation = &context.situation;
        let mut before: Vec<TrackId> =
            situation.heard.iter().chain(&situation.playing).chain(&situation.ahead).copied().collect();
        before.dedup();
        let before = before.iter().rev().take(course.picked.at.into());
        let artists = points.iter().chain(before).map(|&id| group(&context.catalog, id)).collect();
        Walk { context, artists, at: course.picked.at, picks: Vec::new() }
    }

    /// Whether no step so far is by this track's artist.
    fn is_new(&self, id: TrackId) -> bool {
        !self.artists.contains(&group(&self.context.catalog, id))
    }

    fn take(&mut self, at: u16, pick: Proposal) {
        self.at = at;
        self.artists.insert(group(&self.context.catalog, pick.id));
        self.context.situation.pick([pick.id]);
        self.picks.push((at, pick));
    }
}

/// The step at which each point after the first is reached: by the lengths of the lines between them, and at least one more
/// than the one before.
fn ends(space: &Space, rows: &[u32], steps: u16) -> Vec<u16> {
    let lengths: Vec<f32> = rows.windows(2).map(|pair| space.difference(pair[0], pair[1])).collect();
    let (all, legs) = (lengths.iter().sum::<f32>().max(f32::MIN_POSITIVE), lengths.len());
    let mut gone = 0.0;
    let mut ends: Vec<u16> = Vec::with_capacity(legs);
    for (n, length) in lengths.iter().enumerate() {
        gone += length;
        let even = (f32::from(steps) * gone / all).round() as u16;
        let most = steps.saturating_sub((legs - 1 - n) as u16);
        let least = ends.last().map_or(2, |last| last + 1).min(most);
        ends.push(if n + 1 == legs { steps } else { even.clamp(least, most) });
    }
    ends
}

/// The tracks near the rest of the line, and `left` steps of which the last is its end.
fn leg(walk: &Walk, line: &Line, begin: f32, left: usize) -> Leg {
    let context = &walk.context;
    let space = &context.space;
    let standing: HashSet<u32> = context.standing().into_iter().filter_map(|id| space.row(id)).collect();
    let on_the_way = |row: u32| {
        let t = line.along(&space.point(row));
        let listed = || space.id(row).is_some_and(|id| context.lists(id) && walk.is_new(id));
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
    let artists = rows.iter().filter_map(|&row| Some((row, group(&context.catalog, space.id(row)?)))).collect();
    Leg { pool, steps: Steps::new(places, 0.0, end, left, true).apart(artists), note: None }
}
