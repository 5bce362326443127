//! How much each dimension counts in comparisons.
//!
//! Normal scores give every dimension variance 1. That is right for an encoder with whitened dimensions, and wrong for
//! one whose latents are compared by direction: a dimension in which tracks hardly differ, noise and all, would count
//! as much as one that tells them apart. For such a model whole tracks are compared by the latents themselves, and
//! signatures, which need scores, weight each dimension by its *share*: its variance relative to the mean over the
//! dimensions.

use super::z::Reference;
use super::{DIMS, Latent};

/// Signatures of several tracks weight a dimension by this power of its share, as agreement within a set is itself
/// evidence. A single track has no such evidence and uses the share itself (docs/measurements.md, "Shares").
const OF_SETS: f32 = 0.5;

/// The share of each dimension; their mean is 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shares {
    shares: Latent,
    /// The square root of the mean variance, in the latent's unit.
    unit: f32,
}

impl Default for Shares {
    /// All dimensions count alike.
    fn default() -> Self {
        Shares { shares: [1.0; DIMS], unit: 1.0 }
    }
}

impl Shares {
    /// The shares of a library of `n` tracks with these variances, pooled with the model's reference, which weighs as
    /// much as [`Reference::WEIGHT`] tracks. `None` for a whitened model, and where nothing varies.
    pub fn of(reference: &Reference, variances: &[f32], n: usize) -> Option<Shares> {
        if !reference.unit {
            return None;
        }
        let trust = if reference.quantiles.is_empty() { 0.0 } else { Reference::WEIGHT };
        let n = n as f64;
        let pooled: [f64; DIMS] = std::array::from_fn(|dim| {
            let own = variances.get(dim).map_or(0.0, |v| f64::from(*v));
            (n * own + trust * f64::from(variance(&reference.column(dim)))) / (n + trust).max(1.0)
        });
        let mean = pooled.iter().sum::<f64>() / DIMS as f64;
        let unit = mean.sqrt() as f32;
        (mean.is_finite() && unit > 0.0).then(|| Shares { shares: pooled.map(|v| (v / mean) as f32), unit })
    }

    /// The share of a 0-based dimension; 1 for a named one.
    pub fn of_dim(&self, dim: usize) -> f32 {
        self.shares.get(dim).copied().unwrap_or(1.0)
    }

    /// The weight of a dimension in the signature of `n` tracks.
    pub fn says(&self, dim: usize, n: f64) -> f32 {
        let share = self.of_dim(dim);
        if n > 1.0 + 1e-9 { share.powf(OF_SETS) } else { share }
    }

    /// By what the numbers of a latent are divided so that the mean variance over the dimensions is 1.
    pub fn unit(&self) -> f32 {
        self.unit
    }
}

