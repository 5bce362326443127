//! Measures of the dimensions of vectors: how many are effective, constant or redundant.

/// Pearson's correlation; `None` for lists of different lengths, fewer than two pairs, or a list without variation.
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let product =
        |x: &[f64], mx: f64, y: &[f64], my: f64| x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>();
    let scale = (product(a, ma, a, ma) * product(b, mb, b, mb)).sqrt();
    (scale > 1e-12).then(|| (product(a, ma, b, mb) / scale).clamp(-1.0, 1.0))
}

/// The covariance matrix of rows of `D` numbers; zeros without rows.
pub fn covariance<const D: usize>(rows: &[[f32; D]]) -> Vec<[f64; D]> {
    let n = rows.len().max(1) as f64;
    let mean: [f64; D] = std::array::from_fn(|d| rows.iter().map(|r| f64::from(r[d])).sum::<f64>() / n);
    let mut sum = vec![[0.0; D]; D];
    for row in rows {
        let centred: [f64; D] = std::array::from_fn(|d| f64::from(row[d]) - mean[d]);
        for (line, a) in sum.iter_mut().zip(&centred) {
            for (s, b) in line.iter_mut().zip(&centred) {
                *s += a * b;
            }
        }
    }
    sum.iter_mut().flatten().for_each(|s| *s /= n);
    sum
}

/// The effective number of dimensions: the participation ratio (Σλ)² / Σλ² of the covariance's eigenvalues. `D` if all
/// vary equally and independently, 1 if everything lies on a line, 0 if nothing varies.
pub fn participation<const D: usize>(covariance: &[[f64; D]]) -> f64 {
    // The traces of the matrix and of its square suffice; no eigenvalues are needed.
    let trace: f64 = covariance.iter().enumerate().map(|(d, line)| line[d]).sum();
    let squares: f64 = covariance.iter().flatten().map(|c| c * c).sum();
    if squares > 1e-24 { trace * trace / squares } else { 0.0 }
}

/// The dimensions, counted from 0, whose standard deviation is under a tenth of the median dimension's.
pub fn dead<const D: usize>(covariance: &[[f64; D]]) -> Vec<usize> {
    let deviations: Vec<f64> = covariance.iter().enumerate().map(|(d, line)| line[d].max(0.0).sqrt()).collect();
    let mut sorted = deviations.clone();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    (0..deviations.len()).filter(|&d| deviations[d] <= 0.1 * median).collect()
}

/// The two dimensions (counted from 0) that correlate most, by amount, with their correlation. `None` when fewer than two
/// vary.
pub fn most_correlated<const D: usize>(covariance: &[[f64; D]]) -> Option<(usize, usize, f64)> {
    let pairs = (0..covariance.len()).flat_map(|a| (0..a).map(move |b| (b, a)));
    pairs
        .filter_map(|(a, b)| {
            let scale = (covariance[a][a] * covariance[b][b]).sqrt();
            (scale > 1e-12).then(|| (a, b, covariance[a][b] / scale))
        })
        .max_by(|x, y| x.2.abs().total_cmp(&y.2.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_correlate() {
        let a = [1.0, 2.0, 3.0, 4.0];
        assert!((pearson(&a, &[2.0, 4.0, 6.0, 8.0]).unwrap() - 1.0).abs() < 1e-12);
        assert!((pearson(&a, &[4.0, 3.0, 2.0, 1.0]).unwrap() + 1.0).abs() < 1e-12);
        // Deviations (−1.5 … 1.5) and (−1, 1, −1, 1): 2 / √(5·4).
        assert!((pearson(&a, &[0.0, 2.0, 0.0, 2.0]).unwrap() - 2.0 / 20f64.sqrt()).abs() < 1e-12);
        assert_eq!(pearson(&a, &[1.0; 4]), None);
        assert_eq!(pearson(&a, &[1.0]), None);
    }

    #[test]
    fn dimensions_are_counted() {
        // A square: two dimensions alike. A line in three: one. A third that hardly moves is dead.
        let square = covariance(&[[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]);
        assert!((participation(&square) - 2.0).abs() < 1e-12);
        let line = covariance(&[[1.0, 2.0, 0.01], [-1.0, -2.0, -0.01]]);
        assert!((participation(&line) - 1.0).abs() < 1e-9);
        assert_eq!(dead(&line), [2]);
        let (a, b, r) = most_correlated(&line).unwrap();
        assert!(a < b && (r - 1.0).abs() < 1e-6);
        assert_eq!(participation(&covariance::<3>(&[])), 0.0);
        assert_eq!(most_correlated(&covariance(&[[1.0, 1.0], [1.0, 1.0]])), None);
        assert_eq!(dead(&covariance(&[[1.0, 1.0], [1.0, 1.0]])), [0, 1]);
    }
}
