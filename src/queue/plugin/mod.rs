//! Playlist engines as scripts: a folder with `plugin.toml` and `main.luau`, run in a sandbox (`sandbox`) behind the same
//! interface as the built-in engines.
//!
//! A plugin is looked for in the given directories, the user's first, and then among those that are built in, so that a
//! user's copy under the same name wins.

mod api;
mod host;
mod sandbox;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Engine;
use crate::files;

pub use host::MOST_PROPOSALS;
pub use sandbox::{LOAD_STEPS, LONGEST, MEMORY, PROPOSE_STEPS};

/// The version of the interface that `plugin.toml` must ask for.
pub const API: u32 = 1;
/// The largest file of a plugin that is read, in bytes.
const MOST_BYTES: u64 = 256 * 1024;

/// The engines built in: name, manifest, script.
const SHIPPED: [(&str, &str, &str); 1] =
    [("radio", include_str!("../../../plugins/radio/plugin.toml"), include_str!("../../../plugins/radio/main.luau"))];

/// A plugin as `:engine` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The name that `:engine` takes: its folder's.
    pub name: String,
    /// One line (sanitised), or why it cannot be used.
    pub description: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Inside the program.
    Shipped,
    /// A folder.
    Folder(PathBuf),
}

/// The texts of a plugin; equal sources are the same plugin unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its folder's name.
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

/// Reads the texts of a plugin from the first place that has it.
///
/// # Errors
/// That there is none, or why it cannot be read.
pub fn source(name: &str, dirs: &[PathBuf]) -> Result<Source, String> {
    // A name is never a path.
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        return Err(format!("'{}' is not the name of an engine", crate::text::sanitize(name)));
    }
    for dir in dirs.iter().map(|dir| dir.join(name)) {
        if dir.join("plugin.toml").exists() {
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

    /// Starts the plugin.
    ///
    /// # Errors
    /// What is wrong, with its line: `radio/main.luau:3: …`.
    pub fn start(&self) -> Result<Box<dyn Engine>, String> {
        self.manifest()?;
        Ok(Box::new(host::Script::load(&self.name, &self.script)?))
    }
}

/// Finds and starts a plugin. The engine stays on the thread that loads it.
///
/// # Errors
/// That there is none of this name, or what is wrong with it, in one line.
pub fn load(name: &str, dirs: &[PathBuf]) -> Result<Box<dyn Engine>, String> {
    source(name, dirs)?.start()
}

/// Every plugin there is, by name; one that cannot be used says why in its description. Nothing is run.
pub fn list(dirs: &[PathBuf]) -> Vec<Info> {
    let mut names: Vec<String> = SHIPPED.iter().map(|(name, ..)| (*name).to_string()).collect();
    for entry in dirs.iter().filter_map(|dir| std::fs::read_dir(dir).ok()).flatten().flatten() {
        if entry.path().join("plugin.toml").is_file() {
            names.extend(entry.file_name().into_string().ok());
        }
    }
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter_map(|name| {
            let source = source(&name, dirs).ok()?;
            let description = match source.manifest() {
                Ok(manifest) => crate::text::sanitize(&manifest.description),
                Err(why) => why,
            };
            Some(Info { name, description, origin: source.origin })
        })
        .collect()
}
