//! Conversion of decoded samples to what the output takes: stereo at its rate.

use super::source::CHANNELS;
use crate::audio::resample::Resampler;
use crate::audio::{AudioError, mix};

/// The most frames converted at a time.
const STEP: usize = 2048;

/// Converts decoded samples to stereo at the output's rate.
pub(super) struct Converter {
    pub resampler: Resampler,
    stereo: Vec<f32>,
}

impl Converter {
    /// A converter from one rate to another, in Hz.
    pub fn new(from: u32, to: u32) -> Result<Converter, AudioError> {
        Ok(Converter { resampler: Resampler::new(from, to, CHANNELS)?, stereo: Vec::new() })
    }

    /// The most samples of that many channels to convert at a time.
    pub fn step(channels: usize) -> usize {
        STEP * channels
    }

    /// Converts interleaved samples, multiplied by `gain`, and appends the result.
    pub fn push(&mut self, block: &[f32], channels: usize, gain: f32, out: &mut Vec<f32>) -> Result<(), AudioError> {
        self.stereo.clear();
        mix::to_stereo(block, channels, &mut self.stereo);
        if gain != 1.0 {
            self.stereo.iter_mut().for_each(|x| *x *= gain);
        }
        self.resampler.push(&self.stereo, out)
    }
}
