//! The records of files in memory. What is known of a playable file is the [`Song`] that catalogs show, so that a large
//! library is in memory once: 56 bytes a file in the table, the song beside it.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::heirs::Named;
use crate::library::scan::Known;
use crate::library::{Song, scan};
use crate::store::{FileRecord, Outcome};
use crate::track::{FileFault, Probe, Stat, Tags, Texts};

/// All records by path.
#[derive(Default)]
pub(super) struct Files {
    known: HashSet<Kept>,
    /// The devices that files are on, of which there are few.
    devices: Vec<u64>,
    /// What tags have in common.
    texts: Texts,
}

/// A [`FileRecord`] in memory, found by its path. Of its stat the device is a place in [`Files::devices`].
struct Kept {
    found: Found,
    ino: u64,
    size: u64,
    mtime_ns: i64,
    ctime_ns: i64,
    device: u32,
    tags_version: u16,
    /// Of a song: its number of channels, which may be more than the song itself can state.
    channels: u16,
}

/// What is known of a file beside its stat. The path is that of the song.
enum Found {
    /// A song, with nothing out of the ordinary about it.
    Song(Arc<Song>),
    /// Anything else: boxed, as few files are so.
    Odd(Box<Odd>),
}

struct Odd {
    path: Arc<Path>,
    outcome: Result<Arc<Song>, Failed>,
    trouble: Trouble,
}

/// Why a file is not playable, with the strikes against it and when it was first seen.
struct Failed {
    why: FileFault,
    strikes: u8,
    added: u64,
}

/// What is out of the ordinary about a file, as in [`FileRecord`].
#[derive(Clone, Default, PartialEq)]
pub(super) struct Trouble {
    pub listen_fault: Option<FileFault>,
    pub gone_since: Option<u64>,
}

impl Files {
    /// The record of a file.
    pub fn get(&self, path: &Path) -> Option<FileRecord> {
        self.known.get(path).map(|kept| self.record(kept))
    }

    /// The record of a file about which something is out of the ordinary: it cannot be read or heard, or is gone.
    pub fn odd(&self, path: &Path) -> Option<FileRecord> {
        self.known.get(path).filter(|kept| kept.is_odd()).map(|kept| self.record(kept))
    }

