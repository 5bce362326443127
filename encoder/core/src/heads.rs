//! The heads that exist in training only: one guesses the image from the latent (§6.1 of the paper), one guesses
//! descriptors of the sound (§6.2). They are in checkpoints, after all other parameters, and not in weights files.

use crate::DIMS;
use crate::net::Plan;

/// Width of the decoder's hidden layer.
pub(crate) const HIDDEN: usize = 256;
/// Bands and steps of the coarse image that it guesses.
pub(crate) const BANDS: usize = 16;
pub(crate) const STEPS: usize = 32;
/// The image's values, band by band.
pub(crate) const PIXELS: usize = BANDS * STEPS;
/// The fewest clips of which a descriptor must be known for its R², which says nothing of a few.
const LEAST: usize = 20;

/// Which heads a network has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heads {
    /// Whether it has the decoder: a hidden layer, and the coarse image.
    pub decode: bool,
    /// Number of descriptors that a linear layer guesses; 0 without that layer.
    pub describe: usize,
}

impl Heads {
    /// Adds their tensors.
    pub fn plan(self, plan: &mut Plan) {
        if self.decode {
            plan.dense("decode.hidden", DIMS, HIDDEN, true);
            plan.dense("decode.out", HIDDEN, PIXELS, true);
        }
        if self.describe > 0 {
            plan.dense("describe", DIMS, self.describe, true);
        }
    }
}

/// What the heads guess of a clip; empty without the head.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Guessed {
    /// The coarse image, as [`Aims::images`](crate::aims::Aims::images).
    pub image: Vec<f32>,
    /// The descriptors, as [`Aims::descriptors`](crate::aims::Aims::descriptors).
    pub descriptors: Vec<f32>,
}

/// How well the heads guess.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Guesses {
    /// Squared error of the coarse images, as a share of that of the training clips' mean in every band.
    pub reconstruction: Option<f64>,
    /// The explained share of each descriptor's variance (R²), over the clips where it is known; `None` where fewer than
    /// 20 are, or they are all alike.
    pub described: Vec<Option<f64>>,
}

/// Squared errors of guesses, added clip by clip.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    /// Of the guessed images, and of the mean.
    image: [f64; 2],
    /// Of each descriptor.
    descriptors: Vec<Off>,
}

/// Sums over the clips of which a descriptor is known.
#[derive(Clone, Copy, Debug, Default)]
struct Off {
    clips: usize,
    /// Of the squared error, the value, and its square.
    error: f64,
    value: f64,
    square: f64,
}

impl Errors {
    /// Adds a clip: what is guessed of it, and what is so. Unknown descriptors are NaN.
    pub fn add(&mut self, guessed: &Guessed, own: &Guessed) {
        for (said, own) in guessed.image.iter().zip(&own.image) {
            let own = f64::from(*own);
            self.image[0] += (f64::from(*said) - own).powi(2);
            self.image[1] += own * own;
        }
        self.descriptors.resize(guessed.descriptors.len(), Off::default());
        for ((off, said), own) in self.descriptors.iter_mut().zip(&guessed.descriptors).zip(&own.descriptors) {
            let own = f64::from(*own);
            if own.is_finite() {
                off.clips += 1;
                off.error += (f64::from(*said) - own).powi(2);
                off.value += own;
                off.square += own * own;
            }
        }
    }

    /// What they come to.
    pub fn guesses(&self) -> Guesses {
        let explained = |off: &Off| {
            let clips = off.clips.max(1) as f64;
            let spread = off.square - off.value * off.value / clips;
            (off.clips >= LEAST && spread > 1e-9 * clips).then(|| 1.0 - off.error / spread)
        };
        Guesses {
            reconstruction: (self.image[1] > 0.0).then(|| self.image[0] / self.image[1]),
            described: self.descriptors.iter().map(explained).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(image: &[f32], descriptors: &[f32]) -> Guessed {
        Guessed { image: image.into(), descriptors: descriptors.into() }
    }

    #[test]
    fn errors_of_images_are_shares_of_those_of_the_mean() {
        let mut errors = Errors::default();
        errors.add(&clip(&[0.0, 1.0], &[]), &clip(&[2.0, 1.0], &[]));
        errors.add(&clip(&[0.0, 0.0], &[]), &clip(&[0.0, -1.0], &[]));
        // 4 + 1 of 4 + 1 + 1.
        assert!((errors.guesses().reconstruction.unwrap() - 5.0 / 6.0).abs() < 1e-12);
        assert_eq!(Errors::default().guesses(), Guesses::default());
    }

    #[test]
    fn a_descriptor_needs_enough_clips_that_differ() {
        let mut errors = Errors::default();
        for i in 0..LEAST {
            let even = i % 2 == 0;
            // The first is 1 or 3, and 1 or 2 is guessed; the second is known of one clip too few, the third always alike.
            let own = [if even { 1.0 } else { 3.0 }, if i == 0 { f32::NAN } else { i as f32 }, 5.0];
            errors.add(&clip(&[], &[if even { 1.0 } else { 2.0 }, 0.0, 4.0]), &clip(&[], &own));
        }
        assert_eq!(errors.guesses().described, [Some(0.5), None, None]);
    }
}
