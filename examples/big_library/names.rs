//! Names of artists, albums and tracks in many scripts.

use fastrand::Rng;

/// The scripts of names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Script {
    Latin,
    /// Latin letters with combining marks (decomposed).
    Marks,
    Han,
    Kana,
    Hangul,
    Arabic,
    Hebrew,
    Cyrillic,
}

use Script::{Arabic, Cyrillic, Han, Hangul, Hebrew, Kana, Latin, Marks};

const SHARES: [Script; 20] = [
    Latin, Latin, Latin, Latin, Latin, Latin, Latin, Latin, Latin, Latin, Latin, Latin, Marks, Marks, Han, Kana,
    Hangul, Arabic, Hebrew, Cyrillic,
];

/// A random script for an artist.
pub fn script(random: &mut Rng) -> Script {
    SHARES[random.usize(..SHARES.len())]
}

/// A name of one to four words.
pub fn name(random: &mut Rng, script: Script) -> String {
    let words = 1 + random.usize(..3) + random.usize(..2);
    let between = if matches!(script, Han | Kana) { "" } else { " " };
    (0..words).map(|_| word(random, script)).collect::<Vec<_>>().join(between)
}

fn word(random: &mut Rng, script: Script) -> String {
    let from = |random: &mut Rng, first: u32, last: u32, count: usize| -> String {
        (0..count).filter_map(|_| char::from_u32(random.u32(first..=last))).collect()
    };
    let count = 1 + random.usize(..4);
    match script {
        Latin => latin(random, false),
        Marks => latin(random, true),
        Han => from(random, 0x4e00, 0x6fff, count),
        Kana => from(random, 0x30a2, 0x30ed, count + 1),
        Hangul => from(random, 0xac00, 0xd7a3, count),
        Arabic => from(random, 0x0627, 0x063a, count + 2),
        Hebrew => from(random, 0x05d0, 0x05ea, count + 2),
        Cyrillic => from(random, 0x0430, 0x044f, count + 2),
    }
}

fn latin(random: &mut Rng, marks: bool) -> String {
    const BEGIN: [&str; 16] = ["b", "br", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w"];
    const VOWEL: [&str; 8] = ["a", "e", "i", "o", "u", "ea", "ou", "y"];
    const MARK: [char; 5] = ['\u{301}', '\u{308}', '\u{327}', '\u{303}', '\u{30a}'];
    let mut out = String::new();
    for _ in 0..1 + random.usize(..3) {
        out.push_str(BEGIN[random.usize(..BEGIN.len())]);
        out.push_str(VOWEL[random.usize(..VOWEL.len())]);
        if marks && random.bool() {
            out.push(MARK[random.usize(..MARK.len())]);
        }
    }
    out[..1].to_uppercase() + &out[1..]
}

/// Converts a name to a file name: no slash, no leading dot, at most 80 bytes.
pub fn file_name(name: &str) -> String {
    let mut out: String = name.chars().map(|c| if c == '/' || c.is_control() { '_' } else { c }).collect();
    while out.len() > 80 {
        out.pop();
    }
    out.trim_matches(['.', ' ']).to_owned()
}
