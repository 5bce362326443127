//! `jukebox next-track`: reports whether the history predicts the next track, and how that was
//! measured.

use anyhow::{Result, bail};
use clap::Args;

use super::asker::{OTHER_ANSWER, Who, player_or};
use super::local::Local;
use super::print;
use crate::ask::protocol::{Reply, Request};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::paths::Paths;
use crate::queue::next::{Report, Sounds};
use crate::runtime::learned::{self, Published};

/// `jukebox next-track`
#[derive(Debug, Args)]
pub struct NextTrackArgs {
    /// Learn now; the player does so by itself when there is enough new history
    #[arg(long)]
    pub train: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the report of the last model. Trains a model first if there is none or `--train` is
/// given.
///
/// # Errors
/// When neither the player nor the store can be reached, or a file cannot be read or written.
pub fn run(args: &NextTrackArgs, config: &Config, paths: &Paths) -> Result<()> {
    let published = Published::of(paths);
    let last = if args.train { None } else { published.report()? };
    let report = match last {
        Some(report) => report,
        None => learn(&published, config, paths)?,
    };
    if args.json {
        return print::json(&report);
    }
    report.lines().iter().for_each(|line| print::line(line));
    Ok(())
}

fn learn(published: &Published, config: &Config, paths: &Paths) -> Result<Report> {
    let sounds = match player_or(paths, &Request::Sounds, || Local::open(paths, config))? {
        Who::Player(Reply::Sounds(sounds)) => *sounds,
        Who::Player(Reply::Error(why)) => bail!(why),
        Who::Player(_) => bail!(OTHER_ANSWER),
        Who::Store(local) => {
            let answers = local.answers();
            Sounds::of(&answers.space, &answers.catalog)
        }
    };
    let learned = learned::learn(&learned::lesson(paths, &sounds)?)?;
    Ok(published.publish(learned, SystemClock::new().unix())?)
}
