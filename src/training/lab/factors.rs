//! The four factors of the ablation: what the paper's code does in each, and what this program does.

use jukebox_encoder::Architecture;
use jukebox_encoder::recipe::{Head, Levels, Norm, Order};

use crate::training::Config;

/// One of sixteen combinations, each factor `false` as in the paper's code and `true` as this program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Factors {
    /// Standardised decibels instead of powers.
    pub log: bool,
    /// Logits instead of their sigmoid.
    pub logits: bool,
    /// Batch normalisation.
    pub norm: bool,
    /// A new order every epoch.
    pub shuffled: bool,
}

/// The names of the factors and of their two levels, in the order of [`Factors::bits`].
pub const FACTORS: [(&str, [&str; 2]); 4] = [
    ("input", ["power", "log"]),
    ("head", ["sigmoid", "logits"]),
    ("batch normalisation", ["plain", "bn"]),
    ("order", ["fixed", "shuffled"]),
];
/// The place of the input in [`FACTORS`].
pub const INPUT: usize = 0;
/// The place of batch normalisation.
pub const NORM: usize = 2;

impl Factors {
    /// The factors of a number below 16: the first factor is its highest bit.
    pub fn of(number: usize) -> Factors {
        let bit = |i: usize| number >> (3 - i) & 1 == 1;
        Factors { log: bit(0), logits: bit(1), norm: bit(2), shuffled: bit(3) }
    }

    /// The levels in the order of [`FACTORS`].
    pub fn bits(self) -> [bool; 4] {
        [self.log, self.logits, self.norm, self.shuffled]
    }

    /// The factors that an arm's name states.
    pub fn named(name: &str) -> Option<Factors> {
        (0..16).map(Factors::of).find(|one| one.name() == name)
    }

    /// The arm's name, such as `power-sigmoid-plain-fixed`.
    pub fn name(self) -> String {
        let words = FACTORS.iter().zip(self.bits()).map(|((_, levels), high)| levels[usize::from(high)]);
        words.collect::<Vec<_>>().join("-")
    }

    /// The configuration of an arm at the authors' rate.
    pub fn config(self) -> Config {
        let mut config = Config::authors(Architecture::Paper);
        let recipe = &mut config.recipe;
        recipe.input = if self.log { Levels::Log } else { Levels::Power };
        recipe.head = if self.logits { Head::Logits } else { Head::Sigmoid };
        recipe.norm = Some(if self.norm { Norm::Running } else { Norm::Off });
        recipe.order = if self.shuffled { Order::Shuffled } else { Order::Fixed };
        config
    }
}
