//! The space: every track's normal scores in memory, searched by an exact scan.
//!
//! Scores are stored in columns, one for each dimension, so that a signature of four dimensions reads four streams of memory.
//! Beside each score stands its place, one byte, which indexes a table of what the score adds to the distance: any density
//! costs the same, and a scan reads a quarter of the memory.

use std::sync::Arc;

use crate::track::TrackId;

use super::columns::{self, Column};
use super::departure::{Departure, departures};
use super::dim::Dim;
use super::lexicon::Lexicon;
use super::named::{ALL_DIMS, NAMED, NamedValues};
use super::scan::{self, CHUNK, Hit, LookUp, Nearest, Square};
use super::scorer::{Scorer, Table, Term};
use super::shares::{Shares, variance};
use super::spread::Spread;
use super::tags::Tags;
use super::words::Words;
use super::z::{self, Reference, Tie};
use super::{DIMS, Latent};

/// All tracks of one generation of latents, as normal scores. It never changes: a new one replaces it.
#[derive(Clone, Debug, Default)]
pub struct Space {
    generation: String,
    ids: Vec<TrackId>,
    /// `DIMS` columns of `ids.len()` scores.
    scores: Vec<f32>,
    /// The place of each score (`columns::place`), in the same columns.
    places: Vec<u8>,
    ties: Vec<Vec<Tie>>,
    /// Absolute correlations, `ALL_DIMS` × `ALL_DIMS`.
    correlations: Vec<f32>,
    /// One row of values for each track; empty when nothing is known.
    named: Vec<NamedValues>,
    /// The named dimensions; empty when nothing is known.
    columns: Vec<Column>,
    /// Against the model's reference; empty without one.
    departures: Vec<Departure>,
    /// The variance of each dimension over the tracks, in the latent's unit squared.
    variances: Vec<f32>,
    /// Where each row lies when whole tracks are compared, in the same columns as the scores; empty where that is the scores.
    points: Vec<f32>,
    /// How much each dimension counts in signatures.
    shares: Shares,
    /// How uncertain each row's mean is; empty when that is not known.
    spreads: Vec<Spread>,
    /// The mean over the rows of the share that this uncertainty has in each dimension's variance.
    uncertain: Vec<f32>,
    /// What the encoder calls its dimensions and tags.
    words: Words,
    /// What its tag head says; empty where it has none.
    tags: Tags,
    lexicon: Lexicon,
}

impl Space {
    /// Scores the latents of a generation. Tracks are sorted by id, so that the same tracks make the same space in any
    /// order; of a track given twice the first stays, and latents that are not finite are left out.
    pub fn build(generation: String, reference: Arc<Reference>, mut tracks: Vec<(TrackId, Latent)>) -> Space {
        tracks.retain(|(_, latent)| latent.iter().all(|v| v.is_finite()));
        tracks.sort_by_key(|&(id, _)| id);
        tracks.dedup_by_key(|&mut (id, _)| id);
        let n = tracks.len();
        let mut space = Space {
            generation,
            ids: tracks.iter().map(|&(id, _)| id).collect(),
            scores: Vec::with_capacity(n * DIMS),
            places: Vec::with_capacity(n * DIMS),
            ties: Vec::with_capacity(DIMS),
            correlations: Vec::new(),
            named: Vec::new(),
            columns: Vec::new(),
            departures: departures(&reference, tracks.iter().map(|(_, latent)| latent)),
            variances: Vec::with_capacity(DIMS),
            points: Vec::new(),
            shares: Shares::default(),
            spreads: Vec::new(),
            uncertain: Vec::new(),
            words: reference.words.clone(),
            tags: Tags::default(),
            lexicon: Lexicon::of(&reference.words.tags),
        };
        for dim in 0..DIMS {
            let values: Vec<f32> = tracks.iter().map(|(_, latent)| latent[dim]).collect();
            space.variances.push(variance(&values));
            let z::Scores { z, ties } = z::scores(&values, &reference, dim);
            space.places.extend(z.iter().map(|&score| columns::place(score)));
            space.scores.extend_from_slice(&z);
            space.ties.push(ties);
        }
        if let Some(shares) = Shares::of(&reference, &space.variances, n) {
            space.points.reserve(n * DIMS);
            for dim in 0..DIMS {
                let mean = tracks.iter().map(|(_, latent)| f64::from(latent[dim])).sum::<f64>() / n.max(1) as f64;
                space.points.extend(tracks.iter().map(|(_, latent)| shares.place(latent[dim] - mean as f32)));
            }
            space.shares = shares;
        }
        space.correlations = correlations(&space.scores, n, &[]);
        space
    }

