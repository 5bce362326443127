//! Mutual proximity: two tracks are near when each is near for the other.
//!
//! In many dimensions a few tracks, the hubs, are near everything and turn up in every list, while others turn up in
//! none. Mutual proximity (Schnitzer, Flexer, Schedl and Widmer, JMLR 13, 2012, the Gaussian form) asks how unusual a
//! distance is on either side: MP = 1 − (1 − Φ((d − μ_q)/σ_q))·(1 − Φ((d − μ_t)/σ_t)), 0 for the nearest. μ_q and σ_q
//! are those of the query's distances to the library; μ_t and σ_t those of the distances to track t from a sample of
//! the library's tracks as queries. So asymmetric distances work too.

use std::collections::BinaryHeap;

use super::distribution::{normal_cdf, normal_quantile};
use super::scan::Hit;
use super::scorer::Scorer;
use super::space::Space;

/// Number of sampled queries: μ_t is then known to 0.03 σ_t.
pub const SAMPLE: usize = 1000;
/// Lower bound of the deviations, against division by almost 0.
const LEAST_DEVIATION: f64 = 1e-6;

/// The distribution of distances to each track of a space.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proximity {
    /// μ_t and σ_t of each row.
    rows: Vec<(f32, f32)>,
}

impl Proximity {
    /// Measures a space: `scorer` makes the distance to one row. About `sample` rows ([`SAMPLE`]), spread evenly, are
    /// the queries; each costs a scan.
    pub fn fit(space: &Space, scorer: &dyn Fn(u32) -> Scorer, sample: usize) -> Proximity {
        let n = space.len();
        let mut sums = vec![(0.0f64, 0.0f64); n];
        // A track's distance to itself is left out.
        let mut counts = vec![0u32; n];
        for query in (0..n as u32).step_by(n.div_ceil(sample.max(1)).max(1)) {
            let distances = space.distances(&scorer(query));
            for (row, ((sum, &distance), count)) in (0..).zip(sums.iter_mut().zip(&distances).zip(&mut counts)) {
                if row != query {
                    let d = f64::from(distance);
                    *sum = (sum.0 + d, sum.1 + d * d);
                    *count += 1;
                }
            }
        }
        let moments = |((first, second), count): ((f64, f64), u32)| {
            let n = f64::from(count.max(1));
            let mean = first / n;
            (mean as f32, (second / n - mean * mean).max(0.0).sqrt().max(LEAST_DEVIATION) as f32)
        };
        Proximity { rows: sums.into_iter().zip(counts).map(moments).collect() }
    }

