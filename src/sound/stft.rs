//! The short-time Fourier transform, as power: periodic Hann window, centred frames, zero-padded at both ends.

use std::f64::consts::TAU;
use std::fmt;
use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};

/// A planned STFT: frame t is centred on sample `t · hop`, and what lies before the first or after the last sample
/// is zero (librosa's `center=True, pad_mode="constant"`). Made once, used for any number of signals and threads.
#[derive(Clone)]
pub struct Stft {
    n_fft: usize,
    hop: usize,
    window: Vec<f32>,
    plan: Arc<dyn RealToComplex<f32>>,
}

impl Stft {
    /// Plans frames of `n_fft` samples (at least 2) every `hop` samples (at least 1); less is raised to that.
    pub fn new(n_fft: usize, hop: usize) -> Stft {
        let (n_fft, hop) = (n_fft.max(2), hop.max(1));
        // Periodic: the sample after the last would be the first zero again.
        let window = (0..n_fft).map(|i| (0.5 - 0.5 * (TAU * i as f64 / n_fft as f64).cos()) as f32).collect();
        Stft { n_fft, hop, window, plan: RealFftPlanner::new().plan_fft_forward(n_fft) }
    }

    /// Number of frequency bins, `n_fft / 2 + 1`; bin k lies at `k · rate / n_fft` Hz.
    pub fn bins(&self) -> usize {
        self.n_fft / 2 + 1
    }

    /// Number of frames of a signal of `len` samples: `1 + len / hop`, and none of an empty one.
    pub fn frames(&self, len: usize) -> usize {
        if len == 0 { 0 } else { 1 + len / self.hop }
    }

    /// Calls `each(t, power)` for every frame in order; `power` has [`Self::bins`] values |X|².
    pub fn power_frames(&self, samples: &[f32], mut each: impl FnMut(usize, &[f32])) {
        let half = self.n_fft / 2;
        let mut input = self.plan.make_input_vec();
        let mut spectrum = self.plan.make_output_vec();
        let mut scratch = self.plan.make_scratch_vec();
        let mut power = vec![0.0; self.bins()];
        for t in 0..self.frames(samples.len()) {
            // The frame covers samples[start - half .. start - half + n_fft], as far as they exist.
            let start = t * self.hop;
            let lead = half.saturating_sub(start).min(self.n_fft);
            let from = (start + lead).saturating_sub(half).min(samples.len());
            let here = &samples[from..samples.len().min(from + self.n_fft - lead)];
            input[..lead].fill(0.0);
            for ((out, x), w) in input[lead..].iter_mut().zip(here).zip(&self.window[lead..]) {
                *out = x * w;
            }
            input[lead + here.len()..].fill(0.0);
            // Fails only on buffers of a wrong length, and these come from the plan itself.
            if self.plan.process_with_scratch(&mut input, &mut spectrum, &mut scratch).is_err() {
                return;
            }
            for (p, x) in power.iter_mut().zip(&spectrum) {
                *p = x.re * x.re + x.im * x.im;
            }
            each(t, &power);
        }
    }
}

impl fmt::Debug for Stft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stft {{ n_fft: {}, hop: {} }}", self.n_fft, self.hop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(n_fft: usize, hop: usize, samples: &[f32]) -> Vec<Vec<f32>> {
        let mut out = Vec::new();
        Stft::new(n_fft, hop).power_frames(samples, |t, power| {
            assert_eq!(t, out.len());
            out.push(power.to_vec());
        });
        out
    }

    /// The definition, in f64 and without tricks.
    fn naive(n_fft: usize, hop: usize, samples: &[f32], t: usize, k: usize) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for i in 0..n_fft {
            let at = (t * hop + i) as i64 - (n_fft / 2) as i64;
            let x = usize::try_from(at).ok().and_then(|at| samples.get(at)).map_or(0.0, |&x| f64::from(x));
            let w = 0.5 - 0.5 * (TAU * i as f64 / n_fft as f64).cos();
            re += x * w * (TAU * (i * k) as f64 / n_fft as f64).cos();
            im -= x * w * (TAU * (i * k) as f64 / n_fft as f64).sin();
        }
        re * re + im * im
    }

    #[test]
    fn equals_the_definition_at_the_edges_too() {
        let samples: Vec<f32> = (0..333).map(|i| ((i * i) % 17) as f32 / 17.0 - 0.5).collect();
        for (n_fft, hop) in [(64, 16), (64, 100), (48, 7), (512, 30)] {
            let got = frames(n_fft, hop, &samples);
            assert_eq!(got.len(), 1 + 333 / hop);
            for (t, power) in got.iter().enumerate() {
                for (k, &p) in power.iter().enumerate() {
                    let want = naive(n_fft, hop, &samples, t, k);
                    assert!((f64::from(p) - want).abs() < 1e-4 * (1.0 + want), "{n_fft} {hop} {t} {k}: {p} {want}");
                }
            }
        }
    }

    #[test]
    fn odd_requests_do_no_harm() {
        assert!(frames(2048, 512, &[]).is_empty());
        assert_eq!(frames(2048, 512, &[1.0]).len(), 1);
        assert_eq!(frames(0, 0, &[1.0, 0.5]).len(), 3);
    }
}
