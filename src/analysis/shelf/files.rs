//! The records of files in memory. What is known of a playable file is the [`Song`] that catalogs show, so that a large
//! library is in memory once: 88 bytes a file in the table, the song beside it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::library::{Song, scan};
use crate::store::{FileRecord, Outcome};
use crate::track::{FileFault, Probe, Stat, Texts};

/// All records by path.
#[derive(Default)]
pub(super) struct Files {
    known: HashMap<Arc<Path>, Kept>,
    /// The texts that tags have in common.
    texts: Texts,
}

/// A [`FileRecord`] in memory.
struct Kept {
    stat: Stat,
    found: Found,
    /// Boxed, as few files have any.
    trouble: Option<Box<Trouble>>,
    tags_version: u16,
    /// Of a song: its number of channels, which it does not have itself.
    channels: u16,
}

/// What reading a file found, and when it was first seen.
enum Found {
    Song(Arc<Song>),
    Failed(Box<(FileFault, u8, u64)>),
}

/// What is out of the ordinary about a file, as in [`FileRecord`].
#[derive(Default, PartialEq)]
pub(super) struct Trouble {
    pub listen_fault: Option<FileFault>,
    pub gone_since: Option<u64>,
}

impl Files {
    /// The record of a file.
    pub fn get(&self, path: &Path) -> Option<FileRecord> {
        self.known.get(path).map(Kept::record)
    }

    /// Every record.
    pub fn records(&self) -> impl Iterator<Item = FileRecord> {
        self.known.values().map(Kept::record)
    }

    /// The files under a directory with their records.
    pub fn under<'a>(&'a self, root: &'a Path) -> impl Iterator<Item = (&'a Arc<Path>, FileRecord)> + Clone {
        let inside = self.known.iter().filter(move |(path, _)| scan::is_under(path, root));
        inside.map(|(path, kept)| (path, kept.record()))
    }

    /// The paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &Arc<Path>> {
        self.known.keys()
    }

    /// The song of every playable file, also of one that is gone.
    pub fn songs(&self) -> impl Iterator<Item = &Arc<Song>> {
        self.known.values().filter_map(Kept::song)
    }

    /// The songs under a directory whose files are there.
    pub fn playable<'a>(&'a self, root: &'a Path) -> impl Iterator<Item = &'a Arc<Song>> {
        let there = self.known.values().filter(|kept| kept.gone_since().is_none()).filter_map(Kept::song);
        there.filter(move |song| scan::is_under(&song.path, root))
    }

    /// The files for which `when` is true of the time since when they are gone.
    pub fn gone(&self, when: impl Fn(u64) -> bool) -> Vec<Arc<Path>> {
        let gone = self.known.iter().filter(|(_, kept)| kept.gone_since().is_some_and(&when));
        gone.map(|(path, _)| path.clone()).collect()
    }

    /// Whether a file could be read but not be heard.
    pub fn is_unheard(&self, path: &Path) -> bool {
        self.known.get(path).and_then(|kept| kept.trouble.as_ref()).is_some_and(|t| t.listen_fault.is_some())
    }

    /// Keeps a record; returns the path as it is kept.
    pub fn insert(&mut self, path: PathBuf, record: FileRecord) -> Arc<Path> {
        let path = self.known.get_key_value(&*path).map_or_else(|| path.into(), |(known, _)| known.clone());
        let kept = Kept::of(&path, record, &mut self.texts);
        self.known.insert(path.clone(), kept);
        path
    }

    /// Changes what is out of the ordinary about a file; returns its path as it is kept, or `None` for an unknown file.
    pub fn note(&mut self, path: &Path, change: impl FnOnce(&mut Trouble)) -> Option<Arc<Path>> {
        let known = self.known.get_key_value(path)?.0.clone();
        let kept = self.known.get_mut(path)?;
        let mut trouble = kept.trouble.take().unwrap_or_default();
        change(&mut trouble);
        kept.trouble = Some(trouble).filter(|trouble| **trouble != Trouble::default());
        Some(known)
    }

    /// Removes the record of a file.
    pub fn remove(&mut self, path: &Path) {
        self.known.remove(path);
    }

    /// Drops texts that no file has any more.
    pub fn forget_unused_texts(&mut self) {
        self.texts.forget_unused();
    }
}

impl Kept {
    fn of(path: &Arc<Path>, record: FileRecord, texts: &mut Texts) -> Kept {
        let FileRecord { stat, outcome, listen_fault, added, tags_version, gone_since } = record;
        let (found, channels) = match outcome {
            Outcome::Probed(mut probe) => {
                // Tags that somebody else has already stay as they are.
                if let Some(tags) = Arc::get_mut(&mut probe.tags) {
                    tags.share(texts);
                }
                (Found::Song(Arc::new(Song::new(path.clone(), &probe, added).of_size(stat.size))), probe.channels)
            }
            Outcome::Failed { why, strikes } => (Found::Failed(Box::new((why, strikes, added))), 0),
        };
        let trouble = Some(Trouble { listen_fault, gone_since }).filter(|trouble| *trouble != Trouble::default());
        Kept { stat, found, trouble: trouble.map(Box::new), tags_version, channels }
    }

    fn record(&self) -> FileRecord {
        let (outcome, added) = match &self.found {
            Found::Song(song) => {
                let Song { track, former, secs, rate, codec, added, .. } = **song;
                let (tags, tag_fault) = (song.tags.clone(), song.tag_fault.as_deref().map(Into::into));
                let (channels, codec) = (self.channels, codec.name());
                (Outcome::Probed(Probe { track, former, secs, rate, channels, codec, tags, tag_fault }), added)
            }
            Found::Failed(failed) => {
                let (why, strikes, added) = &**failed;
                (Outcome::Failed { why: why.clone(), strikes: *strikes }, *added)
            }
        };
        let (stat, tags_version, gone_since) = (self.stat, self.tags_version, self.gone_since());
        let listen_fault = self.trouble.as_ref().and_then(|trouble| trouble.listen_fault.clone());
        FileRecord { stat, outcome, listen_fault, added, tags_version, gone_since }
    }

    fn song(&self) -> Option<&Arc<Song>> {
        match &self.found {
            Found::Song(song) => Some(song),
            Found::Failed(_) => None,
        }
    }

    fn gone_since(&self) -> Option<u64> {
        self.trouble.as_ref().and_then(|trouble| trouble.gone_since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{Tags, TrackId};

    fn record(title: &str, tag_fault: Option<&str>) -> FileRecord {
        let tags = Tags { title: Some(title.into()), artist: Some("Nina Simone".into()), ..Tags::default() };
        let probe = Probe {
            track: TrackId([1; 16]),
            former: TrackId([2; 16]),
            secs: 12.5,
            rate: 48_000,
            channels: 6,
            codec: "flac",
            tags: tags.into(),
            tag_fault: tag_fault.map(Into::into),
        };
        let stat = Stat { dev: 1, ino: 2, size: 3, mtime_ns: -4, ctime_ns: 5 };
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
        assert!(files.known[path].trouble.is_none(), "and costs nothing when it is over");
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
        let again: Vec<&Arc<Song>> = files.playable(Path::new("/m")).collect();
        assert!(songs.iter().zip(&again).all(|(a, b)| Arc::ptr_eq(a, b)));
    }

    /// 100,000 files are common, so a byte here is 131 kB there (a table of 2¹⁷ places).
    #[test]
    fn a_file_takes_little_memory() {
        assert!(size_of::<(Arc<Path>, Kept)>() <= 88, "{}", size_of::<(Arc<Path>, Kept)>());
    }
}
