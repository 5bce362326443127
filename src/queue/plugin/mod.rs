//! Playlist engines as scripts: a folder with `plugin.toml` and `main.luau`, run in a sandbox
//! (`sandbox`) behind the same interface as the built-in engines.
//!
//! A plugin is looked up in the given directories, the user's first, and then among those built in,
//! so that a user's copy overrides a built-in plugin of the same name.

mod api;
mod host;
mod sandbox;
#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Engine;
use crate::files;

pub use host::MOST_PROPOSALS;
pub use sandbox::{LOAD_STEPS, LONGEST, MEMORY, PROPOSE_STEPS};

/// Version of the script interface; `plugin.toml` must name it as `api`.
pub const API: u32 = 1;
/// Size limit of a plugin's files, in bytes.
const MOST_BYTES: u64 = 256 * 1024;

/// The built-in plugins: name, manifest, script.
const SHIPPED: [(&str, &str, &str); 1] =
    [("radio", include_str!("../../../plugins/radio/plugin.toml"), include_str!("../../../plugins/radio/main.luau"))];

/// A plugin as listed by `:engine`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The name that `:engine` takes, which is the name of its folder.
    pub name: String,
    /// A one-line description (sanitised), or why the plugin cannot be used.
    pub description: String,
    /// Where it comes from.
    pub origin: Origin,
}

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
    name: String,
    manifest: String,
    script: String,
    origin: Origin,
}

#[derive(Deserialize)]
struct Manifest {
    api: u32,
    #[serde(default)]
    description: String,
}

/// Reads a plugin from the first place that has it.
///
/// # Errors
/// A one-line message when there is none of this name, or a file cannot be read.
pub fn source(name: &str, dirs: &[PathBuf]) -> Result<Source, String> {
    // Rejects anything that could act as a path.
    if !is_name(name) {
        return Err(format!("'{}' is not the name of an engine", crate::text::sanitize(name)));
    }
    for dir in dirs.iter().map(|dir| dir.join(name)) {
        if holds_plugin(&dir).map_err(|why| format!("{name}/{why}"))? {
            let manifest = read(name, &dir.join("plugin.toml"))?;
            let script = read(name, &dir.join("main.luau"))?;
            return Ok(Source { name: name.into(), manifest, script, origin: Origin::Folder(dir) });
        }
    }
    SHIPPED
        .iter()
        .find(|(shipped, ..)| *shipped == name)
        .map(|&(_, manifest, script)| Source {
            name: name.into(),
            manifest: manifest.into(),
            script: script.into(),
            origin: Origin::Shipped,
        })
        .ok_or_else(|| format!("there is no engine '{name}'"))
}

/// Whether a plugin can have this name.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// Whether a folder is a plugin's.
///
/// # Errors
/// It cannot be told; a one-line message.
fn holds_plugin(dir: &Path) -> Result<bool, String> {
    let manifest = dir.join("plugin.toml");
    match manifest.try_exists() {
        Ok(found) => Ok(found),
        Err(e) if e.kind() == ErrorKind::NotADirectory => Ok(false),
        Err(e) => Err(format!("plugin.toml cannot be read: {e}")),
    }
}

fn read(name: &str, path: &Path) -> Result<String, String> {
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    files::text(path, MOST_BYTES).map_err(|e| format!("{name}/{file_name} cannot be read: {e}"))
}

impl Source {
    fn manifest(&self) -> Result<Manifest, String> {
        let manifest: Manifest = toml::from_str(&self.manifest)
            .map_err(|e| format!("{}/plugin.toml: {}", self.name, crate::text::sanitize(e.message())))?;
        if manifest.api != API {
            return Err(format!("{} asks for api = {}, this jukebox has api = {API}", self.name, manifest.api));
        }
        Ok(manifest)
    }

    /// Compiles and starts the plugin.
    ///
    /// # Errors
    /// A message with file and line where known: `radio/main.luau:3: …`.
    pub fn start(&self) -> Result<Box<dyn Engine>, String> {
        self.manifest()?;
        Ok(Box::new(host::Script::load(&self.name, &self.script)?))
    }
}

/// Finds and starts a plugin. The engine must stay on the thread that loads it.
///
/// # Errors
/// A one-line message when there is none of this name, or why it does not start.
pub fn load(name: &str, dirs: &[PathBuf]) -> Result<Box<dyn Engine>, String> {
    source(name, dirs)?.start()
}

/// All plugins, sorted by name, without running any, and a line with path and reason for each that cannot be used. If
/// it can be chosen nevertheless, its description is the reason.
pub fn list(dirs: &[PathBuf]) -> (Vec<Info>, Vec<String>) {
    let mut names: Vec<String> = SHIPPED.iter().map(|(name, ..)| (*name).to_string()).collect();
    let mut faults = Vec::new();
    for dir in dirs {
        match folders(dir) {
            Ok(folders) => {
                for folder in folders {
                    match named(&folder) {
                        Ok(name) => names.extend(name),
                        Err(why) => faults.push(told(&folder, &why)),
                    }
                }
            }
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => faults.push(told(dir, &format!("cannot be read: {e}"))),
        }
    }
    names.sort();
    names.dedup();
    let info = |name: String| {
        let read = source(&name, dirs).and_then(|source| Ok((source.manifest()?.description, source.origin)));
        let folder = dirs.iter().map(|dir| dir.join(&name)).find(|folder| folder.is_dir());
        let (description, origin) = read.unwrap_or_else(|why| {
            faults.extend(folder.as_deref().map(|folder| told(folder, &why)));
            (why, folder.map_or(Origin::Shipped, Origin::Folder))
        });
        Info { name, description: crate::text::sanitize(&description), origin }
    };
    let infos = names.into_iter().map(info).collect();
    (infos, faults)
}

/// The folders in a directory, sorted.
fn folders(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        folders.push(entry?.path());
    }
    folders.retain(|path| path.is_dir());
    folders.sort_unstable();
    Ok(folders)
}

/// The name of the plugin in a folder; `None` if it holds none.
fn named(folder: &Path) -> Result<Option<String>, String> {
    if !holds_plugin(folder)? {
        return Ok(None);
    }
    match folder.file_name().and_then(|name| name.to_str()).filter(|name| is_name(name)) {
        Some(name) => Ok(Some(name.to_string())),
        None => Err("rename the folder: a plugin's name has ASCII letters, digits, '-' and '_' only".into()),
    }
}

/// A fault of a plugin, in one line.
fn told(place: &Path, why: &str) -> String {
    crate::text::sanitize(&format!("plugin {}: {why}", place.display()))
}
