//! How far a queue has moved from its seed, position by position, and how much of that was unavoidable. The nearest tracks
//! are used up on the way, so what counts is the *excess* over the best that was still available.

use super::library::{Barred, Library};
use super::seeds::Seed;

/// The distance of every track from a seed's signature.
#[derive(Debug)]
pub struct Anchor {
    /// By row, standardised over the library.
    distances: Vec<f64>,
    /// The rows, nearest first.
    order: Vec<u32>,
}

impl Anchor {
    /// The anchor of a seed; `None` if it has no signature, or all tracks are equally distant.
    pub fn of(library: &Library, seed: &Seed) -> Option<Anchor> {
        // The same signature as the player uses.
        let (signature, _) = library.context().signature(&library.tracks(&seed.rows))?;
        let distances: Vec<f64> = library.space.distances(&signature.scorer()).into_iter().map(f64::from).collect();
        let n = distances.len() as f64;
        let mean = distances.iter().sum::<f64>() / n;
        let sd = (distances.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / n).sqrt();
        if !(sd.is_finite() && sd > 1e-9) {
            return None;
        }
        let distances: Vec<f64> = distances.into_iter().map(|d| (d - mean) / sd).collect();
        let mut order: Vec<u32> = (0..distances.len() as u32).collect();
        order.sort_by(|&a, &b| distances[a as usize].total_cmp(&distances[b as usize]).then(a.cmp(&b)));
        Some(Anchor { distances, order })
    }
}

/// The trail that a queue leaves on its way from its seed; one value per position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trail {
    /// Distance of the track from the seed's signature, in standard deviations over the library.
    pub distance: Vec<f64>,
    /// Distance of the nearest track still available: neither queued yet nor a version of a queued track.
    pub best: Vec<f64>,
}

impl Trail {
    /// Measures a queue.
    pub fn of(library: &Library, anchor: &Anchor, seed: &Seed, queue: &[u32]) -> Trail {
        let mut barred = Barred::by(library, &seed.rows);
        let mut trail = Trail::default();
        // A barred track stays barred, so the search resumes where it stopped.
        let mut next = 0;
        for &row in queue {
            while anchor.order.get(next).is_some_and(|&best| barred.holds(best)) {
                next += 1;
            }
            let distance = anchor.distances[row as usize];
            let best = anchor.order.get(next).map_or(distance, |&best| anchor.distances[best as usize]);
            trail.distance.push(distance);
            trail.best.push(best);
            barred.add(row);
        }
        trail
    }

    /// The growth per track of the excess over the best available distance, as the slope of a regression on the
    /// position. `None` for fewer than three tracks.
    pub fn drift(&self) -> Option<f64> {
        let excess: Vec<f64> = self.distance.iter().zip(&self.best).map(|(d, best)| d - best).collect();
        slope(&excess)
    }
}

/// The slope of the least-squares line through values at 0, 1, 2, …; `None` for fewer than three
/// values.
pub fn slope(values: &[f64]) -> Option<f64> {
    if values.len() < 3 {
        return None;
    }
    let n = values.len() as f64;
    let (middle, mean) = ((n - 1.0) / 2.0, values.iter().sum::<f64>() / n);
    let (mut along, mut square) = (0.0, 0.0);
    for (i, value) in values.iter().enumerate() {
        let x = i as f64 - middle;
        along += x * (value - mean);
        square += x * x;
    }
    Some(along / square)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_that_of_the_line() {
        let line: Vec<f64> = (0..40).map(|i| 2.0 + 0.03 * f64::from(i) + if i % 2 == 0 { 0.1 } else { -0.1 }).collect();
        assert!((slope(&line).unwrap() - 0.03).abs() < 1e-3);
        assert_eq!((slope(&[1.0; 5]), slope(&[1.0, 2.0])), (Some(0.0), None));
    }
}
