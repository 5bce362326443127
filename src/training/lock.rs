//! A lock for one training at a time: two would compete for cores, and the second to publish would undo the first.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use super::fault::LockError;
use crate::files;
use crate::store::private;

/// How often a lock that is held is tried again, and after how long: a player that looks who trains ([`holder`]) holds it
/// for a moment.
const TRIES: usize = 5;
const WAIT: Duration = Duration::from_millis(20);

/// The training that holds the lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// Its process; `None` if it has not written that yet.
    pub pid: Option<i32>,
    /// The directory of its run, safe for the screen.
    pub run: PathBuf,
}

/// The training that runs now. A lock file that nobody holds was left by one that has ended.
pub fn holder(path: &Path) -> Option<Holder> {
    let (file, _) = files::open(path).ok()?;
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Err(rustix::io::Errno::WOULDBLOCK) => Some(named(&file)),
        Ok(()) => {
            let _ = flock(&file, FlockOperation::Unlock);
            None
        }
        Err(_) => None,
    }
}

/// What the file says of its holder; unreadable or not written yet, the holder is unknown.
fn named(file: &File) -> Holder {
    let mut text = String::new();
    let _ = file.take(8192).read_to_string(&mut text);
    let (pid, run) = text.trim().split_once('\n').unwrap_or_default();
    Holder { pid: pid.parse().ok().filter(|pid| *pid > 0), run: run.into() }
}

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
    /// When another training holds it, or the file cannot be written.
    pub fn take(path: &Path, directory: &Path) -> Result<Lock, LockError> {
        let failed = |cause| LockError::Unusable { path: path.to_owned(), cause };
        if let Some(parent) = path.parent() {
            private::dir(parent).map_err(failed)?;
        }
        let mut options = private::options();
        let options = options.read(true).write(true).create(true).truncate(false);
        let (file, _) = files::with(options, path).map_err(failed)?;
        match exclusively(&file) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let Holder { pid, run } = named(&file);
                return Err(LockError::Held { pid, run });
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

/// Takes the lock, trying a few times.
fn exclusively(file: &File) -> rustix::io::Result<()> {
    for _ in 1..TRIES {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) => std::thread::sleep(WAIT),
            other => return other,
        }
    }
    flock(file, FlockOperation::NonBlockingLockExclusive)
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
        let said = Lock::take(&path, Path::new("/runs/two")).unwrap_err().to_string();
        assert!(said.contains(&format!("pid {}, its run is /runs/one)", std::process::id())), "{said}");
        drop(held);
        Lock::take(&path, Path::new("/runs/two")).unwrap();
    }

    #[test]
    fn a_look_tells_who_trains_and_takes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("train.lock");
        assert_eq!(holder(&path), None);
        // Left by a process that was killed; its number may belong to another one by now.
        std::fs::write(&path, format!("{}\n/runs/killed\n", std::process::id())).unwrap();
        assert_eq!(holder(&path), None);
        let held = Lock::take(&path, Path::new("/runs/one")).unwrap();
        let found = holder(&path).unwrap();
        assert_eq!((found.pid, found.run), (Some(std::process::id() as i32), PathBuf::from("/runs/one")));
        drop(held);
        assert_eq!(holder(&path), None);
        std::fs::write(&path, "not a number").unwrap();
        let _held = Lock::take(&path, Path::new("/runs/two")).unwrap();
        std::fs::write(&path, "what is this").unwrap();
        assert_eq!(holder(&path), Some(Holder::default()));
    }

    #[test]
    fn a_lock_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), "").unwrap();
        let said = Lock::take(&dir.path().join("file/train.lock"), Path::new("/r")).unwrap_err().to_string();
        assert!(said.contains("file/train.lock"), "{said}");
    }
}
