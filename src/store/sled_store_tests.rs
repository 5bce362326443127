//! Tests of the store: values are read back as written, and damage is detected.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::super::values::tests::{file, latent};
use super::*;

fn refs(files: &[(PathBuf, FileRecord)]) -> impl Iterator<Item = (&Path, &FileRecord)> {
    files.iter().map(|(path, record)| (path.as_path(), record))
}

fn all_files(store: &Store) -> Result<Vec<(PathBuf, FileRecord)>, StoreError> {
    let mut out = Vec::new();
    store.files(&mut |path, record| out.push((path, record)))?;
    Ok(out)
}

fn generation(name: &str) -> Generation {
    name.parse().unwrap()
}

fn files(range: std::ops::Range<u8>) -> Vec<(PathBuf, FileRecord)> {
    range.map(|n| (PathBuf::from(format!("/m/{n:03}.flac")), file(n))).collect()
}

fn latents(range: std::ops::Range<u8>) -> Vec<(TrackId, LatentRecord)> {
    range.map(|n| (TrackId([n; 16]), latent(n))).collect()
}

fn sounds(range: std::ops::Range<u8>) -> Vec<(TrackId, Vec<u8>)> {
    range.map(|n| (TrackId([n; 16]), vec![n; usize::from(n)])).collect()
}

fn all_latents(store: &Store, generation: &Generation) -> Result<Vec<(TrackId, LatentRecord)>, StoreError> {
    let mut all = Vec::new();
    store.latents(generation, &mut |track, record| all.push((track, record)))?;
    Ok(all)
}

fn all_sounds(store: &Store) -> Result<Vec<(TrackId, Vec<u8>)>, StoreError> {
    let mut all = Vec::new();
    store.sounds(&mut |track, bytes| all.push((track, bytes.to_vec())))?;
    Ok(all)
}

/// Creates and closes a store in `dir/store` with 200 files, latents and sound records.
fn filled(dir: &Path) -> PathBuf {
    let path = dir.join("store");
    let Opened { store, notes } = Store::open(&path).unwrap();
    assert_eq!(notes, Vec::<String>::new());
    for start in [0u8, 50, 100, 150] {
        store.put_files(refs(&files(start..start + 50))).unwrap();
        store.put_latents(&generation("aa"), &latents(start..start + 50)).unwrap();
        store.put_sounds(&sounds(start..start + 50)).unwrap();
        store.flush().unwrap();
    }
    store.set_current(&generation("aa")).unwrap();
    path
}

fn snapshots(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap().map(|e| e.unwrap().path());
    entries.filter(|p| p.file_name().unwrap().to_string_lossy().starts_with("snap.")).collect()
}

fn set_aside_count(dir: &Path) -> usize {
    let names = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name());
    names.filter(|n| n.to_string_lossy().starts_with("store.corrupt-")).count()
}

#[test]
fn what_goes_in_comes_out_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    let Opened { store, notes } = Store::open(&path).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(all_files(&store).unwrap(), files(0..200));
    assert_eq!(all_latents(&store, &generation("aa")).unwrap(), latents(0..200));
    assert_eq!(all_sounds(&store).unwrap(), sounds(0..200));
    assert_eq!(all_latents(&store, &generation("bb")).unwrap(), []);
    assert_eq!(store.generations(), [generation("aa")], "asking makes no generation");
    assert_eq!(store.current().unwrap(), Some(generation("aa")));

    store.remove_files(&["/m/000.flac", "/m/unknown"]).unwrap();
    assert_eq!(all_files(&store).unwrap(), files(1..200));
    store.put_latents(&generation("bb"), &latents(0..3)).unwrap();
    assert_eq!(store.generations(), [generation("aa"), generation("bb")]);
    store.set_current(&generation("bb")).unwrap();
    store.drop_generation(&generation("aa")).unwrap();
    assert_eq!((store.generations(), store.current().unwrap()), (vec![generation("bb")], Some(generation("bb"))));
    store.drop_generation(&generation("bb")).unwrap();
    assert_eq!(store.current().unwrap(), None);
    assert_eq!(all_sounds(&store).unwrap().len(), 200, "they are no generation's");
}

