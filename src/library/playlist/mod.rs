//! Playlists as files: M3U, PLS and XSPF, read and written.
//!
//! Input is untrusted: only regular files of at most 64 MiB with at most 100,000 entries and 8 KiB
//! per line are accepted, only local files become entries, and XML with a document type is
//! rejected. No file that a playlist names is opened.

mod entry;
mod error;
mod finder;
mod list;
mod m3u;
mod places;
mod pls;
mod readings;
mod rewritten;
pub mod smart;
pub mod sort;
mod source;
mod url;
mod words;
mod xspf;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::files;
use crate::library::xml;
use crate::store::{exported, private};

use list::Read;
use places::relative_to;
use words::page;

pub use entry::{Entry, Format, Stream};
pub use error::{FormatError, PlaylistError, SmartError};
pub use finder::{Finder, How};
pub use list::Playlist;
pub use source::{Encoded, Source};
pub use url::{encoded as address_of_file, file as file_of_address};

/// Size limit of a playlist file, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// How paths are written in a playlist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paths {
    /// Relative if all files are below the playlist's directory, otherwise absolute.
    #[default]
    Fitting,
    /// Relative to the playlist's directory, with `..` where needed.
    Relative,
    /// Absolute.
    Absolute,
}

/// Whether a file has the extension of a playlist.
pub fn is_playlist(path: &Path) -> bool {
    format_of(path).is_ok()
}

fn format_of(path: &Path) -> Result<Format, FormatError> {
    path.extension().and_then(OsStr::to_str).unwrap_or("").parse()
}

/// Reads a playlist. Its format is detected from the content, otherwise from the extension.
/// Relative paths are joined to its directory.
///
/// # Errors
/// The file cannot be read or parsed.
pub fn read(path: &Path) -> Result<Playlist, PlaylistError> {
    let bytes = files::read(path, LARGEST).map_err(PlaylistError::file(path))?;
    parse(&bytes, format_of(path), path.parent().unwrap_or(Path::new(""))).map_err(PlaylistError::format(path))
}

/// The paths of the files in a playlist; see [`read`].
///
/// # Errors
/// As for [`read`].
pub fn paths(path: &Path) -> Result<Vec<PathBuf>, PlaylistError> {
    Ok(read(path)?.entries.into_iter().map(|entry| entry.path).collect())
}

/// The first reading of a playlist's path for which `is_there` holds (see `readings`), or the path
/// itself if there is none. [`Finder`] does this for files of the library.
pub fn located(path: PathBuf, is_there: impl Fn(&Path) -> bool) -> PathBuf {
    if is_there(&path) {
        return path;
    }
    readings::readings(&path).into_iter().find(|read| is_there(read)).unwrap_or(path)
}

/// Parses the content of a playlist in the directory `dir`; `named` is the format by its extension.
fn parse(bytes: &[u8], named: Result<Format, FormatError>, dir: &Path) -> Result<Playlist, FormatError> {
    let (text, encoded) = source::decode(bytes);
    let start = text.trim_ascii_start();
    let is = |word: &[u8]| start.get(..word.len()).is_some_and(|s| s.eq_ignore_ascii_case(word));
    let format = match () {
        () if is(b"[playlist]") => Format::Pls,
        () if is(b"<?xml") || is(b"<playlist") || is(b"<!doctype") => Format::Xspf,
        () => named?,
    };
    let text = if format == Format::Xspf { Cow::Owned(xml::utf8(&text).into_owned()) } else { text };
    let read = match format {
        Format::M3u => m3u::parse(&text, dir, page(&text)),
        Format::Pls => pls::parse(&text, dir, page(&text)),
        Format::Xspf => xspf::parse(&text, dir),
    }?;
    let Read { list, places, end } = read;
    let source = Source::new(format, encoded, text.into_owned(), (places, end), &list.entries);
    Ok(Playlist { source: Some(source), ..list })
}

/// Writes a playlist atomically, in the format given by its extension. The entries' paths are
/// absolute. If it was read from a file of the same format, only the paths of its entries change.
///
/// # Errors
/// [`PlaylistError::Taken`] if `over` is false and the file exists, which is then left unchanged; the extension is of no
/// known format, or the file cannot be written.
pub fn write(path: &Path, playlist: &Playlist, paths: Paths, over: bool) -> Result<(), PlaylistError> {
    written(path, playlist, paths, if over { private::overwrite } else { private::create })
}

/// As [`write()`], into a file that the user names, for other programs: others may read it as the umask permits.
///
/// # Errors
/// As [`write()`].
pub fn export(path: &Path, playlist: &Playlist, paths: Paths, over: bool) -> Result<(), PlaylistError> {
    written(path, playlist, paths, if over { exported::overwrite } else { exported::create })
}

/// How the bytes of a file are put on the disk.
type Put = fn(&Path, &[u8]) -> std::io::Result<()>;

fn written(path: &Path, playlist: &Playlist, paths: Paths, put: Put) -> Result<(), PlaylistError> {
    let format = format_of(path).map_err(PlaylistError::format(path))?;
    let absolute = std::path::absolute(path).map_err(PlaylistError::file(path))?;
    let dir = absolute.parent().unwrap_or(Path::new("/"));
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    // The extension m3u8 promises UTF-8.
    let utf8 = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("m3u8"));
    let bytes = render(playlist, format, utf8, &dir, paths);
    put(path, &bytes).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => PlaylistError::Taken(path.to_path_buf()),
        _ => PlaylistError::file(path)(e),
    })
}

/// Encodes a playlist for the directory `dir`, which is absolute. `utf8`: whether the extension
/// promises UTF-8.
fn render(playlist: &Playlist, format: Format, utf8: bool, dir: &Path, paths: Paths) -> Vec<u8> {
    let below = playlist.entries.iter().all(|entry| entry.path.starts_with(dir));
    let relative = paths == Paths::Relative || (paths == Paths::Fitting && below);
    let placed = |path: &Path| if relative { relative_to(path, dir) } else { path.to_path_buf() };
    let source = playlist.source.as_ref().filter(|s| s.format == format && s.tells_of(&playlist.entries));
    if let Some(source) = source {
        let encoded = match source.encoded {
            Encoded::Utf16 { .. } if utf8 => Encoded::Bytes,
            encoded => encoded,
        };
        return source::encode(rewritten::moved(source, &playlist.entries, &placed), encoded);
    }
    match format {
        Format::M3u => m3u::render(playlist, &placed),
        Format::Pls => pls::render(playlist, &placed),
        Format::Xspf => xspf::render(playlist, &placed),
    }
}

/// Appends entries to a playlist, or creates it. Their paths are absolute and are written as such.
/// Returns the total number of entries.
///
/// # Errors
/// The file cannot be read or written, and is left unchanged.
pub fn add(path: &Path, entries: &[Entry]) -> Result<usize, PlaylistError> {
    let list = match path.exists() {
        true => read(path)?,
        false => {
            let list = Playlist { entries: entries.to_vec(), ..Playlist::default() };
            write(path, &list, Paths::Absolute, false)?;
            return Ok(entries.len());
        }
    };
    let source = list.source.as_ref().ok_or_else(|| PlaylistError::Final(path.to_path_buf()))?;
    let text = rewritten::extended(source, entries, &Path::to_path_buf);
    private::overwrite(path, &source::encode(text, source.encoded)).map_err(PlaylistError::file(path))?;
    Ok(list.entries.len() + entries.len())
}

#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod tests;
