//! Upgrades an installation of a version that identified tracks by only the two ends of their sound: with the new
//! identities, no user data and no analysis results are lost.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use jukebox::analysis::model::{self, Model};
use jukebox::audio::probe::probe;
use jukebox::library::journal::{Entry, Event, Journal};
use jukebox::paths::Paths;
use jukebox::store::{FileRecord, ImageCache, LatentRecord, Opened, Outcome, Store};
use jukebox::track::TrackId;
use support::{Home, wav};

/// Seconds of silence at both ends of a take: more than the former identity covered.
const SILENCE: f32 = 3.0;

/// Writes a take between silences; returns its path.
fn take(home: &Home, name: &str, seed: u32) -> PathBuf {
    let (quiet, sound) = (wav("silence", SILENCE, 1), wav("noise", 4.0, seed));
    let data = [&quiet[44..], &sound[44..], &quiet[44..]].concat();
    let mut out = quiet[..40].to_vec();
    out[4..8].copy_from_slice(&(36 + data.len() as u32).to_le_bytes());
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
    let path = home.music.join(name);
    fs::write(&path, out).unwrap();
    path
}

fn records(store: &Store) -> HashMap<PathBuf, FileRecord> {
    let mut records = HashMap::new();
    store.files(&mut |path, record| drop(records.insert(path, record))).unwrap();
    records
}

fn scan(home: &Home) {
    home.run(&["scan", "--tags-only", &home.music.display().to_string()]).code(0);
}

