//! Test signals whose descriptors are known.

use std::f64::consts::TAU;

use super::frames::RATE;

/// White noise in −1..1, the same for the same seed.
pub fn white(secs: f32, seed: u64) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..(secs * RATE) as usize).map(|_| random.f32() * 2.0 - 1.0).collect()
}

/// Noise of equal power in every octave (−3 dB an octave), by white noise through Kellet's filter.
pub fn pink(secs: f32, seed: u64) -> Vec<f32> {
    const POLES: [(f32, f32); 6] = [
        (0.998_86, 0.055_517_9),
        (0.993_32, 0.075_075_9),
        (0.969, 0.153_852),
        (0.866_5, 0.310_485_6),
        (0.55, 0.532_952_2),
        (-0.761_6, -0.016_898),
    ];
    let mut state = [0.0f32; 6];
    let mut delayed = 0.0;
    white(secs, seed)
        .into_iter()
        .map(|x| {
            for (s, (pole, gain)) in state.iter_mut().zip(POLES) {
                *s = pole * *s + gain * x;
            }
            let out = state.iter().sum::<f32>() + delayed + 0.536_2 * x;
            delayed = 0.115_926 * x;
            0.1 * out
        })
        .collect()
}

/// A sine of amplitude 0.5.
pub fn sine(hz: f32, secs: f32) -> Vec<f32> {
    (0..(secs * RATE) as usize)
        .map(|i| (0.5 * (TAU * f64::from(hz) * i as f64 / f64::from(RATE)).sin()) as f32)
        .collect()
}

/// Silence.
pub fn silence(secs: f32) -> Vec<f32> {
    vec![0.0; (secs * RATE) as usize]
}

/// Adds a hit at a time: noise that dies away within some 30 ms.
pub fn hit(out: &mut [f32], at: f32, amplitude: f32, seed: u64) {
    let from = (at * RATE) as usize;
    for (i, (x, noise)) in out.iter_mut().skip(from).zip(white(0.1, seed)).enumerate() {
        *x += amplitude * noise * (-(i as f32) / (0.01 * RATE)).exp();
    }
}

/// A hit a beat.
pub fn clicks(bpm: f32, secs: f32) -> Vec<f32> {
    let mut out = silence(secs);
    for beat in 0..(secs * bpm / 60.0) as usize {
        hit(&mut out, beat as f32 * 60.0 / bpm, 0.8, beat as u64);
    }
    out
}

/// Adds a note with eight harmonics that sets in and ends softly: its pitch in semitones above C4 at A4 = 440 Hz.
pub fn note(out: &mut [f32], pitch: f32, at: f32, secs: f32) {
    let hz = 261.625_6 * (pitch / 12.0).exp2();
    let n = (secs * RATE) as usize;
    for (i, x) in out.iter_mut().skip((at * RATE) as usize).take(n).enumerate() {
        let time = i as f32 / RATE;
        let swell = (time / 0.03).min((secs - time) / 0.03).clamp(0.0, 1.0);
        let turns = f64::from(hz) * i as f64 / f64::from(RATE);
        let sound: f64 = (1..=8).map(|h| (TAU * f64::from(h) * turns).sin() / f64::from(h * h)).sum();
        *x += 0.15 * swell * sound as f32;
    }
}

/// A chord held throughout, its pitches as [`note`] has them.
pub fn pad(pitches: &[f32], secs: f32) -> Vec<f32> {
    let mut out = silence(secs);
    pitches.iter().for_each(|&p| note(&mut out, p, 0.0, secs));
    out
}

/// A drum kit in four: a kick that glides from 120 to 45 Hz on the beat, a snare on the second and fourth, a hi-hat on
/// every eighth.
pub fn drums(bpm: f32, secs: f32) -> Vec<f32> {
    let mut out = silence(secs);
    let beat = 60.0 / bpm;
    for i in 0..(secs / beat * 2.0) as usize {
        let at = i as f32 * beat / 2.0;
        hit(&mut out, at, 0.15, i as u64);
        if i % 2 == 0 {
            kick(&mut out, at);
        }
        if i % 4 == 2 {
            for tail in 0..4 {
                hit(&mut out, at + 0.01 * tail as f32, 0.3, 900 + (4 * i + tail) as u64);
            }
        }
    }
    out
}

/// Adds a kick of 0.2 s at a time.
pub fn kick(out: &mut [f32], at: f32) {
    let mut turns = 0.0;
    for (i, x) in out.iter_mut().skip((at * RATE) as usize).take((0.2 * RATE) as usize).enumerate() {
        let time = f64::from(i as f32 / RATE);
        turns += (45.0 + 75.0 * (-time / 0.03).exp()) / f64::from(RATE);
        *x += ((TAU * turns).sin() * (-time / 0.06).exp()) as f32;
    }
}
