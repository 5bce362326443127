use super::*;
use crate::analysis::model::images;
use crate::sound::{Descriptors, Loudness};
use crate::store::{FileRecord, ImageCache, Outcome as Known};
use crate::track::{Stat, TAGS_VERSION, Tags, TrackId};
use crate::training::Part;

/// A home whose library has so many tracks by an artist each, with an image of a patch and, but for the first, descriptors
/// and loudness.
fn home(tracks: u8) -> (tempfile::TempDir, Paths) {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::under(dir.path());
    let generation = Model::in_use(&paths).unwrap().generation().unwrap();
    let (mut shelf, _) = Shelf::open(&paths.store(), generation).unwrap();
    let mut cache = ImageCache::open(&images(&paths, Input::Patch), Input::Patch.bytes()).unwrap();
    for n in 0..tracks {
        let track = TrackId([n; 16]);
        let (artist, genres) = (Some(format!("Artist {n}").into()), ["Rock".to_string()].into_iter().collect());
        let probe = Probe {
            track,
            former: track,
            secs: 9.0,
            rate: 44_100,
            channels: 2,
            codec: "mp3",
            tags: Tags { artist, genres, ..Tags::default() }.into(),
            tag_fault: None,
        };
        let record = FileRecord {
            stat: Stat { dev: 1, ino: n.into(), size: 1, mtime_ns: 1, ctime_ns: 1 },
            outcome: Known::Probed(probe),
            listen_fault: None,
            added: 0,
            tags_version: TAGS_VERSION,
            gone_since: None,
        };
        shelf.put_file(format!("/m/{n}.mp3").into(), record);
        if n > 0 {
            shelf.put_sound(track, Descriptors { brightness: Some(1000.0 + f32::from(n)), ..Descriptors::default() });
            shelf.put_loudness(track, Loudness { lufs: Some(-14.0 - f32::from(n)), ..Loudness::default() });
        }
        cache.put(track, &[vec![n; Input::Patch.bytes()]]).unwrap();
    }
    shelf.flush().unwrap();
    (dir, paths)
}

#[test]
fn a_snapshot_of_the_store_has_descriptors_if_they_are_asked_for() {
    let (dir, paths) = home(3);
    let file = dir.path().join("snapshot.jsonl");
    let take = |describe| take_snapshot(&file, describe, &Config::default(), &paths);
    assert_eq!(take(false).unwrap(), 3);
    let bare = snapshot::entries(&file).unwrap();
    assert!(bare.len() == 3 && bare.iter().all(|entry| entry.descriptors.is_empty()), "{bare:?}");
    assert_eq!(take(true).unwrap(), 3);
    let known = |name: &str| -> Vec<Option<f32>> {
        snapshot::entries(&file).unwrap().iter().map(|entry| entry.descriptors.get(name).copied()).collect()
    };
    assert_eq!(known("brightness"), [None, Some(1001.0), Some(1002.0)]);
    assert_eq!((known("loudness"), known("tempo")), (vec![None, Some(-15.0), Some(-16.0)], vec![None; 3]));
}

#[test]
fn a_library_is_read_with_descriptors_from_a_snapshot_that_has_them() {
    let (dir, paths) = home(100);
    let run = dir.path().join("run");
    let read =
        |describe: bool| read("library", Input::Patch, Purpose::Learn { describe }, &run, &Config::default(), &paths);
    assert!(read(false).unwrap().clips.descriptors.is_empty());
    // The snapshot was taken without.
    let said = read(true).unwrap_err().to_string();
    assert!(said.contains("--describe: library has descriptors of 0 tracks to train on"), "{said}");
    forget_snapshot("tree:/m", &run).unwrap();
    assert!(read(true).is_err(), "that of other data is left alone");
    forget_snapshot("library", &run).unwrap();
    let set = read(true).unwrap();
    assert_eq!(set.clips.descriptor_names, ["brightness", "loudness"]);
    assert_eq!((set.clips.len(), set.clips.descriptors.len()), (100, 200));
    let known = set.clips.descriptors.chunks_exact(2).filter(|row| row[0].is_finite() && row[1].is_finite());
    assert_eq!(known.count(), 99);
    assert!(!set.part(Part::Validation).descriptors.is_empty());
    forget_snapshot("library", &run).unwrap();
    forget_snapshot("library", &run).unwrap();
}
