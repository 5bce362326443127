//! What training does to a strobe image so that the encoder hears music and not the recording.

use serde::{Deserialize, Serialize};

use crate::strobe::{STEPS, Standard, grey, nibble};

/// How far an image may be changed. All zero: not at all.
///
/// Strobe frames lie 0.23 s apart, so stretching and rolling time is fair; gain has no effect, an image being relative
/// to its own maximum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Augment {
    /// The shortest crop of time, as a share of the whole; the crop is stretched to 128 steps and rolled.
    pub crop: f32,
    /// Mel bands by which the pitch moves, either way.
    pub shift: usize,
    /// Masks over bands, and the most bands of one (SpecAugment; Park et al. 2019).
    pub band_masks: usize,
    /// Bands of the widest mask.
    pub band_width: usize,
    /// Masks over time.
    pub step_masks: usize,
    /// Steps of the widest mask.
    pub step_width: usize,
    /// How often the top bands are silenced, 0 to 1, as MP3 encoders and low sample rates do (5 kHz upwards).
    pub low_pass: f32,
    /// How often what is soft in the upper bands is silenced, 0 to 1, as MP3 encoders at low rates do.
    pub gate: f32,
    /// The loudest of it, in nibbles of 5 dB above the floor.
    pub gate_level: u8,
    /// Grey levels (255 stand for 80 dB) by which the whole image may move.
    pub headroom: f32,
    /// Grey levels by which the lowest and the highest band may move against each other.
    pub tilt: f32,
    /// α of mixup (Zhang et al. 2018) between the clips of a batch.
    pub mixup: f32,
}

impl Default for Augment {
    fn default() -> Self {
        Augment {
            crop: 0.5,
            shift: 3,
            band_masks: 2,
            band_width: 8,
            step_masks: 2,
            step_width: 10,
            low_pass: 0.5,
            gate: 0.4,
            gate_level: 5,
            headroom: 12.0,
            tilt: 12.0,
            mixup: 0.0,
        }
    }
}

impl Augment {
    /// No change at all.
    pub fn none() -> Augment {
        Augment {
            crop: 1.0,
            shift: 0,
            band_masks: 0,
            band_width: 0,
            step_masks: 0,
            step_width: 0,
            low_pass: 0.0,
            gate: 0.0,
            gate_level: 0,
            headroom: 0.0,
            tilt: 0.0,
            mixup: 0.0,
        }
    }

    /// Masks alone, one over bands and one over steps, at most so wide: what 3 s of sound at its own level can take. Everything else
    /// is done to the sound itself, before the teacher hears it.
    pub fn masks(band_width: usize, step_width: usize) -> Augment {
        Augment { band_masks: 1, band_width, step_masks: 1, step_width, ..Augment::none() }
    }

    /// Appends a changed, standardised image of as many values as it has nibbles. Masks become the mean, 0.
    pub(crate) fn apply(&self, image: &[u8], standard: &Standard, rng: &mut fastrand::Rng, out: &mut Vec<f32>) {
        let bands = standard.mean.len();
        let (begin, wide) = (out.len(), 2 * image.len() / bands.max(1));
        let steps = self.steps(wide, rng);
        let shift = rng.isize(-(self.shift as isize)..=self.shift as isize);
        let move_all = self.headroom * spread(rng) / 255.0;
        let tilt = self.tilt * spread(rng) / 255.0;
        // From 5.3 kHz (band 84 of 128 up to 22.05 kHz) upwards.
        let cut = if rng.f32() < self.low_pass { rng.usize(bands * 21 / 32..bands) } else { bands };
        // From 2.5 kHz (band 64) upwards.
        let (gated, gate) = if rng.f32() < self.gate {
            (rng.usize(bands / 2..bands), rng.u8(0..=self.gate_level.min(15)))
        } else {
            (bands, 0)
        };
        for band in 0..bands {
            let from = band as isize - shift;
            let offset = move_all + tilt * (band as f32 / bands as f32 - 0.5);
            let level = |v: u8| {
                // The floor stays the floor.
                let grey = if v == 0 { grey(0) } else { (grey(v) + offset).clamp(grey(0), grey(15)) };
                (grey - standard.mean[band]) / standard.std[band]
            };
            let soft = if band >= gated { gate } else { 0 };
            let levels: [f32; 16] = std::array::from_fn(|v| level(if v as u8 <= soft { 0 } else { v as u8 }));
            if band >= cut || from >= bands as isize {
                out.resize(out.len() + wide, levels[0]);
            } else {
                let from = from.max(0) as usize;
                out.extend(steps.iter().map(|&s| levels[usize::from(nibble(image, wide, from, usize::from(s)))]));
            }
        }
        let pixels = &mut out[begin..];
        for _ in 0..self.band_masks {
            let (at, width) = mask(rng, self.band_width, bands);
            pixels[at * wide..(at + width) * wide].fill(0.0);
        }
        for _ in 0..self.step_masks {
            // As long in seconds whatever the resolution of half a minute; patches are shorter.
            let scale = if bands == crate::strobe::BANDS { wide } else { STEPS };
            let (at, width) = mask(rng, self.step_width * scale / STEPS, wide);
            for row in pixels.chunks_exact_mut(wide) {
                row[at..at + width].fill(0.0);
            }
        }
    }

    /// For every step of the result the step of the image that it shows.
    fn steps(&self, wide: usize, rng: &mut fastrand::Rng) -> Vec<u16> {
        let shortest = ((self.crop.clamp(0.0, 1.0) * wide as f32) as usize).max(1);
        let length = rng.usize(shortest..=wide);
        let start = rng.usize(0..=wide - length);
        let roll = if shortest < wide { rng.usize(0..wide) } else { 0 };
        (0..wide).map(|j| (start + (j + roll) % wide * length / wide) as u16).collect()
    }

    /// The share that a clip keeps when it is mixed with another, ½ to 1: Beta(α, α), folded.
    pub(crate) fn share(&self, rng: &mut fastrand::Rng) -> f32 {
        if self.mixup <= 0.0 {
            return 1.0;
        }
        let (a, b) = (gamma(self.mixup, rng), gamma(self.mixup, rng));
        let share = if a + b > 0.0 { a / (a + b) } else { 1.0 };
        share.max(1.0 - share) as f32
    }
}

/// Uniform in −1..1.
fn spread(rng: &mut fastrand::Rng) -> f32 {
    2.0 * rng.f32() - 1.0
}

/// Begin and width of a mask of at most `widest`.
fn mask(rng: &mut fastrand::Rng, widest: usize, of: usize) -> (usize, usize) {
    let width = rng.usize(0..=widest.min(of));
    (rng.usize(0..=of - width), width)
}

/// A Gamma(α, 1) number for α ≤ 1 (Ahrens & Dieter 1974, GS).
fn gamma(alpha: f32, rng: &mut fastrand::Rng) -> f64 {
    let alpha = f64::from(alpha.clamp(1e-3, 1.0));
    let b = 1.0 + alpha / std::f64::consts::E;
    loop {
        let p = b * rng.f64();
        let accept = 1.0 - rng.f64();
        if p <= 1.0 {
            let x = p.powf(1.0 / alpha);
            if accept <= (-x).exp() {
                return x;
            }
        } else {
            let x = -((b - p) / alpha).ln();
            if accept <= x.powf(alpha - 1.0) {
                return x;
            }
        }
    }
}
