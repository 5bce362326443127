//! How tags are shown to users: which tags are synonyms, the spelling, and the kind of word.

use super::tags::Tags;

/// What a word describes. Words are shown in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A mood.
    Mood,
    /// A style.
    Genre,
    /// An instrument.
    Instrument,
    /// Who sings, or that nobody does.
    Voice,
    /// A decade; often a guess from the sound of a recording.
    Era,
    /// Says little about the sound: beautiful, catchy, indie.
    Weak,
}

/// A word that stands for one or more tags.
#[derive(Debug)]
pub struct Spoken {
    /// The word as shown.
    pub name: &'static str,
    /// What it describes.
    pub kind: Kind,
    /// The tags that mean it.
    pub tags: &'static [&'static str],
    /// Other spellings and synonyms that users may write.
    pub also: &'static [&'static str],
}

const fn word(kind: Kind, name: &'static str, tags: &'static [&'static str], also: &'static [&'static str]) -> Spoken {
    Spoken { name, kind, tags, also }
}

/// The words for the tags that jukebox's encoders know.
pub static SPOKEN: &[Spoken] = &[
    word(Kind::Mood, "mellow", &["Mellow"], &["soft", "gentle", "laid back", "tender"]),
    word(
        Kind::Mood,
        "chill",
        &["chillout", "chill"],
        &["chill out", "chilled", "relaxing", "relaxed", "lounge", "downtempo"],
    ),
    word(Kind::Mood, "ambient", &["ambient"], &["atmospheric", "drone", "soundscape", "spacey"]),
    word(Kind::Mood, "sad", &["sad"], &["melancholic", "melancholy", "gloomy", "sorrowful"]),
    word(Kind::Mood, "happy", &["happy"], &["cheerful", "joyful", "upbeat", "sunny"]),
    word(Kind::Mood, "party", &["party"], &["festive"]),
    word(Kind::Mood, "easy listening", &["easy listening"], &["easy"]),
    word(Kind::Genre, "rock", &["rock"], &["rocking"]),
    word(Kind::Genre, "hard rock", &["hard rock"], &[]),
    word(Kind::Genre, "classic rock", &["classic rock"], &[]),
    word(Kind::Genre, "alternative rock", &["alternative rock"], &[]),
    word(Kind::Genre, "progressive rock", &["Progressive rock"], &["prog", "prog rock", "progressive"]),
    word(Kind::Genre, "indie rock", &["indie rock"], &[]),
    word(Kind::Genre, "indie pop", &["indie pop"], &[]),
    word(Kind::Genre, "metal", &["metal", "heavy metal"], &["heavy"]),
    word(Kind::Genre, "punk", &["punk"], &[]),
    word(Kind::Genre, "pop", &["pop"], &["poppy"]),
    word(Kind::Genre, "electronic", &["electronic", "electronica"], &["synth", "synthesizer", "synthetic", "edm"]),
    word(Kind::Genre, "electro", &["electro"], &[]),
    word(Kind::Genre, "dance", &["dance"], &["disco", "club", "dancing"]),
    word(Kind::Genre, "house", &["House"], &["techno", "deep house"]),
    word(Kind::Genre, "hip-hop", &["Hip-Hop"], &["rap", "hiphop"]),
    word(Kind::Genre, "r&b", &["rnb"], &["rhythm and blues"]),
    word(Kind::Genre, "soul", &["soul"], &["soulful", "motown"]),
    word(Kind::Genre, "funk", &["funk"], &["funky", "groovy"]),
    word(Kind::Genre, "jazz", &["jazz"], &["jazzy", "swing", "bebop"]),
    word(Kind::Genre, "blues", &["blues"], &["bluesy"]),
    word(Kind::Genre, "folk", &["folk"], &["folky", "folksy"]),
    word(Kind::Genre, "country", &["country"], &["bluegrass"]),
    word(Kind::Genre, "experimental", &["experimental"], &["avant garde", "weird", "noise"]),
    word(Kind::Instrument, "acoustic", &["acoustic"], &["unplugged"]),
    word(Kind::Instrument, "guitar", &["guitar"], &["guitars"]),
    word(
        Kind::Voice,
        "female voice",
        &["female vocalists", "female vocalist"],
        &["female", "female vocals", "female singer", "woman", "women", "women singing", "woman singing"],
    ),
    word(Kind::Voice, "male voice", &["male vocalists"], &["male", "male vocals", "male singer", "man", "men"]),
    word(Kind::Voice, "instrumental", &["instrumental"], &["no singing", "no vocals", "no voice"]),
    word(Kind::Era, "1960s", &["60s"], &["sixties"]),
    word(Kind::Era, "1970s", &["70s"], &["seventies"]),
    word(Kind::Era, "1980s", &["80s"], &["eighties"]),
    word(Kind::Era, "1990s", &["90s"], &["nineties"]),
    word(Kind::Era, "2000s", &["00s"], &["noughties"]),
    word(Kind::Era, "oldies", &["oldies"], &["oldie", "vintage"]),
    word(Kind::Weak, "alternative", &["alternative"], &[]),
    word(Kind::Weak, "indie", &["indie"], &[]),
    word(Kind::Weak, "beautiful", &["beautiful"], &["pretty"]),
    word(Kind::Weak, "sexy", &["sexy"], &["sensual"]),
    word(Kind::Weak, "catchy", &["catchy"], &[]),
];

/// A word of an encoder, with the indices of its tags.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The word as shown.
    pub name: String,
    /// What it describes.
    pub kind: Kind,
    /// The indices of the tags that mean it.
    pub tags: Vec<usize>,
    /// Other ways to write it, the tags' own names among them.
    pub also: Vec<String>,
}

/// The words for an encoder's tags: those of [`SPOKEN`] in its order, then each tag that the table lacks, lowercased.
pub fn terms(tags: &[String]) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for spoken in SPOKEN {
        let places: Vec<usize> =
            spoken.tags.iter().filter_map(|name| tags.iter().position(|tag| tag == name)).collect();
        if !places.is_empty() {
            let also = spoken.tags.iter().chain(spoken.also).map(|name| (*name).to_string()).collect();
            terms.push(Term { name: spoken.name.into(), kind: spoken.kind, tags: places, also });
        }
    }
    for (place, tag) in tags.iter().enumerate() {
        if !terms.iter().any(|term| term.tags.contains(&place)) {
            let (name, also) = (tag.to_lowercase(), vec![tag.clone()]);
            terms.push(Term { name, kind: Kind::Genre, tags: vec![place], also });
        }
    }
    terms
}

