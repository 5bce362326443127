//! The space: every track's normal scores in memory, searched by an exact scan.
//!
//! Scores are stored in columns, one per dimension, in two bytes each. Each score also has a place, a one-byte index into
//! a table of what the score adds to the distance: any density costs the same, and a scan reads a quarter of the memory
//! that latents take.

use std::sync::Arc;

use crate::track::TrackId;

use super::columns::{self, Column};
use super::departure::{Departure, departures};
use super::dim::Dim;
use super::distribution::normal_cdf;
use super::lexicon::Lexicon;
use super::named::{ALL_DIMS, NAMED, NamedValues};
use super::scan::{self, CHUNK, Hit, LookUp, Nearest, Square};
use super::scorer::{self, Scorer, Term};
use super::scores::{Scores, rounded};
use super::shares::{Shares, variance};
use super::spread::Spread;
use super::table::{self, Table};
use super::tags::Tags;
use super::words::Words;
use super::z::{self, Reference, Tie};
use super::{DIMS, Latent};

/// All tracks of one generation of latents, as normal scores. Immutable: a new generation replaces it.
#[derive(Clone, Debug, Default)]
pub struct Space {
    generation: String,
    /// The latents, shared with whoever keeps them.
    table: Table,
    scores: Scores,
    /// The place of each score (`columns::place`), in the same columns.
    places: Vec<u8>,
    ties: Vec<Vec<Tie>>,
    /// Absolute correlations, `ALL_DIMS` × `ALL_DIMS`.
    correlations: Vec<f32>,
    /// One row of values per track; empty without descriptors.
    named: Vec<NamedValues>,
    /// The named dimensions; empty without descriptors.
    columns: Vec<Column>,
    /// Departures from the model's reference; empty without one.
    departures: Vec<Departure>,
    /// The variance of each dimension over the tracks, in the latent's unit squared.
    variances: Vec<f32>,
    /// The mean latent, from which whole-track points are counted ([`Space::point`]); none where those are the scores.
    centre: Option<Latent>,
    /// The weight of each dimension in signatures.
    shares: Shares,
    /// The uncertainty of each row's mean; empty when unknown.
    spreads: Arc<[Spread]>,
    /// For each dimension, that uncertainty's mean over the rows as a share of the dimension's variance.
    uncertain: Vec<f32>,
    /// The encoder's names of its dimensions and tags.
    words: Words,
    /// The tag head's output; empty without one.
    tags: Tags,
    lexicon: Lexicon,
}

impl Space {
    /// Scores the latents of a generation. Tracks are sorted by id, so that the space does not depend on their order;
    /// of duplicate ids the first stays, and latents that are not finite are left out.
    pub fn build(generation: String, reference: Arc<Reference>, mut tracks: Vec<(TrackId, Latent)>) -> Space {
        tracks.retain(|(_, latent)| latent.iter().all(|v| v.is_finite()));
        let row = |(track, mean)| table::Row { track, mean, spread: Spread::UNKNOWN, tags: Box::default() };
        Space::of(generation, &reference, &Table::of(tracks.into_iter().map(row).collect()))
    }

    /// Scores the latents of a table, which must be finite. The space shares the table, with its spreads and tags.
    pub fn of(generation: String, reference: &Reference, table: &Table) -> Space {
        let (n, words) = (table.len(), &reference.words);
        let codes = table.tags(words.tags.len()).cloned().unwrap_or_default();
        let mut space = Space {
            generation,
            table: table.clone(),
            scores: Scores::of_rows(n),
            places: Vec::with_capacity(n * DIMS),
            ties: Vec::with_capacity(DIMS),
            correlations: Vec::new(),
            named: Vec::new(),
            columns: Vec::new(),
            departures: departures(reference, n, |row| table.mean(row as u32)),
            variances: Vec::with_capacity(DIMS),
            centre: None,
            shares: Shares::default(),
            spreads: table.spreads().clone(),
            uncertain: Vec::new(),
            words: words.clone(),
            tags: Tags::of_codes(words.tags.clone(), codes),
            lexicon: Lexicon::of(&words.tags),
        };
        for dim in 0..DIMS {
            let values = table.column(dim);
            space.variances.push(variance(values));
            let z::Scores { z, mut ties } = z::scores(values, reference, dim);
            space.places.extend(z.iter().map(|&score| columns::place(score)));
            space.scores.push(&z);
            // They are found by the score that they share.
            ties.iter_mut().for_each(|tie| tie.z = rounded(tie.z));
            space.ties.push(ties);
        }
        if let Some(shares) = Shares::of(reference, &space.variances, n) {
            let sum = |dim| table.column(dim).iter().map(|&v| f64::from(v)).sum::<f64>();
            space.centre = Some(std::array::from_fn(|dim| (sum(dim) / n.max(1) as f64) as f32));
            space.shares = shares;
        }
        if !space.spreads.is_empty() {
            space.uncertain = uncertain(&space.spreads, &space.variances);
        }
        space.correlations = correlations(&space.scores, n, &[]);
        space
    }

