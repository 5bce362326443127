//! The space: every track's normal scores in memory, searched by an exact scan.
//!
//! Scores lie in columns, one for each dimension, so that a signature of four dimensions reads four streams of memory.
//! Beside each score stands its log density in the library (`distribution::log_background`), which depends on the score
//! alone and would cost two exponentials in the scan.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::track::TrackId;

use super::distribution::log_background;
use super::named::{NAMED, NamedValues};
use super::scan::{self, CHUNK, Nearest, Square, Weighted};
use super::z::{self, Reference, Tie};
use super::{DIMS, Latent};

/// A track found by a scan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Its row.
    pub row: u32,
    /// Its distance by the scorer; lower is nearer.
    pub distance: f32,
}

impl Eq for Hit {}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance.total_cmp(&other.distance).then(self.row.cmp(&other.row))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A distance that a scan can compute: Σ over dimensions of scale·(z − mean)², and, for signatures, the log density of
/// the library.
#[derive(Clone, Debug, PartialEq)]
pub struct Scorer {
    terms: Vec<Term>,
    /// Whether the library's log density is added (a signature) or not (plain Euclid).
    background: bool,
    /// Added to every distance.
    offset: f32,
}

#[derive(Clone, Debug, PartialEq)]
struct Term {
    dim: usize,
    mean: f32,
    scale: f32,
}

impl Scorer {
    /// The signature distance (DESIGN §3) from its dimensions' (dimension counted from 0, m̂, p).
    pub(super) fn signature(dims: impl Iterator<Item = (u8, f32, f32)>) -> Scorer {
        let mut offset = 0.0;
        let terms = dims
            .map(|(dim, mean, var)| {
                offset += 0.5 * (std::f32::consts::TAU * var).ln();
                Term { dim: usize::from(dim), mean, scale: 0.5 / var }
            })
            .collect();
        Scorer { terms, background: true, offset }
    }

    /// The squared Euclidean distance to a point over some dimensions (counted from 0), divided by their number: 2 is
    /// the mean of two random tracks. Dimensions out of range are left out.
    pub fn euclid(point: &Latent, dims: impl Iterator<Item = u8>) -> Scorer {
        let dims: Vec<usize> = dims.map(usize::from).filter(|&d| d < DIMS).collect();
        let scale = 1.0 / dims.len().max(1) as f32;
        let terms = dims.into_iter().map(|dim| Term { dim, mean: point[dim], scale }).collect();
        Scorer { terms, background: false, offset: 0.0 }
    }

    /// The distance of one point.
    pub fn distance(&self, z: &Latent) -> f32 {
        self.offset + self.contributions(z).map(|(_, c)| c).sum::<f32>()
    }

    /// What each dimension (counted from 0) adds to a point's distance, the constant left out.
    pub(super) fn contributions<'a>(&'a self, z: &'a Latent) -> impl Iterator<Item = (u8, f32)> + 'a {
        self.terms.iter().map(|t| {
            let x = z[t.dim];
            let background = if self.background { log_background(x) } else { 0.0 };
            (t.dim as u8, background + t.scale * (x - t.mean) * (x - t.mean))
        })
    }
}

