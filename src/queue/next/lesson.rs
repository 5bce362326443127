//! The training data of a next-track model: a history in the latent space of one moment, small enough to be passed to another
//! process.

use std::collections::HashMap;
use std::time::Instant;

use jukebox_encoder::next::{self, Card, Example, NextTrack, STEPS, Step};
use serde::{Deserialize, Serialize};

use super::history::Play;
use super::judge::{self, Trial};
use super::report::{MODEL, Report, Verdict};
use crate::latent::{Latent, Space};
use crate::library::Catalog;
use crate::track::TrackId;
use crate::worker::Limits;

pub use super::report::{FEWEST, FEWEST_SESSIONS};

/// The share of the sessions, the latest, that is held out: one of so many.
const HELD_OUT: usize = 5;
/// Tracks of the library that others are told from, beside those that were heard.
const OTHERS: usize = 4000;
/// The latest plays that are learned from, so that the history of a lifetime costs no more than a few years'.
const MOST_PLAYS: usize = 40_000;
/// Seeds the training and the judging.
const SEED: u64 = 6;

/// Limits of the process that learns: 2 GiB of address space, the lowest priority.
pub const LIMITS: Limits = Limits { address_space: Some(2 << 30), nice: 19, parent_death: true };

/// How every track of a library sounds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sounds {
    /// The generation of latents.
    pub generation: String,
    /// The tracks by their ids, ascending: how long each is, seconds, and its normal scores.
    pub tracks: Vec<(TrackId, f64, Latent)>,
    /// Former identities, ascending, and whose they were.
    #[serde(default)]
    pub former: Vec<(TrackId, TrackId)>,
}

impl Sounds {
    /// Those of a space; the catalog knows how long a track is.
    pub fn of(space: &Space, catalog: &Catalog) -> Sounds {
        let secs = |id| catalog.of_track(id).map_or(0.0, |song| song.secs);
        let rows = (0..space.len() as u32).filter_map(|row| Some((space.id(row)?, row)));
        let tracks = rows.map(|(id, row)| (id, secs(id), space.z(row))).collect();
        let mut former: Vec<_> = catalog.songs().iter().map(|song| (song.former, song.track)).collect();
        former.retain(|(former, track)| former != track);
        former.sort_unstable();
        // Of several tracks that were taken for one the first, as in the catalog.
        former.dedup_by_key(|(former, _)| *former);
        Sounds { generation: space.generation().to_owned(), tracks, former }
    }

    /// How long a track is, seconds.
    pub fn secs(&self, track: TrackId) -> Option<f64> {
        self.row(track).map(|row| self.tracks[row].1)
    }

    fn row(&self, track: TrackId) -> Option<usize> {
        let place = |track: TrackId| self.tracks.binary_search_by(|(id, _, _)| id.cmp(&track)).ok();
        let renewed = || Some(self.former[self.former.binary_search_by(|(id, _)| id.cmp(&track)).ok()?].1);
        place(track).or_else(|| place(renewed()?))
    }
}

/// One play of a session.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// The track's row in [`Lesson::library`].
    pub row: u32,
    /// See [`Play`].
    pub completion: Option<f32>,
    /// See [`Play`].
    pub skipped: Option<bool>,
    /// See [`Play`].
    pub gap: Option<f32>,
    /// See [`Play`].
    pub wanted: bool,
}

/// Everything that a model is learned from and judged by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// The generation of latents.
    pub generation: String,
    /// The normal scores of the tracks that were heard and of others.
    pub library: Vec<Latent>,
    /// The sessions, in the order of time.
    pub sessions: Vec<Vec<Heard>>,
    /// The user's playlists. They are learned from; what a model is worth is measured on plays alone.
    pub playlists: Vec<Vec<Heard>>,
}

/// What became of a lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// What was found.
    pub report: Report,
    /// The model's file; `None` where there was too little to learn from.
    pub model: Option<Vec<u8>>,
}

impl Lesson {
    /// The history of `sessions` and `playlists`; tracks without a latent are left out.
    pub fn of(sounds: &Sounds, sessions: &[Vec<Play>], playlists: &[Vec<TrackId>]) -> Lesson {
        let mut left = MOST_PLAYS;
        let latest = sessions.iter().rev().take_while(|s| {
            left = left.saturating_sub(s.len());
            left > 0
        });
        let mut rows = Rows { sounds, of: HashMap::new(), library: Vec::new() };
        let mut sessions: Vec<Vec<Heard>> = latest
            .map(|s| s.iter().filter_map(|p| rows.heard(*p)).collect())
            .filter(|s: &Vec<_>| s.len() > 1)
            .collect();
        sessions.reverse();
        let listed = |tracks: &Vec<TrackId>| tracks.iter().filter_map(|&t| rows.heard(Play::listed(t))).collect();
        let playlists = playlists.iter().map(listed).filter(|s: &Vec<_>| s.len() > 1).collect();
        let step = sounds.tracks.len().div_ceil(OTHERS).max(1);
        for row in (0..sounds.tracks.len()).step_by(step) {
            rows.row(row);
        }
        Lesson { generation: sounds.generation.clone(), library: rows.library, sessions, playlists }
    }

