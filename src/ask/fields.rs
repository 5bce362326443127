//! The fields of the filter language that need more than the catalog: the journal, the sound and the lyrics.

use std::collections::BTreeMap;

use crate::latent::NAMED;
use crate::library::filter::{Field, Kind, Language, Of};

const fn above(name: &'static str, letter: Option<char>, kind: Kind, n: u16, doc: &'static str) -> Field {
    Field { name, aliases: &[], letter, kind, of: Of::Above(n), doc }
}

/// The number of the first field that is a named dimension.
pub(super) const SOUND: u16 = 6;

/// The number of the first field for the encoder's words; each word has two: its probability, and whether it is said.
pub(super) const WORDS: u16 = 1000;

/// The number of the first of the two fields for the place on the map.
pub(super) const MAP: u16 = 500;

/// The fields that the journal, the analysis, the lyrics and the map add to the library's.
pub static ABOVE: [Field; 22] = [
    above("plays", Some('X'), Kind::Number, 0, "number of plays"),
    above("skips", None, Kind::Number, 1, "number of skips"),
    above("played", None, Kind::Date, 2, "time of the last play"),
    above("rating", Some('r'), Kind::Number, 3, "your rating, 0 to 100: 80 is four stars"),
    above("loved", None, Kind::Number, 4, "1 when you love it, else 0"),
    above("fit", None, Kind::Number, 5, "how well it fits what the queue follows, 0 to 100"),
    sound(0, Kind::Number, "beats a minute, in the octave from 80 to 160"),
    sound(1, Kind::Key, "Am, F#m, Bb, or on the Camelot wheel: 8A, or 8 for both keys there"),
    sound(2, Kind::Signed, "minor to major, -1 to 1"),
    sound(3, Kind::Number, "spectral centroid, Hz"),
    sound(4, Kind::Number, "spectral flatness, 0 to 1"),
    sound(5, Kind::Number, "share of the energy below 150 Hz, 0 to 1"),
    sound(6, Kind::Number, "swing of the level, dB"),
    sound(7, Kind::Number, "share of the energy in hits, 0 to 1"),
    sound(8, Kind::Number, "onsets a second"),
    sound(9, Kind::Number, "steadiness of the pulse, 0 to 1"),
    sound(10, Kind::Number, "how forceful it sounds, 0 to 1"),
    sound(11, Kind::Signed, "integrated loudness, LUFS"),
    sound(12, Kind::Number, "loudness range, LU"),
    Field {
        name: "lyrics",
        aliases: &["lyric"],
        letter: None,
        kind: Kind::Text,
        of: Of::Lyrics,
        doc: "lines of its lyrics: lyrics~moon",
    },
    above("mapx", None, Kind::Number, MAP, "place on the map from the left, 0 to 100"),
    above("mapy", None, Kind::Number, MAP + 1, "place on the map from the top, 0 to 100"),
];

/// A field that is the `n`th named dimension.
const fn sound(n: usize, kind: Kind, doc: &'static str) -> Field {
    above(NAMED[n].name, None, kind, SOUND + n as u16, doc)
}

/// The language with these named filters (`[filters]` of config.toml).
pub fn language(filters: &BTreeMap<String, String>) -> Language {
    Language::new(&ABOVE, filters.clone())
}
