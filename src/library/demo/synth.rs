//! Instruments for the demo pieces: oscillators, filters, envelopes, plucked strings. Only basic
//! IEEE 754 arithmetic is used, no functions of the C library, so that every machine renders the
//! same bytes.

use std::f32::consts::TAU;
use std::ops::Range;

use fastrand::Rng;

/// Sample rate of all demo sounds, in Hz.
pub const RATE: f32 = 44_100.0;
/// Slowly varying parameters (pitch, cut-off) are updated once every this many samples.
const STRIDE: usize = 32;

/// Converts seconds to a number of samples, rounding down; 0 if negative.
pub fn samples(secs: f32) -> usize {
    (secs.max(0.0) * RATE) as usize
}

/// sin(2π·turns) by its Taylor polynomial of degree 9 on a quarter turn; the error is below 4e-6.
pub fn sine(turns: f32) -> f32 {
    let x = turns - turns.floor() - 0.5;
    let x = if x > 0.25 {
        0.5 - x
    } else if x < -0.25 {
        -0.5 - x
    } else {
        x
    };
    let s = x * x;
    -x * (TAU + s * (-41.341_7 + s * (81.605_25 + s * (-76.705_86 + s * 42.058_693))))
}

/// 2^x for x clamped to −1000..1000, by the Taylor series of e^(t·ln 2) for the fractional part t.
pub fn exp2(x: f32) -> f32 {
    let x = f64::from(x.clamp(-1000.0, 1000.0));
    let whole = x.floor();
    let t = (x - whole) * std::f64::consts::LN_2;
    let (mut term, mut sum) = (1.0, 1.0);
    for i in 1..14 {
        term *= t / f64::from(i);
        sum += term;
    }
    (sum * f64::from_bits(((whole as i64 + 1023) as u64) << 52)) as f32
}

/// The factor per sample of an exponential decay by 60 dB in `secs`; 9.966 is log2(1000).
pub fn decay(secs: f32) -> f32 {
    exp2(-9.965_784 / (secs.max(1e-3) * RATE))
}

/// A waveform.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wave {
    Sine,
    Triangle,
    Saw,
    /// A rectangle that is high for this fraction of the cycle.
    Pulse(f32),
}

/// A tone of `len` samples whose frequency in Hz follows `hz(seconds)`. The steps of saw and pulse
/// are smoothed (PolyBLEP: Välimäki & Huovilainen 2007), so that high notes do not alias audibly.
pub fn tone(wave: Wave, len: usize, hz: impl Fn(f32) -> f32) -> Vec<f32> {
    let mut out = Vec::with_capacity(len);
    let mut phase = 0.0f32;
    while out.len() < len {
        let step = (hz(out.len() as f32 / RATE) / RATE).clamp(1e-6, 0.45);
        for _ in 0..STRIDE.min(len - out.len()) {
            out.push(match wave {
                Wave::Sine => sine(phase),
                Wave::Triangle => 4.0 * (phase - 0.5).abs() - 1.0,
                Wave::Saw => 2.0 * phase - 1.0 - blep(phase, step),
                Wave::Pulse(duty) => {
                    let fall = if phase >= duty { phase - duty } else { phase - duty + 1.0 };
                    let level = if phase < duty { 1.0 } else { -1.0 };
                    // Subtract the DC offset of an asymmetric pulse.
                    level - (2.0 * duty - 1.0) + blep(phase, step) - blep(fall, step)
                }
            });
            phase += step;
            if phase >= 1.0 {
                phase -= 1.0;
            }
        }
    }
    out
}

/// The PolyBLEP correction of an upward step from −1 to 1 at phase 0; `step` is the phase increment
/// per sample.
fn blep(phase: f32, step: f32) -> f32 {
    if phase < step {
        let t = phase / step;
        2.0 * t - t * t - 1.0
    } else if phase > 1.0 - step {
        let t = (phase - 1.0) / step;
        t * t + 2.0 * t + 1.0
    } else {
        0.0
    }
}

/// White noise of `len` samples, uniform in −1..1.
pub fn noise(rng: &mut Rng, len: usize) -> Vec<f32> {
    (0..len).map(|_| white(rng)).collect()
}

fn white(rng: &mut Rng) -> f32 {
    (rng.u32(..) >> 8) as f32 / (1 << 23) as f32 - 1.0
}

/// The amplitude envelope (ADSR) of a note; times in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    /// Linear, from 0 to 1.
    pub attack: f32,
    /// From 1 to `sustain`, within 60 dB.
    pub decay: f32,
    /// The level held, 0 to 1.
    pub sustain: f32,
    /// From the end of the note down by 60 dB.
    pub release: f32,
}

impl Envelope {
    /// Length in samples, including the release, of a note held for `held` seconds.
    pub fn len(&self, held: f32) -> usize {
        samples(held + self.release)
    }

    /// Applies the envelope to a note held for `held` seconds.
    pub fn apply(&self, note: &mut [f32], held: f32) {
        let rise = samples(self.attack);
        let held = samples(held);
        let (fall, release) = (decay(self.decay), decay(self.release));
        let mut level = 0.0;
        for (i, x) in note.iter_mut().enumerate() {
            if i >= held {
                level *= release;
            } else if i < rise {
                level = i as f32 / rise as f32;
            } else {
                level = if i == rise { 1.0 } else { self.sustain + (level - self.sustain) * fall };
            }
            *x *= level;
        }
    }
}

/// The response of a filter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pass {
    Low,
    Band,
    High,
}

