//! Ambient: slow chords that cross-fade, distant bells and wind noise; no drums.

use fastrand::Rng;

use super::mix::Mix;
use super::score::{DORIAN, Key, LYDIAN, MAJOR, hz};
use super::synth::{Envelope, Pass, RATE, Wave, decay, filter, noise, samples, sine, tone};

/// Chord progressions, as scale degrees of the roots.
const WALKS: [[i32; 5]; 4] = [[0, 3, 5, 4, 0], [0, 5, 1, 3, 0], [0, 2, 3, 5, 0], [0, 4, 3, 1, 0]];

/// Composes one piece; `glassy` ones consist of sines and bells, the others of filtered saws.
pub fn compose(rng: &mut Rng, glassy: bool) -> Vec<i16> {
    let key = Key { tonic: rng.i32(45..54), scale: [DORIAN, LYDIAN, MAJOR][rng.usize(..3)] };
    let walk = WALKS[rng.usize(..WALKS.len())];
    let chord_secs = 5.2 + rng.f32() * 1.3;
    let secs = chord_secs * walk.len() as f32 + 3.0;
    let mut mix = Mix::silent(secs);
    for (i, &chord) in walk.iter().enumerate() {
        // The root an octave down, an open triad, and the ninth on top.
        for (voice, degree) in [chord - 7, chord, chord + 4, chord + 9, chord + 15].into_iter().enumerate() {
            let pad =
                if glassy { glass(rng, key.hz(degree), chord_secs) } else { warm(rng, key.hz(degree), chord_secs) };
            let pan = [0.0, -0.5, 0.5, -0.7, 0.7][voice];
            mix.add(&pad, i as f32 * chord_secs, [0.5, 0.35, 0.3, 0.22, 0.12][voice], pan);
        }
    }
    let bells = if glassy { 14 } else { 6 };
    for _ in 0..bells {
        let at = 2.0 + rng.f32() * (secs - 7.0);
        // Degrees 1, 2, 3, 5 and 6, two octaves up: they go with every chord.
        let degree = [14, 15, 16, 18, 19, 21][rng.usize(..6)];
        mix.add(&bell(hz(key.midi(degree))), at, 0.09 + 0.05 * rng.f32(), rng.f32() * 1.6 - 0.8);
    }
    mix.add(&air(rng, secs), 0.0, if glassy { 0.05 } else { 0.09 }, 0.0);
    mix.echo(0.75, 0.25);
    mix.room(1.0, 0.85, 0.45);
    mix.finish(2.0, 4.0, 0.75)
}

const SWELL: Envelope = Envelope { attack: 2.4, decay: 8.0, sustain: 0.7, release: 5.0 };

/// A pad of two slightly detuned saws behind a slowly moving low-pass filter.
fn warm(rng: &mut Rng, hz: f32, secs: f32) -> Vec<f32> {
    let len = SWELL.len(secs);
    let apart = 1.002 + 0.002 * rng.f32();
    let mut pad = tone(Wave::Saw, len, |_| hz);
    pad.iter_mut().zip(tone(Wave::Saw, len, |_| hz * apart)).for_each(|(a, b)| *a += b);
    let (slow, start) = (0.06 + 0.06 * rng.f32(), rng.f32());
    filter(&mut pad, Pass::Low, 0.1, |t| 650.0 + 350.0 * sine(start + slow * t));
    SWELL.apply(&mut pad, secs);
    pad
}

/// A pad of a sine and its octave, whose level is slowly modulated.
fn glass(rng: &mut Rng, hz: f32, secs: f32) -> Vec<f32> {
    let len = SWELL.len(secs);
    let mut pad = tone(Wave::Sine, len, |_| hz);
    let (slow, start) = (0.15 + 0.2 * rng.f32(), rng.f32());
    let octave = tone(Wave::Sine, len, |_| 2.003 * hz);
    for (i, (x, y)) in pad.iter_mut().zip(&octave).enumerate() {
        *x += (0.4 + 0.2 * sine(start + slow * i as f32 / RATE)) * y;
    }
    SWELL.apply(&mut pad, secs);
    pad
}

/// A small bell: the partials of a struck bar; the higher ones decay faster.
fn bell(hz: f32) -> Vec<f32> {
    let mut bell = vec![0.0; samples(4.0)];
    for (ratio, gain, secs) in [(1.0, 1.0, 4.0), (2.76, 0.4, 2.0), (5.4, 0.2, 0.9)] {
        let shrink = decay(secs);
        let mut level = gain;
        for (x, partial) in bell.iter_mut().zip(tone(Wave::Sine, samples(secs), |_| hz * ratio)) {
            *x += level * partial;
            level *= shrink;
        }
    }
    bell
}

/// Wind: noise through a band-pass filter whose centre moves slowly.
fn air(rng: &mut Rng, secs: f32) -> Vec<f32> {
    let mut air = noise(rng, samples(secs));
    let slow = 0.05 + 0.04 * rng.f32();
    filter(&mut air, Pass::Band, 0.3, |t| 900.0 + 500.0 * sine(slow * t));
    air
}
