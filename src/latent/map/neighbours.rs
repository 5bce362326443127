//! The nearest neighbours of every point, found by comparing all of them. Exact, so that the map does not depend on the
//! luck of an approximate search; points lie in blocks, one row a dimension, so that the comparison is vectorised.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::{DIMS, Latent};
use super::{GivenUp, Told};

/// Points in a block.
const BLOCK: usize = 128;
/// Queries that a thread takes at a time.
const CHUNK: usize = 256;

/// The neighbours of every query, nearest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Neighbours of a query; fewer than asked for where there are fewer points.
    pub k: usize,
    /// `k` indices a query.
    pub near: Vec<u32>,
    /// Their distances (Euclidean).
    pub far: Vec<f32>,
}

impl Graph {
    /// The neighbours of a query with their distances.
    pub fn of(&self, query: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let part = query * self.k..(query + 1) * self.k;
        let near = self.near.get(part.clone()).unwrap_or_default();
        near.iter().map(|&index| index as usize).zip(self.far.get(part).unwrap_or_default().iter().copied())
    }
}

/// Points in blocks of [`BLOCK`]; missing ones at the end of the last block are infinitely far away.
struct Blocks(Vec<[[f32; BLOCK]; DIMS]>);

impl Blocks {
    fn of(points: &[Latent]) -> Blocks {
        let block = |some: &[Latent]| {
            let mut block = [[f32::INFINITY; BLOCK]; DIMS];
            for (at, point) in some.iter().enumerate() {
                block.iter_mut().zip(point).for_each(|(row, value)| row[at] = *value);
            }
            block
        };
        Blocks(points.chunks(BLOCK).map(block).collect())
    }
}

/// The `k` nearest of `points` for each of `queries`, ties by index; `own` if the queries are the points themselves, which
/// are then no neighbours of their own. Values must be finite. The result does not depend on the number of threads.
///
/// # Errors
/// When `told` says not to go on.
pub fn nearest(queries: &[Latent], points: &[Latent], k: usize, own: bool, told: &Told<'_>) -> Result<Graph, GivenUp> {
    let k = k.min(points.len().saturating_sub(usize::from(own)));
    if k == 0 || queries.is_empty() {
        return Ok(Graph::default());
    }
    let mut graph = Graph { k, near: vec![0; queries.len() * k], far: vec![0.0; queries.len() * k] };
    let blocks = Blocks::of(points);
    let chunks = graph.near.chunks_mut(CHUNK * k).zip(graph.far.chunks_mut(CHUNK * k));
    let work = Mutex::new(chunks.zip(queries.chunks(CHUNK)).enumerate());
    let all = queries.len().div_ceil(CHUNK) as f32;
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(queries.len().div_ceil(CHUNK));
    let given_up = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !given_up.load(Ordering::Relaxed) {
                    let next = work.lock().map_or(None, |mut work| work.next());
                    let Some((chunk, ((near, far), queries))) = next else { return };
                    let lists = near.chunks_mut(k).zip(far.chunks_mut(k));
                    for (at, (query, list)) in queries.iter().zip(lists).enumerate() {
                        let itself = own.then_some(chunk * CHUNK + at);
                        one(query, &blocks, itself, list);
                    }
                    if !told((chunk + 1) as f32 / all) {
                        given_up.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    if given_up.into_inner() { Err(GivenUp) } else { Ok(graph) }
}

/// Fills the list of one query.
fn one(query: &Latent, blocks: &Blocks, itself: Option<usize>, (near, far): (&mut [u32], &mut [f32])) {
    far.fill(f32::INFINITY);
    let last = far.len() - 1;
    for (start, block) in (0..).step_by(BLOCK).zip(&blocks.0) {
        let mut squares = [0.0_f32; BLOCK];
        for (row, value) in block.iter().zip(query) {
            for (square, other) in squares.iter_mut().zip(row) {
                let difference = other - value;
                *square += difference * difference;
            }
        }
        // Mostly no point of a block is near enough.
        let least = squares.iter().fold(f32::INFINITY, |least, square| least.min(*square));
        if least >= far[last] {
            continue;
        }
        for (at, &square) in squares.iter().enumerate() {
            if square < far[last] && Some(start + at) != itself {
                let place = far.partition_point(|known| *known <= square);
                far[place..].rotate_right(1);
                near[place..].rotate_right(1);
                (far[place], near[place]) = (square, (start + at) as u32);
            }
        }
    }
    far.iter_mut().for_each(|square| *square = square.sqrt());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(n: usize) -> Vec<Latent> {
        let mut rng = fastrand::Rng::with_seed(3);
        (0..n).map(|_| std::array::from_fn(|_| rng.f32())).collect()
    }

    #[test]
    fn the_nearest_are_the_nearest() {
        let points = points(300);
        let graph = nearest(&points, &points, 7, true, &|_| true).unwrap();
        for query in [0, 127, 128, 299] {
            let square = |other: &Latent| points[query].iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
            let mut all: Vec<(f32, usize)> =
                (0..300).filter(|at| *at != query).map(|at| (square(&points[at]).sqrt(), at)).collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            let found: Vec<usize> = graph.of(query).map(|(at, _)| at).collect();
            assert_eq!(found, all[..7].iter().map(|(_, at)| *at).collect::<Vec<_>>());
        }
    }

    #[test]
    fn few_points_have_few_neighbours_and_duplicates_are_at_no_distance() {
        assert_eq!(nearest(&[], &[], 5, true, &|_| true), Ok(Graph::default()));
        assert_eq!(nearest(&points(1), &points(1), 5, true, &|_| true).unwrap().k, 0);
        let twice = [points(1), points(1)].concat();
        let graph = nearest(&twice, &twice, 5, true, &|_| true).unwrap();
        assert_eq!((graph.k, graph.near, graph.far), (1, vec![1, 0], vec![0.0, 0.0]));
        let graph = nearest(&points(1), &points(3), 2, false, &|_| true).unwrap();
        assert_eq!(graph.of(0).next(), Some((0, 0.0)), "another set may hold the same point");
    }

    #[test]
    fn it_is_given_up_when_nobody_wants_more_of_it() {
        let points = points(600);
        let calls = std::sync::atomic::AtomicUsize::new(0);
        let told = |_: f32| calls.fetch_add(1, Ordering::Relaxed) > 9;
        assert_eq!(nearest(&points, &points, 7, true, &told), Err(GivenUp));
    }
}
