//! `jukebox eval`: measures the encoder, its nearest neighbours and the signatures on a library.

use std::path::{Path, PathBuf};

use clap::Args;

use super::scan::Teller;
use super::{local, print};
use crate::analysis::model::{self, Model};
use crate::analysis::{Options, Update};
use crate::config::Config;
use crate::eval::external::{self, External};
use crate::eval::gather::{self, Gathered, GenreFrom};
use crate::eval::teacher::Teacher;
use crate::eval::{Corpus, Relations, Row, Settings, queues, report, text, untrained};
use crate::paths::Paths;
use crate::store::ImageCache;

/// Number of tracks in each generated queue.
const LENGTH: usize = 40;

/// `jukebox eval`
#[derive(Debug, Args)]
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
    #[arg(long)]
    pub queues: bool,
    /// Number of seeds of each kind that queues start from
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(2..=100_000), requires = "queues")]
    pub seeds: u32,
    /// Also try each of `[queue.weights]` at zero, half and double
    #[arg(long, requires = "queues")]
    pub ablate: bool,
}

/// Runs the measurements and prints them.
///
/// # Errors
/// When the data or a CSV file cannot be read, or holds too little.
pub fn run(args: EvalArgs, config: &Config, paths: &Paths) -> Result<(), String> {
    // Inputs that are cheap to check are checked before hours of analysis.
    let externals: Vec<External> = args.external.iter().map(|f| External::read(f)).collect::<Result<_, _>>()?;
    let teacher = args.teacher.as_deref().map(Teacher::read).transpose()?;
    if let Some(dir) = &args.report {
        std::fs::create_dir_all(dir).map_err(|e| format!("{}: cannot be created: {e}", dir.display()))?;
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
                return Err("--genre folder needs library.music in config.toml, or --data tree:DIR".into());
            }
            (paths.clone(), gather::read(paths, root.as_deref(), "library", genre)?)
        }
        None => return Err(format!("unknown data `{}`: use library or tree:DIR", args.data)),
    };
    let corpus = external::restrict(&gathered.corpus, &externals)?;
    crate::eval::enough(&corpus)?;
    let settings = Settings { seed: args.seed, bootstrap: args.bootstrap as usize, ..Settings::default() };
    let settings = if args.quick { settings.quick() } else { settings };
    if args.queues {
        return queues(&args, config, &gathered, &corpus, &externals, &settings);
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

fn write_page(dir: &Path, page: &str) -> Result<(), String> {
    let file = dir.join("report.html");
    std::fs::write(&file, page).map_err(|e| format!("{}: cannot be written: {e}", file.display()))?;
    print::note(&format!("report: {}", file.display()));
    Ok(())
}

/// Measures the queues and prints the results.
fn queues(
    args: &EvalArgs,
    config: &Config,
    gathered: &Gathered,
    corpus: &Corpus,
    externals: &[External],
    settings: &Settings,
) -> Result<(), String> {
    let rows: Vec<Row> = externals.iter().filter_map(|e| e.row(corpus)).collect();
    let (catalog, space) = gathered.library(corpus);
    let library = queues::Library::of(corpus, catalog, space, &rows, args.seed)?;
    let setup = queues::Setup { queue: config.queue.clone(), length: LENGTH, seed: args.seed };
    let seeds = if args.quick { args.seeds.min(50) } else { args.seeds };
    let plan = queues::Plan { seeds: seeds as usize, ablate: args.ablate };
    let facts = crate::eval::facts(corpus, &Relations::of(&corpus.items), seeds as usize);
    let findings = queues::run(&library, facts, &setup, settings, plan, &mut |doing| print::note(doing));
    if let Some(dir) = &args.report {
        write_page(dir, &queues::page::html(&findings))?;
    }
    if args.json {
        return print::json(&findings);
    }
    queues::text::lines(&findings).iter().for_each(|l| print::line(l));
    Ok(())
}

/// Analyses the new files of a directory, then reads it.
fn tree(dir: &Path, genre: GenreFrom, config: &Config, paths: &Paths) -> Result<(Paths, Gathered), String> {
    let root = local::music_dir(Some(dir), config)?.ok_or("tree: needs a directory")?;
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
        gathered.corpus.notes.push(format!("{faults} files could not be used; `jukebox scan` names them"));
    }
    Ok((home, gathered))
}
