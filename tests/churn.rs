//! Whatever happens to a music directory, the known files equal the existing ones five seconds later.
//! `JUKEBOX_CHURN=100000 cargo nextest run --test churn` runs more operations.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/follower.rs"]
mod follower;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossbeam_channel::{bounded, unbounded};
use fastrand::Rng;
use follower::Follower;

/// Number of operations between two calls of `listen`.
const ROUND: usize = 50;

fn operations() -> usize {
    std::env::var("JUKEBOX_CHURN").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000)
}

/// Performs every kind of change to a music directory.
struct Churn {
    random: Rng,
    root: PathBuf,
    /// A directory on the same disk that is not watched.
    aside: PathBuf,
    /// Directories that were created; some no longer exist.
    dirs: Vec<PathBuf>,
    out: Vec<PathBuf>,
    names: usize,
}

impl Churn {
    fn new(dir: &Path, seed: u64) -> Churn {
        let (root, aside) = (dir.join("music"), dir.join("aside"));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&aside).unwrap();
        let dirs = vec![root.clone()];
        Churn { random: Rng::with_seed(seed), root, aside, dirs, out: Vec::new(), names: 0 }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("n{}", self.names)
    }

    /// A random existing directory, possibly the root.
    fn dir(&mut self) -> PathBuf {
        loop {
            let at = self.random.usize(..self.dirs.len());
            if self.dirs[at].is_dir() {
                return self.dirs[at].clone();
            }
            self.dirs.swap_remove(at);
        }
    }

    /// A random directory below the root.
    fn sub_dir(&mut self) -> Option<PathBuf> {
        Some(self.dir()).filter(|d| *d != self.root)
    }

    fn file(&mut self) -> Option<PathBuf> {
        let files = fs::read_dir(self.dir()).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file());
        let mut files: Vec<_> = files.collect();
        files.sort();
        (!files.is_empty()).then(|| files.swap_remove(self.random.usize(..files.len())))
    }

    fn write(&mut self, path: &Path) {
        let size = self.random.usize(1..300);
        fs::write(path, vec![self.random.u8(..); size]).unwrap();
    }

    fn create(&mut self) {
        let path = self.dir().join(self.name() + ".mp3");
        self.write(&path);
    }

    /// Creates nested directories with files as fast as possible, so that the watcher is always late.
    fn burst(&mut self) {
        let mut dir = self.dir();
        // Limits the depth.
        if dir.components().count() > self.root.components().count() + 5 {
            dir.clone_from(&self.root);
        }
        for _ in 0..self.random.usize(1..4) {
            dir = dir.join(self.name());
            fs::create_dir_all(&dir).unwrap();
            self.dirs.push(dir.clone());
            for _ in 0..self.random.usize(..4) {
                let path = dir.join(self.name() + ".flac");
                self.write(&path);
            }
        }
    }

    fn move_in(&mut self) {
        let Some(tree) = self.out.pop() else { return };
        let to = self.dir().join(self.name());
        fs::rename(tree, &to).unwrap();
        let mut new = vec![to];
        while let Some(dir) = new.pop() {
            new.extend(fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()));
            self.dirs.push(dir);
        }
    }

    fn once(&mut self) {
        let what = self.random.u8(..100);
        match what {
            0..22 => self.create(),
            22..32 => self.file().into_iter().for_each(|f| self.write(&f)),
            32..42 => {
                // Saved through a temporary file, as taggers do.
                let Some(file) = self.file() else { return };
                let new = file.with_extension("tmp");
                self.write(&new);
                fs::rename(new, file).unwrap();
            }
            42..47 => {
                // New content of the same size, with the modification time restored.
                let Some(path) = self.file() else { return };
                let meta = fs::metadata(&path).unwrap();
                let mut file = File::options().write(true).open(&path).unwrap();
                file.write_all(&vec![self.random.u8(..); meta.len() as usize]).unwrap();
                file.set_modified(meta.modified().unwrap()).unwrap();
            }
            47..57 => {
                let Some(file) = self.file() else { return };
                let to = self.dir().join(self.name() + ".ogg");
                fs::rename(file, to).unwrap();
            }
            57..67 => self.file().into_iter().for_each(|f| fs::remove_file(f).unwrap()),
            67..80 => self.burst(),
            80..86 => {
                let Some(from) = self.sub_dir() else { return };
                let to = from.with_file_name(self.name());
                fs::rename(from, &to).unwrap();
                self.dirs.push(to);
            }
            86..90 => {
                let Some(from) = self.sub_dir() else { return };
                let name = self.name();
                let to = self.aside.join(name);
                fs::rename(from, &to).unwrap();
                self.out.push(to);
            }
            90..94 => self.move_in(),
            _ => self.sub_dir().into_iter().for_each(|d| fs::remove_dir_all(d).unwrap()),
        }
    }
}

