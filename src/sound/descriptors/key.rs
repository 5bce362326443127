//! Key detection from a chroma.

use super::chroma::Chroma;
use super::values::Key;

/// How well each pitch class fits a key, from its tonic on (Krumhansl and Kessler 1982).
const MAJOR: [f32; 12] = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR: [f32; 12] = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

/// As musicians spell them.
const MAJOR_NAMES: [&str; 12] = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
const MINOR_NAMES: [&str; 12] = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"];

impl Key {
    /// `A minor`, `F# major`.
    pub fn name(&self) -> String {
        let tonic = usize::from(self.tonic % 12);
        if self.minor { format!("{} minor", MINOR_NAMES[tonic]) } else { format!("{} major", MAJOR_NAMES[tonic]) }
    }

    /// Its name on the Camelot wheel: the number goes up by one with every fifth, `A` is minor and `B` major, relatives
    /// share a number. C major is `8B`, A minor `8A`.
    pub fn camelot(&self) -> String {
        let major = u32::from(self.tonic % 12) + if self.minor { 3 } else { 0 };
        format!("{}{}", (major * 7 + 7) % 12 + 1, if self.minor { 'A' } else { 'B' })
    }
}

/// A best key with a lower correlation does not count; noise rarely reaches it.
const FITS: f32 = 0.6;
/// A key with a smaller lead is a guess: the next half minute would give another.
const LEADS: f32 = 0.02;

/// The fit of a chroma to all keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    /// The best key; its confidence is the best correlation less the second best.
    pub best: Key,
    /// Its correlation.
    pub correlation: f32,
    /// The best major key's correlation less the best minor one's.
    pub mode: f32,
}

impl Fit {
    /// The correlations of a chroma with the profiles of all 24 keys.
    pub fn of(chroma: &Chroma) -> Fit {
        let keys = (0..24).map(|i| (i % 12, i >= 12));
        let mut fits: Vec<(f32, u8, bool)> = keys
            .map(|(tonic, minor)| {
                (correlation(&chroma.classes, if minor { &MINOR } else { &MAJOR }, tonic), tonic, minor)
            })
            .collect();
        fits.sort_by(|a, b| b.0.total_cmp(&a.0));
        let of_mode = |wanted| fits.iter().find(|f| f.2 == wanted).map_or(0.0, |f| f.0);
        let (best, second) = (fits[0], fits[1]);
        Fit {
            best: Key { tonic: best.1, minor: best.2, confidence: (best.0 - second.0).clamp(0.0, 1.0) },
            correlation: best.0,
            mode: (of_mode(false) - of_mode(true)).clamp(-1.0, 1.0),
        }
    }

    /// The key, when it fits and leads.
    pub fn key(&self) -> Option<Key> {
        (self.correlation >= FITS && self.best.confidence >= LEADS).then_some(self.best)
    }
}

