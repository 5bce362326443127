//! The user's journal: what was played, skipped, rated. The one file that cannot be made again.
//!
//! Append-only text. A line is the CRC-32 of the rest in eight hexadecimal digits, a space, and JSON: `1c291ca3
//! {"at":1700000000,"event":"played","track":"01…","secs":201.5,"whole":true}`. Lines are independent: a torn or damaged one
//! is set aside in `journal.damaged-<unix>` and does not affect the others. Only the process that holds the store opens the
//! journal.

mod ground;
mod keeper;
mod stats;
mod tally;

use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::files;
use crate::store::private;
use crate::track::{TrackId, hex};

use ground::Ground;

pub use keeper::{Keeper, MOST, Pages, Waiting};
pub use stats::Stats;
pub use tally::{Tallies, Tally};

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
    /// A track was rejected.
    Skipped {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// Seconds heard before.
        secs: f64,
    },
    /// A track was rated.
    Rated {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// 0 to 100; `None` takes the rating back.
        rating: Option<u8>,
    },
    /// A track was loved, or no more.
    Loved {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// Whether it is.
        loved: bool,
    },
    /// A track that an engine had chosen was made the user's own.
    Kept {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
    },
    /// A track that an engine had chosen was taken out by hand.
    Removed {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
    },
    /// What another player had counted when its numbers were imported; replaces what it had counted before.
    Counted {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// The player.
        source: String,
        /// How often it was played there.
        plays: u32,
        /// How often it was skipped there.
        skips: u32,
        /// When it was last played there, seconds since the Unix epoch.
        last: Option<u64>,
    },
    /// What became of a track that an engine had chosen, and what it was chosen to fit: taste is learned from it.
    Judged {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// What became of it.
        verdict: Verdict,
        /// The set that the queue followed, or tracks that stand for it.
        #[serde(with = "hexes")]
        among: Vec<TrackId>,
    },
    /// Of three tracks one was said to sound least like the others.
    OddOne {
        /// The three.
        #[serde(with = "hexes")]
        tracks: Vec<TrackId>,
        /// Which one, counted from 0.
        odd: u8,
        /// Whether the answer only judges what was learned, and is not learned from.
        held_out: bool,
    },
    /// A dimension is to count for less.
    TasteLess {
        /// Counted from 1; 33 on are the named ones.
        dim: u8,
    },
    /// The last of those three, or the last `TasteReset`, is taken back.
    TasteUndone,
    /// None of them before counts any more.
    TasteReset,
}

/// What became of a track that an engine had chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was made the user's own.
    Kept,
    /// It was heard to its end.
    Heard,
    /// It was rejected soon after it had begun.
    Skipped,
    /// It was taken out of the queue.
    Removed,
    /// The user said: not this.
    Refused,
}

/// The track that an event is about, shared or exclusive as the event is given.
macro_rules! track_of {
    ($event:expr) => {
        match $event {
            Event::Played { track, .. }
            | Event::Skipped { track, .. }
            | Event::Rated { track, .. }
            | Event::Loved { track, .. }
            | Event::Kept { track }
            | Event::Removed { track }
            | Event::Counted { track, .. }
            | Event::Judged { track, .. } => Some(track),
            Event::OddOne { .. } | Event::TasteLess { .. } | Event::TasteUndone | Event::TasteReset => None,
        }
    };
}

impl Event {
    /// Whether taste is learned from it.
    pub fn is_of_taste(&self) -> bool {
        matches!(
            self,
            Event::Judged { .. }
                | Event::OddOne { .. }
                | Event::TasteLess { .. }
                | Event::TasteUndone
                | Event::TasteReset
        )
    }

    /// Names the track that it is about by its present identity.
    pub fn renew(&mut self, current: &dyn Fn(TrackId) -> TrackId) {
        if let Some(track) = track_of!(self) {
            *track = current(*track);
        }
    }

    /// The track that it is about, if it is about one.
    pub fn track(&self) -> Option<TrackId> {
        track_of!(self).copied()
    }
}

