//! The patch: every frame of 3 s of audio at 16 kHz, 96 mel bands × 186 frames, at its absolute level.
//!
//! Mono at 16,000 Hz; STFT (512, hop 256, periodic Hann, frame i starting at sample 256·i, no padding); power; 96
//! Slaney mel bands from 0 to 8,000 Hz; 4 bits per value, v representing log10(1 + 10⁴ · power) = 0.4·v, rounded to the
//! nearest step and clipped at 15. `scripts/teacher.py` computes the same for the audio that encoders learn from.
//! Unlike a strobe image, a patch is not normalised to its own maximum: it preserves the track's level.

use std::sync::LazyLock;

use super::mel::{Mel, MelConfig};
use super::segments::tile;
use super::strobe::is_sound;

/// Sample rate of the input, in Hz; audio at other rates must be resampled first.
pub const RATE: u32 = 16_000;
/// Mel bands, the rows of an image.
pub const BANDS: usize = 96;
/// Frames, the columns of an image.
pub const STEPS: usize = 186;
/// Bytes of a packed image.
pub const PACKED: usize = BANDS * STEPS / 2;

const WINDOW: usize = 512;
const HOP: usize = 256;
/// Number of samples covered by all frames.
const FULL: usize = (STEPS - 1) * HOP + WINDOW;
/// The step size of a nibble.
const STEP: f64 = 0.4;

static MEL: LazyLock<Mel> = LazyLock::new(|| {
    Mel::new(MelConfig { rate: RATE, n_fft: WINDOW, hop: HOP, bands: BANDS, fmin: 0.0, fmax: RATE as f32 / 2.0 })
});

/// The power thresholds between adjacent nibble values.
static THRESHOLDS: LazyLock<[f32; 15]> =
    LazyLock::new(|| std::array::from_fn(|v| ((10f64.powf(STEP * (v as f64 + 0.5)) - 1.0) / 1e4) as f32));

