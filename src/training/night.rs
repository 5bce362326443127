//! A night: data → learning within a time limit → aligning dimensions → judging → publishing or keeping aside → report.
//!
//! However it ends, the run directory is consistent: the checkpoint of the last epoch, the best epoch's encoder if an
//! epoch was completed, and a report.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use thiserror::Error;

use super::fault::{Fault, RunError};
use super::judging::{Aligned, Judge, Judgement, Published};
use super::limit::{Limit, Timer, epochs_that_fit, span};
use super::report::{self, Story};
use super::run::{Run, may_begin};
use super::standing::Keeper;
use super::timing::time_a_clip;
use super::{DataSet, Learned, Options, Outcome, Part, Progress, Stage, heads, judging};
use crate::clock::Clock;
use crate::files;

pub use super::report::Stop;

/// Number of clips for measuring the encoder's frozen statistics after every epoch.
const STATISTICS: usize = 768;
/// Time reserved at the end beyond the estimate for alignment, judging and writing.
const SPARE: Duration = Duration::from_secs(10);

/// The settings of a night.
pub struct Night<'a> {
    /// The training.
    pub options: Options,
    /// Its time limit.
    pub limit: Option<Limit>,
    /// Publish whatever the guard decides.
    pub publish: bool,
    /// The device, in words, for the report.
    pub device: String,
    /// Remarks about the data for the report: what was left out, what was folded.
    pub notes: Vec<String>,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Start of the time limit by the clock; reading the data counts.
    pub since: Duration,
}

/// The result of a night.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// The training.
    pub outcome: Outcome,
    /// Why learning ended.
    pub stop: Stop,
    /// The guard's decision; `None` when the run was stopped by the user.
    pub judgement: Option<Judgement>,
    /// Where the encoder was published; `None` if it is not in use.
    pub published: Option<Published>,
    /// Correlation of each dimension with that of the previous encoder; empty when there is none to compare with.
    pub correlation: Vec<f64>,
    /// The report.
    pub report: PathBuf,
}

/// Runs the night. `progress` returns false to stop at the next step; the work so far is kept and can be continued.
///
/// # Errors
/// As [`super::train()`]; or when there is no time for one epoch, or the disk is full. What was there is intact.
pub fn run(
    night: &Night,
    data: &DataSet,
    judge: &mut dyn Judge,
    progress: &mut dyn FnMut(&Progress) -> bool,
) -> Result<Ended, Failed> {
    let options = night.options.clone();
    let mut keeper = Keeper::new(&options.out, &night.device, options.config.batch, night.clock);
    let mut inner = Inner { night, options, timer: Timer::start(night.clock, night.since, night.limit) };
    let ended = inner.run(data, judge, &mut |said| {
        let go_on = progress(said);
        keeper.take(said, go_on);
        go_on
    });
    let ended = ended.map_err(|fault| Failed { fault, out: night.options.out.clone() });
    keeper.end(ended.as_ref().err().map(ToString::to_string).as_deref());
    ended
}

/// Why a night ended without a result. Where the run can be continued, its `Display` form says how.
#[derive(Debug, Error)]
#[error("{fault}{}", self.way_on())]
pub struct Failed {
    /// The reason.
    pub fault: Fault,
    /// The directory of the run.
    pub out: PathBuf,
}

impl Failed {
    /// How to continue the run, after a semicolon; empty where that is of no use.
    fn way_on(&self) -> String {
        let first = match &self.fault {
            fault if fault.is_disk_full() => "make room, then ",
            fault if fault.is_unwritten() => "when it can be, ",
            Fault::Early { .. } => "",
            _ => return String::new(),
        };
        format!("; {first}continue with `jukebox train --resume --out {}`", self.out.display())
    }
}

struct Inner<'a> {
    night: &'a Night<'a>,
    options: Options,
    timer: Timer<'a>,
}

