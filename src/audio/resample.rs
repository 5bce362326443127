//! Streaming sample rate conversion with rubato, with its delay removed: the first output sample corresponds to the first input
//! sample, and n input frames give ⌈n·to/from⌉ output frames.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Async, Fft, FixedAsync, FixedSync, Indexing, SincInterpolationParameters, WindowFunction};

use super::AudioError;

/// The largest plausible sample value: 36 dB above full scale.
const LOUDEST: f32 = 64.0;

/// Approximate number of frames converted at a time.
const BLOCK: usize = 1024;

/// A converter of interleaved samples from one rate to another. With equal rates samples pass unchanged, except for those that
/// are not finite or far beyond full scale.
pub struct Resampler {
    inner: Option<Box<dyn rubato::Resampler<f32>>>,
    channels: usize,
    from: u32,
    to: u32,
    pending: Vec<f32>,
    block: Vec<f32>,
    /// Output frames still to be discarded: the delay of the filter.
    skip: usize,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// A converter from `from` Hz to `to` Hz for `channels` interleaved channels.
    ///
    /// # Errors
    /// When a rate or the number of channels is zero or absurd.
    pub fn new(from: u32, to: u32, channels: usize) -> Result<Resampler, AudioError> {
        if from == 0 || to == 0 || channels == 0 || channels > 64 {
            return Err(AudioError::Unsupported(format!("{channels} channels from {from} Hz to {to} Hz")));
        }
        let inner = if from == to { None } else { Some(converter(from, to, channels)?) };
        let skip = inner.as_ref().map_or(0, |r| r.output_delay());
        let block = inner.as_ref().map_or(Vec::new(), |r| vec![0.0; r.output_frames_max() * channels]);
        Ok(Resampler { inner, channels, from, to, pending: Vec::new(), block, skip, taken: 0, given: 0 })
    }

    /// The number of output frames that `frames` input frames give in all.
    pub fn output_len(&self, frames: u64) -> u64 {
        (u128::from(frames) * u128::from(self.to)).div_ceil(u128::from(self.from)) as u64
    }

    /// Input rate in Hz.
    pub fn from_rate(&self) -> u32 {
        self.from
    }

    /// Input frames pushed since the beginning or the last [`finish`](Self::finish).
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Converts interleaved `input` and appends what is ready to `out`.
    ///
    /// # Errors
    /// When rubato refuses; it does not for input of whole frames.
    pub fn push(&mut self, input: &[f32], out: &mut Vec<f32>) -> Result<(), AudioError> {
        self.taken += (input.len() / self.channels) as u64;
        if self.inner.is_none() {
            self.given += (input.len() / self.channels) as u64;
            out.extend(input.iter().copied().map(sane));
            return Ok(());
        }
        self.pending.extend(input.iter().copied().map(sane));
        self.convert(false, u64::MAX, out)
    }

    /// Flushes the filter, so that the output has the length [`output_len`](Self::output_len), and prepares the converter for
    /// another signal.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn finish(&mut self, out: &mut Vec<f32>) -> Result<(), AudioError> {
        let total = self.output_len(self.taken);
        while self.given < total {
            let before = (self.given, self.skip);
            self.convert(true, total, out)?;
            if (self.given, self.skip) == before && self.pending.is_empty() {
                break;
            }
        }
        self.reset();
        Ok(())
    }

    /// Forgets all input so far.
    pub fn reset(&mut self) {
        self.pending.clear();
        (self.taken, self.given) = (0, 0);
        if let Some(inner) = &mut self.inner {
            inner.reset();
            self.skip = inner.output_delay();
        }
    }

    /// Converts whole blocks, and with `flush` one block padded with silence; outputs at most `total` frames.
    fn convert(&mut self, flush: bool, total: u64, out: &mut Vec<f32>) -> Result<(), AudioError> {
        let Some(inner) = &mut self.inner else { return Ok(()) };
        let failed = |what: String| AudioError::Broken(format!("resampling: {what}"));
        let mut used = 0;
        loop {
            let have = (self.pending.len() - used) / self.channels;
            let need = inner.input_frames_next();
            let partial = have < need;
            if partial && !flush {
                break;
            }
            let frames = have.min(need);
            let input = &self.pending[used..used + frames * self.channels];
            let input = InterleavedSlice::new(input, self.channels, frames).map_err(|e| failed(e.to_string()))?;
            let room = self.block.len() / self.channels;
            let mut output =
                InterleavedSlice::new_mut(&mut self.block, self.channels, room).map_err(|e| failed(e.to_string()))?;
            let indexing = if partial { Indexing::new().partial_len(frames) } else { Indexing::new() };
            let (_, written) =
                inner.process_into_buffer(&input, &mut output, Some(&indexing)).map_err(|e| failed(e.to_string()))?;
            used += frames * self.channels;
            let skipped = self.skip.min(written);
            self.skip -= skipped;
            let keep = ((written - skipped) as u64).min(total.saturating_sub(self.given)) as usize;
            out.extend_from_slice(&self.block[skipped * self.channels..(skipped + keep) * self.channels]);
            self.given += keep as u64;
            if partial {
                break;
            }
        }
        self.pending.drain(..used);
        Ok(())
    }
}

