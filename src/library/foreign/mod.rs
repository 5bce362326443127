//! What other players know of the user's music: ratings, play counts, when last. Read only; what they wrote stays as it is.

pub mod cmus;
pub mod mpd;
pub mod rhythmbox;

use std::path::PathBuf;

use super::journal::{Event, Tallies};
use crate::track::TrackId;

/// What another player knows of one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// The file. Relative where the player tells only where it lies below its music directory.
    pub path: PathBuf,
    /// Rating, 0 to 100.
    pub rating: Option<u8>,
    /// Whether it is loved, or expressly not.
    pub loved: Option<bool>,
    /// How often it was played.
    pub plays: u32,
    /// How often it was skipped.
    pub skips: u32,
    /// When it was played last, seconds since the Unix epoch.
    pub last: Option<u64>,
}

impl Known {
    /// Whether there is anything to take over.
    pub fn is_empty(&self) -> bool {
        *self == Known { path: self.path.clone(), ..Known::default() }
    }

    /// What the journal is to note of a track. A rating that the user gave here stays; counts replace those that came
    /// from the same player before, so that importing twice counts once.
    pub fn events(&self, track: TrackId, source: &str, tallies: &Tallies) -> Vec<Event> {
        let own = tallies.of(track);
        let mut events = Vec::new();
        if let Some(rating) = self.rating.filter(|_| own.rating.is_none()) {
            events.push(Event::Rated { track, rating: Some(rating) });
        }
        if self.loved == Some(true) && !own.loved {
            events.push(Event::Loved { track, loved: true });
        }
        let (plays, skips, last) = (self.plays, self.skips, self.last);
        if (plays, skips, last) != (0, 0, None) && tallies.counted(track, source) != (plays, skips, last) {
            events.push(Event::Counted { track, source: source.to_string(), plays, skips, last });
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::journal::Entry;

    #[test]
    fn importing_twice_counts_once_and_own_ratings_stay() {
        let track = TrackId([1; 16]);
        let known = Known { rating: Some(60), loved: Some(true), plays: 7, last: Some(5), ..Known::default() };
        let mut tallies = Tallies::default();
        let events = known.events(track, "mpd", &tallies);
        assert_eq!(events.len(), 3);
        for event in events {
            tallies.note(&Entry { at: 9, event });
        }
        assert_eq!((tallies.of(track).plays, tallies.of(track).rating), (7, Some(60)));
        assert!(known.events(track, "mpd", &tallies).is_empty());
        let more = Known { plays: 9, rating: Some(20), ..known };
        assert_eq!(more.events(track, "mpd", &tallies).len(), 1, "only the count: the rating is the user's by now");
        assert!(Known { path: "/a".into(), ..Known::default() }.is_empty());
    }
}
