//! How a whole library differs from the corpus that its encoder was trained on. Relative to itself every dimension of a
//! library is N(0, 1) by definition, so it is compared with the encoder's frozen reference alone.

use serde::{Deserialize, Serialize};

use super::z::{Reference, against_reference};
use super::{DIMS, Latent};

/// One dimension of a library in the reference's normal scores; the reference itself has mean 0 and deviation 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Departure {
    /// The library's mean.
    pub mean: f32,
    /// The library's standard deviation.
    pub spread: f32,
}

impl Departure {
    /// The information of the dimension about the library, in nats: the KL divergence of N(mean, spread²) from N(0, 1).
    pub fn info(&self) -> f32 {
        let var = (self.spread * self.spread).max(1e-3);
        0.5 * (var + self.mean * self.mean - 1.0 - var.ln())
    }
}

/// Size of the sample of a library (standard error of a mean 0.011).
const SAMPLE: usize = 8192;

/// The departure of each dimension of `count` tracks, from at most 8,192 of them spread evenly; empty without a reference or
/// tracks.
pub fn departures(reference: &Reference, count: usize, latent: impl Fn(usize) -> Latent) -> Vec<Departure> {
    let step = count.div_ceil(SAMPLE).max(1);
    let sample: Vec<Latent> = (0..count).step_by(step).map(latent).collect();
    if reference.quantiles.is_empty() || sample.is_empty() {
        return Vec::new();
    }
    let scores = against_reference(reference, &sample);
    let n = scores.len() as f32;
    (0..DIMS)
        .map(|dim| {
            let mean = scores.iter().map(|z| z[dim]).sum::<f32>() / n;
            let square = scores.iter().map(|z| (z[dim] - mean) * (z[dim] - mean)).sum::<f32>();
            Departure { mean, spread: (square / n).sqrt() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_narrow_library_departs() {
        let reference = Reference { quantiles: (0..50).map(|i| [i as f32; DIMS]).collect(), ..Reference::default() };
        let same: Vec<Latent> = (0..50).map(|i| [i as f32; DIMS]).collect();
        let d = departures(&reference, 50, |i| same[i])[5];
        assert!(d.mean.abs() < 0.01 && (d.spread - 1.0).abs() < 0.1 && d.info() < 0.01, "{d:?}");
        let bright: Vec<Latent> = (0..50).map(|i| [40.0 + 0.1 * i as f32; DIMS]).collect();
        let d = departures(&reference, 50, |i| bright[i])[0];
        assert!(d.mean > 0.8 && d.spread < 0.5 && d.info() > 0.5, "{d:?}");
        assert!(departures(&Reference::default(), 50, |i| same[i]).is_empty());
        assert!(departures(&reference, 0, |i| same[i]).is_empty());
    }
}