impl Term {
    /// Whether a text means this word, ignoring case, spaces and hyphens.
    pub fn is(&self, text: &str) -> bool {
        let key = key(text);
        !key.is_empty() && std::iter::once(&self.name).chain(&self.also).any(|name| self::key(name) == key)
    }

    /// The word's probability for a row: that of its likeliest tag.
    pub fn probability(&self, tags: &Tags, row: u32) -> Option<f32> {
        self.strongest(tags, row).map(|(p, _)| p)
    }

    /// Its likeliest tag for a row: (probability, tag index).
    pub fn strongest(&self, tags: &Tags, row: u32) -> Option<(f32, usize)> {
        let known = self.tags.iter().filter_map(|&tag| Some((tags.probability(row, tag)?, tag)));
        known.max_by(|a, b| a.0.total_cmp(&b.0))
    }
}

/// A name's comparison key: its letters, digits and `&`, in lower case.
pub fn key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric() || *c == '&').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_word_stands_once() {
        let (mut names, mut tags) = (HashSet::new(), HashSet::new());
        for spoken in SPOKEN {
            assert!(spoken.tags.iter().all(|tag| tags.insert(*tag)), "{}", spoken.name);
            let own: HashSet<String> =
                [spoken.name].iter().chain(spoken.tags).chain(spoken.also).map(|n| key(n)).collect();
            assert!(own.into_iter().all(|name| names.insert(name)), "{} stands elsewhere, too", spoken.name);
        }
        assert_eq!(tags.len(), 50, "the tags of the Million Song Dataset's tagger");
    }

    #[test]
    fn tags_become_words() {
        let tags: Vec<String> =
            ["Hip-Hop", "female vocalists", "00s", "female vocalist", "Zither"].map(String::from).into();
        let terms = terms(&tags);
        let names: Vec<&str> = terms.iter().map(|term| term.name.as_str()).collect();
        assert_eq!(names, ["hip-hop", "female voice", "2000s", "zither"]);
        assert_eq!(terms[1].tags, [1, 3]);
        assert!(terms[0].is("HipHop") && terms[1].is("female-voice") && terms[1].is("Female Vocalists"));
        assert!(!terms[0].is("") && !terms[0].is("-") && terms[2].is("00s"));
    }
}
