//! What the journal adds up to: how often each track was played and skipped, and when last.

use std::collections::HashMap;

use super::journal::{Entry, Event};
use crate::track::TrackId;

/// The sums of one track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How often it was listened to.
    pub plays: u32,
    /// How often it was turned away.
    pub skips: u32,
    /// When it was listened to last, Unix seconds.
    pub last: Option<u64>,
}

/// The sums of all.
#[derive(Clone, Debug, Default)]
pub struct Tally(HashMap<TrackId, Count>);

impl Tally {
    /// Adds a journal up.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Tally {
        let mut tally = Tally::default();
        entries.into_iter().for_each(|entry| tally.note(entry));
        tally
    }

    /// Adds an entry.
    pub fn note(&mut self, entry: &Entry) {
        match entry.event {
            Event::Played { track, .. } => {
                let count = self.0.entry(track).or_default();
                count.plays += 1;
                count.last = count.last.max(Some(entry.at));
            }
            Event::Skipped { track, .. } => self.0.entry(track).or_default().skips += 1,
        }
    }

    /// The sums of a track; zeros when it was never heard.
    pub fn get(&self, track: TrackId) -> Count {
        self.0.get(&track).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plays_and_skips_add_up() {
        let (a, b) = (TrackId([1; 16]), TrackId([2; 16]));
        let played = |at, track| Entry { at, event: Event::Played { track, secs: 60.0, whole: true } };
        let skipped = |at, track| Entry { at, event: Event::Skipped { track, secs: 2.0 } };
        let mut tally = Tally::of(&[played(5, a), skipped(7, a), played(3, a), skipped(9, b)]);
        assert_eq!(tally.get(a), Count { plays: 2, skips: 1, last: Some(5) });
        assert_eq!(tally.get(b), Count { plays: 0, skips: 1, last: None });
        tally.note(&played(11, b));
        assert_eq!((tally.get(b).last, tally.get(TrackId([3; 16]))), (Some(11), Count::default()));
    }
}
