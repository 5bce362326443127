//! Loudness of a whole file by EBU R 128: integrated loudness (ITU-R BS.1770-4), loudness range (EBU Tech 3342) and true peak.

use std::fmt;

use ebur128::{Channel, EbuR128, Mode};

use super::Loudness;

/// Measures one stream; brings its blocks in order, however they are cut.
pub struct Meter {
    meter: EbuR128,
    channels: usize,
    /// Frames until there is a loudness range: one window of 3 s.
    short: usize,
    frames: usize,
    mended: Vec<f32>,
}

impl Meter {
    /// A meter for a stream of so many channels at a rate in Hz; `None` when there are none or more than 64 of them, or
    /// the rate lies outside 16 Hz to 2.8 MHz. One channel is heard from two loudspeakers and counts twice, so that a
    /// mono file is as loud as the same in stereo (3 LU over BS.1770's figure for one channel).
    pub fn new(channels: u16, rate: u32) -> Option<Meter> {
        let mut meter = EbuR128::new(channels.into(), rate, Mode::I | Mode::LRA | Mode::TRUE_PEAK).ok()?;
        if channels == 1 {
            meter.set_channel(0, Channel::DualMono).ok()?;
        }
        Some(Meter { meter, channels: channels.into(), short: 3 * rate as usize, frames: 0, mended: Vec::new() })
    }

    /// Adds interleaved samples in −1..1, whole frames of all channels; an incomplete last frame is left out. A sample
    /// that is not a finite number counts as 0.
    pub fn add(&mut self, interleaved: &[f32]) {
        let frames = interleaved.len() / self.channels;
        let mut samples = &interleaved[..frames * self.channels];
        // A NaN would stay in the filters for ever.
        if samples.iter().any(|x| !x.is_finite()) {
            self.mended.clear();
            self.mended.extend(samples.iter().map(|&x| if x.is_finite() { x } else { 0.0 }));
            samples = &self.mended;
        }
        // Fails only on incomplete frames.
        if self.meter.add_frames_f32(samples).is_ok() {
            self.frames += frames;
        }
    }

    /// What was measured. No loudness under 0.4 s or when nothing rises over −70 LUFS; no range then or under 3 s; no
    /// peak of digital silence.
    pub fn finish(self) -> Loudness {
        let finite = |value: f64| value.is_finite().then_some(value as f32);
        let lufs = self.meter.loudness_global().ok().and_then(finite);
        let ranges = lufs.is_some() && self.frames >= self.short;
        let range = if ranges { self.meter.loudness_range().ok().and_then(finite) } else { None };
        let peaks = (0..self.channels).filter_map(|c| self.meter.true_peak(c as u32).ok());
        Loudness { lufs, range, peak: finite(20.0 * peaks.fold(0.0, f64::max).log10()) }
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Meter {{ channels: {}, frames: {} }}", self.channels, self.frames)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    fn measure(channels: u16, rate: u32, samples: &[f32]) -> Loudness {
        let mut meter = Meter::new(channels, rate).unwrap();
        // Blocks of an odd length, as a decoder's.
        samples.chunks(1152 * usize::from(channels)).for_each(|block| meter.add(block));
        meter.finish()
    }

    fn sine(hz: f64, phase: f64, dbfs: f64, secs: f64, rate: u32) -> impl Iterator<Item = f32> {
        let amplitude = 10f64.powf(dbfs / 20.0);
        (0..(secs * f64::from(rate)) as usize)
            .map(move |i| (amplitude * (TAU * hz * i as f64 / f64::from(rate) + phase).sin()) as f32)
    }

    fn stereo(mono: impl Iterator<Item = f32>) -> Vec<f32> {
        mono.flat_map(|x| [x, x]).collect()
    }

    /// Pink noise by rows of white noise that are renewed at every 2nd, 4th, 8th … sample (Voss and McCartney).
    fn pink(n: usize) -> Vec<f64> {
        let mut random = fastrand::Rng::with_seed(11);
        let mut rows = [0.0; 16];
        (1..=n)
            .map(|i| {
                rows[i.trailing_zeros().min(15) as usize] = random.f64() - 0.5;
                rows.iter().sum::<f64>() + random.f64() - 0.5
            })
            .collect()
    }

    /// BS.1770's two filters with its published coefficients, for 48 kHz only, then the mean square.
    fn k_weighted_loudness(mono: &[f64]) -> f64 {
        let shelf = (
            [1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85],
            [-1.690_659_293_182_41, 0.732_480_774_215_85],
        );
        let high_pass = ([1.0, -2.0, 1.0], [-1.990_047_454_833_98, 0.990_072_250_366_21]);
        let mut samples = mono.to_vec();
        for (b, a) in [shelf, high_pass] {
            let (mut x1, mut x2, mut y1, mut y2) = (0.0, 0.0, 0.0, 0.0);
            for x in &mut samples {
                let y = b[0] * *x + b[1] * x1 + b[2] * x2 - a[0] * y1 - a[1] * y2;
                (x2, x1, y2, y1) = (x1, *x, y1, y);
                *x = y;
            }
        }
        let square = samples.iter().map(|x| x * x).sum::<f64>() / samples.len() as f64;
        // Two channels of it.
        -0.691 + 10.0 * (2.0 * square).log10()
    }

