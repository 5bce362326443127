//! Converts verdicts and answers to the per-dimension numbers that the model of `fit` explains.

use std::collections::HashMap;
use std::sync::Arc;

use crate::latent::{ALL_DIMS, Choice, DIMS, NAMED, Prior, Scorer, Signature, Space};
use crate::library::Catalog;
use crate::library::journal::Verdict;
use crate::queue::members;
use crate::track::TrackId;

use super::fit::{Row, Seen, WIDTH};
use super::history::Step;

/// Weight of a track heard to its end: nobody may have been listening.
const HEARD: f32 = 0.5;

/// The library and space in which steps are evaluated.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub catalog: &'a Catalog,
    pub space: &'a Space,
    pub prior: Prior,
}

/// Converts steps to observations. Scorers are cached by set, because consecutive verdicts are
/// often about the same set.
pub(super) struct Eye<'a> {
    view: View<'a>,
    sets: HashMap<Arc<[TrackId]>, Option<Scorer>>,
}

impl<'a> Eye<'a> {
    pub fn new(view: View<'a>) -> Eye<'a> {
        Eye { view, sets: HashMap::new() }
    }

    /// The observation for a step; `None` for a step that is not learned from, or whose tracks have
    /// no latents.
    pub fn see(&mut self, step: &Step) -> Option<Seen> {
        match step {
            Step::Judged { track, verdict, among } => self.judgement(*track, *verdict, among),
            Step::Odd { tracks, held_out: false } => answer(self.view.space, tracks),
            Step::Odd { .. } | Step::Less(_) | Step::Reset => None,
        }
    }

    /// A verdict: the per-dimension parts of the track's signature distance to the set it was
    /// chosen for.
    fn judgement(&mut self, track: TrackId, verdict: Verdict, among: &Arc<[TrackId]>) -> Option<Seen> {
        let View { catalog, space, prior } = self.view;
        let row = space.row(track)?;
        let scorer = self.sets.entry(among.clone()).or_insert_with(|| {
            let members = members(catalog, space, among);
            Some(Signature::of(space, &members, &Choice::Auto, prior)?.scorer())
        });
        let (liked, weight) = match verdict {
            Verdict::Kept => (1.0, 1.0),
            Verdict::Heard => (1.0, HEARD),
            Verdict::Skipped | Verdict::Removed | Verdict::Refused => (-1.0, 1.0),
        };
        let mut parts = [0.0; WIDTH];
        for (dim, part) in space.contributions(scorer.as_ref()?, row) {
            // A smaller distance speaks for a track, hence the negative sign for liked.
            parts[usize::from(dim)] = -liked * part;
        }
        // Keyed by track: repeated verdicts on a track are not independent and belong in one fold.
        let key = u32::from_be_bytes(*track.0.last_chunk()?);
        Some(Seen { rows: [parts, [0.0; WIDTH]], liked, key, weight })
    }
}

/// The observation for an answer, the odd one first; `None` when a track has no latent.
pub(super) fn answer(space: &Space, tracks: &[TrackId; 3]) -> Option<Seen> {
    let [odd, first, second] = differences(space, tracks)?;
    let margin = |other: &Row| std::array::from_fn(|d| other[d] - odd[d]);
    let key = tracks.iter().fold(0u32, |key, track| key.wrapping_mul(31).wrapping_add(u32::from(track.0[15])));
    Some(Seen { rows: [margin(&first), margin(&second)], liked: 0.0, key, weight: 1.0 })
}

/// For each of three tracks, the squared differences between the other two in each dimension: (z −
/// z′)² of their `Space::point`, or of their scores in the named dimensions. Circular dimensions
/// use 2 − 2·cos(α − α′), which averages 2 like the squared difference of normal scores. A
/// dimension is 0 where any of the three values is missing; `None` when a track has no latent.
pub(super) fn differences(space: &Space, tracks: &[TrackId; 3]) -> Option<[Row; 3]> {
    let mut rows = [0; 3];
    for (row, &track) in rows.iter_mut().zip(tracks) {
        *row = space.row(track)?;
    }
    let points = rows.map(|row| space.point(row));
    let mut out = [[0.0; WIDTH]; 3];
    let [of_first, of_second, of_third] = &mut out;
    let places = of_first.iter_mut().zip(of_second).zip(of_third);
    for (dim, ((first, second), third)) in places.enumerate().take(ALL_DIMS) {
        let place = |i: usize| match points.get(i) {
            Some(point) if dim < DIMS => Some(point[dim]),
            _ => space.score(rows[i], dim as u8),
        };
        let (Some(a), Some(b), Some(c)) = (place(0), place(1), place(2)) else { continue };
        let round = dim.checked_sub(DIMS).is_some_and(|i| NAMED[i].circular);
        let apart = |x: f32, y: f32| if round { 2.0 - 2.0 * (x - y).cos() } else { (x - y) * (x - y) };
        (*first, *second, *third) = (apart(b, c), apart(a, c), apart(a, b));
    }
    Some(out)
}
