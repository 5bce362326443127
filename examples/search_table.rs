//! Compares the exact scan with the index. `search_table [TRACKS…]` prints the times of both for whole-space queries on
//! generated libraries of these sizes (mixtures of 60 styles), with the index's build time, size and recall@20 (`lost`
//! tracks are those unreachable through the graph: every query measures them; `track` is the recall of the neighbours of a
//! track by its signature, as the player measures it); `search_table --library` does so for your own.

mod support;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use fastrand::Rng;
use jukebox::cli::local::Local;
use jukebox::config::Config;
use jukebox::latent::{DIMS, Index, Latent, Prior, Searcher, Space};
use jukebox::paths::Paths;
use jukebox::track::TrackId;

/// Number of timed queries per row.
const QUERIES: usize = 1000;
/// Number of tracks requested per query.
const WANTED: usize = 20;
/// Number of styles of a generated library.
const STYLES: usize = 60;

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let args = support::args();
    println!("{QUERIES} queries for {WANTED} tracks by all {DIMS} numbers, one thread");
    println!(
        "{:>8} {:>10} {:>10} {:>10} {:>10} {:>8} {:>6} {:>6} {:>10} {:>6} {:>7}",
        "tracks",
        "scan p50",
        "scan p99",
        "index p50",
        "index p99",
        "build s",
        "MB",
        "lost",
        "recall@20",
        "worst",
        "track"
    );
    if args.iter().any(|a| a == "--library") {
        let local = Local::open(&Paths::from_env()?, &Config::default()).map_err(|e| e.to_string())?;
        return row(local.answers().space);
    }
    let sizes = args.iter().map(|a| a.parse().map_err(|e| format!("{a}: {e}"))).collect::<Result<Vec<usize>, _>>()?;
    let sizes = if sizes.is_empty() { vec![10_000, 50_000, 100_000, 200_000] } else { sizes };
    sizes.into_iter().try_for_each(|tracks| row(made(tracks).into()))
}

/// A library of styles of different size and width.
fn made(tracks: usize) -> Space {
    let mut rng = Rng::with_seed(9);
    // The sum of four uniform numbers with variance 1, which is close to normal.
    let mut point = |width: f32| -> Latent {
        std::array::from_fn(|_| width * 3f32.sqrt() * (0..4).map(|_| rng.f32() - 0.5).sum::<f32>())
    };
    let styles: Vec<Latent> = (0..STYLES).map(|_| point(1.0)).collect();
    let mut rng = Rng::with_seed(10);
    let latents = (0..tracks as u128).map(|i| {
        // The lower of two random numbers, so that the first styles are more common.
        let style = rng.usize(..STYLES).min(rng.usize(..STYLES));
        let offset = point(0.4 + 0.4 * style as f32 / STYLES as f32);
        (TrackId(i.to_be_bytes()), std::array::from_fn(|d| styles[style][d] + offset[d]))
    });
    Space::build("made".into(), Arc::default(), latents.collect())
}

fn row(space: Arc<Space>) -> Result<(), String> {
    if space.len() <= WANTED {
        return Err(format!("{} tracks are too few", space.len()));
    }
    let before = resident();
    let clock = Instant::now();
    let index = Index::build(&space, 1).map_err(|e| e.to_string())?;
    let build = clock.elapsed().as_secs_f64();
    let size = resident().saturating_sub(before) as f64 / 1e6;
    let lost = index.lost();
    let exact = Searcher::with(space.clone(), None);
    let indexed = Searcher::with(space.clone(), Some(index.into()));
    let track = indexed.measure(Prior::default()).track;

    let mut rng = Rng::with_seed(11);
    let (mut scan, mut graph, mut recall) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..QUERIES {
        let query = rng.u32(..space.len() as u32);
        let point = space.point(query);
        let ask = |searcher: &Searcher, times: &mut Vec<f64>| {
            let clock = Instant::now();
            let hits = black_box(searcher.nearest(black_box(&point), WANTED, &|row| row != query));
            times.push(clock.elapsed().as_secs_f64() * 1e3);
            hits
        };
        let (right, found) = (ask(&exact, &mut scan), ask(&indexed, &mut graph));
        let both = found.iter().filter(|hit| right.iter().any(|r| r.row == hit.row)).count();
        recall.push(both as f64 / right.len() as f64);
    }
    let worst = recall.iter().copied().fold(1.0, f64::min);
    let mean = recall.iter().sum::<f64>() / recall.len() as f64;
    for times in [&mut scan, &mut graph] {
        times.sort_by(f64::total_cmp);
    }
    println!(
        "{:>8} {:>7.3} ms {:>7.3} ms {:>7.3} ms {:>7.3} ms {build:>8.1} {size:>6.0} {lost:>6} {mean:>10.4} {worst:>6.2} {track:>7.4}",
        space.len(),
        scan[QUERIES / 2],
        scan[QUERIES * 99 / 100],
        graph[QUERIES / 2],
        graph[QUERIES * 99 / 100],
    );
    Ok(())
}

/// Resident memory of this process in bytes; 0 if the system does not report it.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    pages.unwrap_or(0) * 4096
}
