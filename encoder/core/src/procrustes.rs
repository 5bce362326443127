//! Orthogonal Procrustes (Schönemann, Psychometrika 31, 1966): the orthogonal matrix nearest to a given one.

use crate::DIMS;

/// A matrix in row-major order.
pub type Square = [[f64; DIMS]; DIMS];

/// U·Vᵀ of a matrix U·S·Vᵀ: the orthogonal matrix nearest to it, and the T for which N·T is nearest to O where the matrix
/// is NᵀO. Directions that the matrix maps to zero are completed to an orthonormal basis.
pub fn nearest(matrix: &Square) -> Square {
    decomposed(matrix).0
}

/// [`nearest`], and the singular values in no order, by one-sided Jacobi rotations (Hestenes 1958): pairs of columns are
/// rotated until all are orthogonal; the resulting columns are U·S, the accumulated rotations V.
pub(crate) fn decomposed(matrix: &Square) -> (Square, [f64; DIMS]) {
    // Stored by column: `a[j]` is the j-th column of the matrix, `v[j]` that of V.
    let mut a: Square = std::array::from_fn(|j| std::array::from_fn(|i| matrix[i][j]));
    let mut v: Square = std::array::from_fn(|j| std::array::from_fn(|i| f64::from(u8::from(i == j))));
    for _ in 0..100 {
        let mut turned = false;
        for p in 0..DIMS {
            for q in p + 1..DIMS {
                let (alpha, beta, gamma) = (dot(&a[p], &a[p]), dot(&a[q], &a[q]), dot(&a[p], &a[q]));
                if gamma.abs() <= 1e-14 * (alpha * beta).sqrt() || gamma == 0.0 {
                    continue;
                }
                turned = true;
                let zeta = (beta - alpha) / (2.0 * gamma);
                let sign = if zeta < 0.0 { -1.0 } else { 1.0 };
                let t = sign / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
                let c = 1.0 / (1.0 + t * t).sqrt();
                for columns in [&mut a, &mut v] {
                    let (before, after) = columns.split_at_mut(q);
                    for (x, y) in before[p].iter_mut().zip(&mut after[0]) {
                        (*x, *y) = (c * *x - c * t * *y, c * t * *x + c * *y);
                    }
                }
            }
        }
        if !turned {
            break;
        }
    }
    let singular = a.map(|column| length(&column));
    let u = complete(&a);
    let mut turn = [[0.0; DIMS]; DIMS];
    for (u, v) in u.iter().zip(&v) {
        for (line, x) in turn.iter_mut().zip(u) {
            for (t, y) in line.iter_mut().zip(v) {
                *t += x * y;
            }
        }
    }
    (turn, singular)
}

/// Normalises orthogonal columns, the longest first. Columns of length zero are replaced by an orthonormal completion.
fn complete(columns: &Square) -> Square {
    let longest = columns.iter().map(length).fold(0.0, f64::max);
    let mut order: Vec<usize> = (0..DIMS).collect();
    order.sort_by(|&a, &b| length(&columns[b]).total_cmp(&length(&columns[a])));
    let mut out = [[0.0; DIMS]; DIMS];
    let mut done: Vec<usize> = Vec::with_capacity(DIMS);
    for j in order {
        let own = length(&columns[j]) > 1e-12 * longest && longest > 0.0;
        let axes = (0..DIMS).map(|k| std::array::from_fn(|i| f64::from(u8::from(i == k))));
        // The axis least covered by the columns so far.
        let mut best = [0.0; DIMS];
        for candidate in own.then_some(columns[j]).into_iter().chain(axes.filter(|_| !own)) {
            let mut rest = candidate;
            for &k in done.iter().chain(&done) {
                // Orthogonalise twice, because once leaves rounding errors.
                let along = dot(&rest, &out[k]);
                rest.iter_mut().zip(&out[k]).for_each(|(r, o)| *r -= along * o);
            }
            if length(&rest) > length(&best) {
                best = rest;
            }
        }
        let scale = length(&best);
        out[j] = best.map(|x| x / scale.max(f64::MIN_POSITIVE));
        done.push(j);
    }
    out
}

fn length(column: &[f64; DIMS]) -> f64 {
    dot(column, column).sqrt()
}

fn dot(a: &[f64; DIMS], b: &[f64; DIMS]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(a: &Square, b: &Square) -> Square {
        std::array::from_fn(|i| std::array::from_fn(|j| (0..DIMS).map(|k| a[i][k] * b[k][j]).sum()))
    }

    fn is_orthogonal(turn: &Square) {
        for a in 0..DIMS {
            for b in 0..DIMS {
                let sum: f64 = turn.iter().map(|row| row[a] * row[b]).sum();
                assert!((sum - f64::from(u8::from(a == b))).abs() < 1e-9, "{a} {b}: {sum}");
            }
        }
    }

    #[test]
    fn a_turn_times_a_symmetric_positive_matrix_gives_the_turn_back() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut noise = || -> Square { std::array::from_fn(|_| std::array::from_fn(|_| random.f64() - 0.5)) };
        let turn = nearest(&noise());
        is_orthogonal(&turn);
        let root = noise();
        let positive: Square = std::array::from_fn(|i| {
            std::array::from_fn(|j| {
                (0..DIMS).map(|k| root[i][k] * root[j][k]).sum::<f64>() + f64::from(u8::from(i == j))
            })
        });
        let (found, singular) = decomposed(&product(&turn, &positive));
        assert!(found.iter().flatten().zip(turn.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-9));
        assert!(singular.iter().all(|s| *s > 0.999));
    }

    #[test]
    fn what_is_mapped_to_zero_is_completed() {
        let mut matrix = [[0.0; DIMS]; DIMS];
        is_orthogonal(&nearest(&matrix));
        matrix[3][5] = -2.0;
        let (turn, singular) = decomposed(&matrix);
        is_orthogonal(&turn);
        assert!((turn[3][5] + 1.0).abs() < 1e-12);
        assert_eq!(singular.iter().filter(|s| **s > 0.0).count(), 1);
    }
}
