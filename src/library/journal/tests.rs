use std::fs;

use super::*;
use std::os::unix::fs::PermissionsExt;

fn entry(n: u8) -> Entry {
    let track = TrackId([n; 16]);
    let event = match n % 3 {
        _ if n == 3 => Event::Rated { track, rating: Some(60) },
        0 => Event::Skipped { track, secs: f64::from(n) / 8.0 },
        _ => Event::Played { track, secs: f64::from(n) * 17.3, whole: n.is_multiple_of(2) },
    };
    Entry { at: 1_700_000_000 + u64::from(n), event }
}

fn entries(n: u8) -> Vec<Entry> {
    (0..n).map(entry).collect()
}

fn bytes(n: u8) -> Vec<u8> {
    entries(n).iter().flat_map(|e| line(e).unwrap()).collect()
}

/// Opens a journal; returns also its entries and the number of notes.
fn opened(path: &Path) -> (Journal, Vec<Entry>, usize) {
    let (journal, entries, notes) = Journal::open(path).unwrap();
    (journal, entries, notes.len())
}

fn aside(dir: &Path) -> Vec<u8> {
    let files = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<_> = files.filter(|p| p.to_string_lossy().contains(".damaged-")).collect();
    files.sort();
    files.iter().flat_map(|p| fs::read(p).unwrap()).collect()
}

#[test]
fn the_format_stays() {
    let text = String::from_utf8(line(&entry(1)).unwrap()).unwrap();
    let json =
        r#"{"at":1700000001,"event":"played","track":"01010101010101010101010101010101","secs":17.3,"whole":false}"#;
    assert_eq!(text, format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes())));
}

#[test]
fn what_was_written_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data/journal.jsonl");
    let (mut journal, none, notes) = opened(&path);
    assert_eq!((none, notes), (vec![], 0));
    entries(5).iter().for_each(|e| journal.append(e).unwrap());
    let bad = Entry { at: 1, event: Event::Skipped { track: TrackId([0; 16]), secs: f64::NAN } };
    assert_eq!(journal.append(&bad).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    drop(journal);
    let (mut journal, read, notes) = opened(&path);
    assert_eq!((read, notes), (entries(5), 0));
    journal.append(&entry(5)).unwrap();
    drop(journal);
    assert_eq!(opened(&path).1, entries(6));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn syncing_is_rare_and_only_when_needed() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _, _) = opened(&dir.path().join("journal.jsonl"));
    let at = Duration::from_millis;
    assert!(!journal.sync_if_due(at(0)).unwrap());
    journal.append(&entry(0)).unwrap();
    assert!(journal.sync_if_due(at(10)).unwrap());
    journal.append(&entry(1)).unwrap();
    assert!(!journal.sync_if_due(at(1009)).unwrap());
    assert!(journal.sync_if_due(at(1010)).unwrap());
    assert!(!journal.sync_if_due(at(9000)).unwrap());
}

#[test]
fn cut_anywhere_every_whole_line_remains() {
    let whole = bytes(6);
    for cut in 0..=whole.len() {
        let left = whole[..cut].iter().filter(|b| **b == b'\n').count();
        let recovered = recover(&whole[..cut]);
        assert_eq!(recovered.entries, entries(left as u8), "cut at {cut}");
        assert!(recovered.foreign.is_empty() && recovered.damaged.len() <= 1);
    }
}

#[test]
fn flip_any_bit_and_only_its_line_is_lost() {
    let whole = bytes(6);
    for bit in 0..8 * whole.len() {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let recovered = recover(&damaged);
        let before = whole[..bit / 8].iter().filter(|b| **b == b'\n').count();
        assert_eq!(recovered.entries[..before], entries(6)[..before], "bit {bit}: the lines before it");
        assert!(recovered.entries.iter().all(|e| entries(6).contains(e)), "bit {bit}: nothing is invented");
        // A flipped line feed also costs the next line.
        assert!(recovered.entries.len() >= 4, "bit {bit}");
        assert!(!recovered.damaged.is_empty(), "bit {bit}: it is noticed");
        let sum = |ranges: &[Range<usize>]| ranges.iter().map(|r| r.len()).sum::<usize>();
        assert_eq!(sum(&recovered.good) + sum(&recovered.damaged), whole.len(), "bit {bit}: no byte goes missing");
    }
}

#[test]
fn a_torn_end_is_kept_aside_and_written_over() {
    let whole = bytes(4);
    for cut in (0..whole.len()).step_by(23) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        fs::write(&path, &whole[..cut]).unwrap();
        let (mut journal, read, notes) = opened(&path);
        let torn = !whole[..cut].is_empty() && whole[cut - 1] != b'\n';
        assert_eq!(notes, usize::from(torn), "cut at {cut}");
        let mut expected = read.clone();
        expected.push(entry(9));
        journal.append(&entry(9)).unwrap();
        drop(journal);
        assert_eq!(opened(&path).1, expected);
        let kept = [fs::read(&path).unwrap(), aside(dir.path())].concat();
        assert_eq!(kept.len(), cut + line(&entry(9)).unwrap().len(), "cut at {cut}: no byte is lost");
    }
}