/// The population variance.
pub(super) fn variance(values: &[f32]) -> f32 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    (values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / n) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::{Choice, Member, Prior, Scorer, Signature, Space, simulation};

    #[test]
    fn only_models_of_directions_have_shares() {
        let mut variances = [1.0; DIMS];
        variances[3] = 33.0;
        assert_eq!(Shares::of(&Reference::default(), &variances, 100), None);
        let unit = Reference { unit: true, ..Reference::default() };
        let shares = Shares::of(&unit, &variances, 100).unwrap();
        assert!((shares.of_dim(3) - 16.5).abs() < 1e-4 && (shares.of_dim(0) - 0.5).abs() < 1e-5);
        assert!((shares.says(3, 1.0) - 16.5).abs() < 1e-4 && (shares.says(3, 5.0) - 16.5f32.sqrt()).abs() < 1e-4);
        assert_eq!((shares.of_dim(DIMS), shares.says(DIMS, 5.0)), (1.0, 1.0));
        assert!((shares.unit() - 2f32.sqrt()).abs() < 1e-5, "the mean variance is 2");
        assert_eq!(Shares::of(&unit, &[0.0; DIMS], 100), None, "nothing varies");
    }

    /// Tracks that differ much in the first eight dimensions and hardly in the others; the first six agree in `agreed`.
    fn library(unit: bool, agreed: &[usize]) -> Space {
        let mut rng = fastrand::Rng::with_seed(9);
        let track = |i: usize| {
            let latent: Latent = std::array::from_fn(|dim| {
                let z = simulation::normal(&mut rng);
                let z = if i < 6 && agreed.contains(&dim) { 1.0 + 0.2 * z } else { z };
                z * if dim < 8 { 1.0 } else { 0.05 }
            });
            (simulation::id(i), latent)
        };
        let reference = Reference { unit, ..Reference::default() };
        Space::build("g".into(), reference.into(), (0..600).map(track).collect())
    }

    fn signature(space: &Space) -> Signature {
        let members: Vec<Member> = (0..6).map(|row| Member { row, group: u64::from(row) }).collect();
        Signature::of(space, &members, &Choice::Auto, Prior::default()).unwrap()
    }

    #[test]
    fn whole_tracks_lie_where_the_model_put_them() {
        let (space, white) = (library(true, &[]), library(false, &[]));
        assert_eq!(
            (white.point(7), white.difference(3, 4)),
            (white.z(7), {
                let (a, b) = (white.z(3), white.z(4));
                (a.iter().zip(&b).map(|(x, y)| (x - y) * (x - y)).sum::<f32>() / DIMS as f32).sqrt()
            })
        );
        let apart = |dim: usize| variance(&(0..600).map(|row| space.point(row)[dim]).collect::<Vec<f32>>());
        assert!((apart(0) - 4.0).abs() < 0.5 && apart(20) < 0.02, "{} {}", apart(0), apart(20));
        let scorer = Scorer::around(&space.point(5), 0..DIMS as u8);
        let hits = space.scan(&scorer, 600, &|_| true);
        assert_eq!(hits[0].row, 5);
        for hit in hits.iter().step_by(50) {
            let difference = space.difference(5, hit.row);
            assert!((hit.distance.sqrt() - difference).abs() < 1e-3, "{} {difference}", hit.distance.sqrt());
            assert!((scorer.distance(&space.point(hit.row)) - hit.distance).abs() < 1e-3);
        }
        let mean = (0..300).map(|row| space.difference(row, row + 300).powi(2)).sum::<f32>() / 300.0;
        assert!((mean - 2.0).abs() < 0.2, "{mean}");
    }

    #[test]
    fn what_hardly_differs_does_not_lead_a_signature() {
        let agreed = [1, 4, 20, 21, 22, 23];
        let first =
            |unit: bool| -> Vec<u8> { signature(&library(unit, &agreed)).dims.iter().take(2).map(|d| d.dim).collect() };
        let mut led = first(true);
        led.sort_unstable();
        assert_eq!(led, [1, 4]);
        // What the user asks for counts in full.
        let space = library(true, &agreed);
        let picked =
            Signature::of(&space, &[Member { row: 0, group: 0 }], &Choice::dims([20]), Prior::default()).unwrap();
        assert_eq!(picked.dims[0].share, 1.0);
        // One track is found by what tells tracks apart.
        let one = Signature::of(&space, &[Member { row: 0, group: 0 }], &Choice::Auto, Prior::default()).unwrap();
        let parts = space.contributions(&one.scorer(), 0);
        assert!(parts.iter().take(4).all(|(dim, _)| *dim < 8), "{parts:?}");
    }

    #[test]
    fn a_small_library_leans_on_the_reference() {
        // In the reference the first dimension varies three times as much as the others, in the library as much as they do.
        let row = |i: usize| std::array::from_fn(|d| if d == 0 { 3.0 } else { 1.0 } * (i as f32 - 24.5));
        let reference = Reference { quantiles: (0..50).map(row).collect(), unit: true, ..Reference::default() };
        let library = variance(&reference.column(1));
        let share = |n| {
            let shares = Shares::of(&reference, &[library; DIMS], n).unwrap();
            shares.of_dim(0) / shares.of_dim(1)
        };
        assert!((share(0) - 9.0).abs() < 1e-3 && (share(50) - 5.0).abs() < 1e-3 && share(5000) < 1.1);
    }
}
