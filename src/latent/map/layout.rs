//! Laying points out, and placing later ones among them.

use super::super::Latent;
use super::embed::{embedded, weights};
use super::neighbours::nearest;
use super::principal::components;
use super::{GivenUp, NEIGHBOURS, Point, Told};

/// Neighbours of a later point that its place is the mean of.
const AROUND: usize = 5;
/// The share of the work that finding neighbours is, as it is told.
const FIRST: f32 = 0.4;

/// Lays points out. What is not finite counts as 0.
///
/// # Errors
/// When `told` says not to go on.
pub fn fitted(points: &[Latent], told: &Told<'_>) -> Result<Vec<Point>, GivenUp> {
    let points = sound(points);
    let graph = nearest(&points, &points, NEIGHBOURS, true, &|share| told(FIRST * share))?;
    let laid = embedded(&graph, components(&points), &|share| told(FIRST + (1.0 - FIRST) * share))?;
    Ok(framed(laid))
}

/// The places of more points among those that have one: the mean of their nearest neighbours' places, by how near they
/// are. In the middle where there are none.
///
/// # Errors
/// When `told` says not to go on.
pub fn placed(more: &[Latent], points: &[Latent], at: &[Point], told: &Told<'_>) -> Result<Vec<Point>, GivenUp> {
    let (more, points) = (sound(more), sound(points));
    let graph = nearest(&more, &points, AROUND, false, told)?;
    let place = |query: usize| {
        let near: Vec<(usize, f32)> = graph.of(query).collect();
        let counts = weights(&near.iter().map(|(_, far)| *far).collect::<Vec<f32>>());
        let (mut sum, mut all) = ([0.0_f32; 2], 0.0_f32);
        for ((other, _), weight) in near.iter().zip(counts) {
            if let Some(place) = at.get(*other) {
                sum = [sum[0] + weight * place[0], sum[1] + weight * place[1]];
                all += weight;
            }
        }
        if all > 0.0 { sum.map(|value| value / all) } else { [0.0; 2] }
    };
    Ok((0..more.len()).map(place).collect())
}

/// The points with 0 for what is not finite.
fn sound(points: &[Latent]) -> Vec<Latent> {
    points.iter().map(|point| point.map(|value| if value.is_finite() { value } else { 0.0 })).collect()
}

/// Turns a layout so that it is widest along the first axis, and scales it to −1 to 1 there.
fn framed(mut at: Vec<Point>) -> Vec<Point> {
    let n = at.len().max(1) as f64;
    let mean: [f64; 2] = std::array::from_fn(|axis| at.iter().map(|p| f64::from(p[axis])).sum::<f64>() / n);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for point in &at {
        let (x, y) = (f64::from(point[0]) - mean[0], f64::from(point[1]) - mean[1]);
        (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
    }
    let (sin, cos) = (0.5 * (2.0 * xy).atan2(xx - yy)).sin_cos();
    for point in &mut at {
        let (x, y) = (f64::from(point[0]) - mean[0], f64::from(point[1]) - mean[1]);
        *point = [(cos * x + sin * y) as f32, (cos * y - sin * x) as f32];
    }
    let [low, high] = bounds(&at);
    let half = ((high[0] - low[0]) / 2.0).max((high[1] - low[1]) / 2.0);
    let scale = if half > 0.0 { 1.0 / half } else { 0.0 };
    let middle = [0, 1].map(|axis| (low[axis] + high[axis]) / 2.0);
    for point in &mut at {
        *point = [(point[0] - middle[0]) * scale, (point[1] - middle[1]) * scale];
    }
    at
}

/// The corners of the smallest rectangle around places; the origin twice where there are none.
pub fn bounds(at: &[Point]) -> [Point; 2] {
    let Some(&first) = at.first() else { return [[0.0; 2]; 2] };
    at.iter().fold([first, first], |[low, high], point| {
        [[low[0].min(point[0]), low[1].min(point[1])], [high[0].max(point[0]), high[1].max(point[1])]]
    })
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