    /// How many pairs of tracks and what came after them there are.
    pub fn transitions(&self) -> usize {
        self.sessions.iter().chain(&self.playlists).map(|s| targets(s).count()).sum()
    }

    /// Learns from the earlier four fifths of the sessions and from the playlists, judges by the rest. The same lesson
    /// gives the same model.
    ///
    /// # Errors
    /// When a row is not in the library, or the model cannot be written down.
    pub fn learn(&self) -> Result<Learned, String> {
        let all = || self.sessions.iter().chain(&self.playlists).flatten();
        if all().any(|h| h.row as usize >= self.library.len()) {
            return Err("the lesson refers to an unknown track".into());
        }
        let begun = Instant::now();
        let told: Vec<&Vec<Heard>> = self.sessions.iter().filter(|s| targets(s).next().is_some()).collect();
        let (earlier, later) = told.split_at(told.len() - told.len() / HELD_OUT);
        let mut report = Report {
            generation: self.generation.clone(),
            transitions: self.transitions(),
            plays: self.sessions.iter().flatten().count(),
            sessions: self.sessions.len(),
            playlists: self.playlists.len(),
            held_out_sessions: later.len(),
            ..Report::default()
        };
        if report.transitions < FEWEST || later.len() < FEWEST_SESSIONS {
            let few = report.transitions < FEWEST;
            report.verdict = if few { Verdict::FewTransitions } else { Verdict::FewSessions };
            return Ok(Learned { report, model: None });
        }
        // Playlists are of no time: they come first, so that plays choose when to stop.
        let lists = self.playlists.iter().chain(earlier.iter().copied());
        let examples: Vec<Example> = lists.flat_map(|s| self.examples(s)).collect();
        let model = next::train(&self.library, &examples, next::Options { seed: SEED });
        let model = model.ok_or("the library is too small to learn from")?;
        let trials: Vec<Trial> = later.iter().zip(0..).flat_map(|(s, session)| self.trials(s, session)).collect();
        let counts = self.counts(earlier);
        judge::judge(&model, &self.library, &trials, &counts, SEED, &mut report);
        report.trained = examples.len();
        report.secs = begun.elapsed().as_secs_f64();
        let card = Card {
            generation: self.generation.clone(),
            trained: examples.len(),
            held_out: trials.len(),
            mrr: report.mrr(MODEL),
            proven: report.verdict == Verdict::Used,
            seed: SEED,
        };
        let bytes = NextTrack::write(&model, &card).map_err(|e| format!("{e:#}"))?;
        Ok(Learned { report, model: Some(bytes) })
    }

    fn examples<'a>(&'a self, session: &'a [Heard]) -> impl Iterator<Item = Example> + 'a {
        targets(session).map(|i| Example { steps: self.steps(before(session, i)), target: session[i].row })
    }

    fn steps(&self, tail: &[Heard]) -> Vec<Step> {
        let step = |h: &Heard| Step {
            z: self.library[h.row as usize],
            completion: h.completion,
            skipped: h.skipped,
            gap: h.gap,
        };
        tail.iter().map(step).collect()
    }

    fn trials<'a>(&'a self, session: &'a [Heard], number: u32) -> impl Iterator<Item = Trial> + 'a {
        let tail = |i| before(session, i).iter().map(|h| h.row).collect();
        targets(session).map(move |i| Trial { tail: tail(i), target: session[i].row, session: number })
    }

    /// How often each track was heard.
    fn counts(&self, sessions: &[&Vec<Heard>]) -> Vec<u32> {
        let mut counts = vec![0; self.library.len()];
        for heard in sessions.iter().copied().flatten().filter(|h| h.skipped != Some(true)) {
            counts[heard.row as usize] += 1;
        }
        counts
    }
}

/// The tracks that are heard before a place of a session.
fn before(session: &[Heard], i: usize) -> &[Heard] {
    &session[i.saturating_sub(STEPS)..i]
}

/// The places of what came after something: wanted, and not one of the tracks just before, which no queue would propose.
fn targets(session: &[Heard]) -> impl Iterator<Item = usize> + '_ {
    let fresh = |i: usize| before(session, i).iter().all(|h| h.row != session[i].row);
    (1..session.len()).filter(move |&i| session[i].wanted && fresh(i))
}

/// The rows of a lesson's own library.
struct Rows<'a> {
    sounds: &'a Sounds,
    of: HashMap<usize, u32>,
    library: Vec<Latent>,
}

impl Rows<'_> {
    fn row(&mut self, row: usize) -> u32 {
        *self.of.entry(row).or_insert_with(|| {
            self.library.push(self.sounds.tracks[row].2);
            self.library.len() as u32 - 1
        })
    }

    fn heard(&mut self, play: Play) -> Option<Heard> {
        let row = self.sounds.row(play.track)?;
        let Play { completion, skipped, gap, wanted, .. } = play;
        Some(Heard { row: self.row(row), completion, skipped, gap, wanted })
    }
}
