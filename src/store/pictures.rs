//! Pictures as files, for programs that take nothing but a file's URL. A file is named by the hash of what is in it, so that
//! the cover of an album is kept once. There are so many and no more: what was used longest ago is removed.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::private;
use crate::files;

/// The most pictures that are kept.
const MOST: usize = 64;
/// The most bytes of all of them together.
const ROOM: u64 = 64 << 20;

/// A directory of pictures, which belongs to the program and may be deleted at any time.
#[derive(Clone, Debug)]
pub struct Pictures {
    dir: PathBuf,
    most: usize,
    room: u64,
}

impl Pictures {
    /// The pictures in a directory, which need not exist yet.
    pub fn in_dir(dir: PathBuf) -> Pictures {
        Pictures { dir, most: MOST, room: ROOM }
    }

    /// Keeps a picture as a file whose name has this ending, unless it is there already; returns the file. Other pictures
    /// are removed where there are too many. Not to be called by two threads at once.
    ///
    /// # Errors
    /// Any I/O error; [`io::ErrorKind::FileTooLarge`] for more than 64 MiB.
    pub fn keep(&self, bytes: &[u8], ending: &str) -> io::Result<PathBuf> {
        let length = bytes.len() as u64;
        if length > self.room {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let path = self.dir.join(format!("{}.{ending}", blake3::hash(bytes).to_hex()));
        if fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file() && meta.len() == length) {
            // It is used again, so that others are removed first.
            files::with(private::options().append(true), &path)?.0.set_modified(SystemTime::now())?;
        } else {
            private::replace(&path, bytes)?;
        }
        self.make_room(&path);
        Ok(path)
    }

    /// Removes what was used longest ago until the rest fits; `used` stays.
    fn make_room(&self, used: &Path) {
        let Ok(entries) = fs::read_dir(&self.dir) else { return };
        let mut kept: Vec<(SystemTime, u64, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| {
                let meta = entry.metadata().ok().filter(Metadata::is_file)?;
                Some((meta.modified().ok()?, meta.len(), entry.path()))
            })
            .collect();
        kept.sort();
        let (mut count, mut size) = (kept.len(), kept.iter().map(|(_, length, _)| length).sum::<u64>());
        for (_, length, path) in kept {
            if count <= self.most && size <= self.room {
                break;
            }
            if path != used && fs::remove_file(&path).is_ok() {
                (count, size) = (count - 1, size - length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    /// Pictures within these bounds.
    fn bounded(dir: &Path, most: usize, room: u64) -> Pictures {
        Pictures { most, room, ..Pictures::in_dir(dir.join("covers")) }
    }

    /// Says that a picture was used so many seconds after the beginning of 1970.
    fn used(path: &Path, secs: u64) {
        let file = fs::File::options().append(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(secs)).unwrap();
    }

    #[test]
    fn a_picture_is_kept_once_and_is_private() {
        let tmp = tempfile::tempdir().unwrap();
        let pictures = Pictures::in_dir(tmp.path().join("a/covers"));
        let path = pictures.keep(b"one", "jpg").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert!(path.extension().is_some_and(|ending| ending == "jpg"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        used(&path, 1);
        assert_eq!(pictures.keep(b"one", "jpg").unwrap(), path);
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        assert!(modified > SystemTime::UNIX_EPOCH + Duration::from_secs(1), "it counts as used now");
        assert_ne!(pictures.keep(b"two", "jpg").unwrap(), path);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 2, "nothing is left beside");
        // One that was cut short is written again.
        fs::write(&path, b"o").unwrap();
        pictures.keep(b"one", "jpg").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
    }

    #[test]
    fn the_ones_that_were_used_longest_ago_are_removed() {
        let tmp = tempfile::tempdir().unwrap();
        let pictures = bounded(tmp.path(), 3, 100);
        let keep = |n: u8, length: usize| pictures.keep(&vec![n; length], "png").unwrap();
        let all: Vec<PathBuf> = (1..=3).map(|n| keep(n, 10)).collect();
        for (path, secs) in all.iter().zip([30, 10, 20]) {
            used(path, secs);
        }
        let fourth = keep(4, 10);
        let there = || all.iter().map(|path| path.exists()).collect::<Vec<_>>();
        assert_eq!((there(), fourth.exists()), (vec![true, false, true], true));
        used(&fourth, 40);
        let large = keep(5, 85);
        assert_eq!((there(), fourth.exists(), large.exists()), (vec![false, false, false], true, true));
        assert_eq!(pictures.keep(&[6; 101], "png").unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert!(large.exists());
    }
}
