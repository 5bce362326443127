//! A distance that a scan can compute.

use super::agreement::{Dim, Shape};
use super::circular;
use super::columns::{self, MISSING};
use super::distribution::{log_background, normal_density};
use super::{DIMS, Latent};

/// A distance that a scan can compute: for signatures a table for each dimension over the places of its scores, for
/// Euclid Σ scale·(z − mean)².
#[derive(Clone, Debug, PartialEq)]
pub struct Scorer {
    pub(super) terms: Vec<Term>,
    pub(super) tables: Vec<Table>,
}

/// One of the latent's dimensions, by squares.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    pub dim: usize,
    pub mean: f32,
    pub scale: f32,
}

/// A dimension counted from 0, named ones included: what each place of its scores adds, 0 where the value is missing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    pub dim: usize,
    pub adds: Box<[f32; 256]>,
}

impl Scorer {
    /// The signature distance (DESIGN §3) of these dimensions.
    pub(super) fn signature<'a>(dims: impl IntoIterator<Item = &'a Dim>) -> Scorer {
        Scorer { terms: Vec::new(), tables: dims.into_iter().map(Table::of).collect() }
    }

    /// The squared Euclidean distance to a point over some dimensions (counted from 0), divided by their number: 2 is
    /// the mean of two random tracks. Dimensions out of range are left out.
    pub fn euclid(point: &Latent, dims: impl Iterator<Item = u8>) -> Scorer {
        let dims: Vec<usize> = dims.map(usize::from).filter(|&d| d < DIMS).collect();
        let scale = 1.0 / dims.len().max(1) as f32;
        let terms = dims.into_iter().map(|dim| Term { dim, mean: point[dim], scale }).collect();
        Scorer { terms, tables: Vec::new() }
    }

    /// A weighted squared Euclidean distance to a point: Σ weight·(z − point)²; for measuring other definitions of
    /// distance beside the signature's.
    pub fn weighted(point: &Latent, weights: &Latent) -> Scorer {
        let terms = (0..DIMS).map(|dim| Term { dim, mean: point[dim], scale: weights[dim] }).collect();
        Scorer { terms, tables: Vec::new() }
    }

    /// The distance of a point of which only the latent is known; that of a track is `Space::distance`.
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
                for (place, add) in adds.iter_mut().enumerate().take(usize::from(MISSING)) {
                    let z = columns::place_score(place);
                    let density = |p: &super::agreement::Part| {
                        let sd = f64::from(p.var).sqrt();
                        f64::from(p.share) * normal_density(f64::from(z - p.mean) / sd) / sd
                    };
                    let own: f64 = parts.iter().map(density).sum();
                    *add = dim.weight * (log_background(z) - own.max(f64::MIN_POSITIVE).ln() as f32);
                }
            }
            Shape::Circular { centre, rho } => {
                let density = circular::density(f64::from(centre), f64::from(rho));
                for (add, p) in adds.iter_mut().zip(density) {
                    *add = -dim.weight * (p * circular::PLACES as f64).ln() as f32;
                }
            }
        }
        Table { dim: usize::from(dim.dim), adds }
    }
}
