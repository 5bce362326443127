//! Scans under adverse conditions: killed readers, resource limits, truncated files, a missing cache. They affect a
//! file for one scan at most, and never other files.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use jukebox::analysis::model::{self, Model};
use jukebox::paths::Paths;
use jukebox::store::{ImageCache, Outcome, Store};
use jukebox::track::FileFault;
use jukebox_encoder::Input;
use rustix::process::{Pid, Signal, kill_process};
use support::{Home, program};

/// Runs a scan; returns its summary.
fn scan(home: &Home) -> serde_json::Value {
    let ran = home.run(&["scan", "--json", home.music.to_str().unwrap()]).code(0);
    serde_json::from_str(&ran.out).unwrap()
}

#[track_caller]
fn all_heard(summary: &serde_json::Value, songs: usize) {
    let faults = summary["faults"].as_array().unwrap();
    assert_eq!((&summary["songs"], &summary["latents"], faults.len()), (&songs.into(), &songs.into(), 0), "{summary}");
}

/// The kind of image that the shipped encoder takes.
fn input() -> Input {
    Model::shipped().unwrap().input()
}

/// The cache file of those images.
fn cached(home: &Home) -> PathBuf {
    model::images(&Paths::under(&home.home()), input())
}

fn cache(home: &Home) -> ImageCache {
    ImageCache::open_read(&cached(home), input().bytes()).unwrap()
}

/// The process ids of a home's readers.
fn readers(home: &Home) -> Vec<Pid> {
    let wanted = format!("JUKEBOX_HOME={}", home.home().display());
    let of = |dir: &Path, name: &str| fs::read(dir.join(name)).unwrap_or_default();
    let has = |bytes: &[u8], line: &str| bytes.split(|b| *b == 0).any(|part| part == line.as_bytes());
    let is_reader = |dir: &Path| has(&of(dir, "cmdline"), "listen") && has(&of(dir, "environ"), &wanted);
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let pid = |dir: std::path::PathBuf| dir.file_name()?.to_str()?.parse().ok().and_then(Pid::from_raw);
    processes.filter(|dir| is_reader(dir)).filter_map(pid).collect()
}

#[test]
fn readers_that_are_killed_cost_no_file() {
    let home = Home::new();
    for n in 0..12u32 {
        home.wav(&format!("{n}.wav"), if n % 2 == 0 { "tone" } else { "noise" }, 8.0, n);
    }
    let args = ["scan", "--workers", "2", "--json", home.music.to_str().unwrap()];
    let mut child = home.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut killed = Vec::new();
    while child.try_wait().unwrap().is_none() {
        for pid in readers(&home) {
            if killed.len() < 3 && !killed.contains(&pid) && kill_process(pid, Signal::KILL).is_ok() {
                killed.push(pid);
            }
        }
        // Gives them some processor time as well.
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!killed.is_empty(), "the scan was over before its readers were found");
    all_heard(&scan(&home), 12);
}

/// Runs a scan under a limit set by the shell; returns whether it succeeded, and its output.
fn limited(home: &Home, limit: &str) -> (bool, String) {
    let music = home.music.to_str().unwrap();
    let script = format!("{limit} && exec \"$0\" scan \"$1\"");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &script]).arg(program()).arg(music);
    for (name, value) in home.command(&[]).get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(!said.contains("panicked"), "{said}");
    (output.status.success(), said)
}

#[test]
fn limits_below_the_readers_own_cost_no_file() {
    let home = Home::new();
    for n in 0..4u32 {
        home.wav(&format!("{n}.wav"), "tone", 8.0, n);
    }
    // Less than a reader's own limit, in KiB.
    for memory in [1_500_000, 500_000] {
        let (well, said) = limited(&home, &format!("ulimit -v {memory}"));
        // What could not be done is reported, and not as the fault of a file.
        assert!(!said.contains(".wav: "), "{memory}: {said}");
        assert!(
            well || said.contains("no worker")
                || said.contains("cannot start a worker")
                || said.contains("the encoder"),
            "{memory}: {said}"
        );
    }
    all_heard(&scan(&home), 4);
}

