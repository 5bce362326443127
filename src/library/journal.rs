//! The user's journal: what was played and skipped, for ever. The one file of jukebox that cannot be made again.
//!
//! Append-only text; a line is the CRC-32 of what follows in eight hexadecimal digits, a space, and JSON:
//! `1c291ca3 {"at":1700000000,"event":"played","track":"01…","secs":201.5,"whole":true}`. Every line stands for itself: a
//! torn or damaged one is set aside in `journal.damaged-<unix>` and costs the others nothing. Only the process that
//! holds the store opens it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::store::private;
use crate::track::TrackId;

/// Lines are synced to the disk at most this often.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When it ended, seconds since the Unix epoch.
    pub at: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What the user did. Kept by track, so that renaming, moving and retagging lose nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A track was listened to.
    Played {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// Seconds heard.
        secs: f64,
        /// Whether to its end.
        whole: bool,
    },
    /// A track was turned away.
    Skipped {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// Seconds heard before.
        secs: f64,
    },
}

/// Track ids as hexadecimal text, so that people can search their journal.
mod hex {
    use super::*;

    pub(super) fn serialize<S: Serializer>(track: &TrackId, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(track)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TrackId, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The journal, open for appending.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    end: u64,
    /// Lines written and not yet synced.
    unsynced: bool,
    synced_at: Option<Duration>,
    /// Whole lines of a later jukebox, which this one cannot read and must not lose.
    foreign: Vec<u8>,
}

impl Journal {
    /// Opens the journal, creating it (0600) where there is none: its entries in order, and in plain words what had to
    /// be mended. Whatever is damaged is first kept in `journal.damaged-<unix>` beside it.
    ///
    /// # Errors
    /// The system's; nothing is then lost.
    pub fn open(path: &Path) -> io::Result<(Journal, Vec<Entry>, Vec<String>)> {
        let parent = path.parent().unwrap_or(Path::new("."));
        private::dir(parent)?;
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(e),
        };
        let recovered = recover(&bytes);
        let mut notes = Vec::new();
        let mut end = bytes.len() as u64;
        if !recovered.damaged.is_empty() {
            let aside = set_aside(path, &gather(&bytes, &recovered.damaged))?;
            let good = gather(&bytes, &recovered.good);
            private::replace(path, &good)?;
            end = good.len() as u64;
            notes.push(format!(
                "{} of the journal's lines could be read; {} bytes that could not were kept in {}",
                recovered.good.len(),
                bytes.len() - good.len(),
                aside.display()
            ));
        }
        let foreign = gather(&bytes, &recovered.foreign);
        let file = private::options().append(true).create(true).open(path)?;
        private::sync_dir(parent)?;
        let journal = Journal { path: path.to_owned(), file, end, unsynced: false, synced_at: None, foreign };
        Ok((journal, recovered.entries, notes))
    }

    /// Writes an entry. It survives the process at once, and the machine after the next sync.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] for seconds that are no number; the system's, after which the journal is as it
    /// was before.
    pub fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let line = line(entry)?;
        if let Err(e) = self.file.write_all(&line) {
            // A full disk leaves half a line: the next one must not be glued to it.
            self.file.set_len(self.end)?;
            return Err(e);
        }
        self.end += line.len() as u64;
        self.unsynced = true;
        Ok(())
    }

    /// Syncs what was written to the disk, unless nothing was or the last sync was less than a second ago. `now` is a
    /// [`Clock`](crate::clock::Clock)'s. Whether it synced.
    ///
    /// # Errors
    /// The system's; the next call tries again.
    pub fn sync_if_due(&mut self, now: Duration) -> io::Result<bool> {
        let recent = self.synced_at.is_some_and(|at| now.saturating_sub(at) < SYNC_EVERY);
        if !self.unsynced || recent {
            return Ok(false);
        }
        self.synced_at = Some(now);
        self.sync()?;
        Ok(true)
    }

    /// Syncs what was written to the disk, now: when playing stops, and at the end.
    ///
    /// # Errors
    /// The system's.
    pub fn sync(&mut self) -> io::Result<()> {
        if self.unsynced {
            self.file.sync_data()?;
            self.unsynced = false;
        }
        Ok(())
    }

    /// Replaces everything by these entries, at once or not at all: the caller has left out or merged what it no longer
    /// needs. Lines of a later jukebox stay.
    ///
    /// # Errors
    /// As [`Journal::append`]; the journal is then as it was before.
    pub fn compact(&mut self, keep: &[Entry]) -> io::Result<()> {
        let mut bytes = self.foreign.clone();
        for entry in keep {
            bytes.extend(line(entry)?);
        }
        let replaced = private::replace(&self.path, &bytes);
        // Whether or not it got as far as the new file: go on with the one that stands there.
        let file = private::options().append(true).create(true).open(&self.path)?;
        self.end = file.metadata()?.len();
        self.file = file;
        self.unsynced = replaced.is_err();
        replaced
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // Nobody is left to tell; the lines are in the system's hands already.
        let _ = self.sync();
    }
}

/// An entry as a line.
fn line(entry: &Entry) -> io::Result<Vec<u8>> {
    let (Event::Played { secs, .. } | Event::Skipped { secs, .. }) = entry.event;
    if !secs.is_finite() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "seconds that are no number"));
    }
    let json = serde_json::to_string(entry)?;
    Ok(format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes())).into_bytes())
}

/// What bytes hold: where the good lines are (of them, those that only a later jukebox can read) and the rest.
#[derive(Debug, Default, PartialEq)]
struct Recovered {
    entries: Vec<Entry>,
    good: Vec<Range<usize>>,
    foreign: Vec<Range<usize>>,
    damaged: Vec<Range<usize>>,
}

fn recover(bytes: &[u8]) -> Recovered {
    let mut out = Recovered::default();
    let mut start = 0;
    for piece in bytes.split_inclusive(|b| *b == b'\n') {
        let range = start..start + piece.len();
        start = range.end;
        let Some(json) = checked(piece) else {
            out.damaged.push(range);
            continue;
        };
        match serde_json::from_slice(json) {
            Ok(entry) => out.entries.push(entry),
            Err(_) => out.foreign.push(range.clone()),
        }
        out.good.push(range);
    }
    out
}

/// The JSON of a whole line whose checksum holds.
fn checked(line: &[u8]) -> Option<&[u8]> {
    let (sum, rest) = line.strip_suffix(b"\n")?.split_first_chunk::<8>()?;
    let json = rest.strip_prefix(b" ")?;
    (format!("{:08x}", crc32fast::hash(json)).as_bytes() == sum).then_some(json)
}

fn gather(bytes: &[u8], ranges: &[Range<usize>]) -> Vec<u8> {
    ranges.iter().flat_map(|r| &bytes[r.clone()]).copied().collect()
}

/// Keeps damaged bytes in a file of their own, never over an earlier one.
fn set_aside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    for n in unix.. {
        let aside = path.with_extension(format!("damaged-{n}"));
        match private::options().write(true).create_new(true).open(&aside) {
            Ok(mut file) => {
                file.write_all(bytes)?;
                file.sync_all()?;
                return Ok(aside);
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn entry(n: u8) -> Entry {
        let track = TrackId([n; 16]);
        let event = match n % 3 {
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

    /// Opens what stands there; its entries and how many notes there were.
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
        let json = r#"{"at":1700000001,"event":"played","track":"01010101010101010101010101010101","secs":17.3,"whole":false}"#;
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
            // A flipped line end takes the next line along.
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
        // Damaged again within the same second: the first aside is not written over.
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
}
