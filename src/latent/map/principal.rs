//! The two directions along which points differ most, by power iteration: what a map begins with, and what it is
//! compared with.

use super::super::{DIMS, Latent};
use super::Point;

/// Rounds of the iteration; more change nothing that can be seen.
const ROUNDS: usize = 100;

/// Points on the plane of their two leading principal components, in the order and the unit of the points. Values must be
/// finite.
pub fn components(points: &[Latent]) -> Vec<Point> {
    let n = points.len().max(1) as f64;
    let mean: [f64; DIMS] =
        std::array::from_fn(|dim| points.iter().map(|point| f64::from(point[dim])).sum::<f64>() / n);
    let mut covariance = [[0.0_f64; DIMS]; DIMS];
    for point in points {
        let centred: [f64; DIMS] = std::array::from_fn(|dim| f64::from(point[dim]) - mean[dim]);
        for (row, a) in covariance.iter_mut().zip(&centred) {
            row.iter_mut().zip(&centred).for_each(|(sum, b)| *sum += a * b / n);
        }
    }
    let first = leading(&covariance, None);
    let second = leading(&covariance, Some(&first));
    let onto = |point: &Latent, axis: &[f64; DIMS]| {
        point.iter().zip(&mean).zip(axis).map(|((v, mean), a)| (f64::from(*v) - mean) * a).sum::<f64>() as f32
    };
    points.iter().map(|point| [onto(point, &first), onto(point, &second)]).collect()
}

/// The leading eigenvector of a covariance, orthogonal to another one; zeros where there is no variance left.
fn leading(covariance: &[[f64; DIMS]; DIMS], without: Option<&[f64; DIMS]>) -> [f64; DIMS] {
    // No direction of the data is likely to be orthogonal to this one.
    let mut axis: [f64; DIMS] = std::array::from_fn(|dim| 1.0 + 0.1 * (dim as f64 * 1.7).sin());
    for _ in 0..ROUNDS {
        let mut next: [f64; DIMS] = std::array::from_fn(|row| dot(&covariance[row], &axis));
        if let Some(other) = without {
            let along = dot(&next, other);
            next.iter_mut().zip(other).for_each(|(value, other)| *value -= along * other);
        }
        let length = dot(&next, &next).sqrt();
        if length < 1e-12 {
            return [0.0; DIMS];
        }
        axis = next.map(|value| value / length);
    }
    axis
}

fn dot(a: &[f64; DIMS], b: &[f64; DIMS]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_directions_are_found_in_their_order() {
        let mut rng = fastrand::Rng::with_seed(1);
        let points: Vec<Latent> = (0..200)
            .map(|_| {
                let mut point = [0.0; DIMS];
                (point[9], point[4]) = (10.0 * (rng.f32() - 0.5), 2.0 * (rng.f32() - 0.5));
                point
            })
            .collect();
        let found = components(&points);
        let mean = |dim: usize| points.iter().map(|p| p[dim]).sum::<f32>() / 200.0;
        let (nine, four) = (mean(9), mean(4));
        for (point, at) in points.iter().zip(&found) {
            assert!((at[0].abs() - (point[9] - nine).abs()).abs() < 0.2, "{at:?}");
            assert!((at[1].abs() - (point[4] - four).abs()).abs() < 0.2, "{at:?}");
        }
    }

    #[test]
    fn points_that_do_not_differ_are_all_in_the_middle() {
        assert_eq!(components(&[[3.0; DIMS]; 4]), [[0.0; 2]; 4]);
        assert!(components(&[]).is_empty());
    }
}
