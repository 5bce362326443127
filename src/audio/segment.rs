//! Excerpts of a file for analysis: mono at 44.1 kHz or another rate, reached by seeking.

use std::path::Path;

use super::AudioError;
use super::decode::{Decoder, StreamInfo};
use super::resample::Resampler;

/// The usual sample rate of a segment, in Hz.
pub const RATE: u32 = 44_100;
/// The longest segment, in seconds; longer requests are cut to this.
pub const MAX_SECS: f64 = 600.0;

/// Reads `secs` seconds from `start_secs` on: the mean of the channels at [`RATE`], beginning with the sample at
/// `start_secs`. Returns fewer samples if the file ends earlier, and none if it ends before `start_secs`.
///
/// # Errors
/// When the file cannot be opened, sought in or decoded.
pub fn read_mono(path: &Path, start_secs: f64, secs: f64) -> Result<Vec<f32>, AudioError> {
    Segments::open(path)?.read(start_secs, secs)
}

/// An open file that several segments are read from.
pub struct Segments {
    decoder: Decoder,
    /// The last resampler used, and its output rate in Hz.
    resampler: Option<(u32, Resampler)>,
    fresh: bool,
}

impl Segments {
    /// Opens a file.
    ///
    /// # Errors
    /// As [`Decoder::open`].
    pub fn open(path: &Path) -> Result<Segments, AudioError> {
        Ok(Segments { decoder: Decoder::open(path)?, resampler: None, fresh: true })
    }

    /// What is known of the stream; segments may lie within its `secs`.
    pub fn info(&self) -> &StreamInfo {
        self.decoder.info()
    }

    /// Whether the file was found to end early while reading the last segment.
    pub fn truncated(&self) -> bool {
        self.decoder.truncated()
    }

    /// Reads one segment, as [`read_mono`] does.
    ///
    /// # Errors
    /// When seeking or decoding fails.
    pub fn read(&mut self, start_secs: f64, secs: f64) -> Result<Vec<f32>, AudioError> {
        self.read_at(RATE, start_secs, secs)
    }

    /// The same at another sample rate.
    ///
    /// # Errors
    /// When seeking or decoding fails.
    pub fn read_at(&mut self, hz: u32, start_secs: f64, secs: f64) -> Result<Vec<f32>, AudioError> {
        let start = if start_secs.is_finite() { start_secs.max(0.0) } else { 0.0 };
        let secs = if secs.is_finite() { secs.clamp(0.0, MAX_SECS) } else { MAX_SECS };
        // A file that was just opened is at its beginning; in many formats it is quicker not to seek.
        if start > 0.0 || !self.fresh {
            self.decoder.seek(start)?;
        }
        self.fresh = false;
        let rate = self.decoder.info().rate;
        let resampler = match self.resampler.take() {
            Some((own, mut resampler)) if own == hz => {
                resampler.reset();
                resampler
            }
            _ => Resampler::new(rate, hz, 1)?,
        };
        let resampler = &mut self.resampler.insert((hz, resampler)).1;

        let channels = usize::from(self.decoder.info().channels);
        let want = (secs * f64::from(hz)).round() as usize;
        // A little more than requested, so that the resampler's filter sees music at the end instead of silence.
        let mut left = (secs * f64::from(rate)).ceil() as usize + rate as usize / 10;
        let mut out = Vec::with_capacity(want.min(60 * hz as usize) + 4096);
        let (mut block, mut mono) = (Vec::new(), Vec::new());
        while left > 0 && out.len() < want {
            block.clear();
            if !self.decoder.next(&mut block)? {
                break;
            }
            mono.clear();
            mono.extend(block.chunks_exact(channels).take(left).map(|f| f.iter().sum::<f32>() / channels as f32));
            left -= mono.len();
            resampler.push(&mono, &mut out)?;
        }
        resampler.finish(&mut out)?;
        out.truncate(want);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::fixture::{chirp, noise, stored, wav, write};

    #[test]
    fn a_segment_is_the_mean_of_the_channels_at_the_right_place() {
        let dir = tempfile::tempdir().unwrap();
        let sound = noise(44_100 * 2 * 2, 5);
        let path = write(dir.path(), "a.wav", &wav(&sound, 2, 44_100));
        let mono: Vec<f32> = sound.chunks_exact(2).map(|f| (f[0] + f[1]) / 2.0).collect();
        let mut file = Segments::open(&path).unwrap();
        for (start, secs) in [(0.0, 0.5), (1.25, 0.5), (0.5, 0.25), (0.0, 30.0), (1.9, 1.0)] {
            let from = (start * 44_100.0) as usize;
            let to = ((start + secs) * 44_100.0) as usize;
            assert_eq!(file.read(start, secs).unwrap(), mono[from..to.min(mono.len())], "{start} + {secs}");
        }
        assert_eq!(read_mono(&path, 5.0, 1.0).unwrap(), [0f32; 0]);
        assert_eq!(read_mono(&path, 0.0, f64::NAN).unwrap(), mono);
    }

    #[test]
    fn a_segment_comes_at_the_rate_that_is_asked_for() {
        let mut file = Segments::open(&stored("chirp-22k.m4a")).unwrap();
        for hz in [16_000, 44_100, 16_000] {
            let part = file.read_at(hz, 0.5, 0.5).unwrap();
            assert_eq!(part.len(), hz as usize / 2);
            let first = hz as usize / 2;
            let off = |i: usize| (part[i] - chirp(first + i, f64::from(hz))).abs();
            assert!((1000..7000).all(|i| off(i) < 1e-2), "{hz} Hz");
        }
    }

    #[test]
    fn other_rates_stand_in_place() {
        for (name, limit) in [("chirp-22k.m4a", 1e-7), ("chirp.opus", 2e-3)] {
            let path = stored(name);
            for start in [0.0, 0.5] {
                let part = read_mono(&path, start, 0.5).unwrap();
                assert_eq!(part.len(), 22_050, "{name}");
                let first = (start * 44_100.0) as usize;
                let square = |i: usize| (part[i] - chirp(first + i, 44_100.0)).powi(2);
                let mean = (1000..21_000).map(square).sum::<f32>() / 20_000.0;
                assert!(mean < limit, "{name} from {start}: {mean:e}");
            }
        }
    }
}
