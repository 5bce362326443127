//! Totals of the journal for each track.

use std::collections::HashMap;

use super::{Entry, Event};
use crate::library::Song;
use crate::track::TrackId;

/// What the user did with a track, summed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often it was listened to, here and as other players counted.
    pub plays: u32,
    /// How often it was rejected.
    pub skips: u32,
    /// Rating, 0 to 100; `None` when it has none.
    pub rating: Option<u8>,
    /// When it was last listened to, seconds since the Unix epoch.
    pub last_played: Option<u64>,
    /// Whether it is loved.
    pub loved: bool,
}

/// A tally, and what of it was ever said: to take a rating back is another thing than never to give one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Kept {
    tally: Tally,
    rated: bool,
    loved: bool,
}

/// The tally of every track that the journal knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tallies {
    of: HashMap<TrackId, Kept>,
    /// What each other player counted: plays, skips, when last.
    counted: HashMap<(TrackId, String), (u32, u32, Option<u64>)>,
}

impl Tallies {
    /// The sums of entries.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Tallies {
        let mut tallies = Tallies::default();
        entries.into_iter().for_each(|entry| tallies.note(entry));
        tallies
    }

    /// Takes an entry in. Ratings and loves go by the order of entries, not by their times.
    pub fn note(&mut self, entry: &Entry) {
        let Some(track) = entry.event.track() else { return };
        let kept = self.of.entry(track).or_default();
        let tally = &mut kept.tally;
        match &entry.event {
            Event::Played { .. } => {
                tally.plays = tally.plays.saturating_add(1);
                tally.last_played = tally.last_played.max(Some(entry.at));
            }
            Event::Skipped { .. } => tally.skips = tally.skips.saturating_add(1),
            Event::Rated { rating, .. } => (tally.rating, kept.rated) = (*rating, true),
            Event::Loved { loved, .. } => (tally.loved, kept.loved) = (*loved, true),
            Event::Kept { .. } | Event::Removed { .. } | Event::Judged { .. } => {}
            // About no track in particular.
            Event::OddOne { .. } | Event::TasteLess { .. } | Event::TasteUndone | Event::TasteReset => {}
            Event::Counted { track, source, plays, skips, last } => {
                let before = self.counted.insert((*track, source.clone()), (*plays, *skips, *last)).unwrap_or_default();
                tally.plays = tally.plays.saturating_sub(before.0).saturating_add(*plays);
                tally.skips = tally.skips.saturating_sub(before.1).saturating_add(*skips);
                tally.last_played = tally.last_played.max(*last);
            }
        }
    }

    /// The tally of a track; zeros for one that the journal does not know.
    pub fn of(&self, track: TrackId) -> Tally {
        self.of.get(&track).map(|kept| kept.tally).unwrap_or_default()
    }

    /// The tally of a song, with what was noted under its former identity: plays and skips are added, of ratings and loves
    /// the present identity's word is the last one. Of several tracks that were taken for one each inherits everything.
    pub fn of_song(&self, song: &Song) -> Tally {
        if song.former == song.track {
            return self.of(song.track);
        }
        let get = |track| self.of.get(&track).copied().unwrap_or_default();
        let (now, before) = (get(song.track), get(song.former));
        Tally {
            plays: now.tally.plays.saturating_add(before.tally.plays),
            skips: now.tally.skips.saturating_add(before.tally.skips),
            rating: if now.rated { now.tally.rating } else { before.tally.rating },
            last_played: now.tally.last_played.max(before.tally.last_played),
            loved: if now.loved { now.tally.loved } else { before.tally.loved },
        }
    }

    /// What another player had counted of a track: plays, skips, when last; `None` when it was never asked.
    pub fn counted(&self, track: TrackId, source: &str) -> Option<(u32, u32, Option<u64>)> {
        self.counted.get(&(track, source.to_owned())).copied()
    }

    /// Every track and its tally, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (TrackId, &Tally)> {
        self.of.iter().map(|(track, kept)| (*track, &kept.tally))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_add_up() {
        let track = TrackId([1; 16]);
        let counted = |plays, last| Event::Counted { track, source: "mpd".into(), plays, skips: 1, last };
        let events = [
            Event::Played { track, secs: 60.0, whole: true },
            Event::Skipped { track, secs: 2.0 },
            Event::Rated { track, rating: Some(80) },
            Event::Loved { track, loved: true },
            Event::Kept { track },
            counted(10, Some(5)),
            Event::Rated { track, rating: Some(40) },
            counted(12, None),
        ];
        let entries: Vec<Entry> = (100..).zip(events).map(|(at, event)| Entry { at, event }).collect();
        let tallies = Tallies::new(&entries);
        let expected = Tally { plays: 13, skips: 2, rating: Some(40), last_played: Some(100), loved: true };
        assert_eq!(tallies.of(track), expected, "what another player counted replaces its earlier count");
        assert_eq!(tallies.of(TrackId([2; 16])), Tally::default());
        let mut later = tallies.clone();
        later.note(&Entry { at: 300, event: Event::Rated { track, rating: None } });
        later.note(&Entry { at: 301, event: Event::Loved { track, loved: false } });
        assert_eq!((later.of(track).rating, later.of(track).loved), (None, false));
    }

    #[test]
    fn what_was_said_of_the_former_identity_stands_until_something_else_is_said() {
        let (track, former) = (TrackId([2; 16]), TrackId([1; 16]));
        let song = Song { former, ..Song::bare("/m/a.mp3", track) };
        let played = |track| Event::Played { track, secs: 60.0, whole: true };
        let events = [
            played(former),
            Event::Skipped { track: former, secs: 2.0 },
            Event::Rated { track: former, rating: Some(80) },
            Event::Loved { track: former, loved: true },
            played(track),
        ];
        let entries: Vec<Entry> = (100..).zip(events).map(|(at, event)| Entry { at, event }).collect();
        let mut tallies = Tallies::new(&entries);
        let expected = Tally { plays: 2, skips: 1, rating: Some(80), last_played: Some(104), loved: true };
        assert_eq!(tallies.of_song(&song), expected);
        assert_eq!(tallies.of_song(&Song { track: TrackId([9; 16]), ..song.clone() }).rating, Some(80), "so its twin");
        tallies.note(&Entry { at: 200, event: Event::Rated { track, rating: None } });
        tallies.note(&Entry { at: 201, event: Event::Loved { track, loved: false } });
        assert_eq!((tallies.of_song(&song).rating, tallies.of_song(&song).loved), (None, false));
    }
}