    /// Adds the named dimensions: the values of each track, where known.
    pub fn with_named(mut self, values: impl Fn(TrackId) -> Option<NamedValues>) -> Space {
        self.named = self.table.ids().iter().map(|&id| values(id).unwrap_or([f32::NAN; NAMED.len()])).collect();
        self.columns = (0..NAMED.len()).map(|index| Column::build(index, &self.named)).collect();
        self.correlations = correlations(&self.scores, self.len(), &self.columns);
        if self.named.iter().flatten().all(|value| value.is_nan()) {
            self.named = Vec::new();
        }
        self
    }

    /// Adds the spread of each track's segments, where known.
    pub fn with_spread(mut self, spread: impl Fn(TrackId) -> Option<Spread>) -> Space {
        self.spreads = self.table.ids().iter().map(|&id| spread(id).unwrap_or(Spread::UNKNOWN)).collect();
        self.uncertain = uncertain(&self.spreads, &self.variances);
        self
    }

    /// Adds the tag head's output for each track, as bytes from [`super::tags::encode`].
    pub fn with_tags<'a>(mut self, tags: impl Fn(TrackId) -> Option<&'a [u8]>) -> Space {
        self.tags = Tags::of(self.words.tags.clone(), self.table.ids().iter().map(|&id| tags(id)));
        self
    }

    /// The encoder's names of its dimensions and tags.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// The words of the encoder; empty for one without a tag head.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The few words shown for a row; none where nothing stands out or nothing is known.
    pub fn said(&self, row: u32) -> Vec<String> {
        self.lexicon.said(&self.tags, row)
    }

    /// The tag head's output for all tracks.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// The uncertainty of a track's mean, where known.
    pub fn spread_of(&self, id: TrackId) -> Option<Spread> {
        self.spreads.get(self.row(id)? as usize).copied()
    }

    /// How much more uncertain a row's mean is than the average track's, as a share of the library's variance in a
    /// 0-based dimension; negative when less uncertain, 0 where unknown.
    pub(super) fn excess(&self, row: u32, dim: usize) -> f32 {
        let own = self.spreads.get(row as usize).and_then(|s| s.variance(dim));
        let usual = self.uncertain.get(dim).copied().unwrap_or(0.0);
        own.map_or(0.0, |v| (v / self.variances[dim].max(f32::MIN_POSITIVE)).min(4.0) - usual)
    }

    /// The column of a named dimension, 0-based among the named ones.
    pub(super) fn column(&self, index: usize) -> Option<&Column> {
        self.columns.get(index)
    }

    /// A row's score in a 0-based dimension: a normal score, or for a circular dimension an angle in uniform scores
    /// (radians). `None` past the end and where the value is missing.
    pub fn score(&self, row: u32, dim: u8) -> Option<f32> {
        let (row, dim) = (row as usize, usize::from(dim));
        let score = match dim.checked_sub(DIMS) {
            None => self.scores.get(row, dim),
            Some(index) => self.columns.get(index)?.scores.get(row).copied(),
        };
        score.filter(|s| s.is_finite())
    }

    /// The share of the library that lies below a row in a 0-based dimension that is not circular, 0 to 1.
    pub fn share_below(&self, row: u32, dim: u8) -> Option<f32> {
        self.score(row, dim).map(|score| normal_cdf(f64::from(score)) as f32)
    }

    /// A row's value in a 0-based dimension before it was ranked: the encoder's own number, or of a named dimension the value
    /// in its unit (circular ones in turns). `None` past the end and where the value is missing.
    pub fn value(&self, row: u32, dim: u8) -> Option<f32> {
        let (row, dim) = (row as usize, usize::from(dim));
        let value = match dim.checked_sub(DIMS) {
            None => self.table.column(dim).get(row).copied(),
            Some(index) => self.named.get(row)?.get(index).copied(),
        };
        value.filter(|v| v.is_finite())
    }

    /// What each dimension (0-based) adds to a row's signature distance, the lowest (most in favour) first.
    pub fn contributions(&self, scorer: &Scorer, row: u32) -> Vec<(u8, f32)> {
        let place = |t: &scorer::Table| self.places_of(t.dim).get(row as usize).copied();
        let part = |t: &scorer::Table| Some((t.dim as u8, t.adds[usize::from(place(t)?)]));
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

    /// How the library departs from the model's reference in each dimension of the latent; empty without a reference.
    pub fn departures(&self) -> &[Departure] {
        &self.departures
    }

    /// The generation (the encoder's hash) that the latents come from.
    pub fn generation(&self) -> &str {
        &self.generation
    }

    /// Number of tracks.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The row of a track; `None` when it has no latent.
    pub fn row(&self, id: TrackId) -> Option<u32> {
        self.table.row(id)
    }

    /// The tracks of all rows, to be kept.
    pub(super) fn ids(&self) -> Arc<[TrackId]> {
        self.table.shared_ids()
    }

    /// The track of a row; `None` past the end.
    pub fn id(&self, row: u32) -> Option<TrackId> {
        self.table.ids().get(row as usize).copied()
    }

    /// The normal scores of a row; zeros past the end.
    pub fn z(&self, row: u32) -> Latent {
        std::array::from_fn(|dim| self.scores.get(row as usize, dim).unwrap_or(0.0))
    }

    /// The point by which whole tracks are compared: the latent minus the library's mean, scaled to a mean variance
    /// of 1; for a whitened model its normal scores. Two random tracks differ by √2 (RMS). Zeros past the end.
    pub fn point(&self, row: u32) -> Latent {
        match self.centre {
            Some(centre) if (row as usize) < self.len() => {
                let (mean, unit) = (self.table.mean(row), self.shares.unit());
                std::array::from_fn(|dim| (mean[dim] - centre[dim]) / unit)
            }
            _ => self.z(row),
        }
    }

    /// The weight of a 0-based dimension in the signature of `n` tracks.
    pub(super) fn says(&self, dim: usize, n: f64) -> f32 {
        self.shares.says(dim, n)
    }

    /// The largest standard deviation among [`Space::point`]'s dimensions; 1 where dimensions count alike.
    pub fn stretch(&self) -> f32 {
        (0..DIMS).map(|dim| self.shares.of_dim(dim)).fold(1.0, f32::max).sqrt()
    }

    /// The absolute correlation of two dimensions (0-based) over the library, 0 to 1.
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

    /// The `k` nearest rows for which `keep` is true, nearest first, ties by row. Exact: measures every track.
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

    /// The distance of one row to a signature: the scorer's result without building its tables.
    pub(super) fn distance_to(&self, dims: &[Dim], row: u32) -> f32 {
        let part = |dim: &Dim| {
            let place = self.places_of(usize::from(dim.dim)).get(row as usize)?;
            Some(scorer::Table::at(dim, *place))
        };
        dims.iter().filter_map(part).sum()
    }

    /// At most `most` rows spread evenly over the library, except those for which `leave` is true; for repeated use.
    pub(super) fn thinned(&self, most: usize, leave: &dyn Fn(u32) -> bool) -> Thinned {
        let rows: Vec<u32> = self.spread(most).filter(|&row| !leave(row)).collect();
        let column = |dim| {
            let places = self.places_of(dim);
            rows.iter().filter_map(|&row| places.get(row as usize).copied()).collect()
        };
        Thinned { rows: rows.len(), places: (0..ALL_DIMS).map(column).collect() }
    }

    /// The distances of at most `most` rows spread evenly over the library, except those for which `leave` is true.
    pub(super) fn sample(&self, scorer: &Scorer, most: usize, leave: &dyn Fn(u32) -> bool) -> Vec<f32> {
        self.spread(most).filter(|&row| !leave(row)).map(|row| self.distance(scorer, row)).collect()
    }

    fn at(&self, scorer: &Scorer, row: usize) -> f32 {
        let Compared { points, shift, unit } = self.compared(scorer);
        let square = |t: &Term| {
            let value = if points { self.table.column(t.dim)[row] } else { self.scores.get(row, t.dim).unwrap_or(0.0) };
            let x = (value - shift[t.dim]) / unit - t.mean;
            t.scale * x * x
        };
        let looked_up =
            |t: &scorer::Table| self.places_of(t.dim).get(row).map_or(0.0, |&place| t.adds[usize::from(place)]);
        scorer.terms.iter().map(square).sum::<f32>() + scorer.tables.iter().map(looked_up).sum::<f32>()
    }

    /// What the squared terms of a scorer are of: the scores, or where it compares whole tracks their points.
    fn compared(&self, scorer: &Scorer) -> Compared {
        match self.centre {
            Some(shift) if scorer.whole => Compared { points: true, shift, unit: self.shares.unit() },
            _ => Compared { points: false, shift: [0.0; DIMS], unit: 1.0 },
        }
    }

    /// The places of a 0-based dimension; empty for a named one without data.
    fn places_of(&self, dim: usize) -> &[u8] {
        match dim.checked_sub(DIMS) {
            None => &self.places[dim * self.len()..(dim + 1) * self.len()],
            Some(index) => self.columns.get(index).map_or(&[], |c| &c.places),
        }
    }

    /// Writes the distances of the rows from `start` on into `out`.
    fn measure(&self, scorer: &Scorer, start: usize, out: &mut [f32]) {
        let rows = start..start + out.len();
        let Compared { points, shift, unit } = self.compared(scorer);
        let scores = |t: &Term| self.scores.column(t.dim, rows.clone()).collect();
        let scores: Vec<Vec<f32>> = scorer.terms.iter().filter(|_| !points).map(scores).collect();
        let square = |(at, t): (usize, &Term)| {
            let values = scores.get(at).map_or_else(|| &self.table.column(t.dim)[rows.clone()], Vec::as_slice);
            Square { values, shift: shift[t.dim], unit, mean: t.mean, scale: t.scale }
        };
        let squares: Vec<Square> = scorer.terms.iter().enumerate().map(square).collect();
        let look_up = |t: &'_ scorer::Table| self.places_of(t.dim).get(rows.clone());
        let tables: Vec<LookUp> =
            scorer.tables.iter().filter_map(|t| Some(LookUp { places: look_up(t)?, adds: &t.adds })).collect();
        out.fill(0.0);
        scan::add_squares(out, &squares);
        scan::add_looked_up(out, &tables);
    }
}

