//! Normal scores: a value's rank within the library as a quantile of N(0, 1) (docs/design.md, "z").
//!
//! Every dimension becomes standard normal, however skewed it was. A small library is blended with the model's frozen
//! reference, which counts as [`Reference::WEIGHT`] tracks. Equal values share the score of their middle rank
//! (u = (below + equal/2) / all), so a dimension without variation is 0 everywhere.

use super::distribution::{normal_density, normal_quantile};
use super::words::Words;
use super::{DIMS, Latent};

/// Frozen quantiles of the corpus that a model was trained on, per dimension.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    /// Row i holds the i-th of equally spaced quantiles of each dimension; usually 50 rows. Empty: no reference.
    pub quantiles: Vec<Latent>,
    /// Whether dimensions have unequal shares of the differences between tracks (`space::Shares`), as in a model that
    /// compares latents by direction. Otherwise every dimension counts alike.
    pub unit: bool,
    /// The model's names.
    pub words: Words,
}

impl Reference {
    /// The reference for latents of an unknown encoder: no quantiles, and `unit` when all latents have length 1, as
    /// those compared by direction do.
    pub fn unknown<'a>(latents: impl Iterator<Item = &'a Latent>) -> Reference {
        let mut latents = latents.peekable();
        let some = latents.peek().is_some();
        let unit = some && latents.all(|l| (l.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 0.02);
        Reference { unit, ..Reference::default() }
    }

    /// The weight of the whole reference, as a number of the library's tracks.
    pub const WEIGHT: f64 = 50.0;

    /// The finite quantiles of one dimension, ascending.
    pub(super) fn column(&self, dim: usize) -> Vec<f32> {
        let mut column: Vec<f32> = self.quantiles.iter().map(|row| row[dim]).filter(|v| v.is_finite()).collect();
        column.sort_unstable_by(f32::total_cmp);
        column
    }
}

/// A run of equal values in one dimension: an interval rather than a value. That five tracks are all zero says little
/// where most of the library is zero, so the agreement test adds back the spread that the run hides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tie {
    /// The score that the run shares.
    pub z: f32,
    /// The variance of N(0, 1) within the run's interval.
    pub variance: f32,
}

/// The least share of the library at which a run of equal values is kept as a [`Tie`].
pub(super) const TIE_SHARE: f64 = 0.01;

/// The scores of one dimension.
pub(super) struct Scores {
    /// One per value, in the order of the values.
    pub z: Vec<f32>,
    /// Runs of equal values, by ascending score.
    pub ties: Vec<Tie>,
}

/// Mid-rank normal scores of `values` among themselves and the reference. Values must be finite.
pub(super) fn scores(values: &[f32], reference: &Reference, dim: usize) -> Scores {
    let column = reference.column(dim);
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
    let alive = match (order.first(), order.last()) {
        (Some(&low), Some(&high)) => values[low as usize] < values[high as usize] || values.len() == 1,
        _ => false,
    };
    if !alive {
        return Scores { z: vec![0.0; values.len()], ties: vec![Tie { z: 0.0, variance: 1.0 }] };
    }
    let each = if column.is_empty() { 0.0 } else { Reference::WEIGHT / column.len() as f64 };
    let all = values.len() as f64 + each * column.len() as f64;
    let mut z = vec![0.0; values.len()];
    let mut ties = Vec::new();
    let (mut start, mut below_ref) = (0, 0);
    while start < order.len() {
        let value = values[order[start] as usize];
        // `==` instead of the total order: −0 and 0 are equal.
        let run = order[start..].iter().take_while(|&&i| values[i as usize] == value).count();
        below_ref += column[below_ref..].iter().take_while(|&&q| q < value).count();
        let equal_ref = column[below_ref..].iter().take_while(|&&q| q == value).count();
        let below = start as f64 + each * below_ref as f64;
        let equal = run as f64 + each * equal_ref as f64;
        let score = normal_quantile((below + 0.5 * equal) / all) as f32;
        order[start..start + run].iter().for_each(|&i| z[i as usize] = score);
        if run > 1 && equal / all >= TIE_SHARE {
            ties.push(Tie { z: score, variance: truncated_variance(below / all, (below + equal) / all) as f32 });
        }
        start += run;
    }
    Scores { z, ties }
}

/// Mid-rank normal scores of any values among themselves; non-finite values are missing and get 0, the middle.
pub fn normal_scores(values: &[f32]) -> Vec<f32> {
    let known: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let mut scored = scores(&known, &Reference::default(), 0).z.into_iter();
    values.iter().map(|v| if v.is_finite() { scored.next().unwrap_or(0.0) } else { 0.0 }).collect()
}

/// The variance of a standard normal between its quantiles `low` and `high`.
fn truncated_variance(low: f64, high: f64) -> f64 {
    let mass = high - low;
    let (a, b) = (normal_quantile(low), normal_quantile(high));
    // x·φ(x) tends to 0 at both infinities.
    let edge = |x: f64| if x.is_finite() { x * normal_density(x) } else { 0.0 };
    let mean = (normal_density(a) - normal_density(b)) / mass;
    (1.0 + (edge(a) - edge(b)) / mass - mean * mean).clamp(0.0, 1.0)
}

