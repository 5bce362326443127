//! The chroma with tuning correction: the energy of each of the twelve pitch classes.

use std::f32::consts::{PI, TAU};
use std::sync::LazyLock;

use super::super::stft::Stft;
use super::frames::RATE;

/// Frame length in samples (0.37 s): resolves semitones from 180 Hz on, and a single lower tone by its peak.
const N_FFT: usize = 16_384;
const HOP: usize = 8192;
const BIN_HZ: f32 = RATE / N_FFT as f32;
/// The bins from 55 to 1200 Hz.
const FIRST: usize = 21;
const LAST: usize = 445;
/// Peaks more than 50 dB below the highest of a frame are ignored.
const FLOOR: f32 = 1e-5;
/// A tone falls by at least 5 dB within 11 Hz on either side; the broad peak of a drum does not.
const NARROW: f32 = 0.3;
const BESIDE: usize = 4;
/// A peak this near to a multiple of a lower one (12 cents) is its harmonic …
const HARMONIC: f32 = 0.007;
/// … when it is no more than twice as strong. Up to the seventh.
const STRONGER: f32 = 2.0;

/// C0 in Hz at A4 = 440 Hz.
const C0: f32 = 16.351_6;

static STFT: LazyLock<Stft> = LazyLock::new(|| Stft::new(N_FFT, HOP));

/// The pitch classes of a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chroma {
    /// From C on; they sum to 1.
    pub classes: [f32; 12],
    /// How closely the notes keep to one tuning in semitones, 0 (noise) to 1: the resultant length of their fractional
    /// parts.
    pub tonality: f32,
    /// The effective number of notes (Kish).
    pub notes: f32,
}

impl Chroma {
    /// Of finite samples at 44.1 kHz; `None` when there is no peak in any spectrum.
    pub fn of(samples: &[f32]) -> Option<Chroma> {
        let (mut notes, mut frame) = (Vec::new(), Vec::new());
        STFT.power_frames(samples, |_, power| {
            spectral_peaks(power, &mut frame);
            leave_out_harmonics(&mut frame);
            // Every frame counts alike, loud or quiet.
            let total: f32 = frame.iter().map(|p| p.magnitude).sum();
            notes.extend(frame.iter().map(|p| Note { pitch: 12.0 * (p.hz / C0).log2(), weight: p.magnitude / total }));
        });
        let (mut x, mut y, mut total, mut squares) = (0.0, 0.0, 0.0, 0.0);
        for n in &notes {
            let (sin, cos) = (TAU * n.pitch).sin_cos();
            (x, y) = (x + n.weight * cos, y + n.weight * sin);
            (total, squares) = (total + n.weight, squares + n.weight * n.weight);
        }
        if total.is_nan() || total <= 0.0 {
            return None;
        }
        let tuning = y.atan2(x) / TAU;
        let mut classes = [0.0; 12];
        for n in &notes {
            let pitch = n.pitch - tuning;
            let off = pitch - pitch.round();
            classes[(pitch.round() as i32).rem_euclid(12) as usize] += n.weight * (PI * off).cos().powi(2);
        }
        let sum: f32 = classes.iter().sum();
        classes.iter_mut().for_each(|c| *c /= sum);
        Some(Chroma { classes, tonality: x.hypot(y) / total, notes: total * total / squares })
    }

    /// Whether there are tones at all: a tonality of 0.15 (drums stay under 0.1 over half a minute, 19 of 20 pieces of real
    /// music over 0.2), and more than chance gives so many notes (Rayleigh's test at e^−7).
    pub fn is_tonal(&self) -> bool {
        self.tonality >= (7.0 / self.notes).sqrt().max(0.15)
    }
}

/// A peak of a spectrum.
#[derive(Clone, Copy)]
struct Peak {
    hz: f32,
    magnitude: f32,
}

/// A peak that is not a harmonic: its pitch in semitones above C0 at A4 = 440 Hz.
#[derive(Clone, Copy)]
struct Note {
    pitch: f32,
    weight: f32,
}

/// The peaks from 55 to 1200 Hz, the lowest first, each refined by a parabola through the log magnitudes.
fn spectral_peaks(power: &[f32], out: &mut Vec<Peak>) {
    out.clear();
    let strongest = power[FIRST..=LAST].iter().fold(0.0f32, |a, &b| a.max(b));
    if strongest <= 1e-10 || !strongest.is_finite() {
        return;
    }
    for k in FIRST..=LAST {
        let [below, here, above] = [power[k - 1], power[k], power[k + 1]];
        let narrow = power[k - BESIDE].max(power[k + BESIDE]) < NARROW * here;
        if here > below && here >= above && here > strongest * FLOOR && narrow {
            let [a, b, c] = [below, here, above].map(|p| p.max(1e-20).ln());
            let off = (0.5 * (a - c) / (a - 2.0 * b + c)).clamp(-0.5, 0.5);
            out.push(Peak { hz: (k as f32 + off) * BIN_HZ, magnitude: here.sqrt() });
        }
    }
}

/// Keeps only peaks that are not harmonics of a lower one: a note's third harmonic is its fifth, its fifth harmonic the
/// major third, and both would count towards other keys.
fn leave_out_harmonics(peaks: &mut Vec<Peak>) {
    let all = peaks.clone();
    peaks.retain(|p| {
        !all.iter().take_while(|low| low.hz < 0.6 * p.hz).any(|low| {
            let ratio = p.hz / low.hz;
            let nearest = ratio.round();
            nearest <= 7.0 && (ratio / nearest - 1.0).abs() < HARMONIC && p.magnitude < STRONGER * low.magnitude
        })
    });
}
