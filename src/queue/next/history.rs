//! The listening history: the journal divided into sessions.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::library::journal::{Entry, Event};
use crate::track::TrackId;

/// A pause of more than this many seconds ends a session.
pub const SESSION_GAP: u64 = 30 * 60;
/// Number of latest plays kept as input for the next prediction.
const REMEMBERED: usize = 16;

/// A play of a track. Unknown values are `None`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Play {
    /// The track.
    pub track: TrackId,
    /// The share of the track that was played, 0 to 1.
    pub completion: Option<f32>,
    /// Whether it was skipped.
    pub skipped: Option<bool>,
    /// Seconds of silence before it; `None` for the first of a session.
    pub gap: Option<f32>,
    /// Whether it serves as a training target: played to its end, or placed in a playlist.
    pub wanted: bool,
}

impl Play {
    /// An entry of a playlist.
    pub fn listed(track: TrackId) -> Play {
        Play { track, completion: None, skipped: None, gap: None, wanted: true }
    }

    /// The play recorded by a journal entry (without its `gap`) and its start in seconds since the
    /// Unix epoch; `None` for other events. `secs` gives a track's duration in seconds.
    fn of(entry: &Entry, secs: &dyn Fn(TrackId) -> Option<f64>) -> Option<(Play, u64)> {
        let (track, heard, whole, skipped) = match entry.event {
            Event::Played { track, secs, whole } => (track, secs, whole, false),
            Event::Skipped { track, secs } => (track, secs, false, true),
            _ => return None,
        };
        let share = || secs(track).filter(|s| *s > 0.0).map(|s| (heard / s).clamp(0.0, 1.0) as f32);
        let completion = if whole { Some(1.0) } else { share() };
        let play = Play { track, completion, skipped: Some(skipped), gap: None, wanted: whole };
        Some((play, entry.at.saturating_sub(heard.max(0.0) as u64)))
    }
}

/// Divides the plays of a journal into sessions, in order of time: within a session, the pauses are
/// at most [`SESSION_GAP`]. `secs` gives a track's duration in seconds.
pub fn sessions(entries: &[Entry], secs: &dyn Fn(TrackId) -> Option<f64>) -> Vec<Vec<Play>> {
    let mut plays: Vec<(u64, u64, Play)> =
        entries.iter().filter_map(|e| Play::of(e, secs).map(|(play, began)| (e.at, began, play))).collect();
    // An import may have appended older entries.
    plays.sort_by_key(|&(at, _, _)| at);
    let mut sessions: Vec<Vec<Play>> = Vec::new();
    let mut ended = None;
    for (at, began, mut play) in plays {
        let gap = ended.map(|ended| began.saturating_sub(ended)).filter(|gap| *gap <= SESSION_GAP);
        play.gap = gap.map(|gap| gap as f32);
        match sessions.last_mut().filter(|_| gap.is_some()) {
            Some(session) => session.push(play),
            None => sessions.push(vec![play]),
        }
        ended = Some(at);
    }
    sessions
}

/// The latest plays, as input for the next prediction.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    /// The end of each play (seconds since the Unix epoch) and the play, the latest last.
    plays: VecDeque<(u64, Play)>,
}

impl Recent {
    /// The latest plays of a journal.
    pub fn of(entries: &[Entry], secs: &dyn Fn(TrackId) -> Option<f64>) -> Recent {
        let mut recent = Recent::default();
        let mut plays: Vec<&Entry> = entries.iter().filter(|e| Play::of(e, secs).is_some()).collect();
        // An import may have appended older entries.
        plays.sort_by_key(|entry| entry.at);
        for entry in plays.iter().skip(plays.len().saturating_sub(REMEMBERED)) {
            recent.note(entry, secs);
        }
        recent
    }

