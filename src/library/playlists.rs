//! The user's playlists: one `NAME.m3u8` each, written whole or not at all, so that other players can open them.

use std::fs;
use std::path::PathBuf;

use super::playlist::{self, Paths, Playlist};
use super::signatures;

/// A directory of playlists.
#[derive(Clone, Debug)]
pub struct Playlists {
    dir: PathBuf,
}

impl Playlists {
    /// Those in a directory, which need not exist yet.
    pub fn in_dir(dir: PathBuf) -> Playlists {
        Playlists { dir }
    }

    /// Their names, sorted.
    pub fn names(&self) -> Vec<String> {
        let files = fs::read_dir(&self.dir).into_iter().flatten().flatten().map(|e| e.file_name());
        let name = |file: std::ffi::OsString| Some(file.to_str()?.strip_suffix(".m3u8")?.to_string());
        let mut names: Vec<String> = files.filter_map(name).filter(|n| check(n).is_ok()).collect();
        names.sort();
        names
    }

    /// Reads one.
    ///
    /// # Errors
    /// When there is none of this name, or it cannot be read.
    pub fn load(&self, name: &str) -> Result<Playlist, String> {
        playlist::read(&self.existing(name)?)
    }

    /// Keeps one under a new name.
    ///
    /// # Errors
    /// When the name is taken or none, or the disk does not take it.
    pub fn save(&self, name: &str, list: &Playlist) -> Result<(), String> {
        let file = self.file(name)?;
        if file.exists() {
            return Err(format!("there is a playlist '{name}' already: add to it, or delete it first"));
        }
        playlist::write(&file, list, Paths::Absolute)
    }

    /// Adds to one, or makes it; how many entries it then has.
    ///
    /// # Errors
    /// As [`Self::load`] and [`Self::save`].
    pub fn add(&self, name: &str, list: &Playlist) -> Result<usize, String> {
        let file = self.file(name)?;
        let mut whole = if file.exists() { playlist::read(&file)? } else { Playlist::default() };
        whole.entries.extend(list.entries.iter().cloned());
        playlist::write(&file, &whole, Paths::Absolute)?;
        Ok(whole.entries.len())
    }

    /// Removes one; until the next of its name is removed it is kept as `NAME.m3u8~`.
    ///
    /// # Errors
    /// When there is none of this name, or the disk does not let it go.
    pub fn delete(&self, name: &str) -> Result<(), String> {
        let file = self.existing(name)?;
        fs::rename(&file, file.with_extension("m3u8~")).map_err(|e| format!("{}: {e}", file.display()))
    }

    /// Gives one another name.
    ///
    /// # Errors
    /// When there is none of the old name, the new one is taken or none, or the disk does not take it.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), String> {
        let (old, new) = (self.existing(from)?, self.file(to)?);
        if new.exists() {
            return Err(format!("there is a playlist '{to}' already"));
        }
        fs::rename(&old, new).map_err(|e| format!("{}: {e}", old.display()))
    }

    fn existing(&self, name: &str) -> Result<PathBuf, String> {
        let file = self.file(name)?;
        if file.is_file() {
            return Ok(file);
        }
        let names = self.names();
        Err(match names.is_empty() {
            true => format!("no playlist '{name}': none are saved yet"),
            false => format!("no playlist '{name}'; there are: {}", names.join(", ")),
        })
    }

    fn file(&self, name: &str) -> Result<PathBuf, String> {
        check(name)?;
        Ok(self.dir.join(format!("{name}.m3u8")))
    }
}

/// Whether a name can be a playlist's; the rules are those of [`signatures::check`].
///
/// # Errors
/// One line that says what is wrong with it.
pub fn check(name: &str) -> Result<(), String> {
    signatures::check(name).map_err(|why| why.replace("signature's", "playlist's"))
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
        assert!(lists.load("x").unwrap_err().contains("none are saved"));
        lists.save("late-night", &list("/m/a")).unwrap();
        assert!(lists.save("late-night", &list("/m/b")).unwrap_err().contains("already"));
        assert_eq!(lists.add("late-night", &list("/m/b")), Ok(2));
        assert_eq!(lists.add("日本", &list("/m/c")), Ok(1));
        lists.rename("late-night", "night").unwrap();
        assert!(lists.rename("night", "日本").unwrap_err().contains("already"));
        let paths: Vec<PathBuf> = lists.load("night").unwrap().entries.into_iter().map(|e| e.path).collect();
        assert_eq!(paths, [PathBuf::from("/m/a"), "/m/b".into()]);
        assert_eq!(lists.names(), ["night", "日本"]);
        lists.delete("night").unwrap();
        assert!(lists.delete("night").unwrap_err().contains("there are: 日本"));
        assert!(dir.path().join("data/playlists/night.m3u8~").exists(), "one step back is kept");
        for bad in ["", "../x", "a/b", "a b", ".x"] {
            assert!(lists.save(bad, &list("/m/a")).unwrap_err().contains("playlist"), "{bad:?}");
        }
    }
}
