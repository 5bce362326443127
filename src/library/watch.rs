//! Change events from the kernel, through notify. They miss most files of a freshly copied album
//! and everything in a tree that was moved in (measured). So every new directory is reported as a
//! tree to walk, and the receiver must compare everything from time to time anyway.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crossbeam_channel::Sender;
use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, ModifyKind, RemoveKind, RenameMode};
use notify::{Config, ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::cover;
use crate::audio::cue;
use crate::system::{REPORTS_CLOSING, is_network_fs};
use crate::track::is_audio;

/// A hint about what may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dirty {
    /// This audio file or cue sheet was created, written, moved or deleted.
    Path(PathBuf),
    /// A picture by the name of a cover was written, linked, moved or deleted.
    Cover(PathBuf),
    /// Anything at or below this path, which may no longer exist.
    Tree(PathBuf),
    /// Not everything can be watched, with the reason (a line for the user): compare everything
    /// every few minutes.
    Blind(String),
    /// Anything may have changed, with the reason (a line for the user or the log).
    All(String),
}

/// Watches a directory until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    inner: RecommendedWatcher,
    root: PathBuf,
}

impl Watcher {
    /// Watches a directory and everything below it, including symbolic links if `follow_links`.
    /// Start it before the first scan, so that no change in between is missed. It needs one watch
    /// per directory, which takes a while for a large library. The channel should be unbounded: the
    /// kernel's queue overflows while the handler blocks.
    ///
    /// The second value is the reason, as a line of text, why changes may be missed: there is no
    /// watcher at all, or not for every directory, or the file system is a network's. The caller
    /// should then compare everything every few minutes.
    pub fn start(root: &Path, follow_links: bool, to: Sender<Dirty>) -> (Option<Watcher>, Option<String>) {
        let mut why_not = is_network_fs(root)
            .then(|| "the music is on a network file system, which does not report changes made elsewhere".to_owned());
        let base = root.to_owned();
        let handler = move |event: notify::Result<Event>| {
            for dirty in translate(event, &base) {
                // The receiver may be gone: the watcher is about to be dropped.
                let _ = to.send(dirty);
            }
        };
        let config = Config::default().with_follow_symlinks(follow_links);
        let mut inner = match RecommendedWatcher::new(handler, config) {
            Ok(inner) => inner,
            Err(e) => return (None, Some(explain(&e))),
        };
        match inner.watch(root, RecursiveMode::Recursive) {
            Ok(()) => {}
            // Some directories are watched, which is better than none.
            Err(e) if matches!(e.kind, ErrorKind::MaxFilesWatch) => why_not = Some(explain(&e)),
            Err(e) => return (None, Some(explain(&e))),
        }
        (Some(Watcher { inner, root: root.to_owned() }), why_not)
    }
}

impl Watcher {
    /// Sets watches on what exists now. After hints were lost, there may be new directories without
    /// a watch, and a root that was missing may have been replaced. Keep receiving hints meanwhile,
    /// as the channel is unbounded.
    ///
    /// Returns the reason why changes may be missed, as a line of text.
    pub fn again(&mut self) -> Option<String> {
        self.inner.watch(&self.root, RecursiveMode::Recursive).err().map(|e| explain(&e))
    }
}

/// Translates an event for the library at `root`. Reading files causes events too; they are dropped
/// first, as playing and analysing the library would flood the receiver.
fn translate(event: notify::Result<Event>, root: &Path) -> Vec<Dirty> {
    let event = match event {
        Ok(event) => event,
        Err(e) if matches!(e.kind, ErrorKind::MaxFilesWatch) => return vec![Dirty::Blind(explain(&e))],
        Err(e) => return vec![Dirty::All(explain(&e))],
    };
    if matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write)) {
        return Vec::new();
    }
    if event.need_rescan() {
        return vec![Dirty::All("more changed at once than the system could report".into())];
    }
    let gone_or_moved = matches!(
        event.kind,
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) | EventKind::Any | EventKind::Other
    );
    if gone_or_moved && event.paths.iter().any(|p| p == root) {
        return vec![Dirty::All("the music directory was moved or removed".into())];
    }
    event.paths.into_iter().filter(|path| !is_hidden(path, root)).filter_map(|path| one(event.kind, path)).collect()
}

