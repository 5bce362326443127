//! The experiments and their arms: a name and a configuration each.

use jukebox_encoder::Architecture;
use jukebox_encoder::recipe::{Head, Levels, Norm, Order};

use crate::training::Config;

/// Learning rates that the pilots try.
pub const RATES: [f64; 3] = [1e-4, 3e-4, 1e-3];
/// The rate of the paper's authors.
const AUTHORS: f64 = 1e-4;

/// An experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Experiment {
    /// The paper's Figure 3: its authors' recipe, and what the figure varies.
    Fig3,
    /// Sixteen arms: input × head × normalisation × order.
    Ablation,
}

impl Experiment {
    /// All experiments.
    pub const ALL: [Experiment; 2] = [Experiment::Ablation, Experiment::Fig3];

    /// Its name in commands, directories and saved runs.
    pub fn name(self) -> &'static str {
        match self {
            Experiment::Fig3 => "fig3",
            Experiment::Ablation => "ablation",
        }
    }

    /// The experiment of this name.
    pub fn named(name: &str) -> Option<Experiment> {
        Experiment::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Passes over the clips unless asked otherwise.
    pub const EPOCHS: usize = 12;
}

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

    /// The pilots by which the rate of this arm is chosen: of its input and normalisation.
    fn pilots(self) -> [Arm; 3] {
        RATES.map(|rate| {
            let pilot = Factors { logits: true, shuffled: true, ..self };
            let [input, _, norm, _] = FACTORS.map(|(_, levels)| levels);
            let name = format!("pilot-{}-{}-{rate:.0e}", input[usize::from(self.log)], norm[usize::from(self.norm)]);
            Arm { name, config: Config { rate, ..pilot.config() }, seeds: Some(1), pilots: Vec::new() }
        })
    }

    /// The configuration at the authors' rate.
    fn config(self) -> Config {
        let mut config = Config::authors(Architecture::Paper);
        let recipe = &mut config.recipe;
        recipe.input = if self.log { Levels::Log } else { Levels::Power };
        recipe.head = if self.logits { Head::Logits } else { Head::Sigmoid };
        recipe.norm = Some(if self.norm { Norm::Running } else { Norm::Off });
        recipe.order = if self.shuffled { Order::Shuffled } else { Order::Fixed };
        config
    }
}

/// An arm of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Its name, a part of its directory's name.
    pub name: String,
    /// Its configuration, apart from width, epochs and seed; with pilots, apart from the rate.
    pub config: Config,
    /// The number of seeds unless asked otherwise, if the experiment's does not apply.
    pub seeds: Option<usize>,
    /// Shorter runs, one of which chooses its rate; empty if the rate is given.
    pub pilots: Vec<Arm>,
}

/// The arms of an experiment, those that tell most first.
pub fn arms(experiment: Experiment) -> Vec<Arm> {
    match experiment {
        Experiment::Fig3 => fig3(),
        Experiment::Ablation => ablation(),
    }
}

/// What the paper's Figure 3 shows, and batches of other sizes, which it suspects.
fn fig3() -> Vec<Arm> {
    let authors = || Config::authors(Architecture::Paper);
    let normalised = |batch: usize| {
        let mut config = Config { batch, shard: batch, rate: AUTHORS, ..authors() };
        config.recipe.norm = Some(Norm::Running);
        config
    };
    let mut dropped = authors();
    (dropped.recipe.dropout_convolutions, dropped.recipe.dropout_head) = (0.25, 0.25);
    let arm = |name: &str, config: Config, seeds| Arm { name: name.into(), config, seeds, pilots: Vec::new() };
    vec![
        arm("baseline", authors(), None),
        arm("bn", normalised(16), None),
        arm("dropout", dropped, None),
        arm("bn-batch8", normalised(8), Some(1)),
        arm("bn-batch64", normalised(64), Some(1)),
        arm("1d", Config::authors(Architecture::Paper1d), Some(1)),
    ]
}

