//! `jukebox eval`: measures the encoder, its nearest neighbours and the signatures on a library.

mod session;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use clap::Args;

use super::scan::Teller;
use super::{local, print};
use crate::analysis::model::{self, Model};
use crate::analysis::{Options, Update};
use crate::ask::answers::Answers;
use crate::ask::fields;
use crate::clock::Moment;
use crate::config::Config;
use crate::eval::external::{self, External};
use crate::eval::gather::{self, Gathered, GenreFrom};
use crate::eval::teacher::Teacher;
use crate::eval::{Corpus, Relations, Row, Settings, minutes, queues, report, text, untrained};
use crate::library::journal::Tallies;
use crate::library::signatures::Signatures;
use crate::paths::Paths;
use crate::queue::{Context, Director, Situation};
use crate::store::{ImageCache, exported};
use crate::track::TrackId;

/// Number of tracks in each generated queue.
const LENGTH: usize = 40;
/// Seeds of each kind that queues are made from, …
const SEEDS: u32 = 200;
/// … and those of sessions in the first minutes.
const FIRST_SEEDS: u32 = 40;

/// `jukebox eval`
#[derive(Debug, Args)]
#[command(
    after_help = "Without --queues or --first-minutes it measures how well a track's nearest match it in genre, artist, album and sound \
(each descriptor, against tracks of its genre by other artists), hubness, signatures of albums, artists and playlists, and what the \
dimensions say. Every figure is defined in \
docs/design.md, \"Measures\"."
)]
pub struct EvalArgs {
    /// Data to measure on: `library` is your own; `tree:DIR` is a directory, analysed into a cache of its own
    #[arg(long, value_name = "library|tree:DIR", default_value = "library")]
    pub data: String,
    /// Vectors of another system to compare with, as CSV of path,v1,v2,… (repeatable)
    #[arg(long, value_name = "FILE.csv")]
    pub external: Vec<PathBuf>,
    /// What a teacher says of the same files, to measure tags and named dimensions by: a directory that scripts/teacher.py made
    #[arg(long, value_name = "distil:DIR", conflicts_with = "queues")]
    pub teacher: Option<String>,
    /// Also show so many tracks with their five nearest, each with its words
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1000), conflicts_with = "queues")]
    pub neighbours: u32,
    /// Source of the genre; `auto` uses the tag where most tracks have one, else the first folder
    #[arg(long, default_value = "auto", value_parser = ["tag", "folder", "auto"])]
    pub genre: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Write report.html, with pictures, into this directory
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Random seed
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Number of bootstrap rounds
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    pub bootstrap: u32,
    /// Faster and less exact: fewer queries, sets and rounds
    #[arg(long)]
    pub quick: bool,
    /// Measure the player's queues instead, against nearest neighbours, greedy chains and chance
    #[arg(long, group = "sessions")]
    pub queues: bool,
    /// Number of seeds of each kind that queues start from [default: 200; 40 with --first-minutes]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=100_000), requires = "sessions")]
    pub seeds: Option<u32>,
    /// Also try each of `[queue.weights]` at zero, half and double
    #[arg(long, requires = "queues")]
    pub ablate: bool,
    /// Measure instead the queues of this engine, or chain such as `radio | no-repeat` (repeatable)
    #[arg(long, value_name = "NAME", requires = "queues", conflicts_with_all = ["ablate", "report"])]
    pub engine: Vec<String>,
    /// Measure instead the queues of every engine that ships
    #[arg(long, requires = "queues", conflicts_with_all = ["ablate", "report"])]
    pub engines: bool,
    /// Measure instead what is played while the library is being analysed for the first time, in simulated time
    #[arg(long, group = "sessions", conflicts_with_all = ["external", "teacher", "neighbours", "report"])]
    pub first_minutes: bool,
    /// Tracks that are analysed a second
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = amount, requires = "first_minutes")]
    pub speed: f64,
    /// Length of each session in minutes
    #[arg(long, value_name = "N", default_value_t = 5.0, value_parser = amount, requires = "first_minutes")]
    pub minutes: f64,
    /// Seconds that each track plays; 0 plays each to its end
    #[arg(long, value_name = "SECS", default_value_t = 60.0, value_parser = amount, requires = "first_minutes")]
    pub each: f64,
}

