//! Undo of the user's answers to proposals, from the state before each answer.

use crate::library::journal::Event;
use crate::queue::{Item, Origin, Queue};

use super::auto::Unwanted;

/// How many answers can be undone.
const UNDOS: usize = 50;

/// The state before an answer.
#[derive(Clone, Debug)]
pub(in crate::app) struct Before {
    /// The answer, for display.
    pub what: String,
    /// The items ahead.
    pub ahead: Vec<Item>,
    /// The serial number of the queue's newest item.
    pub newest: u64,
    /// The items that the answer turned into the user's own, by serial number, with their origins before.
    pub origins: Vec<(u64, Origin)>,
    /// The tracks and artists refused until then.
    pub unwanted: Unwanted,
    /// How many judgements of taste the answer wrote.
    pub judged: usize,
    /// [`Undo::said`] after the answer.
    said: i64,
}

/// The answers that can be undone, and a count of the judgements of taste written, because only the last ones in the
/// journal can be undone there.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct Undo {
    steps: Vec<Before>,
    /// Judgements of taste written to the journal since the start, less those undone.
    said: i64,
    /// Those of this session whose writing the journal has not reported yet.
    unnoted: usize,
}

impl Undo {
    /// Keeps the state before an answer is carried out.
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

    /// Notes the items that the last answer turned into the user's own.
    pub fn note_origins(&mut self, origins: Vec<(u64, Origin)>) {
        if let Some(before) = self.steps.last_mut() {
            before.origins = origins;
        }
    }

    /// Notes how many judgements the last answer wrote.
    pub fn note_judged(&mut self, judged: usize) {
        if let Some(before) = self.steps.last_mut() {
            (before.judged, before.said) = (judged, self.said + judged as i64);
        }
    }

    /// Counts judgements that were sent to the journal.
    pub fn wrote(&mut self, judgements: usize) {
        self.said += judgements as i64;
        self.unnoted += judgements;
    }

    /// Counts an event written to the journal; `jukebox taste` in another terminal writes there, too.
    pub fn noted(&mut self, event: &Event) {
        if event.is_of_taste() {
            match self.unnoted.checked_sub(1) {
                Some(left) => self.unnoted = left,
                None => self.said += 1,
            }
        }
    }

    /// Removes the last answer; also returns whether its judgements are the last in the journal and can be undone. The
    /// caller then writes an [`Event::TasteUndone`] for each of them.
    pub fn pop(&mut self) -> Option<(Before, bool)> {
        let before = self.steps.pop()?;
        let last = before.said == self.said;
        if last {
            // This is the count before the answer, once `wrote` has counted the events that undo them.
            self.said = before.said - 2 * before.judged as i64;
        }
        Some((before, last))
    }

    /// Forgets all answers.
    pub fn clear(&mut self) {
        self.steps.clear();
    }
}
