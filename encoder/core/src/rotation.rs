//! The fixed change of basis after training: from the network's arbitrary basis to 32 decorrelated dimensions of
//! variance 1, aligned with the directions in which the data is least Gaussian.

use crate::DIMS;
use crate::procrustes;
pub(crate) use crate::procrustes::Square;

/// A 32 × 32 matrix in row-major order; latents are row vectors: `new = old · M`.
pub(crate) type Matrix = Vec<[f32; DIMS]>;

/// Floor of the variance in whitening, as a share of the mean variance, so that noise is not amplified.
const FLOOR: f64 = 0.02;

/// Ridge of [`onto`], as a share of the mean variance.
const RIDGE: f64 = 0.01;

/// Smallest singular value of a matrix of full rank, as a share of the root of the sum of their squares.
const RANK: f64 = 1e-6;

/// The identity.
pub(crate) fn identity() -> Matrix {
    (0..DIMS).map(|i| std::array::from_fn(|j| if i == j { 1.0 } else { 0.0 })).collect()
}

/// Multiplies a row vector by a matrix.
pub(crate) fn turn(row: &[f32; DIMS], m: &[[f32; DIMS]]) -> [f32; DIMS] {
    let mut out = [0.0; DIMS];
    for (x, line) in row.iter().zip(m) {
        for (o, w) in out.iter_mut().zip(line) {
            *o += x * w;
        }
    }
    out
}

/// Fits the change of basis to latents with a mean near 0: PCA whitening with a floor, then symmetric FastICA
/// (Hyvärinen 1999, tanh). Dimensions are ordered by the variance of the original space that they explain, largest
/// first, and have positive skewness. Returns the identity if there are too few rows.
pub(crate) fn fit(latents: &[[f32; DIMS]]) -> Matrix {
    if latents.len() < 4 * DIMS {
        return identity();
    }
    let rows: Vec<[f64; DIMS]> = latents.iter().map(|r| r.map(f64::from)).collect();
    let covariance = second_moments(&rows);
    let (values, vectors) = eigen(covariance);
    let mean = values.iter().sum::<f64>() / DIMS as f64;
    if !(mean.is_finite() && mean > 0.0) {
        return identity();
    }
    let scale: [f64; DIMS] = std::array::from_fn(|i| 1.0 / values[i].max(FLOOR * mean).sqrt());
    let whiten: Square = std::array::from_fn(|i| std::array::from_fn(|j| vectors[i][j] * scale[j]));
    let white: Vec<[f64; DIMS]> = rows.iter().map(|r| apply(r, &whiten)).collect();
    let turn = independent(&white);
    finish(&rows, covariance, multiply(&whiten, &turn))
}

/// The linear map from latents to others of the same clips, by least squares with a ridge of a hundredth of the mean
/// variance. Returns the identity if there are too few rows.
pub(crate) fn onto(latents: &[[f32; DIMS]], others: &[[f32; DIMS]]) -> Matrix {
    let rows: Vec<[f64; DIMS]> = latents.iter().map(|r| r.map(f64::from)).collect();
    let (values, vectors) = eigen(second_moments(&rows));
    let mean = values.iter().sum::<f64>() / DIMS as f64;
    if latents.len() < 4 * DIMS || !(mean.is_finite() && mean > 0.0) {
        return identity();
    }
    let mut both = [[0.0; DIMS]; DIMS];
    for (row, other) in rows.iter().zip(others) {
        for (i, x) in row.iter().enumerate() {
            for (sum, y) in both[i].iter_mut().zip(other) {
                *sum += x * f64::from(*y) / rows.len() as f64;
            }
        }
    }
    // V · (Λ + ridge)⁻¹ · Vᵀ · both
    let turned = multiply(&transpose(&vectors), &both);
    let scaled: Square = std::array::from_fn(|i| turned[i].map(|x| x / (values[i] + RIDGE * mean)));
    multiply(&vectors, &scaled).iter().map(|row| row.map(|x| x as f32)).collect()
}

/// The rotation that brings latents closest to others of the same clips (orthogonal Procrustes; Schönemann 1966); it
/// preserves distances.
pub(crate) fn nearest(latents: &[[f32; DIMS]], others: &[[f32; DIMS]]) -> Matrix {
    let mut both = [[0.0; DIMS]; DIMS];
    for (row, other) in latents.iter().zip(others) {
        for (i, x) in row.iter().enumerate() {
            for (sum, y) in both[i].iter_mut().zip(other) {
                *sum += f64::from(*x) * f64::from(*y);
            }
        }
    }
    closest(both)
}

/// The orthogonal matrix closest to `w` (its polar factor; Löwdin 1950); the identity if `w` is far from full rank.
pub(crate) fn closest(w: Square) -> Matrix {
    polar(w).iter().map(|row| row.map(|x| x as f32)).collect()
}

/// The same in double precision.
pub(crate) fn polar(w: Square) -> Square {
    let size = w.iter().flatten().map(|x| x * x).sum::<f64>().sqrt();
    if !(size.is_finite() && size > 0.0) {
        return unit();
    }
    let (turned, singular) = procrustes::decomposed(&w);
    if singular.iter().all(|s| *s > RANK * size) { turned } else { unit() }
}

