//! What the player keeps of the journal in memory: made at the start, and anew when entries were imported.

use std::collections::HashSet;

use crate::app::state::model::HEARD;
use crate::library::journal::{Entry, Event, Tallies};
use crate::queue::next::Recent;
use crate::queue::taste::Learner;
use crate::track::TrackId;

/// What is kept of a journal.
#[derive(Clone, Debug)]
pub struct Past {
    /// Plays, ratings and the like.
    pub tallies: Tallies,
    /// What taste is learned from.
    pub taste: Learner,
    /// The latest plays, as the next-track model takes them.
    pub recent: Recent,
    /// The tracks that were heard last, each once, at most [`HEARD`]; the latest last.
    pub heard: Vec<TrackId>,
}

impl Past {
    /// What is kept of these entries.
    pub fn of(entries: &[Entry]) -> Past {
        let mut plays: Vec<(u64, TrackId)> =
            entries.iter().filter_map(|entry| Some((entry.at, heard(&entry.event)?))).collect();
        // An import may have appended older entries.
        plays.sort_by_key(|(at, _)| *at);
        let mut seen = HashSet::new();
        let latest = plays.into_iter().rev().map(|(_, track)| track).filter(|track| seen.insert(*track));
        let mut heard: Vec<TrackId> = latest.take(HEARD).collect();
        heard.reverse();
        Past {
            tallies: Tallies::new(entries),
            taste: Learner::new(entries),
            recent: Recent::of(entries, &|_| None),
            heard,
        }
    }

    /// Adds a later entry.
    pub fn note(&mut self, entry: &Entry) {
        self.tallies.note(entry);
        self.taste.note(&entry.event);
        self.recent.note(entry, &|_| None);
        if let Some(track) = heard(&entry.event) {
            self.heard.retain(|of| *of != track);
            self.heard.push(track);
            let more = self.heard.len().saturating_sub(HEARD);
            self.heard.drain(..more);
        }
    }
}

/// The track that was heard.
fn heard(event: &Event) -> Option<TrackId> {
    match event {
        Event::Played { track, .. } | Event::Skipped { track, .. } => Some(*track),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u16) -> TrackId {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&n.to_le_bytes());
        TrackId(id)
    }

    fn played(at: u64, n: u16) -> Entry {
        Entry { at, event: Event::Played { track: id(n), secs: 60.0, whole: true } }
    }

    #[test]
    fn the_tracks_heard_last_are_in_the_order_of_their_times() {
        let rated = Entry { at: 9, event: Event::Rated { track: id(4), rating: Some(80) } };
        // The third play is of an import.
        let mut past = Past::of(&[played(100, 1), played(200, 2), played(50, 3), rated, played(40, 2)]);
        assert_eq!(past.heard, [id(3), id(1), id(2)]);
        assert_eq!((past.tallies.of(id(2)).plays, past.tallies.of(id(4)).rating), (2, Some(80)));
        past.note(&Entry { at: 300, event: Event::Skipped { track: id(1), secs: 3.0 } });
        assert_eq!(past.heard, [id(3), id(2), id(1)]);
        assert_eq!((past.tallies.of(id(1)).skips, past.recent.session(300, 0).len()), (1, 5));
    }

    #[test]
    fn so_many_tracks_are_kept() {
        let many: Vec<Entry> = (0..1000).map(|n| played(u64::from(n), n)).collect();
        let mut past = Past::of(&many);
        assert_eq!((past.heard.len(), past.heard.first(), past.heard.last()), (HEARD, Some(&id(500)), Some(&id(999))));
        past.note(&played(1000, 1000));
        assert_eq!((past.heard.len(), past.heard.last()), (HEARD, Some(&id(1000))));
    }
}
