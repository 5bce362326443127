//! `jukebox eval --first-minutes`: what is played while a new library is being analysed, against what is played when
//! everything has been analysed.
//!
//! The sessions are passed in from above, where the player is known: each begins with one track that the user chose,
//! and is measured by the picks that are really played after it.

pub mod text;

use std::collections::HashMap;

use serde::Serialize;

use crate::measure::{Bootstrap, Interval};
use crate::track::TrackId;

use super::error::EvalError;
use super::findings::{Facts, Settings};
use super::queues::Library;
use super::queues::findings::Floor;
use super::queues::measures::{Measure, Walk};
use super::queues::seeds::Seed;

/// The share of picks of the seed's genre may be this much lower than when everything has been analysed.
const LOSS: f64 = 0.1;

/// What is simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Plan {
    /// Number of seeds, at most.
    pub seeds: usize,
    /// Tracks that are analysed a second.
    pub speed: f64,
    /// Length of a session in minutes.
    pub minutes: f64,
    /// Seconds that each track plays; 0 for its own length.
    pub each: f64,
}

/// What of the library has been analysed when a session begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// All of it.
    Everything,
    /// None of it; the analysis begins with the session.
    Nothing,
}

/// Plays a session that begins with a track. Returns the picks that were played, in order.
pub type Session<'a> = dyn FnMut(TrackId, Known) -> Result<Vec<TrackId>, String> + 'a;

/// The results.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Findings {
    /// The corpus that was measured.
    pub corpus: Facts,
    /// The settings of the evaluation.
    pub settings: Settings,
    /// What was simulated, with the number of seeds that there were.
    pub plan: Plan,
    /// Results with everything analysed, with nothing analysed, and by chance.
    pub lines: Vec<Line>,
    /// The share of the seed's genre with nothing analysed less that with everything analysed, paired by seed.
    pub difference: Option<Interval>,
    /// The player's requirement.
    pub floor: Floor,
}

/// Results of the sessions of one kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Line {
    /// The kind.
    pub name: String,
    /// Share of the picks with the seed's genre, those by the seed's artist left out; over the seeds. A seed after which
    /// no pick is played counts as 0, unless none is played with everything analysed either.
    pub genre: Option<Interval>,
    /// Number of picks that were played; 0 for chance.
    pub played: usize,
    /// Number of seeds after which no pick was played; 0 for chance.
    pub silent: usize,
}

/// Plays the sessions and measures them. `tell` is told what is being done.
///
/// # Errors
/// When no track of the library has a genre, or the session's error.
pub fn run(
    library: &Library,
    corpus: Facts,
    settings: &Settings,
    plan: Plan,
    session: &mut Session<'_>,
    tell: &mut dyn FnMut(&str),
) -> Result<Findings, EvalError> {
    let seeds = seeds(library, plan.seeds, settings.seed);
    if seeds.is_empty() {
        return Err(EvalError::NoGenre { corpus: corpus.name });
    }
    let groups: Vec<u32> = seeds.iter().map(|seed| seed.group).collect();
    let draw = Bootstrap { rounds: settings.bootstrap, seed: settings.seed };
    let mut lines = Vec::new();
    let mut shares: Vec<Vec<Option<f64>>> = Vec::new();
    // Whether a session is long enough for a pick, by seed.
    let mut heard = vec![false; seeds.len()];
    for (name, known) in [("everything analysed", Known::Everything), ("analysed meanwhile", Known::Nothing)] {
        tell(&format!("sessions with {name}: {} seeds", seeds.len()));
        let (mut values, mut played, mut silent) = (Vec::new(), 0, 0);
        for (seed, heard) in seeds.iter().zip(&mut heard) {
            let rows = match library.tracks(&seed.rows).first() {
                Some(track) => library.rows(&session(*track, known).map_err(EvalError::Session)?),
                None => Vec::new(),
            };
            played += rows.len();
            silent += usize::from(rows.is_empty());
            values.push(match rows.is_empty() {
                true => heard.then_some(0.0),
                false => Measure::Genre.of(&Walk::of(library, seed, None, &rows)),
            });
            *heard |= !rows.is_empty();
        }
        lines.push(Line { name: name.into(), genre: draw.mean(&values, &groups), played, silent });
        shares.push(values);
    }
    let chance = draw.mean(&chance(library, &seeds), &groups);
    lines.push(Line { name: "chance".into(), genre: chance, played: 0, silent: 0 });
    let difference = match &shares[..] {
        [everything, nothing] => draw.paired(nothing, everything, &groups),
        _ => None,
    };
    let floor = floor(difference.as_ref());
    Ok(Findings { corpus, settings: *settings, plan: Plan { seeds: seeds.len(), ..plan }, lines, difference, floor })
}

/// Random tracks of known genre.
fn seeds(library: &Library, count: usize, seed: u64) -> Vec<Seed> {
    let about = &library.about;
    let known = |row: &u32| about.genre[*row as usize].is_some();
    let rows = (0..library.len() as u32).filter(known);
    let mut rows = fastrand::Rng::with_seed(seed).choose_multiple(rows, count);
    rows.sort_unstable();
    rows.into_iter().map(|row| Seed::of(library, vec![row])).collect()
}

/// For each seed the share of its genre among the tracks of other artists.
fn chance(library: &Library, seeds: &[Seed]) -> Vec<Option<f64>> {
    let about = &library.about;
    let mut all: HashMap<u32, usize> = HashMap::new();
    about.genre.iter().flatten().for_each(|&genre| *all.entry(genre).or_default() += 1);
    let tracks: usize = all.values().sum();
    let share = |seed: &Seed| {
        let genre = seed.genre?;
        let own = (0..library.len()).filter(|&row| seed.shares_artist(library, row as u32));
        let own: Vec<u32> = own.filter_map(|row| about.genre[row]).collect();
        let same = all.get(&genre)? - own.iter().filter(|&&other| other == genre).count();
        let others = tracks - own.len();
        (others > 0).then(|| same as f64 / others as f64)
    };
    seeds.iter().map(share).collect()
}

fn floor(difference: Option<&Interval>) -> Floor {
    Floor {
        what: format!("the share of the seed's genre falls by at most {:.0} points", 100.0 * LOSS),
        found: difference.map_or("not measured".into(), |d| format!("{:+.1}", 100.0 * d.mean)),
        // A mean of shares is not exact.
        met: difference.map(|d| d.mean >= -LOSS - 1e-9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_ten_points() {
        let met = |mean: f64| floor(Some(&Interval { mean, range: None, values: 1, groups: 1 })).met;
        assert_eq!((met(0.2), met(-0.1), met(-0.11)), (Some(true), Some(true), Some(false)));
        assert_eq!(floor(None).met, None);
    }
}
