//! Measures how well versions and duplicates are found. `versions make DIR… OUT [--most N]` copies the tracks of some
//! folders into OUT, most of them with a changed copy (other codecs, cut ends, other names, remasters, edits, other
//! takes), some with misleading names, and writes the truth to OUT/truth.tsv; it needs ffmpeg. After `jukebox scan
//! OUT`, `versions judge OUT` prints how many of the changed copies the player finds (recall) and how many of the pairs
//! found are correct (precision), by kind of change, on the half of the music that no threshold was chosen on. `--half
//! chosen` shows the other half, `--misses` what was missed or wrong, and `--pairs FILE` writes the data of every pair,
//! for checking thresholds.
//!
//!     export JUKEBOX_HOME=/tmp/versions
//!     cargo run --example versions -- make ~/Music /tmp/versions/music
//!     jukebox scan /tmp/versions/music
//!     cargo run --example versions -- judge /tmp/versions/music

mod change;
mod judge;
mod make;
#[path = "../support/mod.rs"]
mod support;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str =
    "usage: versions make DIR… OUT [--most N] | versions judge OUT [--half chosen] [--misses] [--pairs FILE]";

fn main() -> ExitCode {
    support::ended(run(std::env::args_os().skip(1).collect()))
}

fn run(args: Vec<OsString>) -> Result<(), String> {
    let mut args = args.into_iter();
    let verb = args.next().unwrap_or_default();
    let (mut paths, mut most, mut chosen, mut misses, mut pairs) = (Vec::new(), usize::MAX, false, false, None);
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--most") => {
                most = args.next().and_then(|n| n.to_str()?.parse().ok()).ok_or("--most wants a number of tracks")?;
            }
            Some("--half") => match args.next().as_ref().and_then(|half| half.to_str()) {
                Some("chosen") => chosen = true,
                Some("held-out") => {}
                _ => return Err("--half wants chosen or held-out".into()),
            },
            Some("--misses") => misses = true,
            Some("--pairs") => pairs = Some(PathBuf::from(args.next().ok_or("--pairs wants a file")?)),
            Some(option) if option.starts_with("--") => return Err(format!("no option {option}\n{USAGE}")),
            _ => paths.push(PathBuf::from(arg)),
        }
    }
    match (verb.to_str(), paths.as_slice()) {
        (Some("make"), [dirs @ .., out]) if !dirs.is_empty() => make::run(dirs, out, most),
        (Some("judge"), [out]) => judge::run(out, chosen, misses, pairs.as_deref()),
        _ => Err(USAGE.into()),
    }
}
