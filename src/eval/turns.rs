//! The effect of rotating the axes. An orthogonal rotation changes no distance between latents, but it changes normal
//! scores and therefore signatures: comparing the same latents on other axes shows the cost of axes that were chosen
//! for their names.

use crate::latent::DIMS;
use crate::measure::Bootstrap;

use super::corpus::Relations;
use super::findings::Turned;
use super::ranking::{self, Measure, Near};
use super::retrieval;
use super::row::{Points, Row};
use super::sets::Set;
use super::signatures::{self, Library, Scorer};

type Square = Vec<[f64; DIMS]>;

/// Measures several rotations: the encoder's own axes, principal axes, random axes and varimax.
pub fn of(row: &Row, about: &Relations, queries: &[usize], sets: &[Set], draw: &Bootstrap) -> Vec<Turned> {
    let Some(points) = row.points.as_ref().filter(|p| row.unit && p.dims == DIMS) else { return Vec::new() };
    let rows: Vec<[f64; DIMS]> =
        (0..points.len()).map(|t| std::array::from_fn(|d| f64::from(points.row(t)[d]))).collect();
    let principal = principal(&rows);
    let turned = turn(&rows, &principal);
    let own: Square = (0..DIMS).map(|i| std::array::from_fn(|j| f64::from(u8::from(i == j)))).collect();
    let varimax = varimax(&turned);
    let turns = [
        ("as shipped", turn(&rows, &own)),
        ("principal axes", turned),
        ("random", turn(&rows, &random(draw.seed))),
        ("varimax", varimax),
    ];
    let lot = ranking::lots(about.len(), draw.seed);
    let of_sets: Vec<u32> = sets.iter().map(|s| s.group).collect();
    let measured = |(name, rows): (&str, Vec<[f64; DIMS]>)| {
        let values = rows.iter().flatten().map(|v| *v as f32).collect();
        let row = Row { points: Some(Points { dims: DIMS, values }), ..row.clone() };
        let space = row.space(None)?;
        let library = Library::new(&space, about);
        let p10 = |measure| retrieval::ask(&Near::new(&space, measure), about, queries, &lot).precision.mean(draw);
        let auc = signatures::ask(&library, sets, Scorer::Auto).auc;
        Some(Turned {
            turn: name.into(),
            genre_p10: p10(Measure::Euclid),
            genre_p10_of_one: p10(Measure::One(library.prior(&[]))),
            auc: draw.mean(&auc, &of_sets),
        })
    };
    turns.into_iter().filter_map(measured).collect()
}

fn turn(rows: &[[f64; DIMS]], by: &Square) -> Vec<[f64; DIMS]> {
    let one = |row: &[f64; DIMS]| std::array::from_fn(|j| (0..DIMS).map(|i| row[i] * by[i][j]).sum());
    rows.iter().map(one).collect()
}

/// The principal axes of the rows, by Jacobi rotations of their covariance.
fn principal(rows: &[[f64; DIMS]]) -> Square {
    let n = rows.len().max(1) as f64;
    let mean: [f64; DIMS] = std::array::from_fn(|d| rows.iter().map(|r| r[d]).sum::<f64>() / n);
    let between = |i: usize, j: usize| rows.iter().map(|r| (r[i] - mean[i]) * (r[j] - mean[j])).sum::<f64>() / n;
    let mut a: Square = (0..DIMS).map(|i| std::array::from_fn(|j| between(i, j))).collect();
    let mut v: Square = (0..DIMS).map(|i| std::array::from_fn(|j| f64::from(u8::from(i == j)))).collect();
    for _ in 0..60 {
        for p in 0..DIMS {
            for q in p + 1..DIMS {
                if a[p][q].abs() < 1e-300 {
                    continue;
                }
                let angle = 0.5 * (2.0 * a[p][q]).atan2(a[q][q] - a[p][p]);
                plane(&mut a, p, q, angle);
                let (s, c) = angle.sin_cos();
                let (upper, lower) = a.split_at_mut(q);
                for (x, y) in upper[p].iter_mut().zip(&mut lower[0]) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
                plane(&mut v, p, q, angle);
            }
        }
        let off: f64 = (0..DIMS).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j] * a[i][j]).sum();
        if off < 1e-24 {
            break;
        }
    }
    v
}

