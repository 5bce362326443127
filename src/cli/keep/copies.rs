//! The user's files in an export, and copies of them that never replace anything.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use crate::files;
use crate::paths::Paths;
use crate::store::private;

/// The directories of user data, each with its path within an export.
pub(super) fn parts(paths: &Paths) -> [(PathBuf, &'static str); 5] {
    [
        (paths.sessions(), "sessions"),
        (paths.playlists(), "playlists"),
        (paths.signatures(), "signatures"),
        (paths.config.join("themes"), "config/themes"),
        (paths.config.join("plugins"), "config/plugins"),
    ]
}

/// The single files of user data, each with its path within an export.
pub(super) fn single(paths: &Paths) -> [(PathBuf, &'static str); 4] {
    [
        (paths.moods(), "moods.json"),
        (paths.dimensions(), "dimensions.json"),
        (paths.config_file(), "config/config.toml"),
        (paths.session(), "session.json"),
    ]
}

/// A copy that adds missing files only.
pub(super) struct Missing {
    /// Whether to write; otherwise files are only counted.
    write: bool,
    /// How many files were missing.
    pub copied: usize,
    /// Files that exist at the target with different contents.
    pub differ: Vec<PathBuf>,
    /// Levels of directories still allowed; bounds the recursion through cyclic links.
    depth: usize,
}

impl Missing {
    pub fn of(write: bool) -> Missing {
        Missing { write, copied: 0, differ: Vec::new(), depth: 8 }
    }

    /// Copies a file unless the target exists.
    pub fn file(&mut self, from: &Path, to: &Path) -> std::io::Result<()> {
        let bytes = files::read(from, files::ANY)?;
        match files::read(to, files::ANY) {
            Ok(there) if there == bytes => return Ok(()),
            Ok(_) => {
                self.differ.push(to.to_owned());
                return Ok(());
            }
            // A target that exists but cannot be compared (including a dangling link) is left as it
            // is.
            Err(e) if e.kind() != ErrorKind::NotFound || to.is_symlink() => {
                self.differ.push(to.to_owned());
                return Ok(());
            }
            Err(_) if self.write => match private::create(to, &bytes) {
                // The player that runs has made it meanwhile.
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {
                    self.differ.push(to.to_owned());
                    return Ok(());
                }
                created => created?,
            },
            Err(_) => {}
        }
        self.copied += 1;
        Ok(())
    }

    /// Copies the files that the target directory lacks, following links.
    pub fn dir(&mut self, from: &Path, to: &Path) -> std::io::Result<()> {
        let entries = match fs::read_dir(from) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(e),
        };
        for entry in entries {
            let entry = entry?;
            let (path, target) = (entry.path(), to.join(entry.file_name()));
            // A dangling link.
            let Ok(meta) = fs::metadata(&path) else { continue };
            if meta.is_dir() && self.depth > 0 {
                self.depth -= 1;
                self.dir(&path, &target)?;
                self.depth += 1;
            } else if meta.is_file() {
                self.file(&path, &target)?;
            }
        }
        Ok(())
    }
}

/// What [`bring`] did.
pub(super) struct Brought {
    /// How many files were copied, or would be.
    pub files: usize,
    /// How many files of saved queues were left out.
    pub queues: usize,
    /// What is there with different contents, and stays.
    pub differ: Vec<PathBuf>,
}

/// Copies the files of an export that are missing here; without `write` they are only counted. A `player` that runs writes
/// its queue itself, and would write over one that came from elsewhere, so saved queues are left out beside it. Whatever
/// else there is it reads again when it is told, or whenever it uses it.
///
/// # Errors
/// When a file cannot be read or written.
pub(super) fn bring(dir: &Path, paths: &Paths, write: bool, player: bool) -> Result<Brought> {
    let (mut others, mut queues) = (Missing::of(write), Missing::of(write && !player));
    for (to, from) in parts(paths) {
        let missing = if to == paths.sessions() { &mut queues } else { &mut others };
        missing.dir(&dir.join(from), &to).map_err(|e| anyhow!("{}: {e}", to.display()))?;
    }
    for (to, from) in single(paths) {
        let missing = if to == paths.session() { &mut queues } else { &mut others };
        let from = dir.join(from);
        if from.exists() {
            missing.file(&from, &to).map_err(|e| anyhow!("{}: {e}", to.display()))?;
        }
    }
    let (copied, left) = if player { (0, queues.copied) } else { (queues.copied, 0) };
    let differ = [others.differ, queues.differ].concat();
    Ok(Brought { files: others.copied + copied, queues: left, differ })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_queues_are_left_out_beside_a_player_and_nothing_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let (export, paths) = (dir.path().join("out"), Paths::under(&dir.path().join("home")));
        for (file, text) in [
            ("sessions/music-1.json", "{}"),
            ("session.json", "{}"),
            ("playlists/night.m3u8", "#EXTM3U\n"),
            ("moods.json", "{}"),
            ("dimensions.json", "theirs"),
        ] {
            let file = export.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        private::dir(&paths.data).unwrap();
        fs::write(paths.dimensions(), "mine").unwrap();
        let bring = |write, player| {
            let brought = bring(&export, &paths, write, player).unwrap();
            assert_eq!(brought.differ, [paths.dimensions()]);
            (brought.files, brought.queues)
        };
        assert_eq!((bring(false, false), bring(false, true)), ((4, 0), (2, 2)));
        assert!(!paths.moods().exists());
        assert_eq!(bring(true, true), (2, 2));
        assert!(paths.moods().exists() && !paths.sessions().exists() && !paths.session().exists());
        assert_eq!((bring(true, true), bring(true, false)), ((0, 2), (2, 0)));
        assert!(paths.sessions().join("music-1.json").exists() && paths.session().exists());
        assert_eq!(fs::read_to_string(paths.dimensions()).unwrap(), "mine");
    }
}
