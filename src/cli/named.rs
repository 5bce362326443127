//! What arguments name to be played: files, directories, cue sheets, chapters and playlists, as the library lists them.

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use crate::audio::{cue, probe};
use crate::library::{playlist, unsupported};
use crate::paths::raw::list::MOST;

/// What an argument names; a playlist, a sheet or a book names several files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A directory.
    Dir(PathBuf),
    /// A file or a piece of one.
    File(PathBuf),
}

impl Named {
    /// The directory or the file.
    pub fn into_path(self) -> PathBuf {
        let (Named::Dir(path) | Named::File(path)) = self;
        path
    }
}

/// What the arguments name, in their order, canonical except for links inside the library.
///
/// # Errors
/// For the first argument that does not exist or cannot be played, with its name and why.
pub fn look_up(arguments: &[PathBuf], library: Option<&Path>) -> Result<Vec<Named>> {
    let (mut all, mut apart) = (Vec::new(), Apart::default());
    for path in arguments {
        match cue::canonicalize(path) {
            Ok(found) if found.is_dir() => all.push(Named::Dir(listed(path, library).unwrap_or(found))),
            Ok(found) => all.extend(files(path, found, library, &mut apart)?.into_iter().map(Named::File)),
            Err(e) if e.kind() == ErrorKind::NotFound => {
                bail!("{}: no such directory or file; name your music directory", path.display());
            }
            Err(e) => bail!("{}: {e}", path.display()),
        }
    }
    // `album.*` matches both a cue sheet and the audio file that it splits.
    let mut seen = HashSet::new();
    all.retain(|named| match named {
        Named::File(file) => cue::split(file).is_none() || seen.insert(file.clone()),
        Named::Dir(_) => true,
    });
    Ok(all)
}

/// The files that an argument names, which was `found`.
fn files(path: &Path, found: PathBuf, library: Option<&Path>, apart: &mut Apart) -> Result<Vec<PathBuf>> {
    if cue::split(&found).is_some() {
        return Ok(vec![listed(path, library).unwrap_or(found)]);
    }
    if cue::is_sheet(&found) {
        let pieces = cue::pieces(&found, true).map_err(|e| anyhow!("{}: {e}", path.display()))?;
        if pieces.is_empty() {
            bail!("{}: each of its tracks is a file of its own; name the directory to play them", path.display());
        }
        let sheet = listed(path, library).unwrap_or(found);
        return Ok(pieces.iter().filter_map(|(name, _)| Some(sheet.join(name.file_name()?))).collect());
    }
    if crate::track::is_audio(&found) {
        return Ok(apart.listed(path, library));
    }
    if playlist::is_playlist(&found) {
        // Missing entries are skipped; `jukebox playlist check` reports them.
        let playable = |file: &PathBuf| cue::is_track(file) && cue::is_there(file);
        let read = |entry: PathBuf| playlist::located(entry, cue::is_there);
        let entries = playlist::paths(&found)?.into_iter().map(read).filter(playable);
        let files: Vec<PathBuf> = entries.flat_map(|entry| apart.listed(&entry, library)).collect();
        if files.is_empty() {
            let why = "none of its files exists; `jukebox playlist import` finds those that moved";
            bail!("{}: {why}", path.display());
        }
        return Ok(files);
    }
    match unsupported::refusal(path) {
        Some(why) => Err(anyhow!(why)),
        None => Err(anyhow!("{}: neither a directory nor a music file that jukebox plays", path.display())),
    }
}

/// Paths for one request to the player.
///
/// # Errors
/// When they are too many.
pub fn few_enough(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    match paths.len() {
        0..=MOST => Ok(paths),
        all => {
            Err(anyhow!("{all} files are too many for one request, which names at most {MOST}; `-n` limits a filter"))
        }
    }
}

/// A file's path as the library lists it: canonical except for links inside the library.
fn listed(file: &Path, library: Option<&Path>) -> std::io::Result<PathBuf> {
    let found = cue::canonicalize(file)?;
    let named = std::path::absolute(file)?;
    let plain = !named.components().any(|part| part == Component::ParentDir);
    let inside = library.filter(|root| plain && !found.starts_with(root)).and_then(|root| {
        let above = named.ancestors().skip(1).find(|dir| dir.canonicalize().is_ok_and(|dir| dir == root))?;
        Some(root.join(named.strip_prefix(above).ok()?))
    });
    Ok(inside.unwrap_or(found))
}

/// Audio files that cue sheets split into pieces, per directory that was searched.
#[derive(Default)]
struct Apart(HashMap<PathBuf, HashMap<PathBuf, Vec<PathBuf>>>);

impl Apart {
    /// The pieces into which a cue sheet in the file's directory, or in the one above, splits this file. The library
    /// lists the pieces instead of the file.
    fn pieces(&mut self, file: &Path) -> Option<&Vec<PathBuf>> {
        let dirs: Vec<PathBuf> = file.ancestors().skip(1).take(2).map(Path::to_path_buf).collect();
        for dir in &dirs {
            self.0.entry(dir.clone()).or_insert_with(|| Apart::look(dir));
        }
        dirs.into_iter().find_map(|dir| self.0.get(&dir)?.get(file))
    }

    fn look(dir: &Path) -> HashMap<PathBuf, Vec<PathBuf>> {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut sheets: Vec<PathBuf> = entries.filter(|path| cue::is_sheet(path)).collect();
        sheets.sort_unstable();
        let mut files: HashMap<PathBuf, Vec<PathBuf>> = HashMap::new();
        for sheet in sheets {
            let mut own: HashMap<PathBuf, Vec<PathBuf>> = HashMap::new();
            for (name, piece) in cue::pieces(&sheet, true).unwrap_or_default() {
                own.entry(piece.file).or_default().push(name);
            }
            // If several sheets split the same file, the first one counts.
            for (file, pieces) in own {
                files.entry(file).or_insert(pieces);
            }
        }
        files
    }

    /// The file, or its pieces, as the library lists them.
    fn listed(&mut self, path: &Path, library: Option<&Path>) -> Vec<PathBuf> {
        let Ok(file) = listed(path, library) else { return Vec::new() };
        if let Some(pieces) = self.pieces(&file) {
            return pieces.clone();
        }
        // The files of a long playlist are not all to be probed: only those that have a sheet.
        let has_sheet = cue::split(&file).is_none() && cue::read(&file).is_ok();
        let inside = match has_sheet.then(|| probe::probe(&file)) {
            Some(Ok(sound)) => cue::pieces_inside(&file, sound.secs),
            _ => Vec::new(),
        };
        if inside.is_empty() { vec![file] } else { inside }
    }
}

#[cfg(test)]
#[path = "named_tests.rs"]
mod tests;
