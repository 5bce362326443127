//! Techno: four-to-the-floor kick and hats, with an acid bass line behind a sweeping filter or with
//! deep chords and echo.

use fastrand::Rng;

use super::drums;
use super::mix::Mix;
use super::score::{DORIAN, Key, MINOR};
use super::synth::{Envelope, Pass, Wave, exp2, filter, noise, ramp, samples, tone};

/// Bars of a piece: four parts of four bars.
const BARS: usize = 16;

/// Composes one piece; `dub` ones have a low-pass filtered bass and chords with echo, the others an
/// acid line.
pub fn compose(rng: &mut Rng, dub: bool) -> Vec<i16> {
    let key = Key { tonic: rng.i32(38..46), scale: [MINOR, DORIAN][rng.usize(..2)] };
    let bpm = if dub { 122.0 } else { 128.0 } + rng.i32(0..4) as f32 * 2.0;
    let beat = 60.0 / bpm;
    let secs = BARS as f32 * 4.0 * beat + 0.6;

    let mut synths = Mix::silent(secs);
    if dub {
        deep_bass(rng, &mut synths, key, beat);
        chords(rng, &mut synths, key, beat);
        synths.echo(beat * 0.75, 0.55);
        synths.room(0.4, 0.6, 0.5);
    } else {
        acid(rng, &mut synths, key, beat);
        synths.echo(beat * 0.5, 0.2);
        synths.room(0.12, 0.3, 0.5);
    }
    // The kick ducks the synths, like sidechain compression.
    synths.gain(|t| {
        let since = t / beat - (t / beat).floor();
        if breaks((t / beat / 4.0) as usize) { 1.0 } else { 1.0 - 0.75 * exp2(-since * 8.0) }
    });

    let mut mix = Mix::silent(secs);
    mix.layer(&synths, 1.0);
    beats(rng, &mut mix, beat);
    mix.add(&riser(rng, 4.0 * beat), 11.0 * 4.0 * beat, 0.25, 0.0);
    mix.finish(0.05, 2.0, 0.85)
}

/// Whether a bar is without kick: the third part, except for its first bar.
fn breaks(bar: usize) -> bool {
    (9..12).contains(&bar)
}

fn beats(rng: &mut Rng, mix: &mut Mix, beat: f32) {
    let kick = drums::kick(190.0 + 20.0 * rng.f32(), 46.0, 0.38);
    let clap = drums::clap(rng);
    let closed = drums::burst(rng, 8000.0, 16_000.0, 0.05);
    let open = drums::burst(rng, 6500.0, 16_000.0, 0.22);
    // Each piece has a random closed-hat pattern.
    let pattern: Vec<f32> =
        (0..16).map(|i| if i % 4 == 0 || rng.u8(..4) > 0 { 0.05 + 0.1 * rng.f32() } else { 0.0 }).collect();
    for bar in 0..BARS {
        for (step, &loud) in pattern.iter().enumerate() {
            let at = (bar as f32 * 4.0 + step as f32 * 0.25) * beat;
            if step % 4 == 0 && !breaks(bar) {
                mix.add(&kick, at, 1.0, 0.0);
            }
            if step % 4 == 2 && bar >= 2 {
                mix.add(&open, at, 0.2, 0.1);
            }
            if step % 8 == 4 && bar >= 4 && !breaks(bar) {
                mix.add(&clap, at, 0.32, -0.1);
            }
            if loud > 0.0 {
                mix.add(&closed, at, loud, 0.3);
            }
        }
    }
}

