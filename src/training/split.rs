//! The split of a data set into training, validation and test clips.

/// A part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Used for training.
    Training,
    /// Selects the epoch and the configuration.
    Validation,
    /// Measured on once, at the end.
    Test,
}

/// Cumulative shares of the artists: training, and training plus validation.
const SHARES: [f64; 2] = [0.70, 0.85];

impl Part {
    /// All parts, in this order.
    pub const ALL: [Part; 3] = [Part::Training, Part::Validation, Part::Test];

    /// Parses a part's name as used in data sets.
    pub fn named(name: &str) -> Option<Part> {
        match name {
            "training" | "train" => Some(Part::Training),
            "validation" | "valid" => Some(Part::Validation),
            "test" => Some(Part::Test),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Part::Training => "training",
            Part::Validation => "validation",
            Part::Test => "test",
        }
    }

    /// The part of all tracks by an artist, from a hash of the artist's [`artist_key`], so that it is the same in every
    /// run and for every library: 70 % training, 15 % validation, 15 % test.
    pub fn of_artist(key: &str) -> Part {
        // The prefix versions the rule: a changed rule must use another prefix.
        let hash = blake3::hash(format!("jukebox split 1\0{key}").as_bytes());
        let bytes = hash.as_bytes().first_chunk::<8>().copied().unwrap_or_default();
        let place = u64::from_le_bytes(bytes) as f64 / u64::MAX as f64;
        match place {
            p if p < SHARES[0] => Part::Training,
            p if p < SHARES[1] => Part::Validation,
            _ => Part::Test,
        }
    }
}

/// The part of every clip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split(pub Vec<Part>);

impl Split {
    /// The clips of a part, in order.
    pub fn of(&self, part: Part) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().filter(move |(_, p)| **p == part).map(|(i, _)| i)
    }
}

/// Normalises an artist's name for comparison: without guests ("Ann feat. Ben" is Ann) and a leading "the"; only
/// letters and digits, in lower case and without accents. "" if nothing is left.
pub fn artist_key(name: &str) -> String {
    let lower = name.to_lowercase();
    let guests = [" feat. ", " feat ", " ft. ", " ft ", " featuring ", " (feat. ", " (feat ", " (ft. ", " (with "];
    let cut = guests.iter().filter_map(|g| lower.find(g)).filter(|at| *at > 0).min().unwrap_or(lower.len());
    let own = &lower[..cut];
    let own = own.strip_prefix("the ").unwrap_or(own);
    super::data::folded(own)
}

/// Whether a name means "various artists".
pub(super) fn is_various(name: &str) -> bool {
    let key = super::data::folded(name);
    matches!(key.as_str(), "variousartists" | "various" | "va" | "variousartist" | "diverse" | "compilation" | "divers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_an_artist_are_one() {
        for same in ["The Beatles", "beatles", "BEATLES ", "The Beatles feat. Billy Preston", "the béatles (ft. X)"] {
            assert_eq!(artist_key(same), "beatles", "{same}");
        }
        assert_eq!(artist_key("The The"), "the");
        assert_eq!(artist_key("坂本龍一"), "坂本龍一");
        assert_eq!(artist_key("!!!"), "");
        assert!(is_various("V.A.") && is_various("Various Artists") && !is_various("Vampire"));
    }

    #[test]
    fn the_shares_are_as_said_and_stay() {
        let parts: Vec<Part> = (0..4000).map(|i| Part::of_artist(&format!("artist{i}"))).collect();
        let share = |part| parts.iter().filter(|p| **p == part).count() as f64 / 4000.0;
        for (part, expected) in Part::ALL.into_iter().zip([0.70, 0.15, 0.15]) {
            assert!((share(part) - expected).abs() < 0.02, "{part:?}: {}", share(part));
        }
        // Fixed values: a changed split would test existing models on artists that they were trained on.
        let these = ["beatles", "bjork", "kraftwerk", "abba", "坂本龍一"];
        let found: Vec<&str> = these.iter().map(|a| Part::of_artist(a).name()).collect();
        assert_eq!(found, ["validation", "training", "test", "training", "training"]);
    }
}
