//! The user's journal of plays, skips, ratings and other events. Its file cannot be recreated from
//! other data.
//!
//! Append-only text. A line is the CRC-32 of the rest in eight hexadecimal digits, a space, and
//! JSON: `1c291ca3 {"at":1700000000,"event":"played","track":"01…","secs":201.5,"whole":true}`.
//! Lines are independent: a torn or damaged one is moved to `journal.damaged-<unix>` and does not
//! affect the others. Only the process that holds the store opens the journal for writing.

mod ground;
mod joining;
mod keeper;
mod stats;
mod tally;

use std::io::{self, Write};
use std::mem::{Discriminant, discriminant};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::files;
use crate::store::private;
use crate::track::{TrackId, hex};

use ground::Ground;

pub use joining::lacking;
pub use keeper::{Keeper, MOST, Pages, Waiting};
pub use stats::Stats;
pub use tally::{Tallies, Tally};

/// Minimum interval between two syncs to disk by `Journal::sync_if_due`.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// The share of a track after which it was heard as a whole.
pub const WHOLE: f64 = 0.9;

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Time of the event (of a play or skip: its end), in seconds since the Unix epoch.
    pub at: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What the user did. Events refer to tracks, not paths, so that they survive renaming, moving and
/// retagging.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A track was played.
    Played {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// Seconds played.
        secs: f64,
        /// Whether [`WHOLE`] of it was heard, so that it was not merely sought to its end.
        whole: bool,
    },
    /// A track was skipped.
    Skipped {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// Seconds played before.
        secs: f64,
    },
    /// A track was rated.
    Rated {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// 0 to 100; `None` removes the rating.
        rating: Option<u8>,
    },
    /// A track was marked as loved, or unmarked.
    Loved {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// The new state.
        loved: bool,
    },
    /// The user kept a track that an engine had chosen.
    Kept {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
    },
    /// The user removed a track that an engine had chosen from the queue.
    Removed {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
    },
    /// The counts of another player at the time of an import; they replace those of earlier
    /// imports.
    Counted {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// Name of the player.
        source: String,
        /// Number of plays there.
        plays: u32,
        /// Number of skips there.
        skips: u32,
        /// Time of the last play there, in seconds since the Unix epoch.
        last: Option<u64>,
    },
    /// What happened to a track that an engine had chosen, and the set it was chosen for; taste is
    /// learned from it.
    Judged {
        /// The track.
        #[serde(with = "hex")]
        track: TrackId,
        /// What happened to it.
        verdict: Verdict,
        /// The set that the queue followed, or tracks that represent it; empty where the track was chosen for another reason
        /// than that it fits, as by a course: then only this is told, and nothing about taste.
        #[serde(with = "hexes")]
        among: Vec<TrackId>,
    },
    /// The user's answer to which of three tracks sounds least like the other two.
    OddOne {
        /// The three tracks.
        #[serde(with = "hexes")]
        tracks: Vec<TrackId>,
        /// Index of the odd one, from 0.
        odd: u8,
        /// Whether the answer is used for evaluation only, not for learning.
        held_out: bool,
    },
    /// A dimension is to have less weight.
    TasteLess {
        /// Number of the dimension, from 1; 33 and above are the named ones.
        dim: u8,
    },
    /// Revokes the last `Judged`, `OddOne`, `TasteLess` or `TasteReset` that is not revoked yet.
    TasteUndone,
    /// Invalidates all earlier `Judged`, `OddOne` and `TasteLess`.
    TasteReset,
}

/// What happened to a track that an engine had chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The user kept it.
    Kept,
    /// It was played to its end.
    Heard,
    /// It was skipped soon after its start.
    Skipped,
    /// It was removed from the queue.
    Removed,
    /// The user rejected it explicitly.
    Refused,
}

/// The track of an event, if it has one, as a shared or exclusive reference like `$event`.
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
    /// Whether taste is learned from this event.
    pub fn is_of_taste(&self) -> bool {
        match self {
            Event::Judged { among, .. } => !among.is_empty(),
            Event::OddOne { .. } | Event::TasteLess { .. } | Event::TasteUndone | Event::TasteReset => true,
            _ => false,
        }
    }

    /// Replaces the identity of its track by the current one.
    pub fn renew(&mut self, current: &dyn Fn(TrackId) -> TrackId) {
        if let Some(track) = track_of!(self) {
            *track = current(*track);
        }
    }

    /// The track of this event, if it has one.
    pub fn track(&self) -> Option<TrackId> {
        track_of!(self).copied()
    }

    /// What this event sets for its track, where only the last such event counts: the track, the kind of event and the
    /// player whose counts they are (else empty). `None` for other events.
    pub fn sets(&self) -> Option<(TrackId, Discriminant<Event>, &str)> {
        let of = match self {
            Event::Rated { .. } | Event::Loved { .. } => "",
            Event::Counted { source, .. } => source,
            _ => return None,
        };
        Some((self.track()?, discriminant(self), of))
    }
}

