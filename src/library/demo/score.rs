//! Music theory for the demo pieces: keys, chords, and melodies from a seeded generator.

use fastrand::Rng;

pub const MAJOR: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
pub const MINOR: [i32; 7] = [0, 2, 3, 5, 7, 8, 10];
pub const DORIAN: [i32; 7] = [0, 2, 3, 5, 7, 9, 10];
pub const MIXOLYDIAN: [i32; 7] = [0, 2, 4, 5, 7, 9, 10];
pub const LYDIAN: [i32; 7] = [0, 2, 4, 6, 7, 9, 11];

/// A tonic (MIDI number) and a scale (semitones above the tonic). Notes are scale degrees: 0 is the
/// tonic, 7 the tonic an octave up, −1 the seventh below.
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

    /// The frequency of a scale degree in Hz: equal temperament, A4 = 440 Hz.
    pub fn hz(&self, degree: i32) -> f32 {
        hz(self.midi(degree))
    }
}

/// The frequency of a MIDI number in Hz. Uses only multiplication and division, so that the bits
/// are the same on every machine.
pub fn hz(midi: i32) -> f32 {
    const SEMITONE: f64 = 1.059_463_094_359_295_3;
    let steps = (midi - 69).unsigned_abs();
    let ratio = (0..steps).fold(1.0, |ratio, _| ratio * SEMITONE);
    (if midi < 69 { 440.0 / ratio } else { 440.0 * ratio }) as f32
}

/// One note of a melody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Note {
    /// Start, in beats from the beginning.
    pub beat: f32,
    /// Length in beats.
    pub beats: f32,
    /// Scale degree.
    pub degree: i32,
}

/// A melody with one bar per chord. Two bar motifs of rhythm and contour, A and B, are chosen at
/// random and repeated as A A B A over the changing chords. Notes on whole beats are snapped to
/// chord notes, and the last note to a note of the last chord. The melody stays within about an
/// octave of the degree `middle`. `rhythms` are the bars to choose from, as note lengths in beats;
/// a negative length is a rest.
pub fn melody(rng: &mut Rng, chords: &[i32], rhythms: &[&[f32]], middle: i32) -> Vec<Note> {
    if rhythms.is_empty() {
        return Vec::new();
    }
    let motifs: Vec<(&[f32], Vec<i32>)> = (0..2)
        .map(|_| {
            let rhythm = rhythms[rng.usize(..rhythms.len())];
            // Small steps, with an occasional leap.
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
                // Too far from the middle: invert the step.
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

/// The degree nearest to `degree` that belongs to the triad on `chord`, in any octave; the lower of
/// two equally near ones.
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
            // Bars 2 and 4 have the rhythm of bar 1 (motif A).
            let bar = |b: usize| -> Vec<f32> {
                let at = 4.0 * b as f32;
                notes.iter().filter(|n| n.beat >= at && n.beat < at + 4.0).map(|n| n.beat - at).collect()
            };
            assert_eq!(bar(0), bar(1));
            assert_eq!(bar(0), bar(3));
        }
    }
}
