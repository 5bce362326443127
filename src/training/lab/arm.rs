//! The experiments and their arms: a name and a configuration each.

use jukebox_encoder::recipe::Norm;
use jukebox_encoder::{Architecture, Augment};

use super::factors::{FACTORS, Factors};
use super::outlook::{self, Outline};
use super::parts::Take;
use crate::training::Config;

/// Learning rates that the pilots of the ablation try.
const RATES: [f64; 3] = [1e-4, 3e-4, 1e-3];
/// Those of Table 4, whose recipe warms up and averages the parameters.
const RATES_TABLE4: [f64; 3] = [3e-4, 1e-3, 3e-3];
/// Those of the paper's networks in Table 4: the rate of their authors as well.
const RATES_PAPER: [f64; 4] = [1e-4, 3e-4, 1e-3, 3e-3];
/// Passes of an arm that shows what happens in long sessions.
const LONG: usize = 100;

/// An experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Experiment {
    /// The paper's Figure 3: its authors' recipe, and what the figure varies.
    Fig3,
    /// Sixteen arms: input × head × normalisation × order.
    Ablation,
    /// The paper's Table 4: architectures with and without augmentation, by this program's recipe.
    Table4,
    /// The paper's §6: heads that it gave up, and more clips of a track.
    Outlook,
    /// Table 4's transfer learning: a new head, fine-tuning, and the same network from scratch.
    Transfer,
}

impl Experiment {
    /// All experiments.
    pub const ALL: [Experiment; 5] =
        [Experiment::Ablation, Experiment::Fig3, Experiment::Table4, Experiment::Outlook, Experiment::Transfer];

    /// Its name in commands, directories and saved runs.
    pub fn name(self) -> &'static str {
        match self {
            Experiment::Fig3 => "fig3",
            Experiment::Ablation => "ablation",
            Experiment::Table4 => "table4",
            Experiment::Outlook => "outlook",
            Experiment::Transfer => "transfer",
        }
    }

    /// Whether it is about what the paper did not do, on any music: its tracks are measured as wholes, and its networks are
    /// not the paper's.
    pub fn goes_beyond(self) -> bool {
        matches!(self, Experiment::Outlook | Experiment::Transfer)
    }

    /// The experiment of this name.
    pub fn named(name: &str) -> Option<Experiment> {
        Experiment::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The command that it is run with. It names a smaller width for Table 4, which takes days of two cores at the full one.
    pub fn command(self) -> String {
        let width = if self == Experiment::Table4 { " --width 64" } else { "" };
        let kind = if self.goes_beyond() { "tree" } else { "strobe" };
        format!("jukebox lab {} --data {kind}:DIR{width}", self.name())
    }

    /// Passes over the clips unless asked otherwise.
    pub fn epochs(self) -> usize {
        match self {
            Experiment::Fig3 | Experiment::Ablation | Experiment::Table4 => 12,
            Experiment::Outlook => 40,
            Experiment::Transfer => 20,
        }
    }

    /// Seeds of an arm unless asked otherwise, or unless the arm says so.
    pub fn seeds(self) -> usize {
        match self {
            Experiment::Fig3 => 3,
            Experiment::Ablation | Experiment::Table4 => 1,
            Experiment::Outlook | Experiment::Transfer => 2,
        }
    }
}

/// An arm of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Its name, a part of its directory's name.
    pub name: String,
    /// Its configuration, apart from epochs, seed and, of the paper's networks, width; with pilots, apart from the rate.
    pub config: Config,
    /// The number of seeds unless asked otherwise, if the experiment's does not apply.
    pub seeds: Option<usize>,
    /// Its passes over the clips, whatever is asked. Such an arm is long, and run only where its name is given.
    pub epochs: Option<usize>,
    /// Whether its clips are split at random, instead of as the data says.
    pub random: bool,
    /// Which clips it takes.
    pub take: Take,
    /// Whether it begins from an encoder that shipped.
    pub starts: bool,
    /// Shorter runs, one of which chooses its rate; empty if the rate is given.
    pub pilots: Vec<Arm>,
}

