//! The distance between two sets: the Bhattacharyya distance of their signatures.

use super::circular;
use super::dim::{Dim, Shape};
use super::signature::Signature;

/// The Bhattacharyya distance −ln ∫√(p·q) of two signatures of one space, averaged over the union of their dimensions
/// and weighted by share (`Space::says`). Symmetric, 0 only for equal densities, infinite without a common dimension.
pub fn compare(a: &Signature, b: &Signature) -> f64 {
    let parts = differences(a, b);
    if parts.is_empty() {
        return f64::INFINITY;
    }
    let shares: f32 = parts.iter().filter_map(|&(dim, _)| Some(a.dim(dim)?.share)).sum();
    parts.iter().map(|&(_, d)| f64::from(d)).sum::<f64>() / f64::from(shares.max(f32::MIN_POSITIVE))
}

/// What each dimension (0-based) of either signature adds to [`compare`], the most different first. A dimension that is
/// unknown for either set is left out.
pub fn differences(a: &Signature, b: &Signature) -> Vec<(u8, f32)> {
    let mut union: Vec<u8> = a.dims.iter().chain(&b.dims).map(|d| d.dim).collect();
    union.sort_unstable();
    union.dedup();
    let mut parts: Vec<(u8, f32)> = union
        .into_iter()
        .filter_map(|dim| Some((dim, a.dim(dim)?.share * bhattacharyya(a.dim(dim)?, b.dim(dim)?))))
        .collect();
    parts.sort_by(|x, y| y.1.total_cmp(&x.1).then(x.0.cmp(&y.0)));
    parts
}

/// Two normal densities: (m₁ − m₂)²/(4(v₁ + v₂)) + ½ ln((v₁ + v₂)/(2√(v₁v₂))); circular ones: a sum over places.
fn bhattacharyya(a: &Dim, b: &Dim) -> f32 {
    match (a.shape, b.shape) {
        (Shape::Normal { mean: m1, var: v1, .. }, Shape::Normal { mean: m2, var: v2, .. }) => {
            let sum = v1 + v2;
            (m1 - m2) * (m1 - m2) / (4.0 * sum) + 0.5 * (sum / (2.0 * (v1 * v2).sqrt())).ln()
        }
        (Shape::Circular { centre: c1, rho: r1 }, Shape::Circular { centre: c2, rho: r2 }) => {
            let p = circular::density(f64::from(c1), f64::from(r1));
            let q = circular::density(f64::from(c2), f64::from(r2));
            let overlap: f64 = p.iter().zip(&q).map(|(p, q)| (p * q).sqrt()).sum();
            -overlap.min(1.0).ln() as f32
        }
        // Within one space a dimension always has the same shape.
        _ => 0.0,
    }
}
