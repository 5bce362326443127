//! Changes in directories, found by listing them every two seconds: for systems that do not report the changes in single
//! directories to a descriptor. The interface is that of `linux::changes`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{CStr, CString, OsString};
use std::fs::{self, DirEntry};
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::watching::{Wanted, Woken};

/// How often the directories are listed.
const LOOK: Duration = Duration::from_secs(2);

/// The watched directories, and whether anybody still wants to know about them.
pub struct Changes {
    ended: PipeReader,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    watched: BTreeMap<PathBuf, Watched>,
    /// What was found and not taken yet: the name of an entry, or `None` for the directory.
    found: Vec<Option<CString>>,
}

/// A directory as it was last seen.
struct Watched {
    wanted: Wanted,
    /// Device and inode.
    identity: (u64, u64),
    entries: BTreeMap<OsString, Entry>,
}

/// The inode; time of the last change in seconds and nanoseconds, and length in bytes, if contents are wanted.
type Entry = (u64, Option<(i64, i64, u64)>);

impl Changes {
    /// Watches nothing yet. Dropping the end of the pipe ends every wait.
    ///
    /// # Errors
    /// There are no more descriptors.
    pub fn start() -> io::Result<(Changes, PipeWriter)> {
        let (ended, end) = io::pipe()?;
        Ok((Changes { ended, state: RefCell::default() }, end))
    }

    /// Watches the directory with this name for what is wanted, beside what it is watched for already. Returns whether it
    /// is watched.
    pub fn watch(&self, dir: &Path, wanted: Wanted) -> bool {
        self.state.borrow_mut().watch(dir, wanted)
    }

    /// Waits for a change, or for these events of another descriptor; at most for `limit`.
    pub fn wait(&self, beside: Option<(BorrowedFd<'_>, PollFlags)>, limit: Option<&Timespec>) -> Woken {
        let limit = limit.and_then(|limit| Duration::try_from(*limit).ok());
        let begun = Instant::now();
        let mut state = self.state.borrow_mut();
        loop {
            let left = limit.map(|limit| limit.saturating_sub(begun.elapsed()));
            let pause = if state.found.is_empty() { left.map_or(LOOK, |left| left.min(LOOK)) } else { Duration::ZERO };
            let mut waits = vec![PollFd::new(&self.ended, PollFlags::IN)];
            waits.extend(beside.map(|(other, events)| PollFd::from_borrowed_fd(other, events)));
            match poll(&mut waits, Timespec::try_from(pause).ok().as_ref()) {
                Ok(_) => {}
                Err(Errno::INTR) => return Woken::Interrupted,
                Err(_) => return Woken::Ended,
            }
            let has = |at: usize| waits.get(at).is_some_and(|wait| !wait.revents().is_empty());
            if has(0) {
                return Woken::Ended;
            }
            state.look();
            let (changes, beside) = (!state.found.is_empty(), has(1));
            if changes || beside || left.is_some_and(|left| left <= pause) {
                return Woken::By { changes, beside };
            }
        }
    }

    /// Takes the changes that were found, and passes on the name of the entry in its directory that each is about; `None`
    /// if it is about the directory.
    pub fn take(&self, mut each: impl FnMut(Option<&CStr>)) {
        let found = std::mem::take(&mut self.state.borrow_mut().found);
        found.iter().for_each(|name| each(name.as_deref()));
    }
}

impl State {
    fn watch(&mut self, dir: &Path, wanted: Wanted) -> bool {
        let known = self.watched.get(dir).map_or_else(Wanted::default, |watched| watched.wanted);
        let all = Wanted {
            itself: wanted.itself || known.itself,
            names: wanted.names || known.names,
            contents: wanted.contents || known.contents,
        };
        // What is watched for all of it already is compared with what was seen then.
        if self.watched.contains_key(dir) && all == known {
            return true;
        }
        // What has changed so far is not to be lost.
        self.look();
        Watched::of(dir, all).map(|watched| self.watched.insert(dir.to_owned(), watched)).is_some()
    }

