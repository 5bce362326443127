//! The theory behind the demo pieces: keys, chords, and melodies from a seeded generator.

use fastrand::Rng;

pub const MAJOR: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
pub const MINOR: [i32; 7] = [0, 2, 3, 5, 7, 8, 10];
pub const DORIAN: [i32; 7] = [0, 2, 3, 5, 7, 9, 10];
pub const MIXOLYDIAN: [i32; 7] = [0, 2, 4, 5, 7, 9, 10];
pub const LYDIAN: [i32; 7] = [0, 2, 4, 6, 7, 9, 11];

/// A tonic (MIDI number) and the semitones of its scale. Notes are counted in scale degrees: 0 is the tonic, 7 the
/// tonic an octave up, −1 the seventh below.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub tonic: i32,
    pub scale: [i32; 7],
}

impl Key {
    /// The MIDI number of a scale degree.
    pub fn midi(&self, degree: i32) -> i32 {
        self.tonic + 12 * degree.div_euclid(7) + self.scale[degree.rem_euclid(7) as usize]
    }

    /// The frequency of a scale degree in Hz, equal temperament, A4 = 440.
    pub fn hz(&self, degree: i32) -> f32 {
        hz(self.midi(degree))
    }
}

/// The frequency of a MIDI number in Hz. By multiplication alone: the same bits on every machine.
pub fn hz(midi: i32) -> f32 {
    const SEMITONE: f64 = 1.059_463_094_359_295_3;
    let steps = (midi - 69).unsigned_abs();
    let ratio = (0..steps).fold(1.0, |ratio, _| ratio * SEMITONE);
    (if midi < 69 { 440.0 / ratio } else { 440.0 * ratio }) as f32
}

/// One note of a melody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Note {
    /// When, in beats from the beginning.
    pub beat: f32,
    /// How long, in beats.
    pub beats: f32,
    /// Which scale degree.
    pub degree: i32,
}

/// A melody of one bar a chord, as people write them: a bar's rhythm and contour are invented twice (A and B), and come
/// back as A A B A over changing chords; notes on whole beats are chord notes, the others lie in between; it stays
/// within an octave around `middle` and comes home at the end. `rhythms` are bars to choose from, as note lengths in
/// beats; a negative length is a rest.
pub fn melody(rng: &mut Rng, chords: &[i32], rhythms: &[&[f32]], middle: i32) -> Vec<Note> {
    if rhythms.is_empty() {
        return Vec::new();
    }
    let motifs: Vec<(&[f32], Vec<i32>)> = (0..2)
        .map(|_| {
            let rhythm = rhythms[rng.usize(..rhythms.len())];
            // Small steps, with a leap now and then.
            let contour = rhythm.iter().map(|_| [-2, -1, -1, 1, 1, 1, 2, 3][rng.usize(..8)]).collect();
            (rhythm, contour)
        })
        .collect();
    let mut notes = Vec::new();
    let mut bar_start = 0.0;
    let mut degree = middle;
    for (bar, &chord) in chords.iter().enumerate() {
        let (rhythm, contour) = &motifs[usize::from(bar % 4 == 2)];
        let mut beat = bar_start;
        for (&beats, &step) in rhythm.iter().zip(contour) {
            if beats > 0.0 {
                // Too far out, the contour turns back towards the middle.
                degree += if (degree + step - middle).abs() > 5 { -step } else { step };
                if (beat - bar_start) % 1.0 == 0.0 {
                    degree = nearest_of_chord(degree, chord);
                }
                notes.push(Note { beat, beats, degree });
            }
            beat += beats.abs();
        }
        bar_start = beat;
    }
    if let Some(last) = notes.last_mut() {
        last.degree = nearest_of_chord(last.degree, chords.last().copied().unwrap_or(0));
    }
    notes
}

/// The degree nearest to `degree` that belongs to the triad on `chord`, in any octave; the lower of two.
fn nearest_of_chord(degree: i32, chord: i32) -> i32 {
    let belongs = |d: i32| matches!((d - chord).rem_euclid(7), 0 | 2 | 4);
    (0..7).flat_map(|off| [degree - off, degree + off]).find(|&d| belongs(d)).unwrap_or(degree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_and_frequencies() {
        let c = Key { tonic: 60, scale: MAJOR };
        assert_eq!([c.midi(0), c.midi(4), c.midi(7), c.midi(-1)], [60, 67, 72, 59]);
        assert_eq!(hz(69), 440.0);
        assert!((hz(81) - 880.0).abs() < 1e-3 && (hz(60) - 261.6256).abs() < 1e-3);
    }

    #[test]
    fn melodies_keep_their_promises() {
        let rhythms: &[&[f32]] = &[&[1.0, 0.5, 0.5, -1.0, 1.0], &[2.0, 1.0, 1.0]];
        for seed in 0..50 {
            let chords = [0, 4, 5, 3, 0, 4, 5, 0];
            let notes = melody(&mut Rng::with_seed(seed), &chords, rhythms, 7);
            assert!(notes.iter().all(|n| (n.degree - 7).abs() <= 8), "{notes:?}");
            assert!(notes.last().is_some_and(|n| matches!(n.degree.rem_euclid(7), 0 | 2 | 4) && n.beat < 32.0));
            // The second bar has the first one's rhythm.
            let bar = |b: usize| -> Vec<f32> {
                let at = 4.0 * b as f32;
                notes.iter().filter(|n| n.beat >= at && n.beat < at + 4.0).map(|n| n.beat - at).collect()
            };
            assert_eq!(bar(0), bar(1));
            assert_eq!(bar(0), bar(3));
        }
    }
}