fn found(home: &Home, filter: &str) -> Vec<String> {
    let out = home.run(&["search", filter]).code(0).out;
    out.lines().map(|line| Path::new(line).file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn what_was_made_and_heard_under_former_identities_stays() {
    let home = Home::new();
    let (one, two) = (take(&home, "take 1.wav", 1), take(&home, "take 2.wav", 2));
    let other = home.wav("other.wav", "tone", 4.0, 3);
    let ids = |path: &Path| probe(path).map(|sound| (sound.track, sound.former)).unwrap();
    let [(one, twin), (two, also), (other, lone)] = [&one, &two, &other].map(|path| ids(path));
    assert!(twin == also && one != two, "the former identity could not tell the takes apart");
    scan(&home);

    // The store as the previous version left it: every file under its former identity, embedded and described.
    let store = home.home().join("data/store");
    let generation = Model::shipped().unwrap().generation().unwrap();
    let heard = |value| LatentRecord {
        mean: [value; 32],
        spread: [0.5; 32],
        segments: 3,
        genres: Vec::new(),
        tags: Vec::new(),
    };
    {
        let Opened { store, .. } = Store::open(&store).unwrap();
        let mut all = records(&store);
        for record in all.values_mut() {
            if let Outcome::Probed(probe) = &mut record.outcome {
                probe.track = probe.former;
            }
        }
        store.put_files(all.iter().map(|(path, record)| (path.as_path(), record))).unwrap();
        store.put_latents(&generation, &[(twin, heard(0.25)), (lone, heard(0.75))]).unwrap();
        store.put_sounds(&[(lone, vec![0, 0])]).unwrap();
        store.set_current(&generation).unwrap();
    }
    let input = Model::shipped().unwrap().input();
    let file = model::images(&Paths::under(&home.home()), input);
    let image = vec![7; input.bytes()];
    ImageCache::open(&file, input.bytes()).unwrap().put(lone, &[&image]).unwrap();
    let (mut journal, ..) = Journal::open(&home.home().join("data/journal.jsonl")).unwrap();
    let played = |track| Event::Played { track, secs: 60.0, whole: true };
    let events = [
        played(lone),
        played(lone),
        played(twin),
        Event::Rated { track: twin, rating: Some(80) },
        Event::Loved { track: lone, loved: true },
    ];
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    (now - 9..).zip(events).for_each(|(at, event)| journal.append(&Entry { at, event }).unwrap());
    drop(journal);
    let lists = home.home().join("data/playlists");
    fs::create_dir_all(&lists).unwrap();
    let list = |track: TrackId| format!("#EXTM3U\n#JUKEBOX:{track}\n/moved/away.wav\n");
    fs::write(lists.join("mine.m3u8"), list(lone)).unwrap();
    let before = fs::read(home.home().join("data/journal.jsonl")).unwrap();

    // Everything is available even before files are probed again.
    assert_eq!(found(&home, "rating=80").len(), 2);
    scan(&home);

    let Opened { store, .. } = Store::open(&store).unwrap();
    let tracks: Vec<TrackId> = records(&store)
        .values()
        .map(|record| match &record.outcome {
            Outcome::Probed(probe) => probe.track,
            Outcome::Failed { why, .. } => panic!("{why}"),
        })
        .collect();
    assert!([one, two, other].iter().all(|track| tracks.contains(track)), "{tracks:?}");
    let mut latents = HashMap::new();
    store.latents(&generation, &mut |track, record| latents.extend([(track, record.mean[0])])).unwrap();
    assert_eq!(latents.get(&other), Some(&0.75), "nothing is heard again for its new name");
    assert!(!latents.contains_key(&one) && !latents.contains_key(&two), "whose sound it was nobody knows");
    let mut described = Vec::new();
    store.sounds(&mut |track, _| described.push(track)).unwrap();
    assert_eq!(described, [other]);
    drop(store);
    let cache = ImageCache::open_read(&file, input.bytes()).unwrap();
    assert_eq!((cache.get(other).unwrap(), cache.contains(lone)), (Some(vec![image]), false));

    let mut rated = found(&home, "rating=80");
    rated.sort();
    assert_eq!(rated, ["take 1.wav", "take 2.wav"], "both were shown with it before");
    assert_eq!(
        (found(&home, "plays=2"), found(&home, "loved=1")),
        (vec!["other.wav".into()], vec!["other.wav".into()])
    );
    let stats = home.run(&["stats"]).code(0).out;
    assert!(stats.contains("3 listened to") && !stats.contains("not in the library"), "{stats}");
    let check = home.run(&["playlist", "check", "mine"]).code(0).out;
    assert!(check.contains("1 moved"), "{check}");
    assert_eq!(fs::read(home.home().join("data/journal.jsonl")).unwrap(), before, "the journal is never rewritten");
    let said = home.run(&["duplicates"]).code(0);
    assert!(said.err.contains("no duplicates"), "{}{}", said.out, said.err);
}

#[test]
fn a_library_that_was_moved_is_told_of_once() {
    let home = Home::new();
    for n in 0..3 {
        home.wav(&format!("album/tone{n}.wav"), "tone", 2.0, n);
    }
    scan(&home);
    let moved = home.dir.path().canonicalize().unwrap().join("elsewhere");
    fs::rename(&home.music, &moved).unwrap();
    let away = home.run(&["search", ""]).code(1);
    assert!(away.out.is_empty() && away.err.contains("3 tracks are left out"), "{}", away.err);
    home.run(&["scan", "--tags-only", &moved.display().to_string()]).code(0);
    let told = home.run(&["search", ""]).code(0);
    assert!(told.out.lines().count() == 3 && told.out.lines().all(|line| Path::new(line).starts_with(&moved)));
    assert!(!told.err.contains("left out"), "{}", told.err);
    // Through a link, the same files have other names.
    std::os::unix::fs::symlink(&moved, &home.music).unwrap();
    assert_eq!(home.run(&["search", ""]).code(0).out, told.out);
    let said = home.run(&["duplicates", "--paths"]).code(0);
    assert_eq!(said.out, "");
    // A playlist with the old paths is exported with the new ones.
    fs::remove_file(&home.music).unwrap();
    let list = home.dir.path().join("old.m3u8");
    let track = probe(&moved.join("album/tone1.wav")).unwrap().track;
    let old = home.music.join("album/tone1.wav");
    fs::write(&list, format!("#EXTM3U\n#JUKEBOX:{track}\n{}\n/nowhere/x.mp3\n", old.display())).unwrap();
    home.run(&["playlist", "import", &list.display().to_string()]).code(0);
    let out = home.dir.path().join("out.m3u8");
    let said = home.run(&["playlist", "export", "old", &out.display().to_string(), "--absolute"]).code(0);
    assert!(said.err.contains("1 of them is missing"), "{}", said.err);
    let text = fs::read_to_string(&out).unwrap();
    assert!(
        text.contains(&*moved.join("album/tone1.wav").to_string_lossy()) && text.contains("/nowhere/x.mp3"),
        "{text}"
    );
}