impl Arm {
    /// An arm without pilots, of as many seeds and epochs as are asked for.
    fn new(name: &str, config: Config) -> Arm {
        let (random, take, starts) = (false, Take::All, false);
        Arm { name: name.into(), config, seeds: None, epochs: None, random, take, starts, pilots: Vec::new() }
    }

    /// Its rate where this one is given for all arms: all of an encoder that is there is fine-tuned at a tenth of it.
    pub fn rate(&self, given: f64) -> f64 {
        if self.starts && !self.config.frozen { outlook::tuning(given) } else { given }
    }
}

/// The arms of an experiment, those that tell most first.
pub fn arms(experiment: Experiment) -> Vec<Arm> {
    match experiment {
        Experiment::Fig3 => fig3(),
        Experiment::Ablation => ablation(),
        Experiment::Table4 => table4(),
        Experiment::Outlook => outlined(outlook::outlook()),
        Experiment::Transfer => outlined(outlook::transfer()),
    }
}

fn outlined(outlines: Vec<Outline>) -> Vec<Arm> {
    let arm = |Outline { name, config, take, starts }: Outline| Arm { take, starts, ..Arm::new(name, config) };
    outlines.into_iter().map(arm).collect()
}

/// What the paper's Figure 3 shows, batches of other sizes, which it suspects, what its authors probably ran as 1-D, and
/// the long sessions that it mentions. Batches of 64 are run without normalisation too, because an epoch of them has a
/// quarter of the steps, whatever is normalised.
fn fig3() -> Vec<Arm> {
    let authors = || Config::authors(Architecture::Paper);
    let batches = |batch: usize, norm: Norm| {
        let mut config = Config { batch, shard: batch, ..authors() };
        config.recipe.norm = Some(norm);
        config
    };
    let dropped = || {
        let mut config = authors();
        (config.recipe.dropout_convolutions, config.recipe.dropout_head) = (0.25, 0.25);
        config
    };
    let once = |name: &str, config: Config| Arm { seeds: Some(1), ..Arm::new(name, config) };
    let long = |name: &str, config: Config| Arm { epochs: Some(LONG), ..once(name, config) };
    vec![
        Arm::new("baseline", authors()),
        Arm::new("bn", batches(16, Norm::Running)),
        Arm::new("dropout", dropped()),
        once("bn-batch8", batches(8, Norm::Running)),
        once("bn-batch64", batches(64, Norm::Running)),
        once("batch64", batches(64, Norm::Off)),
        once("1d", Config::authors(Architecture::Paper1d)),
        once("3x1", Config::authors(Architecture::Paper3x1)),
        long("baseline-100", authors()),
        long("dropout-100", dropped()),
    ]
}

/// The arms of the ablation that differ most: all as in the paper's code and nothing so, with and without normalisation.
pub(super) const CORNERS: [usize; 4] = [0b0000, 0b0010, 0b1101, 0b1111];

/// The corners first.
fn ablation() -> Vec<Arm> {
    let others = (0..16).filter(|n| !CORNERS.contains(n));
    let arm = |factors: Factors| Arm { pilots: pilots(factors), ..Arm::new(&factors.name(), factors.config()) };
    CORNERS.into_iter().chain(others).map(|n| arm(Factors::of(n))).collect()
}

/// The pilots by which the rate of an arm of the ablation is chosen: of its input and normalisation.
fn pilots(factors: Factors) -> Vec<Arm> {
    let pilot = Factors { logits: true, shuffled: true, ..factors };
    let [input, _, norm, _] = FACTORS.map(|(_, levels)| levels);
    let (input, norm) = (input[usize::from(factors.log)], norm[usize::from(factors.norm)]);
    let arm = |rate: f64| Arm {
        seeds: Some(1),
        ..Arm::new(&format!("pilot-{input}-{norm}-{rate:.0e}"), Config { rate, ..pilot.config() })
    };
    RATES.map(arm).to_vec()
}

