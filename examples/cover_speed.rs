//! Measures covers: how long the first one takes from nothing, with the start of the worker that reads it, and those after
//! it; and what a session keeps when ten thousand albums have been on the screen.
//!
//!     cargo build && cargo run --example cover_speed -- [ALBUMS=10000] [PROGRAM=target/debug/jukebox]

mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use jukebox::analysis::jobs::{Found, Job};
use jukebox::app::state::covers::Wanted;
use jukebox::app::{Model, Msg, update};
use jukebox::config::Config;
use jukebox::picture::{Drawn, Form, Raster};
use jukebox::worker::{Worker, WorkerSpec};

/// Sides of the pictures beside the files, as covers are sold.
const SIDE: usize = 1000;
/// Sides of a tile of the grid, and of the cover of what plays, in pixels.
const TILE: u16 = 180;
/// Files that are read.
const FILES: usize = 40;
/// A file without a picture in its tags.
const SONG: &[u8] = include_bytes!("../tests/fixtures/audio/chirp-bare.mp3");

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let mut args = support::args().into_iter();
    let albums = match args.next() {
        Some(text) => text.parse().map_err(|_| format!("{text}: not a number of albums"))?,
        None => 10_000,
    };
    let program = PathBuf::from(args.next().unwrap_or_else(|| "target/debug/jukebox".into()));
    if !program.exists() {
        return Err(format!("{}: no such program; cargo build", program.display()));
    }
    read(&program)?;
    keep(albums)
}

/// Reads covers in a worker.
fn read(program: &Path) -> Result<(), String> {
    let fault = |e: &dyn std::fmt::Display| format!("cover_speed: {e}");
    let dir = tempfile::tempdir().map_err(|e| fault(&e))?;
    let mut files = Vec::new();
    for n in 0..FILES {
        let album = dir.path().join(n.to_string());
        std::fs::create_dir(&album).map_err(|e| fault(&e))?;
        std::fs::write(album.join("cover.png"), picture(SIDE, n as u64).png()).map_err(|e| fault(&e))?;
        let song = album.join("song.mp3");
        std::fs::write(&song, SONG).map_err(|e| fault(&e))?;
        files.push(song);
    }
    let args = vec!["__worker".into(), "open".into()];
    let spec = WorkerSpec { program: program.into(), args, env: Vec::new(), log: None };
    let mut worker: Worker<Job, Found> = Worker::new(spec);
    let mut times = Vec::new();
    for path in files {
        let begun = Instant::now();
        let job = Job::Cover { path, follow_links: false, within: (TILE, TILE) };
        match worker.call(&job, job.patience()).map_err(|e| fault(&e))? {
            Found::Cover(read) if read.picture.is_some() => times.push(1e3 * begun.elapsed().as_secs_f64()),
            other => return Err(format!("no cover was read: {other:?}")),
        }
    }
    let first = times.remove(0);
    times.sort_by(f64::total_cmp);
    println!(
        "png of {SIDE}×{SIDE} to {TILE}×{TILE}: the first {first:.1} ms, with the worker's start; then median {:.1}, most {:.1} ms",
        times[times.len() / 2],
        times[times.len() - 1]
    );
    Ok(())
}

/// Shows the covers of so many albums to a session, one after another.
fn keep(albums: usize) -> Result<(), String> {
    let mut model = Model::new(&Config::default(), Some("/music".into()));
    let before = resident()?;
    let mut all = 0;
    for n in 0..albums {
        let path: Arc<Path> = Path::new(&format!("/music/{n}/song.mp3")).into();
        let wanted = Wanted { path, within: (TILE, TILE), form: Form::Png };
        update(&mut model, Msg::CoverWanted(Box::new(wanted.clone())));
        let drawn = Drawn::of(picture(usize::from(TILE), n as u64), wanted.form);
        all += drawn.bytes.len();
        let found = Some(Arc::new(drawn));
        update(&mut model, Msg::Cover { wanted: Box::new(wanted), found, faults: Vec::new() });
    }
    println!(
        "{albums} albums of {:.0} MB in all: {:.1} MB are kept, the process has grown by {:.1} MB",
        all as f64 / 1e6,
        model.covers.bytes() as f64 / 1e6,
        (resident()? - before) / 1e6
    );
    Ok(())
}

/// A picture that neither is one colour nor noise.
fn picture(side: usize, seed: u64) -> Raster {
    let mut random = fastrand::Rng::with_seed(seed);
    let tint: [f32; 3] = std::array::from_fn(|_| 40.0 + 180.0 * random.f32());
    let rgb = (0..side * side).flat_map(|at| {
        let (x, y) = ((at % side) as f32 / side as f32, (at / side) as f32 / side as f32);
        tint.map(|level| (level * (0.4 + 0.3 * x + 0.3 * y)) as u8)
    });
    // Some grain, as photographs have.
    let rgb = rgb.map(|level| level.saturating_add(random.u8(..6))).collect();
    Raster { width: side, height: side, rgb }
}

/// The memory of this process, in bytes.
fn resident() -> Result<f64, String> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(|e| format!("/proc/self/status: {e}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map(|kilobytes| 1024.0 * kilobytes).ok_or_else(|| "/proc/self/status: no VmRSS".into())
}
