//! The user's playlists: one `NAME.m3u8` file each, replaced atomically and readable by other
//! players.

mod error;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::change::{Change, Owner, What};
use super::name::{self, NameError, Named};
use super::playlist::smart::Smart;
use super::playlist::{self, Paths, Playlist};
use crate::files;
use crate::store::private;

pub use error::PlaylistsError;

/// Extension of smart playlists.
const SMART: &str = ".smart";

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
    /// Copy a playlist under another name.
    Copied(&'a str, &'a str),
}

/// A directory of playlists.
#[derive(Clone, Debug)]
pub struct Playlists {
    dir: PathBuf,
}

impl Playlists {
    /// Uses the playlists in a directory, which need not exist yet.
    pub fn in_dir(dir: PathBuf) -> Playlists {
        Playlists { dir }
    }

    /// The directory.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The names of all playlists, sorted.
    pub fn names(&self) -> Vec<String> {
        let files = fs::read_dir(&self.dir).into_iter().flatten().flatten().map(|e| e.file_name());
        let name = |file: std::ffi::OsString| {
            let file = file.to_str()?;
            file.strip_suffix(".m3u8").or_else(|| file.strip_suffix(SMART)).map(str::to_string)
        };
        let mut names: Vec<String> = files.filter_map(name).filter(|n| check(n).is_ok()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Reads a playlist.
    ///
    /// # Errors
    /// There is no playlist of this name, it is a smart one, or it cannot be read.
    pub fn load(&self, name: &str) -> Result<Playlist, PlaylistsError> {
        let file = self.existing(name)?;
        if file.extension().is_some_and(|e| e == "smart") {
            return Err(PlaylistsError::Smart(name.into()));
        }
        Ok(playlist::read(&file)?)
    }

    /// Reads a smart playlist; `None` if the playlist of this name is not a smart one.
    ///
    /// # Errors
    /// There is no playlist of this name, or it cannot be read.
    pub fn smart(&self, name: &str) -> Result<Option<Smart>, PlaylistsError> {
        let file = self.existing(name)?;
        if file.extension().is_none_or(|e| e != "smart") {
            return Ok(None);
        }
        let text = files::text(&file, files::SMALL).map_err(PlaylistsError::file(&file))?;
        Smart::parse(&text).map(Some).map_err(|cause| PlaylistsError::Filter { path: file, cause })
    }

    /// Whether the playlist of this name is a smart one, even one that cannot be read.
    pub fn is_smart(&self, name: &str) -> bool {
        self.existing(name).is_ok_and(|file| file.extension().is_some_and(|e| e == "smart"))
    }

    /// Saves a smart playlist. With `over` it may replace a smart one, whose comments stay and whose file is kept as
    /// `NAME.smart~`.
    ///
    /// # Errors
    /// The name is invalid or that of a playlist with tracks, or the file cannot be written;
    /// without `over` also if the name is taken.
    pub fn save_smart(&self, name: &str, smart: &Smart, over: bool) -> Result<(), PlaylistsError> {
        if self.file(name)?.exists() {
            return Err(PlaylistsError::OfTracks(name.into()));
        }
        let file = self.dir.join(format!("{name}{SMART}"));
        if !over {
            return private::create(&file, smart.text().as_bytes()).map_err(|cause| match cause.kind() {
                ErrorKind::AlreadyExists => PlaylistsError::SmartExists(name.into()),
                _ => PlaylistsError::File { path: file, cause },
            });
        }
        keep(&file)?;
        let text = files::text(&file, files::SMALL).map_or_else(|_| smart.text(), |old| smart.rewritten(&old));
        private::overwrite(&file, text.as_bytes()).map_err(PlaylistsError::file(&file))
    }

    /// Saves a playlist. With `over` it may replace one with tracks, whose file is kept as
    /// `NAME.m3u8~`.
    ///
    /// # Errors
    /// The name is invalid or that of a smart playlist, or the file cannot be written; without
    /// `over` also if the name is taken.
    pub fn save(&self, name: &str, list: &Playlist, over: bool) -> Result<(), PlaylistsError> {
        let file = self.file(name)?;
        if self.smart(name).is_ok_and(|smart| smart.is_some()) {
            return Err(PlaylistsError::OfFilter(name.into()));
        }
        if !over && self.existing(name).is_ok() {
            return Err(PlaylistsError::Exists(name.into()));
        }
        if over {
            keep(&file)?;
        }
        Ok(playlist::write(&file, list, Paths::Absolute, over)?)
    }

    /// Appends to a playlist, or creates it; returns its number of entries. Everything else in its
    /// file is preserved.
    ///
    /// # Errors
    /// As [`Self::load`] and [`Self::save`].
    pub fn add(&self, name: &str, list: &Playlist) -> Result<usize, PlaylistsError> {
        let file = self.file(name)?;
        if self.smart(name).is_ok_and(|s| s.is_some()) {
            return Err(PlaylistsError::Smart(name.into()));
        }
        Ok(playlist::add(&file, &list.entries)?)
    }

    /// Deletes a playlist. Its file is kept as `NAME.m3u8~` (`.smart~`) until the next backup of
    /// this name.
    ///
    /// # Errors
    /// There is no playlist of this name, or its file cannot be renamed.
    pub fn delete(&self, name: &str) -> Result<(), PlaylistsError> {
        let file = self.existing(name)?;
        let mut kept = file.clone().into_os_string();
        kept.push("~");
        fs::rename(&file, kept).map_err(PlaylistsError::file(&file))
    }

    /// Renames a playlist.
    ///
    /// # Errors
    /// There is no playlist named `from`, `to` is invalid or taken, or the file cannot be renamed.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), PlaylistsError> {
        let old = self.existing(from)?;
        self.is_free(to)?;
        fs::rename(&old, self.beside(&old, to)).map_err(PlaylistsError::file(&old))
    }

    /// Copies a playlist under another name, byte for byte.
    ///
    /// # Errors
    /// There is no playlist named `from`, `to` is invalid or taken, or a file cannot be read or written.
    pub fn duplicate(&self, from: &str, to: &str) -> Result<(), PlaylistsError> {
        let file = self.existing(from)?;
        self.is_free(to)?;
        let copy = self.beside(&file, to);
        let bytes = files::read(&file, files::SMALL).map_err(PlaylistsError::file(&file))?;
        private::create(&copy, &bytes).map_err(|cause| match cause.kind() {
            ErrorKind::AlreadyExists => PlaylistsError::Taken(to.into()),
            _ => PlaylistsError::Unwritten { path: copy, cause },
        })
    }

    /// Reads what a change is about to replace, so that it can be undone; call [`Change::done`] after it. `None` when
    /// that is not possible: a file cannot be read, or there is none.
    pub fn begin(&self, touch: Touch<'_>) -> Option<Change> {
        let owner = |name: &str| {
            let files = vec![self.dir.join(format!("{name}.m3u8")), self.dir.join(format!("{name}{SMART}"))];
            Owner { what: What::Playlist, name: name.into(), files }
        };
        match touch {
            Touch::Tracks(name) => Change::of_contents(owner(name), self.file(name).ok()?),
            Touch::Smart(name) => {
                check(name).ok()?;
                Change::of_contents(owner(name), self.dir.join(format!("{name}{SMART}")))
            }
            Touch::Removed(name) => Change::of_contents(owner(name), self.existing(name).ok()?),
            Touch::Copied(from, to) => {
                check(to).ok()?;
                Change::of_contents(owner(to), self.beside(&self.existing(from).ok()?, to))
            }
            Touch::Renamed(from, to) => {
                let file = self.existing(from).ok()?;
                let now = self.beside(&file, to);
                Change::of_name(owner(from), file, now)
            }
        }
    }

    /// Checks that a name can be given to a playlist.
    fn is_free(&self, name: &str) -> Result<(), PlaylistsError> {
        check(name)?;
        if self.existing(name).is_ok() { Err(PlaylistsError::Taken(name.into())) } else { Ok(()) }
    }

    /// The file of another name for the same kind of playlist.
    fn beside(&self, file: &Path, name: &str) -> PathBuf {
        let ending = if file.extension().is_some_and(|e| e == "smart") { SMART } else { ".m3u8" };
        self.dir.join(format!("{name}{ending}"))
    }

    /// The file of a playlist, smart or not.
    ///
    /// # Errors
    /// There is no playlist of this name.
    pub fn existing(&self, name: &str) -> Result<PathBuf, PlaylistsError> {
        let file = self.file(name)?;
        let smart = self.dir.join(format!("{name}{SMART}"));
        if let Some(file) = [file, smart].into_iter().find(|f| f.exists()) {
            return Ok(file);
        }
        Err(PlaylistsError::Missing { name: name.into(), names: self.names() })
    }

    fn file(&self, name: &str) -> Result<PathBuf, PlaylistsError> {
        check(name)?;
        Ok(self.dir.join(format!("{name}.m3u8")))
    }
}

/// Backs up a file that will be overwritten as `PATH~`, replacing an earlier backup.
fn keep(file: &Path) -> Result<(), PlaylistsError> {
    let explain = |cause: io::Error| PlaylistsError::NoBackup { path: file.to_owned(), cause };
    match files::read(file, files::SMALL) {
        Ok(bytes) => {
            let mut kept = file.as_os_str().to_owned();
            kept.push("~");
            private::replace(Path::new(&kept), &bytes).map_err(explain)
        }
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) => Err(explain(e)),
    }
}

