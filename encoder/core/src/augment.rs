//! Augmentation of images in training, so that the encoder learns the music and not the recording's
//! properties.

use serde::{Deserialize, Serialize};

use crate::strobe::{STEPS, Standard, grey, nibble};

/// The amount of augmentation; zeros mean none.
///
/// Strobe frames are 0.23 s apart, so stretching and rolling time is acceptable. Gain would have no effect, since an
/// image is relative to its own maximum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Augment {
    /// The shortest crop in time, as a share of the whole; the crop is stretched to full length and rolled.
    pub crop: f32,
    /// Maximum shift of the pitch in mel bands, in either direction.
    pub shift: usize,
    /// Number of masks over bands (SpecAugment; Park et al. 2019).
    pub band_masks: usize,
    /// Maximum width of such a mask in bands.
    pub band_width: usize,
    /// Number of masks over time.
    pub step_masks: usize,
    /// Maximum width of such a mask in steps.
    pub step_width: usize,
    /// Probability of silencing the top bands (from 5 kHz upwards), as MP3 encoders and low sample rates do.
    pub low_pass: f32,
    /// Probability of silencing quiet values in the upper bands, as MP3 encoders at low bit rates do.
    pub gate: f32,
    /// The highest level silenced by it, in nibbles of 5 dB above the floor.
    pub gate_level: u8,
    /// Maximum shift of the whole image in grey levels (255 are 80 dB).
    pub headroom: f32,
    /// Maximum shift of the lowest against the highest band in grey levels.
    pub tilt: f32,
    /// The α of mixup (Zhang et al. 2018) between the clips of a batch.
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
    /// No augmentation.
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

    /// Only masks, one over bands and one over steps, of at most these widths: suitable for patches of 3 s with
    /// absolute levels. All other augmentation is applied to the audio itself before the teacher processes it.
    pub fn masks(band_width: usize, step_width: usize) -> Augment {
        Augment { band_masks: 1, band_width, step_masks: 1, step_width, ..Augment::none() }
    }

    /// Appends an augmented, standardised image with one value per nibble. Masked values become the mean, 0.
    pub(crate) fn apply(&self, image: &[u8], standard: &Standard, rng: &mut fastrand::Rng, out: &mut Vec<f32>) {
        let bands = standard.mean.len();
        let (begin, wide) = (out.len(), 2 * image.len() / bands.max(1));
        let steps = self.steps(wide, rng);
        let shift = rng.isize(-(self.shift as isize)..=self.shift as isize);
        let move_all = self.headroom * spread(rng) / 255.0;
        let tilt = self.tilt * spread(rng) / 255.0;
        // From band 84 of 128 (5.3 kHz of 22.05 kHz) upwards.
        let cut = if rng.f32() < self.low_pass { rng.usize(bands * 21 / 32..bands) } else { bands };
        // From band 64 (2.5 kHz) upwards.
        let (gated, gate) = if rng.f32() < self.gate {
            (rng.usize(bands / 2..bands), rng.u8(0..=self.gate_level.min(15)))
        } else {
            (bands, 0)
        };
        for band in 0..bands {
            let from = band as isize - shift;
            let offset = move_all + tilt * (band as f32 / bands as f32 - 0.5);
            let level = |v: u8| {
                // The floor is kept.
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
            // The same length in seconds at each resolution of half a minute; patches are shorter.
            let scale = if bands == crate::strobe::BANDS { wide } else { STEPS };
            let (at, width) = mask(rng, self.step_width * scale / STEPS, wide);
            for row in pixels.chunks_exact_mut(wide) {
                row[at..at + width].fill(0.0);
            }
        }
    }

    /// The source step for each step of the result.
    fn steps(&self, wide: usize, rng: &mut fastrand::Rng) -> Vec<u16> {
        let shortest = ((self.crop.clamp(0.0, 1.0) * wide as f32) as usize).max(1);
        let length = rng.usize(shortest..=wide);
        let start = rng.usize(0..=wide - length);
        let roll = if shortest < wide { rng.usize(0..wide) } else { 0 };
        (0..wide).map(|j| (start + (j + roll) % wide * length / wide) as u16).collect()
    }

    /// The share that a clip keeps when it is mixed with another, ½ to 1: the larger of x and 1 − x
    /// for x from Beta(α, α).
    pub(crate) fn share(&self, rng: &mut fastrand::Rng) -> f32 {
        if self.mixup <= 0.0 {
            return 1.0;
        }
        let (a, b) = (gamma(self.mixup, rng), gamma(self.mixup, rng));
        let share = if a + b > 0.0 { a / (a + b) } else { 1.0 };
        share.max(1.0 - share) as f32
    }
}

/// Mixes every row of `size` numbers with the next one, and the last with the first, by the share that each keeps of itself.
/// A row that keeps all of itself stays as it is, whatever the other one holds: 0 · NaN would be NaN.
pub(crate) fn mix(rows: &mut [f32], size: usize, shares: &[f32]) {
    if size == 0 || shares.len() < 2 {
        return;
    }
    let first = rows[..size].to_vec();
    for (i, &share) in shares.iter().enumerate().filter(|(_, share)| **share < 1.0) {
        let (own, rest) = rows[i * size..].split_at_mut(size);
        let next = if rest.is_empty() { &first[..] } else { &rest[..size] };
        for (x, y) in own.iter_mut().zip(next) {
            *x = share * *x + (1.0 - share) * y;
        }
    }
}

/// A uniform number in −1..1.
fn spread(rng: &mut fastrand::Rng) -> f32 {
    2.0 * rng.f32() - 1.0
}

/// Start and width of a random mask of at most `widest`, within a length of `of`.
fn mask(rng: &mut fastrand::Rng, widest: usize, of: usize) -> (usize, usize) {
    let width = rng.usize(0..=widest.min(of));
    (rng.usize(0..=of - width), width)
}

/// A sample from Gamma(α, 1) for α ≤ 1 (Ahrens & Dieter 1974, GS).
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_mixed_with_the_next_and_kept_ones_are_left_alone() {
        let nan = f32::NAN;
        let mut rows = [1.0, nan, 5.0, 6.0, 2.0, nan];
        mix(&mut rows, 2, &[0.5, 1.0, 0.75]);
        // The last is mixed with the first as it was.
        assert!(rows[0] == 3.0 && rows[2..5] == [5.0, 6.0, 1.75], "{rows:?}");
        assert!(rows[1].is_nan() && rows[5].is_nan(), "{rows:?}");
    }
}
