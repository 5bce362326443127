//! Undo: the user's last changes of the queue, ratings, playlists, signatures and moods, each with what restores the state before it.
//!
//! A command that changes something that can be regretted pushes one step. [`Undo::close`] completes it after the
//! message, so that a command that changed nothing leaves no step.

use crate::library::journal::Event;
use crate::queue::{Former, Item, Queue, Shuffle};
use crate::track::TrackId;

use super::auto::{AutoQueue, Follows, Unwanted};
use super::bounds::Bounds;

/// How many steps can be undone.
const UNDOS: usize = 10;

/// A change that can be undone.
#[derive(Clone, Debug)]
pub(in crate::app) struct Step {
    /// The change, for display (sanitised).
    pub what: String,
    /// The state before it.
    pub before: Before,
    /// How many judgements of taste it wrote.
    pub judged: usize,
    /// [`Undo::said`] after it.
    said: i64,
    /// Whether the message that made it is still being handled.
    open: bool,
}

/// What restores the state before a change.
#[derive(Clone, Debug)]
pub(in crate::app) enum Before {
    /// The queue.
    Queue(Box<Stood>),
    /// The events that write the former ratings into the journal.
    Ratings(Vec<Event>),
    /// The number under which the diary thread keeps the former files of playlists, signatures or moods.
    Files(u64),
}

/// The queue before a change, and what belongs to it.
#[derive(Clone, Debug)]
pub(in crate::app) struct Stood {
    /// The items.
    pub former: Former,
    /// The tracks and artists refused until then, if the change concerns them.
    pub unwanted: Option<Unwanted>,
    /// The limits and the end of the queue until then, if the change concerns them.
    pub bounds: Option<Bounds>,
    /// The shuffle mode.
    pub shuffle: Shuffle,
    /// Seconds into the current item.
    pub position: f64,
    /// What the automatic items were picked for.
    pub follows: Follows,
}

impl Stood {
    /// Restores what is refused, too.
    pub fn with(self, unwanted: &Unwanted) -> Stood {
        Stood { unwanted: Some(unwanted.clone()), ..self }
    }

    /// Restores the limits and the end of the queue, too.
    pub fn within(self, bounds: &Bounds) -> Stood {
        Stood { bounds: Some(bounds.clone()), ..self }
    }
}

/// The steps that can be undone, and a count of the judgements of taste written, because only the last ones in the
/// journal can be undone there.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct Undo {
    steps: Vec<Step>,
    /// The newest number of a change of files.
    number: u64,
    /// The queue's items that were consumed since the first step: serial numbers and tracks.
    spent: Vec<(u64, TrackId)>,
    /// Judgements of taste written to the journal since the start, less those undone.
    said: i64,
    /// Those of this session whose writing the journal has not reported yet.
    unnoted: usize,
    /// Judgements that were undone by a step, and which the engine has not confirmed yet.
    unconfirmed: usize,
}

impl Undo {
    /// Makes a step of a change of the queue.
    pub fn push_queue(&mut self, what: impl AsRef<str>, stood: Stood) {
        self.push(what.as_ref(), Before::Queue(Box::new(stood)), true);
    }

    /// Makes a step of a change of ratings; the events write the former ones.
    pub fn push_ratings(&mut self, what: impl AsRef<str>, events: Vec<Event>) {
        if !events.is_empty() {
            self.push(what.as_ref(), Before::Ratings(events), true);
        }
    }

    /// Makes a step of a change of playlists, signatures or moods. Returns the number for the diary thread.
    pub fn push_files(&mut self, what: impl AsRef<str>) -> u64 {
        self.number += 1;
        self.push(what.as_ref(), Before::Files(self.number), true);
        self.number
    }

    fn push(&mut self, what: &str, before: Before, open: bool) {
        if self.steps.is_empty() {
            self.spent.clear();
        }
        self.steps.push(Step { what: crate::text::sanitize(what), before, judged: 0, said: self.said, open });
    }

    /// Ends a message that wrote so many judgements: they belong to the step that it made, if any. A step of the queue
    /// that changed nothing is dropped.
    pub fn close(&mut self, queue: &Queue, auto: &AutoQueue, shuffle: Shuffle, judgements: usize) {
        self.said += judgements as i64;
        self.unnoted += judgements;
        let Some(step) = self.steps.last_mut().filter(|step| step.open) else { return };
        (step.open, step.judged, step.said) = (false, judgements, self.said);
        if let Before::Queue(stood) = &mut step.before {
            let same = stood.unwanted.as_ref().is_none_or(|before| *before == auto.unwanted)
                && stood.bounds.as_ref().is_none_or(|before| before.is_like(&auto.bounds))
                && stood.shuffle == shuffle;
            if judgements == 0 && same && stood.former.is_unchanged(queue) {
                self.steps.pop();
                return;
            }
            stood.former.close(queue);
        }
        self.limit();
    }

    fn limit(&mut self) {
        let extra = self.steps.len().saturating_sub(UNDOS);
        self.steps.drain(..extra);
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

    /// Notes that these played items are about to be consumed, unless their files are missing.
    pub fn consume(&mut self, played: &[Item]) {
        if !self.steps.is_empty() {
            self.spent.extend(played.iter().filter(|item| !item.away).map(|item| (item.serial, item.song.track)));
        }
    }

    /// The items that were consumed since the first step: serial numbers and tracks.
    pub fn spent(&self) -> &[(u64, TrackId)] {
        &self.spent
    }

    /// Removes the last step; also returns whether its judgements are the last in the journal and can be undone. The
    /// caller then writes an [`Event::TasteUndone`] for each of them.
    pub fn pop(&mut self) -> Option<(Step, bool)> {
        let step = self.steps.pop()?;
        let last = step.said == self.said;
        if last {
            // This is the count before the step, once `close` has counted the events that undo them.
            self.said = step.said - 2 * step.judged as i64;
            self.unconfirmed += step.judged;
        }
        Some((step, last))
    }

    /// Whether the engine's next report of an undone judgement belongs to a step, whose notice was already shown.
    pub fn confirm(&mut self) -> bool {
        let left = self.unconfirmed.checked_sub(1);
        self.unconfirmed = left.unwrap_or_default();
        left.is_some()
    }

    /// A change of files failed, so there is nothing to undo.
    pub fn drop_files(&mut self, number: u64) {
        self.steps.retain(|step| !matches!(step.before, Before::Files(of) if of == number));
    }

    /// A change of files could not be undone now: it becomes the last step again.
    pub fn restore_files(&mut self, what: &str, number: u64) {
        self.push(what, Before::Files(number), false);
        self.limit();
    }

    /// The number of steps, and the last one.
    pub fn last(&self) -> Option<(usize, &str)> {
        self.steps.last().map(|step| (self.steps.len(), step.what.as_str()))
    }
}
