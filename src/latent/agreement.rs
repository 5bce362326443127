//! Statistics of one dimension over a set of tracks: its centre, how closely the set agrees, and a test against chance.

use super::circular;
use super::columns::Column;
use super::dim::{Dim, Part, Shape, VARIANCES};
use super::distribution::chi_squared_cdf;
use super::moments::{effective, moments};
use super::prior::Prior;
use super::space::Space;
use super::{DIMS, Latent};

/// Variance of an album's centre around the centre of the set that a single track of the album stands for. Tuned with
/// `cargo run --example one_track`: at 0.3 the album's own tracks crowd the first twenty results; at 1.2 a third of
/// the gain is lost.
pub const ALBUM: f64 = 0.6;

/// The members of a set, with what the statistics need.
pub(super) struct Members<'a> {
    pub space: &'a Space,
    pub rows: &'a [u32],
    pub points: &'a [Latent],
    pub weights: &'a [f64],
    pub prior: Prior,
    /// Rows of the other tracks of a single member's album; empty for none.
    pub mates: &'a [u32],
}

impl Members<'_> {
    /// Statistics of a 0-based dimension; `None` for a named one that is unused or missing for every member.
    pub fn dim(&self, dim: usize) -> Option<Dim> {
        if dim < DIMS {
            let score = |i: usize| (self.points[i][dim], f64::from(self.space.tie_variance(dim, self.points[i][dim])));
            let linear = self.linear(dim, (0..self.rows.len()).map(|i| (score(i), self.weights[i])).collect());
            return Some(match self.rows {
                [row] => self.alone(linear, *row),
                _ => linear,
            });
        }
        let column = self.space.column(dim - DIMS).filter(|c| c.alive())?;
        let known: Vec<(f32, f64)> = self
            .rows
            .iter()
            .zip(self.weights)
            .map(|(&row, &weight)| (column.scores[row as usize], weight))
            .filter(|(score, _)| score.is_finite())
            .collect();
        if known.is_empty() {
            return None;
        }
        Some(match column.circular {
            true => self.circular(dim, column, &known),
            false => {
                let hidden = |z: f32| column.tie(z).map_or(0.0, |t| f64::from(t.variance));
                self.linear(dim, known.into_iter().map(|(z, w)| ((z, hidden(z)), w)).collect())
            }
        })
    }

    /// Mixture, information and χ² test from ((score, variance hidden by ties), weight) pairs.
    fn linear(&self, dim: usize, known: Vec<((f32, f64), f64)>) -> Dim {
        let n = effective(known.iter().map(|k| k.1));
        let (mean, mut s2) = moments(known.iter().map(|&((z, _), w)| (f64::from(z), w)), n);
        let dof = (n - 1.0).max(0.0);
        let tested = dof > 1e-9;
        if tested {
            // Tied values are intervals: the variance they hide is added to the spread (`z::Tie`).
            let total: f64 = known.iter().map(|k| k.1).sum();
            s2 += known.iter().map(|&((_, hidden), w)| w * hidden).sum::<f64>() / total;
        }
        // For each within-set variance v: κ = (1−v)/((1−v) + v/n), centre κ·m, predictive variance v + (1−κ)(1−v).
        let posterior = self.prior.posterior(n, mean, s2);
        let parts: [Part; VARIANCES.len()] = std::array::from_fn(|i| {
            let v = VARIANCES[i];
            let kappa = (1.0 - v) / ((1.0 - v) + v / n);
            let var = v + (1.0 - kappa) * (1.0 - v);
            Part { share: posterior[i] as f32, mean: (kappa * mean) as f32, var: var as f32 }
        });
        let centre: f32 = parts.iter().map(|p| p.share * p.mean).sum();
        let p: f32 = parts.iter().map(|p| p.share * (p.var + (p.mean - centre) * (p.mean - centre))).sum();
        // A single track says nothing about agreement: narrow parts would come from the prior alone, and their heavy
        // tails let a few dimensions outvote the rest. One normal density of the same mean and variance works as well.
        let parts = if tested { parts } else { parts.map(|part| Part { mean: centre, var: p, ..part }) };
        Dim {
            dim: dim as u8,
            shape: Shape::Normal { mean: centre, var: p, parts },
            weight: 1.0,
            share: self.space.says(dim, n),
            info: 0.5 * (p + centre * centre - 1.0 - p.ln()),
            p_value: if tested { chi_squared_cdf(dof * s2, dof) as f32 } else { 1.0 },
        }
    }

    /// The dimension for a single-track set, including the uncertainty of the track's own mean, with its album's other
    /// tracks as evidence.
    ///
    /// The track deviates from the set's centre μ with variance v + e, e the [excess](Space::excess) of its
    /// uncertainty; the mean M of the album's other k tracks with variance b + v/k, b = [`ALBUM`]; the prior of μ is
    /// N(0, 1 − v). So μ has precision 1/(1 − v) + 1/(v + e) + 1/(b + v/k), further tracks add variance v, and all is
    /// averaged over v.
    fn alone(&self, dim: Dim, row: u32) -> Dim {
        let Shape::Normal { parts, .. } = dim.shape else { return dim };
        let at = usize::from(dim.dim);
        let z = f64::from(self.points[0][at]);
        // A variance estimated from three segments is unreliable: half of the excess is used.
        let excess = 0.5 * f64::from(self.space.excess(row, at));
        let k = self.mates.len() as f64;
        let mates = self.mates.iter().map(|&mate| f64::from(self.space.score(mate, dim.dim).unwrap_or(0.0)));
        let mates = mates.sum::<f64>() / k.max(1.0);
        let of = |v: f64| {
            let own = (v + excess).max(0.25 * v);
            let beside = if k > 0.0 { 1.0 / (ALBUM + v / k) } else { 0.0 };
            let precision = 1.0 / (1.0 - v) + 1.0 / own + beside;
            let centre = (z / own + mates * beside) / precision;
            (centre, v + 1.0 / precision)
        };
        let found: Vec<(f64, f64, f64)> = parts
            .iter()
            .zip(VARIANCES)
            .map(|(part, v)| {
                let (centre, var) = of(v);
                (f64::from(part.share), centre, var)
            })
            .collect();
        let centre: f64 = found.iter().map(|(share, m, _)| share * m).sum();
        let p: f64 = found.iter().map(|(share, m, var)| share * (var + (m - centre) * (m - centre))).sum();
        let (centre, p) = (centre as f32, p as f32);
        let parts = parts.map(|part| Part { mean: centre, var: p, ..part });
        let info = 0.5 * (p + centre * centre - 1.0 - p.ln());
        Dim { shape: Shape::Normal { mean: centre, var: p, parts }, info, ..dim }
    }

    /// Direction, predictive resultant, information and Rayleigh test of (angle, weight).
    ///
    /// The same model as for a line, in terms of resultants: ρ² is the share of variance common to the members (1 − v).
    /// Its unbiased estimate (n·R² − 1)/(n − 1) is shrunk towards the prior, which counts as one track, and the
    /// uncertainty of the direction of few members multiplies ρ by √(ρ²/(ρ² + (1 − ρ²)/n)).
    fn circular(&self, dim: usize, column: &Column, known: &[(f32, f64)]) -> Dim {
        let n = effective(known.iter().map(|k| k.1));
        let length = |angle: f32| column.tie(angle).map_or(1.0, |t| f64::from(t.variance));
        let (centre, r) = circular::resultant(known.iter().map(|&(a, w)| (f64::from(a), w, length(a))));
        let dof = (n - 1.0).max(0.0);
        let tested = dof > 1e-9;
        let own = if tested { ((n * r * r - 1.0) / dof).clamp(0.0, 1.0) } else { 0.0 };
        let believed = 1.0 - self.prior.variance();
        let shared = ((believed + dof * own) / (1.0 + dof)).clamp(0.05, 0.999);
        let rho = shared.sqrt() * (shared / (shared + (1.0 - shared) / n)).sqrt();
        let density = circular::density(centre, rho);
        let info: f64 = density.iter().map(|p| p * (p * circular::PLACES as f64).ln()).sum();
        Dim {
            dim: dim as u8,
            shape: Shape::Circular { centre: centre as f32, rho: rho as f32 },
            weight: 1.0,
            share: 1.0,
            info: info as f32,
            p_value: if tested { circular::rayleigh(n, r) as f32 } else { 1.0 },
        }
    }
}
