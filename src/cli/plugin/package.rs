//! `jukebox plugin add`, `update` and `remove`. Plugins that were added lie in `NAME.jukebox`; what the user changed
//! there is never overwritten.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use super::check;
use super::fetch::{self, Files, Found, Place};
use super::lock::{self, Entry, Lock};
use crate::cli::print;
use crate::config::Config;
use crate::queue::plugin::{Origin, Source, source};
use crate::store::private;

/// Adds a plugin.
///
/// # Errors
/// It is there already, cannot be fetched or does not work.
pub fn add(text: &str, dir: &Path) -> Result<()> {
    let place = Place::of(text)?;
    let Found { name, files, rev } = place.fetch()?;
    let mut lock = Lock::read(dir)?;
    if lock.entries.contains_key(&name) {
        bail!("{name} was added already; `jukebox plugin update {name}` brings it up to date");
    }
    if let Some(folder) = source::folder(&name, &[dir.to_path_buf()])? {
        bail!("{}: a plugin of this name is there already; rename it first", folder.display());
    }
    works(&name, &files)?;
    let folder = folder(dir, &name);
    if folder.symlink_metadata().is_ok() {
        bail!("{}: it is in the way; rename or delete it", folder.display());
    }
    let fault = |e: std::io::Error| anyhow!("{}: {}", folder.display(), private::explain(&e));
    let fresh = whole(dir, &name, &files)?;
    std::fs::rename(&fresh, &folder).map_err(fault)?;
    let source = match place {
        Place::Folder(folder) => folder.canonicalize().unwrap_or(folder).display().to_string(),
        Place::Git { .. } => text.to_string(),
    };
    lock.entries.insert(name.clone(), Entry { source, rev, hash: lock::hash(&files) });
    lock.write().inspect_err(|_| {
        // Nothing would know where it came from, and it would be in the way of the next attempt.
        let _ = std::fs::remove_dir_all(&folder);
    })?;
    if source::shipped().any(|shipped| shipped == name) {
        print::note(&format!("it takes the place of the engine '{name}' that ships"));
    }
    print::line(&format!("added {name}; `:engine {name}` uses it"));
    Ok(())
}

/// Brings one plugin, or all, up to date.
///
/// # Errors
/// One of them could not be; the others were.
pub fn update(name: Option<&str>, dir: &Path) -> Result<()> {
    let mut lock = Lock::read(dir)?;
    let names: Vec<String> = match name {
        Some(name) if lock.entries.contains_key(name) => vec![name.to_string()],
        Some(name) => bail!("{}: no such plugin was added", crate::text::sanitize(name)),
        None => lock.entries.keys().cloned().collect(),
    };
    let mut failed = 0;
    for name in &names {
        let Some(entry) = lock.entries.get(name).cloned() else { continue };
        match renewed(name, &entry, dir) {
            Ok(None) => print::line(&format!("{name} is up to date")),
            Ok(Some(fresh)) => {
                print::line(&format!("{name} was updated"));
                lock.entries.insert(name.clone(), fresh);
                lock.write()?;
            }
            Err(why) => {
                failed += 1;
                print::error(&format!("{name}: {why}"));
            }
        }
    }
    if failed == 0 { Ok(()) } else { Err(anyhow!("{failed} of {} plugins were not updated", names.len())) }
}

/// Fetches a plugin again; its new entry if it has changed.
fn renewed(name: &str, entry: &Entry, dir: &Path) -> Result<Option<Entry>> {
    let folder = folder(dir, name);
    unchanged(&folder, entry)?;
    let found = Place::of(&entry.source)?.fetch()?;
    let hash = lock::hash(&found.files);
    if hash == entry.hash {
        return Ok(None);
    }
    works(name, &found.files)?;
    let (fresh, former) = (whole(dir, name, &found.files)?, beside(dir, name, "old"));
    let _ = std::fs::remove_dir_all(&former);
    let fault = |e: std::io::Error| anyhow!("{}: {}", folder.display(), private::explain(&e));
    std::fs::rename(&folder, &former).map_err(fault)?;
    if let Err(e) = std::fs::rename(&fresh, &folder) {
        let _ = std::fs::rename(&former, &folder);
        return Err(fault(e));
    }
    let _ = std::fs::remove_dir_all(&former);
    Ok(Some(Entry { source: entry.source.clone(), rev: found.rev, hash }))
}

/// Removes a plugin that was added.
///
/// # Errors
/// It was not, or has been changed.
pub fn remove(name: &str, dir: &Path) -> Result<()> {
    let mut lock = Lock::read(dir)?;
    let entry = lock.entries.remove(name).ok_or_else(|| {
        anyhow!("{}: no such plugin was added; delete the folder of one of your own", crate::text::sanitize(name))
    })?;
    let folder = folder(dir, name);
    if folder.exists() {
        unchanged(&folder, &entry)?;
        std::fs::remove_dir_all(&folder).map_err(|e| anyhow!("{}: {e}", folder.display()))?;
    }
    lock.write()?;
    print::line(&format!("removed {name}"));
    Ok(())
}

/// Checks that the user has changed nothing in a plugin's folder.
fn unchanged(folder: &Path, entry: &Entry) -> Result<()> {
    let files = fetch::read(folder)?;
    let listed = std::fs::read_dir(folder).map_err(|e| anyhow!("{}: {e}", folder.display()))?;
    let others = listed.flatten().any(|entry| !files.contains_key(&*entry.file_name().to_string_lossy()));
    if others || lock::hash(&files) != entry.hash {
        bail!("{}: you have changed it; rename the folder to keep it as your own", folder.display());
    }
    Ok(())
}

/// Checks that a plugin works on the made-up library, before it lies where the player finds it.
fn works(name: &str, files: &Files) -> Result<()> {
    let text = |file: &str| {
        let bytes = files.get(file).ok_or_else(|| anyhow!("{name}: there is no {file}"))?;
        String::from_utf8(bytes.clone()).map_err(|_| anyhow!("{name}/{file}: not text in UTF-8"))
    };
    let (manifest, script) = (text("plugin.toml")?, text("main.luau")?);
    let source = Source { name: name.into(), manifest, script, origin: Origin::Shipped };
    check::examine(&source, &Config::default()).map(drop).map_err(|why| anyhow!("it does not work: {why}"))
}

fn folder(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}{}", source::ADDED))
}

fn beside(dir: &Path, name: &str, what: &str) -> PathBuf {
    dir.join(format!(".{name}.{what}"))
}

/// Writes the files of a plugin beside its place, so that there is never half a plugin in it; the folder to be moved there.
fn whole(dir: &Path, name: &str, files: &Files) -> Result<PathBuf> {
    let fresh = beside(dir, name, "new");
    let _ = std::fs::remove_dir_all(&fresh);
    for (file, contents) in files {
        let path = fresh.join(file);
        private::create(&path, contents).map_err(|e| anyhow!("{}: {}", path.display(), private::explain(&e)))?;
    }
    Ok(fresh)
}
