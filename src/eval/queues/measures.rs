//! Measures of one queue (docs/design.md, "Measures").

use std::collections::HashSet;

use crate::latent::{Choice, DIMS, Member, Signature};

use super::drift::{Anchor, Trail};
use super::library::Library;
use super::seeds::Seed;

/// Number of dimensions of least variance that [`Measure::Tightest`] averages.
const TIGHTEST: usize = 4;
/// Indices into `latent::NAMED`.
const TEMPO: usize = 0;
const KEY: usize = 1;
const MODE: usize = 2;
const LOUDNESS: usize = 11;

/// A measure of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Mean pairwise difference of its tracks relative to that of random tracks, in one of the library's views.
    Coherence(usize),
    /// Share of its tracks with the seed's genre, without tracks by the seed's artists.
    Genre,
    /// Number of latent dimensions in which it agrees significantly (Benjamini–Hochberg), each track counted singly.
    Agreeing,
    /// Mean variance of the four latent dimensions in which it varies least; the library's is 1.
    Tightest,
    /// Mean distance to the seed's signature, in the library's standard deviations.
    Distance,
    /// Slope of the excess distance over the best available track.
    Drift,
    /// Mean latent difference of consecutive tracks, starting from the seed's last track.
    Step,
    /// 95th percentile of those differences.
    Longest,
    /// Share of steps longer than the median difference of two random tracks.
    Harsh,
    /// Distinct artists per track; every track of unknown artist counts as a new one.
    Artists,
    /// Distinct albums per track; every track without an album counts as a new one.
    Albums,
    /// Mean tempo step in octaves, modulo octaves.
    Tempo,
    /// Mean key step on the Camelot wheel: steps around the circle of fifths, plus one between major and minor.
    Key,
    /// Mean loudness step in LU.
    Loudness,
}

/// The table that shows a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// How much the tracks have in common.
    Cohesion,
    /// Distance from the seed along the queue.
    Course,
    /// Variety and smoothness.
    Variety,
}

/// The format of a measure's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A share, in percent.
    Percent,
    /// A number with this many decimals.
    Number(usize),
}

impl Measure {
    /// All measures that are possible with a library.
    pub fn all(library: &Library) -> Vec<Measure> {
        use Measure::*;
        let coherence = (0..library.views.len()).map(Coherence);
        let rest =
            [Genre, Agreeing, Tightest, Distance, Drift, Step, Longest, Harsh, Artists, Albums, Tempo, Key, Loudness];
        coherence.chain(rest).collect()
    }

    /// Its name.
    pub fn name(self, library: &Library) -> String {
        match self {
            Measure::Coherence(0) => "coherence".into(),
            Measure::Coherence(view) => format!("in {}", library.views[view].name),
            Measure::Genre => "genre".into(),
            Measure::Agreeing => "agreeing".into(),
            Measure::Tightest => "tightest 4".into(),
            Measure::Distance => "distance".into(),
            Measure::Drift => "drift".into(),
            Measure::Step => "step".into(),
            Measure::Longest => "step p95".into(),
            Measure::Harsh => "harsh".into(),
            Measure::Artists => "artists".into(),
            Measure::Albums => "albums".into(),
            Measure::Tempo => "tempo step".into(),
            Measure::Key => "key step".into(),
            Measure::Loudness => "dLUFS".into(),
        }
    }

    /// The table that shows it.
    pub fn table(self) -> Table {
        use Measure::*;
        match self {
            Coherence(_) | Genre | Agreeing | Tightest => Table::Cohesion,
            Distance | Drift | Step | Longest | Harsh => Table::Course,
            Artists | Albums | Tempo | Key | Loudness => Table::Variety,
        }
    }

    /// The format of its values.
    pub fn unit(self) -> Unit {
        use Measure::*;
        match self {
            Genre | Harsh | Artists | Albums => Unit::Percent,
            Agreeing => Unit::Number(1),
            Key | Loudness | Distance => Unit::Number(2),
            Coherence(_) | Tightest | Step | Longest | Tempo => Unit::Number(3),
            Drift => Unit::Number(4),
        }
    }

    /// Its value for a queue; `None` where it is undefined: the queue is too short, or the data is missing.
    pub fn of(self, walk: &Walk) -> Option<f64> {
        match self {
            Measure::Coherence(view) => walk.coherence(view),
            Measure::Genre => walk.genre(),
            Measure::Agreeing => walk.agreeing(),
            Measure::Tightest => walk.tightest(),
            Measure::Distance => mean(walk.trail.as_ref()?.distance.iter().copied()),
            Measure::Drift => walk.trail.as_ref()?.drift(),
            Measure::Step => mean(walk.steps().into_iter()),
            Measure::Longest => percentile(walk.steps(), 0.95),
            Measure::Harsh => {
                let median = walk.library.latent().median;
                mean(walk.steps().into_iter().map(|step| f64::from(u8::from(step > median))))
            }
            Measure::Artists => walk.distinct(|row| Some(walk.library.about.artist[row])),
            Measure::Albums => walk.distinct(|row| walk.library.about.album[row]),
            Measure::Tempo => walk.named_steps(|a, b| round(a[TEMPO], b[TEMPO])),
            Measure::Key => walk.named_steps(|a, b| {
                let other = (a[MODE] < 0.0) != (b[MODE] < 0.0) && a[MODE].is_finite() && b[MODE].is_finite();
                round(a[KEY], b[KEY]) * 12.0 + f32::from(u8::from(other))
            }),
            Measure::Loudness => walk.named_steps(|a, b| (a[LOUDNESS] - b[LOUDNESS]).abs()),
        }
    }
}

