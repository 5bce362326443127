//! Which runs an experiment consists of, and what is done of them. It needs no clips.

use std::path::{Path, PathBuf};

use super::arm::{Arm, Experiment};
use super::fault::LabError;
use super::parts::Take;
use super::record::{self, Record, Setting};
use super::stock::Asked;
use crate::training::Config;

/// The least number of epochs of a pilot; otherwise a quarter of a run's.
const PILOT: usize = 2;

/// The arms of an experiment and how often each is run.
pub struct Schedule {
    /// What all runs share.
    pub setting: Setting,
    /// The arms.
    pub arms: Vec<Arm>,
    /// Number of seeds of every arm; `None` for `usual`, or what an arm says.
    pub seeds: Option<usize>,
    /// Number of seeds unless asked otherwise.
    pub usual: usize,
    /// The directory of all experiments.
    pub root: PathBuf,
}

/// One run.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub arm: String,
    pub config: Config,
    pub random: bool,
    pub take: Take,
    pub starts: bool,
}

impl Run {
    fn of(arm: &Arm, config: Config) -> Run {
        Run { arm: arm.name.clone(), config, random: arm.random, take: arm.take, starts: arm.starts }
    }
}

/// The state of a run for a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The arm.
    pub arm: String,
    /// The seed.
    pub seed: u64,
    /// Epochs that are done, and all.
    pub epochs: [usize; 2],
    /// The best validation accuracy so far.
    pub best: Option<f64>,
    /// Whether it ended because its loss stopped being a number.
    pub diverged: bool,
}

impl Schedule {
    /// The state of every run, pilots first.
    ///
    /// # Errors
    /// A record that cannot be understood.
    pub fn list(&self) -> Result<Vec<Row>, LabError> {
        let mut runs = self.pilots();
        // The rate does not matter here.
        runs.extend(self.arms.iter().flat_map(|arm| self.of_seeds(arm, arm.config.rate)));
        let row = |run: &Run| -> Result<Row, LabError> {
            let record = record::read(&self.place(run))?;
            let done = record.as_ref().map_or(0, |r| r.curve.len());
            let best = record.as_ref().and_then(Record::best);
            let diverged = record.as_ref().is_some_and(|r| r.diverged);
            let (arm, seed) = (run.arm.clone(), run.config.seed);
            Ok(Row { arm, seed, epochs: [done, run.config.epochs], best, diverged })
        };
        runs.iter().map(row).collect()
    }

    /// The directory of a run.
    pub(super) fn place(&self, run: &Run) -> PathBuf {
        record::directory(&self.root, &self.setting, &run.arm, run.config.seed)
    }

    /// The pilots of all arms, each once; none if the rate is given.
    pub(super) fn pilots(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        if self.setting.rate.is_some() {
            return runs;
        }
        for pilot in self.arms.iter().flat_map(|arm| &arm.pilots) {
            if runs.iter().all(|run| run.arm != pilot.name) {
                let epochs = (self.setting.epochs / 4).max(PILOT).min(self.setting.epochs);
                let config = Config { epochs, width: self.width(pilot), seed: 1, ..pilot.config.clone() };
                runs.push(Run::of(pilot, config));
            }
        }
        runs
    }

    /// The runs that are not pilots, the first seed of every arm first.
    pub(super) fn mains(&self) -> Result<Vec<Run>, LabError> {
        let mut runs = Vec::new();
        for arm in &self.arms {
            runs.extend(self.of_seeds(arm, self.rate(arm)?));
        }
        runs.sort_by_key(|run| run.config.seed);
        Ok(runs)
    }

    /// The width of an arm's network: that of the setting is for the paper's.
    fn width(&self, arm: &Arm) -> usize {
        if arm.config.arch.is_paper() { self.setting.width } else { arm.config.width }
    }

    /// The runs of an arm at a rate.
    fn of_seeds(&self, arm: &Arm, rate: f64) -> Vec<Run> {
        let seeds = self.seeds.unwrap_or(arm.seeds.unwrap_or(self.usual));
        let (width, epochs) = (self.width(arm), arm.epochs.unwrap_or(self.setting.epochs));
        let of = |seed: u64| {
            let config = Config { width, epochs, rate, seed, ..arm.config.clone() };
            Run::of(arm, config)
        };
        (1..=seeds as u64).map(of).collect()
    }

    /// The rate of an arm: by the given one, that of its best pilot, or its own. A pilot that diverged does not count,
    /// whatever it had reached before.
    fn rate(&self, arm: &Arm) -> Result<f64, LabError> {
        if let Some(rate) = self.setting.rate {
            return Ok(arm.rate(rate));
        }
        let mut best: Option<(f64, f64)> = None;
        for pilot in &arm.pilots {
            let record = record::read(&record::directory(&self.root, &self.setting, &pilot.name, 1))?;
            let Some(reached) = record.filter(|r| !r.diverged).and_then(|r| r.best()) else { continue };
            if best.is_none_or(|(most, _)| reached > most) {
                best = Some((reached, pilot.config.rate));
            }
        }
        match best {
            Some((_, rate)) => Ok(rate),
            None if arm.pilots.is_empty() => Ok(arm.config.rate),
            None => {
                let lowest = arm.pilots.iter().map(|p| p.config.rate).fold(f64::MAX, f64::min);
                Err(LabError::Pilots { arm: arm.name.clone(), lowest })
            }
        }
    }
}

/// The settings of the saved runs that a command would go on with, one for each music that it was given: which music a
/// setting is of follows from its clips, which are not read here. One without clips, and so without runs, if there is none.
///
/// # Errors
/// A record that cannot be understood.
pub fn settings(root: &Path, experiment: Experiment, asked: &Asked) -> Result<Vec<Setting>, LabError> {
    let mut found: Vec<Setting> = Vec::new();
    for Record { setting, .. } in record::all(root)? {
        let same = without_seeds(&setting.command) == without_seeds(&asked.command)
            && (setting.width, setting.epochs, setting.rate) == (asked.width, asked.epochs, asked.rate);
        if same && found.iter().all(|other| other.directory() != setting.directory()) {
            found.push(setting);
        }
    }
    if found.is_empty() {
        found.push(asked.setting(experiment));
    }
    Ok(found)
}

/// A command without its number of seeds: runs of more seeds are of the same setting.
fn without_seeds(command: &str) -> String {
    let mut words: Vec<&str> = command.split(' ').collect();
    if let Some(at) = words.iter().position(|word| *word == "--seeds") {
        words.drain(at..words.len().min(at + 2));
    }
    words.join(" ")
}
