//! The words of all lyrics, for the filter: a file in the cache, of which only keys and places are kept in memory.
//!
//! Each record is a key of the path, a stamp of what was read ([`stamp`](super::stamp)), and the folded lines; a later
//! record of a key replaces an earlier one, and one without stamp and text takes it out. Whatever is wrong with the file, it
//! is begun again: all of it can be read anew.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender};
use thiserror::Error;

use super::text::Lyrics;
use crate::files;
use crate::library::filter::{PART, fold};
use crate::store::private;

/// The first bytes of the file.
const MAGIC: &[u8; 8] = b"jbxlyr1\n";
/// The most bytes of folded text that are kept of a file; songs have one to three thousand.
const LONGEST: usize = 16 << 10;
/// The most bytes of the file.
const LARGEST: u64 = 256 << 20;
/// Bytes of a record before its text: key, stamp, length of the text.
const HEAD: usize = 8 + 8 + 4;
/// Of files that are gone, more than a tenth of the library and so many are not forgotten: a disk may be away for a while.
const FEW: usize = 100;
/// The stamp of a record that says that a file is gone.
const GONE: u64 = 0;
/// A file of which more bytes than this, and more than half, are of replaced records is begun again.
const WASTE: u64 = 1 << 20;

/// The key of a file.
pub fn key(path: &Path) -> u64 {
    let hash = blake3::hash(path.as_os_str().as_encoded_bytes());
    hash.as_bytes().iter().take(8).fold(0, |key, byte| (key << 8) | u64::from(*byte))
}

/// The file of the words could not be read or written. Its `Display` form is one line.
#[derive(Debug, Error)]
#[error("{}: the words of the lyrics: {cause}", path.display())]
pub struct WordsError {
    /// The file.
    path: PathBuf,
    /// The system's error.
    #[source]
    cause: io::Error,
}

/// The words of all lyrics, shared by those who read them and those who search them.
#[derive(Clone, Debug)]
pub struct Words {
    file: Arc<Path>,
    index: Arc<Mutex<Option<Index>>>,
    ask: Sender<()>,
}

impl Words {
    /// The words in `file`, which need not exist yet, and what says that somebody asks for them.
    pub fn in_file(file: PathBuf) -> (Words, Receiver<()>) {
        let (ask, asked) = crossbeam_channel::bounded(1);
        (Words { file: file.into(), index: Arc::default(), ask }, asked)
    }

    /// Has the lyrics read that are not known yet.
    pub fn ask(&self) {
        let _ = self.ask.try_send(());
    }

    /// The keys of the files whose lyrics `holds` accepts. It is given the folded lines, separated by [`PART`].
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn search(&self, holds: &dyn Fn(&str) -> bool) -> Result<HashSet<u64>, WordsError> {
        self.with(|index| index.search(holds))
    }

    /// Whether the lyrics of a file were read when it had this stamp.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn are_known(&self, key: u64, stamp: u64) -> Result<bool, WordsError> {
        self.with(|index| Ok(index.known.get(&key).is_some_and(|place| place.stamp == stamp)))
    }

    /// Keeps the lyrics of a file, or that it has none.
    ///
    /// # Errors
    /// The file cannot be written, or is full.
    pub fn put(&self, key: u64, stamp: u64, lyrics: Option<&Lyrics>) -> Result<(), WordsError> {
        self.with(|index| index.put(key, stamp, &lyrics.map(folded).unwrap_or_default()))
    }

    /// Forgets the lyrics of files that are gone: all but those with these keys. Those of many files at once stay until
    /// half of the room is used.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep(&self, keys: &HashSet<u64>) -> Result<(), WordsError> {
        self.with(|index| index.keep(keys))
    }

    /// Works on the index, which is opened first where it is not, as after a failure: so the file is put right.
    fn with<T>(&self, work: impl FnOnce(&mut Index) -> io::Result<T>) -> Result<T, WordsError> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let open = match index.take() {
            Some(open) => Ok(open),
            None => Index::open(&self.file),
        };
        let done = open.and_then(|mut open| {
            let done = work(&mut open)?;
            *index = Some(open);
            Ok(done)
        });
        done.map_err(|cause| WordsError { path: self.file.to_path_buf(), cause })
    }
}

/// The folded lines of lyrics, as many as are kept.
fn folded(lyrics: &Lyrics) -> String {
    let mut text = String::new();
    for line in lyrics.lines.iter().filter(|line| !line.text.is_empty()) {
        let line = fold(&line.text);
        if text.len() + line.len() >= LONGEST {
            break;
        }
        if !text.is_empty() {
            text.push(PART);
        }
        text.push_str(&line);
    }
    text
}

