//! What the listener chose to hear one after the other, in this player or, imported, in others: two tracks that follow each other
//! within a session belong together more than either does with a track of another session. That is an answer to which of the three is
//! the odd one, if a weak one: nobody was asked. Tracks that an engine chose are left out: they would confirm what it knew.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use fastrand::Rng;

use crate::latent::Space;
use crate::library::journal::{Entry, Event};
use crate::library::{Catalog, Song};
use crate::queue::next::history::{SESSION_GAP, sessions};
use crate::track::TrackId;

use super::fit::Seen;
use super::seen::answer;

/// Weight of such an answer beside one that was given.
const WEIGHT: f32 = 0.25;
/// Number of later ones after which one's weight has halved.
const HALF_LIFE: f32 = 400.0;
/// The most that are learned from.
const MOST: usize = 800;
/// The most plays that are kept.
const PLAYS: usize = 20_000;
/// How many tracks later the second one may come, as tracks of one artist in a row say nothing: albums sound like themselves.
const AHEAD: usize = 8;
/// Attempts to find a third track.
const ATTEMPTS: usize = 20;
/// A verdict within so many seconds of a play's end is about that play.
const SAME: u64 = 2;

/// The plays of the listener's own choice, by sessions.
#[derive(Clone, Debug, Default)]
pub(super) struct Listened {
    /// The end of each session in seconds since the Unix epoch, and its tracks that were heard to their end. The latest last.
    sessions: Vec<(u64, Vec<TrackId>)>,
}

impl Listened {
    /// From a journal.
    pub fn of(entries: &[Entry]) -> Listened {
        let mut judged: HashMap<TrackId, Vec<u64>> = HashMap::new();
        for entry in entries {
            if let Event::Judged { track, .. } = entry.event {
                judged.entry(track).or_default().push(entry.at);
            }
        }
        let chosen = |entry: &&Entry| match entry.event {
            Event::Played { track, .. } => {
                judged.get(&track).is_none_or(|times| times.iter().all(|at| at.abs_diff(entry.at) > SAME))
            }
            Event::Skipped { .. } => true,
            _ => false,
        };
        // The end of a session is not in it: of each track, the times at which its plays ended.
        let plays: Vec<Entry> = entries.iter().filter(chosen).cloned().collect();
        let mut ends: Vec<u64> = plays.iter().map(|entry| entry.at).collect();
        ends.sort_unstable();
        let mut ends = ends.into_iter();
        let mut found = Listened::default();
        for session in sessions(&plays, &|_| None) {
            // Every play is in one session, in the order of their ends.
            let end = ends.by_ref().take(session.len()).last().unwrap_or(0);
            let wanted: Vec<TrackId> = session.iter().filter(|play| play.wanted).map(|play| play.track).collect();
            if !wanted.is_empty() {
                found.sessions.push((end, wanted));
            }
        }
        let mut left = PLAYS;
        let kept = found.sessions.iter().rev().take_while(|(_, tracks)| {
            let fits = left >= tracks.len();
            left = left.saturating_sub(tracks.len());
            fits
        });
        let first = found.sessions.len() - kept.count();
        found.sessions.drain(..first);
        found
    }

    /// Whether there are no plays.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// The observations of the sessions that ended after a time, weighted by age, the latest last. Always the same for the same
    /// plays, catalog and space.
    pub fn seen(&self, after: u64, catalog: &Catalog, space: &Space) -> Vec<Seen> {
        let songs = |(_, tracks): &(u64, Vec<TrackId>)| -> Vec<Arc<Song>> {
            let songs = tracks.iter().filter_map(|track| catalog.of_track(catalog.current(*track)).cloned());
            songs.filter(|song| space.row(song.track).is_some()).collect()
        };
        let counting = self.sessions.iter().filter(|(end, _)| *end > after);
        let sessions: Vec<Vec<Arc<Song>>> = counting.map(songs).filter(|songs: &Vec<_>| !songs.is_empty()).collect();
        let pool: Vec<(usize, &Song)> =
            sessions.iter().enumerate().flat_map(|(n, songs)| songs.iter().map(move |song| (n, &**song))).collect();
        let mut rng = Rng::with_seed(pool.len() as u64);
        let mut triplets: Vec<(usize, [TrackId; 3])> = Vec::new();
        for (n, songs) in sessions.iter().enumerate() {
            let own: HashSet<TrackId> = songs.iter().map(|song| song.track).collect();
            for (i, first) in songs.iter().enumerate() {
                let mut later = songs.iter().skip(i + 1).take(AHEAD);
                let Some(second) = later.find(|later| is_apart(first, later)) else { continue };
                let odd = (0..ATTEMPTS).find_map(|_| {
                    let &(of, song) = pool.get(rng.usize(..pool.len()))?;
                    let fits = of != n && !own.contains(&song.track) && is_apart(song, first) && is_apart(song, second);
                    fits.then_some(song.track)
                });
                triplets.extend(odd.map(|odd| (n, [odd, first.track, second.track])));
            }
        }
        let latest = &triplets[triplets.len().saturating_sub(MOST)..];
        let seen = latest.iter().rev().enumerate().filter_map(|(ago, (n, tracks))| {
            let seen = answer(space, tracks)?;
            // Those of one session are not independent, and belong in one fold.
            Some(Seen { key: *n as u32, weight: WEIGHT * 0.5f32.powf(ago as f32 / HALF_LIFE), ..seen })
        });
        let mut seen: Vec<Seen> = seen.collect();
        seen.reverse();
        seen
    }
}

/// Whether two tracks are of different artists, as far as artists are known.
fn is_apart(a: &Song, b: &Song) -> bool {
    let (by, other) = (a.artist().to_lowercase(), b.artist().to_lowercase());
    a.track != b.track && (by.is_empty() || by != other)
}

const _: () = assert!(SAME < SESSION_GAP);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::journal::Verdict;

    fn id(n: u8) -> TrackId {
        TrackId([n; 16])
    }

    fn played(at: u64, n: u8, whole: bool) -> Entry {
        Entry { at, event: Event::Played { track: id(n), secs: 200.0, whole } }
    }

    #[test]
    fn a_session_has_what_was_heard_to_its_end_by_own_choice() {
        let entries = [
            played(1200, 1, true),
            Entry { at: 1210, event: Event::Skipped { track: id(2), secs: 10.0 } },
            played(1500, 3, false),
            played(1700, 4, true),
            // What an engine chose, and said so.
            played(1900, 5, true),
            Entry { at: 1900, event: Event::Judged { track: id(5), verdict: Verdict::Heard, among: vec![id(1)] } },
            played(2000, 9, true),
            Entry { at: 2001, event: Event::Judged { track: id(9), verdict: Verdict::Heard, among: Vec::new() } },
            played(2100, 6, true),
            // After more than half an hour, and an import of what was before.
            played(9000, 7, true),
            played(300, 8, true),
        ];
        let listened = Listened::of(&entries);
        assert_eq!(listened.sessions, [(2100, vec![id(8), id(1), id(4), id(6)]), (9000, vec![id(7)])]);
        assert!(Listened::of(&[]).is_empty());
    }
}
