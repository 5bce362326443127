//! The user's choice of the dimensions that a signature uses, and its text form.

mod error;

use std::fmt;
use std::str::FromStr;

use super::named::{self, ALL_DIMS, NAMED};

pub use error::{ChoiceError, DimensionError};

/// Which dimensions a signature uses, 0-based: 0 to 31 are the latent's, from [`super::DIMS`] on the named ones
/// (`named::NAMED`).
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Choice {
    /// Chosen by test (docs/design.md, "Signature").
    #[default]
    Auto,
    /// Exactly these, sorted, without repeats.
    Dims(Vec<Pick>),
    /// Chosen by test, but never from these; sorted, without repeats.
    Without(Vec<u8>),
    /// Chosen by test, with these in any case and never from those; both sorted, without repeats. See [`Choice::tuned`].
    Tuned {
        /// The dimensions to use, whatever the test says; at least one.
        used: Vec<Pick>,
        /// The dimensions to leave out; none of `used`.
        never: Vec<u8>,
    },
    /// All dimensions, without selection (`:signature off`).
    All,
}

/// A dimension that the user picked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pick {
    /// 0-based dimension.
    pub dim: u8,
    /// Its weight; 1 is the default.
    pub weight: f32,
}

impl Choice {
    /// Exactly these dimensions (0-based), each with weight 1.
    pub fn dims(dims: impl IntoIterator<Item = u8>) -> Choice {
        let mut dims: Vec<u8> = dims.into_iter().collect();
        dims.sort_unstable();
        dims.dedup();
        Choice::Dims(dims.into_iter().map(|dim| Pick { dim, weight: 1.0 }).collect())
    }

    /// Chosen by test, with some dimensions (0-based) used in any case and others never; what is used is not left out.
    pub fn tuned(mut used: Vec<Pick>, mut never: Vec<u8>) -> Choice {
        used.sort_by_key(|pick| pick.dim);
        used.dedup_by_key(|pick| pick.dim);
        never.retain(|dim| used.iter().all(|pick| pick.dim != *dim));
        never.sort_unstable();
        never.dedup();
        match (used.is_empty(), never.is_empty()) {
            (true, true) => Choice::Auto,
            (true, false) => Choice::Without(never),
            (false, _) => Choice::Tuned { used, never },
        }
    }
}

/// The user's notation, as [`FromStr`] reads it: `auto`, `off`, `3,7*2,tempo`, `-5,-key`, `auto,3*2,-5`.
impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left_out = |dims: &[u8]| dims.iter().map(|&d| format!("-{}", named::label(d))).collect::<Vec<_>>();
        let words: Vec<String> = match self {
            Choice::Auto => return f.write_str("auto"),
            Choice::All => return f.write_str("off"),
            Choice::Dims(picks) => picks.iter().map(Pick::to_string).collect(),
            Choice::Without(dims) => left_out(dims),
            Choice::Tuned { used, never } => {
                let used = used.iter().map(Pick::to_string);
                std::iter::once("auto".to_string()).chain(used).chain(left_out(never)).collect()
            }
        };
        f.write_str(&words.join(","))
    }
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&named::label(self.dim))?;
        if self.weight == 1.0 { Ok(()) } else { write!(f, "*{}", self.weight) }
    }
}

/// The largest weight that a dimension may have.
pub const MOST_WEIGHT: f32 = 10.0;

impl FromStr for Choice {
    type Err = ChoiceError;

