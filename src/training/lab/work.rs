//! Runs the arms of an experiment, several at a time. Every run can be stopped and taken up again.

use std::fs;
use std::sync::Mutex;
use std::time::Duration;

use jukebox_encoder::Diverged;
use jukebox_encoder::train::{self, Clips, Job};

use super::arm::Experiment;
use super::fault::{LabError, RecordError};
use super::outcome::{measured, short};
use super::parts::Parts;
use super::record::{self, Point, Record};
use super::schedule::{Run, Schedule};
use super::stock::Stock;
use crate::picture;
use crate::store::private;
use crate::training::{Device, measure_on, reconstructions};

/// Time between checkpoints within an epoch.
const EVERY: Duration = Duration::from_secs(120);

/// What is to be run, and on what.
pub struct Plan<'a> {
    /// The runs.
    pub schedule: Schedule,
    /// The clips.
    pub stock: &'a Stock,
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

/// Runs everything that is not finished yet. `tell` returns false to stop; what is done is kept. Returns whether all is
/// finished.
///
/// # Errors
/// When a run cannot be written or belongs to another configuration, or all pilots of an arm diverge.
pub fn run(plan: &Plan, tell: &(dyn Fn(&Told) -> bool + Sync)) -> Result<bool, LabError> {
    let Plan { schedule, .. } = plan;
    if !work(plan, &schedule.pilots(), tell)? {
        return Ok(false);
    }
    let runs = schedule.mains()?;
    for arm in schedule.arms.iter().filter(|arm| !arm.pilots.is_empty() && schedule.setting.rate.is_none()) {
        let own = runs.iter().find(|run| run.arm == arm.name);
        if let Some(run) = own {
            tell(&Told::Rate { arm: arm.name.clone(), rate: run.config.rate });
        }
    }
    work(plan, &runs, tell)
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
    let place = plan.schedule.place(run);
    let earlier = record::read(&place)?;
    let parts = plan.stock.parts(run.random, run.take);
    let whole = Experiment::named(&plan.schedule.setting.experiment).is_some_and(Experiment::goes_beyond);
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
        setting: plan.schedule.setting.clone(),
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
        data: &plan.schedule.setting.data,
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
            let note = format!("{}, seed {}, {}", run.arm, run.config.seed, plan.schedule.setting.data);
            let (all, own) = (&trained.reconstructions, &validation.genres);
            if record.finished
                && let Some(svg) = reconstructions::drawn(all, own, &plan.stock.genres, &note)
            {
                // Before the record, by which the run counts as finished.
                let path = place.join(reconstructions::FILE);
                private::replace(&path, picture::standalone(&svg).as_bytes()).map_err(RecordError::io(&path))?;
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
