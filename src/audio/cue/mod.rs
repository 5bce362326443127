//! Cue sheets: text files beside a long audio file that divide it into tracks.
//!
//! A *piece* is one such track, named as in mpd by its sheet and number: `album.cue/track0003`. Wherever tracks are
//! listed, played or analysed, such a path is used like a file's; where bytes are read, [`locate`] maps it to a range
//! of a file. Sheets are small and read again each time, so nothing has to be stored beside the path.
//!
//! A file may embed its own sheet; its pieces are then called `album.flac/track0003`. A sheet beside the file takes precedence.

mod inside;
mod naming;
mod parse;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::error::is_absent;
use crate::files;
use crate::track::{EXTENSIONS, Stat, is_audio};

pub use inside::pieces as pieces_inside;
use naming::lower;
pub use naming::{is_sheet, is_track, name, split};
use parse::invalid;
pub use parse::{About, Entry, SECTORS, Sheet};

/// The largest sheet that is read, in bytes; a sheet of 99 tracks has about 10,000.
const LARGEST: u64 = 128 * 1024;

/// The range of a file that a piece occupies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The file that it is a piece of.
    pub file: PathBuf,
    /// Where it begins, in [`SECTORS`].
    pub start: u32,
    /// Where it ends, in [`SECTORS`]; `None` at the end of the file.
    pub end: Option<u32>,
}

/// Reads a sheet, or the one embedded in an audio file.
///
/// # Errors
/// The system's; [`io::ErrorKind::InvalidData`] with one line for an invalid sheet; [`io::ErrorKind::NotFound`] for a file
/// without one.
pub fn read(sheet: &Path) -> io::Result<Sheet> {
    if !is_sheet(sheet) {
        return inside::read(sheet);
    }
    let bytes = files::read(sheet, LARGEST).map_err(|e| match e.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge => invalid(&format!("no cue sheet: {e}")),
        _ => e,
    })?;
    parse::parse(&parse::text(&bytes))
}

/// The pieces that a sheet divides its files into, with their names. A file with only one track in the sheet is left
/// whole; it has tags of its own.
///
/// # Errors
/// As [`read`]; also when a file that it divides is missing, or reached only through a link and links are not followed.
pub fn pieces(sheet: &Path, follow_links: bool) -> io::Result<Vec<(PathBuf, Piece)>> {
    let read = read(sheet)?;
    let mut places: HashMap<&str, PathBuf> = HashMap::new();
    let mut found = Vec::new();
    for entry in read.pieces() {
        let file = match places.get(entry.file.as_str()) {
            Some(file) => file.clone(),
            None => places.entry(&entry.file).or_insert(find(sheet, &entry.file, follow_links)?).clone(),
        };
        found.push((name(sheet, entry.number), Piece { file, start: entry.start, end: entry.end }));
    }
    Ok(found)
}

/// The range of a file that a path names; `None` for a path that names no piece.
///
/// # Errors
/// As [`pieces`]; [`io::ErrorKind::NotFound`] when the sheet has no such track.
pub fn locate(path: &Path) -> io::Result<Option<Piece>> {
    let Some((sheet, number)) = split(path) else { return Ok(None) };
    let read = read(sheet)?;
    let Some(entry) = read.pieces().find(|entry| entry.number == number) else {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("the cue sheet has no track {number}")));
    };
    Ok(Some(Piece { file: find(sheet, &entry.file, true)?, start: entry.start, end: entry.end }))
}

/// The file that holds the bytes of a path: that of a piece, or the path itself.
///
/// # Errors
/// As [`locate`].
pub fn file(path: &Path) -> io::Result<PathBuf> {
    Ok(locate(path)?.map_or_else(|| path.to_owned(), |piece| piece.file))
}

/// Whether a path is an existing file, or names a piece of one.
pub fn is_there(path: &Path) -> bool {
    if split(path).is_some() { stat(path).is_ok() } else { path.is_file() }
}

/// The stat of a track: that of its file, following links; for a piece, one that changes with its sheet and its file.
///
/// # Errors
/// The system's, and those of [`locate`].
pub fn stat(path: &Path) -> io::Result<Stat> {
    match locate(path)? {
        None => Ok(Stat::of(&fs::metadata(path)?)),
        Some(piece) => joint(path, &piece),
    }
}

