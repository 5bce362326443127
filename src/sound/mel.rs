//! Mel spectrograms that equal librosa's `feature.melspectrogram` and `power_to_db` (within 1e-3 dB: `tests/mel.rs`).

use super::stft::Stft;

/// Parameters of a mel spectrogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MelConfig {
    /// Sample rate of the signal in Hz.
    pub rate: u32,
    /// Frame length in samples.
    pub n_fft: usize,
    /// Hop length in samples.
    pub hop: usize,
    /// Number of mel bands.
    pub bands: usize,
    /// Lower edge of the lowest band in Hz.
    pub fmin: f32,
    /// Upper edge of the highest band in Hz.
    pub fmax: f32,
}

/// A planned mel spectrogram: STFT and filters are prepared once; may be shared between threads.
#[derive(Clone, Debug)]
pub struct Mel {
    config: MelConfig,
    stft: Stft,
    filters: Vec<Filter>,
}

/// One triangular filter: its non-zero weights, from bin `first` on.
#[derive(Clone, Debug)]
struct Filter {
    first: usize,
    weights: Vec<f32>,
}

impl Mel {
    /// Plans for a configuration. A band too narrow to hold a bin stays at zero power, as in librosa.
    pub fn new(config: MelConfig) -> Mel {
        let stft = Stft::new(config.n_fft, config.hop);
        Mel { config, filters: filters(&config, stft.bins()), stft }
    }

    /// Its parameters.
    pub fn config(&self) -> &MelConfig {
        &self.config
    }

    /// Number of frames T of a signal of `len` samples: `1 + len / hop`, and none of an empty one.
    pub fn frames(&self, len: usize) -> usize {
        self.stft.frames(len)
    }

    /// Calls `each(t, power)` for every frame in order; `power` has one value per band, the lowest first.
    pub fn power_frames(&self, samples: &[f32], mut each: impl FnMut(usize, &[f32])) {
        let mut bands = vec![0.0; self.filters.len()];
        self.stft.power_frames(samples, |t, bins| {
            for (band, filter) in bands.iter_mut().zip(&self.filters) {
                *band = dot(&filter.weights, &bins[filter.first..]);
            }
            each(t, &bands);
        });
    }

    /// The mel power spectrogram of mono samples in −1..1: bands × T values, band-major, the lowest band first.
    pub fn power(&self, samples: &[f32]) -> Vec<f32> {
        let frames = self.frames(samples.len());
        let mut out = vec![0.0; self.filters.len() * frames];
        self.power_frames(samples, |t, bands| {
            for (b, &power) in bands.iter().enumerate() {
                out[b * frames + t] = power;
            }
        });
        out
    }

    /// [`Self::power`] in decibels over a power of 1, the range cut to 80 dB below the loudest value.
    pub fn db(&self, samples: &[f32]) -> Vec<f32> {
        let mut power = self.power(samples);
        power_to_db(&mut power, 1.0, Some(80.0));
        power
    }
}

/// Converts powers to decibels in place: `10·log10(max(S, 1e-10) / max(reference, 1e-10))`; with `top_db`, values more
/// than that below the highest are raised to that floor. The same as librosa's `power_to_db` with `amin = 1e-10`.
pub fn power_to_db(power: &mut [f32], reference: f32, top_db: Option<f32>) {
    const AMIN: f32 = 1e-10;
    let offset = 10.0 * reference.max(AMIN).log10();
    let mut peak = f32::NEG_INFINITY;
    for p in power.iter_mut() {
        *p = 10.0 * p.max(AMIN).log10() - offset;
        peak = peak.max(*p);
    }
    if let Some(top) = top_db {
        for p in power.iter_mut() {
            *p = p.max(peak - top);
        }
    }
}

