//! Runs the arms of an experiment, several at a time. Every run can be stopped and taken up again.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use jukebox_encoder::Diverged;
use jukebox_encoder::train::{self, Clips, Job};

use super::arm::{Arm, Experiment};
use super::fault::LabError;
use super::outcome::{measured, short};
use super::parts::{Parts, Take};
use super::record::{self, Point, Record, Setting};
use super::stock::Stock;
use crate::training::{Config, Device, measure_on};

/// The least number of epochs of a pilot; otherwise a quarter of a run's.
const PILOT: usize = 2;
/// Time between checkpoints within an epoch.
const EVERY: Duration = Duration::from_secs(120);

/// What is to be run.
pub struct Plan<'a> {
    /// What all runs share.
    pub setting: Setting,
    /// The clips.
    pub stock: &'a Stock,
    /// The arms.
    pub arms: Vec<Arm>,
    /// Number of seeds of every arm; `None` for `usual`, or what an arm says.
    pub seeds: Option<usize>,
    /// Number of seeds unless asked otherwise.
    pub usual: usize,
    /// The directory of all experiments.
    pub root: PathBuf,
    /// Where to train.
    pub device: Device,
    /// Runs at the same time.
    pub jobs: usize,
    /// The program's version and revision.
    pub version: String,
    /// The encoder that some arms begin from.
    pub start: Option<&'a [u8]>,
}

/// What happens meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A run begins, or goes on after some epochs.
    Begins {
        /// Its name.
        run: String,
        /// Number of epochs that are done.
        after: usize,
    },
    /// A step is done.
    Step,
    /// An epoch of a run is done.
    Epoch {
        /// The run's name.
        run: String,
        /// What the epoch came to.
        point: Point,
        /// Number of epochs in all.
        epochs: usize,
    },
    /// The pilots have chosen a rate.
    Rate {
        /// The arm whose rate it is.
        arm: String,
        /// The rate.
        rate: f64,
    },
}

/// One run.
#[derive(Clone, Debug)]
struct Run {
    arm: String,
    config: Config,
    random: bool,
    take: Take,
    starts: bool,
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

/// Runs everything that is not finished yet. `tell` returns false to stop; what is done is kept. Returns whether all is
/// finished.
///
/// # Errors
/// When a run cannot be written or belongs to another configuration, or all pilots of an arm diverge.
pub fn run(plan: &Plan, tell: &(dyn Fn(&Told) -> bool + Sync)) -> Result<bool, LabError> {
    let pilots = pilots(plan);
    if !work(plan, &pilots, tell)? {
        return Ok(false);
    }
    let runs = mains(plan)?;
    for arm in plan.arms.iter().filter(|arm| !arm.pilots.is_empty() && plan.setting.rate.is_none()) {
        let own = runs.iter().find(|run| run.arm == arm.name);
        if let Some(run) = own {
            tell(&Told::Rate { arm: arm.name.clone(), rate: run.config.rate });
        }
    }
    work(plan, &runs, tell)
}

/// The state of every run, pilots first.
///
/// # Errors
/// A record that cannot be understood.
pub fn list(plan: &Plan) -> Result<Vec<Row>, LabError> {
    let mut runs = pilots(plan);
    // The rate does not matter here.
    runs.extend(plan.arms.iter().flat_map(|arm| of_seeds(plan, arm, arm.config.rate)));
    let row = |run: &Run| -> Result<Row, LabError> {
        let seed = run.config.seed;
        let record = record::read(&record::directory(&plan.root, &plan.setting, &run.arm, seed))?;
        let done = record.as_ref().map_or(0, |r| r.curve.len());
        let best = record.as_ref().and_then(Record::best);
        let diverged = record.as_ref().is_some_and(|r| r.diverged);
        Ok(Row { arm: run.arm.clone(), seed, epochs: [done, run.config.epochs], best, diverged })
    };
    runs.iter().map(row).collect()
}

/// The pilots of all arms, each once; none if the rate is given.
fn pilots(plan: &Plan) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    if plan.setting.rate.is_some() {
        return runs;
    }
    for pilot in plan.arms.iter().flat_map(|arm| &arm.pilots) {
        if runs.iter().all(|run| run.arm != pilot.name) {
            let epochs = (plan.setting.epochs / 4).max(PILOT).min(plan.setting.epochs);
            let config = Config { epochs, width: width(plan, pilot), seed: 1, ..pilot.config.clone() };
            runs.push(Run::of(pilot, config));
        }
    }
    runs
}