#[test]
fn an_older_store_without_sounds_opens_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    let store = Store::open(&path).unwrap().store;
    assert!(store.trees.db.drop_tree("sounds").unwrap());
    drop(store);
    let Opened { store, notes } = Store::open(&path).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!((all_files(&store).unwrap(), all_sounds(&store).unwrap()), (files(0..200), vec![]));
    store.put_sounds(&sounds(3..5)).unwrap();
    assert_eq!(all_sounds(&store).unwrap(), sounds(3..5));
}

#[test]
fn paths_are_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("store")).unwrap().store;
    let odd = PathBuf::from(OsStr::from_bytes(b"/m/\xff\xfe \xe9.mp3"));
    store.put_files([(odd.as_path(), &file(1))]).unwrap();
    assert_eq!(all_files(&store).unwrap(), [(odd, file(1))]);
}

#[test]
fn a_bad_value_spoils_the_whole_batch_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("store")).unwrap().store;
    let mut batch = latents(0..3);
    batch[2].1.mean[0] = f32::NAN;
    assert!(matches!(store.put_latents(&generation("aa"), &batch), Err(StoreError::Value(ValueError::NotFinite))));
    assert_eq!(all_latents(&store, &generation("aa")).unwrap(), []);
    let long = [(TrackId([0; 16]), vec![1]), (TrackId([1; 16]), vec![1; 5000])];
    assert!(matches!(store.put_sounds(&long), Err(StoreError::Value(ValueError::Shape))));
    assert_eq!(all_sounds(&store).unwrap(), []);
}

#[test]
fn only_one_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let first = Store::open(&path).unwrap();
    match Store::open(&path) {
        Err(e @ StoreError::Held { pid }) => {
            assert_eq!(pid, Some(std::process::id()));
            assert!(e.to_string().contains("another jukebox"));
        }
        other => panic!("{other:?}"),
    }
    let reopened = first.store.reopen().unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::Held { .. })), "reopening keeps the lock");
    drop(reopened);
    Store::open(&path).unwrap();
}

#[test]
fn an_unfinished_or_damaged_snapshot_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    fs::write(path.join("snap.FFFFFFFFFFFFFFFF.generating"), b"").unwrap();
    let Opened { store, notes } = Store::open(&path).unwrap();
    assert_eq!(all_files(&store).unwrap().len(), 200);
    assert_eq!(notes.len(), 1, "{notes:?}");
    drop(store);

    let found = snapshots(&path);
    assert!(!found.is_empty());
    for snapshot in found {
        fs::write(snapshot, b"").unwrap();
    }
    let Opened { store, notes } = Store::open(&path).unwrap();
    assert!(notes[0].contains("recovered from its log"), "{notes:?}");
    assert_eq!(
        (all_files(&store).unwrap(), all_latents(&store, &generation("aa")).unwrap()),
        (files(0..200), latents(0..200))
    );
    assert_eq!(set_aside_count(dir.path()), 0);
}

#[test]
fn another_format_is_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    let store = Store::open(&path).unwrap().store;
    store.trees.meta.insert(super::super::trees::FORMAT_KEY, &99u32.to_be_bytes()).unwrap();
    drop(store);
    let Opened { store, notes } = Store::open(&path).unwrap();
    assert!(notes[0].contains("format is 99"), "{notes:?}");
    assert_eq!(all_files(&store).unwrap(), []);
    assert_eq!(set_aside_count(dir.path()), 1);
}

