//! Descriptors and loudness from the file to the store, through the program.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use jukebox::analysis::SoundRecord;
use jukebox::sound::descriptors::VERSION;
use jukebox::sound::{Descriptors, Loudness};
use jukebox::store::Store;
use jukebox::track::TrackId;
use support::Home;

/// A home with two tones and two noises, 8 s each.
fn library() -> Home {
    Home::with_songs(&[("tones/t", "tone"), ("noises/n", "noise")], 2, 8.0)
}

/// Runs a scan; returns its output.
fn scan(home: &Home, more: &[&str]) -> String {
    let dir = home.music.display().to_string();
    home.run(&[&["scan", &dir], more].concat()).code(0).out
}

fn store(home: &Home) -> Store {
    Store::open(&home.home().join("data/store")).unwrap().store
}

fn sounds(home: &Home) -> Vec<(TrackId, SoundRecord)> {
    let mut all = Vec::new();
    store(home).sounds(&mut |track, bytes| all.push((track, SoundRecord::from_bytes(bytes).unwrap()))).unwrap();
    all
}

/// Overwrites the record of every track.
fn overwrite(home: &Home, record: &SoundRecord) {
    let all: Vec<_> = sounds(home).into_iter().map(|(track, _)| (track, record.to_bytes().unwrap())).collect();
    let store = store(home);
    store.put_sounds(&all).unwrap();
    store.flush().unwrap();
}

/// A record with values that are never computed.
fn planted() -> SoundRecord {
    let sound = Descriptors { energy: Some(0.123), onsets: Some(77.0), ..Descriptors::default() };
    SoundRecord { version: VERSION, loudness: Some(Loudness { lufs: Some(-7.5), range: None, peak: None }), sound }
}

#[test]
fn a_scan_leaves_descriptors_and_a_second_one_does_nothing() {
    let home = library();
    let first = scan(&home, &[]);
    assert!(first.contains("4 analysed") && first.contains("4 with descriptors, 0 with loudness"), "{first}");
    let found = sounds(&home);
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|(_, r)| r.described() && r.loudness.is_none()), "{found:?}");
    overwrite(&home, &planted());
    let again = scan(&home, &["--loudness"]);
    assert!(again.contains("; 0 analysed") && again.contains("4 with descriptors, 4 with loudness"), "{again}");
    assert!(sounds(&home).iter().all(|(_, r)| *r == planted()), "what was known was made again");
}

#[test]
fn another_encoder_listens_and_the_descriptors_stay() {
    let home = library();
    scan(&home, &[]);
    overwrite(&home, &planted());
    let store = store(&home);
    let generation = store.current().unwrap().unwrap();
    store.drop_generation(&generation).unwrap();
    store.flush().unwrap();
    drop(store);
    let again = scan(&home, &[]);
    assert!(again.contains("4 analysed"), "{again}");
    assert!(sounds(&home).iter().all(|(_, r)| *r == planted()), "the track's own was made again");
}

#[test]
fn descriptors_of_another_version_are_made_anew_and_the_loudness_stays() {
    let home = library();
    scan(&home, &[]);
    overwrite(&home, &SoundRecord { version: VERSION + 1, ..planted() });
    let again = scan(&home, &[]);
    assert!(again.contains("; 0 analysed") && again.contains("4 with descriptors, 4 with loudness"), "{again}");
    for (_, record) in sounds(&home) {
        assert_eq!((record.version, record.loudness), (VERSION, planted().loudness));
        assert_ne!(record.sound, planted().sound);
    }
}

#[test]
fn loudness_is_measured_when_it_is_asked_for() {
    let home = library();
    let scanned = scan(&home, &["--loudness"]);
    assert!(scanned.contains("4 with descriptors, 4 with loudness"), "{scanned}");
    for (_, record) in sounds(&home) {
        let loudness = record.loudness.unwrap();
        assert!((-40.0..0.0).contains(&loudness.lufs.unwrap()), "{loudness:?}");
        assert!((-20.0..3.0).contains(&loudness.peak.unwrap()), "{loudness:?}");
    }
    let doctor = home.run(&["doctor"]).out;
    assert!(doctor.contains("4 described, loudness of 4"), "{doctor}");
}
