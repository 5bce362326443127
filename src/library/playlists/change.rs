//! Undo of changes of the user's playlists: their files come back byte for byte, also lines that no reader understands.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{Playlists, SMART, check};
use crate::files;
use crate::store::private;

/// What a change is about to do to the files of playlists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch<'a> {
    /// Write a playlist with tracks.
    Tracks(&'a str),
    /// Write a smart playlist.
    Smart(&'a str),
    /// Remove a playlist.
    Removed(&'a str),
    /// Give a playlist another name.
    Renamed(&'a str, &'a str),
}

/// A change of the file of a playlist, with what undoes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The name of the playlist before the change.
    name: String,
    /// Its file.
    file: PathBuf,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// The contents of the file before and after; `None` where there was none.
    Written { before: Option<Vec<u8>>, after: Option<Vec<u8>> },
    /// The file has this path now.
    Renamed(PathBuf),
}

/// Why a change was not undone; nothing was changed then.
#[derive(Debug, Error)]
pub enum NotUndone {
    /// Another playlist has the name.
    #[error("there is another playlist '{0}' now: rename or delete it, then undo again")]
    Taken(String),
    /// Something else has changed the file since.
    #[error("{}: was changed by something else since, so it stays as it is", .0.display())]
    Changed(PathBuf),
    /// Anything else, in words.
    #[error("{0}")]
    Failed(String),
}

impl Playlists {
    /// Reads what a change is about to replace; call [`Change::done`] after it. `None` when the change cannot be
    /// undone: its file cannot be read, or there is none.
    pub fn begin(&self, touch: Touch<'_>) -> Option<Change> {
        let (name, file) = match touch {
            Touch::Tracks(name) => (name, self.file(name).ok()?),
            Touch::Smart(name) => {
                check(name).ok()?;
                (name, self.dir.join(format!("{name}{SMART}")))
            }
            Touch::Removed(name) => (name, self.existing(name).ok()?),
            Touch::Renamed(from, to) => {
                let file = self.existing(from).ok()?;
                let kind = Kind::Renamed(self.beside(&file, to));
                return Some(Change { name: from.into(), file, kind });
            }
        };
        let before = contents(&file).ok()?;
        Some(Change { name: name.into(), file, kind: Kind::Written { before, after: None } })
    }

    /// Undoes a change.
    ///
    /// # Errors
    /// The name is taken by another playlist, something else has changed the file, or the disk does not take it.
    pub fn undo(&self, change: &Change) -> Result<(), NotUndone> {
        let Change { name, file, kind } = change;
        let failed = |e: io::Error| match e.kind() {
            ErrorKind::AlreadyExists => NotUndone::Taken(name.clone()),
            _ => NotUndone::Failed(format!("{}: {e}", file.display())),
        };
        let is_taken = || self.existing(name).is_ok() || file.symlink_metadata().is_ok();
        match kind {
            Kind::Renamed(_) if is_taken() => Err(NotUndone::Taken(name.clone())),
            Kind::Renamed(now) => match fs::rename(now, file) {
                Err(e) if e.kind() == ErrorKind::NotFound => Err(NotUndone::Changed(now.clone())),
                renamed => renamed.map_err(failed),
            },
            Kind::Written { before: Some(_), after: None } if is_taken() => Err(NotUndone::Taken(name.clone())),
            Kind::Written { before, after } => {
                if contents(file).map_err(failed)? != *after {
                    return Err(NotUndone::Changed(file.clone()));
                }
                match (before, after) {
                    (Some(before), None) => bring_back(file, before).map_err(failed),
                    (Some(before), Some(_)) => private::overwrite(file, before).map_err(failed),
                    // It is as it was made, so that nothing is lost with it; an older backup may lie beside it.
                    (None, Some(_)) => fs::remove_file(file).map_err(failed),
                    (None, None) => Ok(()),
                }
            }
        }
    }
}

impl Change {
    /// Completes it after it was carried out; `None` when it cannot be undone.
    pub fn done(mut self) -> Option<Change> {
        if let Kind::Written { after, .. } = &mut self.kind {
            *after = contents(&self.file).ok()?;
        }
        Some(self)
    }
}

/// Brings a removed file back: the file itself, with its permissions, if it was kept as it was.
fn bring_back(file: &Path, before: &[u8]) -> io::Result<()> {
    let kept = kept(file);
    if contents(&kept).is_ok_and(|now| now.as_deref() == Some(before)) {
        return fs::rename(&kept, file);
    }
    private::create(file, before)
}

/// Where a removed file is kept.
fn kept(file: &Path) -> PathBuf {
    let mut kept = file.as_os_str().to_owned();
    kept.push("~");
    kept.into()
}

fn contents(file: &Path) -> io::Result<Option<Vec<u8>>> {
    match files::read(file, files::SMALL) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::playlist::smart::Smart;
    use crate::library::playlist::{Entry, Playlist};

    /// Lines of another program, in an old encoding and with its own line ends.
    const FOREIGN: &[u8] = b"#EXTM3U\r\n#EXTVLCOPT:x\r\n#caf\xe9\r\nhttp://radio/?a#b\r\nmms://x\r\n/m/a.flac";

    struct Lists {
        lists: Playlists,
        dir: tempfile::TempDir,
    }

    impl Lists {
        fn new() -> Lists {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join("night.m3u8"), FOREIGN).unwrap();
            Lists { lists: Playlists::in_dir(dir.path().to_path_buf()), dir }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.dir.path().join(name)
        }

        /// The files and their contents, without those that are kept.
        fn all(&self) -> Vec<(String, Vec<u8>)> {
            let names = fs::read_dir(self.dir.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
            let mut all: Vec<_> = names.filter(|n| !n.ends_with('~')).map(|n| (n.clone(), self.read(&n))).collect();
            all.sort();
            all
        }

        fn read(&self, name: &str) -> Vec<u8> {
            fs::read(self.path(name)).unwrap()
        }

        /// Carries a change out; what undoes it.
        fn change(&self, touch: Touch<'_>, act: impl FnOnce(&Playlists)) -> Change {
            let begun = self.lists.begin(touch).unwrap();
            act(&self.lists);
            begun.done().unwrap()
        }

        fn delete(&self, name: &str) -> Change {
            self.change(Touch::Removed(name), |lists| lists.delete(name).unwrap())
        }
    }

    fn list(path: &str) -> Playlist {
        Playlist { entries: vec![Entry { path: path.into(), ..Entry::default() }], ..Playlist::default() }
    }

    #[test]
    fn every_change_is_undone_byte_for_byte() {
        type Act = fn(&Playlists);
        let changes: [(Touch<'_>, Act); 7] = [
            (Touch::Removed("night"), |lists| lists.delete("night").unwrap()),
            (Touch::Renamed("night", "dusk"), |lists| lists.rename("night", "dusk").unwrap()),
            (Touch::Tracks("night"), |lists| assert_eq!(lists.add("night", &list("/m/b")), Ok(2))),
            (Touch::Tracks("night"), |lists| lists.save("night", &list("/m/b"), true).unwrap()),
            (Touch::Tracks("new"), |lists| lists.save("new", &list("/m/b"), false).unwrap()),
            (Touch::Tracks("new"), |lists| assert_eq!(lists.add("new", &list("/m/b")), Ok(1))),
            (Touch::Smart("calm"), |lists| lists.save_smart("calm", &Smart::default(), false).unwrap()),
        ];
        for (touch, act) in changes {
            let lists = Lists::new();
            let before = lists.all();
            let change = lists.change(touch, act);
            assert_ne!(lists.all(), before, "{touch:?}");
            lists.lists.undo(&change).unwrap();
            assert_eq!(lists.all(), before, "{touch:?}");
        }
    }

    #[test]
    fn several_changes_are_undone_in_turn() {
        let lists = Lists::new();
        let before = lists.all();
        let mut changes = vec![lists.delete("night")];
        changes.push(lists.change(Touch::Tracks("night"), |l| l.save("night", &list("/m/b"), false).unwrap()));
        // What was kept of the first one is replaced.
        changes.push(lists.delete("night"));
        for change in changes.iter().rev() {
            lists.lists.undo(change).unwrap();
        }
        assert_eq!(lists.all(), before);
    }

    #[test]
    fn a_taken_name_and_a_changed_file_stay_as_they_are() {
        let lists = Lists::new();
        let refused = |change: &Change| {
            let before = lists.all();
            let why = lists.lists.undo(change).unwrap_err();
            assert_eq!(lists.all(), before);
            why
        };
        for other in ["night.m3u8", "night.smart"] {
            let deleted = lists.delete("night");
            fs::write(lists.path(other), "another").unwrap();
            let why = refused(&deleted);
            assert!(matches!(&why, NotUndone::Taken(name) if name == "night"), "{why}");
            assert!(why.to_string().contains("rename or delete it"), "{why}");
            fs::remove_file(lists.path(other)).unwrap();
            lists.lists.undo(&deleted).unwrap();
        }
        let renamed = lists.change(Touch::Renamed("night", "dusk"), |l| l.rename("night", "dusk").unwrap());
        fs::write(lists.path("night.m3u8"), "another").unwrap();
        assert!(matches!(refused(&renamed), NotUndone::Taken(_)));
        fs::remove_file(lists.path("night.m3u8")).unwrap();
        lists.lists.undo(&renamed).unwrap();
        let added = lists.change(Touch::Tracks("night"), |l| assert_eq!(l.add("night", &list("/m/b")), Ok(2)));
        fs::write(lists.path("night.m3u8"), "edited").unwrap();
        assert!(matches!(refused(&added), NotUndone::Changed(_)));
        let removed = lists.change(Touch::Renamed("night", "dusk"), |l| l.rename("night", "dusk").unwrap());
        fs::remove_file(lists.path("dusk.m3u8")).unwrap();
        assert!(matches!(refused(&removed), NotUndone::Changed(_)));
    }

    #[test]
    fn what_cannot_be_read_is_not_begun() {
        let lists = Lists::new();
        assert_eq!(lists.lists.begin(Touch::Removed("nope")), None);
        assert_eq!(lists.lists.begin(Touch::Renamed("nope", "x")), None);
        assert_eq!(lists.lists.begin(Touch::Smart("../x")), None);
        fs::create_dir(lists.path("dir.m3u8")).unwrap();
        assert_eq!(lists.lists.begin(Touch::Tracks("dir")), None);
    }
}