/// A sample that is safe to process. Floating-point files may contain any value: NaN becomes silence, and values far
/// beyond full scale are clipped before a transform makes them infinite.
fn sane(sample: f32) -> f32 {
    if sample.is_nan() { 0.0 } else { sample.clamp(-LOUDEST, LOUDEST) }
}

/// FFT conversion if the ratio of the rates is simple (as for all usual rates), otherwise sinc interpolation.
fn converter(from: u32, to: u32, channels: usize) -> Result<Box<dyn rubato::Resampler<f32>>, AudioError> {
    let failed = |e: rubato::ResamplerConstructionError| AudioError::Unsupported(format!("{from} Hz to {to} Hz: {e}"));
    let (mut a, mut b) = (from, to);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let (step_in, step_out) = ((from / a) as usize, (to / a) as usize);
    if step_in.max(step_out) <= 2 * BLOCK {
        // An even number of steps, so that half a block (the filter's delay) is a whole number of frames.
        let steps = BLOCK.div_ceil(step_in.min(step_out)).next_multiple_of(2);
        let window = WindowFunction::BlackmanHarris2;
        let fft = Fft::new_custom(from as usize, to as usize, steps * step_in, 1, channels, window, FixedSync::Both);
        return Ok(Box::new(fft.map_err(failed)?));
    }
    let ratio = f64::from(to) / f64::from(from);
    let sinc = SincInterpolationParameters::new(256, WindowFunction::BlackmanHarris2);
    Ok(Box::new(Async::new_sinc(ratio, 1.0, &sinc, BLOCK, channels, FixedAsync::Input).map_err(failed)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn run(from: u32, to: u32, input: &[f32], chunk: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(from, to, 1).unwrap();
        let mut out = Vec::new();
        for piece in input.chunks(chunk) {
            resampler.push(piece, &mut out).unwrap();
        }
        resampler.finish(&mut out).unwrap();
        out
    }

    fn sine(rate: u32, hz: f64, secs: f64) -> Vec<f32> {
        (0..(f64::from(rate) * secs) as usize)
            .map(|i| (TAU * hz * i as f64 / f64::from(rate)).sin() as f32 * 0.5)
            .collect()
    }

    #[test]
    fn samples_that_are_no_numbers_do_no_harm() {
        let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -1e30, 0.5];
        let input: Vec<f32> = (0..40_000).map(|i| odd[i * 7 % odd.len()]).collect();
        for (from, to) in [(44_100, 44_100), (44_100, 48_000), (48_000, 44_100), (22_050, 11_025), (44_100, 12_347)] {
            let mut resampler = Resampler::new(from, to, 2).unwrap();
            let mut out = Vec::new();
            resampler.push(&input, &mut out).unwrap();
            resampler.finish(&mut out).unwrap();
            assert!(!out.is_empty() && out.iter().all(|x| x.is_finite()), "{from} to {to}");
        }
    }

    #[test]
    fn a_sine_stays_where_it_was() {
        for (from, to) in [(48_000, 44_100), (44_100, 48_000), (22_050, 44_100), (96_000, 44_100), (8_000, 48_000)] {
            let out = run(from, to, &sine(from, 1000.0, 0.5), 777);
            let want = sine(to, 1000.0, 0.5);
            assert_eq!(out.len(), want.len(), "{from} to {to}");
            // The ends are excluded, where the filter includes the silence outside.
            let edge = (to / 10) as usize;
            let worst = (edge..out.len() - edge).map(|i| (out[i] - want[i]).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-4, "{from} to {to}: {worst}");
        }
    }

    #[test]
    fn odd_rates_are_within_a_sample() {
        let out = run(44_099, 48_000, &sine(44_099, 200.0, 0.5), 500);
        let want = sine(48_000, 200.0, 0.5);
        assert!(out.len().abs_diff(want.len()) <= 1);
        let worst = (5000..20_000).map(|i| (out[i] - want[i]).abs()).fold(0.0, f32::max);
        assert!(worst < 0.5 * (TAU * 200.0 / 48_000.0) as f32 * 1.1, "{worst}");
    }

    #[test]
    fn what_lies_above_the_new_band_is_gone() {
        // A sweep from 22.6 to 47 kHz at 96 kHz has no content that 44.1 kHz can represent.
        let (from, n) = (96_000.0, 96_000);
        let mut phase = 0.0;
        let sweep: Vec<f32> = (0..n)
            .map(|i| {
                phase += TAU * (22_600.0 + 24_400.0 * i as f64 / n as f64) / from;
                (phase.sin() * 0.5) as f32
            })
            .collect();
        let out = run(96_000, 44_100, &sweep, 4096);
        let inner = &out[2000..out.len() - 2000];
        let rms = (inner.iter().map(|x| x * x).sum::<f32>() / inner.len() as f32).sqrt();
        let db = 20.0 * (rms / (0.5 / 2f32.sqrt())).log10();
        assert!(db < -80.0, "aliases at {db:.1} dB");
    }

    #[test]
    fn lengths_are_exact_and_equal_rates_untouched() {
        for n in [0, 1, 100, 1023, 5000] {
            let input = vec![0.25; n];
            assert_eq!(run(48_000, 44_100, &input, 333).len(), (n * 147).div_ceil(160));
            assert_eq!(run(44_100, 44_100, &input, 333), input);
        }
        assert!(Resampler::new(0, 44_100, 1).is_err() && Resampler::new(44_100, 44_100, 0).is_err());
    }
}