    #[test]
    fn pink_noise_of_a_known_loudness() {
        let noise = pink(48_000 * 20);
        for want in [-9.0, -23.0, -40.0] {
            let gain = 10f64.powf((want - k_weighted_loudness(&noise)) / 20.0);
            let got = measure(2, 48_000, &stereo(noise.iter().map(|x| (x * gain) as f32)));
            assert!((f64::from(got.lufs.unwrap()) - want).abs() < 0.1, "{want}: {got:?}");
            assert!(got.range.unwrap() < 1.0, "steady: {got:?}");
        }
    }

    #[test]
    fn ebu_tech_3341_tone() {
        for rate in [44_100, 48_000, 96_000] {
            for (dbfs, want) in [(-23.0, -23.0), (-33.0, -33.0)] {
                let got = measure(2, rate, &stereo(sine(1000.0, 0.0, dbfs, 20.0, rate)));
                assert!((got.lufs.unwrap() - want).abs() < 0.1, "{rate}: {got:?}");
                assert!((f64::from(got.peak.unwrap()) - dbfs).abs() < 0.1, "{rate}: {got:?}");
            }
        }
    }

    #[test]
    fn ebu_tech_3342_range() {
        for (loud, quiet, want) in [(-20.0, -30.0, 10.0), (-20.0, -15.0, 5.0), (-40.0, -20.0, 20.0)] {
            let both = sine(1000.0, 0.0, loud, 20.0, 48_000).chain(sine(1000.0, 0.0, quiet, 20.0, 48_000));
            let got = measure(2, 48_000, &stereo(both));
            assert!((got.range.unwrap() - want).abs() < 1.0, "{want}: {got:?}");
        }
    }

    #[test]
    fn peaks_between_samples_are_found() {
        // A quarter of the rate at 45°: every sample is 3 dB under the peak (EBU Tech 3341, case 16: +0.2, −0.4 dB).
        let got = measure(2, 48_000, &stereo(sine(12_000.0, TAU / 8.0, -6.0, 2.0, 48_000)));
        assert!((-6.4..=-5.8).contains(&got.peak.unwrap()), "{got:?}");
    }

    #[test]
    fn mono_is_as_loud_as_the_same_in_stereo() {
        let mono: Vec<f32> = sine(500.0, 0.0, -20.0, 5.0, 44_100).collect();
        let (one, two) = (measure(1, 44_100, &mono), measure(2, 44_100, &stereo(mono.iter().copied())));
        assert!((one.lufs.unwrap() - two.lufs.unwrap()).abs() < 1e-3, "{one:?} {two:?}");
    }

    #[test]
    fn what_cannot_be_measured_is_missing() {
        let none = Loudness::default();
        assert_eq!(measure(2, 44_100, &[]), none);
        assert_eq!(measure(2, 44_100, &vec![0.0; 44_100 * 20]), none);
        assert_eq!(measure(1, 44_100, &vec![f32::NAN; 44_100 * 5]), none);
        let short: Vec<f32> = sine(1000.0, 0.0, -20.0, 0.3, 44_100).collect();
        assert_eq!(measure(1, 44_100, &short).lufs, None);
        let second: Vec<f32> = sine(1000.0, 0.0, -20.0, 1.0, 44_100).collect();
        let got = measure(1, 44_100, &second);
        assert!(got.lufs.is_some() && got.range.is_none() && got.peak.is_some(), "{got:?}");
        assert!(Meter::new(0, 44_100).is_none() && Meter::new(2, 0).is_none());
    }

    #[test]
    fn a_broken_sample_costs_only_itself() {
        let whole = stereo(sine(1000.0, 0.0, -23.0, 10.0, 44_100));
        let mut broken = whole.clone();
        broken[200_000] = f32::NAN;
        broken[300_001] = f32::INFINITY;
        let (a, b) = (measure(2, 44_100, &whole), measure(2, 44_100, &broken));
        assert!((a.lufs.unwrap() - b.lufs.unwrap()).abs() < 0.01, "{a:?} {b:?}");
        let mut meter = Meter::new(2, 44_100).unwrap();
        meter.add(&whole[..whole.len() - 1]);
        assert!((meter.finish().lufs.unwrap() + 23.0).abs() < 0.1, "an odd sample at the end");
    }
}
