//! The name of a generation of latents.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The name of a latent space: the first hexadecimal digits of its encoder's hash. Latents of different generations are
/// never mixed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Generation(String);

impl Generation {
    /// Maximum number of digits in a name.
    pub const MAX_DIGITS: usize = 64;

    /// The name in lower-case hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is not the name of a generation. Its `Display` form is one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a generation is 1 to {most} lower-case hexadecimal digits, not '{0}'", most = Generation::MAX_DIGITS)]
pub struct GenerationError(String);

impl FromStr for Generation {
    type Err = GenerationError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let digits = s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if s.is_empty() || s.len() > Self::MAX_DIGITS || !digits {
            return Err(GenerationError(s.to_owned()));
        }
        Ok(Generation(s.to_owned()))
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generations_are_hexadecimal() {
        assert_eq!("00ffab12".parse::<Generation>().unwrap().as_str(), "00ffab12");
        for bad in ["", "FF", "xyz", "../x", &"0".repeat(65)] {
            assert!(bad.parse::<Generation>().is_err(), "{bad}");
        }
    }
}
