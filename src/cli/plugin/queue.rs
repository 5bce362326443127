//! `jukebox plugin run` and `bench`: what an engine, or a chain, would queue, and how long that takes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use clap::Args;

use super::named::Named;
use crate::ask::answers::Answers;
use crate::ask::practice;
use crate::cli::local::{self, Local};
use crate::cli::print;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::paths::Paths;
use crate::queue::plugin::Shelf;
use crate::queue::{Context, Director, Limits, Situation};
use crate::track::TrackId;

/// `jukebox plugin run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The engine, or a chain in quotes: "radio | no-repeat"
    pub engine: String,
    /// Files that the queue begins with [default: the last track that was played]
    pub files: Vec<PathBuf>,
    /// How many tracks
    #[arg(short = 'n', long, default_value_t = 20, value_parser = crate::cli::count::from_one)]
    pub count: usize,
    /// Another number, other random choices
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Take the made-up library instead of yours
    #[arg(long, conflicts_with = "files")]
    pub practice: bool,
}

/// `jukebox plugin bench`
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The engine, or a chain in quotes
    pub engine: String,
    /// How many refills
    #[arg(short = 'n', long, default_value_t = 30, value_parser = crate::cli::count::from_one)]
    pub count: usize,
    /// Take the made-up library instead of yours
    #[arg(long)]
    pub practice: bool,
}

/// The number of tracks of a measured refill.
const REFILL: usize = 10;

/// Prints what an engine would queue.
///
/// # Errors
/// The library cannot be read, or the engine fails.
pub fn run(args: &RunArgs, config: &Config, paths: &Paths) -> Result<()> {
    let (engine, mut director) = director(&args.engine, config, paths)?;
    let (answers, context) = session(args.practice, &args.files, args.seed, config, paths)?;
    let (picks, note) = director.picks(&context, &engine, args.count);
    for (place, pick) in picks.iter().enumerate() {
        let Some(song) = answers.catalog.of_track(pick.id) else { continue };
        let why = if pick.why.text.is_empty() { String::new() } else { format!("  ({})", pick.why.text) };
        print::line(&format!("{:>3}  {} · {}{why}", place + 1, song.artist(), song.title()));
    }
    director.take_scarce().iter().for_each(|line| print::note(line));
    director.take_lines().iter().for_each(|line| print::note(line));
    note.map_or(Ok(()), |why| Err(anyhow!(why)))
}

/// Prints how long an engine takes.
///
/// # Errors
/// As [`run`].
pub fn bench(args: &BenchArgs, config: &Config, paths: &Paths) -> Result<()> {
    let (engine, mut director) = director(&args.engine, config, paths)?;
    let (answers, mut context) = session(args.practice, &[], 1, config, paths)?;
    // The first refill also reads and starts the script.
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..=args.count.max(1) {
        let begun = Instant::now();
        let (_, note) = director.picks(&context, &engine, REFILL);
        times.push(begun.elapsed());
        if let Some(why) = note {
            bail!(why);
        }
        context.seed += 1;
    }
    let first = times.remove(0);
    times.sort_unstable();
    let ms = |time: Option<&Duration>| 1000.0 * time.map_or(0.0, Duration::as_secs_f64);
    let tracks = answers.space.len();
    print::line(&format!(
        "{} refills of {REFILL} tracks from {tracks}: median {:.1} ms, slowest {:.1} ms; the first, with its start, {:.1} ms",
        times.len(),
        ms(times.get(times.len() / 2)),
        ms(times.last()),
        ms(Some(&first))
    ));
    Ok(())
}

/// The engine as the director takes it, and a director that finds it and remembers nothing beyond.
fn director(engine: &str, config: &Config, paths: &Paths) -> Result<(String, Director)> {
    let chain = engine.contains('|') || engine.contains(char::is_whitespace);
    let named =
        if chain { Named { name: engine.into(), dirs: vec![paths.plugins()] } } else { Named::of(engine, paths)? };
    let shelf = Shelf::in_dir(paths.plugin_states()).fixed();
    Ok((named.name, Director::new(named.dirs).with(config.engines.clone(), shelf)))
}

/// A library, and a session in it.
fn session(practice: bool, files: &[PathBuf], seed: u64, config: &Config, paths: &Paths) -> Result<(Answers, Context)> {
    if practice {
        let answers = practice::answers();
        let context = practice::context(&answers, seed);
        return Ok((answers, context));
    }
    let mut store = Local::open(paths, config)?;
    let files = local::absolute(files)?;
    store.learn(&files)?;
    let answers = store.answers();
    let mut playlist: Vec<TrackId> = Vec::new();
    for file in &files {
        let song = answers.catalog.of_path(file).ok_or_else(|| anyhow!("{}: not in the library", file.display()))?;
        playlist.push(song.track);
    }
    let mut heard: Vec<(u64, TrackId)> =
        answers.tallies.iter().filter_map(|(track, tally)| Some((tally.last_played?, track))).collect();
    heard.sort_unstable();
    let heard: Vec<TrackId> = heard.into_iter().map(|(_, track)| track).collect();
    let last = || heard.iter().rev().copied().find(|track| answers.space.row(*track).is_some());
    if playlist.is_empty() {
        playlist.extend(last().or_else(|| answers.space.id(0)));
    }
    let limits = Limits::of(&config.queue);
    let situation = Situation { playing: playlist.last().copied(), playlist, heard, limits, ..Situation::default() };
    let context = answers.context(situation, seed, SystemClock::new().moment());
    let context = Context { versions: answers.versions(), weights: config.queue.weights, ..context };
    Ok((answers, context))
}