#[test]
fn a_file_cut_short_has_its_latent_and_the_cache_its_images() {
    let home = Home::new();
    for n in 0..5u32 {
        home.wav(&format!("{n}.wav"), "tone", 62.0, n);
    }
    // Truncated within the first segment, before it, and before any sound.
    for (n, secs) in [(1, 20), (3, 2), (4, 0)] {
        let file = fs::File::options().write(true).open(home.music.join(format!("{n}.wav"))).unwrap();
        file.set_len(44 + secs * 2 * 22_050).unwrap();
    }
    let summary = scan(&home);
    assert_eq!(summary["latents"], 4, "{summary}");
    let faults = summary["faults"].as_array().unwrap();
    assert_eq!(faults.len(), 3, "{summary}");
    assert!(
        faults.iter().filter(|fault| fault[1].as_str().unwrap().starts_with("cut short")).count() >= 2,
        "{summary}"
    );
    assert_eq!((cache(&home).len(), summary["described"].as_u64()), (4, Some(4)));
    // A second scan has nothing to do, and still reports the faults.
    let again = scan(&home);
    assert_eq!((&again["latents"], &again["analysed"]), (&4.into(), &0.into()), "{again}");
    assert_eq!(again["faults"].as_array().unwrap().len(), 3, "{again}");
    // Another encoder embeds the truncated files too, from the cache.
    let store = Store::open(&home.home().join("data/store")).unwrap().store;
    store.drop_generation(&store.current().unwrap().unwrap()).unwrap();
    store.flush().unwrap();
    drop(store);
    assert_eq!(scan(&home)["latents"], 4);
}

#[test]
fn images_that_the_cache_lacks_are_made_up_for() {
    let home = Home::new();
    for n in 0..4u32 {
        home.wav(&format!("{n}.wav"), "tone", 8.0, n);
    }
    all_heard(&scan(&home), 4);
    let file = cached(&home);
    let whole = fs::read(&file).unwrap();
    // Deleted, truncated within a record, and replaced by something else.
    let cut = whole[..whole.len() / 2 - 100].to_vec();
    for left in [None, Some(cut), Some(b"not a cache".to_vec())] {
        match left {
            None => fs::remove_file(&file).unwrap(),
            Some(bytes) => fs::write(&file, bytes).unwrap(),
        }
        let summary = scan(&home);
        all_heard(&summary, 4);
        assert_eq!((&summary["analysed"], cache(&home).len()), (&0.into(), 4), "{summary}");
    }
    let mut images: Vec<_> = cache(&home).sample(10);
    let mut before: Vec<_> = {
        fs::write(&file, &whole).unwrap();
        cache(&home).sample(10)
    };
    images.sort();
    before.sort();
    assert!(images == before, "the images are others than at first");
}

#[test]
fn what_an_older_version_blamed_for_a_kill_is_read_again() {
    let home = Home::new();
    for n in 0..3u32 {
        home.wav(&format!("{n}.wav"), "tone", 8.0, n);
    }
    all_heard(&scan(&home), 3);
    let store = Store::open(&home.home().join("data/store")).unwrap().store;
    let mut files = Vec::new();
    store.files(&mut |path, record| files.push((path, record))).unwrap();
    let killed = |signal: &str| FileFault::Crashed(format!("signal: {signal}"));
    files[0].1.outcome = Outcome::Failed { why: killed("9 (SIGKILL)"), strikes: 2 };
    files[1].1.outcome = Outcome::Failed { why: killed("11 (SIGSEGV)"), strikes: 1 };
    files[2].1.listen_fault = Some(killed("15 (SIGTERM)"));
    store.put_files(files.iter().map(|(path, record)| (path.as_path(), record))).unwrap();
    store.drop_generation(&store.current().unwrap().unwrap()).unwrap();
    store.flush().unwrap();
    drop(store);
    all_heard(&scan(&home), 3);
}
