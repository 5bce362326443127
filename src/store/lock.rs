//! A lock file beside the store that holds the owner's process id, so that only one process opens
//! the store.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::error::StoreError;
use super::private;
use crate::files;

/// The lock, held until dropped. The kernel releases it when the process ends, so a left-over file is harmless.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    /// Releases the lock, which closing the file would keep as long as a child process that is being started holds a copy
    /// of its descriptor.
    fn drop(&mut self) {
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

impl Lock {
    /// Takes the lock without blocking.
    pub(super) fn take(path: &Path) -> Result<Lock, StoreError> {
        let mut options = private::options();
        let (mut file, _) = files::with(options.read(true).write(true).create(true).truncate(false), path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut text = String::new();
                // The id is unreadable or not written yet: the holder is unknown.
                let _ = (&mut file).take(32).read_to_string(&mut text);
                return Err(StoreError::Held { pid: text.trim().parse().ok() });
            }
            Err(e) => return Err(StoreError::Io(e.into())),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Lock { file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_learns_the_first_ones_id() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.lock");
        std::fs::write(&path, "999999999 left by a longer id").unwrap();
        let held = Lock::take(&path).unwrap();
        match Lock::take(&path) {
            Err(StoreError::Held { pid }) => assert_eq!(pid, Some(std::process::id())),
            other => panic!("{other:?}"),
        }
        drop(held);
        Lock::take(&path).unwrap();
    }
}