/// All tracks of one generation of latents, as normal scores. It never changes: a new one replaces it.
#[derive(Clone, Debug, Default)]
pub struct Space {
    generation: String,
    ids: Vec<TrackId>,
    /// `DIMS` columns of `ids.len()` scores.
    scores: Vec<f32>,
    /// The log density of each score.
    background: Vec<f32>,
    /// The sum of each row of `background`.
    background_sum: Vec<f32>,
    ties: Vec<Vec<Tie>>,
    /// Absolute correlations, `DIMS` × `DIMS`.
    correlations: Vec<f32>,
    /// One row of values for each track; empty when nothing is known.
    named: Vec<NamedValues>,
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
            background: Vec::with_capacity(n * DIMS),
            background_sum: vec![0.0; n],
            ties: Vec::with_capacity(DIMS),
            correlations: Vec::new(),
            named: Vec::new(),
        };
        for dim in 0..DIMS {
            let values: Vec<f32> = tracks.iter().map(|(_, latent)| latent[dim]).collect();
            let z::Scores { z, ties } = z::scores(&values, &reference, dim);
            for (sum, &score) in space.background_sum.iter_mut().zip(&z) {
                let density = log_background(score);
                *sum += density;
                space.background.push(density);
            }
            space.scores.extend_from_slice(&z);
            space.ties.push(ties);
        }
        space.correlations = correlations(&space.scores, n);
        space
    }

    /// Adds the named dimensions: the values of each track, as far as they are known.
    pub fn with_named(mut self, values: impl Fn(TrackId) -> Option<NamedValues>) -> Space {
        self.named = self.ids.iter().map(|&id| values(id).unwrap_or([f32::NAN; NAMED.len()])).collect();
        self
    }

    /// The values of a row in the named dimensions, in their own units, NaN where missing.
    pub fn named(&self, row: u32) -> NamedValues {
        self.named.get(row as usize).copied().unwrap_or([f32::NAN; NAMED.len()])
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

    /// The absolute correlation of two dimensions (counted from 0) over the library, 0 to 1.
    pub fn correlation(&self, a: u8, b: u8) -> f32 {
        self.correlations.get(usize::from(a) * DIMS + usize::from(b)).copied().unwrap_or(0.0)
    }

    /// The variance hidden in a score that many tracks share (see `z::Tie`); 0 for an ordinary one.
    pub(super) fn tie_variance(&self, dim: usize, z: f32) -> f32 {
        let ties = self.ties.get(dim).map_or(&[][..], Vec::as_slice);
        ties.binary_search_by(|t| t.z.total_cmp(&z)).map_or(0.0, |i| ties[i].variance)
    }

    /// The root mean square difference of two rows over all dimensions; about √2 for two random tracks.
    pub fn difference(&self, a: u32, b: u32) -> f32 {
        let (a, b) = (self.z(a), self.z(b));
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

    /// The distances of all rows.
    pub fn distances(&self, scorer: &Scorer) -> Vec<f32> {
        let mut out = vec![0.0; self.len()];
        for (start, chunk) in (0..).step_by(CHUNK).zip(out.chunks_mut(CHUNK)) {
            self.measure(scorer, start, chunk);
        }
        out
    }

    /// The distances of at most `most` rows spread evenly over the library, without those that `leave` names.
    pub(super) fn sample(&self, scorer: &Scorer, most: usize, leave: &dyn Fn(u32) -> bool) -> Vec<f32> {
        let step = self.len().div_ceil(most.max(1)).max(1);
        (0..self.len() as u32)
            .step_by(step)
            .filter(|&row| !leave(row))
            .map(|row| scorer.offset + self.at(scorer, row as usize))
            .collect()
    }

    fn at(&self, scorer: &Scorer, row: usize) -> f32 {
        let n = self.len();
        let term = |t: &Term| {
            let x = self.scores[t.dim * n + row] - t.mean;
            t.scale * x * x + if scorer.background { self.background[t.dim * n + row] } else { 0.0 }
        };
        scorer.terms.iter().map(term).sum()
    }

    /// Writes the distances of the rows from `start` on.
    fn measure(&self, scorer: &Scorer, start: usize, out: &mut [f32]) {
        let n = self.len();
        let stretch = |dim: usize| dim * n + start..dim * n + start + out.len();
        let squares: Vec<Square> = scorer
            .terms
            .iter()
            .map(|t| Square { scores: &self.scores[stretch(t.dim)], mean: t.mean, scale: t.scale })
            .collect();
        // With most dimensions in use, the sum of the row without the others halves the memory read.
        let whole = scorer.background && 2 * scorer.terms.len() > DIMS;
        let background: Vec<Weighted> = if !scorer.background {
            Vec::new()
        } else if whole {
            let unused = |dim: &usize| scorer.terms.iter().all(|t| t.dim != *dim);
            let column = |dim| Weighted { values: &self.background[stretch(dim)], weight: -1.0 };
            (0..DIMS).filter(unused).map(column).collect()
        } else {
            let column = |t: &Term| Weighted { values: &self.background[stretch(t.dim)], weight: 1.0 };
            scorer.terms.iter().map(column).collect()
        };
        out.fill(scorer.offset);
        if whole {
            out.iter_mut().zip(&self.background_sum[start..]).for_each(|(o, b)| *o += b);
        }
        scan::add_squares(out, &squares);
        scan::add_weighted(out, &background);
    }
}

/// Absolute Pearson correlations of the columns, from at most 8,192 rows spread evenly (standard error 0.011).
fn correlations(scores: &[f32], n: usize) -> Vec<f32> {
    let step = n.div_ceil(8192).max(1);
    let columns: Vec<Vec<f64>> = (0..DIMS)
        .map(|dim| {
            let mut column: Vec<f64> =
                scores[dim * n..(dim + 1) * n].iter().step_by(step).map(|&z| f64::from(z)).collect();
            let mean = column.iter().sum::<f64>() / column.len().max(1) as f64;
            column.iter_mut().for_each(|z| *z -= mean);
            let norm = column.iter().map(|z| z * z).sum::<f64>().sqrt();
            if norm > 0.0 {
                column.iter_mut().for_each(|z| *z /= norm);
            }
            column
        })
        .collect();
    let mut out = vec![0.0; DIMS * DIMS];
    for a in 0..DIMS {
        for b in 0..=a {
            let dot = columns[a].iter().zip(&columns[b]).map(|(x, y)| x * y).sum::<f64>().abs() as f32;
            out[a * DIMS + b] = dot;
            out[b * DIMS + a] = dot;
        }
    }
    out
}
