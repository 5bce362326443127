//! Evaluates the next-track model on simulated users: `next_track [--users N] [--plays N] [--library]` prints, for
//! habits with and without a rule, how often the model is significantly better than the last track and the mean of
//! three, how often it would be used, and the results of the model and the baselines. The library is generated; with
//! `--library` it is your own (`JUKEBOX_HOME`), with generated histories.

mod support;

use std::process::ExitCode;

use jukebox::cli::local::Local;
use jukebox::config::Config;
use jukebox::latent::Latent;
use jukebox::paths::Paths;
use jukebox::queue::next::Verdict;
use jukebox::queue::next::report::Difference;
use jukebox::queue::next::simulation::{Habit, history, library};

/// Number of tracks in a generated library.
const TRACKS: usize = 1000;

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let args = support::args();
    let number = |name: &str, default: usize| match args.iter().position(|a| a == name) {
        Some(at) => args.get(at + 1).and_then(|n| n.parse().ok()).ok_or(format!("{name} takes a number")),
        None => Ok(default),
    };
    let (users, plays) = (number("--users", 20)?, number("--plays", 3000)?);
    let own = args.iter().any(|a| a == "--library").then(own).transpose()?;
    let tracks = own.as_ref().map_or(TRACKS, Vec::len);
    println!("{users} users of {plays} plays each, a library of {tracks} tracks; MRR of what came next, held out");
    println!(
        "{:<31} {:>7} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>7}",
        "habit", "beats 2", "used", "model", "last", "of 3", "of 8", "sign.", "seconds"
    );
    for habit in Habit::ALL {
        let (mut beats, mut used) = (0, 0);
        let (mut mrr, mut secs) = ([0.0; 5], 0.0);
        for user in 0..users as u64 {
            let library = own.clone().unwrap_or_else(|| library(user, TRACKS));
            let report = history(&library, habit, plays, 1000 + user).learn().map_err(|e| e.to_string())?.report;
            // The last track and the mean of three come first.
            let sure = |d: &Difference| d.mrr.range.is_some_and(|[low, _]| low > 0.0);
            beats += usize::from(report.differences.len() > 1 && report.differences[..2].iter().all(sure));
            used += usize::from(report.verdict == Verdict::Used);
            secs += report.secs / users as f64;
            for (sum, row) in mrr.iter_mut().zip(&report.rows) {
                *sum += row.mrr / users as f64;
            }
        }
        let [model, last, three, eight, signature] = mrr;
        println!(
            "{:<31} {:>7} {:>6} {model:>6.3} {last:>6.3} {three:>6.3} {eight:>6.3} {signature:>6.3} {secs:>7.1}",
            habit.name(),
            format!("{beats}/{users}"),
            format!("{used}/{users}")
        );
    }
    Ok(())
}

/// The normal scores of this installation's library.
fn own() -> Result<Vec<Latent>, String> {
    let local = Local::open(&Paths::from_env()?, &Config::default()).map_err(|e| e.to_string())?;
    let space = local.answers().space;
    if space.len() < 100 {
        return Err("fewer than 100 tracks are analysed: `jukebox scan DIR` first".into());
    }
    Ok((0..space.len() as u32).map(|row| space.z(row)).collect())
}
