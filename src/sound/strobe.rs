//! The strobe image: 128 mel frames sampled from 30 s of audio, as a picture of 128 × 128 grey levels.
//!
//! The recipe: mono at 44.1 kHz; STFT (2048, hop 512, periodic Hann, centred, zero-padded at the ends); power; 128
//! Slaney mel bands from 0 to 22,050 Hz; decibels relative to the segment's own maximum, floored at −80; of the T
//! frames, those at `floor((j + 0.5) / 128 · T)`; the range of *all* T frames scaled to 0..255. So an image captures
//! timbre and arrangement, but no rhythm finer than 0.23 s.
//!
//! The decoded samples must match those that the encoders were trained on: mono as the mean of the channels, at full
//! scale (no normalising), without the encoder delay and padding that the file states (mp3: the LAME tag's delay + 529
//! samples, usually 1,105, which is symphonia's default `gapless(true)`; nothing if the file states none). Then eight
//! real clips come within 0.13–0.19 of 255 of independently computed images; with the delay left in, the error is
//! 2.8–7.0 (`tests/golden_strobe.rs` prints both). The remaining difference is due to the mp3 decoder.

use std::fmt;
use std::sync::LazyLock;

use super::mel::{Mel, MelConfig, power_to_db};
use super::segments::{SEGMENT_SECS, tile};

/// Sample rate of the input, in Hz; audio at other rates must be resampled first.
pub const RATE: u32 = 44_100;
/// Mel bands, the rows of an image.
pub const BANDS: usize = 128;
/// Time steps, the columns of an image.
pub const STEPS: usize = 128;
/// Bytes of a packed image.
pub const PACKED: usize = BANDS * STEPS / 2;

/// Samples of a segment.
const FULL: usize = (SEGMENT_SECS as usize) * RATE as usize;
/// A segment at least this long is used as it is instead of being tiled: 30-s clips are often some frames short, and
/// since columns are placed proportionally, 3 % more or less make no visible difference.
const NEARLY_FULL: usize = FULL / 30 * 29;
/// Audio whose standard deviation is below this (−80 dBFS) counts as silence: it is three 16-bit steps, dither and
/// hiss, which an image scaled to its own maximum would show as if it were music. The mean is subtracted, so a constant
/// offset is silence too.
const SILENCE_RMS: f64 = 1e-4;

static MEL: LazyLock<Mel> = LazyLock::new(|| {
    Mel::new(MelConfig { rate: RATE, n_fft: 2048, hop: 512, bands: BANDS, fmin: 0.0, fmax: RATE as f32 / 2.0 })
});

/// An image of [`BANDS`] × [`STEPS`] grey levels, band-major, the lowest band first.
#[derive(Clone, PartialEq, Eq)]
pub struct Strobe(Box<[u8]>);

impl Strobe {
    /// An image from its grey levels, band-major; `None` unless there are exactly [`BANDS`] × [`STEPS`].
    pub fn from_pixels(pixels: &[u8]) -> Option<Strobe> {
        (pixels.len() == BANDS * STEPS).then(|| Strobe(pixels.into()))
    }

    /// The grey levels, band-major: band b, step j at `b · STEPS + j`.
    pub fn pixels(&self) -> &[u8] {
        &self.0
    }

    /// Packs to four bits per grey level, the format of the cache and the training images: band-major, 64 bytes per
    /// band, two time steps per byte with the earlier one in the high nibble.
    pub fn pack(&self) -> [u8; PACKED] {
        let mut out = [0; PACKED];
        for (byte, pair) in out.iter_mut().zip(self.0.chunks_exact(2)) {
            *byte = (pair[0] & 0xf0) | (pair[1] >> 4);
        }
        out
    }

    /// Unpacks an image: a nibble v becomes the middle of its sixteen levels, 16·v + 8.
    pub fn unpack(packed: &[u8; PACKED]) -> Strobe {
        Strobe(packed.iter().flat_map(|byte| [byte & 0xf0 | 8, byte << 4 | 8]).collect())
    }
}

impl fmt::Debug for Strobe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mean = self.0.iter().map(|&v| f64::from(v)).sum::<f64>() / self.0.len() as f64;
        write!(f, "Strobe {{ mean: {mean:.1} }}")
    }
}

