//! State on disk after kill -9: acknowledged data is there, and nothing is partial. The child is this test program,
//! started with the one test that runs as the child.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead, BufReader, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use jukebox::library::journal::{Entry, Event, Journal};
use jukebox::store::{FileRecord, Generation, ImageCache, LatentRecord, Opened, Outcome, Store, StoreError};
use jukebox::track::{Stat, TAGS_VERSION, TrackId};

const ROLE: &str = "JUKEBOX_TEST_KILL";
const BATCH: u32 = 20;
/// Number of kills per installation.
const LIFE: usize = 25;

fn refs(files: &[(PathBuf, FileRecord)]) -> impl Iterator<Item = (&Path, &FileRecord)> {
    files.iter().map(|(path, record)| (path.as_path(), record))
}

fn all_files(store: &Store) -> Result<Vec<(PathBuf, FileRecord)>, StoreError> {
    let mut out = Vec::new();
    store.files(&mut |path, record| out.push((path, record)))?;
    Ok(out)
}

fn id(n: u32) -> TrackId {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&n.to_be_bytes());
    TrackId(id)
}

fn file(n: u32) -> (PathBuf, FileRecord) {
    let outcome = Outcome::Failed { why: format!("{n}").repeat(20).into(), strikes: 1 };
    let stat = Stat { size: n.into(), ..Stat::default() };
    (
        format!("/m/{n:08}.mp3").into(),
        FileRecord { stat, outcome, listen_fault: None, added: 0, tags_version: TAGS_VERSION, gone_since: None },
    )
}

fn latent(n: u32) -> (TrackId, LatentRecord) {
    (
        id(n),
        LatentRecord {
            mean: [n as f32; 32],
            spread: [0.5; 32],
            segments: 3,
            genres: vec![0.25; 16],
            tags: vec![1.0; 5],
        },
    )
}

fn sound(n: u32) -> (TrackId, Vec<u8>) {
    (id(n), n.to_be_bytes().repeat(5))
}

fn entry(n: u32) -> Entry {
    let track = id(n);
    let event = match n % 4 {
        0 => Event::Rated { track, rating: Some((n % 101) as u8) },
        1 => Event::Loved { track, loved: true },
        2 => Event::Removed { track },
        _ => Event::Played { track, secs: f64::from(n), whole: true },
    };
    Entry { at: n.into(), event }
}

fn segments(n: u32) -> Vec<Vec<u8>> {
    vec![vec![n as u8; 8192]; 1 + n as usize % 3]
}

fn acknowledge(n: u32) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nack {n}").unwrap();
    out.flush().unwrap();
}

/// Writes batches, reporting after each what is safe, until killed.
#[test]
fn child() {
    let Ok(dir) = std::env::var(ROLE).map(PathBuf::from) else { return };
    let Opened { store, notes } = Store::open(&dir.join("store")).unwrap();
    assert_eq!(notes.iter().filter(|n| n.contains("set aside")).count(), 0, "{notes:?}");
    let (mut journal, entries, _) = Journal::open(&dir.join("journal.jsonl")).unwrap();
    let mut strobes = ImageCache::open(&dir.join("strobes.bin"), 8192).unwrap();
    let aa: Generation = "aa".parse().unwrap();
    for start in (entries.len() as u32..).step_by(BATCH as usize) {
        let range = start..start + BATCH;
        store.put_files(refs(&range.clone().map(file).collect::<Vec<_>>())).unwrap();
        store.put_latents(&aa, &range.clone().map(latent).collect::<Vec<_>>()).unwrap();
        store.put_sounds(&range.clone().map(sound).collect::<Vec<_>>()).unwrap();
        for n in range.clone() {
            strobes.put(id(n), &segments(n)).unwrap();
        }
        store.flush().unwrap();
        for n in range.clone() {
            journal.append(&entry(n)).unwrap();
        }
        acknowledge(range.end);
    }
}

/// When to kill a child.
enum Kill {
    /// This long after its start, while it opens existing files.
    After(Duration),
    /// This long after it acknowledged this many batches, which is within one of the next ones, however busy the
    /// machine is.
    Behind(u32, Duration),
}