/// Where the lyrics of a file are.
#[derive(Clone, Copy, Debug)]
struct Place {
    stamp: u64,
    /// The offset of the text.
    at: u64,
    /// Its length in bytes; 0 for a file without lyrics.
    length: u32,
}

/// The open file.
#[derive(Debug)]
struct Index {
    file: File,
    known: HashMap<u64, Place>,
    /// The length of the file.
    end: u64,
}

impl Index {
    fn open(path: &Path) -> io::Result<Index> {
        if let Some(dir) = path.parent() {
            private::dir(dir)?;
        }
        let options = &mut private::options();
        let (file, meta) = files::with(options.read(true).write(true).create(true).truncate(false), path)?;
        let mut index = Index { file, known: HashMap::new(), end: 0 };
        match index.load(meta.len()) {
            Ok(waste) if waste <= WASTE.max(index.end / 2) => {
                // What follows the last whole record was not written to its end.
                index.file.set_len(index.end)?;
            }
            _ => index.begin()?,
        }
        Ok(index)
    }

    /// Empties the file.
    fn begin(&mut self) -> io::Result<()> {
        self.known.clear();
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(MAGIC)?;
        self.end = MAGIC.len() as u64;
        Ok(())
    }

    /// Reads where everything is; how many bytes are of records that were replaced.
    fn load(&mut self, size: u64) -> io::Result<u64> {
        let mut from = BufReader::new(&self.file);
        let mut magic = [0; MAGIC.len()];
        from.read_exact(&mut magic)?;
        if magic != *MAGIC {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let (mut at, mut waste) = (MAGIC.len() as u64, 0);
        while at + HEAD as u64 <= size {
            let [mut key, mut stamp, mut length] = [[0; 8], [0; 8], [0; 8]];
            from.read_exact(&mut key)?;
            from.read_exact(&mut stamp)?;
            from.read_exact(&mut length[..4])?;
            let [key, stamp, length] = [key, stamp, length].map(u64::from_le_bytes);
            let next = at + HEAD as u64 + length;
            if length > LONGEST as u64 || next > size {
                break;
            }
            let place = Place { stamp, at: at + HEAD as u64, length: length as u32 };
            let gone = stamp == GONE && length == 0;
            let former = if gone { self.known.remove(&key) } else { self.known.insert(key, place) };
            waste += if gone { HEAD as u64 } else { 0 };
            waste += former.map_or(0, |former| HEAD as u64 + u64::from(former.length));
            from.seek_relative(length as i64)?;
            at = next;
        }
        self.end = at;
        Ok(waste)
    }

    fn put(&mut self, key: u64, stamp: u64, text: &str) -> io::Result<()> {
        let at = self.end + HEAD as u64;
        let next = at + text.len() as u64;
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        if next > LARGEST {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "there are too many; the others are not searched"));
        }
        let mut record = Vec::with_capacity(HEAD + text.len());
        record.extend_from_slice(&key.to_le_bytes());
        record.extend_from_slice(&stamp.to_le_bytes());
        record.extend_from_slice(&length.to_le_bytes());
        record.extend_from_slice(text.as_bytes());
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&record).inspect_err(|_| {
            // Half a record must not be taken for one later; where this fails too, the next record lies over it.
            let _ = self.file.set_len(self.end);
        })?;
        self.end = next;
        self.known.insert(key, Place { stamp, at, length });
        Ok(())
    }

    fn keep(&mut self, keys: &HashSet<u64>) -> io::Result<()> {
        let gone: Vec<u64> = self.known.keys().copied().filter(|key| !keys.contains(key)).collect();
        if gone.len() > FEW.max(keys.len() / 10) && self.end < LARGEST / 2 {
            return Ok(());
        }
        if self.end + (HEAD * gone.len()) as u64 > LARGEST {
            return self.begin();
        }
        for key in gone {
            self.put(key, GONE, "")?;
            self.known.remove(&key);
        }
        Ok(())
    }

    /// Reads every text once, in the order of the file.
    fn search(&self, holds: &dyn Fn(&str) -> bool) -> io::Result<HashSet<u64>> {
        let mut places: Vec<(u64, Place)> = self.known.iter().map(|(key, place)| (*key, *place)).collect();
        places.retain(|(_, place)| place.length > 0);
        places.sort_unstable_by_key(|(_, place)| place.at);
        let mut from = BufReader::with_capacity(1 << 16, &self.file);
        let mut at = from.seek(SeekFrom::Start(0))?;
        let (mut found, mut text) = (HashSet::new(), Vec::new());
        for (key, place) in places {
            from.seek_relative(place.at.saturating_sub(at) as i64)?;
            text.resize(place.length as usize, 0);
            from.read_exact(&mut text)?;
            at = place.at + u64::from(place.length);
            if std::str::from_utf8(&text).is_ok_and(holds) {
                found.insert(key);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::lyrics::parse;

    fn found(words: &Words, text: &str) -> Vec<u64> {
        let mut keys: Vec<u64> = words.search(&|lyrics| lyrics.contains(text)).unwrap().into_iter().collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn what_was_put_is_found_again_after_a_start_and_the_last_counts() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("cache/lyrics.words");
        let (words, asked) = Words::in_file(file.clone());
        words.put(1, 10, Some(&parse("[00:01]Über den Wolken\n[00:02]\n[00:03]muß die Freiheit"))).unwrap();
        words.put(2, 10, Some(&parse("never gonna"))).unwrap();
        words.put(3, 10, None).unwrap();
        assert_eq!((found(&words, "uber den"), found(&words, "freiheit")), (vec![1], vec![1]));
        assert_eq!((found(&words, "muss"), found(&words, "")), (vec![1], vec![1, 2]), "without lyrics nothing matches");
        words.put(2, 11, Some(&parse("gone"))).unwrap();
        let again = Words::in_file(file.clone()).0;
        for words in [&words, &again] {
            assert_eq!((found(words, "gonna"), found(words, "gone")), (vec![], vec![2]));
            assert_eq!(
                [(2, 10), (2, 11), (3, 10), (4, 10)].map(|(key, at)| words.are_known(key, at).unwrap()),
                [false, true, true, false]
            );
        }
        assert!(asked.is_empty());
        words.ask();
        words.ask();
        assert_eq!(asked.try_iter().count(), 1);
        // A record that was not written to its end is dropped; a file of something else is begun again.
        let whole = std::fs::read(&file).unwrap();
        for cut in 1..4 {
            std::fs::write(&file, &whole[..whole.len() - cut]).unwrap();
            let words = Words::in_file(file.clone()).0;
            assert_eq!(found(&words, "gonna"), [2], "{cut}");
            words.put(9, 1, Some(&parse("after it"))).unwrap();
            assert_eq!(found(&Words::in_file(file.clone()).0, "after"), [9]);
        }
        for other in [&b""[..], b"jbx", b"something else entirely"] {
            std::fs::write(&file, other).unwrap();
            let words = Words::in_file(file.clone()).0;
            assert!(found(&words, "").is_empty());
            words.put(9, 1, Some(&parse("new"))).unwrap();
            assert_eq!(found(&Words::in_file(file.clone()).0, "new"), [9]);
        }
    }

    #[test]
    fn files_that_are_gone_are_forgotten_but_not_a_whole_disk() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("lyrics.words");
        let words = Words::in_file(file.clone()).0;
        for key in 1..4 {
            words.put(key, 10, Some(&parse("half a moon"))).unwrap();
        }
        words.keep(&HashSet::from([1, 3, 9])).unwrap();
        let again = Words::in_file(file.clone()).0;
        for words in [&words, &again] {
            assert_eq!(found(words, "moon"), [1, 3]);
            assert_eq!([1, 2].map(|key| words.are_known(key, 10).unwrap()), [true, false]);
        }
        again.put(2, 11, Some(&parse("a new moon"))).unwrap();
        assert_eq!(found(&Words::in_file(file.clone()).0, "moon"), [1, 2, 3], "it came back");
        let many = FEW as u64 + 5;
        for key in 100..100 + many {
            again.put(key, 10, None).unwrap();
        }
        let size = std::fs::metadata(&file).unwrap().len();
        again.keep(&HashSet::from([1])).unwrap();
        assert_eq!((found(&again, "moon").len(), std::fs::metadata(&file).unwrap().len()), (3, size), "a disk is away");
    }

    #[test]
    fn a_file_that_was_damaged_meanwhile_is_opened_anew() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("lyrics.words");
        let words = Words::in_file(file.clone()).0;
        words.put(1, 10, Some(&parse("half a moon"))).unwrap();
        File::options().write(true).open(&file).unwrap().set_len(12).unwrap();
        assert!(words.search(&|_| true).unwrap_err().to_string().contains("lyrics.words"));
        assert!(found(&words, "").is_empty() && !words.are_known(1, 10).unwrap());
        words.put(1, 10, Some(&parse("half a moon"))).unwrap();
        assert_eq!(found(&words, "moon"), [1]);
    }

    #[test]
    fn only_so_much_of_a_text_is_kept() {
        let line = "word ".repeat(200);
        let long = parse(&format!("first\n{}", format!("{line}\n").repeat(60)));
        let text = folded(&long);
        assert!(text.starts_with("first\u{1e}word ") && text.len() < LONGEST && text.len() > LONGEST / 2);
        assert_ne!(key(Path::new("/m/a")), key(Path::new("/m/b")));
    }
}
