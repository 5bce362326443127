//! The signature of a set of tracks: which dimensions of sound it agrees on, around which centre and how closely.
//! Definitions and their reasons: DESIGN §3.

use std::collections::HashMap;

use crate::track::TrackId;

use super::distribution::{benjamini_hochberg, chi_squared_cdf};
use super::report::{DimReport, SignatureReport};
use super::space::{Scorer, Space};
use super::{Choice, DIMS, Latent};

/// The most dimensions that are chosen by test.
pub const MOST_DIMS: usize = 8;
/// Fewer chosen dimensions than this, and all take part softly.
pub const FEWEST_DIMS: usize = 3;
/// False discovery rate of the agreement test.
pub const FALSE_DISCOVERIES: f64 = 0.1;
/// A dimension that correlates more than this with one already chosen says the same again.
pub const SAME_AGAIN: f32 = 0.5;
/// The within-set variance never exceeds this share of the library's.
const MOST_VARIANCE: f64 = 0.95;

/// A member of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its row in the space.
    pub row: u32,
    /// What it must not outvote the others with, usually its artist: each group weighs as one.
    pub group: u64,
}

/// What is believed of a set's variance before it is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// How many degrees of freedom the belief counts.
    pub weight: f64,
    /// The variance expected, as a share of the library's.
    pub variance: f64,
}

impl Default for Prior {
    fn default() -> Self {
        Prior { weight: 1.0, variance: 0.6 }
    }
}

impl Prior {
    /// Albums below which the default is the better guess.
    const ENOUGH_ALBUMS: usize = 20;

    /// Fits the prior to the variance within a library's albums (each a list of rows; those under three tracks count
    /// not): the credibility estimate of Bühlmann with Var(s²|v) = 2v²/(n − 1). The default with fewer than 20 albums.
    pub fn fit(space: &Space, albums: &[Vec<u32>]) -> Prior {
        let albums: Vec<Vec<Latent>> = albums
            .iter()
            .filter(|rows| rows.len() >= 3)
            .map(|rows| rows.iter().map(|&row| space.z(row)).collect())
            .collect();
        if albums.len() < Self::ENOUGH_ALBUMS {
            return Prior::default();
        }
        let (mut first, mut second) = (0.0, 0.0);
        for album in &albums {
            let dof = album.len() as f64 - 1.0;
            for dim in 0..DIMS {
                let s2 = moments(album.iter().map(|z| (f64::from(z[dim]), 1.0)), album.len() as f64).1;
                first += s2;
                // E[s⁴ | v] = v²(1 + 2/dof).
                second += s2 * s2 * dof / (dof + 2.0);
            }
        }
        let cells = (albums.len() * DIMS) as f64;
        let (mean, square) = (first / cells, second / cells);
        let between = (square - mean * mean).max(1e-9);
        Prior { weight: (2.0 * square / between).clamp(0.5, 8.0), variance: mean.clamp(0.1, MOST_VARIANCE) }
    }
}

/// One dimension of a signature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dim {
    /// Which one, counted from 0.
    pub dim: u8,
    /// The centre m̂ in normal scores, drawn a little to the library's.
    pub mean: f32,
    /// The variance p that a further track of the set is expected to show around the centre.
    pub var: f32,
    /// What the dimension tells about the set, in nats.
    pub info: f32,
    /// p-value of the test for agreement; 1 with a single track.
    pub p_value: f32,
}

/// The signature of a set of tracks.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// The tracks that it was made of; from them it can be made again in another space.
    pub members: Vec<TrackId>,
    /// Kish's effective number of members.
    pub n_eff: f64,
    /// Its dimensions, the most informative first.
    pub dims: Vec<Dim>,
    /// True when all dimensions take part because too few were significant, or because all were asked for.
    pub soft: bool,
}

impl Signature {
    /// The signature of a set; members past the end of the space are left out and doubles count once. `None` when
    /// nothing remains, or no dimension (a `Choice::Dims` that names none of the space).
    pub fn of(space: &Space, members: &[Member], choice: &Choice, prior: Prior) -> Option<Signature> {
        let mut members: Vec<Member> = members.iter().copied().filter(|m| (m.row as usize) < space.len()).collect();
        members.sort_by_key(|m| m.row);
        members.dedup_by_key(|m| m.row);
        if members.is_empty() {
            return None;
        }
        let weights = weights(&members);
        let n = weights.iter().sum::<f64>().powi(2) / weights.iter().map(|w| w * w).sum::<f64>();
        let points: Vec<Latent> = members.iter().map(|m| space.z(m.row)).collect();
        let all: Vec<Dim> = (0..DIMS).map(|dim| agreement(space, dim, &points, &weights, n, prior)).collect();
        let by_info = |mut dims: Vec<Dim>| {
            dims.sort_by(|a, b| b.info.total_cmp(&a.info).then(a.dim.cmp(&b.dim)));
            dims
        };
        let (dims, soft) = match choice {
            Choice::Dims(wanted) => {
                (all.into_iter().filter(|d| wanted.iter().any(|w| w.dim == d.dim)).collect(), false)
            }
            Choice::All => (all, true),
            Choice::Auto | Choice::Without(_) => {
                let chosen = choose(space, by_info(significant(&all)));
                if chosen.len() < FEWEST_DIMS { (all, true) } else { (chosen, false) }
            }
        };
        if dims.is_empty() {
            return None;
        }
        let members = members.iter().filter_map(|m| space.id(m.row)).collect();
        Some(Signature { members, n_eff: n, dims: by_info(dims), soft })
    }