/// An acid line: one bar of sixteenths, repeated, while the filter opens through the piece.
fn acid(rng: &mut Rng, mix: &mut Mix, key: Key, beat: f32) {
    let line: Vec<Option<(i32, bool)>> = (0..16)
        .map(|i| {
            let plays = i == 0 || rng.u8(..10) < 7;
            plays.then(|| ([0, 0, 0, 7, 7, 2, 4, 6][rng.usize(..8)], rng.u8(..4) == 0))
        })
        .collect();
    let secs = BARS as f32 * 4.0 * beat;
    let mut notes = vec![0.0; samples(secs)];
    let shape = Envelope { attack: 0.003, decay: 0.25, sustain: 0.3, release: 0.03 };
    for bar in 2..BARS {
        for (step, note) in line.iter().enumerate() {
            let Some((degree, accent)) = *note else { continue };
            let held = beat / 4.0 * if accent { 0.95 } else { 0.6 };
            let mut sound = tone(Wave::Saw, shape.len(held), |_| key.hz(degree));
            // Each note sweeps the filter, an accent further.
            let open = ramp(0.0..secs, 250.0, 900.0)((bar * 16 + step) as f32 * beat / 4.0);
            let peak = if accent { 6.0 } else { 3.0 };
            filter(&mut sound, Pass::Low, 0.85, |t| open * (1.0 + peak * exp2(-t * 18.0)));
            shape.apply(&mut sound, held);
            let start = samples((bar as f32 * 4.0 + step as f32 * 0.25) * beat);
            let gain = if accent { 0.6 } else { 0.45 };
            notes[start..].iter_mut().zip(&sound).for_each(|(a, b)| *a += gain * b);
        }
    }
    mix.add(&notes, 0.0, 0.8, 0.0);
}

fn deep_bass(rng: &mut Rng, mix: &mut Mix, key: Key, beat: f32) {
    let shape = Envelope { attack: 0.01, decay: 0.6, sustain: 0.6, release: 0.08 };
    let steps: Vec<(usize, i32)> =
        (0..16).filter(|i| i % 4 != 0).map(|i| (i, [0, 0, 0, -3, 2][rng.usize(..5)])).collect();
    let chosen: Vec<_> = steps.into_iter().filter(|_| rng.u8(..10) < 5).collect();
    for bar in 2..BARS {
        for &(step, degree) in &chosen {
            let held = beat * 0.3;
            let mut sound = tone(Wave::Triangle, shape.len(held), |_| key.hz(degree));
            filter(&mut sound, Pass::Low, 0.0, |_| 220.0);
            shape.apply(&mut sound, held);
            mix.add(&sound, (bar as f32 * 4.0 + step as f32 * 0.25) * beat, 0.7, 0.0);
        }
    }
}

/// Short off-beat chords through a low-pass filter that opens through the piece.
fn chords(rng: &mut Rng, mix: &mut Mix, key: Key, beat: f32) {
    let shape = Envelope { attack: 0.004, decay: 0.3, sustain: 0.0, release: 0.1 };
    let places: &[usize] = [&[3, 10][..], &[2, 6, 11], &[3, 9, 14]][rng.usize(..3)];
    let second = [3, 5, 6][rng.usize(..3)];
    for bar in 0..BARS {
        let root = if bar % 4 == 3 { second } else { 0 };
        for &step in places {
            let mut stab = vec![0.0; shape.len(0.25)];
            for degree in [root + 14, root + 16, root + 18, root + 20] {
                let voice = tone(Wave::Saw, stab.len(), |_| key.hz(degree));
                stab.iter_mut().zip(&voice).for_each(|(a, b)| *a += 0.25 * b);
            }
            let centre = ramp(0.0..BARS as f32, 500.0, 1500.0)(bar as f32);
            filter(&mut stab, Pass::Low, 0.5, |t| centre * (1.0 + 1.5 * exp2(-t * 14.0)));
            shape.apply(&mut stab, 0.25);
            let pan = if step % 2 == 0 { -0.4 } else { 0.4 };
            mix.add(&stab, (bar as f32 * 4.0 + step as f32 * 0.25) * beat, 0.5, pan);
        }
    }
}

/// A noise riser before the kick returns.
fn riser(rng: &mut Rng, secs: f32) -> Vec<f32> {
    let mut riser = noise(rng, samples(secs));
    filter(&mut riser, Pass::Band, 0.5, ramp(0.0..secs, 400.0, 8000.0));
    let n = riser.len() as f32;
    riser.iter_mut().enumerate().for_each(|(i, x)| *x *= i as f32 / n);
    riser
}
