//! Chiptune: pulse leads, fast arpeggios, a stepped triangle bass and noise drums, like a 1980s
//! game console.

use fastrand::Rng;

use super::drums;
use super::mix::Mix;
use super::score::{Key, MAJOR, MINOR, MIXOLYDIAN, melody};
use super::synth::{Envelope, Wave, sine, tone};

const PROGRESSIONS: [[i32; 4]; 5] = [[0, 4, 5, 3], [0, 5, 3, 4], [0, 3, 4, 4], [5, 3, 0, 4], [0, 6, 3, 4]];
const RHYTHMS: [&[f32]; 5] = [
    &[0.5, 0.5, 1.0, 0.5, 0.5, 1.0],
    &[1.0, 0.5, 0.5, -0.5, 0.5, 1.0],
    &[0.75, 0.75, 0.5, 0.75, 0.75, 0.5],
    &[0.5, 0.5, 0.5, 0.5, 1.0, -0.5, 0.5],
    &[1.5, 0.5, 1.0, 0.5, 0.5],
];

/// Composes one piece; `bouncy` ones have off-beat arpeggios and a bass in octaves.
pub fn compose(rng: &mut Rng, bouncy: bool) -> Vec<i16> {
    let key = Key { tonic: rng.i32(57..66), scale: [MAJOR, MIXOLYDIAN, MINOR][rng.usize(..3)] };
    let bpm = 138.0 + rng.i32(0..9) as f32 * 4.0;
    let beat = 60.0 / bpm;
    let progression = PROGRESSIONS[rng.usize(..PROGRESSIONS.len())];
    // Sixteen bars and a final chord.
    let chords: Vec<i32> = progression.iter().copied().cycle().take(16).chain([0]).collect();
    let mut mix = Mix::silent(beat * 4.0 * chords.len() as f32 + 0.8);

    let duty = [0.125, 0.25, 0.5][rng.usize(..3)];
    let theme = melody(rng, &chords[..8], &RHYTHMS, 7);
    for (round, start) in [(0, 0.0), (1, 32.0)] {
        for note in &theme {
            let (at, secs) = ((note.beat + start) * beat, note.beats * beat * 0.9);
            mix.add(&lead(key.hz(note.degree), secs, duty), at, 0.3, -0.15);
            if round == 1 {
                // The repeat adds a second voice in thirds.
                mix.add(&lead(key.hz(note.degree + 2), secs, 0.5), at, 0.14, 0.4);
            }
        }
    }
    mix.echo(beat * 0.75, 0.18);

    let sixteenth = beat / 4.0;
    for (bar, &chord) in chords.iter().enumerate() {
        let bar_at = bar as f32 * 4.0 * beat;
        if bar + 1 == chords.len() {
            for (degree, pan) in [(chord, -0.4), (chord + 2, 0.0), (chord + 4, 0.4), (chord + 7, 0.0)] {
                mix.add(&lead(key.hz(degree), 3.0 * beat, 0.5), bar_at, 0.2, pan);
            }
            mix.add(&bass(key.hz(chord - 14), 3.0 * beat), bar_at, 0.45, 0.0);
            break;
        }
        for step in 0..16 {
            let at = bar_at + step as f32 * sixteenth;
            let degree = chord + [0, 2, 4, 7][step % 4];
            if !bouncy || step % 4 >= 2 {
                mix.add(&blip(key.hz(degree), sixteenth * 0.9), at, 0.13, 0.45);
            }
            if step % 2 == 0 {
                let octave = if bouncy && step % 4 == 2 { 7 } else { 14 };
                mix.add(&bass(key.hz(chord - octave), sixteenth * 1.7), at, 0.4, 0.0);
            }
        }
    }
    beats(rng, &mut mix, beat, 16);
    mix.finish(0.02, 0.5, 0.8)
}

/// Drums from the third bar on: kick and snare on alternate beats, hats on every eighth, a snare
/// fill in every fourth bar.
fn beats(rng: &mut Rng, mix: &mut Mix, beat: f32, bars: usize) {
    let kick = drums::kick(220.0, 55.0, 0.12);
    let snare = drums::burst(rng, 800.0, 9000.0, 0.16);
    let hat = drums::burst(rng, 6000.0, 16_000.0, 0.05);
    // The first two bars are without drums.
    for bar in 2..bars {
        for eighth in 0..8 {
            let at = (bar as f32 * 4.0 + eighth as f32 * 0.5) * beat;
            mix.add(&hat, at, if eighth % 2 == 0 { 0.12 } else { 0.2 }, 0.2);
            match eighth {
                0 | 4 | 5 => mix.add(&kick, at, 0.7, 0.0),
                2 | 6 => mix.add(&snare, at, 0.35, 0.0),
                7 if bar % 4 == 3 => {
                    mix.add(&snare, at, 0.3, -0.2);
                    mix.add(&snare, at + beat / 4.0, 0.35, 0.2);
                }
                _ => {}
            }
        }
    }
}

/// A held pulse wave with a vibrato after 0.15 s.
fn lead(hz: f32, secs: f32, duty: f32) -> Vec<f32> {
    let shape = Envelope { attack: 0.004, decay: 0.5, sustain: 0.6, release: 0.06 };
    let mut note = tone(Wave::Pulse(duty), shape.len(secs), |t| {
        hz * (1.0 + if t > 0.15 { 0.006 * sine(6.0 * (t - 0.15)) } else { 0.0 })
    });
    shape.apply(&mut note, secs);
    note
}

fn blip(hz: f32, secs: f32) -> Vec<f32> {
    let shape = Envelope { attack: 0.002, decay: 0.12, sustain: 0.2, release: 0.02 };
    let mut note = tone(Wave::Pulse(0.5), shape.len(secs), |_| hz);
    shape.apply(&mut note, secs);
    note
}

/// A triangle wave quantised to sixteen levels, as on such consoles.
fn bass(hz: f32, secs: f32) -> Vec<f32> {
    let shape = Envelope { attack: 0.002, decay: 1.0, sustain: 0.8, release: 0.03 };
    let mut note = tone(Wave::Triangle, shape.len(secs), |_| hz);
    note.iter_mut().for_each(|x| *x = (*x * 7.5).round() / 7.5);
    shape.apply(&mut note, secs);
    note
}
