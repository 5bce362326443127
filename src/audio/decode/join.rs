//! Converts the later parts of a file whose rate or channels differ to those of the first part.

use super::info::{StreamInfo, clamped};
use crate::audio::resample::Resampler;
use crate::audio::{AudioError, mix};

/// Converts the samples of one stream to the format of another.
pub(super) struct Fit {
    from: (u32, usize),
    to: (u32, usize),
    resampler: Option<Resampler>,
    folded: Vec<f32>,
    /// The output frame of the next sample, once input has arrived.
    clock: Option<i64>,
}

impl Fit {
    /// `None` if no conversion is needed.
    pub fn new(from: &StreamInfo, to: &StreamInfo) -> Result<Option<Fit>, AudioError> {
        let (from, to) = ((from.rate, usize::from(from.channels)), (to.rate, usize::from(to.channels)));
        if from == to {
            return Ok(None);
        }
        let resampler = if from.0 == to.0 { None } else { Some(Resampler::new(from.0, to.0, to.1)?) };
        Ok(Some(Fit { from, to, resampler, folded: Vec::new(), clock: None }))
    }

    /// Converts a block that begins at frame `at` of its stream; returns the output frame at which the appended samples
    /// begin.
    pub fn push(&mut self, at: i64, block: &[f32], out: &mut Vec<f32>) -> Result<i64, AudioError> {
        let scaled = clamped(i128::from(at) * i128::from(self.to.0) / i128::from(self.from.0));
        self.folded.clear();
        fold(block, self.from.1, self.to.1, &mut self.folded);
        let before = out.len();
        match &mut self.resampler {
            Some(resampler) => resampler.push(&self.folded, out)?,
            None => out.extend_from_slice(&self.folded),
        }
        Ok(self.advance(scaled, out.len() - before))
    }

    /// Flushes the remaining samples; returns the frame at which they begin.
    pub fn finish(&mut self, out: &mut Vec<f32>) -> Result<i64, AudioError> {
        let before = out.len();
        if let Some(resampler) = &mut self.resampler {
            resampler.finish(out)?;
        }
        Ok(self.advance(0, out.len() - before))
    }

    /// Discards all pending input before samples from elsewhere.
    pub fn reset(&mut self) {
        self.clock = None;
        if let Some(resampler) = &mut self.resampler {
            resampler.reset();
        }
    }

    fn advance(&mut self, first: i64, samples: usize) -> i64 {
        let at = self.clock.unwrap_or(first);
        self.clock = Some(at.saturating_add((samples / self.to.1.max(1)) as i64));
        at
    }
}

/// Converts interleaved samples from one number of channels to another and appends them.
pub(super) fn fold(input: &[f32], from: usize, to: usize, out: &mut Vec<f32>) {
    match (from, to) {
        (from, to) if from == to => out.extend_from_slice(input),
        (0, _) | (_, 0) => {}
        (from, 1) => out.extend(input.chunks_exact(from).map(|frame| frame.iter().sum::<f32>() / from as f32)),
        (from, 2) => mix::to_stereo(input, from, out),
        (1, to) => out.extend(input.iter().flat_map(|&x| (0..to).map(move |side| if side < 2 { x } else { 0.0 }))),
        (from, to) => {
            let channel = |frame: &[f32], n: usize| frame.get(n).copied().unwrap_or(0.0);
            out.extend(input.chunks_exact(from).flat_map(|frame| (0..to).map(move |n| channel(frame, n))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_become_others() {
        let fold = |input: &[f32], from, to| {
            let mut out = Vec::new();
            fold(input, from, to, &mut out);
            out
        };
        assert_eq!(fold(&[0.5, -0.25], 2, 2), [0.5, -0.25]);
        assert_eq!(fold(&[0.5, -0.25, 0.0, 1.0], 2, 1), [0.125, 0.5]);
        assert_eq!(fold(&[0.5, -0.25], 1, 2), [0.5, 0.5, -0.25, -0.25]);
        assert_eq!(fold(&[0.5, -0.25], 2, 4), [0.5, -0.25, 0.0, 0.0]);
        assert_eq!(fold(&[0.5], 1, 3), [0.5, 0.5, 0.0]);
    }
}
