//! The named dimensions: sound descriptors used beside the encoder's 32 dimensions (docs/design.md, "Named
//! dimensions").

use crate::sound::{Descriptors, Key, Loudness};

use super::DIMS;

/// A named dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name in commands.
    pub name: &'static str,
    /// Whether it is circular: the tempo from octave to octave, the key around the circle of fifths.
    pub circular: bool,
    /// What the low end sounds like; empty for circular ones.
    pub low: &'static str,
    /// What the high end sounds like.
    pub high: &'static str,
    /// What it measures, with its unit.
    pub doc: &'static str,
}

const fn linear(name: &'static str, low: &'static str, high: &'static str, doc: &'static str) -> Named {
    Named { name, circular: false, low, high, doc }
}

const fn circular(name: &'static str, doc: &'static str) -> Named {
    Named { name, circular: true, low: "", high: "", doc }
}

/// The named dimensions, in order. They follow the latent's: `tempo` is the 0-based dimension [`DIMS`].
pub const NAMED: [Named; 13] = [
    circular("tempo", "beats a minute, up to octaves"),
    circular("key", "around the circle of fifths, a minor key with its relative major"),
    linear("mode", "minor", "major", "minor to major, −1 to 1"),
    linear("brightness", "dark", "bright", "spectral centroid, Hz"),
    linear("noisiness", "tonal", "noisy", "spectral flatness, 0 to 1"),
    linear("bass", "light", "bassy", "share of the energy below 150 Hz, 0 to 1"),
    linear("dynamics", "even", "dynamic", "swing of the level, dB"),
    linear("percussiveness", "sustained", "percussive", "share of the energy in hits, 0 to 1"),
    linear("onsets", "sparse", "busy", "onsets a second"),
    linear("danceability", "free", "danceable", "steadiness of the pulse, 0 to 1"),
    linear("energy", "calm", "energetic", "how forceful it sounds, 0 to 1"),
    linear("loudness", "quiet", "loud", "integrated loudness, LUFS"),
    linear("range", "flat", "wide", "loudness range, LU"),
];

/// Number of all dimensions: the latent's and the named ones.
pub const ALL_DIMS: usize = DIMS + NAMED.len();

/// One track's values in the order of [`NAMED`]: in the units of their `doc`, circular ones in turns (0 to 1), NaN where
/// missing.
pub type NamedValues = [f32; NAMED.len()];

/// The values of a track; `loudness` is measured later than the rest.
pub fn values(sound: &Descriptors, loudness: Option<&Loudness>) -> NamedValues {
    let loudness = loudness.copied().unwrap_or_default();
    [
        sound.tempo.map(|t| turns_of_tempo(t.bpm)),
        sound.key.map(turns_of_key),
        sound.mode,
        sound.brightness,
        sound.noisiness,
        sound.bass,
        sound.dynamics,
        sound.percussiveness,
        sound.onsets,
        sound.danceability,
        sound.energy,
        loudness.lufs,
        loudness.range,
    ]
    .map(|value| value.filter(|v| v.is_finite()).unwrap_or(f32::NAN))
}

/// A tempo's position within an octave that starts at 60 bpm: log₂(bpm / 60) mod 1.
pub fn turns_of_tempo(bpm: f32) -> f32 {
    (bpm / 60.0).log2().rem_euclid(1.0)
}

/// The tempo of a position in turns. The octave is not stored, so the result is in the usual range, 80 to 160 bpm.
pub fn bpm(turns: f32) -> f32 {
    let low = 60.0 * turns.rem_euclid(1.0).exp2();
    if low < 80.0 { 2.0 * low } else { low }
}

/// A key's position on the circle of fifths, C major and A minor at 0, in turns (multiples of 1/12).
pub fn turns_of_key(key: Key) -> f32 {
    let major = u32::from(key.tonic) + if key.minor { 3 } else { 0 };
    (major * 7 % 12) as f32 / 12.0
}

/// The user's label of a 0-based dimension: `7` for the latent's seventh, `tempo` for a named one.
pub fn label(dim: u8) -> String {
    match usize::from(dim).checked_sub(DIMS).and_then(|i| NAMED.get(i)) {
        Some(named) => named.name.to_string(),
        None => (u32::from(dim) + 1).to_string(),
    }
}

/// The 0-based index, among all dimensions, of the named dimension of that name.
pub fn find(name: &str) -> Option<u8> {
    NAMED.iter().position(|n| n.name.eq_ignore_ascii_case(name)).map(|i| (DIMS + i) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_close() {
        assert!((turns_of_tempo(90.0) - turns_of_tempo(180.0)).abs() < 1e-6);
        assert_eq!((turns_of_tempo(60.0), turns_of_tempo(120.0)), (0.0, 0.0));
        let key = |tonic, minor| turns_of_key(Key { tonic, minor, confidence: 1.0 });
        // C and A minor together, G a twelfth on, F eleven.
        assert_eq!((key(0, false), key(9, true)), (0.0, 0.0));
        assert_eq!((key(7, false), key(5, false)), (1.0 / 12.0, 11.0 / 12.0));
    }

    #[test]
    fn labels_and_names_agree() {
        for (i, named) in NAMED.iter().enumerate() {
            let dim = (DIMS + i) as u8;
            assert_eq!((label(dim).as_str(), find(named.name)), (named.name, Some(dim)));
        }
        assert_eq!((label(0).as_str(), label(31).as_str(), find("7")), ("1", "32", None));
    }

    #[test]
    fn what_is_missing_stays_missing() {
        let sound = Descriptors { brightness: Some(1500.0), bass: Some(f32::INFINITY), ..Descriptors::default() };
        let v = values(&sound, None);
        assert_eq!(v[3], 1500.0);
        assert_eq!(v.iter().filter(|v| v.is_nan()).count(), NAMED.len() - 1);
    }
}
