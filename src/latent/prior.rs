//! The prior of a set's variance: how often, and how closely, sets agree in a dimension.

use super::dim::VARIANCES;
use super::moments::moments;
use super::space::Space;
use super::{DIMS, Latent};

/// The prior over a set's variance in a dimension: the share of dimensions that has each of [`VARIANCES`]; the shares
/// sum to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// One for each of [`VARIANCES`].
    pub shares: [f64; VARIANCES.len()],
}

impl Default for Prior {
    /// A compromise between the design's simulation, where a few dimensions agree closely, and what
    /// expectation–maximisation finds on the albums of tagged music, where many agree a little.
    fn default() -> Self {
        Prior { shares: [0.04, 0.06, 0.14, 0.20, 0.20, 0.36] }
    }
}

impl Prior {
    /// Fewest albums for a fit; with fewer the default is the better guess.
    const ENOUGH_ALBUMS: usize = 20;
    /// The weight of the default, as a number of (album, dimension) pairs.
    const BELIEF: f64 = 50.0;
    /// Rounds of expectation–maximisation; it converges in fewer.
    const ROUNDS: usize = 60;

    /// The expected variance.
    pub fn variance(&self) -> f64 {
        self.shares.iter().zip(VARIANCES).map(|(share, v)| share * v).sum()
    }

    /// Fits the shares to the library's albums (lists of rows; those under three tracks are ignored) by
    /// expectation–maximisation (empirical Bayes). Returns the default with fewer than 20 albums.
    pub fn fit(space: &Space, albums: &[Vec<u32>]) -> Prior {
        let albums: Vec<&Vec<u32>> = albums.iter().filter(|rows| rows.len() >= 3).collect();
        if albums.len() < Self::ENOUGH_ALBUMS {
            return Prior::default();
        }
        let mut seen = Vec::with_capacity(albums.len() * DIMS);
        for rows in albums {
            let points: Vec<Latent> = rows.iter().map(|&row| space.z(row)).collect();
            let n = points.len() as f64;
            seen.extend((0..DIMS).map(|dim| {
                let (mean, s2) = moments(points.iter().map(|z| (f64::from(z[dim]), 1.0)), n);
                (n, mean, s2)
            }));
        }
        let default = Prior::default();
        let mut prior = default;
        for _ in 0..Self::ROUNDS {
            let mut counts = default.shares.map(|share| share * Self::BELIEF);
            for &(n, mean, s2) in &seen {
                let posterior = prior.posterior(n, mean, s2);
                counts.iter_mut().zip(posterior).for_each(|(c, p)| *c += p);
            }
            let all: f64 = counts.iter().sum();
            prior.shares = counts.map(|c| c / all);
        }
        prior
    }

    /// The posterior of each of [`VARIANCES`] for a dimension in which `n` tracks have this mean and unbiased variance:
    /// proportional to share · v^(−(n−1)/2) · exp(−(n−1)s²/2v) · N(mean; 0, (1 − v) + v/n).
    pub(super) fn posterior(&self, n: f64, mean: f64, s2: f64) -> [f64; VARIANCES.len()] {
        let dof = (n - 1.0).max(0.0);
        let logs: [f64; VARIANCES.len()] = std::array::from_fn(|i| {
            let v = VARIANCES[i];
            let around = (1.0 - v) + v / n;
            self.shares[i].max(1e-300).ln() - 0.5 * dof * (v.ln() + s2 / v) - 0.5 * (around.ln() + mean * mean / around)
        });
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights = logs.map(|l| (l - most).exp());
        let all: f64 = weights.iter().sum();
        weights.map(|w| w / all)
    }
}