impl Inner<'_> {
    fn run(
        &mut self,
        data: &DataSet,
        judge: &mut dyn Judge,
        progress: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<Ended, Fault> {
        may_begin(&self.options.out, self.options.resume)?;
        let after = self.choose_epochs(data, progress)?;
        let run = Run::open(&self.options.out, &self.options)?;
        let mut rates = Vec::new();
        let (learned, mut stop) = self.learn(data, &run, after, &mut rates, progress)?;
        if stop != Stop::Asked && !progress(&Progress::Stage(Stage::Aligning)) {
            stop = Stop::Asked;
        }
        let about = learned.about.clone();
        let epochs = learned.epochs.clone();
        let mut story = Story {
            data: self.options.data.clone(),
            about,
            genres: data.genres.clone(),
            notes: self.night.notes.clone(),
            config: self.options.config.clone(),
            device: self.night.device.clone(),
            resumed: self.options.resume,
            stop,
            epochs,
            descriptors: heads::known(data),
            reconstructions: learned.reconstructions.clone(),
            rates,
            ..Story::default()
        };
        let mut unpublished = None;
        let ended = if stop == Stop::Asked {
            // The user is waiting: write what there is without judging it.
            let outcome = super::finish(data, &run, &self.options, learned)?;
            (outcome, None, None)
        } else {
            let Aligned { weights, correlation } = judge.align(learned.weights, data)?;
            story.correlation = correlation;
            let learned = Learned { weights, ..learned };
            story.confusion = judging::confusion(&learned.weights, data, self.options.device)?;
            progress(&Progress::Genres(story.recall()));
            let outcome = super::finish(data, &run, &self.options, learned)?;
            progress(&Progress::Stage(Stage::Judging));
            let candidate = files::read(&outcome.model, files::MODEL)
                .map_err(|cause| RunError::Unreadable { path: outcome.model.clone(), cause })?;
            let judgement = judge.judge(&candidate, data)?;
            let published = match judgement.publish || self.night.publish {
                true => judge.publish(&outcome.model).map(Some),
                false => Ok(None),
            };
            let published = published.unwrap_or_else(|cause| {
                unpublished = Some(Fault::Unpublished { cause: cause.into(), kept: outcome.model.clone() });
                None
            });
            (outcome, Some(judgement), published)
        };
        let (outcome, judgement, published) = ended;
        progress(&Progress::Stage(Stage::Reporting));
        story.elapsed = self.timer.elapsed();
        story.test.clone_from(&outcome.test);
        story.judgement.clone_from(&judgement);
        story.published.clone_from(&published);
        story.model.clone_from(&outcome.model);
        let report = report::write(&self.options.out, &story)?;
        if let Some(why) = unpublished {
            // The report is written; the run is unfinished and can be continued.
            return Err(why);
        }
        let summary = json!({
            "stop": format!("{stop:?}").to_lowercase(),
            "validation": outcome.validation,
            "test": outcome.test.as_ref().map(|t| t.accuracy),
            "epochs": outcome.epochs,
            "seconds": story.elapsed.as_secs(),
            "publish": judgement.as_ref().map(|j| j.publish),
            "why": judgement.as_ref().map(|j| j.why.clone()),
            "published": published.as_ref().map(|p| p.name.clone()),
            "correlation": story.correlation,
        });
        // A run stopped by hand is unfinished until it is judged.
        run.save_outcome(outcome.finished && judgement.is_some(), &summary)?;
        Ok(Ended { outcome, stop, judgement, published, correlation: story.correlation, report })
    }

    /// Chooses the number of epochs of a new run to fit the time; returns the time to reserve after learning.
    fn choose_epochs(
        &mut self,
        data: &DataSet,
        progress: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<Duration, Fault> {
        let mut after = SPARE;
        let begun = self.options.resume && self.options.out.join("checkpoint.safetensors").exists();
        if self.timer.left().is_some() && !begun {
            progress(&Progress::Stage(Stage::Timing));
            let (training, validation) = (data.part(Part::Training), data.part(Part::Validation));
            let clip = time_a_clip(&self.options, data, &training, &validation, self.night.clock, progress)?;
            let statistics = training.len().min(STATISTICS);
            // A forward pass takes about a third of forward and backward.
            let epoch = clip.mul_f64(training.len() as f64 + (validation.len() + statistics) as f64 / 3.0);
            after += clip.mul_f64((2 * training.len() + 2 * validation.len() + statistics) as f64 / 3.0);
            let left = self.timer.left().unwrap_or_default();
            if left < epoch {
                return Err(Fault::NoTime { epoch, left });
            }
            let most = self.options.config.epochs;
            self.options.config.epochs = epochs_that_fit(left, epoch, after, most);
            if self.options.config.epochs < most {
                progress(&Progress::Note(format!(
                    "an epoch takes about {}: {} of the recipe's {most} epochs fit into {}",
                    span(epoch),
                    self.options.config.epochs,
                    span(left)
                )));
            }
        }
        progress(&self.plan());
        Ok(after)
    }

    fn plan(&self) -> Progress {
        let ends = self.timer.left().map(|left| self.night.clock.unix() as i64 + left.as_secs() as i64);
        Progress::Plan { epochs: self.options.config.epochs, ends }
    }

    /// Learns until the epochs are done, the time is up, or `progress` stops it.
    fn learn(
        &mut self,
        data: &DataSet,
        run: &Run,
        after: Duration,
        rates: &mut Vec<(f64, f64)>,
        progress: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<(Learned, Stop), Fault> {
        if self.options.resume {
            progress(&Progress::Earlier(run.logged()));
        }
        progress(&Progress::Stage(Stage::Learning));
        let mut stop = Stop::Finished;
        let mut epoch_begun = None;
        let (timer, night) = (&mut self.timer, self.night);
        let epochs = self.options.config.epochs;
        let learned = super::learn(data, run, &self.options, &mut |p| {
            let mut go_on = progress(p);
            if let Some(slept) = timer.slept() {
                let left = timer.left();
                let left_words = left.map_or(String::new(), |l| format!("; {} are left", span(l)));
                let slept = span(slept);
                let line = format!("the computer slept for {slept}, or its clock was set ahead{left_words}");
                go_on &= progress(&Progress::Note(line));
                let ends = left.map(|l| night.clock.unix() as i64 + l.as_secs() as i64);
                go_on &= progress(&Progress::Plan { epochs, ends });
            }
            if !go_on {
                stop = Stop::Asked;
                return false;
            }
            let now = timer.elapsed();
            let mut needed = Duration::ZERO;
            match p {
                Progress::Step { epoch, step, steps, rate: Some(rate), .. } => {
                    rates.push((*epoch as f64 - 1.0 + *step as f64 / *steps as f64, *rate));
                }
                Progress::Epoch(report) if report.epoch < epochs => {
                    // Do not start an epoch that would be cut off: its result is not kept.
                    needed = epoch_begun.map_or(Duration::ZERO, |begun| now.saturating_sub(begun)).mul_f64(0.9);
                    epoch_begun = Some(now);
                }
                _ => {}
            }
            epoch_begun.get_or_insert(now);
            let last = matches!(p, Progress::Epoch(report) if report.epoch >= epochs);
            if !last && timer.left().is_some_and(|left| left <= after + needed) {
                stop = Stop::Time;
                return false;
            }
            true
        });
        match learned {
            // Stopped at the very end: nothing is missing.
            Ok(learned) if learned.finished && stop != Stop::Asked => Ok((learned, Stop::Finished)),
            Ok(learned) => Ok((learned, stop)),
            Err(Fault::Early { cause, .. }) => Err(Fault::Early { cause, time_up: stop == Stop::Time }),
            Err(e) => Err(e),
        }
    }
}

#[cfg(test)]
#[path = "night_tests.rs"]
mod tests;
