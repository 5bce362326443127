//! Changes around the library that its own watcher does not see: a disk mounted over it, a directory above it moved or
//! replaced, another model put in use. The kernel reports each of them, so an idle player need not wake up to poll.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, PipeWriter};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use rustix::event::{PollFlags, Timespec};

use crate::system::{self, Changes, Wanted, Woken};

/// Polling interval while something cannot be watched because it is missing or unreadable.
const BLIND: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };

/// Signals changes around the library as long as it exists.
pub(super) struct Around {
    stirred: Receiver<()>,
    /// Dropping this end of the pipe ends the thread.
    _end: PipeWriter,
}

impl Around {
    /// Watches the mounts, the path to `root` and the file `model`. Earlier changes are not reported.
    ///
    /// # Errors
    /// When the system does not report changes or mounts, or its limits are reached.
    pub fn watch(root: &Path, model: &Path) -> io::Result<Around> {
        let (changes, end) = Changes::start()?;
        let mut sentry = Sentry::new(root, model, system::mounts()?, changes);
        let (tell, stirred) = crossbeam_channel::bounded(1);
        std::thread::Builder::new().name("around".into()).spawn(move || sentry.run(&tell))?;
        Ok(Around { stirred, _end: end })
    }

    /// The channel of signals. Disconnected when watching is no longer possible.
    pub fn stirred(&self) -> Receiver<()> {
        self.stirred.clone()
    }
}

/// A directory and what is to be reported of it.
struct Place(PathBuf, Wanted);

fn places(root: &Path, model: &Path) -> Vec<Place> {
    let mut places: Vec<_> = root.ancestors().map(|dir| Place(dir.to_owned(), Wanted::ITSELF)).collect();
    // Deleting a directory that is in use as a working directory causes no event of its own.
    places.extend(root.parent().map(|dir| Place(dir.to_owned(), Wanted::NAMES)));
    places.extend(model.parent().map(|dir| Place(dir.to_owned(), Wanted::ALL)));
    places
}

/// The state of the thread.
struct Sentry {
    mounts: File,
    changes: Changes,
    places: Vec<Place>,
    /// The file names that matter in the watched directories.
    names: [Vec<u8>; 2],
    /// Whether every place is watched. Otherwise changes may be missed, and a check is due every [`BLIND`].
    whole: bool,
}

/// The result of one wait.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    /// Something changed, or may have.
    Stirred,
    /// The events do not matter.
    Quiet,
    /// The receiver is gone, or waiting is no longer possible.
    Ended,
}

impl Sentry {
    fn new(root: &Path, model: &Path, mounts: File, changes: Changes) -> Sentry {
        let names = [root, model].map(|path| path.file_name().unwrap_or_default().as_bytes().to_vec());
        let mut sentry = Sentry { mounts, changes, places: places(root, model), names, whole: false };
        sentry.watch();
        sentry
    }

    fn watch(&mut self) {
        self.whole = self.places.iter().all(|Place(dir, wanted)| self.changes.watch(dir, *wanted));
    }

    /// Reports every change until the receiver is gone.
    fn run(&mut self, tell: &Sender<()>) {
        loop {
            match self.wait(if self.whole { None } else { Some(&BLIND) }) {
                Turn::Stirred if matches!(tell.try_send(()), Err(TrySendError::Disconnected(()))) => return,
                Turn::Ended => return,
                Turn::Stirred | Turn::Quiet => {}
            }
        }
    }

    /// Waits for the next event, at most for `limit`.
    fn wait(&mut self, limit: Option<&Timespec>) -> Turn {
        let (mounts, changes) = match self.changes.wait(Some((self.mounts.as_fd(), PollFlags::PRI)), limit) {
            Woken::By { changes, beside } => (beside, changes),
            Woken::Interrupted => return Turn::Quiet,
            Woken::Ended => return Turn::Ended,
        };
        let blind = !self.whole && !mounts && !changes;
        if !(self.matters() || mounts || blind) {
            return Turn::Quiet;
        }
        // Set the watches before reporting, so that changes during the receiver's check are reported too.
        self.watch();
        Turn::Stirred
    }

    /// Reads the pending events; returns whether any was about a directory itself or a name that matters.
    fn matters(&self) -> bool {
        let named = |name: &CStr| self.names.iter().any(|n| n == name.to_bytes());
        let mut matters = false;
        self.changes.take(|name| matters |= name.is_none_or(named));
        matters
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

    /// A music directory and the file of the model in use, with the directories above them.
    fn house() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let (root, model) = (dir.path().join("disk/music"), dir.path().join("models/current"));
        fs::create_dir_all(&root).unwrap();
        fs::create_dir(model.parent().unwrap()).unwrap();
        (dir, root, model)
    }

    #[test]
    fn what_happens_around_the_library_is_told_and_nothing_else() {
        let (dir, root, model) = house();
        let (disk, models) = (root.parent().unwrap(), model.parent().unwrap());
        let (changes, end) = Changes::start().unwrap();
        // A file that reports no mounts: those of other programs are no part of this test.
        let mut sentry = Sentry::new(&root, &model, File::open("/dev/null").unwrap(), changes);
        // The kernel queues an event before the call that caused it returns.
        let mut turn = || sentry.wait(Some(&NOW));
        // Neither what is in the library, nor beside it.
        fs::write(root.join("a.mp3"), "a").unwrap();
        fs::write(disk.join("other"), "a").unwrap();
        fs::write(models.join("current.new"), "a").unwrap();
        assert_eq!(turn(), Turn::Quiet);
        fs::rename(models.join("current.new"), &model).unwrap();
        assert_eq!([turn(), turn()], [Turn::Stirred, Turn::Quiet], "another model");
        fs::remove_file(&model).unwrap();
        assert_eq!([turn(), turn()], [Turn::Stirred, Turn::Quiet], "no model");
        fs::rename(disk, dir.path().join("aside")).unwrap();
        // Again and again, because it cannot be watched where it was.
        assert!((0..10).all(|_| turn() == Turn::Stirred), "a directory above moved away");
        fs::create_dir_all(&root).unwrap();
        assert_eq!([turn(), turn()], [Turn::Stirred, Turn::Quiet], "all is watched again");
        fs::remove_dir_all(&root).unwrap();
        fs::create_dir(&root).unwrap();
        assert_eq!(turn(), Turn::Stirred, "another directory at the same place");
        drop(end);
        assert_eq!(turn(), Turn::Ended);
    }

    #[test]
    fn the_thread_tells_and_ends_with_the_one_that_it_tells() {
        let (_dir, root, model) = house();
        let around = Around::watch(&root, &model).unwrap();
        let stirred = around.stirred();
        fs::write(&model, "a").unwrap();
        stirred.recv().unwrap();
        drop(around);
        while stirred.recv().is_ok() {}
    }
}
