//! Random access to a file.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// A regular file, open for reading.
pub(super) struct Source {
    file: File,
    /// Its length in bytes.
    pub length: u64,
}

impl Source {
    /// Opens a file.
    ///
    /// # Errors
    /// An I/O error, or the path is not a regular file (a pipe would block).
    pub(super) fn open(path: &Path) -> io::Result<Source> {
        let flags = rustix::fs::OFlags::NONBLOCK.bits() as i32;
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(Source { file, length: meta.len() })
    }

    /// Up to `count` bytes from offset `at`, fewer at the end of the file. The allocation is
    /// limited by the file's length.
    ///
    /// # Errors
    /// An I/O error.
    pub(super) fn bytes(&self, at: u64, count: u64) -> io::Result<Vec<u8>> {
        let count = count.min(self.length.saturating_sub(at));
        let mut out = vec![0; usize::try_from(count).map_err(io::Error::other)?];
        let mut filled = 0;
        while filled < out.len() {
            match self.file.read_at(&mut out[filled..], at + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        out.truncate(filled);
        Ok(out)
    }
}
