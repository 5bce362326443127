//! Randomly damaged files of every kind through the real worker process: tags and identity, the check before playing,
//! cover and lyrics, decoding, and the encoder. A file may be rejected with a message; it must not cause a panic, kill
//! the worker, make it hang, or exhaust its memory.
//!
//! File number n of a kind is the same in every run: `JUKEBOX_TORTURE_FILE=n` tests only that one and keeps it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastrand::Rng;
use jukebox::analysis::embed::{Reply, Request};
use jukebox::analysis::jobs::{Found, Job};
use jukebox::analysis::model::{Model, Source};
use jukebox::worker::{Worker, WorkerError, WorkerSpec};
use jukebox_encoder::Input;

use crate::count;
use crate::seeds::{self, Seed};
use crate::support::{figure, program};

/// One in this many files of a kind is decoded, which takes longer than all the rest: in `make test`, and in `make torture`.
const LISTENED: (usize, usize) = (32, 8);
/// How many of the kinds of image that the shipped encoder does not take are drawn of such a file: by turns one, or all.
const DRAWN: (usize, usize) = (1, Input::ALL.len() - 1);
/// One in this many of a kind is embedded too.
const EMBEDDED: (usize, usize) = (256, 64);
/// Maximum memory of the worker in MiB.
const MEMORY: u64 = 512;
/// Numbers that often break parsers.
const ODD: [u64; 12] = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

#[test]
fn no_broken_file_breaks_anything() {
    let seeds = seeds::all();
    assert!(seeds.len() >= 15);
    let only = std::env::var("JUKEBOX_TORTURE_FILE").ok().and_then(|n| n.parse::<usize>().ok());
    let files = count(20_000, 500_000);
    let (next, faults) = (AtomicUsize::new(only.unwrap_or(0)), Mutex::new(Vec::new()));
    let end = only.map_or(files, |n| n + 1);
    let sums: Vec<Sum> = std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8);
        let run = || {
            let mut bench = Bench::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= end {
                    return bench.sum;
                }
                if let Err(fault) = bench.file(&seeds, n, only.is_some()) {
                    faults.lock().unwrap().push(format!("file {n} ({}): {fault}", seeds[n % seeds.len()].name));
                }
            }
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let of = |part: fn(&Sum) -> usize| sums.iter().map(part).sum::<usize>();
    let (opened, listened, embedded) = (of(|s| s.opened), of(|s| s.listened), of(|s| s.embedded));
    let memory = sums.iter().map(|s| s.memory).max().unwrap_or(0);
    let faults = faults.into_inner().unwrap();
    println!("{} kinds; {opened} files opened, {listened} listened to, {embedded} embedded", seeds.len());
    figure("mutated files: panics, deaths, hangs", faults.len(), &format!("of {}", end), "0", faults.is_empty());
    figure("mutated files: memory of the worker", memory, "MiB", "< 512", memory < MEMORY);
    assert!(faults.is_empty(), "{} of {files}:\n{}", faults.len(), faults[..faults.len().min(20)].join("\n"));
    assert!(memory < MEMORY, "the worker took {memory} MiB");
    // Otherwise only the first four bytes of files would have been tested.
    assert!(only.is_some() || opened > files / 4, "only {opened} of {files} opened");
}

#[test]
fn the_files_that_are_mutated_are_good_ones() {
    let mut bench = Bench::new();
    for seed in seeds::all() {
        let path = bench.put(&seed, &seed.bytes);
        match bench.worker.call(&Job::Probe { path: path.clone() }, Job::Probe { path: path.clone() }.patience()) {
            Ok(Found::Probe { probe, .. }) => assert!(probe.secs > 0.1, "{}: {} s", seed.name, probe.secs),
            other => panic!("{}: {other:?}", seed.name),
        }
        let opened = bench.ask(Job::Open { path });
        assert!(matches!(opened, Ok(Some(Found::Opened))), "{}: {opened:?}", seed.name);
    }
}

/// Counts of what was tested.
#[derive(Default)]
struct Sum {
    opened: usize,
    listened: usize,
    embedded: usize,
    /// Peak memory of a worker, in MiB.
    memory: u64,
}

/// A worker of each kind, and a directory for the files.
struct Bench {
    dir: tempfile::TempDir,
    worker: Worker<Job, Found>,
    encoder: Worker<Request, Reply>,
    /// The kind of image that the shipped encoder takes.
    input: Input,
    /// [`LISTENED`], [`DRAWN`] and [`EMBEDDED`] of this run.
    listened: usize,
    drawn: usize,
    embedded: usize,
    sum: Sum,
}

fn worker<Q: serde::Serialize, R: serde::de::DeserializeOwned>(kind: &str) -> Worker<Q, R> {
    Worker::new(WorkerSpec {
        program: program().into(),
        args: vec!["__worker".into(), kind.into()],
        env: vec![("JUKEBOX_NICE".into(), "0".into())],
        log: None,
    })
}