/// The packed patch of mono samples at 16 kHz: [`PACKED`] bytes, band-major, the lowest band first, 93 bytes per band,
/// two frames per byte with the earlier one in the high nibble. Audio shorter than 3 s is repeated until it fills the
/// patch.
///
/// `None` for silence: audio whose standard deviation is below −80 dBFS (as in [`super::strobe()`]), or in which no
/// band exceeds the lowest level in any frame (a sine of 1 kHz does from about −69 dBFS on); for an empty input, and if
/// a sample is not finite.
pub fn patch(samples_16k: &[f32]) -> Option<Vec<u8>> {
    let samples = &samples_16k[..samples_16k.len().min(FULL)];
    if !is_sound(samples) {
        return None;
    }
    let samples = tile(samples, FULL);
    let mut nibbles = vec![0u8; BANDS * STEPS];
    let mut finite = true;
    MEL.power_frames(&samples, |t, bands| {
        // Frame t of the spectrogram is centred on sample 256·t: the first one wholly inside is the second.
        let Some(step) = t.checked_sub(1).filter(|step| *step < STEPS) else { return };
        for (row, &power) in nibbles.chunks_exact_mut(STEPS).zip(bands) {
            finite &= power.is_finite();
            row[step] = THRESHOLDS.iter().map(|level| u8::from(power >= *level)).sum();
        }
    });
    let heard = finite && nibbles.iter().any(|v| *v > 0);
    heard.then(|| nibbles.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// A sweep that grows from nothing, a soft tone and noise.
    fn sound(n: usize) -> Vec<f32> {
        let mut random = fastrand::Rng::with_seed(1);
        let sine = |hz: f64, i: usize| (TAU * hz * i as f64 / f64::from(RATE)).sin() as f32;
        (0..n)
            .map(|i| {
                let part = i as f32 / FULL as f32;
                0.5 * part * sine(200.0 + i as f64 / 20.0, i) + 0.01 * sine(5000.0, i) + 0.002 * (random.f32() - 0.5)
            })
            .collect()
    }

    /// A value of an image, unquantised, by the definition: a sum for every bin, a triangle over them.
    fn plain(samples: &[f32], band: usize, frame: usize) -> f64 {
        let windowed: Vec<f64> = (0..WINDOW)
            .map(|i| (0.5 - 0.5 * (TAU * i as f64 / WINDOW as f64).cos()) * f64::from(samples[frame * HOP + i]))
            .collect();
        // Slaney's mel: linear to 1000 Hz, logarithmic above.
        let mel = |hz: f64| if hz < 1000.0 { hz * 3.0 / 200.0 } else { 15.0 + (hz / 1000.0).ln() * 27.0 / 6.4f64.ln() };
        let hz =
            |mel: f64| if mel < 15.0 { mel * 200.0 / 3.0 } else { 1000.0 * ((mel - 15.0) * 6.4f64.ln() / 27.0).exp() };
        let point = |i: usize| hz(mel(8000.0) * i as f64 / (BANDS + 1) as f64);
        let (left, centre, right) = (point(band), point(band + 1), point(band + 2));
        let mut power = 0.0;
        for bin in 0..=WINDOW / 2 {
            let f = bin as f64 * f64::from(RATE) / WINDOW as f64;
            let weight = ((f - left) / (centre - left)).min((right - f) / (right - centre)).max(0.0);
            if weight > 0.0 {
                let turn = |i: usize| TAU * ((bin * i) % WINDOW) as f64 / WINDOW as f64;
                let re: f64 = windowed.iter().enumerate().map(|(i, x)| x * turn(i).cos()).sum();
                let im: f64 = windowed.iter().enumerate().map(|(i, x)| x * turn(i).sin()).sum();
                power += weight * 2.0 / (right - left) * (re * re + im * im);
            }
        }
        (1.0 + 1e4 * power).log10()
    }

    fn nibble(image: &[u8], band: usize, step: usize) -> u8 {
        image[(band * STEPS + step) / 2] >> (4 - 4 * (step % 2)) & 15
    }

    #[test]
    fn it_is_what_the_definition_says_within_half_a_step() {
        let samples = sound(3 * RATE as usize);
        let image = patch(&samples).unwrap();
        assert_eq!(image.len(), PACKED);
        let mut seen = std::collections::HashSet::new();
        for band in 0..BANDS {
            for step in (band % 5..STEPS).step_by(5).chain([0, 185]) {
                let (found, value) = (nibble(&image, band, step), plain(&samples, band, step));
                let off = (f64::from(found) * STEP - value.min(15.0 * STEP)).abs();
                assert!(off < STEP / 2.0 + 1e-3, "band {band}, frame {step}: {found} for {value}");
                seen.insert(found);
            }
        }
        assert!(seen.len() > 10, "the levels are used: {seen:?}");
    }

    #[test]
    fn less_than_a_patch_is_repeated_and_more_is_cut() {
        let long = sound(FULL + 5000);
        assert_eq!(patch(&long), patch(&long[..FULL]));
        let short = sound(RATE as usize);
        assert_eq!(patch(&short), patch(&[&short[..], &short, &short].concat()));
        assert!(patch(&short[..160]).is_some());
    }

    #[test]
    fn loudness_belongs_to_it_and_silence_is_none() {
        let tone = |level: f64| -> Vec<f32> {
            let amplitude = 10f64.powf(level / 20.0);
            (0..FULL).map(|i| (amplitude * (TAU * 1000.0 * i as f64 / 16_000.0).sin()) as f32).collect()
        };
        let loudest = |level| patch(&tone(level)).and_then(|image| image.iter().map(|b| b >> 4).max());
        // 20 dB are two decades of power, five steps of 0.4, as long as it is far from both ends.
        let levels = [0.0, -20.0, -40.0].map(|level| loudest(level).unwrap());
        assert_eq!((levels[0], levels[1] - levels[2]), (15, 5));
        assert_eq!((loudest(-67.0), loudest(-71.0)), (Some(1), None));
        for nothing in [&[][..], &[0.5; FULL], &[0.0; FULL]] {
            assert_eq!(patch(nothing), None);
        }
        for wrong in [f32::NAN, f32::INFINITY, 1e30] {
            let mut broken = sound(FULL);
            broken[5] = wrong;
            assert_eq!(patch(&broken), None);
        }
    }
}
