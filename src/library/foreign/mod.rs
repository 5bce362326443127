//! Imports ratings, play counts and last-played times from other players, whose data is only read.

pub mod cmus;
mod error;
pub mod listens;
pub mod mpd;
pub mod rhythmbox;

use std::path::PathBuf;

pub use error::{ContentError, ImportError, MpdError};

use super::Song;
use super::journal::{Event, Tallies};

/// What another player knows about a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Path of the file. Relative to the player's music directory if that is unknown.
    pub path: PathBuf,
    /// Rating, 0 to 100.
    pub rating: Option<u8>,
    /// Whether it is loved (`true`) or disliked (`false`).
    pub loved: Option<bool>,
    /// Number of plays.
    pub plays: u32,
    /// Number of skips.
    pub skips: u32,
    /// Time of the last play, in seconds since the Unix epoch.
    pub last: Option<u64>,
}

impl Known {
    /// Whether there is nothing to import.
    pub fn is_empty(&self) -> bool {
        *self == Known { path: self.path.clone(), ..Known::default() }
    }

    /// The journal events that import this for a song. A rating given in jukebox is kept. Counts
    /// replace those imported earlier from the same `source`, so that importing twice counts once.
    pub fn events(&self, song: &Song, source: &str, tallies: &Tallies) -> Vec<Event> {
        let (own, track) = (tallies.of_song(song), song.track);
        let mut events = Vec::new();
        if let Some(rating) = self.rating.filter(|_| own.rating.is_none()) {
            events.push(Event::Rated { track, rating: Some(rating) });
        }
        if self.loved == Some(true) && !own.loved {
            events.push(Event::Loved { track, loved: true });
        }
        let (plays, skips, last) = (self.plays, self.skips, self.last);
        let counted =
            |track, plays, skips, last| Event::Counted { track, source: source.to_string(), plays, skips, last };
        let before = tallies.counted(song.former, source).filter(|_| song.former != track);
        let known = tallies.counted(track, source).or(before).unwrap_or_default();
        if (plays, skips, last) != (0, 0, None) && known != (plays, skips, last) {
            events.push(counted(track, plays, skips, last));
            // The new counts include those imported under the former identity.
            events.extend(before.filter(|n| (n.0, n.1) != (0, 0)).map(|_| counted(song.former, 0, 0, None)));
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::journal::Entry;
    use crate::track::TrackId;

    #[test]
    fn importing_twice_counts_once_and_own_ratings_stay() {
        let song = Song { former: TrackId([1; 16]), ..Song::bare("/m/a.mp3", TrackId([2; 16])) };
        let known = Known { rating: Some(60), loved: Some(true), plays: 7, last: Some(5), ..Known::default() };
        let mut tallies = Tallies::default();
        let events = known.events(&song, "mpd", &tallies);
        assert_eq!(events.len(), 3);
        for event in events {
            tallies.note(&Entry { at: 9, event });
        }
        assert_eq!((tallies.of_song(&song).plays, tallies.of_song(&song).rating), (7, Some(60)));
        assert!(known.events(&song, "mpd", &tallies).is_empty());
        let more = Known { plays: 9, rating: Some(20), ..known };
        assert_eq!(more.events(&song, "mpd", &tallies).len(), 1, "only the count: the rating is the user's by now");
        assert!(Known { path: "/a".into(), ..Known::default() }.is_empty());
        // An import made before the identity changed.
        let counted = Event::Counted { track: song.former, source: "mpd".into(), plays: 9, skips: 0, last: Some(5) };
        let mut tallies = Tallies::new(&[Entry { at: 9, event: counted }]);
        assert!(Known { loved: None, rating: None, ..more.clone() }.events(&song, "mpd", &tallies).is_empty());
        let later = Known { plays: 11, loved: None, rating: None, ..more };
        later.events(&song, "mpd", &tallies).into_iter().for_each(|event| tallies.note(&Entry { at: 10, event }));
        assert_eq!(tallies.of_song(&song).plays, 11);
    }
}
