//! `jukebox train`: train an encoder.

use std::path::PathBuf;

use clap::Args;
use jukebox_encoder::Device;

use super::{child, print};
use crate::clock::{Clock, SystemClock};
use crate::paths::Paths;
use crate::training::{self, Options, Outcome, Progress};

/// `jukebox train`
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// What to learn from: `strobe:DIR` is a directory with clips.tsv and mel128.q4.zst
    #[arg(long, value_name = "KIND:DIR")]
    pub data: String,
    /// The run's directory: checkpoints, log and model go here; otherwise a new one in jukebox's data directory
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How often to go through the data
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub epochs: Option<u16>,
    /// Seed of every random choice
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where to train: auto, cpu or cuda
    #[arg(long, default_value = "auto", value_parser = ["auto", "cpu", "cuda"])]
    pub device: String,
    /// Go on where the run in `--out` stopped
    #[arg(long, requires = "out")]
    pub resume: bool,
}

/// Trains, telling each epoch, and measures on the test split once at the end.
///
/// # Errors
/// When the data cannot be read, or the run directory cannot be written.
pub fn run(args: TrainArgs, paths: &Paths) -> Result<(), String> {
    let out = args.out.unwrap_or_else(|| paths.data.join("runs").join(SystemClock::new().unix().to_string()));
    let mut options = Options::new(args.data, &out);
    options.config.seed = args.seed;
    if let Some(epochs) = args.epochs {
        options.config.epochs = epochs.into();
    }
    options.device = child::device(&args.device)?;
    options.resume = args.resume;
    let outcome = training::train(&options, &mut |p| {
        tell(p);
        true
    })?;
    report(&outcome);
    if options.device == Device::Auto {
        print::note(&format!("to listen with it: copy it to {}", paths.data.join("models").join("current").display()));
    }
    Ok(())
}

fn tell(progress: &Progress) {
    match progress {
        Progress::Ready { clips: [train, validation, test], genres, teacher } => print::note(&format!(
            "{train} clips to learn from, {validation} to choose by, {test} to measure on; genres: {}{}",
            genres.join(", "),
            if *teacher { "; with a teacher" } else { "" }
        )),
        Progress::Step { epoch, step, steps, loss } if step % 20 == 0 => {
            print::note(&format!("epoch {epoch}, step {step} of {steps}: loss {loss:.3}"));
        }
        Progress::Step { .. } => {}
        Progress::Epoch(e) => print::line(&format!(
            "epoch {}: loss {:.3}, validation {:.1} %{}, {:.0} s",
            e.epoch,
            e.loss,
            100.0 * e.validation,
            if e.best { " (best)" } else { "" },
            e.seconds
        )),
    }
}

fn report(outcome: &Outcome) {
    print::line(&format!("validation {:.1} % after {} epochs", 100.0 * outcome.validation, outcome.epochs));
    if let Some(test) = &outcome.test {
        print::line(&format!(
            "test {:.1} ± {:.1} % of {} clips; genre precision at 10 {:.1} %",
            100.0 * test.accuracy,
            100.0 * test.error,
            test.clips,
            100.0 * test.precision
        ));
    }
    print::line(&format!("model {}", outcome.model.display()));
}
