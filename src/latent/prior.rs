//! What is believed of a set's variance before the set is seen.

use super::agreement::moments;
use super::space::Space;
use super::{DIMS, Latent};

/// The within-set variance never exceeds this share of the library's.
pub(super) const MOST_VARIANCE: f64 = 0.95;

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