    /// The files under a directory about which something is out of the ordinary, with their records.
    pub fn odd_under<'a>(&'a self, root: &'a Path) -> impl Iterator<Item = (&'a Arc<Path>, FileRecord)> {
        self.under(root).filter(|kept| kept.is_odd()).map(move |kept| (kept.path(), self.record(kept)))
    }

    /// What a scan compares a file with.
    pub fn known(&self, path: &Path) -> Option<Known> {
        self.known.get(path).map(|kept| self.seen(kept))
    }

    /// The files under a directory, with what a scan compares them with.
    pub fn known_under<'a>(&'a self, root: &'a Path) -> impl Iterator<Item = (&'a Arc<Path>, Known)> + Clone {
        self.under(root).map(move |kept| (kept.path(), self.seen(kept)))
    }

    fn under<'a>(&'a self, root: &'a Path) -> impl Iterator<Item = &'a Kept> + Clone {
        self.known.iter().filter(move |kept| scan::is_under(kept.path(), root))
    }

    /// Whether a file is known and is to be read again, as [`FileRecord::is_outdated`] says.
    pub fn is_outdated(&self, path: &Path, mark: u16) -> bool {
        let by_former = |kept: &Kept| kept.song().is_some_and(|song| song.track.is_former());
        self.known.get(path).is_some_and(|kept| kept.tags_version != mark || by_former(kept))
    }

    /// The identities of a file, if it is playable.
    pub fn named(&self, path: &Path) -> Option<Named> {
        self.known.get(path).and_then(Kept::named)
    }

    /// The identities of every playable file.
    pub fn all_named(&self) -> impl Iterator<Item = Named> {
        self.known.iter().filter_map(Kept::named)
    }

    /// The paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &Arc<Path>> {
        self.known.iter().map(Kept::path)
    }

    /// The song of every playable file, also of one that is gone.
    pub fn songs(&self) -> impl Iterator<Item = &Arc<Song>> {
        self.known.iter().filter_map(Kept::song)
    }

    /// The songs under a directory whose files are there.
    pub fn playable<'a>(&'a self, root: &'a Path) -> impl Iterator<Item = &'a Arc<Song>> {
        self.under(root).filter(|kept| kept.gone_since().is_none()).filter_map(Kept::song)
    }

    /// The files for which `when` is true of the time since when they are gone.
    pub fn gone(&self, when: impl Fn(u64) -> bool) -> Vec<Arc<Path>> {
        self.known.iter().filter(|kept| kept.gone_since().is_some_and(&when)).map(|kept| kept.path().clone()).collect()
    }

    /// Whether a file could be read but not be heard.
    pub fn is_unheard(&self, path: &Path) -> bool {
        let trouble = self.known.get(path).and_then(Kept::trouble);
        trouble.is_some_and(|trouble| trouble.listen_fault.is_some())
    }

    /// Keeps a record; returns the path as it is kept.
    pub fn insert(&mut self, path: PathBuf, record: FileRecord) -> Arc<Path> {
        let path: Arc<Path> = self.known.get(&*path).map_or_else(|| path.into(), |known| known.path().clone());
        let kept = self.keep(&path, record);
        drop(self.known.replace(kept));
        path
    }

    /// Changes what is out of the ordinary about a file; returns its path as it is kept, or `None` for an unknown file.
    pub fn note(&mut self, path: &Path, change: impl FnOnce(&mut Trouble)) -> Option<Arc<Path>> {
        let mut kept = self.known.take(path)?;
        let (path, mut trouble) = (kept.path().clone(), kept.trouble().cloned().unwrap_or_default());
        change(&mut trouble);
        let outcome = match kept.found {
            Found::Song(song) => Ok(song),
            Found::Odd(odd) => odd.outcome,
        };
        kept.found = Found::of(path.clone(), outcome, trouble);
        self.known.insert(kept);
        Some(path)
    }

    /// Removes the record of a file.
    pub fn remove(&mut self, path: &Path) {
        self.known.remove(path);
    }

    /// Drops texts that no file has any more.
    pub fn forget_unused_texts(&mut self) {
        self.texts.forget_unused();
    }

    fn keep(&mut self, path: &Arc<Path>, record: FileRecord) -> Kept {
        let FileRecord { stat, outcome, listen_fault, added, tags_version, gone_since } = record;
        let Stat { dev, ino, size, mtime_ns, ctime_ns } = stat;
        let device = self.devices.iter().position(|known| *known == dev).unwrap_or_else(|| {
            self.devices.push(dev);
            self.devices.len() - 1
        }) as u32;
        let (outcome, channels) = match outcome {
            Outcome::Probed(probe) => {
                let channels = probe.channels;
                let mut song = Song::new(path.clone(), probe, added).of_size(size);
                song.tags.share(&mut self.texts);
                (Ok(Arc::new(song)), channels)
            }
            Outcome::Failed { why, strikes } => (Err(Failed { why, strikes, added }), 0),
        };
        let found = Found::of(path.clone(), outcome, Trouble { listen_fault, gone_since });
        Kept { found, ino, size, mtime_ns, ctime_ns, device, tags_version, channels }
    }

    fn stat(&self, kept: &Kept) -> Stat {
        let Kept { ino, size, mtime_ns, ctime_ns, device, .. } = *kept;
        let dev = self.devices.get(device as usize).copied().unwrap_or_default();
        Stat { dev, ino, size, mtime_ns, ctime_ns }
    }

    fn seen(&self, kept: &Kept) -> Known {
        Known { stat: self.stat(kept), gone: kept.gone_since().is_some() }
    }

    fn record(&self, kept: &Kept) -> FileRecord {
        let (outcome, added) = match kept.outcome() {
            Ok(song) => {
                let Song { track, former, secs, rate, codec, added, .. } = **song;
                let (tags, tag_fault) = (Arc::new(Tags::from(&song.tags)), song.tag_fault.as_deref().map(Into::into));
                let (channels, codec) = (kept.channels, codec.name());
                (Outcome::Probed(Probe { track, former, secs, rate, channels, codec, tags, tag_fault }), added)
            }
            Err(Failed { why, strikes, added }) => (Outcome::Failed { why: why.clone(), strikes: *strikes }, *added),
        };
        let Trouble { listen_fault, gone_since } = kept.trouble().cloned().unwrap_or_default();
        let (stat, tags_version) = (self.stat(kept), kept.tags_version);
        FileRecord { stat, outcome, listen_fault, added, tags_version, gone_since }
    }
}

impl Found {
    fn of(path: Arc<Path>, outcome: Result<Arc<Song>, Failed>, trouble: Trouble) -> Found {
        match outcome {
            Ok(song) if trouble == Trouble::default() => Found::Song(song),
            outcome => Found::Odd(Box::new(Odd { path, outcome, trouble })),
        }
    }
}

impl Kept {
    fn path(&self) -> &Arc<Path> {
        match &self.found {
            Found::Song(song) => &song.path,
            Found::Odd(odd) => &odd.path,
        }
    }

    fn is_odd(&self) -> bool {
        matches!(self.found, Found::Odd(_))
    }

    fn outcome(&self) -> Result<&Arc<Song>, &Failed> {
        match &self.found {
            Found::Song(song) => Ok(song),
            Found::Odd(odd) => odd.outcome.as_ref(),
        }
    }

    fn song(&self) -> Option<&Arc<Song>> {
        self.outcome().ok()
    }

    fn named(&self) -> Option<Named> {
        let song = self.song()?;
        Some(Named { track: song.track, former: song.former, gone: self.gone_since().is_some() })
    }

