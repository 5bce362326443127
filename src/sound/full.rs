//! The full mel image: every frame of the first 29.7 s, 128 bands × 1280 frames, the input format of the published
//! networks.
//!
//! Mono at 22,050 Hz; STFT (2048, hop 512, periodic Hann, centred, zero-padded); power; 128 Slaney mel bands from 0 to 11,025 Hz;
//! the first 1280 frames; decibels below their own maximum, floored at −80; their range scaled to 0..255. Shorter audio is
//! followed by silence.

use std::sync::LazyLock;

use super::mel::{Mel, MelConfig, power_to_db};
use super::strobe::{grey, is_sound};

/// Sample rate of the input, in Hz; audio at other rates must be resampled first.
pub const RATE: u32 = 22_050;
/// Mel bands, the rows of an image.
pub const BANDS: usize = 128;
/// Frames, the columns of an image.
pub const STEPS: usize = 1280;
/// Bytes of a packed image.
pub const PACKED: usize = BANDS * STEPS / 2;

/// Samples from one frame to the next.
pub(super) const HOP: usize = 512;
const N_FFT: usize = 2048;
/// Samples from the first that the first frame is centred on to the last that the last one sees.
const FULL: usize = (STEPS - 1) * HOP + N_FFT / 2;

/// The mel spectrogram of all images and traces.
pub(super) static MEL: LazyLock<Mel> = LazyLock::new(|| {
    Mel::new(MelConfig { rate: RATE, n_fft: N_FFT, hop: HOP, bands: BANDS, fmin: 0.0, fmax: RATE as f32 / 2.0 })
});

/// The packed full mel image of mono samples at 22,050 Hz: [`PACKED`] bytes, band-major, the lowest band first, 640
/// bytes per band, two frames per byte with the earlier one in the high nibble. `None` for silence, for an empty input,
/// and if a sample is not finite, as in [`super::strobe()`].
pub fn full(samples_22k05: &[f32]) -> Option<Vec<u8>> {
    let mut image = powers(samples_22k05)?;
    let highest = image.iter().copied().fold(0.0, f32::max);
    power_to_db(&mut image, highest, Some(80.0));
    let (low, high) = image.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), &db| (l.min(db), h.max(db)));
    // Not finite: samples so large that their power overflows.
    if !highest.is_finite() || !low.is_finite() || high <= low {
        return None;
    }
    let level = |db: f32| grey((db - low) / (high - low));
    Some(image.chunks_exact(2).map(|pair| (level(pair[0]) & 0xf0) | (level(pair[1]) >> 4)).collect())
}

