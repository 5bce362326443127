//! Short-time spectra of the segment, computed once and shared by all descriptors except the key.

use std::ops::Range;
use std::sync::LazyLock;

use super::super::stft::Stft;

/// Sample rate of the described audio, in Hz.
pub(super) const RATE: f32 = 44_100.0;
/// Frame length in samples (46 ms).
const N_FFT: usize = 2048;
/// Hop length in samples (11.6 ms).
const HOP: usize = 512;
/// Frames per second.
pub(super) const FRAME_RATE: f32 = RATE / HOP as f32;
/// Bin width in Hz.
const BIN_HZ: f32 = RATE / N_FFT as f32;
/// [`Frames::power`] of a signal whose mean square is 1: half the spectrum, times Σ w² = 3/8 of a Hann window.
pub(super) const FULL_SCALE: f32 = N_FFT as f32 * N_FFT as f32 * 3.0 / 16.0;
/// Number of bands of [`Frames::bands`].
pub(super) const BANDS: usize = 40;
/// The number of bands that count as bass: 32 to 161 Hz, by the bins' edges.
pub(super) const BASS_BANDS: usize = 3;
/// Lower bins are inaudible, and a constant offset leaks into them.
const LOWEST_BIN: usize = 2;
/// The first bin above 150 Hz (centre 150.7 Hz).
const BASS_END: usize = 7;
/// The octaves over which flatness is computed, in bins: 500 Hz to 8 kHz.
const OCTAVES: [Range<usize>; 4] = [23..46, 46..93, 93..186, 186..372];
/// An octave whose bins lie 70 dB below the frame's power is empty, not noisy.
const FLATNESS_FLOOR: f32 = 1e-7;
/// A bin zeroed by the codec counts as 60 dB below its octave's mean.
const DEAD: f32 = 1e-6;

static STFT: LazyLock<Stft> = LazyLock::new(|| Stft::new(N_FFT, HOP));
static EDGES: LazyLock<[usize; BANDS + 1]> = LazyLock::new(edges);

/// Features of each frame. Only frames wholly inside the segment count, so that its boundaries are not taken for
/// onsets.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// Frame-major power of [`BANDS`] bands from 32 Hz to 16 kHz: two bins wide at the bottom, a sixth of an octave
    /// higher up.
    pub bands: Vec<f32>,
    /// Power above 32 Hz.
    pub power: Vec<f32>,
    /// Power from 32 to 150 Hz.
    pub bass: Vec<f32>,
    /// Spectral centroid of the magnitudes, in Hz.
    pub centroid: Vec<f32>,
    /// Spectral flatness, 0 to 1; see [`flatness`].
    pub flatness: Vec<f32>,
}

impl Frames {
    /// The frames of finite samples at [`RATE`]; none if shorter than one frame.
    pub fn of(samples: &[f32]) -> Frames {
        let whole = N_FFT / 2 / HOP..(samples.len() + HOP).saturating_sub(N_FFT / 2) / HOP;
        let mut frames = Frames::default();
        frames.bands.reserve(whole.len() * BANDS);
        let mut magnitude = [0.0f32; N_FFT / 2 + 1];
        STFT.power_frames(samples, |t, bins| {
            if whole.contains(&t) && t * HOP + N_FFT / 2 <= samples.len() {
                frames.push(bins, &mut magnitude);
            }
        });
        frames
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.power.len()
    }

    /// Frames at most 60 dB below the loudest: silence tells nothing about timbre.
    pub fn sounding(&self) -> impl Iterator<Item = usize> + '_ {
        let floor = self.power.iter().fold(0.0f32, |a, &b| a.max(b)) * 1e-6;
        (0..self.len()).filter(move |&t| self.power[t] > floor)
    }

    fn push(&mut self, bins: &[f32], magnitude: &mut [f32]) {
        for band in EDGES.windows(2) {
            self.bands.push(bins[band[0]..band[1]].iter().sum());
        }
        let bass: f32 = bins[LOWEST_BIN..BASS_END].iter().sum();
        let power = bass + sum(&bins[BASS_END..]);
        self.bass.push(bass);
        self.power.push(power);
        self.flatness.push(flatness(bins, power));
        for (m, p) in magnitude.iter_mut().zip(bins) {
            *m = p.sqrt();
        }
        self.centroid.push(centroid(&magnitude[LOWEST_BIN..]));
    }
}

/// Band edges, in bins.
fn edges() -> [usize; BANDS + 1] {
    let mut edges = [LOWEST_BIN; BANDS + 1];
    let mut at = LOWEST_BIN as f32;
    for edge in &mut edges[1..] {
        at = (at + 2.0).max(at * 2f32.powf(1.0 / 6.0));
        *edge = at.round() as usize;
    }
    edges
}