/// A number that is neither negative nor so large that it must be a mistake.
fn amount(text: &str) -> Result<f64> {
    let number = text.parse().ok().filter(|n| (0.0..=100_000.0).contains(n));
    number.ok_or_else(|| anyhow!("use a number from 0 to 100000"))
}

/// Runs the measurements and prints them.
///
/// # Errors
/// When the data or a CSV file cannot be read, or holds too little, or there is no engine of a name.
pub fn run(args: EvalArgs, config: &Config, paths: &Paths) -> Result<()> {
    // Inputs that are cheap to check are checked before hours of analysis.
    let externals: Vec<External> = args.external.iter().map(|f| External::read(f)).collect::<Result<_, _>>()?;
    let teacher = args.teacher.as_deref().map(Teacher::read).transpose()?;
    let director = Director::new(vec![paths.plugins()]);
    args.engine.iter().try_for_each(|engine| director.check(engine).map_err(|why| anyhow!("--engine: {why}")))?;
    if let Some(dir) = &args.report {
        std::fs::create_dir_all(dir).map_err(|e| anyhow!("{}: cannot be created: {e}", dir.display()))?;
    }
    let genre = match args.genre.as_str() {
        "tag" => GenreFrom::Tag,
        "folder" => GenreFrom::Folder,
        _ => GenreFrom::Auto,
    };
    let (home, gathered) = match args.data.strip_prefix("tree:") {
        Some(dir) => tree(Path::new(dir), genre, config, paths)?,
        None if args.data == "library" => {
            let root = local::music_dir(None, config)?;
            if genre == GenreFrom::Folder && root.is_none() {
                bail!("--genre folder needs library.music in config.toml, or --data tree:DIR");
            }
            (paths.clone(), gather::read(paths, root.as_deref(), "library", genre)?)
        }
        None => bail!("unknown data `{}`: use library or tree:DIR", args.data),
    };
    let corpus = external::restrict(&gathered.corpus, &externals)?;
    crate::eval::enough(&corpus)?;
    let settings = Settings { seed: args.seed, bootstrap: args.bootstrap as usize, ..Settings::default() };
    let settings = if args.quick { settings.quick() } else { settings };
    if args.queues {
        return queues(&args, (config, paths), &gathered, &corpus, &externals, &settings);
    }
    if args.first_minutes {
        return first_minutes(&args, config, &gathered, &corpus, &settings);
    }
    let input = Model::in_use(paths)?.input();
    let cache = ImageCache::open_read(&model::images(&home, input), input.bytes());
    let tracks: Vec<_> = corpus.items.iter().filter_map(|i| i.track).collect();
    let untrained = match &cache {
        Ok(cache) => untrained::row(cache, input, &tracks)?,
        Err(e) => untrained::missing(&format!("the image cache cannot be read: {e}")),
    };
    let mut rows = vec![Row::random(), Row::tags(), Row::descriptors(&corpus), untrained, gathered.current(&corpus)];
    rows.extend(externals.iter().filter_map(|e| e.row(&corpus)));
    let mut findings = crate::eval::run(&corpus, &rows, &settings)?;
    let heard = gathered.heard(&corpus);
    crate::eval::spoken(&mut findings, &corpus, &rows, &heard, teacher.as_ref(), args.neighbours as usize);
    if let Some(dir) = &args.report {
        write_page(dir, &report::html(&findings))?;
    }
    if args.json {
        return print::json(&findings);
    }
    text::lines(&findings).iter().for_each(|l| print::line(l));
    Ok(())
}

fn write_page(dir: &Path, page: &str) -> Result<()> {
    let file = dir.join("report.html");
    exported::overwrite(&file, page.as_bytes()).map_err(|e| anyhow!("{}: cannot be written: {e}", file.display()))?;
    print::note(&format!("report: {}", file.display()));
    Ok(())
}

