//! Concepts that dimensions can stand for: pairs of opposite words, each a direction in the space of the teacher's
//! tags.
//!
//! Most contrast two groups of tags. Tags within a group correlate strongly (metal, heavy metal and hard rock: r = 0.8
//! to 0.95), so single tags would not span 32 distinct directions; contrasts between groups do.

/// A direction: a name, words for its two ends, and the weight of each tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Concept {
    /// Unique and short, for typing (`:signature calm`).
    pub name: &'static str,
    /// The word for small values.
    pub low: &'static str,
    /// The word for large values.
    pub high: &'static str,
    /// Tags of the teacher and their weights on its standardised logits.
    pub tags: &'static [(&'static str, f32)],
}

const fn of(
    name: &'static str,
    low: &'static str,
    high: &'static str,
    tags: &'static [(&'static str, f32)],
) -> Concept {
    Concept { name, low, high, tags }
}

/// The concepts that dimensions are rotated towards, in the order of the dimensions.
pub const ALL: [Concept; crate::DIMS] = [
    of(
        "electronic",
        "acoustic",
        "electronic",
        &[("electronic", 1.0), ("electronica", 0.5), ("acoustic", -0.7), ("country", -0.3)],
    ),
    of(
        "driving",
        "calm",
        "driving",
        &[("punk", 0.6), ("hard rock", 0.4), ("party", 0.4), ("Mellow", -0.6), ("ambient", -0.6)],
    ),
    of(
        "instrumental",
        "sung",
        "instrumental",
        &[("instrumental", 1.0), ("female vocalists", -0.5), ("male vocalists", -0.5)],
    ),
    of(
        "woman",
        "male voice",
        "female voice",
        &[("female vocalists", 1.0), ("female vocalist", 0.5), ("male vocalists", -0.8)],
    ),
    of("happy", "sad", "happy", &[("happy", 1.0), ("catchy", 0.3), ("sad", -0.8)]),
    of("jazz", "rock", "jazz", &[("jazz", 1.0), ("alternative rock", -0.5)]),
    of("metal", "pop", "metal", &[("metal", 1.0), ("pop", -0.6)]),
    of("hiphop", "strummed", "hip-hop", &[("Hip-Hop", 1.0), ("guitar", -0.6)]),
    of("dance", "listening", "dancing", &[("dance", 1.0), ("House", 0.4), ("party", 0.4), ("Progressive rock", -0.5)]),
    of("folk", "funk", "folk", &[("folk", 1.0), ("funk", -0.6)]),
    of("blues", "club", "blues", &[("blues", 1.0), ("House", -0.5)]),
    of("soul", "cold", "soulful", &[("soul", 1.0), ("experimental", -0.6)]),
    of("country", "city", "country", &[("country", 1.0), ("electro", -0.5)]),
    of("funk", "floating", "funky", &[("funk", 1.0), ("ambient", -0.6)]),
    of("ambient", "songs", "soundscapes", &[("ambient", 1.0), ("catchy", -0.6), ("pop", -0.3)]),
    of("experimental", "familiar", "experimental", &[("experimental", 1.0), ("easy listening", -0.7)]),
    of("progressive", "simple", "progressive", &[("Progressive rock", 1.0), ("punk", -0.6)]),
    of("classic", "modern", "classic rock", &[("classic rock", 1.0), ("70s", 0.3), ("00s", -0.7)]),
    of("oldies", "recent", "oldies", &[("oldies", 1.0), ("60s", 0.5), ("90s", -0.6), ("00s", -0.3)]),
    of("eighties", "sixties", "eighties", &[("80s", 1.0), ("60s", -0.8)]),
    of("nineties", "seventies", "nineties", &[("90s", 1.0), ("70s", -0.8)]),
    of("indie", "mainstream", "indie", &[("indie", 1.0), ("indie rock", 0.3), ("hard rock", -0.5), ("rnb", -0.4)]),
    of("guitar", "synths", "guitar", &[("guitar", 1.0), ("electronica", -0.5)]),
    of("chilled", "tense", "chilled", &[("chillout", 1.0), ("chill", 0.6), ("experimental", -0.7)]),
    of("house", "hip-hop", "house", &[("House", 1.0), ("Hip-Hop", -0.8)]),
    of("electro", "drifting", "electro", &[("electro", 1.0), ("ambient", -0.8)]),
    of("punk", "metal", "punk", &[("punk", 1.0), ("metal", -0.8)]),
    of("mellow", "sharp", "mellow", &[("Mellow", 1.0), ("metal", -0.3), ("electro", -0.4)]),
    of("heavy", "alternative", "heavy metal", &[("heavy metal", 1.0), ("alternative rock", -0.8)]),
    of("catchy", "formless", "catchy", &[("catchy", 1.0), ("ambient", -0.3), ("instrumental", -0.5)]),
    of("crooner", "folk singer", "crooner", &[("male vocalists", 0.8), ("easy listening", 0.5), ("folk", -0.8)]),
    of("soundtrack", "band", "soundtrack", &[("instrumental", 0.7), ("beautiful", 0.6), ("rock", -0.6)]),
];

impl Concept {
    /// The value of a track: the weighted sum of its standardised logits, one for each of `tags`. `None` if a tag is
    /// missing.
    pub fn value(&self, tags: &[String], standard: &[f64]) -> Option<f64> {
        let part = |(tag, weight): &(&str, f32)| {
            let at = tags.iter().position(|t| t == tag)?;
            Some(f64::from(*weight) * standard.get(at)?)
        };
        self.tags.iter().map(part).sum()
    }
}
