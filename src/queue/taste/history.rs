//! Taste events of the journal: verdicts, odd-one-out answers and requests, with undone ones
//! removed.

use std::sync::Arc;

use crate::latent::ALL_DIMS;
use crate::library::journal::{Entry, Event, Verdict};
use crate::track::TrackId;

/// One answer in this many is held out from learning, to evaluate what was learned from the others.
pub const HELD_OUT: usize = 5;

/// One recorded statement about taste.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Verdict on a track that was chosen to fit a set.
    Judged {
        /// The track.
        track: TrackId,
        /// What became of it.
        verdict: Verdict,
        /// The tracks of that set.
        among: Arc<[TrackId]>,
    },
    /// The user's answer to which of three tracks sounds least like the other two.
    Odd {
        /// The three, the odd one first.
        tracks: [TrackId; 3],
        /// Whether it is used for evaluation only.
        held_out: bool,
    },
    /// The user asked for less weight on this dimension, counted from 0.
    Less(u8),
    /// Everything before this is ignored.
    Reset,
}

/// All steps that were not undone, the latest last.
#[derive(Clone, Debug, Default)]
pub struct History {
    steps: Vec<Step>,
    /// When each of the resets among the steps was made, in seconds since the Unix epoch; `u64::MAX` for one that was noted as it
    /// happened.
    resets: Vec<u64>,
}

impl History {
    /// Builds the history from journal entries, sorted by time: entries of an imported journal may
    /// follow newer ones.
    pub fn new(entries: &[Entry]) -> History {
        let mut entries: Vec<&Entry> = entries.iter().filter(|e| e.event.is_of_taste()).collect();
        entries.sort_by_key(|e| e.at);
        let mut history = History::default();
        for entry in entries {
            history.note(&entry.event);
            if entry.event == Event::TasteReset
                && let Some(at) = history.resets.last_mut()
            {
                *at = entry.at;
            }
        }
        history
    }

    /// Applies an event. Malformed events and those unrelated to taste are ignored.
    pub fn note(&mut self, event: &Event) {
        let step = match event {
            Event::TasteUndone => {
                if self.steps.pop() == Some(Step::Reset) {
                    self.resets.pop();
                }
                return;
            }
            Event::Judged { track, verdict, among } if !among.is_empty() => {
                Step::Judged { track: *track, verdict: *verdict, among: among.as_slice().into() }
            }
            Event::OddOne { tracks, odd, held_out } => {
                let Some(tracks) = odd_first(tracks, *odd) else { return };
                Step::Odd { tracks, held_out: *held_out }
            }
            Event::TasteLess { dim } if (1..=ALL_DIMS).contains(&usize::from(*dim)) => Step::Less(dim - 1),
            Event::TasteReset => {
                self.resets.push(u64::MAX);
                Step::Reset
            }
            _ => return,
        };
        self.steps.push(step);
    }

    /// Replaces former track identities by their present ones.
    pub fn renew(&mut self, current: &dyn Fn(TrackId) -> TrackId) {
        let renew = |track: &mut TrackId| {
            if track.is_former() {
                *track = current(*track);
            }
        };
        for step in &mut self.steps {
            match step {
                Step::Judged { track, among, .. } => {
                    renew(track);
                    if among.iter().any(|track| track.is_former()) {
                        let mut renewed = among.to_vec();
                        renewed.iter_mut().for_each(renew);
                        *among = renewed.into();
                    }
                }
                Step::Odd { tracks, .. } => tracks.iter_mut().for_each(renew),
                Step::Less(_) | Step::Reset => {}
            }
        }
    }

    /// All steps that were not undone, including those before a reset.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Index of the first step after the last reset.
    pub fn begin(&self) -> usize {
        self.steps.iter().rposition(|step| *step == Step::Reset).map_or(0, |i| i + 1)
    }

    /// The steps after the last reset.
    pub fn counting(&self) -> &[Step] {
        &self.steps[self.begin()..]
    }

    /// When the last reset was made, in seconds since the Unix epoch; 0 without one, `u64::MAX` for one that was noted as it happened.
    pub fn reset_at(&self) -> u64 {
        self.resets.last().copied().unwrap_or(0)
    }

    /// The step that the next undo would remove.
    pub fn last(&self) -> Option<&Step> {
        self.steps.last()
    }

    /// Number of answers since the last reset, held-out ones included.
    pub fn answers(&self) -> usize {
        self.counting().iter().filter(|step| matches!(step, Step::Odd { .. })).count()
    }

