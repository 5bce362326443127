//! The storage behind the journal: a file, or in tests one that fails like a full disk.

use std::fmt::Debug;
use std::fs::File;
use std::io;

/// A file that is only appended to, and truncated after a failed write.
pub(super) trait Ground: Debug + Send {
    /// Appends all bytes. After an error, any number of them may have been written.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Its length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Truncates it to `len` bytes.
    fn set_len(&mut self, len: u64) -> io::Result<()>;
    /// Makes all writes durable.
    fn sync(&mut self) -> io::Result<()>;
}

impl Ground for File {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        io::Write::write_all(self, bytes)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}