#[test]
fn damage_in_the_middle_costs_one_line_and_is_mended_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.jsonl");
    let mut damaged = bytes(6);
    let third = bytes(2).len();
    damaged[third + 30] ^= 4;
    fs::write(&path, &damaged).unwrap();
    let expected: Vec<Entry> = entries(6).into_iter().filter(|e| *e != entry(2)).collect();
    let (_, read, notes) = opened(&path);
    assert_eq!((&read, notes), (&expected, 1));
    assert_eq!(aside(dir.path()), damaged[third..bytes(3).len()]);
    assert_eq!(opened(&path).2, 0);
    // Damaged again within the same second: the first saved file is not overwritten.
    fs::write(&path, b"rubbish\n").unwrap();
    let (_, read, _) = opened(&path);
    assert_eq!((read, aside(dir.path()).len()), (vec![], line(&entry(2)).unwrap().len() + 8));
}

#[test]
fn compaction_keeps_what_it_is_told_and_what_it_cannot_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.jsonl");
    let json = r#"{"at":9,"event":"loved","track":"x"}"#;
    let foreign = format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()));
    fs::write(&path, [bytes(4), foreign.clone().into_bytes()].concat()).unwrap();
    let (mut journal, read, notes) = opened(&path);
    assert_eq!((read, notes), (entries(4), 0), "what only a later jukebox knows is no damage");
    journal.compact(&[entry(2), entry(3)]).unwrap();
    journal.append(&entry(4)).unwrap();
    drop(journal);
    assert_eq!(opened(&path).1, [entry(2), entry(3), entry(4)]);
    assert!(fs::read_to_string(&path).unwrap().contains(&foreign));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn every_event_survives_its_line() {
    let track = TrackId([1; 16]);
    let events = [
        Event::Rated { track, rating: Some(80) },
        Event::Rated { track, rating: None },
        Event::Loved { track, loved: true },
        Event::Kept { track },
        Event::Removed { track },
        Event::Judged { track, verdict: super::Verdict::Skipped, among: vec![track, TrackId([3; 16])] },
        Event::OddOne { tracks: vec![track; 3], odd: 1, held_out: true },
        Event::TasteLess { dim: 33 },
        Event::TasteUndone,
        Event::TasteReset,
        Event::Counted { track, source: "mpd".into(), plays: 7, skips: 0, last: Some(9) },
    ];
    for event in events {
        let entry = Entry { at: 5, event };
        assert_eq!(recover(&line(&entry).unwrap()).entries, [entry]);
    }
}

/// A file on a disk with room for `room` bytes, which may also refuse truncation.
#[derive(Debug)]
struct Full {
    file: fs::File,
    room: u64,
    shortens: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Ground for Full {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let fits = (self.room.saturating_sub(self.file.metadata()?.len()) as usize).min(bytes.len());
        io::Write::write_all(&mut self.file, &bytes[..fits])?;
        if fits < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn len(&self) -> io::Result<u64> {
        Ground::len(&self.file)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        match self.shortens.load(std::sync::atomic::Ordering::SeqCst) {
            true => self.file.set_len(len),
            false => Err(io::ErrorKind::PermissionDenied.into()),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn half_a_line_never_spoils_the_next_one() {
    let whole = bytes(3);
    let two = bytes(2).len() as u64;
    // The disk fills up at every byte of the third line; truncation may fail as well.
    for room in two..whole.len() as u64 {
        for shortens in [true, false] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("journal.jsonl");
            let (mut journal, ..) = opened(&path);
            let shorten = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(shortens));
            let file = private::options().append(true).open(&path).unwrap();
            journal.file = Box::new(Full { file, room, shortens: shorten.clone() });
            for n in 0..2 {
                journal.append(&entry(n)).unwrap();
            }
            assert_eq!(journal.append(&entry(2)).unwrap_err().kind(), io::ErrorKind::StorageFull);
            let left = fs::read(&path).unwrap().len() as u64;
            assert_eq!(left, if shortens { two } else { room }, "full at {room}");
            // Still full, and truncation still fails: nothing is appended to the partial line.
            assert!(journal.append(&entry(2)).is_err());
            shorten.store(true, std::sync::atomic::Ordering::SeqCst);
            journal.file = Box::new(private::options().append(true).open(&path).unwrap());
            journal.append(&entry(2)).unwrap();
            drop(journal);
            assert_eq!(fs::read(&path).unwrap(), whole, "full at {room}");
        }
    }
}