/// The powers of all bands and frames, band-major, of the first [`FULL`] samples; shorter sound is followed by silence.
/// `None` for silence, for an empty input, and if a sample is not finite.
pub(super) fn powers(samples_22k05: &[f32]) -> Option<Vec<f32>> {
    let heard = &samples_22k05[..samples_22k05.len().min(FULL)];
    if !is_sound(heard) {
        return None;
    }
    let mut samples = heard.to_vec();
    samples.resize(FULL, 0.0);
    let mut image = vec![0.0; BANDS * STEPS];
    MEL.power_frames(&samples, |t, bands| {
        if t < STEPS {
            for (b, &power) in bands.iter().enumerate() {
                image[b * STEPS + t] = power;
            }
        }
    });
    Some(image)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    fn sound(n: usize) -> Vec<f32> {
        let mut random = fastrand::Rng::with_seed(1);
        let tone = |i: usize| (2.0 * PI * (300.0 + i as f64 / 200.0) * i as f64 / f64::from(RATE)).sin() as f32;
        (0..n).map(|i| 0.4 * tone(i) + 0.01 * (random.f32() - 0.5)).collect()
    }

    /// The power of one band in one frame by the definition: a sum for every bin, a triangle over them.
    fn plain(samples: &[f32], band: usize, frame: usize) -> f64 {
        let at = |i: i64| if i < 0 { 0.0 } else { samples.get(i as usize).map_or(0.0, |x| f64::from(*x)) };
        let first = (frame * HOP) as i64 - N_FFT as i64 / 2;
        let windowed: Vec<f64> = (0..N_FFT)
            .map(|i| (0.5 - 0.5 * (2.0 * PI * i as f64 / N_FFT as f64).cos()) * at(first + i as i64))
            .collect();
        // Slaney's mel: linear to 1000 Hz, logarithmic above.
        let mel = |hz: f64| if hz < 1000.0 { hz * 3.0 / 200.0 } else { 15.0 + (hz / 1000.0).ln() * 27.0 / 6.4f64.ln() };
        let hz =
            |mel: f64| if mel < 15.0 { mel * 200.0 / 3.0 } else { 1000.0 * ((mel - 15.0) * 6.4f64.ln() / 27.0).exp() };
        let point = |i: usize| hz(mel(f64::from(RATE) / 2.0) * i as f64 / (BANDS + 1) as f64);
        let (left, centre, right) = (point(band), point(band + 1), point(band + 2));
        let mut sum = 0.0;
        for bin in 0..=N_FFT / 2 {
            let f = bin as f64 * f64::from(RATE) / N_FFT as f64;
            let weight = ((f - left) / (centre - left)).min((right - f) / (right - centre)).max(0.0);
            if weight > 0.0 {
                let turn = |i: usize| 2.0 * PI * ((bin * i) % N_FFT) as f64 / N_FFT as f64;
                let re: f64 = windowed.iter().enumerate().map(|(i, x)| x * turn(i).cos()).sum();
                let im: f64 = windowed.iter().enumerate().map(|(i, x)| x * turn(i).sin()).sum();
                sum += weight * 2.0 / (right - left) * (re * re + im * im);
            }
        }
        sum
    }

    #[test]
    fn it_is_what_the_definition_says() {
        let samples = sound(RATE as usize * 30);
        let image = full(&samples).unwrap();
        assert_eq!(image.len(), PACKED);
        let nibble = |b: usize, t: usize| image[b * STEPS / 2 + t / 2] >> (4 - 4 * (t % 2)) & 15;
        // Levels are relative to the loudest of the image; what is left of it is the range of 80 dB.
        let power = MEL.power(&samples[..FULL]);
        let frames = power.len() / BANDS;
        let of_image = (0..power.len()).filter(|at| at % frames < STEPS);
        let loudest = of_image.max_by(|a, b| power[*a].total_cmp(&power[*b])).unwrap();
        let top = plain(&samples, loudest / frames, loudest % frames);
        let places = [(3, 0), (3, 1), (14, 640), (20, 641), (60, 640), (100, 3), (127, 1279), (30, 1278), (12, 1000)];
        for (band, frame) in places {
            let db = 10.0 * (plain(&samples, band, frame).max(1e-10) / top).log10();
            let level = ((db.max(-80.0) + 80.0) / 80.0 * 255.0).round();
            let found = f64::from(nibble(band, frame)) * 16.0 + 8.0;
            assert!((found - level).abs() < 9.0, "band {band}, frame {frame}: {found} where {level} belongs");
        }
    }

    #[test]
    fn short_sound_is_followed_by_silence() {
        let image = full(&sound(RATE as usize * 10)).unwrap();
        let band = &image[..STEPS / 2];
        // Ten seconds are 431 frames, and two more see their end.
        assert!(band[..210].iter().any(|b| *b != 0) && band[218..].iter().all(|b| *b == 0));
        let long = sound(RATE as usize * 40);
        assert_eq!(full(&long), full(&long[..FULL]));
    }

    #[test]
    fn silence_gives_none() {
        assert_eq!(full(&[]), None);
        assert_eq!(full(&vec![0.5; FULL]), None);
        let mut broken = sound(FULL);
        broken[5] = f32::NAN;
        assert_eq!(full(&broken), None);
    }
}