    /// Whether the answer to the next question is to be held out.
    pub fn holds_out_next(&self) -> bool {
        self.answers() % HELD_OUT == HELD_OUT - 1
    }
}

/// The triplet with the odd one first; `None` unless it is three different tracks and `odd` is 0, 1
/// or 2.
fn odd_first(tracks: &[TrackId], odd: u8) -> Option<[TrackId; 3]> {
    let mut three: [TrackId; 3] = tracks.try_into().ok()?;
    let [a, b, c] = three;
    if usize::from(odd) > 2 || a == b || b == c || a == c {
        return None;
    }
    three.swap(0, usize::from(odd));
    Some(three)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> TrackId {
        TrackId([n; 16])
    }

    fn judged(n: u8) -> Event {
        Event::Judged { track: id(n), verdict: Verdict::Kept, among: vec![id(9)] }
    }

    #[test]
    fn what_is_taken_back_is_gone_and_a_reset_can_be_taken_back() {
        let mut history = History::default();
        let odd = Event::OddOne { tracks: vec![id(1), id(2), id(3)], odd: 2, held_out: false };
        for event in [judged(1), odd, Event::TasteLess { dim: 33 }] {
            history.note(&event);
        }
        assert_eq!(history.counting().len(), 3);
        assert_eq!(history.counting()[1], Step::Odd { tracks: [id(3), id(2), id(1)], held_out: false });
        assert_eq!((history.last(), history.answers()), (Some(&Step::Less(32)), 1));
        history.note(&Event::TasteUndone);
        assert_eq!(history.counting().len(), 2);
        history.note(&Event::TasteReset);
        assert!(history.counting().is_empty());
        history.note(&judged(4));
        assert_eq!(history.counting().len(), 1);
        history.note(&Event::TasteUndone);
        history.note(&Event::TasteUndone);
        assert_eq!(history.counting().len(), 2, "the reset is taken back");
        (0..5).for_each(|_| history.note(&Event::TasteUndone));
        assert!(history.steps().is_empty());
        history.note(&Event::Judged { track: id(1), verdict: Verdict::Heard, among: Vec::new() });
        assert!(history.steps().is_empty(), "that says nothing of taste");
        let entries = [5, 7].map(|at| Entry { at, event: Event::TasteReset });
        let mut history = History::new(&entries);
        assert_eq!(history.reset_at(), 7);
        history.note(&Event::TasteUndone);
        assert_eq!(history.reset_at(), 5);
        history.note(&Event::TasteReset);
        assert_eq!(history.reset_at(), u64::MAX, "now");
    }

    #[test]
    fn tracks_go_by_their_present_identities() {
        let mut history = History::default();
        history.note(&Event::Judged { track: id(1), verdict: Verdict::Kept, among: vec![id(1), id(9)] });
        history.note(&Event::OddOne { tracks: vec![id(3), id(1), id(2)], odd: 0, held_out: false });
        history.renew(&|track| if track == id(1) { id(7) } else { track });
        let judged = Step::Judged { track: id(7), verdict: Verdict::Kept, among: [id(7), id(9)].into() };
        assert_eq!(history.steps(), [judged, Step::Odd { tracks: [id(3), id(7), id(2)], held_out: false }]);
    }

    #[test]
    fn nonsense_in_a_journal_says_nothing() {
        let three = |odd, c| Event::OddOne { tracks: vec![id(1), id(2), id(c)], odd, held_out: true };
        let events = [
            three(3, 3),
            three(0, 1),
            Event::OddOne { tracks: vec![id(1)], odd: 0, held_out: false },
            Event::TasteLess { dim: 0 },
            Event::TasteLess { dim: 99 },
            Event::Kept { track: id(1) },
        ];
        let entries: Vec<Entry> = (0..).zip(events).map(|(at, event)| Entry { at, event }).collect();
        assert!(History::new(&entries).steps().is_empty());
    }

    #[test]
    fn a_journal_is_read_in_the_order_of_its_times() {
        let entries = [Entry { at: 9, event: judged(2) }, Entry { at: 3, event: judged(1) }];
        let history = History::new(&entries);
        assert!(matches!(history.last(), Some(Step::Judged { track, .. }) if *track == id(2)));
        let mut history = History::default();
        let held: Vec<bool> = (0..10)
            .map(|_| {
                let held_out = history.holds_out_next();
                history.note(&Event::OddOne { tracks: vec![id(1), id(2), id(3)], odd: 0, held_out });
                held_out
            })
            .collect();
        assert_eq!(held.iter().filter(|h| **h).count(), 2);
        assert!(held[4] && held[9]);
    }
}