/// Every architecture that trains on strobe images as it usually does, with and without augmentation; and the paper's
/// without it on a random split, as its authors had. Every clip is shown once an epoch: two views that agree would be
/// more than an augmentation. The rate of an architecture is chosen without augmentation, which needs longer to pay. On
/// the random split it is the architecture's own: pilots of the other split have learned clips that are its test clips.
fn table4() -> Vec<Arm> {
    use Architecture::{Crnn, Densenet1d, Paper, Paper1d, Resnet1d, Strobe};
    let plain = |arch| Config { agree: 0.0, augment: Augment::none(), ..Config::of(arch) };
    let arm = |arch: Architecture, name: &str, config: Config| {
        let pilot = |rate: f64| Arm {
            seeds: Some(1),
            ..Arm::new(&format!("pilot-{arch}-{rate:.0e}"), Config { rate, ..plain(arch) })
        };
        let rates: &[f64] = if arch.is_paper() { &RATES_PAPER } else { &RATES_TABLE4 };
        Arm { pilots: rates.iter().copied().map(pilot).collect(), ..Arm::new(name, config) }
    };
    let both = |arch: Architecture| {
        let augmented = Config { augment: Config::of(arch).augment, ..plain(arch) };
        [arm(arch, arch.name(), plain(arch)), arm(arch, &format!("{arch}-augmented"), augmented)]
    };
    let random = Arm { random: true, ..Arm::new("paper-random", plain(Paper)) };
    let all = [Paper, Paper1d, Resnet1d, Densenet1d, Crnn, Strobe].into_iter().flat_map(both);
    all.chain([random]).collect()
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
    fn table_4_has_every_architecture_with_and_without_augmentation() {
        let arms = arms(Experiment::Table4);
        assert_eq!(arms.len(), 2 * 6 + 1);
        for pair in arms[..12].chunks_exact(2) {
            let [plain, augmented] = [&pair[0], &pair[1]];
            assert_eq!(augmented.name, format!("{}-augmented", plain.name));
            assert_eq!((plain.name.as_str(), &plain.config.augment), (plain.config.arch.name(), &Augment::none()));
            assert_eq!(Config { augment: Augment::none(), ..augmented.config.clone() }, plain.config);
            assert_ne!(augmented.config.augment, Augment::none());
            assert_eq!(augmented.pilots, plain.pilots, "one rate for an architecture");
            let names: Vec<&str> = plain.pilots.iter().map(|p| p.name.trim_start_matches("pilot-")).collect();
            let own = if plain.config.arch.is_paper() { &["1e-4"][..] } else { &[] };
            let rates = own.iter().chain(&["3e-4", "1e-3", "3e-3"]);
            assert_eq!(names, rates.map(|rate| format!("{}-{rate}", plain.name)).collect::<Vec<_>>());
        }
        let random = arms.last().unwrap();
        assert!(random.random && arms.iter().filter(|arm| arm.random).count() == 1);
        assert_eq!((&random.config, random.config.rate), (&arms[0].config, Config::of(Architecture::Paper).rate));
        assert!(random.pilots.is_empty(), "no other clips choose its rate");
    }

    #[test]
    fn batches_of_64_differ_in_normalisation_alone() {
        let arms = arms(Experiment::Fig3);
        let of = |name: &str| arms.iter().find(|arm| arm.name == name).map(|arm| arm.config.clone()).unwrap();
        let mut plain = of("bn-batch64");
        plain.recipe.norm = Some(Norm::Off);
        assert_eq!((plain, of("batch64").batch), (of("batch64"), 64));
        let mut small = of("bn");
        small.recipe.norm = Some(Norm::Off);
        assert_eq!(small, of("baseline"));
    }
}
