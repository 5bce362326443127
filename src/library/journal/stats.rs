//! Listening statistics from the journal.

use std::collections::{BTreeMap, HashMap};

use super::{Entry, Event};
use crate::track::TrackId;

/// Listening statistics of a period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// Number of plays.
    pub plays: u32,
    /// Number of skips.
    pub skips: u32,
    /// Seconds played, of both.
    pub secs: f64,
    /// Plays and seconds played of each track.
    pub tracks: HashMap<TrackId, (u32, f64)>,
    /// Seconds played by hour of the day.
    pub hours: [f64; 24],
    /// Seconds played by week; the key is the number of its first day.
    pub weeks: BTreeMap<i64, f64>,
}

impl Stats {
    /// Statistics of the entries since `since` (seconds since the Unix epoch). `place` maps such a
    /// time to the hour of the day and the key of the week.
    pub fn new(entries: &[Entry], since: u64, place: impl Fn(u64) -> (usize, i64)) -> Stats {
        let mut stats = Stats::default();
        for entry in entries.iter().filter(|entry| entry.at >= since) {
            let (Event::Played { track, secs, .. } | Event::Skipped { track, secs }) = &entry.event else { continue };
            let played = matches!(entry.event, Event::Played { .. });
            let (hour, week) = place(entry.at);
            let of = stats.tracks.entry(*track).or_default();
            of.0 += u32::from(played);
            of.1 += secs;
            stats.plays += u32::from(played);
            stats.skips += u32::from(!played);
            stats.secs += secs;
            stats.hours[hour % 24] += secs;
            *stats.weeks.entry(week).or_default() += secs;
        }
        stats
    }

    /// The `count` most played tracks with their plays, in descending order; ties are broken by
    /// seconds played.
    pub fn most(&self, count: usize) -> Vec<(TrackId, u32)> {
        let mut tracks: Vec<_> = self.tracks.iter().filter(|(_, (plays, _))| *plays > 0).collect();
        tracks.sort_by(|(a, x), (b, y)| y.0.cmp(&x.0).then(y.1.total_cmp(&x.1)).then(a.cmp(b)));
        tracks.into_iter().take(count).map(|(track, (plays, _))| (*track, *plays)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_is_summed() {
        let id = |n| TrackId([n; 16]);
        let played = |at, n, secs| Entry { at, event: Event::Played { track: id(n), secs, whole: true } };
        let skipped = Entry { at: 7200, event: Event::Skipped { track: id(3), secs: 1.0 } };
        let rated = Entry { at: 9000, event: Event::Rated { track: id(4), rating: Some(20) } };
        let entries =
            [played(0, 1, 9.0), played(3600, 1, 60.0), played(3700, 2, 30.0), played(7300, 2, 31.0), skipped, rated];
        let stats = Stats::new(&entries, 3600, |at| ((at / 3600) as usize, (at / 7200) as i64));
        assert_eq!((stats.plays, stats.skips, stats.secs), (3, 1, 122.0));
        assert_eq!(stats.most(9), [(id(2), 2), (id(1), 1)]);
        assert_eq!((stats.hours[0], stats.hours[1], stats.hours[2]), (0.0, 90.0, 32.0));
        assert_eq!(stats.weeks, [(0, 90.0), (1, 32.0)].into());
    }
}