/// The stat of a located piece.
///
/// # Errors
/// The system's.
pub fn joint(path: &Path, piece: &Piece) -> io::Result<Stat> {
    let sheet = path.parent().unwrap_or(path);
    let file = Stat::of(&fs::metadata(&piece.file)?);
    if sheet == piece.file {
        return Ok(file);
    }
    let sheet = Stat::of(&fs::metadata(sheet)?);
    Ok(Stat {
        dev: file.dev,
        ino: file.ino,
        size: file.size.wrapping_add(sheet.size),
        mtime_ns: file.mtime_ns.max(sheet.mtime_ns),
        ctime_ns: file.ctime_ns.max(sheet.ctime_ns),
    })
}

/// The canonical path, as by [`Path::canonicalize`]; for a piece, its name under the canonical path of its sheet.
///
/// # Errors
/// The system's; the sheet must exist, its track need not.
pub fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    match split(path) {
        Some((sheet, number)) => Ok(name(&sheet.canonicalize()?, number)),
        None => path.canonicalize(),
    }
}

/// The file that a sheet refers to by name. Files get re-encoded and moved between systems: if there is no exact match,
/// a file of the same name in another case or format is used, and then one named like the sheet.
///
/// A file reached only through a symlink comes last, and only if `links` is set.
fn find(sheet: &Path, meant: &str, links: bool) -> io::Result<PathBuf> {
    if !is_sheet(sheet) {
        return Ok(sheet.to_owned());
    }
    match find_by(sheet, meant, false) {
        Err(e) if links && e.kind() == io::ErrorKind::NotFound => find_by(sheet, meant, true),
        Err(e) if e.kind() == io::ErrorKind::NotFound && find_by(sheet, meant, true).is_ok() => {
            let why = format!("{e}; what is there is a link, and library.follow_links is off");
            Err(io::Error::new(io::ErrorKind::NotFound, why))
        }
        found => found,
    }
}

fn find_by(sheet: &Path, meant: &str, links: bool) -> io::Result<PathBuf> {
    let dir = sheet.parent().unwrap_or(Path::new(""));
    let slashed = meant.replace('\\', "/");
    let stated = Path::new(&slashed);
    // Only the sheet's own directory and those below it.
    let below = stated.components().all(|part| matches!(part, Component::Normal(_)));
    let exact = dir.join(stated);
    let is_file = |path: &Path| Ok::<bool, io::Error>((links || !is_linked(dir, path)) && is_file(path)?);
    if below && is_audio(&exact) && is_file(&exact)? {
        return Ok(exact);
    }
    let inner = if below { dir.join(stated.parent().unwrap_or(Path::new(""))) } else { dir.to_owned() };
    let (stem, own) = (stated.file_stem().map(lower), sheet.file_stem().map(lower));
    // `album.flac.cue` beside `album.flac`.
    let inside = own.as_deref().map(Path::new).filter(|own| is_audio(own)).and_then(|own| own.file_stem()).map(lower);
    let wanted = [stem, own, inside];
    let stem = |file: &Path| file.file_stem().map(lower);
    let mut files: Vec<PathBuf> = Vec::new();
    for place in [Some(inner.as_path()).filter(|inner| *inner != dir), Some(dir)].into_iter().flatten() {
        let entries = match fs::read_dir(place) {
            Err(e) if is_absent(&e) => continue,
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            if is_audio(&path) && wanted.contains(&stem(&path)) && is_file(&path)? {
                files.push(path);
            }
        }
    }
    // Lossless formats first: EXTENSIONS would prefer an mp3.
    let worth = |file: &Path| {
        let extension = file.extension().map(lower).unwrap_or_default();
        let lossless = ["flac", "wav", "wave", "aif", "aiff", "aifc"].contains(&extension.as_str());
        (!lossless, EXTENSIONS.iter().position(|e| *e == extension))
    };
    let called = |wanted: &Option<String>| {
        let same = files.iter().filter(|file| stem(file) == *wanted);
        same.min_by_key(|file| (worth(file), file.as_os_str().len(), *file)).cloned()
    };
    let found = wanted.iter().filter(|wanted| wanted.is_some()).find_map(called);
    found.ok_or_else(|| {
        let meant = crate::text::sanitize(meant);
        let why = format!(
            "the cue sheet is of \"{meant}\", and no file of that name that plays is there: put it beside the sheet"
        );
        io::Error::new(io::ErrorKind::NotFound, why)
    })
}

/// Whether a path below a directory is reached through a symlink.
pub fn is_linked(dir: &Path, path: &Path) -> bool {
    path.ancestors().take_while(|part| *part != dir && part.starts_with(dir)).any(Path::is_symlink)
}

/// Whether a path is a regular file.
fn is_file(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(meta) => Ok(meta.is_file()),
        Err(e) if is_absent(&e) => Ok(false),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests;
