//! Playlists as files: M3U, PLS and XSPF, read and written.
//!
//! Input is untrusted: only regular files of at most 16 MiB, 100,000 entries and 8 KiB a line; only local files are entries;
//! XML with a document type is refused. No file that a playlist names is opened.

mod entry;
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

use thiserror::Error;

use crate::files;
use crate::library::xml;
use crate::store::private;

use list::Read;
use places::relative_to;
use words::page;

pub use entry::{Entry, Format, Stream};
pub use finder::{Finder, How};
pub use list::Playlist;
pub use source::{Encoded, Source};
pub use url::file as file_of_address;

/// Why a playlist was not written. Displayed, it is one line that names the file.
#[derive(Debug, Error)]
pub enum Unwritten {
    /// There is something of this name, which was left as it is.
    #[error("{}: is there already", .0.display())]
    Taken(PathBuf),
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

/// Where the fault is only shown.
impl From<Unwritten> for String {
    fn from(fault: Unwritten) -> String {
        fault.to_string()
    }
}

/// A larger file is no playlist, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// How paths are written in a playlist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paths {
    /// Relative when every file is below the playlist's directory, else absolute.
    #[default]
    Fitting,
    /// Relative to the playlist's directory, with `..` where that is needed.
    Relative,
    /// From the root.
    Absolute,
}

/// Whether a file's name is a playlist's.
pub fn is_playlist(path: &Path) -> bool {
    format_of(path).is_ok()
}

fn format_of(path: &Path) -> Result<Format, String> {
    path.extension().and_then(OsStr::to_str).unwrap_or("").parse()
}

/// Reads a playlist. The content decides what it is, then the name's ending. Relative paths are joined to its directory.
///
/// # Errors
/// One line that names the file.
pub fn read(path: &Path) -> Result<Playlist, String> {
    let explain = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let bytes = files::read(path, LARGEST).map_err(|e| explain(&e))?;
    parse(&bytes, format_of(path), path.parent().unwrap_or(Path::new(""))).map_err(|e| explain(&e))
}

/// The files that a playlist names; see [`read`].
///
/// # Errors
/// One line that names the playlist.
pub fn paths(path: &Path) -> Result<Vec<PathBuf>, String> {
    Ok(read(path)?.entries.into_iter().map(|entry| entry.path).collect())
}

/// The way to read a path of a playlist by which there is something, judged by `is_there`; the path as it stands when there
/// is nothing by any (see [`Finder`] for what the library knows).
pub fn located(path: PathBuf, is_there: impl Fn(&Path) -> bool) -> PathBuf {
    if is_there(&path) {
        return path;
    }
    readings::readings(&path).into_iter().find(|read| is_there(read)).unwrap_or(path)
}

/// Parses a playlist that lies in `dir`; `named` is what its name says that it is.
fn parse(bytes: &[u8], named: Result<Format, String>, dir: &Path) -> Result<Playlist, String> {
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

/// Writes a playlist, whole or not at all, in the format that the name's ending says. The entries' paths are absolute. One
/// that was read in this format stays as it was but for the places of its entries.
///
/// # Errors
/// [`Unwritten::Taken`] with `over` false when there is something of this name, which is then left as it is.
pub fn write(path: &Path, playlist: &Playlist, paths: Paths, over: bool) -> Result<(), Unwritten> {
    let explain = |e: &dyn std::fmt::Display| Unwritten::Other(format!("{}: {e}", path.display()));
    let format = format_of(path).map_err(|e| explain(&e))?;
    let absolute = std::path::absolute(path).map_err(|e| explain(&e))?;
    let dir = absolute.parent().unwrap_or(Path::new("/"));
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    // By its name a .m3u8 is in UTF-8.
    let utf8 = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("m3u8"));
    let bytes = render(playlist, format, utf8, &dir, paths);
    let written = if over { private::overwrite(path, &bytes) } else { private::create(path, &bytes) };
    written.map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => Unwritten::Taken(path.to_path_buf()),
        _ => explain(&e),
    })
}

/// The bytes of a playlist that is to lie in `dir`, which is absolute; whether its name says that it is in UTF-8.
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

/// Adds entries behind those of a playlist that is there, or makes it. Their paths are absolute and are written so. How many
/// there are then.
///
/// # Errors
/// One line that names the file; it then stands as it was.
pub fn add(path: &Path, entries: &[Entry]) -> Result<usize, String> {
    let explain = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let list = match path.exists() {
        true => read(path)?,
        false => {
            let list = Playlist { entries: entries.to_vec(), ..Playlist::default() };
            write(path, &list, Paths::Absolute, false)?;
            return Ok(entries.len());
        }
    };
    let source = list.source.as_ref().ok_or_else(|| explain(&"this file cannot be extended"))?;
    let text = rewritten::extended(source, entries, &Path::to_path_buf);
    private::overwrite(path, &source::encode(text, source.encoded)).map_err(|e| explain(&e))?;
    Ok(list.entries.len() + entries.len())
}

#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod tests;
