use super::*;
use crate::latent::DIMS;
use crate::track::{Probe, Stat, TAGS_VERSION, Tags};

const ROOT: &str = "/music";

fn track(n: u8) -> TrackId {
    TrackId([n; 16])
}

fn heard(value: f32) -> LatentRecord {
    LatentRecord { mean: [value; DIMS], spread: [0.0; DIMS], segments: 3, genres: Vec::new(), tags: Vec::new() }
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
    let probe = Probe {
        track: track(n),
        former: track(n),
        secs: 9.0,
        rate: 44_100,
        channels: 2,
        codec: "mp3",
        tags,
        tag_fault: None,
    };
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
        let mut record = shelf.file(Path::new("/music/1.mp3")).unwrap();
        record.added = 77;
        shelf.put_file("/music/1.mp3".into(), record);
        assert_eq!(shelf.catalog(Path::new(ROOT)).of_track(track(0)).unwrap().added, 0);
        shelf.flush().unwrap();
    }
    let (shelf, _) = Shelf::open(&store, generation("aa")).unwrap();
    let outcome = shelf.file(Path::new("/music/1.mp3")).unwrap().outcome;
    assert_eq!(shelf.added(Path::new("/music/elsewhere.mp3"), &outcome), Some(77), "by what it sounds like");
    let failed = Outcome::Failed { why: "cut".into(), strikes: 2 };
    assert_eq!(shelf.added(Path::new("/music/1.mp3"), &failed), Some(77), "by its path");
    assert_eq!(shelf.added(Path::new("/music/new.mp3"), &failed), None);
}

/// An identity of a version.
fn id(version: u8, n: u8) -> TrackId {
    let mut bytes = [n; 16];
    bytes[0] = version;
    TrackId(bytes)
}

fn former(n: u8) -> TrackId {
    id(TrackId::FORMER, n)
}

fn present(n: u8) -> TrackId {
    id(TrackId::VERSION, n)
}

/// Notes what a look at a file found: its identity, and the former one.
fn look(shelf: &mut Shelf, name: &str, track: TrackId, former: TrackId) {
    let stat = Stat { dev: 1, ino: 1, size: 1, mtime_ns: 1, ctime_ns: 1 };
    let tags = Arc::new(Tags::default());
    let probe = Probe { track, former, secs: 9.0, rate: 44_100, channels: 2, codec: "mp3", tags, tag_fault: None };
    let record = FileRecord {
        stat,
        outcome: Outcome::Probed(probe),
        listen_fault: None,
        added: 5,
        tags_version: TAGS_VERSION,
        gone_since: None,
    };
    shelf.put_file(format!("{ROOT}/{name}").into(), record);
}

/// A store of the version before: files by name, each with the number of its former identity, all of them heard.
fn before(dir: &Path, files: &[(&str, u8)]) -> Shelf {
    let (mut shelf, _) = Shelf::open(dir, generation("aa")).unwrap();
    for (name, n) in files {
        look(&mut shelf, name, former(*n), former(*n));
        shelf.put_latent(former(*n), heard(f32::from(*n)));
        shelf.put_sound(former(*n), Descriptors::default());
    }
    shelf.flush().unwrap();
    shelf.complete_generation().unwrap();
    drop(shelf);
    Shelf::open(dir, generation("aa")).unwrap().0
}

#[test]
fn what_was_heard_under_a_former_identity_is_handed_on_and_survives() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    {
        let mut shelf = before(&store, &[("a", 1), ("b", 2), ("copy of b", 2)]);
        change(&mut shelf, "bb");
        (1..3).for_each(|n| shelf.put_latent(former(n), heard(-f32::from(n))));
        shelf.flush().unwrap();
        look(&mut shelf, "a", present(11), former(1));
        assert!(shelf.heard(present(11)) && shelf.described(present(11)) && !shelf.heard(former(1)));
        look(&mut shelf, "b", present(12), former(2));
        assert!(!shelf.heard(present(12)), "the other file may turn out to be another track");
        look(&mut shelf, "copy of b", present(12), former(2));
        assert!(shelf.heard(present(12)));
        let told = shelf.take_handed_on();
        assert_eq!(told, [(former(1), present(11)), (former(2), present(12))]);
        let record = shelf.file(Path::new("/music/a")).unwrap().outcome;
        assert_eq!(shelf.added(Path::new("/music/moved"), &record), Some(5), "it is no new music");
        shelf.flush().unwrap();
    }
    for (name, sign) in [("aa", 1.0), ("bb", -1.0)] {
        let (shelf, notes) = Shelf::open(&store, generation(name)).unwrap();
        assert_eq!(notes, [""; 0]);
        assert_eq!(shelf.latent(present(11)).unwrap()[0], sign);
        assert_eq!(shelf.latent(present(12)).unwrap()[0], 2.0 * sign);
        assert!(shelf.described(present(12)) && !shelf.described(former(2)));
    }
}

#[test]
fn what_was_taken_for_one_track_is_heard_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let mut shelf = before(&dir.path().join("store"), &[("take 1", 1), ("take 2", 1), ("unplugged", 2), ("there", 2)]);
    look(&mut shelf, "take 1", present(11), former(1));
    look(&mut shelf, "take 2", present(12), former(1));
    assert!(!shelf.heard(present(11)) && !shelf.heard(present(12)));
    // A file that is away is not waited for; one that goes away while it is waited for, no more.
    look(&mut shelf, "there", present(13), former(2));
    assert!(!shelf.heard(present(13)));
    shelf.mark_gone(Path::new("/music/unplugged"), Some(9));
    assert!(shelf.heard(present(13)));
    look(&mut shelf, "unplugged", present(14), former(2));
    assert!(!shelf.heard(present(14)) && shelf.heard(present(13)));
}

#[test]
fn an_upgrade_that_was_cut_off_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    {
        let shelf = before(&store, &[("a", 1)]);
        // Only the file's record reached the disk.
        drop(shelf);
        let opened = Store::open(&store).unwrap().store;
        let mut record = None;
        opened.files(&mut |path, found| record = Some((path, found))).unwrap();
        let (path, mut record) = record.unwrap();
        if let Outcome::Probed(probe) = &mut record.outcome {
            probe.track = present(11);
        }
        opened.put_files([(path.as_path(), &record)]).unwrap();
        opened.flush().unwrap();
    }
    let (mut shelf, _) = Shelf::open(&store, generation("aa")).unwrap();
    assert!(shelf.heard(present(11)) && shelf.dirty());
    assert_eq!(shelf.take_handed_on(), [(former(1), present(11))]);
    shelf.flush().unwrap();
    assert!(!shelf.dirty());
}
