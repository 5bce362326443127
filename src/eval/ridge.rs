//! Ridge regression, evaluated on held-out data: whether a number can be read off a vector linearly.

use jukebox_encoder::linear::Cholesky;

/// Cross-validated R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)² of ridge regression from `x` (one row for each of `y`, `dims` numbers
/// each) with penalty `lambda` on all but the intercept. `folds` holds the fold of each row, the same for rows that
/// belong together; ŷ and ȳ of a row come from the rows of the other folds. `None` when the shapes do not fit, there are
/// fewer than two folds, or `y` does not vary.
pub fn r_squared(x: &[f64], dims: usize, y: &[f64], folds: &[u32], lambda: f64) -> Option<f64> {
    if x.len() != dims * y.len() || folds.len() != y.len() || lambda <= 0.0 {
        return None;
    }
    let mut names = folds.to_vec();
    names.sort_unstable();
    names.dedup();
    if names.len() < 2 {
        return None;
    }
    let row = |i: usize| &x[i * dims..(i + 1) * dims];
    let (mut missed, mut total) = (0.0, 0.0);
    for fold in names {
        let (out, rest): (Vec<usize>, Vec<usize>) = (0..y.len()).partition(|&i| folds[i] == fold);
        let n = rest.len() as f64;
        let mean_y = rest.iter().map(|&i| y[i]).sum::<f64>() / n;
        let mean_x: Vec<f64> = (0..dims).map(|d| rest.iter().map(|&i| row(i)[d]).sum::<f64>() / n).collect();
        // The lower triangle.
        let mut normal = vec![vec![0.0; dims]; dims];
        let mut moment = vec![0.0; dims];
        for &i in &rest {
            let centred: Vec<f64> = row(i).iter().zip(&mean_x).map(|(x, m)| x - m).collect();
            for a in 0..dims {
                moment[a] += centred[a] * (y[i] - mean_y);
                for b in 0..=a {
                    normal[a][b] += centred[a] * centred[b];
                }
            }
        }
        (0..dims).for_each(|d| normal[d][d] += lambda);
        let weights = Cholesky::of(normal)?.solve(&moment);
        for &i in &out {
            let predicted = mean_y + (0..dims).map(|d| weights[d] * (row(i)[d] - mean_x[d])).sum::<f64>();
            missed += (y[i] - predicted).powi(2);
            total += (y[i] - mean_y).powi(2);
        }
    }
    (total > 1e-12).then(|| 1.0 - missed / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_read_off_and_noise_is_not() {
        let mut random = fastrand::Rng::with_seed(2);
        let x: Vec<f64> = (0..600).map(|_| random.f64() - 0.5).collect();
        let folds: Vec<u32> = (0..200).map(|i| i % 5).collect();
        let linear: Vec<f64> = (0..200).map(|i| 3.0 * x[3 * i] - x[3 * i + 2] + 7.0).collect();
        assert!(r_squared(&x, 3, &linear, &folds, 1e-6).unwrap() > 0.999);
        let noise: Vec<f64> = (0..200).map(|_| random.f64()).collect();
        assert!(r_squared(&x, 3, &noise, &folds, 1.0).unwrap().abs() < 0.1);
        assert_eq!(r_squared(&x, 3, &[1.0; 200], &folds, 1.0), None);
        assert_eq!(r_squared(&x, 3, &noise, &[0; 200], 1.0), None);
        assert_eq!(r_squared(&x, 4, &noise, &folds, 1.0), None);
    }
}
