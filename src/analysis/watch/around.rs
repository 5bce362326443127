//! What may change around the library without its watcher hearing of it: a disk is mounted over it, a directory above it is
//! moved or replaced, another model is put in use. The kernel tells of each of them, so that a player that does nothing
//! need not wake up to look.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use rustix::io::Errno;

/// How often to look while not everything can be watched: something is not there, or may not be read.
const BLIND: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };
/// A directory itself came to another place or is gone.
const ITSELF: WatchFlags = WatchFlags::MOVE_SELF.union(WatchFlags::DELETE_SELF);
/// Something in a directory came, went or has been written.
const INSIDE: WatchFlags = WatchFlags::CREATE.union(WatchFlags::DELETE).union(WatchFlags::MOVE);

/// Tells that something changed around the library while it lives.
pub(super) struct Around {
    stirred: Receiver<()>,
    /// Closed with this, which ends the thread.
    _end: PipeWriter,
}

impl Around {
    /// Watches the mounts, the way to `root` and the file `model`. What changed before is not told.
    ///
    /// # Errors
    /// When the kernel has no such watches (left).
    pub fn watch(root: &Path, model: &Path) -> io::Result<Around> {
        let (ended, end) = io::pipe()?;
        let mut sentry = Sentry::new(root, model, File::open("/proc/self/mountinfo")?, ended)?;
        let (tell, stirred) = crossbeam_channel::bounded(1);
        std::thread::Builder::new().name("around".into()).spawn(move || sentry.run(&tell))?;
        Ok(Around { stirred, _end: end })
    }

    /// Where it tells, to be waited on. Disconnected when it cannot watch any longer.
    pub fn stirred(&self) -> Receiver<()> {
        self.stirred.clone()
    }
}

/// A directory and what to be told of it.
struct Place(PathBuf, WatchFlags);

impl Place {
    /// Watches what is there now under this name; once more does no harm.
    fn watch(&self, changes: &OwnedFd) -> bool {
        inotify::add_watch(changes, &self.0, self.1 | WatchFlags::MASK_ADD | WatchFlags::ONLYDIR).is_ok()
    }
}

fn places(root: &Path, model: &Path) -> Vec<Place> {
    let mut places: Vec<_> = root.ancestors().map(|dir| Place(dir.to_owned(), ITSELF)).collect();
    // A directory in which somebody stands goes without a word of its own.
    places.extend(root.parent().map(|dir| Place(dir.to_owned(), INSIDE)));
    places.extend(model.parent().map(|dir| Place(dir.to_owned(), INSIDE | ITSELF | WatchFlags::CLOSE_WRITE)));
    places
}

/// What the thread owns.
struct Sentry {
    mounts: File,
    changes: OwnedFd,
    ended: PipeReader,
    places: Vec<Place>,
    /// The file names that matter in a watched directory.
    names: [Vec<u8>; 2],
    /// Whether every place is watched. Otherwise changes may go unnoticed, and a look is due every [`BLIND`].
    whole: bool,
}

/// How a wait of the sentry ended.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    /// Something changed, or may have.
    Stirred,
    /// What happened does not matter.
    Quiet,
    /// The other side is gone, or waiting is no longer possible.
    Ended,
}

impl Sentry {
    fn new(root: &Path, model: &Path, mounts: File, ended: PipeReader) -> io::Result<Sentry> {
        let changes = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let names = [root, model].map(|path| path.file_name().unwrap_or_default().as_bytes().to_vec());
        let mut sentry = Sentry { mounts, changes, ended, places: places(root, model), names, whole: false };
        sentry.watch();
        Ok(sentry)
    }

    fn watch(&mut self) {
        self.whole = self.places.iter().all(|place| place.watch(&self.changes));
    }

    /// Reports every change until the other side is gone.
    fn run(&mut self, tell: &Sender<()>) {
        loop {
            match self.wait(if self.whole { None } else { Some(&BLIND) }) {
                Turn::Stirred if matches!(tell.try_send(()), Err(TrySendError::Disconnected(()))) => return,
                Turn::Ended => return,
                Turn::Stirred | Turn::Quiet => {}
            }
        }
    }

    /// Waits for the next event, at most as long as `limit`.
    fn wait(&mut self, limit: Option<&Timespec>) -> Turn {
        let mut waits = [
            PollFd::new(&self.mounts, PollFlags::PRI),
            PollFd::new(&self.changes, PollFlags::IN),
            PollFd::new(&self.ended, PollFlags::IN),
        ];
        match poll(&mut waits, limit) {
            Ok(_) => {}
            Err(Errno::INTR) => return Turn::Quiet,
            Err(_) => return Turn::Ended,
        }
        let [mounts, changes, ended] = waits.map(|wait| !wait.revents().is_empty());
        if ended {
            return Turn::Ended;
        }
        let blind = !self.whole && !mounts && !changes;
        if !(self.matters() || mounts || blind) {
            return Turn::Quiet;
        }
        // Watches are set before the change is reported, so that what changes while the others look is reported as well.
        self.watch();
        Turn::Stirred
    }

    /// Takes in what changed: whether any of it was about a directory itself or a name that matters.
    fn matters(&self) -> bool {
        let mut buffer = [const { MaybeUninit::uninit() }; 4096];
        let mut reader = Reader::new(&self.changes, &mut buffer);
        let mut matters = false;
        loop {
            match reader.next() {
                Ok(event) => {
                    let named = |name: &std::ffi::CStr| self.names.iter().any(|n| n == name.to_bytes());
                    matters |= event.file_name().is_none_or(named);
                }
                Err(Errno::INTR) => {}
                // Nothing more.
                Err(_) => return matters,
            }
        }
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
        let (ended, end) = io::pipe().unwrap();
        // A file that reports no mounts: those of other programs are no part of this test.
        let mut sentry = Sentry::new(&root, &model, File::open("/dev/null").unwrap(), ended).unwrap();
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
