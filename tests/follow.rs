//! Watching, settling and scanning together: after a storm of changes, what is known equals what is there, by hints and
//! the walks that they ask for alone.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, unbounded};
use jukebox::library::scan::{self, Known, compare, walk};
use jukebox::library::settle::Settler;
use jukebox::library::watch::{Dirty, Watcher};
use jukebox::track::Stat;

/// How much faster than the real one the test's clock goes.
const HASTE: u32 = 4;

/// A follower of a directory, as the analysis will be one.
struct Follower {
    root: PathBuf,
    known: HashMap<PathBuf, Stat>,
    settler: Settler,
    hints: Receiver<Dirty>,
    _watcher: Watcher,
    begin: Instant,
    began_ns: i64,
}

impl Follower {
    fn new(root: &Path) -> Follower {
        let (to, hints) = unbounded();
        let (watcher, why_not) = Watcher::start(root, false, to);
        assert_eq!(why_not, None);
        let began_ns = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as i64;
        Follower {
            root: root.to_owned(),
            known: HashMap::new(),
            settler: Settler::default(),
            hints,
            _watcher: watcher.unwrap(),
            begin: Instant::now(),
            began_ns,
        }
    }

    /// Takes hints for a moment, then deals with what became quiet.
    fn step(&mut self) {
        let end = Instant::now() + Duration::from_millis(5);
        while let Ok(hint) = self.hints.recv_deadline(end) {
            let now = self.begin.elapsed() * HASTE;
            match hint {
                Dirty::Path(path) => self.settler.mark(path, now),
                Dirty::Tree(path) => self.settler.mark_tree(path, now),
                Dirty::All(_) | Dirty::Blind(_) => self.settler.mark_tree(self.root.clone(), now),
            }
        }
        let now = self.begin.elapsed() * HASTE;
        let wall = self.began_ns + now.as_nanos() as i64;
        let settled = self.settler.poll(now, wall, &mut |path| scan::stat(path, false));
        for (path, stat) in settled.files {
            match stat {
                Some(stat) => self.known.insert(path, stat),
                None => self.known.remove(&path),
            };
        }
        for tree in settled.trees {
            let mut found = HashMap::new();
            let report = walk(&tree, false, &mut |path, stat| {
                found.insert(path, stat);
            });
            let below = self.known.iter().filter(|(path, _)| path.starts_with(&tree));
            let below = below.map(|(path, stat)| (path.clone(), Known { stat: *stat, gone: false })).collect();
            let changes = compare(&below, &found, &report, true);
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

    /// Steps until what is known is what is there.
    fn converge(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            self.step();
            let mut there = HashMap::new();
            walk(&self.root, false, &mut |path, stat| {
                there.insert(path, stat);
            });
            if self.known == there && self.settler.is_empty() {
                return;
            }
            if Instant::now() > deadline {
                let missed = there.keys().filter(|p| !self.known.contains_key(*p)).count();
                let stale = self.known.keys().filter(|p| !there.contains_key(*p)).count();
                panic!("{missed} missed and {stale} stale of {}", there.len());
            }
        }
    }
}

fn album(dir: &Path, tracks: usize) {
    fs::create_dir_all(dir).unwrap();
    for n in 0..tracks {
        fs::write(dir.join(format!("{n}.mp3")), n.to_string()).unwrap();
    }
}

#[test]
fn after_a_storm_of_changes_nothing_is_missed_and_nothing_is_stale() {
    let dir = tempfile::tempdir().unwrap();
    let (root, aside) = (dir.path().join("music"), dir.path().join("aside"));
    fs::create_dir(&root).unwrap();
    album(&aside.join("moved in/cd 1"), 20);
    album(&aside.join("moved in/cd 2"), 20);
    let mut follower = Follower::new(&root);

    // A copied collection: most of its files get no event at all.
    for n in 0..100 {
        album(&root.join(format!("artist {}/album {n}", n / 4)), 10);
    }
    fs::rename(aside.join("moved in"), root.join("moved in")).unwrap();
    follower.converge();
    assert_eq!(follower.known.len(), 1040);

    // Everything that happens to a library, at once.
    fs::rename(root.join("artist 0"), root.join("artist 0 renamed")).unwrap();
    fs::rename(root.join("artist 1"), aside.join("artist 1")).unwrap();
    fs::remove_dir_all(root.join("artist 2")).unwrap();
    fs::rename(root.join("artist 3/album 12/0.mp3"), root.join("artist 3/album 12/first.mp3")).unwrap();
    fs::write(root.join("artist 3/album 13/0.mp3"), b"retagged in place").unwrap();
    fs::write(root.join("artist 3/album 13/1.mp3.tmp"), b"retagged through a new file").unwrap();
    fs::rename(root.join("artist 3/album 13/1.mp3.tmp"), root.join("artist 3/album 13/1.mp3")).unwrap();
    fs::remove_file(root.join("artist 3/album 14/9.mp3")).unwrap();
    album(&root.join("artist 4/album 16"), 12);
    album(&root.join("new/deeply/nested/album"), 10);
    follower.converge();
    assert!(follower.known.contains_key(&root.join("new/deeply/nested/album/9.mp3")));
    assert_eq!(follower.known.len(), 1040 - 40 - 40 - 1 + 2 + 10);
}