/// Rotates two columns of every row by an angle in radians.
fn plane(rows: &mut [[f64; DIMS]], p: usize, q: usize, angle: f64) {
    let (s, c) = angle.sin_cos();
    for row in rows {
        let (x, y) = (row[p], row[q]);
        (row[p], row[q]) = (c * x - s * y, s * x + c * y);
    }
}

/// Random orthonormal axes.
fn random(seed: u64) -> Square {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut axes: Square = Vec::new();
    while axes.len() < DIMS {
        let mut axis: [f64; DIMS] = std::array::from_fn(|_| (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0);
        for other in &axes {
            let along: f64 = axis.iter().zip(other).map(|(x, y)| x * y).sum();
            axis.iter_mut().zip(other).for_each(|(x, y)| *x -= along * y);
        }
        let size = axis.iter().map(|x| x * x).sum::<f64>().sqrt();
        if size > 1e-3 {
            axes.push(axis.map(|x| x / size));
        }
    }
    axes
}

/// The rows on varimax axes (Kaiser 1958), along which each row is large in few dimensions, by rotations of two axes at
/// a time.
fn varimax(rows: &[[f64; DIMS]]) -> Vec<[f64; DIMS]> {
    let n = rows.len().max(1) as f64;
    let mean: [f64; DIMS] = std::array::from_fn(|d| rows.iter().map(|r| r[d]).sum::<f64>() / n);
    let mut out: Vec<[f64; DIMS]> = rows.iter().map(|r| std::array::from_fn(|d| r[d] - mean[d])).collect();
    for _ in 0..30 {
        let mut most = 0.0f64;
        for p in 0..DIMS {
            for q in p + 1..DIMS {
                let (mut a, mut b, mut c, mut d) = (0.0, 0.0, 0.0, 0.0);
                for row in &out {
                    let (u, v) = (row[p] * row[p] - row[q] * row[q], 2.0 * row[p] * row[q]);
                    (a, b, c, d) = (a + u, b + v, c + u * u - v * v, d + 2.0 * u * v);
                }
                let angle = 0.25 * (d - 2.0 * a * b / n).atan2(c - (a * a - b * b) / n);
                plane(&mut out, p, q, -angle);
                most = most.max(angle.abs());
            }
        }
        if most < 1e-4 {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted() -> Vec<[f64; DIMS]> {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut normal = move || (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0;
        (0..400).map(|_| std::array::from_fn(|d| normal().powi(3) / (1.0 + d as f64))).collect()
    }

    fn variances(rows: &[[f64; DIMS]]) -> Vec<f64> {
        let n = rows.len() as f64;
        let mean = |d: usize| rows.iter().map(|r| r[d]).sum::<f64>() / n;
        (0..DIMS).map(|d| rows.iter().map(|r| (r[d] - mean(d)).powi(2)).sum::<f64>() / n).collect()
    }

    fn apart(a: &[f64; DIMS], b: &[f64; DIMS]) -> f64 {
        a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>()
    }

    #[test]
    fn turns_change_no_distance() {
        let rows = planted();
        let mixed = turn(&rows, &random(1));
        let along = turn(&mixed, &principal(&mixed));
        for other in [&mixed, &along, &varimax(&along)] {
            assert!((apart(&rows[0], &rows[1]) - apart(&other[0], &other[1])).abs() < 1e-6);
        }
        // The variances along the principal axes equal the generated ones, and the axes are
        // uncorrelated.
        let (mut found, mut planted) = (variances(&along), variances(&turn(&rows, &principal(&rows))));
        found.sort_by(f64::total_cmp);
        planted.sort_by(f64::total_cmp);
        assert!(found.iter().zip(&planted).all(|(a, b)| (a / b - 1.0).abs() < 1e-3), "{found:?}");
    }

    #[test]
    fn varimax_finds_the_axes_that_rows_lie_along() {
        let rows = planted();
        let fourth = |rows: &[[f64; DIMS]]| {
            let v = variances(rows);
            rows.iter().map(|r| (0..DIMS).map(|d| r[d].powi(4)).sum::<f64>()).sum::<f64>() - v.iter().sum::<f64>()
        };
        let mixed = turn(&rows, &random(1));
        assert!(fourth(&varimax(&mixed)) > 1.5 * fourth(&mixed));
    }
}
