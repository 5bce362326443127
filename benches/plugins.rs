//! Measures engines in Luau on a library of 100,000 tracks: a refill of 10 tracks by the built-in engine, by scripts and by
//! chains; what 20 plugins take of memory; and what a start does for them.
//!
//! `cargo bench --workspace --profile dev --bench plugins` (part of `make bench`). How long the whole program takes to its first
//! screen, with the plugins of `JUKEBOX_HOME` or with another one without any: `cargo run --example first_frame -- --until
//! Library -- target/debug/jukebox`.

mod support;

use std::path::{Path, PathBuf};

use fastrand::Rng;
use jukebox::queue::{Context, Director};
use jukebox::track::TrackId;
use support::{ARTISTS, HEARD, Library, TRACKS, percentile, timed};

/// The engines and chains, each with its limit in ms (99th percentile of processor time, as other programs may be running).
const ENGINES: [(&str, f64); 4] =
    [("signature", 10.0), ("signature | no-repeat", 25.0), ("radio", 25.0), ("radio | genre-gate | no-repeat", 25.0)];
const WANTED: usize = 10;
/// Number of sessions per row; `REFILLS`: refills per session.
const SESSIONS: usize = 40;
const REFILLS: usize = 10;
/// Plugins that are loaded at once, and the most that they may take, in MiB.
const PLUGINS: usize = 20;
const MOST: f64 = 20.0;
/// Number of plugins that are loaded first and not measured: they use up memory that making the library has freed, which would
/// hide what the measured ones take.
const BEFORE: usize = 300;
/// Number of starts.
const STARTS: usize = 50;

fn main() {
    let library = Library::new();
    println!("{WANTED} picks from {TRACKS} tracks by {ARTISTS} artists, {HEARD} heard, {SESSIONS} sessions a row; ms");
    println!("{:>30} {:>8} {:>8} {:>8} {:>8} {:>6}", "engine", "p50", "p99", "p50 cpu", "p99 cpu", "pass");
    for (engine, most) in ENGINES {
        refills(&library, engine, most);
    }
    let home = tempfile::tempdir().expect("a directory");
    (0..BEFORE + PLUGINS).for_each(|n| write(home.path(), n));
    memory(&library, home.path());
    let few = tempfile::tempdir().expect("a directory");
    (0..PLUGINS).for_each(|n| write(few.path(), n));
    start(few.path());
}

/// Refills a queue again and again.
fn refills(library: &Library, engine: &str, most: f64) {
    let mut rng = Rng::with_seed(7);
    let mut director = Director::new(Vec::new());
    // The script is read with the first request.
    director.picks(&library.session(5, &mut rng), engine, WANTED);
    let mut times = Vec::new();
    for _ in 0..SESSIONS {
        let mut context = library.session(5, &mut rng);
        for _ in 0..REFILLS {
            let ((picks, note), taken) = timed(|| director.picks(&context, engine, WANTED));
            assert!(!picks.is_empty() && note.is_none(), "{engine}: {note:?}");
            times.push(taken);
            hear(&mut context, picks.iter().map(|pick| pick.id));
        }
    }
    let of = |p: f64, which: fn(&(f64, f64)) -> f64| percentile(times.iter().map(which), p);
    let cpu = of(0.99, |t| t.1);
    println!(
        "{engine:>30} {:>8.2} {:>8.2} {:>8.2} {cpu:>8.2} {:>6}",
        of(0.5, |t| t.0),
        of(0.99, |t| t.0),
        of(0.5, |t| t.1),
        pass(cpu, most)
    );
}

/// All picks count as heard; the last one plays.
fn hear(context: &mut Context, picks: impl Iterator<Item = TrackId>) {
    let situation = &mut context.situation;
    situation.heard.extend(picks);
    situation.heard.drain(..situation.heard.len().saturating_sub(HEARD));
    situation.playing = situation.heard.last().copied();
}

/// What plugins that have all proposed something take.
fn memory(library: &Library, dir: &Path) {
    let context = library.session(5, &mut Rng::with_seed(1));
    // What the first script of all takes is not the plugins'.
    Director::new(Vec::new()).picks(&context, "radio", WANTED);
    let mut director = Director::new(vec![dir.to_path_buf()]);
    let mut load = |n: usize| {
        let (picks, note) = director.picks(&context, &name(n), WANTED);
        assert!(!picks.is_empty() && note.is_none(), "{note:?}");
    };
    (0..BEFORE).for_each(&mut load);
    let before = resident();
    (BEFORE..BEFORE + PLUGINS).for_each(&mut load);
    let took = (resident() - before) / (1 << 20) as f64;
    println!("memory of {PLUGINS} plugins, each asked once: {took:.1} MiB; under {MOST} MiB: {}", pass(took, MOST));
    drop(director);
}

/// What a start does for plugins: it lists them, and reads what they say of themselves. None is started before it is asked.
fn start(dir: &Path) {
    let median = |dirs: &[PathBuf]| {
        let run = || timed(|| Director::new(dirs.to_vec()).names().0.len()).1.0;
        percentile((0..STARTS).map(|_| run()), 0.5)
    };
    let (without, with) = (median(&[]), median(&[dir.to_path_buf()]));
    println!("the start lists the plugins: {without:.2} ms without any of the user's, {with:.2} ms with {PLUGINS}");
}

fn name(n: usize) -> String {
    format!("own-{n}")
}

/// A plugin of the user's, as `radio` is written.
fn write(dir: &Path, n: usize) {
    let folder = dir.join(name(n));
    std::fs::create_dir(&folder).expect("a folder");
    let manifest = include_str!("../plugins/radio/plugin.toml").replace("\"radio\"", &format!("\"{}\"", name(n)));
    std::fs::write(folder.join("plugin.toml"), manifest).expect("a manifest");
    std::fs::write(folder.join("main.luau"), include_str!("../plugins/radio/main.luau")).expect("a script");
}

/// The memory of this process that is in use, in bytes.
fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: f64 = text.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).expect("pages");
    pages * rustix::param::page_size() as f64
}

fn pass(value: f64, most: f64) -> &'static str {
    if value < most { "yes" } else { "NO" }
}
