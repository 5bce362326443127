//! The spread of a track's segments: how certain their mean is.

use super::{DIMS, Latent};

/// Quantisation step of a spread, in the latent's unit.
const STEP: f32 = 1.0 / 64.0;

/// The standard error of a track's mean in each dimension, from its segments: s/√k, one byte each in steps of 1/64, at
/// most 3.98. A track of one segment has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread([u8; DIMS]);

impl Spread {
    /// Unknown, as for a track of one segment.
    pub const UNKNOWN: Spread = Spread([u8::MAX; DIMS]);

    /// From the standard deviation over `segments` segments (dividing by their number), in the latent's unit.
    pub fn of(deviation: &Latent, segments: u8) -> Spread {
        if segments < 2 {
            return Spread::UNKNOWN;
        }
        // The standard error is s/√(k − 1), since the stored s divides by k.
        let error = 1.0 / f32::from(segments - 1).sqrt();
        Spread(deviation.map(|s| (s * error / STEP).round().clamp(0.0, 254.0) as u8))
    }

    /// The variance of the mean in a dimension counted from 0, in the latent's unit squared; `None` when it is not known.
    pub fn variance(&self, dim: usize) -> Option<f32> {
        let steps = *self.0.get(dim)?;
        (steps != u8::MAX).then(|| (f32::from(steps) * STEP).powi(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_kept_to_a_64th() {
        let mut deviation = [0.3; DIMS];
        deviation[1] = 99.0;
        let spread = Spread::of(&deviation, 3);
        assert!((spread.variance(0).unwrap().sqrt() - 0.3 / 2f32.sqrt()).abs() < 0.008);
        assert!(spread.variance(1).unwrap() > 15.0 && spread.variance(DIMS).is_none());
        assert_eq!((Spread::of(&deviation, 1), Spread::UNKNOWN.variance(0)), (Spread::UNKNOWN, None));
    }
}
