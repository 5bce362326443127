//! What a dimension can mean: pairs of opposite words, each a direction among the tags of the teacher.

/// A direction: a name, the words for its two ends, and how much each tag counts for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Concept {
    /// Unique and short: what is typed (`:signature calm`).
    pub name: &'static str,
    /// The end of small values.
    pub low: &'static str,
    /// The end of large values.
    pub high: &'static str,
    /// Tags of the teacher with their weights on its standardised logits.
    pub tags: &'static [(&'static str, f32)],
}

const fn of(name: &'static str, low: &'static str, high: &'static str, tags: &'static [(&'static str, f32)]) -> Concept {
    Concept { name, low, high, tags }
}

/// The concepts that dimensions are turned towards, those first that matter most to listeners.
pub const ALL: &[Concept] = &[
    of("electronic", "acoustic", "electronic", &[("electronic", 1.0), ("electronica", 0.5), ("acoustic", -0.7)]),
    of("driving", "calm", "driving", &[("metal", 0.4), ("punk", 0.5), ("hard rock", 0.4), ("chillout", -0.5), ("ambient", -0.5), ("Mellow", -0.6)]),
    of("instrumental", "sung", "instrumental", &[("instrumental", 1.0), ("female vocalists", -0.5), ("male vocalists", -0.5)]),
    of("woman", "male voice", "female voice", &[("female vocalists", 0.7), ("female vocalist", 0.7), ("male vocalists", -0.7)]),
    of("jazz", "not jazzy", "jazz", &[("jazz", 1.0)]),
    of("folk", "not folky", "folk", &[("folk", 1.0)]),
    of("metal", "not metal", "metal", &[("metal", 0.6), ("heavy metal", 0.6)]),
    of("hiphop", "not hip-hop", "hip-hop", &[("Hip-Hop", 1.0)]),
];