#[test]
fn nothing_is_missed_and_nothing_is_stale_however_much_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let mut churn = Churn::new(dir.path(), 11);
    let mut follower = Follower::new(&churn.root, true);
    let (mut longest, mut most) = (Duration::ZERO, 0);
    for round in 1..=operations() / ROUND {
        (0..ROUND).for_each(|_| churn.once());
        // Sometimes the kernel's queue overflows: hints are lost, which it reports.
        follower.deaf = round % 17 == 0;
        follower.listen();
        if std::mem::take(&mut follower.deaf) {
            follower.reconcile();
        }
        follower.pass(Duration::from_millis(300));
        if round % 20 == 0 {
            longest = longest.max(follower.converge());
            most = most.max(follower.known.len());
        }
    }
    longest = longest.max(follower.converge());
    assert!(most > 100, "only {most} files: not much of a churn");
    println!("{} operations, at most {most} files, known within {longest:?}", operations());
}

#[test]
fn nor_without_a_watcher_by_comparing_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut churn = Churn::new(dir.path(), 12);
    let mut follower = Follower::new(&churn.root, false);
    for _ in 0..operations() / 1000 {
        (0..1000).for_each(|_| churn.once());
        follower.reconcile();
        follower.converge();
    }
}

#[test]
fn after_an_overflow_directories_are_watched_that_nobody_was_told_of() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("music");
    fs::create_dir(&root).unwrap();
    // The hints are not consumed at first, so the watcher blocks and the kernel's queue overflows.
    let ((to, slow), (passed_on, hints)) = (bounded(1), unbounded());
    let mut follower = Follower::with_hints(&root, Some((to, hints)));
    let limit = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse::<usize>().unwrap();
    for n in 0..limit {
        fs::write(root.join(format!("{}.mp3", n % 100)), b"x").unwrap();
    }
    let late = root.join("late/later");
    fs::create_dir_all(&late).unwrap();
    fs::write(late.join("a.mp3"), b"x").unwrap();
    std::thread::spawn(move || slow.iter().try_for_each(|hint| passed_on.send(hint)));
    follower.wait_for_overflow();
    follower.converge();
    // Checks that they are watched, now that the queue is empty.
    fs::write(late.join("b.mp3"), b"x").unwrap();
    follower.converge();
    assert_eq!(follower.known.len(), 102);
}

#[test]
fn of_two_hundred_copies_none_is_handed_on_before_its_end() {
    const CHUNKS: usize = 6;
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("music");
    fs::create_dir(&root).unwrap();
    let mut follower = Follower::new(&root, true);
    let mut random = Rng::with_seed(13);
    let paths: Vec<_> = (0..200).map(|n| root.join(format!("{n}.mp3"))).collect();
    let mut written = vec![0; paths.len()];
    while written.iter().any(|n| *n < CHUNKS) {
        for (path, written) in paths.iter().zip(&mut written).filter(|(_, n)| **n < CHUNKS) {
            // They start at different times; none pauses as long as the quiet period.
            if *written > 0 || random.u8(..3) == 0 {
                let mut file = File::options().append(true).create(true).open(path).unwrap();
                file.write_all(&[7; 1000]).unwrap();
                *written += 1;
            }
        }
        follower.listen();
        follower.pass(Duration::from_millis(random.u64(100..1900)));
        for (path, written) in paths.iter().zip(&written).filter(|(_, n)| **n < CHUNKS) {
            assert!(!follower.known.contains_key(path), "{} after {written} of {CHUNKS}", path.display());
        }
    }
    follower.converge();
    assert!(paths.iter().all(|p| follower.known.get(p).is_some_and(|s| s.size == 1000 * CHUNKS as u64)));
}

#[test]
fn tags_written_outside_show_within_seconds() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("music");
    fs::create_dir(&root).unwrap();
    let (saved, rewritten) = (root.join("a.mp3"), root.join("b.mp3"));
    fs::write(&saved, b"old").unwrap();
    fs::write(&rewritten, b"old").unwrap();
    let mut follower = Follower::new(&root, true);
    follower.reconcile();
    follower.converge();
    let before = follower.known.clone();
    fs::write(root.join("a.mp3.XyZ"), b"new").unwrap();
    fs::rename(root.join("a.mp3.XyZ"), &saved).unwrap();
    fs::write(&rewritten, b"new").unwrap();
    let took = follower.converge();
    assert!(took <= Duration::from_millis(4500), "{took:?}");
    assert!([&saved, &rewritten].iter().all(|p| before[*p] != follower.known[*p]));
}
