use super::*;
use crate::latent::DIMS;
use crate::track::{Probe, Stat, TAGS_VERSION, Tags};

const ROOT: &str = "/music";

fn track(n: u8) -> TrackId {
    TrackId([n; 16])
}

fn heard(value: f32) -> LatentRecord {
    LatentRecord { mean: [value; DIMS], spread: [0.0; DIMS], segments: 3, genres: Vec::new() }
}

fn generation(name: &str) -> Generation {
    name.parse().unwrap()
}

/// A shelf with so many files, all of them heard by the encoder `aa`, which is complete.
fn shelf(dir: &Path, files: u8) -> Shelf {
    let (mut shelf, _) = Shelf::open(dir, generation("aa")).unwrap();
    for n in 0..files {
        add(&mut shelf, n);
        shelf.put_latent(track(n), heard(f32::from(n)));
    }
    shelf.flush().unwrap();
    assert!(!shelf.complete_generation().unwrap(), "there was none before");
    shelf
}

fn add(shelf: &mut Shelf, n: u8) {
    let stat = Stat { dev: 1, ino: n.into(), size: 1, mtime_ns: 1, ctime_ns: 1 };
    let tags = Arc::new(Tags::default());
    let probe = Probe { track: track(n), secs: 9.0, rate: 44_100, channels: 2, codec: "mp3", tags, tag_fault: None };
    let outcome = Outcome::Probed(probe);
    shelf.put_file(
        format!("{ROOT}/{n}.mp3").into(),
        FileRecord { stat, outcome, listen_fault: None, added: 0, tags_version: TAGS_VERSION, gone_since: None },
    );
}

fn served(shelf: &Shelf) -> (String, usize) {
    let space = shelf.space(&shelf.catalog(Path::new(ROOT)), &Arc::default());
    (space.generation().to_string(), space.len())
}

fn change(shelf: &mut Shelf, to: &str) {
    shelf.change_generation(generation(to), Arc::default()).unwrap();
}

#[test]
fn the_old_space_is_served_until_the_new_one_is_complete() {
    let dir = tempfile::tempdir().unwrap();
    let mut shelf = shelf(&dir.path().join("store"), 10);
    change(&mut shelf, "bb");
    for n in 0..9 {
        assert_eq!(served(&shelf), ("aa".into(), 10), "after {n}");
        assert!(shelf.is_changing() && !shelf.heard(track(n)));
        shelf.put_latent(track(n), heard(-1.0));
    }
    // A track that comes in meanwhile is heard by the new one alone.
    add(&mut shelf, 20);
    shelf.put_latent(track(20), heard(-1.0));
    shelf.put_latent(track(9), heard(-1.0));
    assert_eq!(served(&shelf), ("bb".into(), 11), "it knows more now");
    assert!(shelf.complete_generation().unwrap());
    assert_eq!((served(&shelf), shelf.is_changing()), (("bb".into(), 11), false));
}

#[test]
fn a_file_that_cannot_be_heard_again_does_not_hold_up_the_change() {
    let dir = tempfile::tempdir().unwrap();
    let mut shelf = shelf(&dir.path().join("store"), 10);
    change(&mut shelf, "bb");
    for n in 0..9 {
        shelf.put_latent(track(n), heard(-1.0));
    }
    assert_eq!(served(&shelf), ("aa".into(), 10));
    assert!(shelf.complete_generation().unwrap());
    assert_eq!(served(&shelf), ("bb".into(), 9));
}

#[test]
fn going_back_costs_what_was_added_since() {
    let dir = tempfile::tempdir().unwrap();
    let mut shelf = shelf(&dir.path().join("store"), 10);
    change(&mut shelf, "bb");
    add(&mut shelf, 10);
    (0..11).for_each(|n| shelf.put_latent(track(n), heard(-1.0)));
    shelf.flush().unwrap();
    shelf.complete_generation().unwrap();
    change(&mut shelf, "aa");
    let missing: Vec<u8> = (0..11).filter(|n| !shelf.heard(track(*n))).collect();
    assert_eq!((missing, served(&shelf)), (vec![10], ("bb".into(), 11)));
    shelf.put_latent(track(10), heard(10.0));
    assert_eq!(shelf.latent(track(3)).unwrap()[0], 3.0);
    assert!(shelf.complete_generation().unwrap());
    assert_eq!(served(&shelf), ("aa".into(), 11));
}

#[test]
fn changing_back_in_the_middle_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut shelf = shelf(&dir.path().join("store"), 10);
    change(&mut shelf, "bb");
    (0..4).for_each(|n| shelf.put_latent(track(n), heard(-1.0)));
    change(&mut shelf, "aa");
    assert_eq!((served(&shelf), shelf.is_changing()), (("aa".into(), 10), false));
    change(&mut shelf, "bb");
    assert!(shelf.heard(track(3)) && !shelf.heard(track(4)), "what was heard is still there");
    // And on to a third: the complete one goes on being served.
    change(&mut shelf, "cc");
    assert_eq!(served(&shelf), ("aa".into(), 10));
    change(&mut shelf, "cc");
    assert_eq!(served(&shelf), ("aa".into(), 10));
}

#[test]
fn two_generations_are_kept_and_survive() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let mut shelf = shelf(&path, 3);
    for name in ["bb", "cc"] {
        change(&mut shelf, name);
        (0..3).for_each(|n| shelf.put_latent(track(n), heard(-1.0)));
        shelf.flush().unwrap();
        shelf.complete_generation().unwrap();
    }
    assert_eq!(shelf.store().unwrap().generations(), [generation("bb"), generation("cc")]);
    // Killed in the middle of the next change: the last complete one is served, and the next encoder goes on.
    change(&mut shelf, "dd");
    shelf.put_latent(track(0), heard(-2.0));
    shelf.flush().unwrap();
    drop(shelf);
    let (shelf, notes) = Shelf::open(&path, generation("dd")).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!((served(&shelf), shelf.heard(track(0)), shelf.heard(track(1))), (("cc".into(), 3), true, false));
}

#[test]
fn a_track_that_moves_or_is_retagged_was_added_when_it_was_first_seen() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    {
        let mut shelf = shelf(&store, 2);
        let mut record = shelf.file(Path::new("/music/1.mp3")).unwrap().clone();
        record.added = 77;
        shelf.put_file("/music/1.mp3".into(), record);
        assert_eq!(shelf.catalog(Path::new(ROOT)).of_track(track(0)).unwrap().added, 0);
        shelf.flush().unwrap();
    }
    let (shelf, _) = Shelf::open(&store, generation("aa")).unwrap();
    let outcome = shelf.file(Path::new("/music/1.mp3")).unwrap().outcome.clone();
    assert_eq!(shelf.added(Path::new("/music/elsewhere.mp3"), &outcome), Some(77), "by what it sounds like");
    let failed = Outcome::Failed { why: "cut".into(), strikes: 2 };
    assert_eq!(shelf.added(Path::new("/music/1.mp3"), &failed), Some(77), "by its path");
    assert_eq!(shelf.added(Path::new("/music/new.mp3"), &failed), None);
}