    fn trouble(&self) -> Option<&Trouble> {
        match &self.found {
            Found::Song(_) => None,
            Found::Odd(odd) => Some(&odd.trouble),
        }
    }

    fn gone_since(&self) -> Option<u64> {
        self.trouble()?.gone_since
    }
}

impl Borrow<Path> for Kept {
    fn borrow(&self) -> &Path {
        self.path()
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Kept) -> bool {
        self.path() == other.path()
    }
}

impl Eq for Kept {}

impl Hash for Kept {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::TrackId;

    fn record(title: &str, tag_fault: Option<&str>) -> FileRecord {
        let tags = Tags { title: Some(title.into()), artist: Some("Nina Simone".into()), ..Tags::default() };
        let probe = Probe {
            track: TrackId([TrackId::VERSION; 16]),
            former: TrackId([2; 16]),
            secs: 12.5,
            rate: 48_000,
            channels: 6,
            codec: "flac",
            tags: tags.into(),
            tag_fault: tag_fault.map(Into::into),
        };
        // Two devices, as a library on two disks has.
        let stat = Stat { dev: 1 + title.len() as u64 % 2, ino: 2, size: 3, mtime_ns: -4, ctime_ns: 5 };
        FileRecord {
            stat,
            outcome: Outcome::Probed(probe),
            listen_fault: None,
            added: 9,
            tags_version: 4,
            gone_since: None,
        }
    }

    #[test]
    fn a_record_is_given_back_as_it_came() {
        let mut files = Files::default();
        let failed = Outcome::Failed { why: FileFault::Crashed("signal: 11".into()), strikes: 2 };
        let records = [
            record("plain", None),
            record("damaged", Some("a bad frame")),
            FileRecord { listen_fault: Some("cut".into()), ..record("unheard", None) },
            FileRecord { gone_since: Some(0), ..record("gone", None) },
            FileRecord { outcome: failed, gone_since: Some(7), ..record("", None) },
        ];
        let path = |n: usize| PathBuf::from(format!("/m/{n}.flac"));
        for (n, record) in records.iter().enumerate() {
            files.insert(path(n), record.clone());
        }
        for (n, record) in records.iter().enumerate() {
            assert_eq!(files.get(&path(n)).as_ref(), Some(record));
        }
        assert_eq!(files.get(Path::new("/m/none")), None);
        assert_eq!((files.songs().count(), files.playable(Path::new("/m")).count()), (4, 3));
        assert_eq!(files.gone(|since| since > 5), [path(4).into()]);
        assert!(files.is_unheard(&path(2)) && !files.is_unheard(&path(0)));
        let odd = |n: usize| files.odd(&path(n)).is_some();
        assert_eq!([0, 1, 2, 3, 4].map(odd), [false, false, true, true, true]);
        assert_eq!((files.odd_under(Path::new("/m")).count(), files.known_under(Path::new("/m")).count()), (3, 5));
        assert_eq!(files.known(&path(3)), Some(Known { stat: records[3].stat, gone: true }));
        assert_eq!((files.is_outdated(&path(0), 4), files.is_outdated(&path(0), 5)), (false, true));
        assert_eq!((files.named(&path(4)).is_some(), files.all_named().count()), (false, 4));
    }

    #[test]
    fn trouble_comes_and_goes() {
        let mut files = Files::default();
        files.insert("/m/a".into(), record("a", None));
        let path = Path::new("/m/a");
        assert_eq!(files.note(path, |trouble| trouble.gone_since = Some(3)).as_deref(), Some(path));
        assert_eq!(files.get(path).unwrap().gone_since, Some(3));
        files.note(path, |trouble| trouble.gone_since = None);
        assert_eq!(files.get(path), Some(record("a", None)));
        assert!(!files.known.get(path).unwrap().is_odd(), "and costs nothing when it is over");
        assert_eq!(files.note(Path::new("/m/b"), |_| ()), None);
    }

    #[test]
    fn songs_are_those_of_the_catalog_and_share_their_texts() {
        let mut files = Files::default();
        for name in ["a", "b"] {
            files.insert(format!("/m/{name}").into(), record(name, None));
        }
        let songs: Vec<&Arc<Song>> = files.songs().collect();
        let artist = |song: &Song| song.tags.artist.clone().unwrap();
        assert!(Arc::ptr_eq(&artist(songs[0]), &artist(songs[1])));
        assert!(std::ptr::eq(&*songs[0].tags, &*songs[1].tags), "those of an album their tags");
        let again: Vec<&Arc<Song>> = files.playable(Path::new("/m")).collect();
        assert!(songs.iter().zip(&again).all(|(a, b)| Arc::ptr_eq(a, b)));
    }

    /// 100,000 files are common, so a byte here is 131 kB there (a table of 2¹⁷ places).
    #[test]
    fn a_file_takes_little_memory() {
        assert!(size_of::<Kept>() <= 56, "{}", size_of::<Kept>());
    }
}