impl Bench {
    fn new() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("whole.wav"), seeds::whole()).unwrap();
        let input = Model::shipped().unwrap().input();
        let [listened, drawn, embedded] = [LISTENED, DRAWN, EMBEDDED].map(|(short, long)| count(short, long));
        let (worker, encoder) = (worker("listen"), worker("encode"));
        Bench { dir, worker, encoder, input, listened, drawn, embedded, sum: Sum::default() }
    }

    fn put(&self, seed: &Seed, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join("file").with_extension(seed.extension);
        // Not truncated first: a file that is written anew after that is sent to the disk at once, by ext4 at least.
        let mut file = std::fs::File::options().write(true).create(true).truncate(false).open(&path).unwrap();
        file.write_all(bytes).unwrap();
        file.set_len(bytes.len() as u64).unwrap();
        // For a cue sheet, its second track.
        if seed.extension == "cue" { path.join("track0002") } else { path }
    }

    /// Tests a file in every way; returns an error if anything went wrong.
    fn file(&mut self, seeds: &[Seed], n: usize, keep: bool) -> Result<(), String> {
        let mut random = Rng::with_seed(n as u64);
        let seed = &seeds[n % seeds.len()];
        let bytes = mutated(&seed.bytes, &seeds[random.usize(..seeds.len())].bytes, &mut random);
        let path = self.put(seed, &bytes);
        if keep {
            let kept = std::env::temp_dir().join(format!("torture-{n}.{}", seed.extension));
            std::fs::write(&kept, &bytes).unwrap();
            println!("kept as {}", kept.display());
        }
        let probed = self.ask(Job::Probe { path: path.clone() })?;
        self.sum.opened += usize::from(matches!(self.ask(Job::Open { path: path.clone() })?, Some(Found::Opened)));
        let round = n / seeds.len();
        if keep || round.is_multiple_of(self.listened) {
            self.ask(Job::Cover { path: path.clone(), follow_links: false, within: (64, 64) })?;
            self.ask(Job::Picture { path: path.clone() })?;
            self.ask(Job::Lyrics { path: path.clone(), follow_links: false })?;
            // Images of the shipped encoder's kind are embedded; the others are only drawn.
            let input = self.input;
            let others = Input::ALL.into_iter().filter(|other| *other != input).cycle().skip(round / self.listened);
            for input in others.take(if keep { DRAWN.1 } else { self.drawn }) {
                self.ask(Job::Draw { path: path.clone(), secs: 0.0, input })?;
            }
            let secs = if let Some(Found::Probe { probe, .. }) = &probed { probe.secs } else { 0.0 };
            if let Some(Found::Heard { images, .. }) = self.ask(Job::Listen { path, secs, input })? {
                self.sum.listened += 1;
                if keep || round.is_multiple_of(self.embedded) {
                    self.embed(images)?;
                }
            }
        }
        if n.is_multiple_of(512) || keep {
            self.sum.memory = self.sum.memory.max(self.worker.pid().map_or(0, peak));
        }
        Ok(())
    }

    /// The worker's answer; `None` if it rejects the file. A panic, a crash or a timeout is an error.
    fn ask(&mut self, job: Job) -> Result<Option<Found>, String> {
        match self.worker.call(&job, job.patience()) {
            Ok(found) => Ok(Some(found)),
            Err(WorkerError::Refused(why)) if !why.contains("panic") => Ok(None),
            Err(e) => Err(format!("{e}, asked to {}", format!("{job:?}").split(' ').next().unwrap_or(""))),
        }
    }

    fn embed(&mut self, images: Vec<Vec<u8>>) -> Result<(), String> {
        let count = images.len();
        let request = Request { model: Source::default(), device: "cpu".into(), images };
        let reply = self.encoder.call(&request, std::time::Duration::from_secs(180)).map_err(|e| e.to_string())?;
        let finite = reply.embedded.iter().all(|e| e.latent.iter().all(|v| v.is_finite()));
        if reply.embedded.len() != count || !finite {
            return Err("the latent is no latent".into());
        }
        self.sum.embedded += 1;
        Ok(())
    }
}

/// Peak memory of a process in MiB.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// A file with one to eight faults, most of them near the headers.
fn mutated(good: &[u8], other: &[u8], random: &mut Rng) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..random.usize(1..=8) {
        if bytes.is_empty() {
            break;
        }
        let end = if random.u8(..4) < 3 { bytes.len().min(600) } else { bytes.len() };
        let at = random.usize(..end);
        let length = random.usize(1..=64).min(bytes.len() - at);
        match random.u8(..10) {
            0 => bytes[at] ^= 1 << random.u8(..8),
            1 => bytes[at] = random.u8(..),
            2 | 3 => {
                // A number of two, three, four or eight bytes, in either byte order.
                let (odd, size) = (ODD[random.usize(..ODD.len())], [2, 3, 4, 8][random.usize(..4)]);
                let odd = if random.bool() { odd } else { odd.wrapping_add(random.u64(..64)).wrapping_sub(32) };
                let mut number = odd.to_be_bytes()[8 - size..].to_vec();
                if random.bool() {
                    number.reverse();
                }
                let size = size.min(bytes.len() - at);
                bytes[at..at + size].copy_from_slice(&number[..size]);
            }
            4 => drop(bytes.drain(at..at + length)),
            5 => {
                let piece = bytes[at..at + length].to_vec();
                let to = random.usize(..end);
                bytes.splice(to..to, piece);
            }
            6 => bytes[at..at + length].fill(if random.bool() { 0 } else { 0xff }),
            7 => bytes.truncate(random.usize(..bytes.len())),
            8 => {
                let from = random.usize(..other.len());
                let piece = other[from..(from + random.usize(1..=2000)).min(other.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes[at..at + length].iter_mut().for_each(|b| *b = random.u8(..)),
        }
    }
    bytes
}
