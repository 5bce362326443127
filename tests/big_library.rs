//! Tests of the library used to measure scans: every file has its own sound, the same seed generates the same files, and
//! a home can be filled as if all of them had been listened to.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../examples/big_library/heard.rs"]
mod heard;
#[path = "../examples/big_library/library.rs"]
mod library;
#[path = "../examples/big_library/names.rs"]
mod names;
#[path = "../examples/big_library/ogg.rs"]
mod ogg;
#[path = "../examples/big_library/options.rs"]
mod options;
#[path = "../examples/big_library/sound.rs"]
mod sound;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use jukebox::analysis::jobs::{self, Found, Job};
use jukebox::analysis::model::Model;
use jukebox::analysis::shelf::Shelf;
use jukebox::audio::decode::Decoder;
use jukebox::library::Song;
use jukebox::library::scan::walk;
use jukebox::paths::Paths;
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

#[test]
fn a_home_is_filled_as_if_everything_had_been_listened_to() {
    let (dir, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    library::make(dir.path(), 120, 5).unwrap();
    let songs = heard::fill(dir.path(), home.path(), 5).unwrap();
    let paths = Paths::under(home.path());
    let model = Model::in_use(&paths).unwrap();
    let (shelf, notes) = Shelf::open(&paths.store(), model.generation().unwrap()).unwrap();
    let catalog = shelf.catalog(Path::new("/"));
    assert_eq!((notes, catalog.songs().len()), (Vec::<String>::new(), songs));
    assert!(songs > 100, "{songs}");
    assert!(catalog.tracks().all(|t| shelf.heard(t) && shelf.described(t) && shelf.measured(t)));
    // Tracks of an album are more alike than others.
    let far = |a: &Song, b: &Song| {
        let (a, b) = (shelf.latent(a.track).unwrap(), shelf.latent(b.track).unwrap());
        a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
    };
    let (mut within, mut between) = ((0.0, 0.0), (0.0, 0.0));
    for (nth, a) in catalog.songs().iter().enumerate() {
        for b in &catalog.songs()[nth + 1..] {
            let sum = if a.path.parent() == b.path.parent() { &mut within } else { &mut between };
            *sum = (sum.0 + far(a, b), sum.1 + 1.0);
        }
    }
    let (within, between) = (within.0 / within.1, between.0 / between.1);
    assert!(within < 0.8 * between, "{within} {between}");
    let (first, makeup) = (&catalog.songs()[0], heard::Makeup::new(5, 50));
    let (latent, ..) = makeup.of(first);
    assert_eq!(latent, makeup.of(first).0);
    assert_ne!(latent, heard::Makeup::new(6, 50).of(first).0);
    assert!(latent.tags.len() == 50 && latent.tags.iter().all(|p| (0.0..=1.0).contains(p)));
}

#[test]
fn options_are_no_directories() {
    let read = |line: &str| options::Options::read(line.split_whitespace().map(Into::into));
    let some = |home: Option<&str>| {
        Some(options::Options { dir: "d".into(), files: 200, seed: 3, home: home.map(Into::into) })
    };
    assert_eq!(read("d 200 3"), Ok(some(None)));
    assert_eq!(read("--home h d 200 3"), Ok(some(Some("h"))));
    assert_eq!((read("--help"), read("d -h")), (Ok(None), Ok(None)));
    for wrong in ["", "--halp", "d x", "d 1 2 3", "d --home"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}
