//! The training data of a next-track model: a snapshot of the history in one latent space, small
//! enough to be passed to another process.

use std::collections::HashMap;
use std::time::Instant;

use jukebox_encoder::next::{self, Card, Example, NextTrack, STEPS, Step};
use serde::{Deserialize, Serialize};

use super::error::NextError;
use super::history::Play;
use super::judge::{self, Trial};
use super::report::{MODEL, Report, Verdict};
use crate::latent::{Latent, Space};
use crate::library::Catalog;
use crate::track::TrackId;
use crate::worker::Limits;

pub use super::report::{FEWEST, FEWEST_SESSIONS};

/// One in this many sessions is held out; they are the latest ones.
const HELD_OUT: usize = 5;
/// About how many tracks of the library are included as negatives, besides those in the history.
const OTHERS: usize = 4000;
/// Number of latest plays used, which bounds the cost of training on a history of many years.
const MOST_PLAYS: usize = 40_000;
/// Seed of the training and the evaluation.
const SEED: u64 = 6;

/// Limits of the training process: 2 GiB of address space, the lowest priority.
pub const LIMITS: Limits = Limits { address_space: Some(2 << 30), nice: 19, parent_death: true };

/// The latents and durations of all tracks of a library.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sounds {
    /// The generation of latents.
    pub generation: String,
    /// Every track with its duration in seconds and its normal scores, sorted by id.
    pub tracks: Vec<(TrackId, f64, Latent)>,
    /// Pairs of a former and the present identity of a track, sorted by the former.
    #[serde(default)]
    pub former: Vec<(TrackId, TrackId)>,
}

impl Sounds {
    /// Collects all tracks of a space, with durations from the catalog (0 where unknown).
    pub fn of(space: &Space, catalog: &Catalog) -> Sounds {
        let secs = |id| catalog.of_track(id).map_or(0.0, |song| song.secs);
        let rows = (0..space.len() as u32).filter_map(|row| Some((space.id(row)?, row)));
        let tracks = rows.map(|(id, row)| (id, secs(id), space.z(row))).collect();
        let mut former: Vec<_> = catalog.songs().iter().map(|song| (song.former, song.track)).collect();
        former.retain(|(former, track)| former != track);
        former.sort_unstable();
        // Where several tracks share a former identity, the first is used, as in the catalog.
        former.dedup_by_key(|(former, _)| *former);
        Sounds { generation: space.generation().to_owned(), tracks, former }
    }

    /// Duration of a track in seconds.
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

/// The data that a model is trained and evaluated on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// The generation of latents.
    pub generation: String,
    /// The normal scores of the tracks in the history and of further ones as negatives.
    pub library: Vec<Latent>,
    /// The sessions in order of time.
    pub sessions: Vec<Vec<Heard>>,
    /// The user's playlists. They are used for training only; the evaluation is on plays.
    pub playlists: Vec<Vec<Heard>>,
}

/// The result of training on a lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// The report, also where no model was trained.
    pub report: Report,
    /// The bytes of the model's file; `None` where there was too little to learn from.
    pub model: Option<Vec<u8>>,
}

impl Lesson {
    /// Builds a lesson from sessions and playlists. Tracks without a latent are left out, as are
    /// sessions and playlists with fewer than two remaining.
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

    /// Number of transitions: pairs of preceding tracks and the one that followed.
    pub fn transitions(&self) -> usize {
        self.sessions.iter().chain(&self.playlists).map(|s| targets(s).count()).sum()
    }

    /// Trains on the playlists and the earlier four fifths of the sessions, and evaluates on the
    /// rest. Deterministic: the same lesson gives the same model.
    ///
    /// # Errors
    /// When a row is not in the library, there is nothing to contrast the targets with, or the
    /// model cannot be serialised.
    pub fn learn(&self) -> Result<Learned, NextError> {
        let all = || self.sessions.iter().chain(&self.playlists).flatten();
        if all().any(|h| h.row as usize >= self.library.len()) {
            return Err(NextError::UnknownTrack);
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
        // Training validates on the last examples to choose when to stop. Playlists have no time,
        // so they come first.
        let lists = self.playlists.iter().chain(earlier.iter().copied());
        let examples: Vec<Example> = lists.flat_map(|s| self.examples(s)).collect();
        let model = next::train(&self.library, &examples, next::Options { seed: SEED });
        let model = model.ok_or(NextError::TooSmall)?;
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
        let bytes = NextTrack::write(&model, &card)?;
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

    /// Number of plays of each row, without the skipped ones.
    fn counts(&self, sessions: &[&Vec<Heard>]) -> Vec<u32> {
        let mut counts = vec![0; self.library.len()];
        for heard in sessions.iter().copied().flatten().filter(|h| h.skipped != Some(true)) {
            counts[heard.row as usize] += 1;
        }
        counts
    }
}

/// Up to `STEPS` plays before index `i`.
fn before(session: &[Heard], i: usize) -> &[Heard] {
    &session[i.saturating_sub(STEPS)..i]
}

/// Indices of the training targets: wanted plays of a track that is not among those just before,
/// since no queue would propose it again so soon.
fn targets(session: &[Heard]) -> impl Iterator<Item = usize> + '_ {
    let fresh = |i: usize| before(session, i).iter().all(|h| h.row != session[i].row);
    (1..session.len()).filter(move |&i| session[i].wanted && fresh(i))
}

/// Collects the library of a lesson; `of` maps a row of `sounds` to one of `library`.
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