/// Serialises lists of track ids as hexadecimal text, like single ones, so that the journal can be
/// searched by id.
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
    /// Where the last complete line ends, if a failed partial write could not be undone yet.
    cut: Option<u64>,
    /// Whether lines were written since the last sync.
    unsynced: bool,
    synced_at: Option<Duration>,
    /// Valid lines written by a newer jukebox: they cannot be parsed, and must not be lost.
    foreign: Vec<u8>,
}

impl Journal {
    /// Opens the journal, creating it (mode 0600) if missing. Returns also its entries in order,
    /// and messages for the user about repairs. Damaged lines are first saved to
    /// `journal.damaged-<unix>` beside it.
    ///
    /// # Errors
    /// An I/O error; no data is lost then.
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

    /// Reads the entries of a journal that another process may be writing: nothing is repaired or
    /// created.
    ///
    /// # Errors
    /// An I/O error; a missing journal is empty, not an error.
    pub fn read(path: &Path) -> io::Result<Vec<Entry>> {
        match files::read(path, files::ANY) {
            Ok(bytes) => Ok(recover(&bytes).entries),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }

    /// Writes an entry. From then on it survives a crash of the process, and after the next sync
    /// one of the machine.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] if the seconds are not finite; otherwise an I/O error. The
    /// journal then has its former contents: a partial line is removed at once or, if that fails
    /// too, before the next append.
    pub fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let line = line(entry)?;
        if let Some(end) = self.cut {
            self.file.set_len(end)?;
            self.cut = None;
        }
        let end = self.file.len()?;
        if let Err(e) = self.file.put(&line) {
            // A full disk may leave a partial line, to which the next line must not be appended.
            if self.file.set_len(end).is_err() {
                self.cut = Some(end);
            }
            return Err(e);
        }
        self.unsynced = true;
        Ok(())
    }

    /// Syncs to disk if something was written and the last sync is at least a second ago. `now` is
    /// from a [`Clock`](crate::clock::Clock). Returns whether it synced.
    ///
    /// # Errors
    /// An I/O error; a call at least a second later tries again.
    pub fn sync_if_due(&mut self, now: Duration) -> io::Result<bool> {
        let recent = self.synced_at.is_some_and(|at| now.saturating_sub(at) < SYNC_EVERY);
        if !self.unsynced || recent {
            return Ok(false);
        }
        self.synced_at = Some(now);
        self.sync()?;
        Ok(true)
    }

    /// Whether lines were written since the last sync.
    pub fn owes(&self) -> bool {
        self.unsynced
    }

    /// Syncs to disk now: when playback stops, and at exit.
    ///
    /// # Errors
    /// An I/O error.
    pub fn sync(&mut self) -> io::Result<()> {
        if self.unsynced {
            self.file.sync()?;
            self.unsynced = false;
        }
        Ok(())
    }

    /// Replaces all entries by `keep`, atomically: the caller has dropped or merged entries that
    /// are no longer needed. Lines of a newer jukebox are kept.
    ///
    /// # Errors
    /// As [`Journal::append`]; the journal then has its former contents.
    pub fn compact(&mut self, keep: &[Entry]) -> io::Result<()> {
        let mut bytes = self.foreign.clone();
        for entry in keep {
            bytes.extend(line(entry)?);
        }
        let replaced = private::replace(&self.path, &bytes);
        // Whether or not the new file is in place, continue with the one at this path.
        let (file, _) = files::with(private::options().append(true).create(true), &self.path)?;
        self.file = Box::new(file);
        self.cut = None;
        self.unsynced = replaced.is_err();
        replaced
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // An error cannot be reported here; the kernel has the lines already.
        let _ = self.sync();
    }
}

/// Encodes an entry as a line.
fn line(entry: &Entry) -> io::Result<Vec<u8>> {
    if let Event::Played { secs, .. } | Event::Skipped { secs, .. } = entry.event
        && !secs.is_finite()
    {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "seconds are not a number"));
    }
    let json = serde_json::to_string(entry)?;
    Ok(format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes())).into_bytes())
}

/// The result of scanning a journal: byte ranges of the valid lines, of those among them that only
/// a newer jukebox can parse, and of the damaged rest.
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

/// The JSON of a complete line if its checksum is correct.
fn checked(line: &[u8]) -> Option<&[u8]> {
    let (sum, rest) = line.strip_suffix(b"\n")?.split_first_chunk::<8>()?;
    let json = rest.strip_prefix(b" ")?;
    (format!("{:08x}", crc32fast::hash(json)).as_bytes() == sum).then_some(json)
}

fn gather(bytes: &[u8], ranges: &[Range<usize>]) -> Vec<u8> {
    ranges.iter().flat_map(|r| &bytes[r.clone()]).copied().collect()
}

/// Saves damaged bytes to a new file, without overwriting an earlier one.
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