/// Distance on a circle, in turns: 0 to ½.
fn round(a: f32, b: f32) -> f32 {
    let apart = (a - b).rem_euclid(1.0);
    apart.min(1.0 - apart)
}

/// A queue to be measured.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    /// The library it is made from.
    pub library: &'a Library,
    /// Its seed.
    pub seed: &'a Seed,
    /// Its rows, in playing order.
    pub rows: &'a [u32],
    /// Its distinct rows without the seed's: a repeated track is no sign of cohesion.
    pub once: Vec<u32>,
    /// Distances of the distinct rows from the seed; `None` when the seed has no signature.
    pub trail: Option<Trail>,
}

impl<'a> Walk<'a> {
    /// Prepares a queue for measuring.
    pub fn of(library: &'a Library, seed: &'a Seed, anchor: Option<&Anchor>, rows: &'a [u32]) -> Walk<'a> {
        let mut seen: HashSet<u32> = seed.rows.iter().copied().collect();
        let once: Vec<u32> = rows.iter().copied().filter(|&row| seen.insert(row)).collect();
        let trail = anchor.map(|anchor| Trail::of(library, anchor, seed, &once));
        Walk { library, seed, rows, once, trail }
    }

    fn coherence(&self, view: usize) -> Option<f64> {
        let view = &self.library.views[view];
        let pairs = self.once.iter().enumerate().flat_map(|(i, &a)| self.once[..i].iter().map(move |&b| (a, b)));
        let within = mean(pairs.map(|(a, b)| view.difference(a, b)))?;
        (view.random > 0.0).then(|| within / view.random)
    }

    fn genre(&self) -> Option<f64> {
        let genre = self.seed.genre?;
        let others = self.once.iter().filter(|&&row| !self.seed.shares_artist(self.library, row));
        let known = others.filter_map(|&row| self.library.about.genre[row as usize]);
        mean(known.map(|other| f64::from(u8::from(other == genre))))
    }

    fn agreeing(&self) -> Option<f64> {
        let members: Vec<Member> = self.once.iter().map(|&row| Member { row, group: u64::from(row) }).collect();
        if members.len() < 2 {
            return None;
        }
        let signature = Signature::of(&self.library.space, &members, &Choice::All, self.library.prior)?;
        Some(signature.agreed().len() as f64)
    }

    fn tightest(&self) -> Option<f64> {
        let n = self.once.len() as f64;
        if n < 2.0 {
            return None;
        }
        let view = self.library.latent();
        let mut variances: Vec<f64> = (0..DIMS)
            .map(|dim| {
                let values = || self.once.iter().map(|&row| f64::from(view.row(row)[dim]));
                let mean = values().sum::<f64>() / n;
                values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)
            })
            .collect();
        variances.sort_by(f64::total_cmp);
        // A dimension that never varies in the library carries no information.
        mean(variances.into_iter().filter(|&v| v > 0.0).take(TIGHTEST))
    }

    /// The seed's last track followed by the queue.
    fn path(&self) -> impl Iterator<Item = u32> + '_ {
        self.seed.rows.last().copied().into_iter().chain(self.rows.iter().copied())
    }

    fn steps(&self) -> Vec<f64> {
        let view = self.library.latent();
        self.path().zip(self.path().skip(1)).map(|(a, b)| view.difference(a, b)).collect()
    }

    /// Mean step over the pairs where both values are known.
    fn named_steps(&self, step: impl Fn(&[f32], &[f32]) -> f32) -> Option<f64> {
        let space = &self.library.space;
        let steps = self.path().zip(self.path().skip(1)).map(|(a, b)| step(&space.named(a), &space.named(b)));
        mean(steps.filter(|s| s.is_finite()).map(f64::from))
    }

    fn distinct(&self, of: impl Fn(usize) -> Option<u32>) -> Option<f64> {
        let mut known: Vec<u32> = self.rows.iter().filter_map(|&row| of(row as usize)).collect();
        let unknown = self.rows.len() - known.len();
        known.sort_unstable();
        known.dedup();
        (!self.rows.is_empty()).then(|| (known.len() + unknown) as f64 / self.rows.len() as f64)
    }

    /// The longest run of tracks by one known artist, including the seed's last track.
    pub fn longest_run(&self) -> usize {
        let about = &self.library.about;
        let by: Vec<Option<u32>> =
            self.path().map(|row| about.artist_known[row as usize].then(|| about.artist[row as usize])).collect();
        by.chunk_by(|a, b| a.is_some() && a == b).map(<[_]>::len).max().unwrap_or(0)
    }

    /// Number of tracks that occurred before, in the queue or in the seed.
    pub fn repeats(&self) -> usize {
        self.count_before(|a, b| a == b)
    }

    /// Number of tracks that are another version or duplicate of an earlier one.
    pub fn versions(&self) -> usize {
        self.count_before(|a, b| a != b && self.library.same(a, b))
    }

    fn count_before(&self, same: impl Fn(u32, u32) -> bool) -> usize {
        let before = |i: usize| self.seed.rows.iter().chain(&self.rows[..i]);
        (0..self.rows.len()).filter(|&i| before(i).any(|&there| same(there, self.rows[i]))).count()
    }
}

pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), v| (sum + v, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

fn percentile(mut values: Vec<f64>, p: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get((p * values.len().checked_sub(1)? as f64).round() as usize).copied()
}