/// The strobe image of one segment of mono samples at 44.1 kHz. Samples beyond 30 s are ignored; shorter segments are
/// tiled to 30 s, unless they have at least 29 s. `None` for silence (a standard deviation below −80 dBFS, so also a
/// constant offset), for an empty segment, and if any sample is not finite.
pub fn strobe(samples_44k1: &[f32]) -> Option<Strobe> {
    let samples = &samples_44k1[..samples_44k1.len().min(FULL)];
    if !is_sound(samples) {
        return None;
    }
    let want = if samples.len() >= NEARLY_FULL { samples.len() } else { FULL };
    let samples = tile(samples, want);

    let frames = MEL.frames(samples.len());
    // The extremes are tracked per band so that the compiler can vectorise.
    let (mut lowest, mut highest) = ([f32::INFINITY; BANDS], [0.0f32; BANDS]);
    let mut image = vec![0.0; BANDS * STEPS];
    let mut step = 0;
    MEL.power_frames(&samples, |t, bands| {
        for ((low, high), &power) in lowest.iter_mut().zip(&mut highest).zip(bands) {
            *low = low.min(power);
            *high = high.max(power);
        }
        // frames is at least STEPS, so no frame is kept twice.
        if step < STEPS && t == (2 * step + 1) * frames / (2 * STEPS) {
            for (b, &power) in bands.iter().enumerate() {
                image[b * STEPS + step] = power;
            }
            step += 1;
        }
    });

    // Decibels are monotonic in power, so the two extremes suffice for the range of all frames.
    let highest = highest.into_iter().fold(0.0, f32::max);
    let mut range = [lowest.into_iter().fold(f32::INFINITY, f32::min), highest];
    power_to_db(&mut range, highest, Some(80.0));
    let [low, high] = range;
    // Not finite if the samples are so large that their power overflows.
    if !high.is_finite() || high <= low {
        return None;
    }
    power_to_db(&mut image, highest, None);
    Some(Strobe(image.iter().map(|db| grey((db.max(low) - low) / (high - low))).collect()))
}

/// Scales 0..1 to 0..255.
pub(super) fn grey(part: f32) -> u8 {
    (part * 255.0).round() as u8
}

/// Whether the samples are finite and their standard deviation is at least [`SILENCE_RMS`].
pub(super) fn is_sound(samples: &[f32]) -> bool {
    // Eight lanes, again so that it vectorises; f64, so that a large mean leaves digits for a small variance.
    let (mut sum, mut squares) = ([0.0f64; 8], [0.0f64; 8]);
    for chunk in samples.chunks(8) {
        for ((sum, squares), &x) in sum.iter_mut().zip(&mut squares).zip(chunk) {
            *sum += f64::from(x);
            *squares += f64::from(x) * f64::from(x);
        }
    }
    let n = samples.len().max(1) as f64;
    let variance = squares.iter().sum::<f64>() / n - (sum.iter().sum::<f64>() / n).powi(2);
    // False for NaN and infinity too.
    variance.is_finite() && variance >= SILENCE_RMS * SILENCE_RMS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic noise of an amplitude.
    fn noise(n: usize, amplitude: f32) -> Vec<f32> {
        let mut state = 1u32;
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                amplitude * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
            })
            .collect()
    }

    #[test]
    fn silence_gives_none() {
        assert!(strobe(&[]).is_none());
        assert!(strobe(&vec![0.0; FULL]).is_none());
        assert!(strobe(&vec![0.7; FULL]).is_none(), "an offset alone is silence");
        assert!(strobe(&noise(FULL, 5e-5)).is_none(), "dither is silence");
        let offset: Vec<f32> = noise(FULL, 5e-5).iter().map(|x| x + 0.3).collect();
        assert!(strobe(&offset).is_none());
        let mut broken = noise(FULL, 0.5);
        broken[1000] = f32::NAN;
        assert!(strobe(&broken).is_none());
        broken[1000] = f32::INFINITY;
        assert!(strobe(&broken).is_none());
        assert!(strobe(&noise(FULL, 1e-3)).is_some(), "quiet is not silent");
    }

    #[test]
    fn loudness_does_not_show() {
        let image = strobe(&noise(FULL, 0.5));
        let quieter = strobe(&noise(FULL, 0.25));
        assert!(image.is_some());
        assert_eq!(image, quieter, "halving is exact in binary, and the maximum is taken off");
    }

    #[test]
    fn short_sound_is_tiled_and_long_sound_cut() {
        let one = noise(RATE as usize * 7, 0.5);
        assert_eq!(strobe(&one), strobe(&one.iter().copied().cycle().take(FULL).collect::<Vec<_>>()));
        let long = noise(FULL + 44_100, 0.5);
        assert_eq!(strobe(&long), strobe(&long[..FULL]));
        assert!(strobe(&[0.5, -0.5]).is_some(), "two samples are a very high tone");
    }

    #[test]
    fn time_runs_along_the_rows() {
        // Noise in the second half only: columns from 64 on are bright in every band.
        let mut half = vec![0.0; FULL / 2];
        half.extend(noise(FULL / 2, 0.5));
        let image = strobe(&half).unwrap();
        for band in image.pixels().chunks(STEPS) {
            assert!(band[..63].iter().all(|&v| v == 0) && band[65..].iter().all(|&v| v > 100), "{band:?}");
        }
    }

    #[test]
    fn packing_keeps_the_upper_four_bits() {
        let pixels: Vec<u8> = (0..BANDS * STEPS).map(|i| (i * 7 % 256) as u8).collect();
        let image = Strobe::from_pixels(&pixels).unwrap();
        let packed = image.pack();
        assert_eq!(packed[0], (pixels[0] & 0xf0) | (pixels[1] >> 4));
        assert_eq!(packed[64], (pixels[STEPS] & 0xf0) | (pixels[STEPS + 1] >> 4), "64 bytes a band");
        let back = Strobe::unpack(&packed);
        assert!(pixels.iter().zip(back.pixels()).all(|(&a, &b)| b == a / 16 * 16 + 8));
        assert_eq!(back.pack(), packed);
        assert!(Strobe::from_pixels(&pixels[1..]).is_none());
    }
}
