//! A file that is open for decoding. Everything that decodes opens its file here; whatever resumes in the middle of it
//! (a seek, a chained stream, a change of output) uses the open file and never its name, so that a file that was
//! renamed, replaced or deleted in the meantime keeps playing.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use symphonia::core::io::MediaSource;

use super::cue::{self, Piece};
use super::{AudioError, container};

/// An open regular file, or a piece of one. Clones share the file descriptor; readers keep positions of their own.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The path it was opened by.
    pub(super) path: PathBuf,
    pub(super) piece: Option<Piece>,
    pub(super) file: Arc<File>,
    /// Its size when it was opened, in bytes.
    pub(super) size: u64,
}

impl Opened {
    /// Opens a file, or the file of a piece (see [`cue`]). A FIFO or a device is refused, and does not block.
    ///
    /// # Errors
    /// When it cannot be opened, is no regular file, or is empty.
    pub fn open(path: &Path) -> Result<Opened, AudioError> {
        let piece = cue::locate(path)?;
        let (file, size) = container::open(piece.as_ref().map_or(path, |piece| &piece.file))?;
        Ok(Opened { path: path.to_owned(), piece, file: Arc::new(file), size })
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether another is the same file (and the same piece), whatever its name is now.
    pub fn is_same(&self, other: &Opened) -> bool {
        let inode = |file: &File| file.metadata().map(|meta| (meta.dev(), meta.ino())).ok();
        self.piece.as_ref().map(|p| p.start) == other.piece.as_ref().map(|p| p.start)
            && inode(&self.file).is_some_and(|own| inode(&other.file) == Some(own))
    }

    /// A reader of the bytes from `start` to `end`, which it treats as a file of its own.
    pub(super) fn section(&self, start: u64, end: u64) -> Section {
        Section { file: self.file.clone(), start, end: end.max(start), at: 0 }
    }
}

/// Reads a range of an open file at a position of its own, which duplicated file descriptors would share.
pub(super) struct Section {
    file: Arc<File>,
    start: u64,
    end: u64,
    /// Counted from `start`.
    at: u64,
}

impl Read for Section {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let at = self.start.saturating_add(self.at);
        let room = self.end.saturating_sub(at).min(buf.len() as u64) as usize;
        let read = self.file.read_at(&mut buf[..room], at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Section {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let from = |base: u64, by: i64| {
            let before = || io::Error::new(io::ErrorKind::InvalidInput, "a place before the first byte");
            base.checked_add_signed(by).ok_or_else(before)
        };
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => from(self.at, by)?,
            SeekFrom::End(by) => from(self.end - self.start, by)?,
        };
        Ok(self.at)
    }
}

impl MediaSource for Section {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.end - self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::decode::Decoder;
    use crate::audio::fixture::{noise, wav, write};

    #[test]
    fn readers_of_one_file_do_not_disturb_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let file = Opened::open(&write(dir.path(), "a", b"0123456789")).unwrap();
        let (mut a, mut b) = (file.section(0, 10), file.clone().section(0, 10));
        let mut two = [0; 2];
        a.read_exact(&mut two).unwrap();
        assert_eq!(b.seek(SeekFrom::End(-3)).unwrap(), 7);
        b.read_exact(&mut two).unwrap();
        assert_eq!(&two, b"78");
        a.read_exact(&mut two).unwrap();
        assert_eq!((&two, a.byte_len()), (b"23", Some(10)));
        assert_eq!(a.seek(SeekFrom::Current(-4)).unwrap(), 0);
        assert!(a.seek(SeekFrom::Current(-1)).is_err());
        let mut part = file.section(3, 6);
        let mut all = Vec::new();
        part.read_to_end(&mut all).unwrap();
        assert_eq!((&all[..], part.byte_len()), (&b"345"[..], Some(3)));
        assert_eq!(part.seek(SeekFrom::End(-1)).unwrap(), 2);
        part.read_exact(&mut two[..1]).unwrap();
        assert_eq!(two[0], b'5');
    }

    #[test]
    fn a_file_is_the_same_under_another_name_and_another_under_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), "a", b"music");
        let before = Opened::open(&path).unwrap();
        let moved = dir.path().join("b");
        std::fs::rename(&path, &moved).unwrap();
        assert!(before.is_same(&Opened::open(&moved).unwrap()));
        let other = Opened::open(&write(dir.path(), "a", b"other")).unwrap();
        assert!(!before.is_same(&other));
    }

    #[test]
    fn a_deleted_file_is_decoded_anew_from_its_beginning_and_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), "a.wav", &wav(&noise(88_200, 3), 2, 44_100));
        let mut decoder = Decoder::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let mut all = Vec::new();
        while decoder.next(&mut all).unwrap() {}
        // After the end, the reader is created again.
        assert_eq!(decoder.seek(0.5).unwrap(), 0.5);
        let mut half = Vec::new();
        while decoder.next(&mut half).unwrap() {}
        assert_eq!(half, all[all.len() / 2..]);
    }
}
