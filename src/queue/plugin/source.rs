//! Where a plugin is: in one of the user's folders, or among those that are built in.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::SourceError;
use super::manifest::Manifest;
use crate::files;

/// Size limit of a plugin's files, in bytes.
const MOST_BYTES: u64 = 256 * 1024;
/// The file by which a folder is a plugin's.
const MANIFEST: &str = "plugin.toml";

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        [$((
            $name,
            include_str!(concat!("../../../plugins/", $name, "/plugin.toml")),
            include_str!(concat!("../../../plugins/", $name, "/main.luau")),
        )),*]
    };
}

/// The built-in plugins: name, manifest, script.
const SHIPPED: &[(&str, &str, &str)] = &shipped![
    "alchemy",
    "daypart",
    "direction",
    "drift",
    "evening",
    "genre-gate",
    "journey",
    "length",
    "like-me",
    "no-repeat",
    "radio",
    "rediscover",
];

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built into the program.
    Shipped,
    /// A folder on disk.
    Folder(PathBuf),
}

/// The contents of a plugin's files; comparing them shows whether a plugin has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Name of its folder.
    pub name: String,
    /// The text of `plugin.toml`.
    pub manifest: String,
    /// The text of `main.luau`.
    pub script: String,
    /// Where they come from.
    pub origin: Origin,
}

impl Source {
    /// What its manifest says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn manifest(&self) -> Result<Manifest, SourceError> {
        Manifest::parse(&self.name, &self.manifest)
    }

    /// Reads the plugin of a folder, whose name becomes the plugin's.
    ///
    /// # Errors
    /// The name is not allowed, or a file is missing or cannot be read.
    pub fn in_folder(dir: &Path) -> Result<Source, SourceError> {
        let name = dir.file_name().and_then(|name| name.to_str()).map(plain).unwrap_or_default();
        if !is_name(name) {
            return Err(SourceError::FolderName);
        }
        let manifest = read(dir, name, MANIFEST)?;
        let script = read(dir, name, "main.luau")?;
        Ok(Source { name: name.into(), manifest, script, origin: Origin::Folder(dir.into()) })
    }
}

/// What is put after the names of folders of plugins that were added from elsewhere.
pub const ADDED: &str = ".jukebox";

/// The plugin's name in a folder's.
fn plain(folder: &str) -> &str {
    folder.strip_suffix(ADDED).unwrap_or(folder)
}

/// The names of the built-in plugins.
pub fn shipped() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, ..)| *name)
}

/// The folder of a plugin, if the user has one: `NAME`, or `NAME.jukebox` for one that was added from elsewhere.
///
/// # Errors
/// It cannot be told.
pub fn folder(name: &str, dirs: &[PathBuf]) -> Result<Option<PathBuf>, SourceError> {
    for dir in dirs.iter().flat_map(|dir| [dir.join(name), dir.join(format!("{name}{ADDED}"))]) {
        if holds_plugin(&dir).map_err(unreadable(format!("{name}/{MANIFEST}")))? {
            return Ok(Some(dir));
        }
    }
    Ok(None)
}

/// Reads a plugin from the first place that has it.
///
/// # Errors
/// There is none of this name, or a file cannot be read.
pub fn source(name: &str, dirs: &[PathBuf]) -> Result<Source, SourceError> {
    // Rejects anything that could act as a path.
    if !is_name(name) {
        return Err(SourceError::NoName(name.into()));
    }
    if let Some(dir) = folder(name, dirs)? {
        return Source::in_folder(&dir);
    }
    let shipped = SHIPPED.iter().find(|(shipped, ..)| *shipped == name);
    let source = |&(_, manifest, script): &(&str, &str, &str)| Source {
        name: name.into(),
        manifest: manifest.into(),
        script: script.into(),
        origin: Origin::Shipped,
    };
    shipped.map(source).ok_or_else(|| SourceError::Missing(name.into()))
}

/// Whether a plugin can have this name.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// The name of the plugin in a folder; `None` if it holds none.
///
/// # Errors
/// Why it cannot be told, or that the folder's name cannot be a plugin's.
pub fn named(folder: &Path) -> Result<Option<String>, SourceError> {
    if !holds_plugin(folder).map_err(unreadable(MANIFEST.into()))? {
        return Ok(None);
    }
    let name = folder.file_name().and_then(|name| name.to_str()).map(plain);
    name.filter(|name| is_name(name)).map(|name| Some(name.to_string())).ok_or(SourceError::FolderName)
}

/// Whether a folder is a plugin's.
fn holds_plugin(dir: &Path) -> io::Result<bool> {
    match dir.join(MANIFEST).try_exists() {
        Err(e) if e.kind() == ErrorKind::NotADirectory => Ok(false),
        found => found,
    }
}

fn read(dir: &Path, name: &str, file: &str) -> Result<String, SourceError> {
    files::text(&dir.join(file), MOST_BYTES).map_err(unreadable(format!("{name}/{file}")))
}

/// For `map_err`: converts the error of reading a file.
fn unreadable(file: String) -> impl FnOnce(io::Error) -> SourceError {
    |e| SourceError::Unreadable { file, why: e.to_string() }
}
