//! Keeps the user's history as observations in the current latent space, and the taste learned from
//! them.

use std::sync::Arc;

use fastrand::Rng;

use crate::latent::{Prior, Space};
use crate::library::Catalog;
use crate::library::journal::{Entry, Event};
use crate::track::TrackId;

use super::agreement::{self, TasteReport};
use super::fit::Seen;
use super::history::{History, Step};
use super::listened::Listened;
use super::seen::{Eye, View};
use super::{Taste, evidence, question};

/// Number of later observations after which one's weight has halved: tastes change.
const HALF_LIFE: f32 = 400.0;
/// Number of latest observations that are learned from; an older one would have a weight below a
/// fifth.
const MOST: usize = 1000;
/// Factor by which each request for less of a dimension multiplies its weight.
const LESS: f32 = 0.5;

/// The history of statements about taste, and the taste learned from it.
#[derive(Clone, Debug, Default)]
pub struct Learner {
    history: History,
    /// Observations in `space` for the steps from `skipped` on (`None` for a step without one). It
    /// ends before the history does while new steps have not been converted.
    seen: Vec<Option<Seen>>,
    /// Number of steps before the first of `seen`.
    skipped: usize,
    /// What the listener chose to hear, as far as the journal had it at the start; and the observations of it in `space`.
    listened: Listened,
    heard: Vec<Seen>,
    space: Arc<Space>,
    taste: Arc<Taste>,
    stale: bool,
    /// It was learned from in a space with tracks: before the library is loaded the space is empty, and learning in it finds
    /// no observations.
    looked: bool,
}

impl Learner {
    /// Starts from a journal; nothing is learned until [`Learner::learn`].
    pub fn new(entries: &[Entry]) -> Learner {
        Learner { history: History::new(entries), listened: Listened::of(entries), stale: true, ..Learner::default() }
    }

    /// Takes the place of a learner of an earlier state of the journal: what that one has learned counts until the next
    /// [`Learner::learn`].
    pub fn instead_of(self, before: &Learner) -> Learner {
        Learner { taste: before.taste.clone(), looked: before.looked, ..self }
    }

    /// Applies an event. Returns whether it changed the history.
    pub fn note(&mut self, event: &Event) -> bool {
        let (before, last) = (self.history.steps().len(), self.history.last().cloned());
        self.history.note(event);
        let changed = before != self.history.steps().len() || last.as_ref() != self.history.last();
        self.seen.truncate(self.history.steps().len().saturating_sub(self.skipped));
        self.stale |= changed;
        changed
    }

    /// The statements so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The result of the last [`Learner::learn`].
    pub fn taste(&self) -> &Arc<Taste> {
        &self.taste
    }

    /// Whether the history has been learned from at least once, in a space with tracks, or is
    /// empty.
    pub fn has_looked(&self) -> bool {
        self.looked || (self.history.steps().is_empty() && self.listened.is_empty())
    }

    /// Whether the history or the space changed since the last [`Learner::learn`].
    pub fn is_stale(&self, space: &Arc<Space>) -> bool {
        let nothing = self.history.steps().is_empty() && self.listened.is_empty();
        self.stale || (!nothing && !Arc::ptr_eq(&self.space, space))
    }

    /// Learns from the steps and the sessions since the last reset. Returns whether the taste changed.
    pub fn learn(&mut self, catalog: &Catalog, space: &Arc<Space>, prior: Prior) -> bool {
        self.history.renew(&|track| catalog.current(track));
        self.look(View { catalog, space, prior }, space);
        self.heard = self.listened.seen(self.history.reset_at(), catalog, space);
        let seen = self.weighed();
        let mut taste = Taste::default();
        if let Some(fit) = evidence::supported(&seen).filter(|fit| fit.weights.iter().all(|w| w.is_finite())) {
            taste.weights.iter_mut().zip(fit.weights).for_each(|(weight, learned)| *weight = learned);
            taste.learned = true;
        }
        for step in self.history.counting() {
            if let Step::Less(dim) = step
                && let Some(weight) = taste.weights.get_mut(usize::from(*dim))
            {
                *weight *= LESS;
            }
        }
        self.stale = false;
        self.looked |= !space.is_empty();
        let other = taste != *self.taste;
        self.taste = Arc::new(taste);
        other
    }

    /// Summary of what was learned.
    pub fn report(&self, space: &Space) -> TasteReport {
        TasteReport { listens: self.heard.len(), ..agreement::report(&self.history, &self.taste, space) }
    }

    /// Three tracks to ask about, and whether the answer is to be held out; `None` where no three
    /// analysed tracks by different artists were found. Call it only when `Learner::is_stale` is
    /// false.
    pub fn question(&self, catalog: &Catalog, space: &Space, seed: u64) -> Option<([TrackId; 3], bool)> {
        let mut rng = Rng::with_seed(seed);
        let held_out = self.history.holds_out_next();
        // Before anything is learned, questions must not depend on earlier answers. Adaptive
        // questions would follow up chance patterns, and later answers would seem to confirm them:
        // a fifth of simulated listeners who answer at random would pass the test for having a
        // taste.
        let tracks = if held_out || !self.taste.learned {
            question::any(catalog, space, &mut rng)
        } else {
            question::best(&self.weighed(), catalog, space, &mut rng)
        };
        tracks.map(|tracks| (tracks, held_out))
    }

    /// Converts the steps that are new, or all of them when the space changed.
    fn look(&mut self, view: View, space: &Arc<Space>) {
        let steps = self.history.steps();
        let first = self.history.begin().max(steps.len().saturating_sub(MOST));
        // After a reset is undone, older steps count again.
        if !Arc::ptr_eq(&self.space, space) || first < self.skipped {
            self.seen.clear();
            self.space = space.clone();
        }
        if self.seen.is_empty() {
            self.skipped = first;
        }
        let mut eye = Eye::new(view);
        let new = steps.get(self.skipped + self.seen.len()..).unwrap_or_default();
        self.seen.extend(new.iter().map(|step| eye.see(step)));
        // Observations beyond the limit are dropped in batches, to amortise the cost.
        if self.seen.len() >= 2 * MOST {
            let old = self.seen.len() - MOST;
            self.seen.drain(..old);
            self.skipped += old;
        }
    }

    /// The latest observations since the last reset, weighted by age: of what was heard, then of what was said, each with the
    /// latest last.
    fn weighed(&self) -> Vec<Seen> {
        let begin = self.history.begin().saturating_sub(self.skipped).min(self.seen.len());
        let counting: Vec<&Seen> = self.seen[begin..].iter().flatten().collect();
        let latest = &counting[counting.len().saturating_sub(MOST)..];
        let weigh = |(ago, seen): (usize, &&Seen)| Seen {
            weight: seen.weight * 0.5f32.powf(ago as f32 / HALF_LIFE),
            ..(*seen).clone()
        };
        let mut weighed: Vec<Seen> = latest.iter().rev().enumerate().map(weigh).collect();
        weighed.reverse();
        [&self.heard[..], &weighed].concat()
    }
}
