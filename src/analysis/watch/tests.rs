//! Tests of what the watch reports about a directory.

use std::fs::{self, File};
use std::time::SystemTime;

use super::*;
use crate::clock::ManualClock;
use crate::library::settle::QUIET;
use crate::store::Outcome;

struct House {
    _dir: tempfile::TempDir,
    root: PathBuf,
    shelf: Shelf,
    clock: ManualClock,
    watch: Watch,
}

fn house() -> House {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("music");
    fs::create_dir(&root).unwrap();
    let options = Options::of_test(root.clone(), &dir.path().join("home"));
    let (shelf, _) = Shelf::open(&options.paths.store(), "aa".parse().unwrap()).unwrap();
    let clock = ManualClock::default();
    let watch = Watch::new(&options, Box::new(clock.clone()));
    House { _dir: dir, root, shelf, clock, watch }
}

impl House {
    /// Creates a file with a modification time in 1970.
    fn file(&self, name: &str) -> PathBuf {
        let path = self.root.join(name);
        fs::write(&path, name).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        path
    }

    /// Records that a file was read as it is, or as it would be if it existed.
    fn know(&mut self, path: &Path) {
        let stat = cue::stat(path).unwrap_or(Stat { dev: 0, ino: 9, size: 9, mtime_ns: 0, ctime_ns: 0 });
        let outcome = Outcome::Failed { why: "no music".into(), strikes: crate::worker::STRIKES };
        let tags_version = self.watch.tags_mark;
        let record = FileRecord { stat, outcome, listen_fault: None, added: 0, tags_version, gone_since: None };
        self.shelf.put_file(path.to_path_buf(), record);
    }

    fn walk(&mut self, faulty: &[PathBuf]) -> Vec<Seen> {
        self.watch.rescan(&self.shelf);
        let walked = self.watch.walks().recv().unwrap();
        assert!(self.watch.is_whole(&walked) && self.watch.take_scanned().is_none());
        self.watch.walked(walked, &self.shelf, &faulty.iter().cloned().collect());
        self.watch.take_seen()
    }
}

#[test]
fn a_walk_tells_what_is_new_gone_and_mended() {
    let mut house = house();
    let (new, known, sheet) = (house.file("new.mp3"), house.file("known.mp3"), house.root.join("gone.cue"));
    let gone = house.root.join("gone.mp3");
    house.know(&known);
    house.know(&gone);
    let seen = house.walk(&[sheet.clone(), known]);
    assert_eq!(seen, [Seen::Well(sheet), Seen::Gone(gone), Seen::Changed(new)]);
    assert_eq!(house.watch.take_scanned(), Some(Scanned::default()));
    assert_eq!(house.watch.take_scanned(), None, "told once");
}

#[test]
fn a_file_is_read_when_it_has_settled_and_a_known_one_is_only_back() {
    let mut house = house();
    let (new, known, gone) = (house.file("new.mp3"), house.file("known.mp3"), house.root.join("gone.mp3"));
    house.know(&known);
    for path in [&new, &known, &gone] {
        house.watch.dirtied(Dirty::Path(path.clone()), &house.shelf);
    }
    house.watch.settle(&house.shelf);
    assert_eq!(house.watch.take_seen(), [Seen::Gone(gone)]);
    assert!(house.watch.is_busy());
    house.clock.advance(QUIET);
    house.watch.settle(&house.shelf);
    assert_eq!(house.watch.take_seen(), [Seen::Back(known), Seen::Changed(new)]);
    assert!(!house.watch.is_busy());
}

#[test]
fn a_cover_is_told_by_its_directory_at_once() {
    let mut house = house();
    house.watch.dirtied(Dirty::Cover(house.root.join("album/cover.png")), &house.shelf);
    assert_eq!(house.watch.take_seen(), [Seen::Cover(house.root.join("album"))]);
    assert!(!house.watch.is_busy());
}

#[test]
fn a_file_with_a_sheet_inside_is_its_pieces() {
    let mut house = house();
    let file = house.file("album.flac");
    let piece = file.join("track0001");
    house.watch.take_apart(file.clone(), vec![piece.clone()]);
    assert_eq!(house.watch.take_seen(), [Seen::Gone(file.clone()), Seen::Changed(piece)]);
    assert!(house.watch.takes_apart(&file));
    // It is not a track any more, however often it changes.
    house.watch.look_at(file);
    for _ in 0..2 {
        house.clock.advance(QUIET);
        house.watch.settle(&house.shelf);
    }
    assert_eq!(house.watch.take_seen(), []);
}

#[test]
fn a_fault_of_a_file_that_is_there_again_is_withdrawn() {
    let mut house = house();
    let (back, broken, away) = (house.file("back.mp3"), house.file("broken.mp3"), house.root.join("away.mp3"));
    house.watch.suspect(back.clone(), true);
    house.watch.suspect(broken, false);
    house.watch.suspect(away, true);
    assert_eq!(house.watch.take_seen(), [Seen::Well(back)]);
    // Its absence is checked at intervals.
    assert_eq!(house.watch.patience(), None);
}

#[test]
fn a_scan_that_is_asked_for_during_another_waits_for_that_one_only() {
    let mut house = house();
    house.file("new.mp3");
    house.watch.follows = true;
    house.watch.rescan(&house.shelf);
    house.watch.rescan(&house.shelf);
    let walked = house.watch.walks().recv().unwrap();
    // Still counted as running, with other work pending all the while.
    house.watch.reconcile(false, false, &house.shelf);
    house.watch.walked(walked, &house.shelf, &HashSet::new());
    assert!(!house.watch.is_busy());
    house.watch.reconcile(false, false, &house.shelf);
    assert!(house.watch.is_walking(), "the second");
    let walked = house.watch.walks().recv().unwrap();
    house.watch.walked(walked, &house.shelf, &HashSet::new());
    house.watch.reconcile(false, false, &house.shelf);
    assert!(!house.watch.is_walking(), "there were two");
}

#[test]
fn a_scan_answers_whoever_asked_before_it_began() {
    let mut house = house();
    let old = house.file("old.mp3");
    house.know(&old);
    house.watch.follows = true;
    house.watch.rescan_for(1, &house.shelf);
    // The scan that is going on may have passed by what this one is about.
    house.watch.rescan_for(2, &house.shelf);
    for asked in [1, 2] {
        let walked = house.watch.walks().recv().unwrap();
        house.watch.walked(walked, &house.shelf, &HashSet::new());
        assert_eq!(house.watch.take_scanned(), Some(Scanned { unsure: Vec::new(), asked }));
        house.watch.reconcile(false, false, &house.shelf);
    }
    assert!(!house.watch.is_walking());
}