/// A state-variable filter (Zavalishin, The Art of VA Filter Design, ch. 4), applied in place. The
/// cut-off in Hz follows `cutoff(seconds)`; `resonance` ranges from 0 to 0.97 (close to
/// self-oscillation).
pub fn filter(signal: &mut [f32], pass: Pass, resonance: f32, cutoff: impl Fn(f32) -> f32) {
    let k = 2.0 - 2.0 * resonance.clamp(0.0, 0.97);
    let (mut low, mut band) = (0.0f32, 0.0f32);
    for (n, block) in signal.chunks_mut(STRIDE).enumerate() {
        let half_turns = cutoff((n * STRIDE) as f32 / RATE).clamp(20.0, 18_000.0) / RATE / 2.0;
        let g = sine(half_turns) / sine(half_turns + 0.25);
        let a1 = 1.0 / (1.0 + g * (g + k));
        for x in block {
            let v3 = *x - low;
            let v1 = a1 * (band + g * v3);
            let v2 = low + g * v1;
            band = 2.0 * v1 - band;
            low = 2.0 * v2 - low;
            *x = match pass {
                Pass::Low => v2,
                Pass::Band => v1,
                Pass::High => *x - k * v1 - v2,
            };
        }
    }
}

/// A plucked string (Karplus & Strong 1983): a burst of noise in a delay loop with a low-pass
/// filter. `brightness` (0 to 1) is that of the noise; `ring` is the time in seconds to decay by 60
/// dB.
pub fn pluck(rng: &mut Rng, hz: f32, secs: f32, brightness: f32, ring: f32) -> Vec<f32> {
    // The averaging in the loop delays by half a sample.
    let period = RATE / hz.max(30.0) - 0.5;
    let whole = period as usize;
    let fraction = period - whole as f32;
    let mut string = noise(rng, whole + 2);
    let mut soft = 0.0;
    for x in &mut string {
        soft += (0.08 + 0.9 * brightness.clamp(0.0, 1.0)) * (*x - soft);
        *x = soft;
    }
    let mean = string.iter().sum::<f32>() / string.len() as f32;
    string.iter_mut().for_each(|x| *x -= mean);
    // The loss per period for a decay by 60 dB in `ring` seconds; 9.966 is log2(1000).
    let loss = exp2(-9.965_784 * period / (ring.max(0.05) * RATE));
    let n = string.len();
    let mut at = 0;
    let mut last = 0.0;
    (0..samples(secs))
        .map(|_| {
            // The sample `period` ago lies between two of the delay line.
            let newer = string[(at + n - whole) % n];
            let older = string[(at + n - whole - 1) % n];
            let now = newer + fraction * (older - newer);
            let next = loss * 0.5 * (now + last);
            last = now;
            string[at] = next;
            at = (at + 1) % n;
            next
        })
        .collect()
}

/// A linear ramp between two values over a range of seconds, constant outside.
pub fn ramp(over: Range<f32>, from: f32, to: f32) -> impl Fn(f32) -> f32 {
    move |t| from + (to - from) * ((t - over.start) / (over.end - over.start)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_are_what_they_say() {
        for i in -300..300 {
            let x = i as f32 / 97.0;
            assert!((sine(x) - (std::f64::consts::TAU * f64::from(x)).sin() as f32).abs() < 1e-5, "{x}");
            assert!((exp2(x) / x.exp2() - 1.0).abs() < 1e-6, "{x}");
        }
        assert!((decay(0.5).powf(0.5 * RATE) - 1e-3).abs() < 1e-4);
    }

    /// Counts upward zero crossings.
    fn cycles(signal: &[f32]) -> usize {
        signal.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count()
    }

    #[test]
    fn tones_have_their_pitch_no_offset_and_no_excess() {
        for wave in [Wave::Sine, Wave::Triangle, Wave::Saw, Wave::Pulse(0.5), Wave::Pulse(0.125)] {
            let one = tone(wave, samples(1.0), |_| 441.0);
            assert!((440..=442).contains(&cycles(&one)), "{wave:?} {}", cycles(&one));
            let mean = one.iter().sum::<f32>() / RATE;
            assert!(mean.abs() < 0.01, "{wave:?} {mean}");
            assert!(one.iter().all(|x| x.abs() < 1.9));
        }
    }

    #[test]
    fn a_string_is_in_tune_and_dies_away() {
        let string = pluck(&mut Rng::with_seed(1), 220.0, 2.0, 0.3, 1.5);
        let late = &string[samples(0.5)..samples(1.0)];
        // The period is the lag with the highest autocorrelation.
        let likeness = |lag: usize| -> f32 { late.iter().zip(&late[lag..]).map(|(a, b)| a * b).sum() };
        let best = (150..250).max_by(|&a, &b| likeness(a).total_cmp(&likeness(b)));
        assert!(best.is_some_and(|lag| (199..=202).contains(&lag)), "{best:?}");
        let energy = |r: Range<usize>| string[r].iter().map(|x| x * x).sum::<f32>();
        assert!(energy(0..22_050) > 20.0 * energy(66_150..88_200));
    }

    #[test]
    fn filters_pass_and_stop() {
        let energy = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>();
        for (pass, low, high) in [(Pass::Low, true, false), (Pass::High, false, true), (Pass::Band, false, false)] {
            for (hz, kept) in [(60.0, low), (9000.0, high)] {
                let mut signal = tone(Wave::Sine, samples(0.5), |_| hz);
                let before = energy(&signal);
                filter(&mut signal, pass, 0.0, |_| 800.0);
                assert_eq!(energy(&signal) > 0.5 * before, kept, "{pass:?} {hz}");
            }
        }
    }
}