/// What a scorer's squared terms compare: latents, counted from `shift` in units of `unit`, or else scores.
struct Compared {
    points: bool,
    shift: Latent,
    unit: f32,
}

/// For each dimension the mean uncertainty of the rows' means as a share of the dimension's variance.
fn uncertain(spreads: &[Spread], variances: &[f32]) -> Vec<f32> {
    let of_dim = |(dim, variance): (usize, &f32)| {
        let known = spreads.iter().filter_map(|s| s.variance(dim));
        let (sum, count) = known.fold((0.0, 0), |(sum, count), v| (sum + v, count + 1));
        sum / count.max(1) as f32 / variance.max(f32::MIN_POSITIVE)
    };
    variances.iter().enumerate().map(of_dim).collect()
}

/// A sample of a space's rows with their places stored contiguously, so that signature distances to them do not stride
/// through the whole space.
pub(super) struct Thinned {
    rows: usize,
    /// One column per dimension; empty for dimensions without data.
    places: Vec<Vec<u8>>,
}

impl Thinned {
    /// The distances of the sample by a signature's scorer.
    pub fn distances(&self, scorer: &Scorer) -> Vec<f32> {
        let column = |t: &'_ scorer::Table| self.places.get(t.dim).filter(|places| places.len() == self.rows);
        let tables: Vec<LookUp> =
            scorer.tables.iter().filter_map(|t| Some(LookUp { places: column(t)?, adds: &t.adds })).collect();
        let mut out = vec![0.0; self.rows];
        scan::add_looked_up(&mut out, &tables);
        out
    }
}

/// Absolute Pearson correlations of all dimensions, from at most 8,192 rows spread evenly (standard error 0.011); for a
/// circular one the larger of cosine's and sine's. Rows where either value is missing are ignored.
fn correlations(scores: &Scores, n: usize, columns: &[Column]) -> Vec<f32> {
    let step = n.div_ceil(8192).max(1);
    let thin = |column: &mut dyn Iterator<Item = f32>| standard(column.step_by(step).map(f64::from).collect());
    let mut coordinates: Vec<Vec<Vec<f64>>> = (0..DIMS).map(|dim| vec![thin(&mut scores.column(dim, 0..n))]).collect();
    coordinates.extend(columns.iter().map(|c| c.coordinates().iter().map(|v| thin(&mut v.iter().copied())).collect()));
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

/// The correlation of two standardised columns over the rows that both have (0 stands for missing).
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (mut dot, mut both) = (0.0, 0u32);
    for (x, y) in a.iter().zip(b) {
        dot += x * y;
        both += u32::from(*x != 0.0 && *y != 0.0);
    }
    (dot / f64::from(both.max(1))).clamp(-1.0, 1.0)
}