    /// Adds the named dimensions: the values of each track, as far as they are known.
    pub fn with_named(mut self, values: impl Fn(TrackId) -> Option<NamedValues>) -> Space {
        self.named = self.ids.iter().map(|&id| values(id).unwrap_or([f32::NAN; NAMED.len()])).collect();
        self.columns = (0..NAMED.len()).map(|index| Column::build(index, &self.named)).collect();
        self.correlations = correlations(&self.scores, self.len(), &self.columns);
        self
    }

    /// Adds how far each track's segments lie apart, as far as it is known.
    pub fn with_spread(mut self, spread: impl Fn(TrackId) -> Option<Spread>) -> Space {
        self.spreads = self.ids.iter().map(|&id| spread(id).unwrap_or(Spread::UNKNOWN)).collect();
        self.uncertain = (0..DIMS)
            .map(|dim| {
                let known = self.spreads.iter().filter_map(|s| s.variance(dim));
                let (sum, count) = known.fold((0.0, 0), |(sum, count), v| (sum + v, count + 1));
                sum / count.max(1) as f32 / self.variances[dim].max(f32::MIN_POSITIVE)
            })
            .collect();
        self
    }

    /// Adds what the encoder's tag head says of each track, as bytes of [`super::tags::encode`].
    pub fn with_tags<'a>(mut self, tags: impl Fn(TrackId) -> Option<&'a [u8]>) -> Space {
        self.tags = Tags::of(self.words.tags.clone(), self.ids.iter().map(|&id| tags(id)));
        self
    }

    /// What the encoder calls its dimensions and tags.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// The words of the encoder; empty for one without a tag head.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// What is said of a row: a few words, none where nothing stands out or nothing is known.
    pub fn said(&self, row: u32) -> Vec<String> {
        self.lexicon.said(&self.tags, row)
    }

    /// What the encoder's tag head says of the tracks.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// How uncertain a track's mean is, where that is known.
    pub fn spread_of(&self, id: TrackId) -> Option<Spread> {
        self.spreads.get(self.row(id)? as usize).copied()
    }

    /// By how much a row's mean is more uncertain than a track's usually is, as a share of the library's variance in a
    /// dimension counted from 0; negative when it is less so, 0 where nothing is known.
    pub(super) fn excess(&self, row: u32, dim: usize) -> f32 {
        let own = self.spreads.get(row as usize).and_then(|s| s.variance(dim));
        let usual = self.uncertain.get(dim).copied().unwrap_or(0.0);
        own.map_or(0.0, |v| (v / self.variances[dim].max(f32::MIN_POSITIVE)).min(4.0) - usual)
    }

    /// The column of a named dimension, counted from 0 among the named ones.
    pub(super) fn column(&self, index: usize) -> Option<&Column> {
        self.columns.get(index)
    }

    /// Where a row stands in a dimension counted from 0: its normal score, or its angle in uniform scores (radians) in a
    /// circular one. `None` past the end and where nothing is known.
    pub fn score(&self, row: u32, dim: u8) -> Option<f32> {
        let (row, dim) = (row as usize, usize::from(dim));
        let score = match dim.checked_sub(DIMS) {
            None => (row < self.len()).then(|| self.scores[dim * self.len() + row]),
            Some(index) => self.columns.get(index)?.scores.get(row).copied(),
        };
        score.filter(|s| s.is_finite())
    }

    /// What each dimension (counted from 0) adds to a row's signature distance, the most in favour first.
    pub fn contributions(&self, scorer: &Scorer, row: u32) -> Vec<(u8, f32)> {
        let place = |t: &Table| self.places_of(t.dim).get(row as usize).copied();
        let part = |t: &Table| Some((t.dim as u8, t.adds[usize::from(place(t)?)]));
        let mut parts: Vec<(u8, f32)> = scorer.tables.iter().filter_map(part).collect();
        parts.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        parts
    }

    /// The distance of a row by a scorer; infinite past the end.
    pub fn distance(&self, scorer: &Scorer, row: u32) -> f32 {
        if (row as usize) < self.len() { self.at(scorer, row as usize) } else { f32::INFINITY }
    }

    /// The values of a row in the named dimensions, in their own units, NaN where missing.
    pub fn named(&self, row: u32) -> NamedValues {
        self.named.get(row as usize).copied().unwrap_or([f32::NAN; NAMED.len()])
    }

    /// How each dimension of the latent lies in the model's reference; empty when there is none.
    pub fn departures(&self) -> &[Departure] {
        &self.departures
    }

    /// The generation (the encoder's hash) that the latents come from.
    pub fn generation(&self) -> &str {
        &self.generation
    }

    /// Number of tracks.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The row of a track; `None` when it has no latent.
    pub fn row(&self, id: TrackId) -> Option<u32> {
        self.ids.binary_search(&id).ok().map(|row| row as u32)
    }

    /// The track of a row; `None` past the end.
    pub fn id(&self, row: u32) -> Option<TrackId> {
        self.ids.get(row as usize).copied()
    }

    /// The normal scores of a row; zeros past the end.
    pub fn z(&self, row: u32) -> Latent {
        let mut z = [0.0; DIMS];
        if (row as usize) < self.len() {
            for (dim, value) in z.iter_mut().enumerate() {
                *value = self.scores[dim * self.len() + row as usize];
            }
        }
        z
    }

    /// Where a row lies when whole tracks are compared: its latent, less the library's mean, in the unit in which dimensions have
    /// variance 1 in the mean; of a whitened model its normal scores. Two random tracks are √2 apart, as root mean square; zeros past the end.
    pub fn point(&self, row: u32) -> Latent {
        let n = self.len();
        if self.points.is_empty() || row as usize >= n {
            return self.z(row);
        }
        std::array::from_fn(|dim| self.points[dim * n + row as usize])
    }

    /// How much a dimension counted from 0 counts in the signature of `n` tracks.
    pub(super) fn says(&self, dim: usize, n: f64) -> f32 {
        self.shares.says(dim, n)
    }

    /// How much wider than a normal score the widest of [`Space::point`]'s numbers is; 1 where dimensions count alike.
    pub fn stretch(&self) -> f32 {
        (0..DIMS).map(|dim| self.shares.of_dim(dim)).fold(1.0, f32::max).sqrt()
    }

    /// The absolute correlation of two dimensions (counted from 0) over the library, 0 to 1.
    pub fn correlation(&self, a: u8, b: u8) -> f32 {
        self.correlations.get(usize::from(a) * ALL_DIMS + usize::from(b)).copied().unwrap_or(0.0)
    }

    /// The variance hidden in a score that many tracks share (see `z::Tie`); 0 for an ordinary one.
    pub(super) fn tie_variance(&self, dim: usize, z: f32) -> f32 {
        let ties = self.ties.get(dim).map_or(&[][..], Vec::as_slice);
        ties.binary_search_by(|t| t.z.total_cmp(&z)).map_or(0.0, |i| ties[i].variance)
    }

    /// The root mean square difference of two rows over all dimensions; about √2 for two random tracks.
    pub fn difference(&self, a: u32, b: u32) -> f32 {
        let (a, b) = (self.point(a), self.point(b));
        (a.iter().zip(&b).map(|(x, y)| (x - y) * (x - y)).sum::<f32>() / DIMS as f32).sqrt()
    }

    /// The `k` nearest rows for which `keep` is true, nearest first, ties by row. Exact: every track is measured.
    pub fn scan(&self, scorer: &Scorer, k: usize, keep: &dyn Fn(u32) -> bool) -> Vec<Hit> {
        let mut nearest = Nearest::new(k, self.len());
        let mut distances = [0.0; CHUNK];
        for start in (0..self.len()).step_by(CHUNK) {
            let chunk = &mut distances[..CHUNK.min(self.len() - start)];
            self.measure(scorer, start, chunk);
            nearest.offer(start as u32, chunk, keep);
        }
        nearest.into_hits()
    }

    /// At most `most` rows, spread evenly over the library.
    pub(super) fn spread(&self, most: usize) -> impl Iterator<Item = u32> + use<> {
        let step = self.len().div_ceil(most.max(1)).max(1);
        (0..self.len() as u32).step_by(step)
    }

    /// The distances of all rows.
    pub fn distances(&self, scorer: &Scorer) -> Vec<f32> {
        let mut out = vec![0.0; self.len()];
        for (start, chunk) in (0..).step_by(CHUNK).zip(out.chunks_mut(CHUNK)) {
            self.measure(scorer, start, chunk);
        }
        out
    }

    /// The distance of one row to a signature: what its scorer would say, without the tables.
    pub(super) fn distance_to(&self, dims: &[Dim], row: u32) -> f32 {
        let part = |dim: &Dim| {
            let place = self.places_of(usize::from(dim.dim)).get(row as usize)?;
            Some(Table::at(dim, *place))
        };
        dims.iter().filter_map(part).sum()
    }

    /// At most `most` rows spread evenly over the library, without those that `leave` names, to be measured often.
    pub(super) fn thinned(&self, most: usize, leave: &dyn Fn(u32) -> bool) -> Thinned {
        let rows: Vec<u32> = self.spread(most).filter(|&row| !leave(row)).collect();
        let column = |dim| {
            let places = self.places_of(dim);
            rows.iter().filter_map(|&row| places.get(row as usize).copied()).collect()
        };
        Thinned { rows: rows.len(), places: (0..ALL_DIMS).map(column).collect() }
    }

    /// The distances of at most `most` rows spread evenly over the library, without those that `leave` names.
    pub(super) fn sample(&self, scorer: &Scorer, most: usize, leave: &dyn Fn(u32) -> bool) -> Vec<f32> {
        self.spread(most).filter(|&row| !leave(row)).map(|row| self.distance(scorer, row)).collect()
    }

    fn at(&self, scorer: &Scorer, row: usize) -> f32 {
        let square = |t: &Term| {
            let x = self.columns_of(scorer)[t.dim * self.len() + row] - t.mean;
            t.scale * x * x
        };
        let looked_up = |t: &Table| self.places_of(t.dim).get(row).map_or(0.0, |&place| t.adds[usize::from(place)]);
        scorer.terms.iter().map(square).sum::<f32>() + scorer.tables.iter().map(looked_up).sum::<f32>()
    }

    /// What a scorer's squares are of.
    fn columns_of(&self, scorer: &Scorer) -> &[f32] {
        if scorer.whole && !self.points.is_empty() { &self.points } else { &self.scores }
    }

    /// The places of a dimension counted from 0; empty for a named one of which nothing is known.
    fn places_of(&self, dim: usize) -> &[u8] {
        match dim.checked_sub(DIMS) {
            None => &self.places[dim * self.len()..(dim + 1) * self.len()],
            Some(index) => self.columns.get(index).map_or(&[], |c| &c.places),
        }
    }

    /// Writes the distances of the rows from `start` on.
    fn measure(&self, scorer: &Scorer, start: usize, out: &mut [f32]) {
        let n = self.len();
        let stretch = |dim: usize| dim * n + start..dim * n + start + out.len();
        let columns = self.columns_of(scorer);
        let square = |t: &Term| Square { scores: &columns[stretch(t.dim)], mean: t.mean, scale: t.scale };
        let squares: Vec<Square> = scorer.terms.iter().map(square).collect();
        let rows = start..start + out.len();
        let look_up = |t: &'_ Table| self.places_of(t.dim).get(rows.clone());
        let tables: Vec<LookUp> =
            scorer.tables.iter().filter_map(|t| Some(LookUp { places: look_up(t)?, adds: &t.adds })).collect();
        out.fill(0.0);
        scan::add_squares(out, &squares);
        scan::add_looked_up(out, &tables);
    }
}

