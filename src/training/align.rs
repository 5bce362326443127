//! Aligns a new encoder's dimensions with its predecessor's, so that a dimension keeps its meaning across trainings.
//!
//! Orthogonal Procrustes (Schönemann, Psychometrika 31, 1966): the orthogonal matrix T for which N·T is nearest to O,
//! where the rows of N and O are the centred latents of the same tracks by the new and the old encoder. With NᵀO =
//! U·S·Vᵀ, T = U·Vᵀ.
//!
//! Only an orthogonal map is applied: latents are white (decorrelated, of variance 1) on the data that they were fitted
//! to, and it keeps them white, so aligned dimensions stay uncorrelated. On other tracks they are only roughly white,
//! before and after. The map may also change signs and the order of dimensions.

use jukebox_encoder::DIMS;
use jukebox_encoder::procrustes::{Square, nearest};

use super::fault::AlignError;
use super::judging;
use crate::measure::dimensions::pearson;

/// Minimum number of tracks: 32 × 32 numbers cannot be estimated from fewer.
pub const FEWEST: usize = 4 * DIMS;

/// The map from a new encoder's dimensions to the old ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Alignment {
    /// The orthogonal matrix, row-major: `aligned latent = new latent · turn`, as `jukebox_encoder::turned` takes it.
    pub turn: [[f32; DIMS]; DIMS],
    /// Correlation of each aligned dimension with the old one over the tracks; 0 where either is constant.
    pub correlation: [f64; DIMS],
}

impl Alignment {
    /// The dimensions, counted from 1, that no longer have their old meaning ([`judging::FLAGGED`]).
    pub fn flagged(&self) -> Vec<usize> {
        judging::flagged(&self.correlation)
    }

    /// Aligns a latent of the new encoder.
    pub fn apply(&self, latent: &[f32; DIMS]) -> [f32; DIMS] {
        std::array::from_fn(|d| latent.iter().zip(&self.turn).map(|(x, line)| x * line[d]).sum())
    }
}

/// Aligns the latents `new` to the latents `old` of the same tracks.
///
/// # Errors
/// When there are fewer than [`FEWEST`] tracks, different numbers of them, or non-finite values.
pub fn align(new: &[[f32; DIMS]], old: &[[f32; DIMS]]) -> Result<Alignment, AlignError> {
    if new.len() != old.len() {
        return Err(AlignError::Counts { new: new.len(), old: old.len() });
    }
    if new.len() < FEWEST {
        return Err(AlignError::TooFew { tracks: new.len(), needed: FEWEST });
    }
    if new.iter().chain(old).flatten().any(|x| !x.is_finite()) {
        return Err(AlignError::NotFinite);
    }
    let turn = nearest(&cross(&centred(new), &centred(old)));
    let mut alignment = Alignment { turn: turn.map(|line| line.map(|x| x as f32)), correlation: [0.0; DIMS] };
    let aligned: Vec<[f32; DIMS]> = new.iter().map(|latent| alignment.apply(latent)).collect();
    let column = |rows: &[[f32; DIMS]], d: usize| rows.iter().map(|r| f64::from(r[d])).collect::<Vec<f64>>();
    for d in 0..DIMS {
        alignment.correlation[d] = pearson(&column(&aligned, d), &column(old, d)).unwrap_or(0.0);
    }
    Ok(alignment)
}

/// Subtracts the column means.
fn centred(rows: &[[f32; DIMS]]) -> Vec<[f64; DIMS]> {
    let n = rows.len().max(1) as f64;
    let mean: [f64; DIMS] = std::array::from_fn(|d| rows.iter().map(|r| f64::from(r[d])).sum::<f64>() / n);
    rows.iter().map(|r| std::array::from_fn(|d| f64::from(r[d]) - mean[d])).collect()
}

