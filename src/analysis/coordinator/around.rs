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
        Around::watch_every(BLIND, root, model)
    }

    /// As [`Around::watch`], looking so often while not everything can be watched.
    fn watch_every(blind: Timespec, root: &Path, model: &Path) -> io::Result<Around> {
        let mounts = File::open("/proc/self/mountinfo")?;
        let changes = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let places = places(root, model);
        let whole = places.iter().all(|place| place.watch(&changes));
        let (ended, end) = io::pipe()?;
        let (tell, stirred) = crossbeam_channel::bounded(1);
        let names = [root, model].map(|path| path.file_name().unwrap_or_default().as_bytes().to_vec());
        let sentry = Sentry { blind, mounts, changes, ended, places, names };
        std::thread::Builder::new().name("around".into()).spawn(move || sentry.run(whole, &tell))?;
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

/// The thread's own.
struct Sentry {
    blind: Timespec,
    mounts: File,
    changes: OwnedFd,
    ended: PipeReader,
    places: Vec<Place>,
    /// The names that matter in a directory.
    names: [Vec<u8>; 2],
}

impl Sentry {
    /// Tells of every change until the other side is gone.
    fn run(&self, mut whole: bool, tell: &Sender<()>) {
        loop {
            let mut waits = [
                PollFd::new(&self.mounts, PollFlags::PRI),
                PollFd::new(&self.changes, PollFlags::IN),
                PollFd::new(&self.ended, PollFlags::IN),
            ];
            let looked = match poll(&mut waits, if whole { None } else { Some(&self.blind) }) {
                Ok(ready) => ready == 0,
                Err(Errno::INTR) => continue,
                Err(_) => return,
            };
            let [mounts, _, ended] = waits.map(|wait| !wait.revents().is_empty());
            if ended {
                return;
            }
            if !(self.matters() || mounts || looked) {
                continue;
            }
            // Before it is told, so that what changes after the others have looked is told as well.
            whole = self.places.iter().all(|place| place.watch(&self.changes));
            if matches!(tell.try_send(()), Err(TrySendError::Disconnected(()))) {
                return;
            }
        }
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
    use std::time::{Duration, Instant};

    use super::*;

    /// How often it looks while not everything can be watched, and a time without a word that shows that it does not.
    const OFTEN: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
    const SILENCE: Duration = Duration::from_millis(300);
    /// Waiting ends here when the test fails.
    const PATIENCE: Duration = Duration::from_secs(120);

    /// Whether a change is told; one change may be told more than once.
    fn told(around: &Around) -> bool {
        around.stirred.recv_timeout(PATIENCE).is_ok()
    }

    /// Waits until nothing is told any more; false when that never happens.
    fn falls_silent(around: &Around) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if around.stirred.recv_timeout(SILENCE).is_err() {
                return true;
            }
        }
        false
    }

    #[test]
    fn what_happens_around_the_library_is_told_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let (disk, models) = (dir.path().join("disk"), dir.path().join("models"));
        let (root, model) = (disk.join("music"), models.join("current"));
        fs::create_dir_all(&root).unwrap();
        fs::create_dir(&models).unwrap();
        let around = Around::watch_every(OFTEN, &root, &model).unwrap();
        // Neither what is in the library, nor beside it.
        fs::write(root.join("a.mp3"), "a").unwrap();
        fs::write(disk.join("other"), "a").unwrap();
        fs::write(models.join("current.new"), "a").unwrap();
        assert!(around.stirred.recv_timeout(SILENCE).is_err());
        fs::rename(models.join("current.new"), &model).unwrap();
        assert!(told(&around) && falls_silent(&around), "another model");
        fs::remove_file(&model).unwrap();
        assert!(told(&around) && falls_silent(&around), "no model");
        fs::rename(&disk, dir.path().join("aside")).unwrap();
        // Again and again, because it cannot be watched where it was.
        assert!((0..10).all(|_| told(&around)), "a directory above moved away");
        fs::create_dir_all(&root).unwrap();
        assert!(falls_silent(&around), "all is watched again");
        fs::remove_dir_all(&root).unwrap();
        fs::create_dir(&root).unwrap();
        assert!(told(&around), "another directory at the same place");
    }
}