fn one(kind: EventKind, path: PathBuf) -> Option<Dirty> {
    let may_be_tree = match kind {
        EventKind::Create(CreateKind::Folder) | EventKind::Remove(RemoveKind::Folder) => {
            return Some(Dirty::Tree(path));
        }
        // A directory with its content may have been moved to this name.
        EventKind::Create(CreateKind::Any | CreateKind::Other)
        | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both | RenameMode::Any))
        | EventKind::Any
        | EventKind::Other => {
            if path.symlink_metadata().is_ok_and(|m| m.is_dir() || m.is_symlink() && !cover::is_cover(&path)) {
                return Some(Dirty::Tree(path));
            }
            false
        }
        EventKind::Create(CreateKind::File) => {
            // notify reports a new link to a directory as a file.
            if !cover::is_cover(&path) && path.symlink_metadata().is_ok_and(|m| m.is_symlink()) {
                return Some(Dirty::Tree(path));
            }
            false
        }
        EventKind::Remove(RemoveKind::File) => false,
        // It may have been a directory, which cannot be determined any more.
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => true,
        _ => false,
    };
    match is_audio(&path) || cue::is_sheet(&path) {
        true => Some(Dirty::Path(path)),
        false if cover::is_cover(&path) => is_whole(kind, &path, REPORTS_CLOSING).then_some(Dirty::Cover(path)),
        false if may_be_tree => Some(Dirty::Tree(path)),
        false => None,
    }
}

/// Whether a picture at this path may be read after the event. Where the system reports closing, one that is being
/// written is waited for; elsewhere what is read too early is read again at its next change.
fn is_whole(kind: EventKind, path: &Path, reports_closing: bool) -> bool {
    match kind {
        // Another name of a file that was there before: nobody writes it, so nothing more would be reported.
        EventKind::Create(_) => {
            !reports_closing || path.symlink_metadata().is_ok_and(|m| m.is_symlink() || m.nlink() > 1)
        }
        EventKind::Modify(ModifyKind::Name(_)) => true,
        EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Modify(_) => !reports_closing,
        _ => true,
    }
}

/// Whether a scan skips this path, because a name below the root begins with a dot.
fn is_hidden(path: &Path, root: &Path) -> bool {
    let below = path.strip_prefix(root).unwrap_or(path);
    below.iter().any(|name| name.as_bytes().starts_with(b"."))
}