/// Scales to unit variance and fixes order and signs.
fn finish(rows: &[[f64; DIMS]], covariance: Square, mut all: Square) -> Matrix {
    let turned: Vec<[f64; DIMS]> = rows.iter().map(|r| apply(r, &all)).collect();
    let n = rows.len() as f64;
    let mut order: Vec<(f64, usize, f64)> = (0..DIMS)
        .map(|d| {
            let variance = turned.iter().map(|r| r[d] * r[d]).sum::<f64>() / n;
            let skew = turned.iter().map(|r| r[d].powi(3)).sum::<f64>();
            let factor = if skew < 0.0 { -1.0 } else { 1.0 } / variance.sqrt().max(1e-6);
            // The variance of the old dimensions that this one explains: the sum of squared
            // covariances.
            let carried = (0..DIMS)
                .map(|i| (0..DIMS).map(|k| covariance[i][k] * all[k][d] * factor).sum::<f64>().powi(2))
                .sum::<f64>();
            (carried, d, factor)
        })
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, d, factor) in &order {
        for row in &mut all {
            row[*d] *= factor;
        }
    }
    (0..DIMS).map(|i| std::array::from_fn(|j| all[i][order[j].1] as f32)).collect()
}

/// Symmetric FastICA on whitened rows; returns an orthogonal matrix.
fn independent(white: &[[f64; DIMS]]) -> Square {
    let n = white.len() as f64;
    let mut turn = unit();
    for _ in 0..200 {
        let mut next = [[0.0; DIMS]; DIMS];
        let mut slope = [0.0; DIMS];
        for row in white {
            let y = apply(row, &turn);
            for d in 0..DIMS {
                let g = y[d].tanh();
                slope[d] += 1.0 - g * g;
                for i in 0..DIMS {
                    next[i][d] += row[i] * g;
                }
            }
        }
        for i in 0..DIMS {
            for d in 0..DIMS {
                next[i][d] = (next[i][d] - slope[d] * turn[i][d]) / n;
            }
        }
        next = procrustes::nearest(&next);
        // Converged when each new direction equals the previous one up to its sign.
        let least = (0..DIMS)
            .map(|d| (0..DIMS).map(|i| next[i][d] * turn[i][d]).sum::<f64>().abs())
            .fold(f64::INFINITY, f64::min);
        turn = next;
        if least > 1.0 - 1e-7 {
            break;
        }
    }
    turn
}

pub(crate) fn second_moments(rows: &[[f64; DIMS]]) -> Square {
    let mut sum = [[0.0; DIMS]; DIMS];
    for row in rows {
        for (i, a) in row.iter().enumerate() {
            for (j, b) in row.iter().enumerate() {
                sum[i][j] += a * b;
            }
        }
    }
    sum.map(|r| r.map(|x| x / rows.len() as f64))
}

/// Eigenvalues and eigenvectors (columns) of a symmetric matrix by cyclic Jacobi rotations.
pub(crate) fn eigen(mut a: Square) -> ([f64; DIMS], Square) {
    let mut v = unit();
    for _ in 0..100 {
        let off: f64 = (0..DIMS).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j] * a[i][j]).sum();
        if off < 1e-22 {
            break;
        }
        for p in 0..DIMS {
            for q in p + 1..DIMS {
                if a[p][q].abs() < 1e-300 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for row in &mut a {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                let (above, below) = a.split_at_mut(q);
                for (x, y) in above[p].iter_mut().zip(&mut below[0]) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
                for row in &mut v {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
            }
        }
    }
    (std::array::from_fn(|i| a[i][i]), v)
}

fn unit() -> Square {
    std::array::from_fn(|i| std::array::from_fn(|j| if i == j { 1.0 } else { 0.0 }))
}

fn transpose(a: &Square) -> Square {
    std::array::from_fn(|i| std::array::from_fn(|j| a[j][i]))
}

pub(crate) fn multiply(a: &Square, b: &Square) -> Square {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..DIMS).map(|k| a[i][k] * b[k][j]).sum()))
}

fn apply(row: &[f64; DIMS], m: &Square) -> [f64; DIMS] {
    let mut out = [0.0; DIMS];
    for (x, line) in row.iter().zip(m) {
        for (o, w) in out.iter_mut().zip(line) {
            *o += x * w;
        }
    }
    out
}

/// Number of quantiles in the frozen reference (docs/design.md, "z": it counts as 50 tracks).
pub(crate) const REFERENCE: usize = 50;

/// The reference: pseudo-track i holds the (i + ½)/50 quantile of every dimension.
pub(crate) fn reference(latents: &[[f32; DIMS]]) -> Vec<[f32; DIMS]> {
    let mut out = vec![[0.0; DIMS]; REFERENCE];
    for d in 0..DIMS {
        let mut column: Vec<f32> = latents.iter().map(|r| r[d]).collect();
        column.sort_by(f32::total_cmp);
        for (i, row) in out.iter_mut().enumerate() {
            let at = (2 * i + 1) * column.len() / (2 * REFERENCE);
            row[d] = column.get(at).copied().unwrap_or(0.0);
        }
    }
    out
}
