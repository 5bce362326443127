//! The plugins that there are.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::manifest::Kind;
use super::source::{self, Origin};

/// A plugin as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The name that `:engine` takes, which is the name of its folder.
    pub name: String,
    /// A one-line description (sanitised), or why the plugin cannot be used.
    pub description: String,
    /// What it does in a chain; `None` if it cannot be used.
    pub kind: Option<Kind>,
    /// Its version (sanitised).
    pub version: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// All plugins, sorted by name, without running any, and a line with path and reason for each that cannot be used. If
/// it can be chosen nevertheless, its description is the reason.
pub fn list(dirs: &[PathBuf]) -> (Vec<Info>, Vec<String>) {
    let mut names: Vec<String> = source::shipped().map(str::to_string).collect();
    let mut faults = Vec::new();
    for dir in dirs {
        match folders(dir) {
            Ok(folders) => {
                for folder in folders {
                    match source::named(&folder) {
                        Ok(name) => names.extend(name),
                        Err(why) => faults.push(told(&folder, &why.to_string())),
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
        let read = source::source(&name, dirs).and_then(|source| Ok((source.manifest()?, source.origin)));
        match read {
            Ok((manifest, origin)) => {
                let (description, version) = (crate::text::sanitize(&manifest.description), &manifest.version);
                Info { name, description, kind: Some(manifest.kind), version: crate::text::sanitize(version), origin }
            }
            Err(why) => {
                let why = why.to_string();
                let folder = source::folder(&name, dirs).ok().flatten();
                let folder = folder.or_else(|| dirs.iter().map(|dir| dir.join(&name)).find(|folder| folder.is_dir()));
                faults.extend(folder.as_deref().map(|folder| told(folder, &why)));
                let description = crate::text::sanitize(&why);
                let origin = folder.map_or(Origin::Shipped, Origin::Folder);
                Info { name, description, kind: None, version: String::new(), origin }
            }
        }
    };
    let infos = names.into_iter().map(info).collect();
    (infos, faults)
}

/// The folders in a directory, sorted. Hidden ones hold what git and editors keep.
fn folders(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        folders.push(entry?.path());
    }
    let hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    folders.retain(|path| path.is_dir() && !hidden(path));
    folders.sort_unstable();
    Ok(folders)
}

/// A fault of a plugin, in one line.
fn told(place: &Path, why: &str) -> String {
    crate::text::sanitize(&format!("plugin {}: {why}", place.display()))
}