/// Some rows of a space, their places side by side: a signature's distances to them without a step through the memory of
/// all.
pub(super) struct Thinned {
    rows: usize,
    /// A column for each dimension; empty where nothing is known.
    places: Vec<Vec<u8>>,
}

impl Thinned {
    /// The distances by a scorer of signatures.
    pub fn distances(&self, scorer: &Scorer) -> Vec<f32> {
        let column = |t: &'_ Table| self.places.get(t.dim).filter(|places| places.len() == self.rows);
        let tables: Vec<LookUp> =
            scorer.tables.iter().filter_map(|t| Some(LookUp { places: column(t)?, adds: &t.adds })).collect();
        let mut out = vec![0.0; self.rows];
        scan::add_looked_up(&mut out, &tables);
        out
    }
}

/// Absolute Pearson correlations of all dimensions, from at most 8,192 rows spread evenly (standard error 0.011); of a
/// circular one the larger of cosine's and sine's. Rows where either is missing take no part.
fn correlations(scores: &[f32], n: usize, columns: &[Column]) -> Vec<f32> {
    let step = n.div_ceil(8192).max(1);
    let thin = |column: &[f32]| standard(column.iter().step_by(step).map(|&z| f64::from(z)).collect());
    let mut coordinates: Vec<Vec<Vec<f64>>> =
        (0..DIMS).map(|dim| vec![thin(&scores[dim * n..(dim + 1) * n])]).collect();
    coordinates.extend(columns.iter().map(|c| c.coordinates().iter().map(|v| thin(v)).collect()));
    let mut out = vec![0.0; ALL_DIMS * ALL_DIMS];
    for a in 0..coordinates.len() {
        for b in 0..=a {
            let pairs = coordinates[a].iter().flat_map(|x| coordinates[b].iter().map(move |y| (x, y)));
            let most = pairs.map(|(x, y)| correlation(x, y).abs()).fold(0.0, f64::max) as f32;
            out[a * ALL_DIMS + b] = most;
            out[b * ALL_DIMS + a] = most;
        }
    }
    out
}

/// Centred and scaled so that the mean square is 1; missing values become 0 and so add nothing.
fn standard(mut column: Vec<f64>) -> Vec<f64> {
    let known = column.iter().filter(|v| v.is_finite()).count().max(1) as f64;
    let mean = column.iter().filter(|v| v.is_finite()).sum::<f64>() / known;
    column.iter_mut().for_each(|v| *v = if v.is_finite() { *v - mean } else { 0.0 });
    let scale = (column.iter().map(|v| v * v).sum::<f64>() / known).sqrt();
    if scale > 0.0 {
        column.iter_mut().for_each(|v| *v /= scale);
    }
    column
}

/// The correlation of two standard columns over the rows that both know (0 stands for missing).
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (mut dot, mut both) = (0.0, 0u32);
    for (x, y) in a.iter().zip(b) {
        dot += x * y;
        both += u32::from(*x != 0.0 && *y != 0.0);
    }
    (dot / f64::from(both.max(1))).clamp(-1.0, 1.0)
}
