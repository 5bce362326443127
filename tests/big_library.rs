//! Tests of the library used to measure scans: every file has its own sound, and the same seed generates the same
//! files.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../examples/big_library/library.rs"]
mod library;
#[path = "../examples/big_library/names.rs"]
mod names;
#[path = "../examples/big_library/ogg.rs"]
mod ogg;
#[path = "../examples/big_library/sound.rs"]
mod sound;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use jukebox::analysis::jobs::{self, Found, Job};
use jukebox::audio::decode::Decoder;
use jukebox::library::scan::walk;
use jukebox::track::Probe;

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    walk(dir, false, &mut |path, _| {
        out.insert(path.strip_prefix(dir).unwrap().to_owned(), std::fs::read(&path).unwrap());
    });
    out
}

fn probe(path: &Path) -> Result<Probe, String> {
    match jobs::run(Job::Probe { path: path.into() }).map_err(|e| e.to_string())? {
        Found::Probe { probe, .. } => Ok(*probe),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_file_has_a_sound_and_tags_of_its_own() {
    const FILES: usize = 2000;
    let dir = tempfile::tempdir().unwrap();
    let made = library::make(dir.path(), FILES, 7).unwrap();
    let files = files(dir.path());
    assert_eq!((made.files, files.len(), made.albums), (FILES, FILES, FILES / 10));
    let probes: Vec<_> = files.keys().map(|path| (path, probe(&dir.path().join(path)))).collect();
    let good: Vec<&Probe> = probes.iter().filter_map(|(_, p)| p.as_ref().ok()).collect();
    // A broken mp3 whose second half follows an invalid tag may still be readable.
    assert!(good.len() >= FILES - made.broken, "{} of {FILES}, {} broken", good.len(), made.broken);
    let tracks: HashSet<_> = good.iter().map(|p| p.track).collect();
    assert_eq!(tracks.len(), good.len());
    let untagged = good.iter().filter(|p| p.tags.title.is_none() || p.tags.album.is_none()).count();
    assert!(untagged <= made.broken, "{untagged} without tags");
    let codecs: HashSet<&str> = good.iter().map(|p| p.codec).collect();
    assert_eq!(codecs.len(), 6, "{codecs:?}");
    assert!(good.iter().any(|p| p.tags.genres.len() > 1) && good.iter().any(|p| p.tags.compilation));
    // One file of each kind is decoded.
    for kind in sound::KINDS {
        let of_kind =
            |p: &&(&PathBuf, Result<Probe, String>)| p.0.extension().is_some_and(|e| e == kind) && p.1.is_ok();
        let path = dir.path().join(probes.iter().find(of_kind).unwrap().0);
        let mut samples = Vec::new();
        assert!(Decoder::open(&path).and_then(|mut d| d.next(&mut samples)).is_ok_and(|more| more), "{path:?}");
    }
}

#[test]
fn the_same_seed_makes_the_same_files() {
    let make = |seed| {
        let dir = tempfile::tempdir().unwrap();
        library::make(dir.path(), 95, seed).unwrap();
        let mut files = files(dir.path());
        // The order of the frames in an ID3 tag is arbitrary.
        files.values_mut().for_each(|bytes| bytes.sort_unstable());
        files
    };
    assert_eq!(make(3), make(3));
    assert_ne!(make(3), make(4));
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("mine.mp3"), b"x").unwrap();
    assert!(library::make(dir.path(), 10, 1).is_err(), "it writes only where nothing is");
}
