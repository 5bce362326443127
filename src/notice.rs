//! The kinds of notices to the user.

use std::time::Duration;

/// What a notice is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// What the user asked for was done.
    #[default]
    Success,
    /// Something worth knowing: an answer, or something that happened by itself.
    Hint,
    /// Something stands in the way of what the user wants, though nothing failed.
    Obstacle,
    /// Something failed, or what was asked for was not done. The only kind that makes `jukebox send` fail.
    Error,
}

impl Kind {
    /// The sign before its text, which tells the kinds apart without colour.
    pub fn sign(self) -> &'static str {
        match self {
            Kind::Success => "✓",
            Kind::Hint => "·",
            Kind::Obstacle => "!",
            Kind::Error => "✗",
        }
    }

    /// How long it is shown. A confirmation is glanced at; what went wrong has to be read, and perhaps acted on.
    pub fn lasts(self) -> Duration {
        Duration::from_secs(match self {
            Kind::Success => 6,
            Kind::Hint => 8,
            Kind::Obstacle => 15,
            Kind::Error => 20,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_differ_and_take_one_column() {
        let kinds = [Kind::Success, Kind::Hint, Kind::Obstacle, Kind::Error];
        let signs: std::collections::HashSet<&str> = kinds.iter().map(|kind| kind.sign()).collect();
        assert_eq!(signs.len(), kinds.len());
        assert!(signs.iter().all(|sign| crate::text::width(sign) == 1));
        assert!(kinds.windows(2).all(|pair| pair[0].lasts() < pair[1].lasts()), "the worse, the longer");
    }
}