/// Σ a·b over the length of `a`, in eight lanes so that the compiler can vectorise.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let b = &b[..a.len()];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a8.remainder().iter().zip(b8.remainder()).map(|(x, y)| x * y).sum();
    let mut lanes = [0.0f32; 8];
    for (x, y) in a8.zip(b8) {
        for ((lane, x), y) in lanes.iter_mut().zip(x).zip(y) {
            *lane += x * y;
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// Triangles between neighbouring points that are equally spaced in mel, each of area 1 over frequency (Slaney's
/// Auditory Toolbox; librosa's `filters.mel` with `htk=False, norm="slaney"`).
fn filters(config: &MelConfig, bins: usize) -> Vec<Filter> {
    let (low, high) = (hz_to_mel(f64::from(config.fmin)), hz_to_mel(f64::from(config.fmax)));
    let point = |i: usize| mel_to_hz(low + (high - low) * i as f64 / (config.bands + 1) as f64);
    let hz = |bin: usize| bin as f64 * f64::from(config.rate) / config.n_fft.max(2) as f64;
    (0..config.bands)
        .map(|b| {
            let (left, centre, right) = (point(b), point(b + 1), point(b + 2));
            let area = 2.0 / (right - left);
            let weight = |bin: usize| {
                let (up, down) = ((hz(bin) - left) / (centre - left), (right - hz(bin)) / (right - centre));
                (up.min(down).max(0.0) * area) as f32
            };
            let first = (0..bins).find(|&bin| weight(bin) > 0.0).unwrap_or(0);
            let weights = (first..bins).map(weight).take_while(|&w| w > 0.0).collect();
            Filter { first, weights }
        })
        .collect()
}

/// The place of a frequency between the lowest band's lower edge, 0, and the highest band's upper edge, 1.
pub fn place(config: &MelConfig, hz: f64) -> f64 {
    let (low, high) = (hz_to_mel(f64::from(config.fmin)), hz_to_mel(f64::from(config.fmax)));
    (hz_to_mel(hz) - low) / (high - low)
}

// Slaney's mel scale: linear up to 1 kHz (15 mel), 27 mel for every factor of 6.4 above.
const LINEAR_HZ_A_MEL: f64 = 200.0 / 3.0;
const BREAK_HZ: f64 = 1000.0;
const BREAK_MEL: f64 = BREAK_HZ / LINEAR_HZ_A_MEL;

fn log_step() -> f64 {
    6.4f64.ln() / 27.0
}

fn hz_to_mel(hz: f64) -> f64 {
    if hz < BREAK_HZ { hz / LINEAR_HZ_A_MEL } else { BREAK_MEL + (hz / BREAK_HZ).ln() / log_step() }
}

fn mel_to_hz(mel: f64) -> f64 {
    if mel < BREAK_MEL { mel * LINEAR_HZ_A_MEL } else { BREAK_HZ * ((mel - BREAK_MEL) * log_step()).exp() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: MelConfig = MelConfig { rate: 44_100, n_fft: 2048, hop: 512, bands: 128, fmin: 0.0, fmax: 22_050.0 };

    #[test]
    fn the_scale_and_its_inverse() {
        assert!((hz_to_mel(1000.0) - 15.0).abs() < 1e-9);
        assert!((hz_to_mel(6400.0) - 42.0).abs() < 1e-9);
        for hz in [0.0, 60.0, 999.9, 1000.1, 22_050.0] {
            assert!((mel_to_hz(hz_to_mel(hz)) - hz).abs() < 1e-6);
        }
    }

    #[test]
    fn a_tone_lights_its_own_band() {
        let tone: Vec<f32> =
            (0..44_100).map(|i| (i as f32 * 3000.0 * std::f32::consts::TAU / 44_100.0).sin()).collect();
        let mel = Mel::new(CONFIG);
        let frames = mel.frames(tone.len());
        let power = mel.power(&tone);
        assert_eq!((frames, power.len()), (87, 128 * 87));
        let loudest = (0..128).max_by(|&a, &b| power[a * frames + 40].total_cmp(&power[b * frames + 40]));
        let step = hz_to_mel(22_050.0) / 129.0;
        let want = (hz_to_mel(3000.0) / step).round() as usize - 1;
        assert_eq!(loudest, Some(want));
    }

    #[test]
    fn decibels_are_floored_twice() {
        let mut power = [1.0, 1e-4, 1e-9, 0.0];
        power_to_db(&mut power, 1.0, None);
        assert_eq!(power.map(|p| p.round()), [0.0, -40.0, -90.0, -100.0]);
        let mut power = [100.0, 1.0, 0.0];
        power_to_db(&mut power, 100.0, Some(80.0));
        assert_eq!(power.map(|p| p.round()), [0.0, -20.0, -80.0]);
        power_to_db(&mut [], 1.0, Some(80.0));
    }

    #[test]
    fn senseless_configurations_do_no_harm() {
        for config in [
            MelConfig { bands: 0, ..CONFIG },
            MelConfig { fmin: 5000.0, fmax: 100.0, ..CONFIG },
            MelConfig { fmax: f32::NAN, ..CONFIG },
            MelConfig { n_fft: 0, hop: 0, rate: 0, ..CONFIG },
        ] {
            let mel = Mel::new(config);
            assert_eq!(mel.power(&[0.5; 100]).len(), config.bands * mel.frames(100));
        }
    }
}
