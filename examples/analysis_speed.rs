//! Measures how many tracks per second are analysed, and where the time goes. `analysis_speed DIR [--tracks N] [--peer
//! PROGRAM]` processes the files directly in the folder on all cores, in turns on the same files: decode what the
//! encoder in use needs and the middle segment; also make the images; also encode; also compute descriptors. It prints
//! tracks per second and the share of the decode-only rate, which is the limit. A peer is a program that takes paths on
//! its stdin, one per line, and analyses them on all cores; it gets its turn on the same files.
//!
//!     cargo run --example analysis_speed -- ~/Music/some-album

mod support;

use std::ffi::{OsStr, OsString};
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jukebox::analysis::jobs::{Wanted, draw, stretches};
use jukebox::analysis::model::Model;
use jukebox::audio::segment::Segments;
use jukebox::paths::Paths;
use jukebox::sound::describe;
use jukebox_encoder::{Device, Encoder};

/// Files per core in one turn: few enough that all stages experience the same load of the machine, and enough that a
/// core that finishes early waits little.
const TURN: usize = 4;
const STAGES: [&str; 4] = ["decode", "+ images", "+ encode", "+ descriptors"];
const KINDS: [&str; 6] = ["mp3", "ogg", "flac", "opus", "m4a", "wav"];
const USAGE: &str = "usage: analysis_speed DIR [--tracks N] [--peer PROGRAM]";

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let (mut dir, mut most, mut peer) = (None, usize::MAX, None);
    let mut args = std::env::args_os().skip(1);
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--tracks") => {
                let number = args.next().and_then(|v| v.to_str()?.parse().ok());
                most = number.filter(|n| *n > 0).ok_or(USAGE)?;
            }
            Some("--peer") => peer = Some(args.next().ok_or(USAGE)?),
            _ if dir.is_none() => dir = Some(PathBuf::from(arg)),
            _ => return Err(USAGE.into()),
        }
    }
    let dir = dir.ok_or(USAGE)?;
    let files = list(&dir, most)?;
    if files.is_empty() {
        return Err(format!("{}: no sound files in it", dir.display()));
    }

    let weights = Model::in_use(&Paths::from_env()?)?.weights;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut encoders = (0..cores)
        .map(|_| Encoder::load(&weights, Device::Cpu))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| format!("{e:#}"))?;
    // Warm up, so that initialisation and page faults are not timed.
    listen(&mut encoders[0], &files[0], STAGES.len() - 1)?;

    let (mut took, mut failed, mut theirs) = ([Duration::ZERO; STAGES.len()], 0, Duration::ZERO);
    for (turn, files) in files.chunks(TURN * cores).enumerate() {
        for i in 0..STAGES.len() {
            // Rotate the order, so that no stage is always first.
            let stage = (i + turn) % STAGES.len();
            let clock = Instant::now();
            failed += all(&mut encoders, files, stage);
            took[stage] += clock.elapsed();
        }
        if let Some(peer) = &peer {
            theirs += run_peer(peer, files)?;
        }
    }
    let rate = |took: Duration| files.len() as f64 / took.as_secs_f64().max(1e-9);
    println!("{} files, {cores} cores", files.len());
    println!("{:<24} {:>10} {:>16}", "", "tracks/s", "share of decode");
    let limit = rate(took[0]);
    let row = |name: &str, rate: f64| println!("{name:<24} {rate:>10.2} {:>14.0} %", 100.0 * rate / limit);
    for (name, took) in STAGES.iter().zip(took) {
        row(name, rate(took));
    }
    if peer.is_some() {
        row("the peer", rate(theirs));
    }
    if failed > 0 {
        println!("{failed} readings failed: the rates are of files that were not all read");
    }
    match peak() {
        Some(kib) => println!("peak memory of this process: {:.0} MB", kib as f64 * 1024.0 / 1e6),
        None => println!("peak memory of this process: unknown, the system does not say"),
    }
    Ok(())
}

/// The folder's audio files, sorted by name.
fn list(dir: &Path, most: usize) -> Result<Vec<PathBuf>, String> {
    let unreadable = |e| format!("{}: cannot be read: {e}", dir.display());
    let entries = std::fs::read_dir(dir).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    let mut files: Vec<PathBuf> = entries.into_iter().map(|e| e.path()).collect();
    files.retain(|f| f.extension().and_then(OsStr::to_str).is_some_and(|e| KINDS.contains(&e)));
    files.sort();
    files.truncate(most);
    Ok(files)
}

/// Processes all files up to a stage, with one thread per encoder; returns the number of failures.
fn all(encoders: &mut [Encoder], files: &[PathBuf], stage: usize) -> usize {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for encoder in encoders {
            let (next, failed) = (&next, &failed);
            scope.spawn(move || {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(why) = listen(encoder, file, stage) {
                        eprintln!("{}: {why}", file.display());
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    failed.into_inner()
}

/// Performs the steps of the analysis on a file, up to a stage.
fn listen(encoder: &mut Encoder, file: &Path, stage: usize) -> Result<(), String> {
    let mut reader = Segments::open(file).map_err(|e| e.to_string())?;
    let input = encoder.card().input().unwrap_or_default();
    let (mut images, mut middle) = (Vec::new(), Vec::new());
    for stretch in stretches(reader.info().secs.unwrap_or(0.0), Wanted { input, middle: true }) {
        let (start, secs) = (stretch.span.start, stretch.span.secs);
        let samples = black_box(reader.read_at(stretch.rate, start, secs).map_err(|e| e.to_string())?);
        if stage >= 1 {
            for part in &stretch.images {
                images.extend(draw(input, &samples, &stretch, *part).map_err(|e| e.to_string())?);
            }
        }
        if stretch.middle {
            middle = samples;
        }
    }
    if stage >= 3 {
        black_box(describe(&middle));
    }
    if stage >= 2 {
        let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
        black_box(encoder.encode(&images).map_err(|e| format!("{e:#}"))?);
    }
    black_box(images);
    Ok(())
}

/// The peer's time for the files, including its start.
fn run_peer(peer: &OsString, files: &[PathBuf]) -> Result<Duration, String> {
    let broken = |e| format!("{}: cannot be run: {e}", peer.to_string_lossy());
    let clock = Instant::now();
    let mut child =
        Command::new(peer).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(broken)?;
    if let Some(mut stdin) = child.stdin.take() {
        for file in files {
            writeln!(stdin, "{}", file.display()).map_err(broken)?;
        }
    }
    let status = child.wait().map_err(broken)?;
    if status.success() { Ok(clock.elapsed()) } else { Err(format!("{}: {status}", peer.to_string_lossy())) }
}

/// Peak memory of this process in KiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}