/// Pearson's r of a chroma with a profile moved up by `tonic` semitones; 0 when the chroma is even.
fn correlation(classes: &[f32; 12], profile: &[f32; 12], tonic: u8) -> f32 {
    let (a, b) = (classes.iter().sum::<f32>() / 12.0, profile.iter().sum::<f32>() / 12.0);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (i, p) in profile.iter().enumerate() {
        let (x, y) = (classes[(i + usize::from(tonic)) % 12] - a, p - b);
        (ab, aa, bb) = (ab + x * y, aa + x * x, bb + y * y);
    }
    if aa > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::signals::{drums, note, pink, silence, sine, white};
    use super::*;

    const WHEEL: [(&str, &str); 24] = [
        ("1A", "G# minor"),
        ("2A", "Eb minor"),
        ("3A", "Bb minor"),
        ("4A", "F minor"),
        ("5A", "C minor"),
        ("6A", "G minor"),
        ("7A", "D minor"),
        ("8A", "A minor"),
        ("9A", "E minor"),
        ("10A", "B minor"),
        ("11A", "F# minor"),
        ("12A", "C# minor"),
        ("1B", "B major"),
        ("2B", "F# major"),
        ("3B", "Db major"),
        ("4B", "Ab major"),
        ("5B", "Eb major"),
        ("6B", "Bb major"),
        ("7B", "F major"),
        ("8B", "C major"),
        ("9B", "G major"),
        ("10B", "D major"),
        ("11B", "A major"),
        ("12B", "E major"),
    ];

    fn keys() -> impl Iterator<Item = Key> {
        (0..24).map(|i| Key { tonic: i % 12, minor: i >= 12, confidence: 1.0 })
    }

    #[test]
    fn all_24_have_their_names() {
        let mut seen = Vec::new();
        for key in keys() {
            let (camelot, name) = (key.camelot(), key.name());
            assert!(WHEEL.contains(&(camelot.as_str(), name.as_str())), "{camelot} {name}");
            seen.push(camelot);
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 24);
    }

    /// The scale up and down, a quarter of a second a note; harmonic minor going up, natural going down.
    fn scale(tonic: f32, minor: bool) -> Vec<f32> {
        let steps: &[f32] = match minor {
            false => &[0.0, 2.0, 4.0, 5.0, 7.0, 9.0, 11.0, 12.0, 11.0, 9.0, 7.0, 5.0, 4.0, 2.0, 0.0, 0.0],
            true => &[0.0, 2.0, 3.0, 5.0, 7.0, 8.0, 11.0, 12.0, 10.0, 8.0, 7.0, 5.0, 3.0, 2.0, 0.0, 0.0],
        };
        let mut out = silence(steps.len() as f32 * 0.25);
        steps.iter().enumerate().for_each(|(i, step)| note(&mut out, tonic + step, i as f32 * 0.25, 0.25));
        out
    }

    /// I IV V I, half a second a chord; the dominant is major in minor too.
    fn cadence(tonic: f32, minor: bool) -> Vec<f32> {
        let third = if minor { 3.0 } else { 4.0 };
        let chords = [[0.0, third, 7.0], [5.0, 5.0 + third, 12.0], [7.0, 11.0, 14.0], [0.0, third, 7.0]];
        let mut out = silence(2.0);
        for (i, chord) in chords.iter().enumerate() {
            chord.iter().for_each(|step| note(&mut out, tonic + step, i as f32 * 0.5, 0.5));
            note(&mut out, tonic + chord[0] - 12.0, i as f32 * 0.5, 0.5);
        }
        out
    }

    #[test]
    fn scales_and_cadences_in_all_keys_and_tunings() {
        for cents in [0.0, -40.0, 40.0] {
            for key in keys() {
                let tonic = f32::from(key.tonic) + cents / 100.0;
                for (name, sound) in [("scale", scale(tonic, key.minor)), ("cadence", cadence(tonic, key.minor))] {
                    let chroma = Chroma::of(&sound).unwrap();
                    let fit = Fit::of(&chroma);
                    let found = fit.key().map(|k| (k.tonic, k.minor));
                    assert_eq!(
                        found,
                        Some((key.tonic, key.minor)),
                        "{name} in {} {cents:+} cents: {fit:?}",
                        key.name()
                    );
                    assert!(chroma.is_tonal(), "{name} in {}: {chroma:?}", key.name());
                    assert_eq!(fit.mode < 0.0, key.minor, "{name} in {}: {fit:?}", key.name());
                }
            }
        }
    }

    #[test]
    fn noise_drums_and_a_single_tone_have_no_key() {
        let key = |sound: &[f32]| Chroma::of(sound).filter(Chroma::is_tonal).and_then(|c| Fit::of(&c).key());
        for seed in 0..8 {
            for secs in [3.0, 12.0] {
                assert_eq!(key(&white(secs, seed)), None);
                assert_eq!(key(&pink(secs, seed)), None);
                assert_eq!(key(&drums(90.0 + 10.0 * seed as f32, secs)), None, "drums {seed}");
            }
        }
        for hz in [220.0, 440.0, 523.25] {
            assert_eq!(key(&sine(hz, 5.0)), None, "one tone fits a major and a minor key alike");
        }
    }
}
