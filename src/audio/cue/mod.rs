//! Cue sheets: a text beside a long file that says which pieces of it are which tracks.
//!
//! A piece is named as mpd names it, by its sheet and its number: `album.cue/track0003`. Whoever lists, plays or hears
//! tracks takes such a path for a file's; where bytes are read, [`locate`] says which file they are in and from where to
//! where. Sheets are small and read anew each time, so that nothing has to be kept beside the path.
//!
//! A file may hold its own sheet: then it is its own sheet here, and its pieces are called `album.flac/track0003`. A sheet
//! beside it goes before that.

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

/// The largest sheet that is read, in bytes; one of 99 tracks has about 10,000.
const LARGEST: u64 = 128 * 1024;

/// Where a piece's sound is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The file that it is a piece of.
    pub file: PathBuf,
    /// Where it begins, in [`SECTORS`].
    pub start: u32,
    /// Where it ends; `None` with the file.
    pub end: Option<u32>,
}

/// Reads a sheet, or the one inside a file of audio.
///
/// # Errors
/// The system's; [`io::ErrorKind::InvalidData`] with one line for a sheet that makes no sense;
/// [`io::ErrorKind::NotFound`] for a file that holds none.
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

/// The pieces that a sheet takes its files apart into, with their names. A file of which it names one track is left whole:
/// that has tags of its own.
///
/// # Errors
/// As [`read`]; also when a file that it takes apart is not there, or only over a link and links are not followed.
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

/// Where the sound of a path is; `None` for a path that is no piece's.
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

/// The file whose bytes a path stands for: a piece's, or the path itself.
///
/// # Errors
/// As [`locate`].
pub fn file(path: &Path) -> io::Result<PathBuf> {
    Ok(locate(path)?.map_or_else(|| path.to_owned(), |piece| piece.file))
}

/// Whether a path leads to a file, or stands for a piece of one that is there.
pub fn is_there(path: &Path) -> bool {
    if split(path).is_some() { stat(path).is_ok() } else { path.is_file() }
}

/// The stat of a track: a file's own, links followed; a piece changes with its sheet and with its file.
///
/// # Errors
/// The system's, and those of [`locate`].
pub fn stat(path: &Path) -> io::Result<Stat> {
    match locate(path)? {
        None => Ok(Stat::of(&fs::metadata(path)?)),
        Some(piece) => joint(path, &piece),
    }
}

/// The stat of a piece that was located.
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

/// The path without links and dots, as [`Path::canonicalize`] makes it; of a piece its sheet's.
///
/// # Errors
/// The system's; the sheet must be there, its track need not be.
pub fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    match split(path) {
        Some((sheet, number)) => Ok(name(&sheet.canonicalize()?, number)),
        None => path.canonicalize(),
    }
}

/// The file that a sheet means by a name. Sheets outlive their files' encoding and travel between systems: where nothing is
/// called so, a file of the same name in another case or format will do, and then one called as the sheet is.
///
/// A file that is there only over a link comes last, and with `links` off not at all.
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
    // Into directories below, never out of the sheet's own.
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
    // The lossless kinds first: the order of EXTENSIONS would take an mp3 that lies beside.
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

/// Whether a link leads from a directory to a path below it.
pub fn is_linked(dir: &Path, path: &Path) -> bool {
    path.ancestors().take_while(|part| *part != dir && part.starts_with(dir)).any(Path::is_symlink)
}

/// Whether a file is there, as far as that can be told.
fn is_file(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(meta) => Ok(meta.is_file()),
        Err(e) if is_absent(&e) => Ok(false),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests;
