//! Tempo estimation: the period of the onsets, and how clear it is.
//!
//! For every tempo on a grid, two measures are multiplied. The autocorrelation of the onset envelope at one to four beats is high
//! at the tempo and its multiples in time; the envelope's spectrum is high at the tempo and its multiples in frequency; only the
//! tempo itself is high in both (Peeters, EURASIP JASP 2007). A preference for about 120 beats per minute decides between octaves.

use std::sync::LazyLock;

use super::super::stft::Stft;
use super::frames::FRAME_RATE;
use super::values::Tempo;

/// Slowest and fastest tempo, in beats per minute.
const SLOWEST: f32 = 45.0;
const FASTEST: f32 = 220.0;
/// Grid steps per octave, 1.2 % each.
const STEPS: f32 = 60.0;
/// Width of the preference for 120 bpm, in octaves.
const WIDTH: f32 = 0.8;
/// Number of beats over which the envelope is correlated with itself.
const MULTIPLES: usize = 4;
/// Lags of the autocorrelation: [`MULTIPLES`] of the slowest beats, and one more.
const LONGEST: usize = (MULTIPLES as f32 * 60.0 / SLOWEST * FRAME_RATE) as usize + 2;
/// Below this standard deviation in dB, the envelope is flat: the ripple of a drone or of steady noise.
const FLAT: f32 = 0.25;
/// Frames on each side of a frame whose mean is subtracted from the envelope (1 s in all).
const AROUND: usize = 43;

/// A less clear beat counts as none: onsets at random times stay below 0.08.
const CLEAR: f32 = 0.1;

/// Spectra of the envelope over 11.9 s.
static PULSES: LazyLock<Stft> = LazyLock::new(|| Stft::new(1024, 128));

/// The strongest beat, however weak.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    /// Beats per minute.
    pub bpm: f32,
    /// Mean autocorrelation at one to four beats, −1 to 1.
    pub clarity: f32,
}

impl Beat {
    /// Finds the beat in an onset envelope; `None` if it is flat or shorter than four of the slowest beats.
    pub fn of(envelope: &[f32]) -> Option<Beat> {
        let envelope = Envelope::new(envelope)?;
        let spectrum = envelope.spectrum();
        let grid = (FASTEST / SLOWEST).log2() * STEPS;
        let score = |bpm: f32| {
            let octaves = (bpm / 120.0).log2() / WIDTH;
            envelope.repetition(bpm).max(0.0).powi(2) * rate(&spectrum, bpm).sqrt() * (-0.5 * octaves * octaves).exp()
        };
        let bpm = best((0..=grid as usize).map(|i| SLOWEST * (i as f32 / STEPS).exp2()), score)?;
        let fine = |bpm| envelope.repetition(bpm);
        let bpm = best((-30..=30).map(|i| bpm * (1.0 + i as f32 * 1e-3)), fine)?;
        Some(Beat { bpm, clarity: fine(bpm) })
    }

    /// The tempo, if the beat is clear.
    pub fn tempo(&self) -> Option<Tempo> {
        (self.clarity >= CLEAR).then_some(Tempo { bpm: self.bpm, confidence: self.clarity.min(1.0) })
    }
}

/// A preprocessed envelope and its autocorrelation.
pub(super) struct Envelope {
    values: Vec<f32>,
    correlation: Vec<f32>,
}

impl Envelope {
    /// Whether a raw envelope is long enough: four of the slowest beats, 5.3 s.
    pub fn suffices(raw: &[f32]) -> bool {
        raw.len() >= LONGEST
    }

    /// `None` if it is flat or too short.
    pub fn new(raw: &[f32]) -> Option<Envelope> {
        if !Envelope::suffices(raw) {
            return None;
        }
        // Subtracts the local mean, then smooths over five frames, so that a beat may come slightly early or late.
        let sharp: Vec<f32> = (0..raw.len())
            .map(|t| {
                let around = &raw[t.saturating_sub(AROUND)..raw.len().min(t + AROUND + 1)];
                (raw[t] - around.iter().sum::<f32>() / around.len() as f32).max(0.0)
            })
            .collect();
        let at =
            |t: usize, by: i64| usize::try_from(t as i64 + by).ok().and_then(|t| sharp.get(t)).copied().unwrap_or(0.0);
        let mut values: Vec<f32> = (0..raw.len())
            .map(|t| (at(t, -2) + 2.0 * at(t, -1) + 3.0 * at(t, 0) + 2.0 * at(t, 1) + at(t, 2)) / 9.0)
            .collect();
        let n = values.len() as f32;
        let mean = values.iter().sum::<f32>() / n;
        values.iter_mut().for_each(|v| *v -= mean);
        let variance = values.iter().map(|v| v * v).sum::<f32>() / n;
        if variance.is_nan() || variance < FLAT * FLAT {
            return None;
        }
        let correlation = (0..LONGEST)
            .map(|lag| {
                let pairs = values.len() - lag;
                dot(&values[..pairs], &values[lag..]) / (pairs as f32 * variance)
            })
            .collect();
        Some(Envelope { values, correlation })
    }

