//! Weighted moments of a few values.

/// Kish's effective sample size: (Σw)² / Σw².
pub(super) fn effective(weights: impl Iterator<Item = f64> + Clone) -> f64 {
    let squares: f64 = weights.clone().map(|w| w * w).sum();
    if squares > 0.0 { weights.sum::<f64>().powi(2) / squares } else { 0.0 }
}

/// The weighted mean and unbiased variance of (value, weight) pairs with effective size `n`; variance 0 when n ≤ 1.
pub(super) fn moments(pairs: impl Iterator<Item = (f64, f64)> + Clone, n: f64) -> (f64, f64) {
    let total: f64 = pairs.clone().map(|(_, w)| w).sum();
    let mean = pairs.clone().map(|(x, w)| w * x).sum::<f64>() / total;
    if n <= 1.0 + 1e-9 {
        return (mean, 0.0);
    }
    let squares: f64 = pairs.map(|(x, w)| w * (x - mean) * (x - mean)).sum();
    (mean, squares / total * n / (n - 1.0))
}