/// Normal scores of tracks against the reference alone: how a whole library differs from the corpus (within itself it
/// is N(0, 1) by definition). Values outside the reference get half a quantile's share, so that scores stay finite.
/// Without a reference, or for a value that is not finite, the score is 0.
pub fn against_reference(reference: &Reference, tracks: &[Latent]) -> Vec<Latent> {
    let mut out = vec![[0.0; DIMS]; tracks.len()];
    for dim in 0..DIMS {
        let column = reference.column(dim);
        if column.first() == column.last() {
            continue;
        }
        let n = column.len() as f64;
        for (row, track) in out.iter_mut().zip(tracks) {
            let x = track[dim];
            if x.is_finite() {
                let below = column.partition_point(|&q| q < x) as f64;
                let not_above = column.partition_point(|&q| q <= x) as f64;
                row[dim] = normal_quantile((0.5 * (below + not_above)).clamp(0.5, n - 0.5) / n) as f32;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(values: &[f32]) -> Vec<f32> {
        scores(values, &Reference::default(), 0).z
    }

    #[test]
    fn what_is_missing_stands_in_the_middle() {
        let z = normal_scores(&[5.0, f32::NAN, 1.0, 3.0, 3.0]);
        let known = alone(&[5.0, 1.0, 3.0, 3.0]);
        assert_eq!(z, [known[0], 0.0, known[1], known[2], known[3]]);
    }

    #[test]
    fn middle_ranks() {
        let z = alone(&[5.0, 1.0, 3.0, 3.0]);
        let u = [0.875, 0.125, 0.5, 0.5];
        for (z, u) in z.iter().zip(u) {
            assert!((f64::from(*z) - normal_quantile(u)).abs() < 1e-6);
        }
        assert_eq!(alone(&[-0.0, 0.0, 1.0])[0], alone(&[-0.0, 0.0, 1.0])[1]);
        assert_eq!(alone(&[7.0]), [0.0]);
    }

    #[test]
    fn a_dead_dimension_is_zero_whatever_the_reference_says() {
        let reference = Reference { quantiles: (0..50).map(|i| [i as f32; DIMS]).collect(), ..Reference::default() };
        let dead = scores(&[3.0; 9], &reference, 4);
        assert_eq!(dead.z, [0.0; 9]);
        assert_eq!(dead.ties, [Tie { z: 0.0, variance: 1.0 }]);
    }

    #[test]
    fn the_reference_weighs_fifty_tracks() {
        let reference = Reference { quantiles: (0..50).map(|i| [i as f32; DIMS]).collect(), ..Reference::default() };
        // A lone track above 30 of 50 quantiles: (30 + 1/2) / 51.
        let z = scores(&[29.5], &reference, 0).z[0];
        assert!((f64::from(z) - normal_quantile(30.5 / 51.0)).abs() < 1e-6);
        // Ten rows weigh as much as fifty would.
        let coarse = Reference { quantiles: (0..10).map(|i| [i as f32; DIMS]).collect(), ..Reference::default() };
        let z = scores(&[5.5], &coarse, 0).z[0];
        assert!((f64::from(z) - normal_quantile(30.5 / 51.0)).abs() < 1e-6);
    }

    #[test]
    fn a_run_of_equal_values_keeps_the_spread_it_hides() {
        // Half the library is zero: the half-normal has variance 1 − 2/π.
        let values: Vec<f32> = (0..1000).map(|i| if i < 500 { 0.0 } else { i as f32 }).collect();
        let ties = scores(&values, &Reference::default(), 0).ties;
        assert_eq!(ties.len(), 1);
        assert!((f64::from(ties[0].variance) - (1.0 - 2.0 / std::f64::consts::PI)).abs() < 1e-4, "{ties:?}");
    }

    #[test]
    fn directions_are_known_by_their_length() {
        let (mut along, mut aside) = ([0.0; DIMS], [1.0; DIMS]);
        (along[3], aside[0]) = (-1.0, 0.0);
        assert!(Reference::unknown([along, along].iter()).unit && !Reference::unknown([along, aside].iter()).unit);
        assert_eq!(Reference::unknown([].iter()), Reference::default());
    }

    #[test]
    fn a_library_against_the_reference() {
        let reference = Reference { quantiles: (0..50).map(|i| [i as f32; DIMS]).collect(), ..Reference::default() };
        let z = against_reference(&reference, &[[1e9; DIMS], [24.5; DIMS], [f32::NAN; DIMS]]);
        assert!((f64::from(z[0][0]) - normal_quantile(0.99)).abs() < 1e-6);
        assert_eq!((z[1][3], z[2][3]), (0.0, 0.0));
        assert_eq!(against_reference(&Reference::default(), &[[1.0; DIMS]]), [[0.0; DIMS]]);
    }
}