fn explain(e: &notify::Error) -> String {
    match &e.kind {
        ErrorKind::MaxFilesWatch => "the system allows no more watches (fs.inotify.max_user_watches): \
                                     new files are found by checking at intervals (library.poll)"
            .into(),
        ErrorKind::PathNotFound => "the music directory is missing and cannot be watched".into(),
        ErrorKind::Io(e) => format!("the music directory cannot be watched: {e}"),
        _ => format!("watching failed: {e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::{Receiver, unbounded};
    use std::fs;
    use std::time::{Duration, Instant};

    fn watched(root: &Path) -> (Watcher, Receiver<Dirty>) {
        let (to, from) = unbounded();
        let (watcher, why_not) = Watcher::start(root, false, to);
        assert_eq!(why_not, None);
        (watcher.unwrap(), from)
    }

    /// Waits for an event; returns those received before it.
    fn wait_for(from: &Receiver<Dirty>, wanted: &Dirty) -> Vec<Dirty> {
        let deadline = Instant::now() + Duration::from_secs(180);
        let mut before = Vec::new();
        loop {
            match from.recv_deadline(deadline) {
                Ok(dirty) if dirty == *wanted => return before,
                Ok(dirty) => before.push(dirty),
                Err(_) => panic!("no {wanted:?}, only {before:?}"),
            }
        }
    }

    #[test]
    fn files_are_told_when_made_written_moved_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one.mp3"), dir.path().join("two.mp3"));
        let (_watcher, from) = watched(dir.path());
        fs::write(dir.path().join("notes.jpg"), b"x").unwrap();
        fs::write(dir.path().join(".hidden.mp3"), b"x").unwrap();
        fs::write(&one, b"x").unwrap();
        assert_eq!(wait_for(&from, &Dirty::Path(one.clone())), []);
        fs::rename(&one, &two).unwrap();
        wait_for(&from, &Dirty::Path(two.clone()));
        fs::remove_file(&two).unwrap();
        wait_for(&from, &Dirty::Path(two));
    }

    #[test]
    fn reading_makes_no_noise() {
        let dir = tempfile::tempdir().unwrap();
        let one = dir.path().join("one.mp3");
        fs::write(&one, b"x").unwrap();
        let (_watcher, from) = watched(dir.path());
        for _ in 0..100 {
            fs::read(&one).unwrap();
        }
        let mark = dir.path().join("mark.mp3");
        fs::write(&mark, b"x").unwrap();
        assert_eq!(wait_for(&from, &Dirty::Path(mark)), []);
    }

    #[test]
    fn directories_made_and_moved_in_are_trees() {
        let dir = tempfile::tempdir().unwrap();
        let (root, aside) = (dir.path().join("music"), dir.path().join("aside/album"));
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(aside.join("cd1")).unwrap();
        fs::write(aside.join("cd1/one.mp3"), b"x").unwrap();
        let (_watcher, from) = watched(&root);
        let made = root.join("made");
        fs::create_dir(&made).unwrap();
        wait_for(&from, &Dirty::Tree(made));
        let inside = root.join("album");
        fs::rename(&aside, &inside).unwrap();
        wait_for(&from, &Dirty::Tree(inside.clone()));
        // Its subdirectories are watched from now on.
        let late = inside.join("cd1/late.mp3");
        let deadline = Instant::now() + Duration::from_secs(180);
        loop {
            fs::write(&late, b"x").unwrap();
            match from.recv_timeout(Duration::from_millis(20)) {
                Ok(dirty) if dirty == Dirty::Path(late.clone()) => break,
                _ => assert!(Instant::now() < deadline),
            }
        }
        fs::rename(&inside, &aside).unwrap();
        wait_for(&from, &Dirty::Tree(inside));
    }

    #[test]
    fn a_cover_that_is_linked_or_moved_into_place_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("art.png"), b"x").unwrap();
        let (_watcher, from) = watched(dir.path());
        fs::hard_link(path("art.png"), path("cover.png")).unwrap();
        wait_for(&from, &Dirty::Cover(path("cover.png")));
        std::os::unix::fs::symlink("art.png", path("folder.png")).unwrap();
        let before = wait_for(&from, &Dirty::Cover(path("folder.png")));
        assert!(!before.contains(&Dirty::Tree(path("folder.png"))), "{before:?}");
        fs::rename(path("art.png"), path("front.png")).unwrap();
        wait_for(&from, &Dirty::Cover(path("front.png")));
    }

    #[test]
    fn a_cover_that_is_being_written_is_waited_for_where_closing_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("cover.png"), dir.path().join("folder.png"));
        fs::write(&one, b"x").unwrap();
        let (made, grows) = (EventKind::Create(CreateKind::File), EventKind::Modify(ModifyKind::Any));
        let touched = EventKind::Modify(ModifyKind::Metadata(notify::event::MetadataKind::Any));
        let of = |closing| [made, grows, touched].map(|kind| is_whole(kind, &one, closing));
        assert_eq!((of(true), of(false)), ([false, false, false], [true, true, false]));
        fs::hard_link(&one, &two).unwrap();
        assert_eq!((of(true), of(false)), ([true, false, false], [true, true, false]));
    }

    #[test]
    fn a_missing_root_is_told() {
        let (to, _from) = unbounded();
        let (watcher, why_not) = Watcher::start(Path::new("/no/such/directory"), false, to);
        assert!(watcher.is_none() && why_not.is_some());
    }

    #[test]
    fn events_mean_what_they_should() {
        let root = Path::new("/home/ann/.music");
        let event = |kind, path: &str| translate(Ok(Event::new(kind).add_path(root.join(path))), root);
        let write = EventKind::Access(AccessKind::Close(AccessMode::Write));
        let read = EventKind::Access(AccessKind::Open(AccessMode::Any));
        let from = EventKind::Modify(ModifyKind::Name(RenameMode::From));
        let song = || vec![Dirty::Path(root.join("a/b.mp3"))];
        assert_eq!((event(write, "a/b.mp3"), event(read, "a/b.mp3")), (song(), vec![]));
        assert_eq!(
            (event(write, "a/.b.mp3"), event(write, ".a/b.mp3"), event(write, "a/b.jpg")),
            (vec![], vec![], vec![])
        );
        assert_eq!((event(from, "a/b.mp3"), event(EventKind::Remove(RemoveKind::File), "a/b.mp3")), (song(), song()));
        let cover = || vec![Dirty::Cover(root.join("a/Cover.PNG"))];
        let (made, grows) = (EventKind::Create(CreateKind::File), EventKind::Modify(ModifyKind::Any));
        assert_eq!((event(write, "a/Cover.PNG"), event(from, "a/Cover.PNG")), (cover(), cover()));
        assert_eq!(event(EventKind::Remove(RemoveKind::File), "a/Cover.PNG"), cover());
        for unfinished in [made, grows] {
            assert_eq!(event(unfinished, "a/Cover.PNG").is_empty(), REPORTS_CLOSING);
        }
        assert_eq!(event(from, "a"), [Dirty::Tree(root.join("a"))]);
        assert_eq!(event(EventKind::Create(CreateKind::Folder), "a.mp3"), [Dirty::Tree(root.join("a.mp3"))]);
        assert!(matches!(event(EventKind::Remove(RemoveKind::Folder), "")[..], [Dirty::All(_)]));
        let overflow = Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
        assert!(matches!(translate(Ok(overflow), root)[..], [Dirty::All(_)]));
        let full = notify::Error::new(ErrorKind::MaxFilesWatch);
        assert!(matches!(&translate(Err(full), root)[..], [Dirty::Blind(why)] if why.contains("max_user_watches")));
    }
}
