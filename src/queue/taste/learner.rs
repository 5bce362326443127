//! Holds the user's answers in the present latent space and the taste learned from them.

use std::sync::Arc;

use fastrand::Rng;

use crate::latent::{Prior, Space};
use crate::library::Catalog;
use crate::library::journal::{Entry, Event};
use crate::track::TrackId;

use super::agreement::{self, TasteReport};
use super::fit::Seen;
use super::history::{History, Step};
use super::seen::{Eye, View};
use super::{Taste, evidence, question};

/// The number of later answers after which an answer counts half: tastes change.
const HALF_LIFE: f32 = 400.0;
/// How many of the latest answers are learned from; an older one would count less than a fifth.
const MOST: usize = 1000;
/// What a wish for less of a dimension multiplies its weight by.
const LESS: f32 = 0.5;

/// What was said and what was learned from it.
#[derive(Clone, Debug, Default)]
pub struct Learner {
    history: History,
    /// What each of the latest steps is in `space`; shorter than the history while some were not looked at.
    seen: Vec<Option<Seen>>,
    /// How many steps stand before the first of those.
    skipped: usize,
    space: Arc<Space>,
    taste: Arc<Taste>,
    stale: bool,
}

impl Learner {
    /// Of a journal; nothing is learned before [`Learner::learn`].
    pub fn new(entries: &[Entry]) -> Learner {
        Learner { history: History::new(entries), stale: true, ..Learner::default() }
    }

    /// Takes an event in. Whether it says anything of taste.
    pub fn note(&mut self, event: &Event) -> bool {
        let (before, last) = (self.history.steps().len(), self.history.last().cloned());
        self.history.note(event);
        let changed = before != self.history.steps().len() || last.as_ref() != self.history.last();
        self.seen.truncate(self.history.steps().len().saturating_sub(self.skipped));
        self.stale |= changed;
        changed
    }

    /// What was said.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What was learned last.
    pub fn taste(&self) -> &Arc<Taste> {
        &self.taste
    }

    /// Whether what was said was ever looked at, if there is any.
    pub fn has_looked(&self) -> bool {
        // In the empty space before the library is known nothing is seen.
        self.history.steps().is_empty() || (!self.seen.is_empty() && !self.space.is_empty())
    }

    /// Whether there is something to be learned anew.
    pub fn is_stale(&self, space: &Arc<Space>) -> bool {
        self.stale || (!self.history.steps().is_empty() && !Arc::ptr_eq(&self.space, space))
    }

    /// Learns from everything that counts. Whether the taste is another one than before.
    pub fn learn(&mut self, catalog: &Catalog, space: &Arc<Space>, prior: Prior) -> bool {
        self.history.renew(&|track| catalog.current(track));
        self.look(View { catalog, space, prior }, space);
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
        let other = taste != *self.taste;
        self.taste = Arc::new(taste);
        other
    }

    /// What is known, for people.
    pub fn report(&self, space: &Space) -> TasteReport {
        agreement::report(&self.history, &self.taste, space)
    }

    /// Three tracks to ask about, and whether the answer is to be held out; `None` where no three tracks by different
    /// artists are analysed. Call it when nothing is stale.
    pub fn question(&self, catalog: &Catalog, space: &Space, seed: u64) -> Option<([TrackId; 3], bool)> {
        let mut rng = Rng::with_seed(seed);
        let held_out = self.history.holds_out_next();
        // Before anything is learned, questions must not depend on answers: they would look for what chance has said once,
        // and answers would seem to confirm each other (a fifth of listeners who answer at random would pass for more).
        let tracks = if held_out || !self.taste.learned {
            question::any(catalog, space, &mut rng)
        } else {
            question::best(&self.weighed(), catalog, space, &mut rng)
        };
        tracks.map(|tracks| (tracks, held_out))
    }

    /// Sees the steps that were not looked at yet, or all of them when the space is another.
    fn look(&mut self, view: View, space: &Arc<Space>) {
        let steps = self.history.steps();
        let first = self.history.begin().max(steps.len().saturating_sub(MOST));
        // A reset that was taken back reaches further back than before.
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
        // What is too old by now is dropped once it is half of all.
        if self.seen.len() >= 2 * MOST {
            let old = self.seen.len() - MOST;
            self.seen.drain(..old);
            self.skipped += old;
        }
    }

    /// What counts, the latest last and in full.
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
        weighed
    }
}
