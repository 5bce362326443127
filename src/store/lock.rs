//! One process at a time: a lock file beside the store with the holder's process id inside.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::error::StoreError;
use super::private;
use crate::files;

/// The lock, held until dropped. The kernel drops it with the process, so a stale file means nothing.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock without waiting.
    pub(super) fn take(path: &Path) -> Result<Lock, StoreError> {
        let mut options = private::options();
        let (mut file, _) = files::with(options.read(true).write(true).create(true).truncate(false), path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut text = String::new();
                // Unreadable or not yet written: then it is held by someone unknown.
                let _ = (&mut file).take(32).read_to_string(&mut text);
                return Err(StoreError::Held { pid: text.trim().parse().ok() });
            }
            Err(e) => return Err(StoreError::Io(e.into())),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Lock { _file: file })
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