    /// Compares the directories with what they were. One that is gone is watched no longer.
    fn look(&mut self) {
        let found = &mut self.found;
        self.watched.retain(|dir, before| {
            let Some(now) = Watched::of(dir, before.wanted) else {
                found.push(None);
                return false;
            };
            if before.wanted.itself && now.identity != before.identity {
                found.push(None);
            }
            found.extend(differing(&before.entries, &now.entries).map(|name| CString::new(name.into_vec()).ok()));
            *before = now;
            true
        });
    }
}

impl Watched {
    fn of(dir: &Path, wanted: Wanted) -> Option<Watched> {
        let meta = fs::metadata(dir).ok().filter(fs::Metadata::is_dir)?;
        let entry = |entry: DirEntry| {
            let about = || entry.metadata().ok().map(|meta| (meta.mtime(), meta.mtime_nsec(), meta.len()));
            let about = if wanted.contents { about() } else { None };
            (entry.file_name(), (entry.ino(), about))
        };
        let entries = match wanted.names || wanted.contents {
            true => fs::read_dir(dir).ok()?.flatten().map(entry).collect(),
            false => BTreeMap::new(),
        };
        Some(Watched { wanted, identity: (meta.dev(), meta.ino()), entries })
    }
}

/// The names of which one list has another entry than the other.
fn differing(before: &BTreeMap<OsString, Entry>, now: &BTreeMap<OsString, Entry>) -> impl Iterator<Item = OsString> {
    let gone = before.keys().filter(|name| !now.contains_key(*name));
    let other = now.iter().filter(|(name, entry)| before.get(*name) != Some(entry)).map(|(name, _)| name);
    gone.chain(other).cloned().collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
    const NOTHING: Woken = Woken::By { changes: false, beside: false };
    const CHANGES: Woken = Woken::By { changes: true, beside: false };

    fn taken(changes: &Changes) -> Vec<Option<CString>> {
        let mut names = Vec::new();
        changes.take(|name| names.push(name.map(CStr::to_owned)));
        names
    }

    #[test]
    fn changes_are_found_by_name_until_the_owner_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let (changes, end) = Changes::start().unwrap();
        assert!(changes.watch(dir.path(), Wanted::ITSELF));
        assert!(changes.watch(dir.path(), Wanted::NAMES), "again");
        assert!(!changes.watch(&dir.path().join("none"), Wanted::NAMES));
        assert_eq!(changes.wait(None, Some(&NOW)), NOTHING);
        fs::write(dir.path().join("a"), "a").unwrap();
        assert!(changes.watch(dir.path(), Wanted::ALL), "what has happened is not forgotten");
        assert_eq!(changes.wait(None, None), CHANGES);
        assert_eq!(taken(&changes), [Some(c"a".to_owned())]);
        assert_eq!(changes.wait(None, Some(&NOW)), NOTHING);
        fs::write(dir.path().join("a"), "longer").unwrap();
        assert_eq!(changes.wait(None, Some(&NOW)), CHANGES);
        fs::remove_file(dir.path().join("a")).unwrap();
        assert_eq!(changes.wait(None, Some(&NOW)), CHANGES, "not taken yet");
        assert_eq!(taken(&changes), [Some(c"a".to_owned()), Some(c"a".to_owned())]);
        let (other, mut writer) = io::pipe().unwrap();
        let beside = || Some((other.as_fd(), PollFlags::IN));
        assert_eq!(changes.wait(beside(), Some(&NOW)), NOTHING);
        io::Write::write_all(&mut writer, b"x").unwrap();
        assert_eq!(changes.wait(beside(), None), Woken::By { changes: false, beside: true });
        drop(end);
        assert_eq!(changes.wait(beside(), None), Woken::Ended);
    }

    #[test]
    fn only_what_is_wanted_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let (by_name, by_itself) = (dir.path().join("names"), dir.path().join("itself"));
        fs::create_dir(&by_name).unwrap();
        fs::create_dir(&by_itself).unwrap();
        fs::write(by_name.join("a"), "a").unwrap();
        let (changes, _end) = Changes::start().unwrap();
        assert!(changes.watch(&by_name, Wanted::NAMES) && changes.watch(&by_itself, Wanted::ITSELF));
        fs::write(by_name.join("a"), "longer").unwrap();
        fs::write(by_itself.join("a"), "a").unwrap();
        assert_eq!(changes.wait(None, Some(&NOW)), NOTHING);
        // Made while the other one is there, so that it is another inode.
        fs::create_dir(dir.path().join("other")).unwrap();
        fs::remove_dir_all(&by_itself).unwrap();
        fs::rename(dir.path().join("other"), &by_itself).unwrap();
        assert_eq!(changes.wait(None, Some(&NOW)), CHANGES);
        assert_eq!(taken(&changes), [None], "another directory at the same place");
        fs::remove_dir(&by_itself).unwrap();
        assert_eq!(changes.wait(None, Some(&NOW)), CHANGES);
        assert_eq!(taken(&changes), [None]);
        assert_eq!(changes.wait(None, Some(&NOW)), NOTHING, "told once");
        assert!(!changes.watch(&by_itself, Wanted::ITSELF), "until it is there again");
    }
}
