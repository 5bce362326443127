//! Totals of the journal per track.

use std::collections::HashMap;

use super::{Entry, Event};
use crate::library::Song;
use crate::track::TrackId;

/// The totals of a track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of plays, including imported counts of other players.
    pub plays: u32,
    /// Number of skips.
    pub skips: u32,
    /// Rating, 0 to 100; `None` if unrated.
    pub rating: Option<u8>,
    /// Time of the last play, in seconds since the Unix epoch.
    pub last_played: Option<u64>,
    /// Whether it is loved.
    pub loved: bool,
}

/// A tally, and whether a rating or love was ever recorded: a removed rating differs from one that
/// was never given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Kept {
    tally: Tally,
    rated: bool,
    loved: bool,
}

/// The tallies of all tracks in the journal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tallies {
    of: HashMap<TrackId, Kept>,
    /// Imported counts by track and player: plays, skips, last play (Unix seconds).
    counted: HashMap<(TrackId, String), (u32, u32, Option<u64>)>,
}

impl Tallies {
    /// Sums up entries.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Tallies {
        let mut tallies = Tallies::default();
        entries.into_iter().for_each(|entry| tallies.note(entry));
        tallies
    }

    /// Adds an entry. For ratings and loves the order of the entries decides, not their times.
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
            // These concern no single track.
            Event::OddOne { .. } | Event::TasteLess { .. } | Event::TasteUndone | Event::TasteReset => {}
            Event::Counted { track, source, plays, skips, last } => {
                let before = self.counted.insert((*track, source.clone()), (*plays, *skips, *last)).unwrap_or_default();
                tally.plays = tally.plays.saturating_sub(before.0).saturating_add(*plays);
                tally.skips = tally.skips.saturating_sub(before.1).saturating_add(*skips);
                tally.last_played = tally.last_played.max(*last);
            }
        }
    }

    /// The tally of a track; all zero if it is not in the journal.
    pub fn of(&self, track: TrackId) -> Tally {
        self.of.get(&track).map(|kept| kept.tally).unwrap_or_default()
    }

    /// The tally of a song, including its former identity: plays and skips are added up; a rating
    /// or love under the present identity takes precedence. If several tracks had the same former
    /// identity, each of them inherits all of it.
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

    /// Imported counts of a player for a track: plays, skips, last play (Unix seconds); `None` if
    /// never imported.
    pub fn counted(&self, track: TrackId, source: &str) -> Option<(u32, u32, Option<u64>)> {
        self.counted.get(&(track, source.to_owned())).copied()
    }

    /// All tracks with their tallies, in arbitrary order.
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