    /// The `k` rows nearest by mutual proximity for which `keep` is true, nearest first, ties by row; `distance` is MP,
    /// 0 to 1. `space` and the kind of scorer must be those of [`Proximity::fit`]; rows unknown to it are left out.
    pub fn scan(&self, space: &Space, scorer: &Scorer, k: usize, keep: &dyn Fn(u32) -> bool) -> Vec<Hit> {
        let distances = space.distances(scorer);
        if k == 0 || distances.is_empty() {
            return Vec::new();
        }
        let n = distances.len() as f64;
        let mean = distances.iter().map(|&d| f64::from(d)).sum::<f64>() / n;
        let square = distances.iter().map(|&d| (f64::from(d) - mean).powi(2)).sum::<f64>() / n;
        let deviation = square.sqrt().max(LEAST_DEVIATION);
        let mut best: BinaryHeap<Hit> = BinaryHeap::with_capacity(k.min(distances.len()) + 1);
        // MP is at least Φ of the query's side: beyond this distance no row can enter.
        let mut reach = f64::INFINITY;
        for (row, (&distance, &(mu, sigma))) in (0..).zip(distances.iter().zip(&self.rows)) {
            let d = f64::from(distance);
            if d > reach || !keep(row) {
                continue;
            }
            let query = normal_cdf((d - mean) / deviation);
            let track = normal_cdf((d - f64::from(mu)) / f64::from(sigma));
            best.push(Hit { row, distance: (query + track - query * track) as f32 });
            if best.len() > k {
                best.pop();
                let farthest = best.peek().map_or(1.0, |hit| f64::from(hit.distance));
                // A margin, so that rounding to f32 does not exclude ties.
                reach = mean + deviation * (normal_quantile(farthest.clamp(0.0, 1.0)) + 1e-5);
            }
        }
        best.into_sorted_vec()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fastrand::Rng;

    use super::*;
    use crate::latent::{DIMS, Latent};
    use crate::track::TrackId;

    /// A library with hubs: in 32 dimensions the tracks near the centre are near everyone.
    fn hubby(n: usize) -> Space {
        let mut rng = Rng::with_seed(3);
        let tracks = (0..n as u128)
            .map(|i| {
                let reach = if i % 10 == 0 { 0.3 } else { 1.0 };
                let z: Latent =
                    std::array::from_fn(|_| reach * normal_quantile(rng.f64().clamp(1e-9, 1.0 - 1e-9)) as f32);
                (TrackId(i.to_be_bytes()), z)
            })
            .collect();
        Space::build("g".into(), Arc::default(), tracks)
    }

    fn euclid(space: &Space) -> impl Fn(u32) -> Scorer {
        |row| Scorer::around(&space.point(row), 0..DIMS as u8)
    }

    /// The skewness of how often each row is among the ten nearest of another, and the share that ever is.
    fn hubness(space: &Space, nearest: impl Fn(u32) -> Vec<Hit>) -> (f64, f64) {
        let mut often = vec![0.0f64; space.len()];
        for query in 0..space.len() as u32 {
            nearest(query).iter().for_each(|hit| often[hit.row as usize] += 1.0);
        }
        let n = often.len() as f64;
        let mean = often.iter().sum::<f64>() / n;
        let moment = |power: i32| often.iter().map(|o| (o - mean).powi(power)).sum::<f64>() / n;
        (moment(3) / moment(2).powf(1.5), often.iter().filter(|&&o| o > 0.0).count() as f64 / n)
    }

    #[test]
    fn hubs_lose_their_place() {
        let space = hubby(600);
        let scorer = euclid(&space);
        let proximity = Proximity::fit(&space, &scorer, SAMPLE);
        let plain = hubness(&space, |q| space.scan(&scorer(q), 10, &|row| row != q));
        let mutual = hubness(&space, |q| proximity.scan(&space, &scorer(q), 10, &|row| row != q));
        println!("skewness and reach: {plain:?}, mutual {mutual:?}");
        assert!(plain.0 > 2.0 && mutual.0 < 1.0, "skewness {} to {}", plain.0, mutual.0);
        assert!(mutual.1 > plain.1 + 0.2, "reach {} to {}", plain.1, mutual.1);
    }

    #[test]
    fn a_sample_stands_for_all() {
        let space = hubby(600);
        let scorer = euclid(&space);
        let (all, some) = (Proximity::fit(&space, &scorer, 600), Proximity::fit(&space, &scorer, 200));
        for (&(mu, sigma), &(m, s)) in all.rows.iter().zip(&some.rows) {
            assert!((m - mu).abs() < 0.3 * sigma && (s / sigma - 1.0).abs() < 0.3, "{mu} {sigma}: {m} {s}");
        }
    }

    #[test]
    fn the_scan_is_exact() {
        let space = hubby(400);
        let scorer = euclid(&space);
        let proximity = Proximity::fit(&space, &scorer, 100);
        let keep = |row: u32| row % 4 != 1;
        let hits = proximity.scan(&space, &scorer(9), 30, &keep);
        // With every row wanted nothing is passed over.
        let all = proximity.scan(&space, &scorer(9), 400, &keep);
        assert_eq!((all.len(), &all[..30]), (300, &hits[..]));
        assert!(all.iter().all(|h| (0.0..=1.0).contains(&h.distance) && keep(h.row)));
        assert!(proximity.scan(&space, &scorer(9), 0, &keep).is_empty());
        let empty = Space::default();
        assert!(Proximity::fit(&empty, &scorer, 10).scan(&empty, &scorer(9), 5, &keep).is_empty());
    }
}
