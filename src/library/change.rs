//! Undo of changes of files that the user made: playlists, signatures, moods. They come back byte for byte, also lines
//! that no reader understands.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::files;
use crate::store::private;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A playlist.
    Playlist,
    /// A saved signature.
    Signature,
    /// All moods.
    Moods,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            What::Playlist => "playlist",
            What::Signature => "signature",
            What::Moods => "file of moods",
        })
    }
}

/// What a file belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// What it is.
    pub what: What,
    /// Its name.
    pub name: String,
    /// The files of which any one takes the name.
    pub files: Vec<PathBuf>,
}

/// A change of a file, with what undoes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What the file belonged to before the change.
    owner: Owner,
    /// The file before the change.
    file: PathBuf,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// The contents of the file before and after; `None` where there was none.
    Written { before: Option<Vec<u8>>, after: Option<Vec<u8>> },
    /// The file has this path now, and these contents.
    Renamed { now: PathBuf, contents: Vec<u8> },
}

/// Why a change was not undone; nothing was changed then.
#[derive(Debug, Error)]
pub enum NotUndone {
    /// Something else has the name.
    #[error("there is another {what} '{name}' now: rename or delete it, then undo again")]
    Taken {
        /// What has the name.
        what: What,
        /// The name.
        name: String,
    },
    /// Something else has changed the file since.
    #[error("{}: was changed by something else since, so it stays as it is", .0.display())]
    Changed(PathBuf),
    /// The file could not be read or written.
    #[error("{}: {cause}", path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
}

impl Change {
    /// What was changed.
    pub fn what(&self) -> What {
        self.owner.what
    }

    /// Reads the file that is about to be written, created or removed; call [`Change::done`] after that. `None` when the
    /// change cannot be undone, because the file cannot be read.
    pub fn of_contents(owner: Owner, file: PathBuf) -> Option<Change> {
        let before = contents(&file).ok()?;
        Some(Change { owner, file, kind: Kind::Written { before, after: None } })
    }

    /// Reads the file that is about to be moved to `now`. `None` when that cannot be undone, because the file cannot be
    /// read or is not there.
    pub fn of_name(owner: Owner, file: PathBuf, now: PathBuf) -> Option<Change> {
        let contents = contents(&file).ok()??;
        Some(Change { owner, file, kind: Kind::Renamed { now, contents } })
    }

    /// Completes it after it was carried out; `None` when it cannot be undone.
    pub fn done(mut self) -> Option<Change> {
        if let Kind::Written { after, .. } = &mut self.kind {
            *after = contents(&self.file).ok()?;
        }
        Some(self)
    }

    /// Whether it can be undone now.
    ///
    /// # Errors
    /// The name is taken by another one, something else has changed the file, or it cannot be read.
    pub fn check(&self) -> Result<(), NotUndone> {
        let returns = match &self.kind {
            Kind::Renamed { .. } => true,
            Kind::Written { before, after } => before.is_some() && after.is_none(),
        };
        if returns && self.owner.files.iter().any(|file| file.symlink_metadata().is_ok()) {
            return Err(self.taken());
        }
        let (file, expected) = match &self.kind {
            Kind::Renamed { now, contents } => (now, Some(contents)),
            Kind::Written { after, .. } => (&self.file, after.as_ref()),
        };
        let found = contents(file).map_err(|e| self.failed(e))?;
        if found.as_ref() == expected { Ok(()) } else { Err(NotUndone::Changed(file.clone())) }
    }

    /// Undoes it.
    ///
    /// # Errors
    /// As [`Change::check`], or the disk does not take it.
    pub fn undo(&self) -> Result<(), NotUndone> {
        self.check()?;
        let file = &self.file;
        let undone = match &self.kind {
            Kind::Renamed { now, .. } => fs::rename(now, file),
            Kind::Written { before: Some(before), after: None } => bring_back(file, before),
            Kind::Written { before: Some(before), after: Some(_) } => private::overwrite(file, before),
            // It is as it was made, so that nothing is lost with it; an older backup may lie beside it.
            Kind::Written { before: None, after: Some(_) } => fs::remove_file(file),
            Kind::Written { before: None, after: None } => Ok(()),
        };
        undone.map_err(|e| self.failed(e))
    }