    /// Adds a journal entry; returns whether it was a play.
    pub fn note(&mut self, entry: &Entry, secs: &dyn Fn(TrackId) -> Option<f64>) -> bool {
        let Some((mut play, began)) = Play::of(entry, secs) else { return false };
        play.gap = self
            .plays
            .back()
            .map(|(ended, _)| began.saturating_sub(*ended))
            .filter(|gap| *gap <= SESSION_GAP)
            .map(|gap| gap as f32);
        if self.plays.len() == REMEMBERED {
            self.plays.pop_front();
        }
        self.plays.push_back((entry.at, play));
        true
    }

    /// The plays of the session that is still open at `now` (seconds since the Unix epoch), the
    /// latest last; empty when the last session has ended. `playing` is an upper bound of the
    /// seconds for which the current track has been playing.
    pub fn session(&self, now: u64, playing: u64) -> Vec<Play> {
        let goes_on = self.plays.back().is_some_and(|(ended, _)| now.saturating_sub(*ended) <= SESSION_GAP + playing);
        if !goes_on {
            return Vec::new();
        }
        let began = self.plays.iter().rposition(|(_, play)| play.gap.is_none()).unwrap_or(0);
        self.plays.iter().skip(began).map(|(_, play)| *play).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> TrackId {
        TrackId([n; 16])
    }

    fn played(at: u64, n: u8, secs: f64, whole: bool) -> Entry {
        Entry { at, event: Event::Played { track: id(n), secs, whole } }
    }

    fn journal() -> Vec<Entry> {
        vec![
            played(1200, 1, 200.0, true),
            Entry { at: 1210, event: Event::Skipped { track: id(2), secs: 10.0 } },
            Entry { at: 1215, event: Event::Rated { track: id(1), rating: Some(80) } },
            played(1300, 3, 50.0, false),
            // After a pause of half an hour and one second.
            played(1300 + 1801 + 100, 4, 100.0, true),
            // An older play, imported later.
            played(500, 5, 100.0, true),
        ]
    }

    #[test]
    fn a_long_pause_ends_a_session() {
        let sessions = sessions(&journal(), &|_| Some(200.0));
        let tracks: Vec<Vec<TrackId>> = sessions.iter().map(|s| s.iter().map(|p| p.track).collect()).collect();
        assert_eq!(tracks, [vec![id(5), id(1), id(2), id(3)], vec![id(4)]]);
        let first = &sessions[0];
        assert_eq!(first.iter().map(|p| p.gap).collect::<Vec<_>>(), [None, Some(500.0), Some(0.0), Some(40.0)]);
        assert_eq!(first.iter().map(|p| p.wanted).collect::<Vec<_>>(), [true, true, false, false]);
        assert_eq!(first.iter().map(|p| p.skipped == Some(true)).collect::<Vec<_>>(), [false, false, true, false]);
        assert_eq!(first[2].completion, Some(0.05));
        assert_eq!(first[3].completion, Some(0.25));
    }

    #[test]
    fn the_latest_plays_are_this_session_s() {
        let mut entries = journal();
        // Without the play after the pause; an older one was imported after the others.
        entries.remove(4);
        let recent = Recent::of(&entries, &|_| None);
        let of = |now, playing| recent.session(now, playing).iter().map(|p| p.track).collect::<Vec<_>>();
        assert_eq!(of(1400, 0), [id(5), id(1), id(2), id(3)], "the imported one was the first");
        assert_eq!(of(1300 + 1801, 0), []);
        assert_eq!(of(1300 + 1801, 60), [id(5), id(1), id(2), id(3)], "a long track plays");
        let mut later = recent.clone();
        assert!(!later.note(&Entry { at: 1400, event: Event::Kept { track: id(9) } }, &|_| None));
        assert!(later.note(&played(9000, 6, 100.0, true), &|_| None));
        assert_eq!(later.session(9000, 0).len(), 1);
        (0..40).for_each(|n| assert!(later.note(&played(9100 + n * 100, 7, 100.0, true), &|_| None)));
        assert_eq!(later.session(13_000, 0).len(), REMEMBERED);
    }
}
