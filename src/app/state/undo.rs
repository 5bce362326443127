//! Answers to proposals that can be taken back: how things stood before each.

use crate::library::journal::Event;
use crate::queue::{Item, Origin, Queue};

use super::auto::Unwanted;

/// How many answers can be taken back.
const UNDOS: usize = 50;

/// How things stood before an answer.
#[derive(Clone, Debug)]
pub(in crate::app) struct Before {
    /// The answer, in words.
    pub what: String,
    /// The items ahead.
    pub ahead: Vec<Item>,
    /// The newest item of the queue then.
    pub newest: u64,
    /// The items that the answer made the user's own, and their origins before.
    pub origins: Vec<(u64, Origin)>,
    /// What was not to be proposed.
    pub unwanted: Unwanted,
    /// How many judgements of taste the answer wrote.
    pub judged: usize,
    /// How many there were in all after it.
    said: i64,
}

/// The answers that can be taken back, and how many judgements of taste were written, since only the last one in the
/// journal can be taken back there.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct Undo {
    steps: Vec<Before>,
    /// Judgements of taste since the start.
    said: i64,
    /// Those of this session that have not come back from the journal yet.
    unnoted: usize,
}

impl Undo {
    /// Notes how things stand before an answer is carried out.
    pub fn remember(&mut self, what: String, queue: &Queue, unwanted: &Unwanted) {
        self.steps.push(Before {
            what,
            ahead: queue.ahead().to_vec(),
            newest: queue.newest(),
            origins: Vec::new(),
            unwanted: unwanted.clone(),
            judged: 0,
            said: self.said,
        });
        let extra = self.steps.len().saturating_sub(UNDOS);
        self.steps.drain(..extra);
    }

    /// The last answer makes these items the user's own.
    pub fn note_origins(&mut self, origins: Vec<(u64, Origin)>) {
        if let Some(before) = self.steps.last_mut() {
            before.origins = origins;
        }
    }

    /// The last answer wrote this many judgements.
    pub fn note_judged(&mut self, judged: usize) {
        if let Some(before) = self.steps.last_mut() {
            (before.judged, before.said) = (judged, self.said + judged as i64);
        }
    }

    /// This many judgements are on their way to the journal.
    pub fn wrote(&mut self, judgements: usize) {
        self.said += judgements as i64;
        self.unnoted += judgements;
    }

    /// Something went into the journal; `jukebox taste` in another terminal writes there, too.
    pub fn noted(&mut self, event: &Event) {
        if event.is_of_taste() {
            match self.unnoted.checked_sub(1) {
                Some(left) => self.unnoted = left,
                None => self.said += 1,
            }
        }
    }

    /// The last answer, and whether its judgements are the last in the journal and can be taken back. The caller writes
    /// an [`Event::TasteUndone`] for each of them.
    pub fn pop(&mut self) -> Option<(Before, bool)> {
        let before = self.steps.pop()?;
        let last = before.said == self.said;
        if last {
            // As many as before the answer, once the events that take them back are counted by `wrote`.
            self.said = before.said - 2 * before.judged as i64;
        }
        Some((before, last))
    }

    /// Nothing can be taken back any more.
    pub fn clear(&mut self) {
        self.steps.clear();
    }
}