    fn taken(&self) -> NotUndone {
        NotUndone::Taken { what: self.owner.what, name: self.owner.name.clone() }
    }

    fn failed(&self, cause: io::Error) -> NotUndone {
        match cause.kind() {
            ErrorKind::AlreadyExists => self.taken(),
            _ => NotUndone::Failed { path: self.file.clone(), cause },
        }
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
    use crate::library::playlists::{Playlists, Touch};

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
        let changes: [(Touch<'_>, Act); 8] = [
            (Touch::Removed("night"), |lists| lists.delete("night").unwrap()),
            (Touch::Renamed("night", "dusk"), |lists| lists.rename("night", "dusk").unwrap()),
            (Touch::Copied("night", "dusk"), |lists| lists.duplicate("night", "dusk").unwrap()),
            (Touch::Tracks("night"), |lists| assert_eq!(lists.add("night", &list("/m/b")).unwrap(), 2)),
            (Touch::Tracks("night"), |lists| lists.save("night", &list("/m/b"), true).unwrap()),
            (Touch::Tracks("new"), |lists| lists.save("new", &list("/m/b"), false).unwrap()),
            (Touch::Tracks("new"), |lists| assert_eq!(lists.add("new", &list("/m/b")).unwrap(), 1)),
            (Touch::Smart("calm"), |lists| lists.save_smart("calm", &Smart::default(), false).unwrap()),
        ];
        for (touch, act) in changes {
            let lists = Lists::new();
            let before = lists.all();
            let change = lists.change(touch, act);
            assert_ne!(lists.all(), before, "{touch:?}");
            change.undo().unwrap();
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
            change.undo().unwrap();
        }
        assert_eq!(lists.all(), before);
    }

    #[test]
    fn a_taken_name_and_a_changed_file_stay_as_they_are() {
        let lists = Lists::new();
        let refused = |change: &Change| {
            let before = lists.all();
            let why = change.undo().unwrap_err();
            assert_eq!(lists.all(), before);
            why
        };
        for other in ["night.m3u8", "night.smart"] {
            let deleted = lists.delete("night");
            fs::write(lists.path(other), "another").unwrap();
            let why = refused(&deleted);
            assert!(matches!(&why, NotUndone::Taken { what: What::Playlist, name } if name == "night"), "{why}");
            assert!(why.to_string().contains("rename or delete it"), "{why}");
            fs::remove_file(lists.path(other)).unwrap();
            deleted.undo().unwrap();
        }
        let renamed = lists.change(Touch::Renamed("night", "dusk"), |l| l.rename("night", "dusk").unwrap());
        fs::write(lists.path("night.m3u8"), "another").unwrap();
        assert!(matches!(refused(&renamed), NotUndone::Taken { .. }));
        fs::remove_file(lists.path("night.m3u8")).unwrap();
        renamed.undo().unwrap();
        let added = lists.change(Touch::Tracks("night"), |l| assert_eq!(l.add("night", &list("/m/b")).unwrap(), 2));
        fs::write(lists.path("night.m3u8"), "edited").unwrap();
        assert!(matches!(refused(&added), NotUndone::Changed(_)));
        let renamed = lists.change(Touch::Renamed("night", "dusk"), |l| l.rename("night", "dusk").unwrap());
        // Another list has taken the new name since.
        fs::write(lists.path("dusk.m3u8"), "another").unwrap();
        assert!(matches!(refused(&renamed), NotUndone::Changed(_)));
        fs::remove_file(lists.path("dusk.m3u8")).unwrap();
        assert!(matches!(refused(&renamed), NotUndone::Changed(_)));
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
