//! A distance that a scan can compute.

use super::agreement::{Dim, Shape};
use super::circular;
use super::columns::{self, MISSING};
use super::distribution::log_background;
use super::{DIMS, Latent};

/// A distance that a scan can compute: Σ over dimensions of scale·(z − mean)², for signatures with the log density of the
/// library, and for named dimensions a table over the places of a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Scorer {
    pub(super) terms: Vec<Term>,
    /// Named dimensions.
    pub(super) tables: Vec<Table>,
    /// Whether the library's log density is added (a signature) or not (plain Euclid).
    pub(super) background: bool,
    /// Added to every distance.
    pub(super) offset: f32,
}

/// One of the latent's dimensions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    pub dim: usize,
    pub mean: f32,
    pub scale: f32,
    /// How often the library's log density counts.
    pub weight: f32,
}

/// A named dimension: what each place of its column adds, 0 where the value is missing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    /// Index into `named::NAMED`.
    pub column: usize,
    pub adds: Box<[f32; 256]>,
}

impl Scorer {
    /// The signature distance (DESIGN §3) of these dimensions.
    pub(super) fn signature(dims: &[Dim]) -> Scorer {
        let mut scorer = Scorer { terms: Vec::new(), tables: Vec::new(), background: true, offset: 0.0 };
        for dim in dims {
            let index = usize::from(dim.dim);
            match dim.shape {
                Shape::Normal { mean, var } if index < DIMS => {
                    scorer.offset += dim.weight * 0.5 * (std::f32::consts::TAU * var).ln();
                    let scale = dim.weight * 0.5 / var;
                    scorer.terms.push(Term { dim: index, mean, scale, weight: dim.weight });
                }
                shape => scorer.tables.push(Table::of(index - DIMS, shape, dim.weight)),
            }
        }
        scorer
    }

    /// The squared Euclidean distance to a point over some dimensions (counted from 0), divided by their number: 2 is
    /// the mean of two random tracks. Dimensions out of range are left out.
    pub fn euclid(point: &Latent, dims: impl Iterator<Item = u8>) -> Scorer {
        let dims: Vec<usize> = dims.map(usize::from).filter(|&d| d < DIMS).collect();
        let scale = 1.0 / dims.len().max(1) as f32;
        let terms = dims.into_iter().map(|dim| Term { dim, mean: point[dim], scale, weight: 0.0 }).collect();
        Scorer { terms, tables: Vec::new(), background: false, offset: 0.0 }
    }

    /// A weighted squared Euclidean distance to a point: Σ weight·(z − point)²; for measuring other definitions of
    /// distance beside the signature's.
    pub fn weighted(point: &Latent, weights: &Latent) -> Scorer {
        let terms = (0..DIMS).map(|dim| Term { dim, mean: point[dim], scale: weights[dim], weight: 0.0 }).collect();
        Scorer { terms, tables: Vec::new(), background: false, offset: 0.0 }
    }

    /// What a point's latent adds to the distance; named dimensions are the space's (`Space::distance`).
    pub fn distance(&self, z: &Latent) -> f32 {
        let term = |t: &Term| {
            let x = z[t.dim];
            let background = if self.background { t.weight * log_background(x) } else { 0.0 };
            background + t.scale * (x - t.mean) * (x - t.mean)
        };
        self.offset + self.terms.iter().map(term).sum::<f32>()
    }

    /// How often the library's log density counts in each of the latent's dimensions.
    pub(super) fn backgrounds(&self) -> impl Iterator<Item = (usize, f32)> + '_ {
        let weight = |dim| self.terms.iter().find(|t| t.dim == dim).map_or(0.0, |t| t.weight);
        (0..DIMS).map(move |dim| (dim, if self.background { weight(dim) } else { 0.0 }))
    }

    /// Whether it counts once in most of them, so that the sum over all is the shorter way.
    pub(super) fn whole(&self) -> bool {
        self.background && 2 * self.terms.iter().filter(|t| t.weight == 1.0).count() > DIMS
    }
}

impl Table {
    fn of(column: usize, shape: Shape, weight: f32) -> Table {
        let mut adds = Box::new([0.0; 256]);
        match shape {
            Shape::Normal { mean, var } => {
                let offset = 0.5 * (std::f32::consts::TAU * var).ln();
                for (place, add) in adds.iter_mut().enumerate().take(usize::from(MISSING)) {
                    let z = columns::place_score(place);
                    *add = weight * (log_background(z) + offset + 0.5 / var * (z - mean) * (z - mean));
                }
            }
            Shape::Circular { centre, rho } => {
                let density = circular::density(f64::from(centre), f64::from(rho));
                for (add, p) in adds.iter_mut().zip(density) {
                    *add = -weight * (p * circular::PLACES as f64).ln() as f32;
                }
            }
        }
        Table { column, adds }
    }
}
