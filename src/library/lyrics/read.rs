//! Finds and reads the lyrics of a file. To be called in a worker process: the files are strangers'.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};

use super::decode::decoded;
use super::lrc::parse;
use super::text::Lyrics;
use crate::audio::cue;
use crate::files;
use crate::library::tags;
use crate::text::sanitize;
use crate::track::Stat;

/// The largest file of lyrics, in bytes.
const LARGEST: u64 = 1 << 20;
/// The directories beside the file in which lyrics lie; the first is its own.
const FOLDERS: [&str; 3] = ["", "lyrics", "Lyrics"];
/// The endings of files of lyrics, those that can have times first.
const ENDINGS: [&str; 4] = ["lrc", "LRC", "txt", "TXT"];

/// What was found of a file's lyrics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The lyrics, if there are any.
    pub lyrics: Option<Lyrics>,
    /// What could not be read, a line each (sanitised).
    pub faults: Vec<String>,
}

/// Reads the lyrics of a file: `.lrc` and `.txt` of its name beside it or in a directory `lyrics` beside it, then those in
/// its tags. The first that have times are taken, or else the first. Symbolic links count only where the library follows
/// them. `encoding` is that of texts which do not declare one; with `None` it is detected.
///
/// A piece of a file has none: those of the file belong to all of its pieces.
pub fn read(path: &Path, follow_links: bool, encoding: Option<&'static Encoding>) -> Read {
    let mut read = Read::default();
    if cue::split(path).is_some() {
        return read;
    }
    for candidate in beside(path, follow_links) {
        let name = sanitize(&candidate.file_name().unwrap_or_default().to_string_lossy());
        match files::read(&candidate, LARGEST) {
            Ok(bytes) => {
                if read.take(parse(&decoded(&bytes, encoding)), &name) {
                    return read;
                }
            }
            Err(e) => read.faults.push(sanitize(&format!("the lyrics {name} cannot be read: {e}"))),
        }
    }
    match tags::lyrics(path, encoding) {
        Ok(texts) => {
            for text in texts {
                if read.take(parse(&text), "tags") {
                    break;
                }
            }
        }
        Err(why) => read.faults.push(sanitize(&format!("its tags were not searched for lyrics: {why}"))),
    }
    read
}

/// A number that is another one when the file or a text of lyrics beside it is: for those who keep what was read.
pub fn stamp(path: &Path, follow_links: bool) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for file in std::iter::once(path.to_path_buf()).chain(beside(path, follow_links)) {
        let stat = fs::metadata(&file).map(|meta| Stat::of(&meta)).unwrap_or_default();
        hasher.update(file.as_os_str().as_encoded_bytes());
        for number in [stat.ino, stat.size, stat.mtime_ns as u64, stat.ctime_ns as u64] {
            hasher.update(&number.to_le_bytes());
        }
    }
    hasher.finalize().as_bytes().iter().take(8).fold(0, |stamp, byte| (stamp << 8) | u64::from(*byte))
}

impl Read {
    /// Keeps lyrics if they are better than those found before; whether nothing can be better.
    fn take(&mut self, lyrics: Lyrics, from: &str) -> bool {
        let timed = lyrics.timed;
        if !lyrics.is_empty() && (timed || self.lyrics.is_none()) {
            self.lyrics = Some(Lyrics { from: from.to_owned(), ..lyrics });
            return timed;
        }
        false
    }
}

/// The files of lyrics that there are, in the order in which they count.
fn beside(path: &Path, follow_links: bool) -> Vec<PathBuf> {
    let (Some(dir), Some(stem)) = (path.parent(), path.file_stem()) else { return Vec::new() };
    let open = FOLDERS.iter().filter(|folder| folder.is_empty() || is_allowed(&dir.join(folder), follow_links));
    let folders: Vec<PathBuf> = open.map(|folder| dir.join(folder)).collect();
    let names = ENDINGS.map(|ending| -> OsString { [stem, OsStr::new("."), OsStr::new(ending)].into_iter().collect() });
    let all = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.filter(|file| is_allowed(file, follow_links)).collect()
}

/// Whether something is there, and is no link where links are not followed.
fn is_allowed(path: &Path, follow_links: bool) -> bool {
    match fs::symlink_metadata(path) {
        Ok(meta) => follow_links || !meta.file_type().is_symlink(),
        // What may not be looked at is named as a fault when it is opened.
        Err(e) => !matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename),
    }
}
