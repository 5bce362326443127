//! Changes in directories as the kernel reports them, for a thread that waits for them until its owner drops the other
//! end of a pipe.

use std::ffi::CStr;
use std::io::{self, PipeReader, PipeWriter};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use rustix::io::Errno;

use crate::system::watching::{Wanted, Woken};

/// The reports of the watched directories, and whether anybody still wants them.
pub struct Changes {
    reports: OwnedFd,
    ended: PipeReader,
}

impl Changes {
    /// Watches nothing yet. Dropping the end of the pipe ends every wait.
    ///
    /// # Errors
    /// The system does not report changes, or its limits are reached.
    pub fn start() -> io::Result<(Changes, PipeWriter)> {
        let (ended, end) = io::pipe()?;
        let reports = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        Ok((Changes { reports, ended }, end))
    }

    /// Watches the directory that now has this name for what is wanted, beside what it is watched for already.
    /// Returns whether it is watched.
    pub fn watch(&self, dir: &Path, wanted: Wanted) -> bool {
        inotify::add_watch(&self.reports, dir, events(wanted) | WatchFlags::MASK_ADD | WatchFlags::ONLYDIR).is_ok()
    }

    /// Waits for a change, or for these events of another descriptor; at most for `limit`.
    pub fn wait(&self, beside: Option<(BorrowedFd<'_>, PollFlags)>, limit: Option<&Timespec>) -> Woken {
        let mut waits = vec![PollFd::new(&self.reports, PollFlags::IN), PollFd::new(&self.ended, PollFlags::IN)];
        waits.extend(beside.map(|(other, events)| PollFd::from_borrowed_fd(other, events)));
        match poll(&mut waits, limit) {
            Ok(_) => {}
            Err(Errno::INTR) => return Woken::Interrupted,
            Err(_) => return Woken::Ended,
        }
        let has = |at: usize| waits.get(at).is_some_and(|wait| !wait.revents().is_empty());
        if has(1) { Woken::Ended } else { Woken::By { changes: has(0), beside: has(2) } }
    }

    /// Takes the reports that have come, and passes on the name of the entry in its directory that each is about;
    /// `None` if it is about the directory.
    pub fn take(&self, mut each: impl FnMut(Option<&CStr>)) {
        let mut buffer = [const { MaybeUninit::uninit() }; 4096];
        let mut reader = Reader::new(&self.reports, &mut buffer);
        loop {
            match reader.next() {
                Ok(event) => each(event.file_name()),
                Err(Errno::INTR) => {}
                // No more events.
                Err(_) => return,
            }
        }
    }
}

/// The kernel's events for what is wanted.
fn events(Wanted { itself, names, contents }: Wanted) -> WatchFlags {
    [
        (itself, WatchFlags::MOVE_SELF | WatchFlags::DELETE_SELF),
        (names, WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::MOVE),
        (contents, WatchFlags::CLOSE_WRITE),
    ]
    .into_iter()
    .filter_map(|(wanted, events)| wanted.then_some(events))
    .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::fd::AsFd;

    use super::*;

    const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
    const NOTHING: Woken = Woken::By { changes: false, beside: false };

    #[test]
    fn changes_are_reported_by_name_until_the_owner_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let (changes, end) = Changes::start().unwrap();
        assert!(changes.watch(dir.path(), Wanted::ITSELF));
        assert!(changes.watch(dir.path(), Wanted::NAMES), "again");
        assert!(!changes.watch(&dir.path().join("none"), Wanted::NAMES));
        assert_eq!(changes.wait(None, Some(&NOW)), NOTHING);
        // The kernel queues an event before the call that caused it returns.
        fs::write(dir.path().join("a"), "a").unwrap();
        fs::remove_file(dir.path().join("a")).unwrap();
        assert_eq!(changes.wait(None, None), Woken::By { changes: true, beside: false });
        let mut names = Vec::new();
        changes.take(|name| names.push(name.map(CStr::to_owned)));
        assert_eq!(names, [Some(c"a".to_owned()), Some(c"a".to_owned())]);
        assert_eq!(changes.wait(None, Some(&NOW)), NOTHING);
        let (other, mut writer) = io::pipe().unwrap();
        let beside = || Some((other.as_fd(), PollFlags::IN));
        assert_eq!(changes.wait(beside(), Some(&NOW)), NOTHING);
        io::Write::write_all(&mut writer, b"x").unwrap();
        assert_eq!(changes.wait(beside(), None), Woken::By { changes: false, beside: true });
        drop(end);
        assert_eq!(changes.wait(beside(), None), Woken::Ended);
    }
}