    /// Mean autocorrelation at one to four beats of a tempo.
    pub fn repetition(&self, bpm: f32) -> f32 {
        let beat = 60.0 / bpm * FRAME_RATE;
        (1..=MULTIPLES).map(|k| between(&self.correlation, k as f32 * beat)).sum::<f32>() / MULTIPLES as f32
    }

    fn spectrum(&self) -> Vec<f32> {
        let mut sum = vec![0.0; PULSES.bins()];
        PULSES.power_frames(&self.values, |_, power| sum.iter_mut().zip(power).for_each(|(s, p)| *s += p.sqrt()));
        sum
    }
}

/// The magnitude of a spectrum of [`PULSES`] at a tempo.
fn rate(spectrum: &[f32], bpm: f32) -> f32 {
    between(spectrum, bpm / 60.0 / FRAME_RATE * 2.0 * (spectrum.len() - 1) as f32)
}

/// The value at a fractional index; 0 beyond the end.
fn between(values: &[f32], at: f32) -> f32 {
    let i = at as usize;
    match (values.get(i), values.get(i + 1)) {
        (Some(a), Some(b)) => a + (b - a) * (at - i as f32),
        _ => 0.0,
    }
}

/// The tempo with the highest score.
fn best(tempi: impl Iterator<Item = f32>, score: impl Fn(f32) -> f32) -> Option<f32> {
    tempi.map(|bpm| (bpm, score(bpm))).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(bpm, _)| bpm)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
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

#[cfg(test)]
mod tests {
    use super::super::frames::Frames;
    use super::super::onsets::Onsets;
    use super::super::signals::{clicks, hit, pad, pink, silence, sine, white};
    use super::*;

    fn tempo(sound: &[f32]) -> Option<Tempo> {
        Beat::of(&Onsets::of(&Frames::of(sound)).all).and_then(|beat| beat.tempo())
    }

    /// How far a tempo lies from another up to octaves, as a share of it.
    fn off(bpm: f32, want: f32) -> f32 {
        let octaves = (bpm / want).log2();
        (octaves - octaves.round()).exp2() - 1.0
    }

    fn check(name: &str, sound: &[f32], want: f32, confidence: f32) {
        let found = tempo(sound);
        assert!(
            found.is_some_and(|t| off(t.bpm, want).abs() < 0.01 && t.confidence > confidence),
            "{name} at {want}: {found:?}"
        );
    }

    #[test]
    fn clicks_are_told_within_a_percent() {
        for bpm in (60..=200).step_by(4) {
            let bpm = bpm as f32 + 0.3;
            check("clicks", &clicks(bpm, 30.0), bpm, 0.9);
        }
        for bpm in [63.0, 97.5, 128.0, 181.0] {
            check("ten seconds of clicks", &clicks(bpm, 10.0), bpm, 0.9);
        }
    }

    #[test]
    fn hits_beside_the_beat_and_noise_do_not_hide_it() {
        let mut random = fastrand::Rng::with_seed(7);
        let hiss = pink(30.0, 3);
        for bpm in (60..=200).step_by(10) {
            let bpm = bpm as f32 + 0.3;
            let mut sound = clicks(bpm, 30.0);
            (0..60).for_each(|i| hit(&mut sound, random.f32() * 29.5, 0.5, 1000 + i));
            sound.iter_mut().zip(&hiss).for_each(|(x, n)| *x += 0.05 * n);
            check("clicks in noise", &sound, bpm, 0.3);
        }
    }

    #[test]
    fn swing_is_no_other_tempo() {
        for bpm in (60..=200).step_by(10) {
            let bpm = bpm as f32 + 0.3;
            let mut sound = clicks(bpm, 30.0);
            (0..(bpm / 2.0) as usize).for_each(|i| hit(&mut sound, (i as f32 + 0.667) * 60.0 / bpm, 0.5, i as u64));
            check("swing", &sound, bpm, 0.8);
        }
    }

    #[test]
    fn what_keeps_no_beat_has_no_tempo() {
        for seed in 0..8 {
            assert_eq!(tempo(&white(30.0, seed)), None);
            assert_eq!(tempo(&pink(30.0, seed)), None);
            let mut random = fastrand::Rng::with_seed(seed);
            let mut hits = silence(30.0);
            (0..90).for_each(|i| hit(&mut hits, random.f32() * 29.5, random.f32(), i));
            assert_eq!(tempo(&hits), None, "hits at random times, {seed}");
        }
        assert_eq!(tempo(&pad(&[-12.0, -5.0, 0.03, 4.1], 30.0)), None, "a drone that beats");
        assert_eq!(tempo(&sine(440.0, 30.0)), None);
        assert_eq!(tempo(&clicks(120.0, 5.0)), None, "too short to tell");
    }
}