/// The corners first: all as in the paper's code and nothing so, with and without normalisation.
fn ablation() -> Vec<Arm> {
    const CORNERS: [usize; 4] = [0b0000, 0b0010, 0b1101, 0b1111];
    let others = (0..16).filter(|n| !CORNERS.contains(n));
    let arm = |factors: Factors| Arm {
        name: factors.name(),
        config: factors.config(),
        seeds: None,
        pilots: factors.pilots().to_vec(),
    };
    CORNERS.into_iter().chain(others).map(|n| arm(Factors::of(n))).collect()
}

/// The arms that `only` asks for: exact names, parts of names, or `corners`; all if it is empty.
///
/// # Errors
/// A word that fits no arm, with the names that there are.
pub fn chosen(experiment: Experiment, only: &[String]) -> Result<Vec<Arm>, String> {
    let all = arms(experiment);
    if only.is_empty() {
        return Ok(all);
    }
    let mut kept: Vec<&Arm> = Vec::new();
    for word in only {
        let exact = all.iter().any(|arm| arm.name == *word);
        let fits = |(at, arm): &(usize, &Arm)| match word.as_str() {
            "corners" => experiment == Experiment::Ablation && *at < 4,
            word if exact => arm.name == word,
            word => arm.name.contains(word),
        };
        let found: Vec<&Arm> = all.iter().enumerate().filter(fits).map(|(_, arm)| arm).collect();
        if found.is_empty() {
            let names: Vec<&str> = all.iter().map(|arm| arm.name.as_str()).collect();
            return Err(format!("--only {word}: no such arm; there are {}", names.join(", ")));
        }
        found.into_iter().for_each(|arm| {
            if !kept.iter().any(|k| k.name == arm.name) {
                kept.push(arm);
            }
        });
    }
    Ok(kept.into_iter().cloned().collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn sixteen_arms_differ_in_four_choices() {
        let arms = arms(Experiment::Ablation);
        let names: BTreeSet<&str> = arms.iter().map(|arm| arm.name.as_str()).collect();
        assert_eq!((arms.len(), names.len()), (16, 16));
        assert_eq!(arms[0].name, "power-sigmoid-plain-fixed");
        // The first is the authors' recipe.
        assert_eq!(arms[0].config, Config::authors(Architecture::Paper));
        for arm in &arms {
            let factors = Factors::named(&arm.name).unwrap();
            assert_eq!(factors.config(), arm.config);
            assert_eq!(arm.pilots.len(), 3);
            assert!(arm.pilots.iter().all(|p| p.config.recipe.norm == arm.config.recipe.norm));
        }
        let pilots: BTreeSet<String> = arms.iter().flat_map(|arm| &arm.pilots).map(|p| p.name.clone()).collect();
        assert_eq!(pilots.len(), 12, "three rates of each input with and without normalisation: {pilots:?}");
        assert!(pilots.contains("pilot-log-bn-3e-4"));
    }

    #[test]
    fn arms_are_chosen_by_name_part_and_corner() {
        let names = |experiment, only: &str| -> Result<Vec<String>, String> {
            let only: Vec<String> = only.split(',').filter(|w| !w.is_empty()).map(String::from).collect();
            Ok(chosen(experiment, &only)?.into_iter().map(|arm| arm.name).collect())
        };
        assert_eq!(names(Experiment::Fig3, "").unwrap().len(), 6);
        assert_eq!(names(Experiment::Fig3, "bn").unwrap(), ["bn"], "an exact name is that arm alone");
        assert_eq!(names(Experiment::Fig3, "batch").unwrap(), ["bn-batch8", "bn-batch64"]);
        assert_eq!(names(Experiment::Ablation, "corners").unwrap().len(), 4);
        assert_eq!(names(Experiment::Ablation, "corners,power-sigmoid").unwrap().len(), 6);
        assert!(names(Experiment::Fig3, "corners").unwrap_err().contains("baseline"));
    }
}
