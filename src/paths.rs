//! The directories of the program: the XDG directories, or everything under `JUKEBOX_HOME`.

pub mod raw;

use std::env;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the environment does not say where the directories are. Its `Display` form is one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HomeError {
    /// `JUKEBOX_HOME` is a relative path.
    #[error("JUKEBOX_HOME must be an absolute path")]
    Relative,
    /// Neither `JUKEBOX_HOME` nor `HOME` is set.
    #[error("HOME is not set: set HOME or JUKEBOX_HOME to a directory for jukebox's data")]
    Unset,
}

/// For callers that only show the error.
impl From<HomeError> for String {
    fn from(error: HomeError) -> String {
        error.to_string()
    }
}

/// The directories of one installation. They may not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml`, `themes/`, `plugins/`; only ever read.
    pub config: PathBuf,
    /// The store, the user's journal, models, the demo library.
    pub data: PathBuf,
    /// Data that may be deleted at any time: image caches and copies of the catalog.
    pub cache: PathBuf,
    /// The session and the log.
    pub state: PathBuf,
    /// The control socket.
    pub runtime: PathBuf,
}

impl Paths {
    /// The directories of this process's environment.
    ///
    /// # Errors
    /// Neither `JUKEBOX_HOME` nor `HOME` is set to a usable directory.
    pub fn from_env() -> Result<Paths, HomeError> {
        if let Some(home) = absolute("JUKEBOX_HOME") {
            return Ok(Paths::under(&home));
        }
        if env::var_os("JUKEBOX_HOME").is_some_and(|v| !v.is_empty()) {
            return Err(HomeError::Relative);
        }
        let home = absolute("HOME").ok_or(HomeError::Unset)?;
        let xdg = |name: &str, fallback: &str| absolute(name).unwrap_or_else(|| home.join(fallback)).join("jukebox");
        let state = xdg("XDG_STATE_HOME", ".local/state");
        Ok(Paths {
            config: xdg("XDG_CONFIG_HOME", ".config"),
            data: xdg("XDG_DATA_HOME", ".local/share"),
            cache: xdg("XDG_CACHE_HOME", ".cache"),
            // The state directory is private to the user, unlike /tmp.
            runtime: absolute("XDG_RUNTIME_DIR").map_or_else(|| state.join("run"), |d| d.join("jukebox")),
            state,
        })
    }

    /// Everything under one directory.
    pub fn under(home: &Path) -> Paths {
        Paths {
            config: home.join("config"),
            data: home.join("data"),
            cache: home.join("cache"),
            state: home.join("state"),
            runtime: home.join("run"),
        }
    }

    /// The user's configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The directory of the store.
    pub fn store(&self) -> PathBuf {
        self.data.join("store")
    }

    /// The user's journal.
    pub fn journal(&self) -> PathBuf {
        self.data.join("journal.jsonl")
    }

    /// The directory of the signatures that the user saved.
    pub fn signatures(&self) -> PathBuf {
        self.data.join("signatures")
    }

    /// The user's playlists.
    pub fn playlists(&self) -> PathBuf {
        self.data.join("playlists")
    }

    /// The file of the user's names of dimensions.
    pub fn dimensions(&self) -> PathBuf {
        self.data.join("dimensions.json")
    }

    /// The file of the user's moods.
    pub fn moods(&self) -> PathBuf {
        self.data.join("moods.json")
    }

    /// The runs of `jukebox lab`.
    pub fn lab(&self) -> PathBuf {
        self.data.join("lab")
    }

    /// The runs of `jukebox train`.
    pub fn runs(&self) -> PathBuf {
        self.data.join("runs")
    }

    /// The lock of `jukebox train`, which names the run that it works on.
    pub fn train_lock(&self) -> PathBuf {
        self.data.join("train.lock")
    }

    /// What a training says that the player has started.
    pub fn train_log(&self) -> PathBuf {
        self.data.join("train.log")
    }

    /// The directory of the user's models.
    pub fn models(&self) -> PathBuf {
        self.data.join("models")
    }

    /// The directory of the next-track model and its report.
    pub fn next_track(&self) -> PathBuf {
        self.data.join("next-track")
    }

    /// The cache of strobe images.
    pub fn strobes(&self) -> PathBuf {
        self.cache.join("strobes.bin")
    }

    /// The cache of patches.
    pub fn patches(&self) -> PathBuf {
        self.cache.join("patches.bin")
    }