/// NᵀO.
fn cross(new: &[[f64; DIMS]], old: &[[f64; DIMS]]) -> Square {
    let mut sum = [[0.0; DIMS]; DIMS];
    for (n, o) in new.iter().zip(old) {
        for (line, a) in sum.iter_mut().zip(n) {
            for (s, b) in line.iter_mut().zip(o) {
                *s += a * b;
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::dimensions::{covariance, most_correlated};

    fn noise(n: usize, seed: u64) -> Vec<[f32; DIMS]> {
        let mut random = fastrand::Rng::with_seed(seed);
        // Sums of three uniform numbers: roughly normal with variance 1.
        let mut normal = || ((0..3).map(|_| random.f32()).sum::<f32>() - 1.5) * 2.0;
        (0..n).map(|_| std::array::from_fn(|_| normal())).collect()
    }

    /// The alignment of two independent point clouds.
    fn some_turn() -> Alignment {
        align(&noise(300, 7), &noise(300, 8)).unwrap()
    }

    fn is_orthogonal(turn: &[[f32; DIMS]; DIMS]) {
        for a in 0..DIMS {
            for b in 0..DIMS {
                let dot: f32 = (0..DIMS).map(|i| turn[i][a] * turn[i][b]).sum();
                assert!((dot - f32::from(u8::from(a == b))).abs() < 1e-5, "{a} {b}: {dot}");
            }
        }
    }

    #[test]
    fn a_turned_copy_comes_back() {
        let old = noise(500, 1);
        let away = some_turn();
        is_orthogonal(&away.turn);
        let new: Vec<[f32; DIMS]> = old.iter().map(|l| away.apply(l)).collect();
        let found = align(&new, &old).unwrap();
        is_orthogonal(&found.turn);
        for (n, o) in new.iter().zip(&old) {
            let back = found.apply(n);
            assert!(back.iter().zip(o).all(|(b, o)| (b - o).abs() < 1e-4));
        }
        assert!(found.correlation.iter().all(|r| *r > 0.999_999));
        assert!(found.flagged().is_empty());
    }

    #[test]
    fn swapped_and_mirrored_dimensions_come_back() {
        let old = noise(200, 2);
        let new: Vec<[f32; DIMS]> =
            old.iter().map(|l| std::array::from_fn(|d| if d == 3 { -l[9] } else { l[(d + 5) % DIMS] })).collect();
        // Dimension 9 now occurs twice (as 3, negated, and as 4), and old dimension 8 is missing: only that one is
        // flagged.
        let found = align(&new, &old).unwrap();
        assert!(found.flagged().contains(&9) && found.flagged().len() <= 2, "{:?}", found.flagged());
    }

    #[test]
    fn what_did_not_change_is_kept() {
        let (old, other) = (noise(3000, 3), noise(3000, 4));
        let new: Vec<[f32; DIMS]> =
            old.iter().zip(&other).map(|(o, x)| std::array::from_fn(|d| if d < 20 { o[d] } else { x[d] })).collect();
        let found = align(&new, &old).unwrap();
        assert_eq!(found.flagged(), (21..=32).collect::<Vec<_>>());
        assert!(found.correlation[..20].iter().all(|r| *r > 0.98), "{:?}", found.correlation);
    }

    #[test]
    fn white_stays_white() {
        let (new, old) = (noise(4000, 5), noise(4000, 6));
        let found = align(&new, &old).unwrap();
        let aligned: Vec<[f32; DIMS]> = new.iter().map(|l| found.apply(l)).collect();
        let most = |rows| most_correlated(&covariance(rows)).unwrap().2.abs();
        assert!(most(&new) < 0.08 && most(&aligned) < 0.08, "{} {}", most(&new), most(&aligned));
    }

    #[test]
    fn a_dead_dimension_leaves_a_turn() {
        let old = noise(200, 9);
        let new: Vec<[f32; DIMS]> =
            old.iter().map(|l| std::array::from_fn(|d| if d < 2 { 0.5 } else { l[d] })).collect();
        let found = align(&new, &old).unwrap();
        is_orthogonal(&found.turn);
        assert_eq!(found.flagged(), [1, 2]);
        is_orthogonal(&align(&vec![[0.0; DIMS]; 200], &old).unwrap().turn);
    }

    #[test]
    fn too_little_is_refused() {
        let few = AlignError::TooFew { tracks: 100, needed: FEWEST };
        assert_eq!(align(&noise(100, 1), &noise(100, 2)), Err(few));
        assert_eq!(align(&noise(130, 1), &noise(131, 2)), Err(AlignError::Counts { new: 130, old: 131 }));
        let mut bad = noise(200, 1);
        bad[7][3] = f32::NAN;
        assert_eq!(align(&bad, &noise(200, 2)), Err(AlignError::NotFinite));
    }
}
