//! Errors that callers tell from others; all others are anyhow's.

use std::fmt;

/// A training whose numbers have stopped being finite: a result of its configuration, not a failure of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diverged {
    /// The loss of a step is not finite.
    Loss,
    /// A statistic of the network's outputs is not finite.
    Statistic,
}

impl fmt::Display for Diverged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Diverged::Loss => "the training has diverged: the loss is not finite; lower the rate",
            Diverged::Statistic => "the training has diverged: a statistic is not finite; a lower learning rate helps",
        })
    }
}

impl std::error::Error for Diverged {}

/// A name that no architecture or choice has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownName {
    /// Of an architecture.
    Architecture {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<&'static str>,
    },
    /// Of a choice in a recipe.
    Choice {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<&'static str>,
    },
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnknownName::Architecture { name, known } => {
                write!(f, "the architecture `{name}` is unknown: there are {}", known.join(", "))
            }
            UnknownName::Choice { name, known } => write!(f, "'{name}' is unknown: use one of {}", known.join(", ")),
        }
    }
}

impl std::error::Error for UnknownName {}
