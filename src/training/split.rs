//! Which clips are learned from, which choose, and which are only measured on.

/// A part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Learned from.
    Training,
    /// Chooses the epoch and the configuration.
    Validation,
    /// Measured on once, at the end.
    Test,
}

impl Part {
    /// The part of this name, as data sets write it.
    pub fn named(name: &str) -> Option<Part> {
        match name {
            "training" | "train" => Some(Part::Training),
            "validation" | "valid" => Some(Part::Validation),
            "test" => Some(Part::Test),
            _ => None,
        }
    }
}

/// The part of every clip, as the data set itself gives it: a split made here could not know which clips share an
/// artist or an album, and would flatter the encoder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split(pub Vec<Part>);

impl Split {
    /// The clips of a part, in order.
    pub fn of(&self, part: Part) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().filter(move |(_, p)| **p == part).map(|(i, _)| i)
    }
}
