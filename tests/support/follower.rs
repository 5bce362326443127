//! Follows a directory like the analysis does, with the real watcher and kernel, and a clock that the test advances.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender, unbounded};
use jukebox::library::scan::{self, Known, compare, walk};
use jukebox::library::settle::Settler;
use jukebox::library::watch::{Dirty, Watcher};
use jukebox::track::Stat;

/// The step of the test's clock.
const STEP: Duration = Duration::from_millis(100);
/// Maximum wait for an expected hint of the kernel, on a machine however busy.
const KERNEL: Duration = Duration::from_secs(180);

pub struct Follower {
    root: PathBuf,
    /// The files handed on, which the library would know.
    pub known: HashMap<PathBuf, Stat>,
    settler: Settler,
    hints: Receiver<Dirty>,
    watcher: Option<Watcher>,
    now: Duration,
    began_ns: i64,
    marks: usize,
    /// Whether hints are lost, as when the kernel's queue is full.
    pub deaf: bool,
}

fn unix_ns() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos() as i64
}

impl Follower {
    pub fn new(root: &Path, watching: bool) -> Follower {
        Follower::with_hints(root, watching.then(unbounded))
    }

    /// A follower that receives hints through this channel; with `None` it has no watcher.
    pub fn with_hints(root: &Path, hints: Option<(Sender<Dirty>, Receiver<Dirty>)>) -> Follower {
        let watching = hints.is_some();
        let (to, hints) = hints.unwrap_or_else(unbounded);
        let watcher = watching.then(|| {
            let (watcher, why_not) = Watcher::start(root, false, to);
            assert_eq!(why_not, None);
            watcher.expect("a watcher")
        });
        Follower {
            root: root.to_owned(),
            known: HashMap::new(),
            settler: Settler::default(),
            hints,
            watcher,
            now: Duration::ZERO,
            began_ns: unix_ns(),
            marks: 0,
            deaf: false,
        }
    }

    fn hear(&mut self, hint: Dirty) {
        match hint {
            _ if self.deaf => {}
            Dirty::Path(path) => self.settler.mark(path, self.now),
            Dirty::Cover(_) => {}
            Dirty::Tree(path) => self.settler.mark_tree(path, self.now),
            Dirty::All(_) | Dirty::Blind(_) => {
                if let Some(watcher) = &mut self.watcher {
                    assert_eq!(watcher.again(), None);
                }
                self.reconcile();
            }
        }
    }

    /// Processes hints until one reports that some were lost.
    pub fn wait_for_overflow(&mut self) {
        loop {
            let hint = self.hints.recv_timeout(KERNEL).expect("the kernel tells of the overflow");
            let lost = matches!(hint, Dirty::All(_));
            self.hear(hint);
            if lost {
                return;
            }
        }
    }

    /// Processes every hint about changes so far. It creates a marker file and waits for its hint, twice, because the
    /// watches of new directories are set after the hints of their batch.
    pub fn listen(&mut self) {
        for _ in 0..2 * usize::from(self.watcher.is_some()) {
            self.marks += 1;
            let mark = self.root.join(format!("mark {}.mp3", self.marks));
            fs::write(&mark, b"").expect("a mark");
            loop {
                let hint = self.hints.recv_timeout(KERNEL).expect("the kernel tells of the mark");
                let heard = hint == Dirty::Path(mark.clone());
                self.hear(hint);
                if heard {
                    break;
                }
            }
            fs::remove_file(&mark).expect("the mark goes");
        }
    }

    /// Requests a complete comparison, as at the start, after lost hints, and at intervals.
    pub fn reconcile(&mut self) {
        self.settler.mark_tree(self.root.clone(), self.now);
    }

    /// Advances the clock.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now = end.min(self.now + STEP);
            self.settle();
        }
    }

    fn settle(&mut self) {
        let (now, wall) = (self.now, self.began_ns + self.now.as_nanos() as i64);
        let settled = self.settler.poll(now, wall, &mut |path| scan::stat(path, false));
        for (path, stat) in settled.files {
            match stat {
                Some(stat) => self.known.insert(path, stat),
                None => self.known.remove(&path),
            };
        }
        for tree in settled.trees {
            let mut found = Vec::new();
            let report = walk(&tree, false, &mut |path, stat| found.push((path, stat)));
            found.sort_by(|a, b| scan::order(&a.0, &b.0));
            let known = |stat: &Stat| Known { stat: *stat, gone: false };
            let below = self.known.iter().filter(|(path, _)| path.starts_with(&tree));
            let below = below.map(|(path, stat)| (path.as_path(), known(stat)));
            let changes = compare(|path| self.known.get(path).map(known), below, &found, &report, true);
            for (path, stat) in changes.fresh.into_iter().chain(changes.changed) {
                if self.settler.scanned(&path, &stat, now, wall) {
                    self.known.insert(path, stat);
                }
            }
            for path in changes.vanished {
                self.known.remove(&path);
            }
        }
    }

    /// Advances the clock until the known files equal the existing ones; returns the time that
    /// took.
    pub fn converge(&mut self) -> Duration {
        const LONGEST: Duration = Duration::from_secs(5);
        self.listen();
        let begin = self.now;
        // On a busy machine more real time has passed than on this clock, and files would be in its future.
        self.began_ns = self.began_ns.max(unix_ns() - self.now.as_nanos() as i64);
        loop {
            self.pass(STEP);
            // Includes further hints about the last marker.
            while let Ok(hint) = self.hints.try_recv() {
                self.hear(hint);
            }
            let mut there = HashMap::new();
            walk(&self.root, false, &mut |path, stat| {
                there.insert(path, stat);
            });
            let took = self.now - begin;
            if self.known == there {
                return took;
            }
            if took > LONGEST {
                let missed = there.keys().filter(|p| !self.known.contains_key(*p)).count();
                let stale = self.known.keys().filter(|p| !there.contains_key(*p)).count();
                let old = there.iter().filter(|(p, s)| self.known.get(*p).is_some_and(|k| k != *s)).count();
                panic!("{missed} missed, {stale} stale and {old} as they were before, of {}", there.len());
            }
        }
    }
}