/// Runs and kills the child; returns the last number that it acknowledged.
fn run_and_kill(dir: &Path, when: &Kill) -> u32 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(ROLE, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut acknowledged = lines.filter_map(|l| l.strip_prefix("ack ")?.parse::<u32>().ok());
    let mut last = 0;
    match when {
        Kill::After(time) => std::thread::sleep(*time),
        Kill::Behind(batches, time) => {
            for _ in 0..*batches {
                last = acknowledged.next().expect("the child gave up by itself");
            }
            std::thread::sleep(*time);
        }
    }
    let ended = child.try_wait().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(ended, None, "the child gave up by itself");
    // What it printed before it died is still in the pipe.
    acknowledged.last().unwrap_or(last).max(last)
}

/// Checks that the disk holds at least what was acknowledged, all of it complete; strobes are read for the given
/// tracks.
fn check(dir: &Path, cycle: usize, acknowledged: u32, strobes_of: Range<u32>) {
    let (_, entries, _) = Journal::open(&dir.join("journal.jsonl")).unwrap();
    let count = entries.len() as u32;
    assert!(count >= acknowledged, "cycle {cycle}: {count} of {acknowledged} journal entries");
    assert_eq!(entries, (0..count).map(entry).collect::<Vec<_>>(), "cycle {cycle}");

    let Opened { store, notes } = Store::open(&dir.join("store")).unwrap();
    assert!(!notes.iter().any(|n| n.contains("set aside")), "cycle {cycle}: {notes:?}");
    let files = all_files(&store).unwrap();
    let stored = files.len() as u32;
    assert!(stored >= acknowledged, "cycle {cycle}: {stored} files");
    assert_eq!(files, (0..stored).map(file).collect::<Vec<_>>(), "cycle {cycle}");
    let mut latents = Vec::new();
    store.latents(&"aa".parse().unwrap(), &mut |track, record| latents.push((track, record))).unwrap();
    assert!(latents.len() as u32 >= acknowledged, "cycle {cycle}: {} latents", latents.len());
    assert_eq!(latents, (0..latents.len() as u32).map(latent).collect::<Vec<_>>(), "cycle {cycle}");

    let mut sounds = Vec::new();
    store.sounds(&mut |track, bytes| sounds.push((track, bytes.to_vec()))).unwrap();
    assert!(sounds.len() as u32 >= acknowledged, "cycle {cycle}: {} sounds", sounds.len());
    assert_eq!(sounds, (0..sounds.len() as u32).map(sound).collect::<Vec<_>>(), "cycle {cycle}");

    let strobes = ImageCache::open(&dir.join("strobes.bin"), 8192).unwrap();
    for n in strobes_of {
        assert_eq!(strobes.get(id(n)).unwrap(), Some(segments(n)), "cycle {cycle}: strobes of {n}");
    }
}

#[test]
fn nothing_that_was_acknowledged_is_lost() {
    let mut random = fastrand::Rng::with_seed(2);
    let cycles: usize = std::env::var("JUKEBOX_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    let (mut done, mut total) = (0, 0);
    while done < cycles {
        // A new installation at intervals, to include kills during its creation, and to limit what is read back.
        let dir = tempfile::tempdir().unwrap();
        let mut acknowledged = 0;
        for cycle in done..cycles.min(done + LIFE) {
            // Some are killed while opening, some while writing.
            let when = match cycle % 2 {
                0 => Kill::After(Duration::from_millis(random.u64(0..30))),
                _ => Kill::Behind(random.u32(1..5), Duration::from_micros(random.u64(0..20_000))),
            };
            let before = acknowledged;
            acknowledged = run_and_kill(dir.path(), &when).max(before);
            // Data verified in earlier cycles is checked again at the end.
            check(dir.path(), cycle, acknowledged, before.saturating_sub(BATCH)..acknowledged);
        }
        check(dir.path(), cycles, acknowledged, 0..acknowledged);
        (done, total) = (done + LIFE, total + acknowledged);
    }
    println!("figure: kills of the writer: lost of {total} acknowledged tracks | 0 | in {cycles} kills | 0 | yes");
    assert!(cycles < 2 || total as usize >= cycles / 2 * BATCH as usize, "only {total} tracks were acknowledged");
}
