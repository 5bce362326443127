//! A lock for one training at a time: two would compete for cores, and the second to publish would undo the first.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use crate::files;
use crate::store::private;

/// The lock, held until dropped. The kernel releases it when the process ends, so the file left by a killed training is
/// harmless.
#[derive(Debug)]
pub struct Lock(File);

impl Drop for Lock {
    /// Releases the lock, which closing the file would keep as long as a child process that is being started holds a copy
    /// of its descriptor.
    fn drop(&mut self) {
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

impl Lock {
    /// Takes the lock file at `path` without blocking, for a run in `directory`.
    ///
    /// # Errors
    /// When another training holds it (the message says which), or the file cannot be written.
    pub fn take(path: &Path, directory: &Path) -> Result<Lock, String> {
        let failed = |e: std::io::Error| format!("cannot use the lock {}: {e}", path.display());
        if let Some(parent) = path.parent() {
            private::dir(parent).map_err(failed)?;
        }
        let mut options = private::options();
        let options = options.read(true).write(true).create(true).truncate(false);
        let (file, _) = files::with(options, path).map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut text = String::new();
                // Unreadable or not written yet: the holder is unknown.
                let _ = (&file).take(8192).read_to_string(&mut text);
                let (pid, run) = text.trim().split_once('\n').unwrap_or_default();
                let who = if pid.is_empty() { String::new() } else { format!(" (pid {pid}, its run is {run})") };
                return Err(format!("another training is running{who}: wait for it or stop it"));
            }
            Err(e) => return Err(failed(e.into())),
        }
        let mut lock = Lock(file);
        lock.name(directory).map_err(failed)?;
        Ok(lock)
    }

    fn name(&mut self, directory: &Path) -> std::io::Result<()> {
        self.0.set_len(0)?;
        self.0.rewind()?;
        let run = crate::text::sanitize(&directory.display().to_string());
        writeln!(self.0, "{}\n{run}", std::process::id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_learns_of_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data/train.lock");
        std::fs::create_dir(dir.path().join("data")).unwrap();
        std::fs::write(&path, "999999999\n/left/by/a/training/that/was/killed\nand longer\n").unwrap();
        let held = Lock::take(&path, Path::new("/runs/one")).unwrap();
        let said = Lock::take(&path, Path::new("/runs/two")).unwrap_err();
        assert!(said.contains(&format!("pid {}, its run is /runs/one)", std::process::id())), "{said}");
        drop(held);
        Lock::take(&path, Path::new("/runs/two")).unwrap();
    }

    #[test]
    fn a_lock_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), "").unwrap();
        let said = Lock::take(&dir.path().join("file/train.lock"), Path::new("/r")).unwrap_err();
        assert!(said.contains("file/train.lock"), "{said}");
    }
}