/// Measures the queues and prints the results.
fn queues(
    args: &EvalArgs,
    (config, paths): (&Config, &Paths),
    gathered: &Gathered,
    corpus: &Corpus,
    externals: &[External],
    settings: &Settings,
) -> Result<()> {
    let rows: Vec<Row> = externals.iter().filter_map(|e| e.row(corpus)).collect();
    let (catalog, space) = gathered.library(corpus);
    let library = queues::Library::of(corpus, catalog, space, &rows, args.seed)?;
    let setup = queues::Setup { queue: config.queue.clone(), length: LENGTH, seed: args.seed };
    let seeds = args.seeds.unwrap_or(SEEDS);
    let seeds = if args.quick { seeds.min(50) } else { seeds };
    let plan = queues::Plan { seeds: seeds as usize, ablate: args.ablate };
    let facts = crate::eval::facts(corpus, &Relations::of(&corpus.items), seeds as usize);
    let mut tell = |doing: &str| print::note(doing);
    if args.engines || !args.engine.is_empty() {
        let asked = engines(args, &library, config, paths);
        let table = queues::engines::run(&library, facts, &setup, settings, plan.seeds, &asked, &mut tell);
        if args.json {
            return print::json(&table);
        }
        queues::engines::lines(&table, &library).iter().for_each(|l| print::line(l));
        return Ok(());
    }
    let findings = queues::run(&library, facts, &setup, settings, plan, &mut tell);
    if let Some(dir) = &args.report {
        write_page(dir, &queues::page::html(&findings))?;
    }
    if args.json {
        return print::json(&findings);
    }
    queues::text::lines(&findings).iter().for_each(|l| print::line(l));
    Ok(())
}

/// The engines that are asked for, those that ship first, and what their scripts search with.
fn engines(args: &EvalArgs, library: &queues::Library, config: &Config, paths: &Paths) -> queues::engines::Asked {
    let mut engines = if args.engines { queues::engines::shipped() } else { Vec::new() };
    engines.extend(args.engine.iter().filter(|name| !engines.contains(name)).cloned().collect::<Vec<_>>());
    let Context { catalog, space, .. } = library.context();
    let answers = Answers::new(catalog, space, Signatures::in_dir(paths.signatures()))
        .with_own(fields::language(&config.filters), Tallies::default());
    let find = answers.context(Situation::default(), args.seed, Moment::default()).find;
    queues::engines::Asked { engines, dirs: vec![paths.plugins()], find }
}

/// Measures what is played in the first minutes and prints.
fn first_minutes(
    args: &EvalArgs,
    config: &Config,
    gathered: &Gathered,
    corpus: &Corpus,
    settings: &Settings,
) -> Result<()> {
    let (catalog, space) = gathered.library(corpus);
    let library = queues::Library::of(corpus, catalog, space, &[], args.seed)?;
    let seeds = args.seeds.unwrap_or(FIRST_SEEDS) as usize;
    let plan = minutes::Plan { seeds, speed: args.speed, minutes: args.minutes, each: args.each };
    let space = |analysed: &HashSet<TrackId>| gathered.space_of(corpus, |track| analysed.contains(&track));
    let stage = session::Stage { library: &library, config, plan, space: &space };
    let facts = crate::eval::facts(corpus, &Relations::of(&corpus.items), seeds);
    let mut play = |seed, known| stage.play(seed, known).map_err(|e| e.to_string());
    let findings = minutes::run(&library, facts, settings, plan, &mut play, &mut |doing| print::note(doing))?;
    if args.json {
        return print::json(&findings);
    }
    minutes::text::lines(&findings).iter().for_each(|l| print::line(l));
    Ok(())
}

/// Analyses the new files of a directory, then reads it.
fn tree(dir: &Path, genre: GenreFrom, config: &Config, paths: &Paths) -> Result<(Paths, Gathered)> {
    let root = local::music_dir(Some(dir), config)?.ok_or_else(|| anyhow!("tree: needs a directory"))?;
    let home = gather::home_of(paths, &root);
    let workers = match config.analysis.workers {
        // No player is running, so all cores may be used.
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let options = Options {
        paths: home.clone(),
        root: root.clone(),
        follow_links: config.library.follow_links,
        poll: std::time::Duration::from_secs(config.library.poll),
        workers,
        device: config.analysis.device.clone(),
        tag_encoding: config.library.tag_encoding,
        watch: false,
        full: false,
        listen: true,
        loudness: false,
    };
    let mut teller = Teller::default();
    let faults = gather::analyse(options, paths, &mut |update| match update {
        Update::Progress(progress) => teller.tell(progress),
        Update::Note { text, .. } | Update::NoWorker(text) => print::note(text),
        _ => {}
    })?;
    teller.end();
    let mut gathered = gather::read(&home, Some(&root), &crate::text::sanitize(&dir.display().to_string()), genre)?;
    if faults > 0 {
        gathered
            .corpus
            .notes
            .push(format!("{} could not be used; `jukebox scan` names them", crate::text::count(faults, "file")));
    }
    Ok((home, gathered))
}