    /// The signature distance as a scan takes it: Σ ln[0.95·N(z; 0, 1) + 0.05·N(z; 0, 9)] − ln N(z; m̂, p).
    pub fn scorer(&self) -> Scorer {
        Scorer::signature(self.dims.iter().map(|d| (d.dim, d.mean, d.var)))
    }

    /// The signature distance of one point; lower is nearer, below 0 is likelier in the set than in the library.
    pub fn distance(&self, z: &Latent) -> f32 {
        self.scorer().distance(z)
    }

    /// What each dimension (counted from 0) adds to the distance of a point, the most in favour first.
    pub fn contributions(&self, z: &Latent) -> Vec<(u8, f32)> {
        let mut parts: Vec<(u8, f32)> = self
            .dims
            .iter()
            .map(|d| (d.dim, Scorer::signature(std::iter::once((d.dim, d.mean, d.var))).distance(z)))
            .collect();
        parts.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        parts
    }

    /// The signature as a report, with the confidence that [`super::confidence`] found.
    pub fn report(&self, confidence: Option<f64>) -> SignatureReport {
        SignatureReport {
            members: self.members.len(),
            effective: self.n_eff,
            soft: self.soft,
            confidence,
            dims: self
                .dims
                .iter()
                .map(|d| DimReport {
                    dim: d.dim + 1,
                    mean: d.mean,
                    spread: d.var.sqrt(),
                    info: d.info,
                    p_value: d.p_value,
                })
                .collect(),
        }
    }
}

/// Each group weighs as one track.
fn weights(members: &[Member]) -> Vec<f64> {
    let mut sizes: HashMap<u64, f64> = HashMap::new();
    members.iter().for_each(|m| *sizes.entry(m.group).or_default() += 1.0);
    members.iter().map(|m| 1.0 / sizes.get(&m.group).copied().unwrap_or(1.0)).collect()
}

/// The weighted mean and unbiased variance of (value, weight) pairs of effective number `n`; variance 0 for one.
fn moments(pairs: impl Iterator<Item = (f64, f64)> + Clone, n: f64) -> (f64, f64) {
    let total: f64 = pairs.clone().map(|(_, w)| w).sum();
    let mean = pairs.clone().map(|(x, w)| w * x).sum::<f64>() / total;
    if n <= 1.0 + 1e-9 {
        return (mean, 0.0);
    }
    let squares: f64 = pairs.map(|(x, w)| w * (x - mean) * (x - mean)).sum();
    (mean, squares / total * n / (n - 1.0))
}

/// Centre, predictive variance, information and test of one dimension.
fn agreement(space: &Space, dim: usize, points: &[Latent], weights: &[f64], n: f64, prior: Prior) -> Dim {
    let pairs = points.iter().map(|z| f64::from(z[dim])).zip(weights.iter().copied());
    let (mean, mut s2) = moments(pairs, n);
    let dof = n - 1.0;
    let tested = dof > 1e-9;
    if tested {
        // Equal values are intervals: what they hide belongs to the spread (`z::Tie`).
        let hidden: f64 = points.iter().zip(weights).map(|(z, w)| w * f64::from(space.tie_variance(dim, z[dim]))).sum();
        s2 += hidden / weights.iter().sum::<f64>();
    }
    let dof = dof.max(0.0);
    let v = ((prior.weight * prior.variance + dof * s2) / (prior.weight + dof)).clamp(1e-3, MOST_VARIANCE);
    let kappa = (1.0 - v) / ((1.0 - v) + v / n);
    let centre = kappa * mean;
    let p = v + (1.0 - kappa) * (1.0 - v);
    Dim {
        dim: dim as u8,
        mean: centre as f32,
        var: p as f32,
        info: (0.5 * (p + centre * centre - 1.0 - p.ln())) as f32,
        p_value: if tested { chi_squared_cdf(dof * s2, dof) as f32 } else { 1.0 },
    }
}

fn significant(all: &[Dim]) -> Vec<Dim> {
    let p_values: Vec<f64> = all.iter().map(|d| f64::from(d.p_value)).collect();
    let found = benjamini_hochberg(&p_values, FALSE_DISCOVERIES);
    all.iter().zip(found).filter(|&(_, found)| found).map(|(d, _)| *d).collect()
}

/// The most informative first, none that repeats one already chosen, at most [`MOST_DIMS`].
fn choose(space: &Space, ordered: Vec<Dim>) -> Vec<Dim> {
    let mut chosen: Vec<Dim> = Vec::with_capacity(MOST_DIMS);
    for dim in ordered {
        if chosen.len() == MOST_DIMS {
            break;
        }
        if chosen.iter().all(|c| space.correlation(c.dim, dim.dim) <= SAME_AGAIN) {
            chosen.push(dim);
        }
    }
    chosen
}