/// Σ x in eight lanes, so that the compiler can vectorise.
fn sum(values: &[f32]) -> f32 {
    let chunks = values.chunks_exact(8);
    let rest: f32 = chunks.remainder().iter().sum();
    let mut lanes = [0.0f32; 8];
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += x;
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// Σ f·m / Σ m in Hz over the bins from [`LOWEST_BIN`] on; 0 if all are zero.
fn centroid(magnitude: &[f32]) -> f32 {
    let (mut total, mut moment) = ([0.0f32; 8], [0.0f32; 8]);
    let mut k = [0f32, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0].map(|k| k + LOWEST_BIN as f32);
    for chunk in magnitude.chunks(8) {
        for (((total, moment), k), m) in total.iter_mut().zip(&mut moment).zip(&mut k).zip(chunk) {
            *total += m;
            *moment += *k * m;
            *k += 8.0;
        }
    }
    let total: f32 = total.iter().sum();
    if total > 0.0 { moment.iter().sum::<f32>() / total * BIN_HZ } else { 0.0 }
}

/// The ratio of geometric to arithmetic mean of the power bins within each octave from 500 Hz to 8 kHz, averaged with
/// the octaves' amplitudes as weights. Computed within octaves, because a spectral slope is not tonality; divided by
/// e^−γ = 0.561, its value for Gaussian noise, so that noise of any colour gives 1.
fn flatness(bins: &[f32], power: f32) -> f32 {
    const GAUSSIAN: f32 = 0.561_459_5;
    let floor = power * FLATNESS_FLOOR;
    let (mut weights, mut total) = (0.0, 0.0);
    for octave in OCTAVES {
        let bins = &bins[octave];
        let n = bins.len() as f32;
        let sum = sum(bins);
        let scale = 1.0 / (sum / n + floor).max(f32::MIN_POSITIVE);
        // One logarithm per eight values: their product stays within an f64.
        let log: f64 =
            bins.chunks(8).map(|c| c.iter().map(|p| f64::from((p * scale).max(DEAD))).product::<f64>().ln()).sum();
        let weight = sum.sqrt();
        weights += weight;
        total += weight * (log as f32 / n).exp();
    }
    if weights > 0.0 { (total / weights / GAUSSIAN).min(1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::signals::{pink, sine, white};
    use super::*;

    fn mean(values: &[f32]) -> f32 {
        values.iter().sum::<f32>() / values.len() as f32
    }

    #[test]
    fn bands_are_where_they_are_said_to_be() {
        let edges = edges();
        assert!(edges.windows(2).all(|e| e[1] >= e[0] + 2), "{edges:?}");
        assert!((15_000..17_000).contains(&((edges[BANDS] as f32 * BIN_HZ) as u32)), "{edges:?}");
        assert!((edges[BASS_BANDS] as f32 - 0.5) * BIN_HZ < 165.0);
        for hz in [60.0, 440.0, 3000.0, 12_000.0] {
            let frames = Frames::of(&sine(hz, 0.5));
            let row = &frames.bands[10 * BANDS..11 * BANDS];
            let loudest = (0..BANDS).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
            let bin = (hz / BIN_HZ).round() as usize;
            assert!((edges[loudest]..edges[loudest + 1]).contains(&bin), "{hz}: {loudest} {edges:?}");
        }
    }

    #[test]
    fn only_whole_frames_count() {
        for (len, frames) in [(2047, 0), (2048, 1), (2559, 1), (2560, 2), (44_100, 83)] {
            assert_eq!(Frames::of(&white(1.0, 1)[..len]).len(), frames, "{len}");
        }
    }

    #[test]
    fn the_centroid_of_a_sine_is_its_frequency() {
        for hz in [100.0, 440.0, 1000.0, 5000.0, 15_000.0] {
            let centroid = mean(&Frames::of(&sine(hz, 2.0)).centroid);
            assert!((centroid - hz).abs() < 5.0 + 0.005 * hz, "{hz}: {centroid}");
        }
        // White noise: half of 22,050 Hz.
        assert!((mean(&Frames::of(&white(2.0, 1)).centroid) - 11_025.0).abs() < 100.0);
    }

    #[test]
    fn noise_of_any_colour_is_flat_and_a_tone_is_not() {
        let flat = |sound: &[f32]| mean(&Frames::of(sound).flatness);
        assert!(flat(&white(2.0, 1)) > 0.95 && flat(&pink(2.0, 1)) > 0.95);
        for hz in [60.0, 440.0, 1000.0, 5000.0] {
            assert!(flat(&sine(hz, 2.0)) < 0.05, "{hz}");
        }
        // The more noise beside a tone, the noisier.
        let mixed = [0.0, 0.01, 0.1, 1.0].map(|noise| {
            let sound: Vec<f32> = sine(1000.0, 2.0).iter().zip(white(2.0, 1)).map(|(s, n)| s + noise * n).collect();
            flat(&sound)
        });
        assert!(mixed.is_sorted_by(|a, b| a < b), "{mixed:?}");
    }

    #[test]
    fn bass_is_what_lies_under_150_hz() {
        let share = |hz| {
            let frames = Frames::of(&sine(hz, 1.0));
            mean(&frames.bass) / mean(&frames.power)
        };
        assert!(share(60.0) > 0.99 && share(110.0) > 0.99 && share(200.0) < 0.01 && share(1000.0) < 1e-4);
        // Pink noise has as much in every octave: 32 to 150 Hz of 32 to 22,050 Hz, 2.2 octaves of 9.4.
        let frames = Frames::of(&pink(10.0, 1));
        let pink = mean(&frames.bass) / mean(&frames.power);
        assert!((pink - 0.236).abs() < 0.03, "{pink}");
    }
}