#[test]
fn a_record_that_cannot_be_read_is_damage_and_has_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    let store = Store::open(&path).unwrap().store;
    store.trees.files.insert("/m/x", b"rubbish").unwrap();
    let Err(StoreError::Damaged(why)) = all_files(&store) else { panic!("rubbish was read") };
    let Opened { store, notes } = store.set_aside_and_reopen(&why).unwrap();
    assert!(notes[0].contains("set aside as"), "{notes:?}");
    assert_eq!(all_files(&store).unwrap(), []);
    store.put_files(refs(&files(0..2))).unwrap();
    // Setting aside twice within the same second still keeps only the newest copy.
    let again = store.set_aside_and_reopen("again").unwrap();
    assert_eq!(all_files(&again.store).unwrap(), []);
    assert_eq!(set_aside_count(dir.path()), 1);
}

/// A directory in memory, where there is one: what is not about the disk need not wait for it.
fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Damages the database file in various ways. Opening never fails or panics; reading returns valid records or reports
/// damage, after which an empty store can replace it.
#[test]
fn no_damage_gets_the_better_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let whole = filled(dir.path());
    let entries = fs::read_dir(&whole).unwrap().map(|e| e.unwrap()).filter(|e| e.file_type().unwrap().is_file());
    let mut parts: Vec<_> = entries.map(|e| (e.file_name(), fs::read(e.path()).unwrap())).collect();
    let db = parts.remove(parts.iter().position(|(name, _)| name == "db").unwrap()).1;
    // Most of the file is unused space, where damage would have no effect; it is not written but left as a hole.
    let used = db.iter().rposition(|b| *b != 0).unwrap();
    let true_files: HashMap<_, _> = files(0..200).into_iter().collect();
    let true_latents: HashMap<_, _> = latents(0..200).into_iter().collect();
    let true_sounds: HashMap<_, _> = sounds(0..200).into_iter().collect();
    let mut random = fastrand::Rng::with_seed(11);
    for round in 0..376 {
        let case = in_memory();
        let path = case.path().join("store");
        fs::create_dir_all(path.join("blobs")).unwrap();
        for (name, bytes) in &parts {
            fs::write(path.join(name), bytes).unwrap();
        }
        let (mut bytes, mut length) = (db[..=used].to_vec(), db.len());
        match round % 3 {
            // Once: nothing of it is left to chance.
            _ if round == 375 => {
                length = used / 2;
                snapshots(&path).iter().for_each(|s| fs::remove_file(s).unwrap());
            }
            0 => length = random.usize(..used),
            1 => bytes[random.usize(..used)] ^= 1 << random.u8(..8),
            _ => {
                let at = random.usize(..used);
                let end = (at + 4096).min(bytes.len());
                bytes[at..end].fill(0);
            }
        }
        bytes.truncate(length);
        fs::write(path.join("db"), bytes).unwrap();
        fs::File::options().write(true).open(path.join("db")).unwrap().set_len(length as u64).unwrap();
        let Opened { store, notes } = Store::open(&path).unwrap_or_else(|e| panic!("round {round}: {e}"));
        let read =
            all_files(&store).and_then(|f| Ok((f, all_latents(&store, &generation("aa"))?, all_sounds(&store)?)));
        match read {
            Ok((f, l, s)) => {
                assert!(s.iter().all(|(track, bytes)| true_sounds.get(track) == Some(bytes)), "round {round}");
                assert!(f.iter().all(|(path, record)| true_files.get(path) == Some(record)), "round {round}");
                assert!(l.iter().all(|(track, record)| true_latents.get(track) == Some(record)), "round {round}");
                // sled may silently drop data after the damage, as after an interrupted write. Records may be lost,
                // which a scan repairs, but never wrong.
                if notes.iter().any(|n| n.contains("set aside")) {
                    assert!(f.is_empty() && l.is_empty(), "round {round}: {notes:?}");
                }
            }
            Err(StoreError::Damaged(why)) => {
                let fresh = store.set_aside_and_reopen(&why).unwrap();
                assert_eq!(all_files(&fresh.store).unwrap(), []);
                fresh.store.put_files(refs(&files(0..5))).unwrap();
                fresh.store.flush().unwrap();
            }
            Err(e) => panic!("round {round}: {e}"),
        }
    }
}
