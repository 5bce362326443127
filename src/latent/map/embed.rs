//! The layout: points that are neighbours attract each other, others repel, until both are in balance.
//!
//! This is UMAP (McInnes, Healy and Melville, arXiv:1802.03426) with the kernel 1/(1 + d²) of t-SNE: each point's
//! distances to its neighbours become memberships that fall off with the density around it, a pair counts as far as one of
//! them counts the other as its neighbour, and stochastic gradient descent moves pairs as often as they count, with some
//! random points to be pushed away each time. One thread with a fixed seed: the same points always give the same map.

use fastrand::Rng;

use super::neighbours::Graph;
use super::{GivenUp, Point, Told};

/// Points that are pushed away for each pair that is drawn together.
const REPELLED: usize = 5;
/// Rounds of a small map and of a large one: more points have more pairs to settle by.
const ROUNDS: (usize, usize) = (500, 200);
/// The number of points from which on a map is large.
const LARGE: usize = 10_000;
/// Half the width of the map at the start.
const WIDTH: f32 = 10.0;
/// The longest step along an axis.
const STEP: f32 = 4.0;
/// The seed.
const SEED: u64 = 5;

/// A pair of neighbours, in both directions.
struct Pair {
    from: u32,
    to: u32,
    /// Rounds between two steps of it.
    every: f32,
    /// The round of its next step.
    next: f32,
}

/// Moves the points of a map from a start, by their neighbours.
///
/// # Errors
/// When `told` says not to go on.
pub fn embedded(graph: &Graph, start: Vec<Point>, told: &Told<'_>) -> Result<Vec<Point>, GivenUp> {
    let mut at = scaled(start);
    let n = at.len();
    if graph.k == 0 || n < 3 {
        return Ok(at);
    }
    let rounds = if n > LARGE { ROUNDS.1 } else { ROUNDS.0 };
    let mut pairs = pairs(graph, n, rounds);
    let mut rng = Rng::with_seed(SEED);
    for round in 0..rounds {
        let rate = 1.0 - round as f32 / rounds as f32;
        for pair in &mut pairs {
            if pair.next > round as f32 {
                continue;
            }
            pair.next += pair.every;
            let (from, to) = (pair.from as usize, pair.to as usize);
            let (apart, square) = between(at[from], at[to]);
            let pull = -2.0 / (1.0 + square);
            let step = apart.map(|d| rate * (pull * d).clamp(-STEP, STEP));
            move_by(&mut at, from, step);
            move_by(&mut at, to, step.map(|part| -part));
            for _ in 0..REPELLED {
                let other = rng.usize(..n);
                if other == from {
                    continue;
                }
                let (apart, square) = between(at[from], at[other]);
                // At the same place there is no direction to push in.
                let push = 2.0 / ((0.001 + square) * (1.0 + square));
                let step = apart.map(|d| rate * (push * d).clamp(-STEP, STEP));
                move_by(&mut at, from, step);
            }
        }
        if !told((round + 1) as f32 / rounds as f32) {
            return Err(GivenUp);
        }
    }
    Ok(at)
}

fn move_by(at: &mut [Point], index: usize, step: [f32; 2]) {
    if let Some(point) = at.get_mut(index) {
        *point = [point[0] + step[0], point[1] + step[1]];
    }
}

fn between(a: Point, b: Point) -> ([f32; 2], f32) {
    let apart = [a[0] - b[0], a[1] - b[1]];
    (apart, apart[0] * apart[0] + apart[1] * apart[1])
}

/// The start at its width, each point a little aside, so that equal ones can part.
fn scaled(mut start: Vec<Point>) -> Vec<Point> {
    let widest = start.iter().flatten().map(|v| v.abs()).filter(|v| v.is_finite()).fold(0.0_f32, f32::max);
    let factor = if widest > 0.0 { WIDTH / widest } else { 0.0 };
    let mut rng = Rng::with_seed(SEED);
    for value in start.iter_mut().flatten() {
        let kept = if value.is_finite() { *value * factor } else { 0.0 };
        *value = kept + 0.01 * (rng.f32() - 0.5);
    }
    start
}

/// The pairs of neighbours in both directions, each as often as it counts.
fn pairs(graph: &Graph, n: usize, rounds: usize) -> Vec<Pair> {
    let counts: Vec<f32> = (0..n).flat_map(|point| memberships(graph, point)).collect();
    let count = |from: usize, to: usize| {
        let place = graph.of(from).position(|(other, _)| other == to);
        place.and_then(|place| counts.get(from * graph.k + place)).copied().unwrap_or(0.0)
    };
    let mut pairs = Vec::with_capacity(2 * counts.len());
    let mut most = 0.0_f32;
    for from in 0..n {
        for (to, _) in graph.of(from) {
            let (there, back) = (count(from, to), count(to, from));
            // Where each is the other's neighbour, the pair comes from both of them.
            let mutual = back > 0.0;
            if mutual && to < from {
                continue;
            }
            let both = there + back - there * back;
            most = most.max(both);
            let pair = |from: usize, to: usize| Pair { from: from as u32, to: to as u32, every: both, next: 0.0 };
            pairs.extend([pair(from, to), pair(to, from)]);
        }
    }
    // What is too weak for a single step is left out.
    pairs.retain(|pair| pair.every * rounds as f32 >= most);
    for pair in &mut pairs {
        pair.every = most / pair.every;
        pair.next = pair.every - 1.0;
    }
    pairs
}

/// How much each neighbour of a point counts, 0 to 1: exp(−(d − nearest) / width), with the width for which they sum to
/// log₂ of their number.
fn memberships(graph: &Graph, point: usize) -> Vec<f32> {
    let far: Vec<f32> = graph.of(point).map(|(_, distance)| distance).collect();
    weights(&far)
}

/// The weights of neighbours at these distances, in ascending order, as in [`memberships`].
pub(super) fn weights(far: &[f32]) -> Vec<f32> {
    let nearest = far.first().copied().unwrap_or(0.0);
    let wanted = (far.len() as f32).log2().max(1.0);
    let at = |width: f32| far.iter().map(move |d| if *d > nearest { (-(d - nearest) / width).exp() } else { 1.0 });
    let (mut low, mut high) = (1e-6_f32, 1e6_f32);
    for _ in 0..60 {
        let middle = (low * high).sqrt();
        if at(middle).sum::<f32>() > wanted { high = middle } else { low = middle }
    }
    at(low).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_fall_with_the_distance_and_sum_to_what_is_wanted() {
        let far = [0.5, 0.6, 0.9, 1.4, 2.0, 2.0, 3.0, 9.0];
        let weights = weights(&far);
        assert!(weights.is_sorted_by(|a, b| a >= b) && weights[0] == 1.0, "{weights:?}");
        assert!((weights.iter().sum::<f32>() - 3.0).abs() < 0.01, "{weights:?}");
        assert_eq!(super::weights(&[0.0; 4]), [1.0; 4], "all are equally near");
        assert!(super::weights(&[]).is_empty());
    }
}
