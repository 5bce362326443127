//! Words that the encoder lacks, defined by a combination of its words and of named dimensions.

/// One property in the definition of a word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// A word of the encoder.
    Word(&'static str),
    /// That a word of the encoder does not apply.
    Lacks(&'static str),
    /// The high end of a named dimension.
    High(&'static str),
    /// The low end of a named dimension.
    Low(&'static str),
}

use Part::{High, Lacks, Low, Word};

/// Synonyms and their common definition.
pub type Entry = (&'static [&'static str], &'static [Part]);

/// Words defined by other properties.
pub const MEANINGS: &[Entry] = &[
    (
        &["calm", "peaceful", "quiet music", "soothing", "serene", "tranquil", "restful", "calming"],
        &[Word("mellow"), Word("chill"), Word("ambient"), Low("energy")],
    ),
    (&["singing", "sung", "vocal", "vocals", "voice", "voices", "singer", "with singing"], &[Lacks("instrumental")]),
    (&["fast", "uptempo", "quick", "rapid", "speedy"], &[High("tempo"), High("onsets")]),
    (&["slow", "unhurried"], &[Low("tempo"), Low("onsets")]),
    (&["loud"], &[High("loudness"), High("energy")]),
    (&["quiet", "silent", "hushed"], &[Low("loudness"), Low("energy")]),
    (&["energetic", "driving", "powerful", "intense", "wild", "lively"], &[High("energy"), High("onsets")]),
    (&["aggressive", "angry", "brutal", "hard"], &[Word("metal"), Word("hard rock"), Word("punk"), High("energy")]),
    (&["dark", "sombre", "somber"], &[Low("brightness"), Low("mode")]),
    (&["bright", "shiny", "brilliant"], &[High("brightness")]),
    (&["warm"], &[Low("brightness"), Word("soul"), Word("mellow")]),
    (&["bass", "bassy", "deep"], &[High("bass")]),
    (
        &["drums", "drum", "percussion", "percussive", "beat", "beats", "rhythmic"],
        &[High("percussiveness"), High("onsets")],
    ),
    (&["danceable", "dancey", "groove"], &[High("danceability"), Word("dance"), Word("funk")]),
    (&["noisy", "distorted", "fuzzy"], &[High("noisiness")]),
    (&["clean", "tonal"], &[Low("noisiness")]),
    (&["dynamic"], &[High("range"), High("dynamics")]),
    (&["busy"], &[High("onsets")]),
    (&["sparse", "minimal"], &[Low("onsets"), Low("energy")]),
    (&["major"], &[High("mode")]),
    (&["minor"], &[Low("mode")]),
    (&["dreamy", "hypnotic", "ethereal"], &[Word("ambient"), Word("chill"), Low("energy")]),
    (&["romantic", "love songs"], &[Word("mellow"), Word("soul"), Word("easy listening")]),
    (&["background", "study", "concentration", "focus", "work"], &[Word("instrumental"), Word("chill"), Low("energy")]),
    (&["sleep", "sleepy", "bedtime"], &[Word("ambient"), Word("mellow"), Low("energy"), Low("loudness")]),
    (&["running", "workout", "gym"], &[High("tempo"), High("energy"), High("danceability")]),
];

/// Words without evidence of their own, and the encoder's nearest words, which substitute for them.
pub const NEAREST: &[(&[&str], &[&str])] = &[
    (&["piano", "pianos", "keyboard", "keys"], &["acoustic", "instrumental", "easy listening"]),
    (
        &["classical", "orchestra", "orchestral", "symphony", "symphonic", "strings", "violin", "cello", "baroque"],
        &["instrumental", "ambient", "acoustic"],
    ),
    (&["saxophone", "sax", "trumpet", "brass", "horns", "trombone"], &["jazz", "soul", "instrumental"]),
    (&["flute", "clarinet", "oboe", "harp", "zither", "woodwind"], &["acoustic", "instrumental", "folk"]),
    (&["banjo", "fiddle", "mandolin", "harmonica"], &["country", "folk", "acoustic"]),
    (&["reggae", "dub", "ska", "latin", "salsa", "bossa nova", "world"], &["funk", "party", "dance"]),
    (&["choir", "chorus", "opera", "gospel"], &["soul", "ambient", "female voice"]),
    (&["game", "chiptune", "8bit", "chip"], &["electronic", "electro"]),
    (&["soundtrack", "film", "cinematic", "score"], &["instrumental", "ambient"]),
    (&["grunge", "garage", "emo", "hardcore"], &["alternative rock", "punk", "hard rock"]),
    (&["trance", "techno music", "drum and bass", "dubstep", "trip hop"], &["electronic", "house", "dance"]),
    (&["epic", "heroic"], &["progressive rock", "metal"]),
    (&["baby", "children", "kids"], &["happy", "easy listening"]),
];

/// Words without meaning for the search.
pub const FILLERS: &[&str] = &[
    "a",
    "an",
    "the",
    "and",
    "or",
    "but",
    "with",
    "some",
    "of",
    "from",
    "in",
    "that",
    "is",
    "to",
    "for",
    "i",
    "me",
    "want",
    "like",
    "music",
    "song",
    "songs",
    "track",
    "tracks",
    "tune",
    "tunes",
    "something",
    "anything",
    "very",
    "really",
    "quite",
    "rather",
    "more",
    "sound",
    "sounds",
    "sounding",
    "please",
    "play",
    "key",
];

/// Words that negate the next phrase.
pub const NEGATIONS: &[&str] = &["no", "not", "without", "never", "non", "nor", "except", "minus", "less"];

/// The definition of a word.
pub fn meaning(text: &str) -> Option<&'static [Part]> {
    MEANINGS.iter().find(|(words, _)| words.contains(&text)).map(|(_, parts)| *parts)
}

/// The substitutes for a word for which there is no evidence.
pub fn substitutes(text: &str) -> Option<&'static [&'static str]> {
    NEAREST.iter().find(|(words, _)| words.contains(&text)).map(|(_, near)| *near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::named;
    use crate::latent::vocabulary::SPOKEN;
    use std::collections::HashSet;

    #[test]
    fn every_row_leads_to_something_and_no_word_stands_twice() {
        let known = |word: &str| SPOKEN.iter().any(|spoken| spoken.name == word);
        let mut words = HashSet::new();
        for (names, parts) in MEANINGS {
            assert!(names.iter().all(|name| words.insert(*name)), "{names:?}");
            for part in *parts {
                let there = match part {
                    Word(word) | Lacks(word) => known(word),
                    High(dim) | Low(dim) => named::find(dim).is_some(),
                };
                assert!(there, "{names:?}: {part:?}");
            }
        }
        for (names, near) in NEAREST {
            assert!(names.iter().all(|name| words.insert(*name)), "{names:?}");
            assert!(near.iter().all(|word| known(word)), "{names:?}: {near:?}");
        }
        assert!(FILLERS.iter().chain(NEGATIONS).all(|word| words.insert(*word)));
    }
}
