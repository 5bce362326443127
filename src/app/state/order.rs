//! Playback order: which item follows the current one, and when playback stops.

use std::time::Duration;

use fastrand::Rng;

use crate::library::Song;
use crate::queue::{Item, Modes, Queue, Repeat, Shuffle};

use super::sounds::{Between, follows};

/// When the sleep timer stops playback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sleep {
    /// At this time since the start.
    At(Duration),
    /// After the current track.
    Track,
    /// After the current album.
    Album,
}

/// Playback order and sleep timer.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Repeat, shuffle, continue, consume.
    pub modes: Modes,
    /// The sleep timer.
    pub sleep: Option<Sleep>,
    /// The order of a repeating queue's next round, as serial numbers; made when it is needed.
    round: Vec<u64>,
    /// The [`Queue::edits`] for which `round` was made or verified.
    made_for: Option<u64>,
    /// The random number generator.
    rng: Rng,
}

impl Order {
    /// With a seeded generator, for reproducible tests.
    #[cfg(test)]
    pub fn with_seed(seed: u64) -> Order {
        Order { rng: Rng::with_seed(seed), ..Order::default() }
    }

    /// A number by which something is done another way each time: 1 to 9999.
    pub(in crate::app) fn lot(&mut self) -> u32 {
        self.rng.u32(1..10_000)
    }

    /// The effective repeat mode. Consume has precedence: a consumed track leaves the queue once played, the last one
    /// too (as in mpd), so nothing is left to repeat.
    fn repeat(&self) -> Repeat {
        if self.modes.consume { Repeat::Off } else { self.modes.repeat }
    }

    /// Whether the current track repeats.
    pub(in crate::app) fn repeats_one(&self) -> bool {
        self.repeat() == Repeat::One
    }

    /// Whether the queue restarts at its end.
    pub(in crate::app) fn goes_round(&self, queue: &Queue) -> bool {
        self.repeat() == Repeat::All && queue.items().iter().any(|i| !i.away)
    }

    /// Puts the user's items into the order of the shuffle mode.
    pub(in crate::app) fn arrange(&mut self, queue: &mut Queue) {
        queue.reorder(self.modes.shuffle, &mut self.rng);
        (self.round, self.made_for) = (Vec::new(), None);
    }

    /// Sets the shuffle mode of a queue whose order is set already.
    pub(in crate::app) fn set_shuffle(&mut self, shuffle: Shuffle) {
        if std::mem::replace(&mut self.modes.shuffle, shuffle) != shuffle {
            (self.round, self.made_for) = (Vec::new(), None);
        }
    }

    /// Called when the user added songs: a shuffled queue is shuffled again.
    pub(in crate::app) fn added(&mut self, queue: &mut Queue) {
        if self.modes.shuffle != Shuffle::Off {
            queue.reorder(self.modes.shuffle, &mut self.rng);
        }
    }

    /// The item that follows the current one without the user's doing.
    pub(in crate::app) fn follower<'a>(&mut self, queue: &'a Queue) -> Option<&'a Item> {
        if !self.modes.go_on || self.ends_here(queue) {
            return None;
        }
        if self.repeats_one() {
            return queue.playing();
        }
        let next = queue.ahead().iter().find(|i| !i.away);
        next.or_else(|| self.next_round(queue).iter().find_map(|serial| there(queue, *serial)))
    }

    /// The item after the follower, if known: the shuffled order of a round is decided only at the end of the round
    /// before it.
    fn second<'a>(&self, queue: &'a Queue, follower: u64) -> Option<&'a Item> {
        if self.repeats_one() {
            return queue.get(follower);
        }
        let again = self.repeat() == Repeat::All;
        let mut ahead = queue.ahead().iter().filter(|i| !i.away);
        if ahead.next().is_some() {
            let known = again && self.modes.shuffle == Shuffle::Off;
            return ahead.next().or_else(|| if known { queue.first_in_order() } else { None });
        }
        // The follower starts a new round; a round of a single track repeats it.
        let mut round = self.round.iter().filter_map(|serial| there(queue, *serial));
        let first = round.next();
        round.next().or(first).filter(|_| again)
    }

    /// The neighbours of the current item; `before` is the song heard before it.
    pub(in crate::app) fn around_current<'a>(&mut self, queue: &'a Queue, before: Option<&'a Song>) -> Between<'a> {
        Between { before, after: self.follower(queue).map(|i| &*i.song) }
    }

    /// The neighbours of the follower.
    pub(in crate::app) fn around_follower<'a>(&self, queue: &'a Queue, follower: u64) -> Between<'a> {
        let song = |item: &'a Item| &*item.song;
        Between { before: queue.playing().map(song), after: self.second(queue, follower).map(song) }
    }

    /// Makes the follower current, starting a new round if it belongs to one. False when it has left the queue.
    pub(in crate::app) fn reach(&mut self, queue: &mut Queue, serial: u64) -> bool {
        let wraps = queue.ahead().iter().all(|i| i.away)
            && self.repeat() == Repeat::All
            && self.round.contains(&serial)
            && queue.is_round(&self.round);
        if wraps {
            queue.begin(&std::mem::take(&mut self.round));
            self.made_for = None;
        }
        queue.jump(serial).is_some()
    }

    /// Moves on to the next item, or at the end of a repeating queue to the first of its next round. False when there
    /// is none; then no item is current.
    pub(in crate::app) fn step(&mut self, queue: &mut Queue) -> bool {
        queue.step().is_some() || self.again(queue)
    }

    fn again(&mut self, queue: &mut Queue) -> bool {
        let round = self.next_round(queue).to_vec();
        (self.round, self.made_for) = (Vec::new(), None);
        if round.is_empty() {
            return false;
        }
        queue.begin(&round);
        queue.step().is_some()
    }

    /// The order of the next round; empty when the queue does not repeat.
    fn next_round(&mut self, queue: &Queue) -> &[u64] {
        if self.repeat() != Repeat::All {
            return &[];
        }
        if self.made_for != Some(queue.edits()) {
            if !queue.is_round(&self.round) {
                self.round = queue.round(self.modes.shuffle, &mut self.rng);
            }
            self.made_for = Some(queue.edits());
        }
        &self.round
    }

    /// Whether the sleep timer stops playback after the current track.
    pub(in crate::app) fn ends_here(&self, queue: &Queue) -> bool {
        match self.sleep {
            Some(Sleep::Track) => true,
            Some(Sleep::Album) => {
                let next = queue.ahead().iter().find(|item| !item.away);
                !queue.playing().zip(next).is_some_and(|(now, next)| follows(&now.song, &next.song))
            }
            _ => false,
        }
    }

    /// Whether the sleep timer has run out; clears it in that case.
    pub(in crate::app) fn is_bedtime(&mut self, now: Duration) -> bool {
        self.sleep.take_if(|sleep| matches!(sleep, Sleep::At(then) if now >= *then)).is_some()
    }
}

/// The item with this serial, if the library has its file.
fn there(queue: &Queue, serial: u64) -> Option<&Item> {
    queue.get(serial).filter(|i| !i.away)
}