/// Checks the name of a playlist; see [`name::check`].
///
/// # Errors
/// Why it is not allowed.
pub fn check(name: &str) -> Result<(), NameError> {
    name::check(name, Named::Playlist)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::playlist::Entry;

    #[test]
    fn playlists_are_kept_changed_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let lists = Playlists::in_dir(dir.path().join("data/playlists"));
        let list = |path: &str| Playlist {
            entries: vec![Entry { path: path.into(), ..Entry::default() }],
            ..Playlist::default()
        };
        assert!(lists.names().is_empty());
        assert!(lists.load("x").unwrap_err().to_string().contains("none are saved"));
        lists.save("late-night", &list("/m/a"), false).unwrap();
        assert!(lists.save("late-night", &list("/m/b"), false).unwrap_err().to_string().contains("already"));
        assert_eq!(lists.add("late-night", &list("/m/b")).unwrap(), 2);
        assert_eq!(lists.add("日本", &list("/m/c")).unwrap(), 1);
        lists.rename("late-night", "night").unwrap();
        lists.duplicate("night", "copy").unwrap();
        let bytes = |name: &str| fs::read(dir.path().join("data/playlists").join(name)).unwrap();
        assert_eq!(bytes("copy.m3u8"), bytes("night.m3u8"));
        assert!(lists.duplicate("night", "日本").unwrap_err().to_string().contains("already"));
        assert!(lists.duplicate("night", "../x").is_err() && lists.duplicate("nope", "x").is_err());
        lists.delete("copy").unwrap();
        assert!(lists.rename("night", "日本").unwrap_err().to_string().contains("already"));
        let paths: Vec<PathBuf> = lists.load("night").unwrap().entries.into_iter().map(|e| e.path).collect();
        assert_eq!(paths, [PathBuf::from("/m/a"), "/m/b".into()]);
        assert_eq!(lists.names(), ["night", "日本"]);
        lists.delete("night").unwrap();
        assert!(lists.delete("night").unwrap_err().to_string().contains("there are: 日本"));
        assert!(dir.path().join("data/playlists/night.m3u8~").exists(), "one step back is kept");
        let smart = Smart { filter: "~a x".into(), ..Smart::default() };
        assert!(lists.save_smart("日本", &smart, true).unwrap_err().to_string().contains("already"));
        lists.save_smart("calm", &Smart { filter: "x".into(), ..Smart::default() }, false).unwrap();
        assert!(lists.save_smart("calm", &smart, false).unwrap_err().to_string().contains("smart! calm"));
        lists.save_smart("calm", &smart, true).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("data/playlists/calm.smart~")).unwrap(), "x\n");
        assert_eq!((lists.smart("calm").unwrap(), lists.smart("日本").unwrap()), (Some(smart.clone()), None));
        assert!(lists.load("calm").unwrap_err().to_string().contains("filter"));
        assert!(lists.save("calm", &list("/m/a"), true).unwrap_err().to_string().contains("already"));
        // What the user wrote into the file stays when the filter changes.
        fs::write(dir.path().join("data/playlists/calm.smart"), "# at night\nx\nlimit: 3\n# end\n").unwrap();
        lists.save_smart("calm", &smart, true).unwrap();
        assert_eq!(bytes("calm.smart"), b"# at night\n~a x\n# end\n");
        assert!(lists.is_smart("calm") && !lists.is_smart("night") && !lists.is_smart("nope"));
        lists.rename("calm", "calmer").unwrap();
        assert_eq!(
            (lists.smart("calmer").unwrap(), lists.names()),
            (Some(smart), vec!["calmer".into(), "日本".to_string()])
        );
        lists.delete("calmer").unwrap();
        for bad in ["", "../x", "a/b", "a b", ".x"] {
            assert!(lists.save(bad, &list("/m/a"), false).unwrap_err().to_string().contains("playlist"), "{bad:?}");
        }
    }
}