/// The width of an arm's network: that of the setting is for the paper's.
fn width(plan: &Plan, arm: &Arm) -> usize {
    if arm.config.arch.is_paper() { plan.setting.width } else { arm.config.width }
}

/// The runs of an arm at a rate.
fn of_seeds(plan: &Plan, arm: &Arm, rate: f64) -> Vec<Run> {
    let seeds = plan.seeds.unwrap_or(arm.seeds.unwrap_or(plan.usual));
    let (width, epochs) = (width(plan, arm), arm.epochs.unwrap_or(plan.setting.epochs));
    let of = |seed: u64| {
        let config = Config { width, epochs, rate, seed, ..arm.config.clone() };
        Run::of(arm, config)
    };
    (1..=seeds as u64).map(of).collect()
}

/// The runs that are not pilots, the first seed of every arm first.
fn mains(plan: &Plan) -> Result<Vec<Run>, LabError> {
    let mut runs = Vec::new();
    for arm in &plan.arms {
        runs.extend(of_seeds(plan, arm, rate(plan, arm)?));
    }
    runs.sort_by_key(|run| run.config.seed);
    Ok(runs)
}

/// The rate of an arm: the given one, that of its best pilot, or its own. A pilot that diverged does not count, whatever
/// it had reached before.
fn rate(plan: &Plan, arm: &Arm) -> Result<f64, LabError> {
    if let Some(rate) = plan.setting.rate {
        return Ok(rate);
    }
    let mut best: Option<(f64, f64)> = None;
    for pilot in &arm.pilots {
        let record = record::read(&record::directory(&plan.root, &plan.setting, &pilot.name, 1))?;
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

/// Works through runs on several threads. Returns whether all of them are finished.
fn work(plan: &Plan, runs: &[Run], tell: &(dyn Fn(&Told) -> bool + Sync)) -> Result<bool, LabError> {
    let queue = Mutex::new(runs.iter());
    let next = || queue.lock().map_or(None, |mut queue| queue.next());
    let worker = || -> Result<bool, LabError> {
        while let Some(run) = next() {
            let done = one(plan, run, tell);
            if done.is_err() {
                // The others end the run that they are in; the rest waits until the fault is mended.
                let _ = queue.lock().map(|mut queue| queue.by_ref().for_each(drop));
            }
            if !done? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    let results: Vec<Result<bool, LabError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.jobs.clamp(1, runs.len().max(1))).map(|_| scope.spawn(worker)).collect();
        let ended = threads.into_iter().map(|t| t.join().unwrap_or(Err(LabError::Panicked)));
        ended.collect()
    });
    results.into_iter().try_fold(true, |all, one| one.map(|done| all && done))
}

/// Runs, or goes on with, one run. Returns false if it was stopped.
fn one(plan: &Plan, run: &Run, tell: &(dyn Fn(&Told) -> bool + Sync)) -> Result<bool, LabError> {
    let name = format!("{} seed {}", run.arm, run.config.seed);
    let place = record::directory(&plan.root, &plan.setting, &run.arm, run.config.seed);
    let earlier = record::read(&place)?;
    let parts = plan.stock.parts(run.random, run.take);
    let whole = Experiment::named(&plan.setting.experiment).is_some_and(Experiment::goes_beyond);
    let start = plan.start.filter(|_| run.starts);
    let learned = whole.then(|| parts.hash(run.config.describe > 0.0, start));
    if let Some(earlier) = &earlier {
        match (&earlier.learned, &learned) {
            _ if earlier.config != run.config => return Err(LabError::OtherConfiguration { path: place, run: name }),
            (Some(then), Some(now)) if then != now => return Err(LabError::OtherClips { path: place, run: name }),
            _ => {}
        }
        if earlier.finished {
            return Ok(true);
        }
    }
    if run.starts && plan.start.is_none() {
        return Err(LabError::NoStart(name));
    }
    fs::create_dir_all(&place).map_err(|cause| LabError::Directory { path: place.clone(), cause })?;
    let checkpoint = place.join("checkpoint.safetensors");
    let after = earlier.as_ref().map_or(0, |r| r.curve.len());
    if !tell(&Told::Begins { run: name.clone(), after }) {
        return Ok(false);
    }
    let mut record = Record {
        setting: plan.setting.clone(),
        arm: run.arm.clone(),
        seed: run.config.seed,
        config: run.config.clone(),
        version: plan.version.clone(),
        device: format!("{:?}", plan.device).to_lowercase(),
        finished: false,
        diverged: false,
        curve: earlier.map_or_else(Vec::new, |r| r.curve),
        test: None,
        parts: None,
        learned,
        outcome: None,
    };
    let Parts { training, validation, test, .. } = parts;
    // A pilot is a choice, which no test clip takes part in.
    let test = Some(test).filter(|test| !test.is_empty() && !record.is_pilot());
    let number = |clips: &Clips| if whole { Parts::tracks(clips) } else { clips.len() };
    record.parts = test.map(|test| [training, validation, test].map(number));
    let job = Job {
        genres: &plan.stock.genres,
        tags: &[],
        training,
        validation,
        config: &run.config,
        device: plan.device,
        start,
        checkpoint: Some(&checkpoint),
        every: EVERY,
        resume: true,
        data: &plan.setting.data,
    };
    let (mut stopped, mut unwritten) = (false, None);
    let trained = train::train(&job, &mut |progress| {
        let go_on = match progress {
            train::Progress::Step { .. } => tell(&Told::Step),
            train::Progress::Epoch(report) => {
                let point = Point::of(report);
                record.curve.retain(|p| p.epoch < point.epoch);
                record.curve.push(point);
                if let Err(e) = record::write(&place, &record) {
                    unwritten = Some(e);
                    return false;
                }
                tell(&Told::Epoch { run: name.clone(), point, epochs: run.config.epochs })
            }
        };
        stopped |= !go_on;
        go_on
    });
    if let Some(e) = unwritten {
        return Err(e.into());
    }
    match trained {
        Ok(trained) => {
            // A run that was killed between checkpoint and record lacks an epoch.
            record.curve = trained.epochs.iter().map(Point::of).collect();
            record.finished = record.curve.len() >= run.config.epochs;
            let failed = |cause| LabError::Measure { run: name.clone(), cause };
            if record.finished && whole {
                let (outcome, test) = measured(&trained, parts, &plan.stock.artists, plan.device).map_err(failed)?;
                (record.outcome, record.test) = (Some(outcome), test);
            } else if let Some(test) = test.filter(|_| record.finished) {
                let measured = measure_on(&trained.weights, test, plan.device).map_err(failed)?;
                record.test = Some(short(measured.accuracy));
            }
            record::write(&place, &record)?;
            if record.finished {
                // The curve is what remains.
                let _ = fs::remove_file(&checkpoint);
            }
            Ok(record.finished)
        }
        // Stopped in its first epoch: the checkpoint has what is done.
        Err(_) if stopped => Ok(false),
        // That is a result too.
        Err(e) if e.is::<Diverged>() => {
            (record.finished, record.diverged) = (true, true);
            record::write(&place, &record)?;
            let _ = fs::remove_file(&checkpoint);
            Ok(true)
        }
        Err(cause) => Err(LabError::Training { run: name, cause }),
    }
}
