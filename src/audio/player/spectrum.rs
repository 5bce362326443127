//! Spectrum analysis of the output for display: the level of each band on a scale of decibels.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};

/// Number of bands, low to high.
pub const BANDS: usize = 32;
/// Samples per analysis: 46 ms at 44.1 kHz.
const WINDOW: usize = 2048;
/// The range of the bands in Hz; each spans the same ratio.
const LOWEST: f32 = 50.0;
const HIGHEST: f32 = 16_000.0;
/// The level that is shown as zero, in dB below full scale.
const FLOOR: f32 = 70.0;

/// Analyses the newest samples.
pub(crate) struct Analyser {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    newest: Vec<f32>,
    /// First bin of each band, and the end of the last one.
    edges: Vec<usize>,
}

impl Analyser {
    /// An analyser for samples at this rate in Hz.
    pub fn new(rate: u32) -> Analyser {
        let fft = RealFftPlanner::new().plan_fft_forward(WINDOW);
        let hann = |i: usize| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / WINDOW as f32).cos();
        let bin = |band: usize| {
            let hz = LOWEST * (HIGHEST / LOWEST).powf(band as f32 / BANDS as f32);
            ((hz * WINDOW as f32 / rate.max(1) as f32) as usize).clamp(1, WINDOW / 2)
        };
        let edges = (0..=BANDS).map(bin).collect();
        Analyser { fft, window: (0..WINDOW).map(hann).collect(), newest: vec![0.0; WINDOW], edges }
    }

    /// Adds samples, oldest first.
    pub fn add(&mut self, samples: impl Iterator<Item = f32>) {
        self.newest.extend(samples);
        self.newest.drain(..self.newest.len() - WINDOW);
    }

    /// The level of each band: 0 for 70 dB or more below a full-scale sine, 1 for a full-scale
    /// sine.
    pub fn bands(&mut self) -> [f32; BANDS] {
        let mut input: Vec<f32> = self.newest.iter().zip(&self.window).map(|(x, w)| x * w).collect();
        let mut output = self.fft.make_output_vec();
        let mut bands = [0.0; BANDS];
        // Fails only for buffers of another length, which cannot occur.
        if self.fft.process(&mut input, &mut output).is_err() {
            return bands;
        }
        // A full-scale sine at the centre of a bin has a magnitude of a quarter of the window length, as the mean of a
        // Hann window is a half.
        let full = WINDOW as f32 / 4.0;
        for (band, edge) in bands.iter_mut().zip(self.edges.windows(2)) {
            // Bands narrower than a bin use the bin that contains them.
            let bins = &output[edge[0]..edge[1].max(edge[0] + 1)];
            let peak = bins.iter().map(|c| c.norm()).fold(0.0, f32::max) / full;
            *band = (1.0 + 20.0 * peak.max(1e-9).log10() / FLOOR).clamp(0.0, 1.0);
        }
        bands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_stands_in_its_band() {
        for hz in [100.0f32, 1000.0, 8000.0] {
            let mut analyser = Analyser::new(44_100);
            analyser.add((0..5000).map(|i| (std::f32::consts::TAU * hz * i as f32 / 44_100.0).sin()));
            let bands = analyser.bands();
            let loudest = (0..BANDS).max_by(|&a, &b| bands[a].total_cmp(&bands[b])).unwrap();
            let want = (hz / LOWEST).ln() / (HIGHEST / LOWEST).ln() * BANDS as f32;
            assert!((loudest as f32 - want).abs() < 2.0, "{hz} Hz: band {loudest}, not {want}");
            assert!(bands[loudest] > 0.95, "{bands:?}");
            assert!(bands[(loudest + 16) % BANDS] < 0.4, "{bands:?}");
        }
        let mut analyser = Analyser::new(48_000);
        assert_eq!(analyser.bands(), [0.0; BANDS]);
        analyser.add(std::iter::repeat_n(0.0, 10_000));
        assert_eq!(analyser.bands(), [0.0; BANDS]);
    }
}