    /// The covers of tags as files, for the desktop.
    pub fn covers(&self) -> PathBuf {
        self.cache.join("covers")
    }

    /// The words of the lyrics, for the filter.
    pub fn lyrics(&self) -> PathBuf {
        self.cache.join("lyrics.words")
    }

    /// The directory of the user's plugins.
    pub fn plugins(&self) -> PathBuf {
        self.config.join("plugins")
    }

    /// The directory of what plugins remember.
    pub fn plugin_states(&self) -> PathBuf {
        self.data.join("plugins")
    }

    /// The maps of the library, one for each encoder.
    pub fn maps(&self) -> PathBuf {
        self.cache.join("maps")
    }

    /// The control socket.
    pub fn socket(&self) -> PathBuf {
        self.runtime.join("control.sock")
    }

    /// The log file.
    pub fn log(&self) -> PathBuf {
        self.state.join("jukebox.log")
    }

    /// The single session file of older versions, shared by all music directories; only read.
    pub fn session(&self) -> PathBuf {
        self.state.join("session.json")
    }

    /// The saved sessions, one for each music directory.
    pub fn sessions(&self) -> PathBuf {
        self.state.join("sessions")
    }

    /// The saved session of a music directory: queue, position, volume. The file name is the directory's name, so that
    /// people find it, and a hash of the whole path.
    pub fn session_of(&self, root: &Path) -> PathBuf {
        self.sessions().join(format!("{}.json", name_of(root)))
    }

    /// The copy of a music directory's catalog, shown at the next start until the store is open.
    pub fn catalog_of(&self, root: &Path) -> PathBuf {
        self.cache.join("catalogs").join(name_of(root))
    }

    /// The counts of files that cannot be played, a file for each music directory.
    pub fn unsupported(&self) -> PathBuf {
        self.cache.join("unsupported")
    }

    /// Those of a music directory.
    pub fn unsupported_of(&self, root: &Path) -> PathBuf {
        self.unsupported().join(name_of(root))
    }

    /// Where the demo library is made.
    pub fn demo(&self) -> PathBuf {
        self.data.join("demo")
    }
}

/// A file name for a music directory: its own name and a hash of the whole path.
fn name_of(root: &Path) -> String {
    let hash = blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex();
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let name: String = name.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).take(40).collect();
    format!("{name}-{}", &hash[..16])
}

/// The user's music directory by the XDG user-dirs convention: `XDG_MUSIC_DIR`, then `user-dirs.dirs`, then
/// `~/Music` — the first that exists.
pub fn xdg_music() -> Option<PathBuf> {
    let home = absolute("HOME")?;
    let listed = || {
        let config = absolute("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
        let text = crate::files::text(&config.join("user-dirs.dirs"), crate::files::SMALL).ok()?;
        music_of_user_dirs(&text, &home)
    };
    [absolute("XDG_MUSIC_DIR"), listed(), Some(home.join("Music"))].into_iter().flatten().find(|dir| dir.is_dir())
}

fn music_of_user_dirs(text: &str, home: &Path) -> Option<PathBuf> {
    let line = text.lines().map(str::trim).find(|l| l.starts_with("XDG_MUSIC_DIR="))?;
    let value = line.split_once('=')?.1.trim().trim_matches('"');
    let dir = match value.strip_prefix("$HOME/") {
        Some(rest) => home.join(rest),
        None => PathBuf::from(value),
    };
    // In user-dirs, a music directory equal to HOME means that there is none.
    (dir.is_absolute() && dir != home).then_some(dir)
}

/// An environment variable that holds an absolute path; relative XDG values must be ignored (XDG base directory
/// specification).
fn absolute(name: &str) -> Option<PathBuf> {
    env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_dirs_are_read() {
        let home = Path::new("/home/ann");
        assert_eq!(music_of_user_dirs("# x\nXDG_MUSIC_DIR=\"$HOME/Musik\"\n", home), Some("/home/ann/Musik".into()));
        assert_eq!(music_of_user_dirs("XDG_MUSIC_DIR=\"/srv/music\"", home), Some("/srv/music".into()));
        assert_eq!(music_of_user_dirs("XDG_MUSIC_DIR=\"$HOME/\"", home), None);
        assert_eq!(music_of_user_dirs("XDG_DESKTOP_DIR=\"$HOME/x\"", home), None);
    }
}
