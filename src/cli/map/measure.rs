//! How well maps of so many tracks keep neighbourhoods, beside the principal plane and random places, and how long laying
//! them out takes.

use std::time::Instant;

use super::super::print;
use crate::latent::Latent;
use crate::latent::map::{NEIGHBOURS, Point, components, fitted};
use crate::measure::neighbourhood::{Kept, kept};

/// The most tracks whose neighbourhoods are looked at.
const QUERIES: usize = 1000;
/// The fewest tracks whose ranks mean something.
const FEWEST: usize = 2 * NEIGHBOURS + 2;
/// So many tracks are laid out to be measured, as far as there are so many.
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// A map that is there: the points of its tracks, where they stand, and how long it took, if it was laid out just now.
pub(super) struct Map<'a> {
    pub points: &'a [Latent],
    pub at: &'a [Point],
    pub secs: Option<f64>,
}

/// A table of what the map of all tracks and those of even samples of them keep.
pub(super) fn measured(map: &Map<'_>) -> Vec<String> {
    let n = map.points.len();
    if n < FEWEST {
        return vec![format!("too few tracks to measure: {FEWEST} or more are needed")];
    }
    let mut lines = vec![
        format!(
            "At {NEIGHBOURS} neighbours of {} tracks each. plane: their two principal components; random: random places.",
            QUERIES.min(n)
        ),
        format!("{:>7}  {:>11}  {:^23}  {:^23}", "", "", "trustworthiness", "continuity"),
        format!(
            "{:>7}  {:>11}  {:>7} {:>7} {:>7}  {:>7} {:>7} {:>7}",
            "tracks", "laid out in", "map", "plane", "random", "map", "plane", "random"
        ),
    ];
    for size in SIZES.into_iter().filter(|size| *size < n) {
        let points: Vec<Latent> = (0..size).filter_map(|nth| map.points.get(nth * n / size).copied()).collect();
        print::note(&format!("{size} tracks are laid out to be measured"));
        let begun = Instant::now();
        let Ok(at) = fitted(&points, &|_| true) else { continue };
        lines.push(row(&Map { points: &points, at: &at, secs: Some(begun.elapsed().as_secs_f64()) }));
    }
    lines.push(row(map));
    if map.secs.is_none() {
        lines.push("The map of all tracks was laid out before; --refit lays it out anew and times it.".into());
    }
    lines
}

/// A line about a map.
fn row(map: &Map<'_>) -> String {
    let mut rng = fastrand::Rng::with_seed(1);
    let random: Vec<Point> = map.points.iter().map(|_| [rng.f32(), rng.f32()]).collect();
    let plane = components(map.points);
    let [map_kept, plane, random] = [map.at, &plane[..], &random[..]].map(|at| of(map.points, at));
    let secs = map.secs.map_or("before".into(), |secs| format!("{secs:.1} s"));
    let three = |of: fn(&Kept) -> f64| {
        let [map, plane, random] = [&map_kept, &plane, &random].map(of);
        format!("{map:>7.3} {plane:>7.3} {random:>7.3}")
    };
    let (trust, continuity) = (three(|kept| kept.trustworthiness), three(|kept| kept.continuity));
    format!("{:>7}  {secs:>11}  {trust}  {continuity}", map.points.len())
}

/// What a projection keeps, over an even sample of the points.
fn of(points: &[Latent], at: &[Point]) -> Kept {
    let high = |a: usize, b: usize| points[a].iter().zip(&points[b]).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
    let low = |a: usize, b: usize| (0..2).map(|axis| (at[a][axis] - at[b][axis]).powi(2)).sum::<f32>();
    let step = points.len().div_ceil(QUERIES).max(1);
    kept(points.len(), NEIGHBOURS, (0..points.len()).step_by(step), &high, &low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(n: usize) -> Vec<Latent> {
        let mut rng = fastrand::Rng::with_seed(2);
        (0..n).map(|_| std::array::from_fn(|_| rng.f32())).collect()
    }

    #[test]
    fn a_map_is_measured_beside_the_plane_and_random_places() {
        let points = points(60);
        let at = fitted(&points, &|_| true).unwrap();
        let lines = measured(&Map { points: &points, at: &at, secs: Some(1.5) });
        assert_eq!(lines.len(), 4, "no sample is smaller: {lines:?}");
        let cells: Vec<&str> = lines[3].split_whitespace().collect();
        assert_eq!((cells.len(), &cells[..3]), (9, &["60", "1.5", "s"][..]), "{lines:?}");
        let values: Vec<f64> = cells[3..].iter().map(|cell| cell.parse().unwrap()).collect();
        assert!(values[0] > values[2] && values[3] > values[5], "better than random: {lines:?}");
        let lines = measured(&Map { points: &points, at: &at, secs: None });
        assert!(lines[3].contains("before") && lines[4].contains("--refit"), "{lines:?}");
    }

    #[test]
    fn few_tracks_are_not_measured() {
        let points = points(FEWEST - 1);
        let at = vec![[0.0; 2]; points.len()];
        assert!(measured(&Map { points: &points, at: &at, secs: None })[0].contains("too few"));
    }
}