/// Lists of track ids as hexadecimal text, as single ones are, so that people can search their journal.
mod hexes {
    use super::*;

    pub(super) fn serialize<S: Serializer>(tracks: &[TrackId], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(tracks.iter().map(TrackId::to_string))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<TrackId>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
    }
}

/// The journal, open for appending.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Box<dyn Ground>,
    /// Where the last whole line ends, after a write that failed half-way and could not be taken back yet.
    cut: Option<u64>,
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
    /// An I/O error; nothing is then lost.
    pub fn open(path: &Path) -> io::Result<(Journal, Vec<Entry>, Vec<String>)> {
        let parent = path.parent().unwrap_or(Path::new("."));
        private::dir(parent)?;
        let bytes = match files::read(path, files::ANY) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(e),
        };
        let recovered = recover(&bytes);
        let mut notes = Vec::new();
        if !recovered.damaged.is_empty() {
            let aside = set_aside(path, &gather(&bytes, &recovered.damaged))?;
            let good = gather(&bytes, &recovered.good);
            private::replace(path, &good)?;
            notes.push(format!(
                "{} lines of the journal could be read; {} unreadable bytes were kept in {}",
                recovered.good.len(),
                bytes.len() - good.len(),
                aside.display()
            ));
        }
        let foreign = gather(&bytes, &recovered.foreign);
        let (file, _) = files::with(private::options().append(true).create(true), path)?;
        private::sync_dir(parent)?;
        let file = Box::new(file);
        let journal = Journal { path: path.to_owned(), file, cut: None, unsynced: false, synced_at: None, foreign };
        Ok((journal, recovered.entries, notes))
    }

    /// The entries of a journal that somebody else may be writing: nothing is mended or made.
    ///
    /// # Errors
    /// An I/O error; none when there is no journal.
    pub fn read(path: &Path) -> io::Result<Vec<Entry>> {
        match files::read(path, files::ANY) {
            Ok(bytes) => Ok(recover(&bytes).entries),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }

    /// Writes an entry. It survives the process at once, and the machine after the next sync.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] for seconds are not a number; the system's, after which the journal is as it
    /// was before: half a line is taken back at once or, where the disk refuses even that, before the next append.
    pub fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let line = line(entry)?;
        if let Some(end) = self.cut {
            self.file.set_len(end)?;
            self.cut = None;
        }
        let end = self.file.len()?;
        if let Err(e) = self.file.put(&line) {
            // A full disk leaves half a line: the next one must not be glued to it.
            if self.file.set_len(end).is_err() {
                self.cut = Some(end);
            }
            return Err(e);
        }
        self.unsynced = true;
        Ok(())
    }

    /// Syncs what was written to the disk, unless nothing was or the last sync was less than a second ago. `now` is a
    /// [`Clock`](crate::clock::Clock)'s. Whether it synced.
    ///
    /// # Errors
    /// An I/O error; the next call tries again.
    pub fn sync_if_due(&mut self, now: Duration) -> io::Result<bool> {
        let recent = self.synced_at.is_some_and(|at| now.saturating_sub(at) < SYNC_EVERY);
        if !self.unsynced || recent {
            return Ok(false);
        }
        self.synced_at = Some(now);
        self.sync()?;
        Ok(true)
    }

    /// Whether something was written that is not synced yet.
    pub fn owes(&self) -> bool {
        self.unsynced
    }

    /// Syncs what was written to the disk, now: when playing stops, and at the end.
    ///
    /// # Errors
    /// The system's.
    pub fn sync(&mut self) -> io::Result<()> {
        if self.unsynced {
            self.file.sync()?;
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
        let (file, _) = files::with(private::options().append(true).create(true), &self.path)?;
        self.file = Box::new(file);
        self.cut = None;
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
    if let Event::Played { secs, .. } | Event::Skipped { secs, .. } = entry.event
        && !secs.is_finite()
    {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "seconds are not a number"));
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
mod tests;
