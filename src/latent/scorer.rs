//! A distance in the form that a scan evaluates.

use std::sync::LazyLock;

use super::circular;
use super::columns::{self, MISSING};
use super::dim::{Dim, Part, Shape};
use super::distribution::{log_background, normal_density};
use super::{DIMS, Latent};

/// A distance that a scan can compute: for signatures one table per dimension, indexed by place; for Euclidean
/// distances Σ scale·(z − mean)².
#[derive(Clone, Debug, PartialEq)]
pub struct Scorer {
    pub(super) terms: Vec<Term>,
    pub(super) tables: Vec<Table>,
    /// Whether the terms apply to whole-track points ([`super::Space::point`]) instead of normal scores.
    pub(super) whole: bool,
}

/// A squared term over one of the latent's dimensions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    pub dim: usize,
    pub mean: f32,
    pub scale: f32,
}

/// What each place of a dimension (0-based, named ones included) adds; 0 for a missing value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    pub dim: usize,
    pub adds: Box<[f32; 256]>,
}

impl Scorer {
    /// The signature distance (docs/design.md) over these dimensions.
    pub(super) fn signature<'a>(dims: impl IntoIterator<Item = &'a Dim>) -> Scorer {
        Scorer { terms: Vec::new(), tables: dims.into_iter().map(Table::of).collect(), whole: false }
    }

    /// The squared Euclidean distance to a point over some dimensions (0-based), divided by their number: 2 is the mean
    /// for two random tracks. Dimensions out of range are ignored.
    pub fn euclid(point: &Latent, dims: impl Iterator<Item = u8>) -> Scorer {
        let dims: Vec<usize> = dims.map(usize::from).filter(|&d| d < DIMS).collect();
        let scale = 1.0 / dims.len().max(1) as f32;
        let terms = dims.into_iter().map(|dim| Term { dim, mean: point[dim], scale }).collect();
        Scorer { terms, tables: Vec::new(), whole: false }
    }

    /// Like [`Scorer::euclid`], but over whole-track points ([`super::Space::point`]).
    pub fn around(point: &Latent, dims: impl Iterator<Item = u8>) -> Scorer {
        Scorer { whole: true, ..Scorer::euclid(point, dims) }
    }

    /// A weighted squared Euclidean distance over whole-track points: Σ weight·(z − point)²; for comparing other
    /// definitions of distance with the signature's.
    pub fn weighted(point: &Latent, weights: &Latent) -> Scorer {
        let terms = (0..DIMS).map(|dim| Term { dim, mean: point[dim], scale: weights[dim] }).collect();
        Scorer { terms, tables: Vec::new(), whole: true }
    }

    /// The distance of a latent vector alone; use `Space::distance` for a track.
    pub fn distance(&self, z: &Latent) -> f32 {
        let squares = self.terms.iter().map(|t| t.scale * (z[t.dim] - t.mean) * (z[t.dim] - t.mean));
        let tables = self.tables.iter().filter_map(|t| Some(t.adds[usize::from(columns::place(*z.get(t.dim)?))]));
        squares.sum::<f32>() + tables.sum::<f32>()
    }
}

impl Table {
    fn of(dim: &Dim) -> Table {
        let mut adds = Box::new([0.0; 256]);
        match dim.shape {
            Shape::Normal { parts, .. } => {
                let mut own = [0.0; PLACES];
                parts.iter().for_each(|part| add_density(&mut own, part));
                for ((add, own), background) in adds.iter_mut().zip(own).zip(BACKGROUND.iter()) {
                    *add = dim.weight * dim.share * (background - own.max(f64::MIN_POSITIVE).ln() as f32);
                }
            }
            Shape::Circular { centre, rho } => {
                let density = circular::density(f64::from(centre), f64::from(rho));
                for (add, p) in adds.iter_mut().zip(density) {
                    *add = -dim.weight * dim.share * (p * circular::PLACES as f64).ln() as f32;
                }
            }
        }
        Table { dim: usize::from(dim.dim), adds }
    }

    /// What a single place adds; builds no table for linear dimensions.
    pub fn at(dim: &Dim, place: u8) -> f32 {
        match dim.shape {
            Shape::Normal { .. } if place == MISSING => 0.0,
            Shape::Normal { parts, .. } => {
                let z = columns::place_score(usize::from(place));
                let own: f64 = parts.iter().map(|part| density(part, f64::from(z))).sum();
                dim.weight * dim.share * (log_background(z) - own.max(f64::MIN_POSITIVE).ln() as f32)
            }
            Shape::Circular { .. } => Table::of(dim).adds[usize::from(place)],
        }
    }
}

/// Places of a normal score, without the one for missing values.
const PLACES: usize = MISSING as usize;

/// The library's log density (`log_background`) at each place.
static BACKGROUND: LazyLock<[f32; PLACES]> =
    LazyLock::new(|| std::array::from_fn(|place| log_background(columns::place_score(place))));

/// A part's density at a score, times its mixing weight.
fn density(part: &Part, z: f64) -> f64 {
    let sd = f64::from(part.var).sqrt();
    f64::from(part.share) * normal_density((z - f64::from(part.mean)) / sd) / sd
}

/// Adds a part's density, times its mixing weight, at every place.
///
/// Places are evenly spaced, so each density follows from its neighbour's by a ratio that itself changes by a constant
/// factor: two multiplications instead of an exponential. The recurrence runs outwards from the mean's place, where
/// nothing underflows.
fn add_density(sums: &mut [f64; PLACES], part: &Part) {
    let (mean, var) = (f64::from(part.mean), f64::from(part.var));
    let middle = usize::from(columns::place(part.mean));
    let (first, last) = (f64::from(columns::place_score(0)), f64::from(columns::place_score(PLACES - 1)));
    let apart = (last - first) / (PLACES - 1) as f64;
    let from = first + apart * middle as f64;
    let (slower, peak) = ((-apart * apart / var).exp(), density(part, from));
    // The factor from z to z + step: exp(−(2·(z − mean)·step + step²) / 2·var).
    let factor = |step: f64| (-(2.0 * (from - mean) * step + step * step) / (2.0 * var)).exp();
    let mut walk = |places: &mut dyn Iterator<Item = usize>, step: f64| {
        let (mut density, mut ratio) = (peak, factor(step));
        for place in places {
            density *= ratio;
            ratio *= slower;
            sums[place] += density;
        }
    };
    walk(&mut (middle + 1..PLACES), apart);
    walk(&mut (0..middle).rev(), -apart);
    sums[middle] += peak;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::dim::VARIANCES;

    #[test]
    fn tables_hold_the_density_s_logarithm() {
        let mut random = fastrand::Rng::with_seed(4);
        for _ in 0..50 {
            let shares: Vec<f32> = (0..VARIANCES.len()).map(|_| random.f32() + 1e-6).collect();
            let all: f32 = shares.iter().sum();
            let mut part = |i: usize| Part {
                share: shares[i] / all,
                mean: 8.0 * random.f32() - 4.0,
                var: VARIANCES[i] as f32 + 0.02,
            };
            let parts = std::array::from_fn(&mut part);
            let shape = Shape::Normal { mean: 0.0, var: 1.0, parts };
            let dim = Dim { dim: 3, shape, weight: 1.5, share: 0.5, info: 0.0, p_value: 1.0 };
            let table = Table::of(&dim);
            for place in 0..=MISSING {
                let (fast, plain) = (table.adds[usize::from(place)], Table::at(&dim, place));
                assert!((fast - plain).abs() < 1e-4 * plain.abs().max(1.0), "{place}: {fast} {plain}");
            }
        }
    }
}
