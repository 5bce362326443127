//! Folk: a fingerpicked guitar, and a melody on a second guitar or a flute.

use fastrand::Rng;

use super::mix::Mix;
use super::score::{DORIAN, Key, MAJOR, MIXOLYDIAN, melody};
use super::synth::{Envelope, Pass, Wave, filter, noise, pluck, samples, sine, tone};

const PROGRESSIONS: [[i32; 4]; 5] = [[0, 3, 0, 4], [0, 4, 5, 3], [0, 5, 3, 4], [0, 3, 4, 0], [0, 6, 3, 0]];
const IN_FOUR: [&[f32]; 4] = [&[1.0, 1.0, 2.0], &[1.5, 0.5, 1.0, 1.0], &[2.0, 1.0, 1.0], &[1.0, 0.5, 0.5, 1.0, 1.0]];
const IN_THREE: [&[f32]; 4] = [&[2.0, 1.0], &[1.0, 1.0, 1.0], &[1.5, 0.5, 1.0], &[1.0, 0.5, 0.5, 1.0]];
/// Fingerpicking patterns: scale degrees above the chord's root for the eighths of a bar. A bar in
/// three uses the first six.
const PICKING: [[i32; 8]; 3] = [[0, 9, 4, 7, 0, 11, 4, 9], [0, 7, 4, 9, 0, 7, 4, 11], [0, 4, 7, 9, 11, 9, 7, 4]];

/// Composes one piece; the melody is played by a `flute` or by a second guitar.
pub fn compose(rng: &mut Rng, flute: bool) -> Vec<i16> {
    let in_three = rng.u8(..3) == 0;
    let (beats, rhythms) = if in_three { (3, &IN_THREE) } else { (4, &IN_FOUR) };
    let key = Key { tonic: rng.i32(40..48), scale: [MAJOR, MAJOR, MIXOLYDIAN, DORIAN][rng.usize(..4)] };
    let beat = 60.0 / if in_three { rng.i32(116..134) as f32 } else { rng.i32(94..114) as f32 };
    let progression = PROGRESSIONS[rng.usize(..PROGRESSIONS.len())];
    // Two bars of accompaniment, the tune, a final chord.
    let tune_bars = if in_three { 16 } else { 8 };
    let chords: Vec<i32> = progression.iter().copied().cycle().take(tune_bars + 2).chain([0]).collect();
    let bar_secs = beats as f32 * beat;
    let mut mix = Mix::silent(bar_secs * chords.len() as f32 + 2.5);

    let picking = PICKING[rng.usize(..PICKING.len())];
    for (bar, &chord) in chords.iter().enumerate() {
        let at = bar as f32 * bar_secs;
        if bar + 1 == chords.len() {
            // A strummed chord that rings out.
            for (i, degree) in [0, 4, 7, 9, 11, 14].into_iter().enumerate() {
                let string = pluck(rng, key.hz(chord + degree), 4.0, 0.4, 4.0);
                mix.add(&string, at + 0.035 * i as f32, 0.5, -0.3);
            }
            break;
        }
        for eighth in 0..2 * beats {
            let degree = chord + picking[eighth % 8];
            let thumb = eighth % 4 == 0;
            // Vary timing and level a little, like a human player.
            let late = 0.012 * rng.f32();
            let string = pluck(rng, key.hz(degree), 2.2, if thumb { 0.25 } else { 0.45 }, 2.8);
            let gain = if thumb { 0.7 } else { 0.42 + 0.12 * rng.f32() };
            mix.add(&string, at + eighth as f32 * beat / 2.0 + late, gain, -0.3);
        }
    }

    let middle = if flute { 18 } else { 14 };
    for note in melody(rng, &chords[2..2 + tune_bars], rhythms, middle) {
        let (at, secs) = (2.0 * bar_secs + note.beat * beat, note.beats * beat);
        if flute {
            mix.add(&blow(rng, key.hz(note.degree), secs * 0.95), at, 0.22, 0.35);
        } else {
            let string = pluck(rng, key.hz(note.degree), secs + 1.2, 0.7, 2.5);
            mix.add(&string, at + 0.008 * rng.f32(), 0.6, 0.4);
        }
    }
    mix.room(0.3, 0.35, 0.5);
    mix.finish(0.05, 1.5, 0.8)
}

/// A wooden flute: few overtones, breath noise, and a vibrato that fades in over half a second.
fn blow(rng: &mut Rng, hz: f32, secs: f32) -> Vec<f32> {
    let shape = Envelope { attack: 0.07, decay: 2.0, sustain: 0.8, release: 0.15 };
    let pitch = |t: f32| hz * (1.0 + 0.005 * (t * 2.0).min(1.0) * sine(5.1 * t));
    let len = shape.len(secs);
    let mut note = tone(Wave::Sine, len, pitch);
    for (ratio, gain) in [(2.0, 0.3), (3.0, 0.12), (4.0, 0.03)] {
        let overtone = tone(Wave::Sine, len, |t| ratio * pitch(t));
        note.iter_mut().zip(&overtone).for_each(|(a, b)| *a += gain * b);
    }
    let mut breath = noise(rng, len.max(samples(0.1)));
    filter(&mut breath, Pass::Band, 0.6, |_| (hz * 2.0).min(4000.0));
    note.iter_mut().zip(&breath).for_each(|(a, b)| *a += 0.12 * b);
    shape.apply(&mut note, secs);
    note
}