    /// Parses `auto`, `off` (or `all`), dimensions with weights (`3,7*2,tempo`), or dimensions to leave out
    /// (`-5,-key`), separated by commas or spaces. After a leading `auto` both may follow (`auto,3*2,-5`): the others are
    /// chosen by test.
    fn from_str(text: &str) -> Result<Choice, ChoiceError> {
        match text.trim() {
            "auto" => return Ok(Choice::Auto),
            "off" | "all" => return Ok(Choice::All),
            _ => {}
        }
        let mut picks: Vec<Pick> = Vec::new();
        let mut without: Vec<u8> = Vec::new();
        let mut words = text.split([',', ' ']).filter(|w| !w.is_empty()).peekable();
        let by_test = words.next_if_eq(&"auto").is_some();
        for word in words {
            let word = crate::text::sanitize(word);
            let (name, weight) = match word.split_once('*') {
                Some((name, weight)) => (name, Some(weight)),
                None => (word.as_str(), None),
            };
            let left_out = name.strip_prefix('-');
            let dim = dimension(left_out.unwrap_or(name))?;
            let label = named::label(dim);
            if picks.iter().any(|p| p.dim == dim) || without.contains(&dim) {
                return Err(ChoiceError::Twice(label));
            }
            match (left_out, weight) {
                (Some(_), Some(_)) => return Err(ChoiceError::WeightOfNothing(label)),
                (Some(_), None) => without.push(dim),
                (None, weight) => picks.push(Pick { dim, weight: weight.map_or(Ok(1.0), |w| read_weight(w, name))? }),
            }
        }
        if by_test && without.len() + picks.len() < ALL_DIMS {
            return Ok(Choice::tuned(picks, without));
        }
        match (picks.is_empty(), without.is_empty()) {
            (true, true) => Err(ChoiceError::Empty),
            (false, false) => Err(ChoiceError::Both(named::label(without[0]))),
            (true, false) if without.len() == ALL_DIMS => Err(ChoiceError::Nothing),
            (true, false) => {
                without.sort_unstable();
                Ok(Choice::Without(without))
            }
            (false, true) => {
                picks.sort_unstable_by_key(|p| p.dim);
                Ok(Choice::Dims(picks))
            }
        }
    }
}

/// Errors name the dimension as it was written.
fn read_weight(text: &str, name: &str) -> Result<f32, ChoiceError> {
    match text.parse::<f32>() {
        Ok(w) if w > 0.0 && w <= MOST_WEIGHT => Ok(w),
        _ => Err(ChoiceError::Weight { name: name.into(), most: MOST_WEIGHT }),
    }
}

/// The 0-based dimension that a word names.
fn dimension(word: &str) -> Result<u8, DimensionError> {
    if let Ok(number) = word.parse::<u32>() {
        return match number {
            1..=32 => Ok((number - 1) as u8),
            _ => Err(DimensionError::Number(number)),
        };
    }
    if let Some(dim) = named::find(word) {
        return Ok(dim);
    }
    let lower = word.to_lowercase();
    let meant =
        NAMED.iter().filter(|n| !lower.is_empty() && n.name.starts_with(&lower.chars().take(3).collect::<String>()));
    let near: Vec<String> = meant.map(|n| n.name.to_string()).collect();
    let word = crate::text::sanitize(word);
    Err(if near.is_empty() { DimensionError::Unknown(word) } else { DimensionError::Near { word, near } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Choice, ChoiceError> {
        text.parse()
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in
            ["auto", "off", "3,7,12", "3*2,7,tempo", "-5", "-5,-key", "1*0.5,range*10", "auto,3*2,-5", "auto,tempo"]
        {
            assert_eq!(read(text).map(|c| c.to_string()), Ok(text.to_string()));
        }
        assert_eq!(read("auto -5"), Ok(Choice::Without(vec![4])), "the same by another name");
        assert_eq!(read("auto,"), Ok(Choice::Auto));
        assert_eq!(read("12 3, 7"), Ok(Choice::dims([2, 6, 11])));
        assert_eq!(read("Tempo"), Ok(Choice::dims([32])));
        assert_eq!(read("all"), Ok(Choice::All));
    }

    #[test]
    fn mistakes_are_answered() {
        for (text, says) in [
            ("", "such as 3,7,tempo"),
            ("33", "no dimension 33: use 1 to 32"),
            ("0", "no dimension 0"),
            ("3,3", "dimension 3 is listed twice"),
            ("3,-3", "is listed twice"),
            ("3,-5", "not both: drop -5"),
            ("auto,3,-3", "is listed twice"),
            ("auto,33", "no dimension 33"),
            ("3*0", "the weight of 3"),
            ("3*x", "the weight of 3"),
            ("tempo*99", "the weight of tempo must be above 0 and at most 10, such as tempo*2"),
            ("-3*2", "cannot have a weight"),
            ("tempi", "did you mean tempo?"),
            ("zzz", "numbers from 1 to 32, or tempo, key"),
            ("éé", "no dimension 'éé'"),
            ("--", "no dimension"),
        ] {
            let why = read(text).unwrap_err().to_string();
            assert!(why.contains(says), "{text}: {why}");
        }
    }
}
