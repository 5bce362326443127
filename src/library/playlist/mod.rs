//! Playlists as files: M3U, PLS and XSPF, read and written.
//!
//! What is read is hostile until shown otherwise: only regular files of at most 16 MiB, 100,000 entries and 8 KiB a line;
//! only local files are entries; XML with a document type is refused. Nothing that is named is opened.

mod finder;
mod m3u;
mod pls;
pub mod smart;
mod url;
mod xspf;

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::library::Song;
use crate::store::private;
use crate::track::TrackId;

pub use finder::{Finder, How};
pub use url::file as file_of_address;

/// A larger file is no playlist, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;
/// The most entries.
const LINES: usize = 100_000;
/// The most lines that an entry takes: its path and four that tell about it.
const LINES_EACH: usize = 5;
/// The longest line, or text of an XSPF, in bytes.
const LONGEST: usize = 8 * 1024;

/// A playlist.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Playlist {
    /// Its own title, where it has one.
    pub title: Option<String>,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
    /// Entries that were left out while reading: streams, other hosts, lines that are too long.
    pub left_out: usize,
}

/// One entry of a playlist: where the file is said to lie, and what is said about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The file; it need not be there. Raw bytes, not necessarily UTF-8.
    #[serde(with = "crate::paths::raw")]
    pub path: PathBuf,
    /// The identity of its sound, in playlists of jukebox.
    pub track: Option<TrackId>,
    /// The artist.
    pub artist: Option<String>,
    /// The title; in playlists of others often `Artist - Title`.
    pub title: Option<String>,
    /// The album.
    pub album: Option<String>,
    /// Duration in seconds.
    pub secs: Option<f64>,
}

impl Entry {
    /// `Artist - Title`, or what there is of it.
    pub fn name(&self) -> Option<String> {
        let title = self.title.as_deref()?;
        Some(self.artist.as_deref().map_or_else(|| title.to_string(), |artist| format!("{artist} - {title}")))
    }
}

impl From<&Song> for Entry {
    fn from(song: &Song) -> Entry {
        Entry {
            path: song.path.to_path_buf(),
            track: Some(song.track),
            artist: (!song.artist().is_empty()).then(|| song.artist().to_string()),
            title: Some(song.title()),
            album: song.tags.album.clone(),
            secs: (song.secs > 0.0).then_some(song.secs),
        }
    }
}

/// How a playlist is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A path a line; `.m3u` and `.m3u8`.
    M3u,
    /// `File1=…`
    Pls,
    /// XML.
    Xspf,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        match text.to_lowercase().as_str() {
            "m3u" | "m3u8" => Ok(Format::M3u),
            "pls" => Ok(Format::Pls),
            "xspf" => Ok(Format::Xspf),
            _ => Err("a playlist is a .m3u8, .m3u, .pls or .xspf".into()),
        }
    }
}

/// How paths stand in a playlist that is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paths {
    /// Relative when every file lies below the playlist's directory, else absolute.
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
    let meta = std::fs::metadata(path).map_err(|e| explain(&e))?;
    if !meta.is_file() {
        return Err(explain(&"not a file"));
    }
    if meta.len() > LARGEST {
        return Err(explain(&"larger than 16 MiB: no playlist"));
    }
    let bytes = std::fs::read(path).map_err(|e| explain(&e))?;
    parse(&bytes, format_of(path), path.parent().unwrap_or(Path::new(""))).map_err(|e| explain(&e))
}

/// The files that a playlist names; see [`read`].
///
/// # Errors
/// One line that names the playlist.
pub fn paths(path: &Path) -> Result<Vec<PathBuf>, String> {
    Ok(read(path)?.entries.into_iter().map(|entry| entry.path).collect())
}

/// Parses a playlist that lies in `dir`; `named` is what its name says that it is.
fn parse(bytes: &[u8], named: Result<Format, String>, dir: &Path) -> Result<Playlist, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = bytes.trim_ascii_start();
    let is = |word: &[u8]| start.get(..word.len()).is_some_and(|s| s.eq_ignore_ascii_case(word));
    let format = match () {
        () if is(b"[playlist]") => Format::Pls,
        () if is(b"<?xml") || is(b"<playlist") || is(b"<!doctype") => Format::Xspf,
        () => named?,
    };
    match format {
        Format::M3u => m3u::parse(bytes, dir),
        Format::Pls => pls::parse(bytes, dir),
        Format::Xspf => xspf::parse(bytes, dir),
    }
}

/// Writes a playlist, whole or not at all, in the format that the name's ending says. The entries' paths are absolute.
///
/// # Errors
/// One line that names the file.
pub fn write(path: &Path, playlist: &Playlist, paths: Paths) -> Result<(), String> {
    let explain = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let format = format_of(path).map_err(|e| explain(&e))?;
    let absolute = std::path::absolute(path).map_err(|e| explain(&e))?;
    let dir = absolute.parent().unwrap_or(Path::new("/"));
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    private::replace(path, &render(playlist, format, &dir, paths)).map_err(|e| explain(&e))
}

/// The bytes of a playlist that is to lie in `dir`, which is absolute.
fn render(playlist: &Playlist, format: Format, dir: &Path, paths: Paths) -> Vec<u8> {
    let below = playlist.entries.iter().all(|entry| entry.path.starts_with(dir));
    let relative = paths == Paths::Relative || (paths == Paths::Fitting && below);
    let place = |path: &Path| if relative { relative_to(path, dir) } else { path.to_path_buf() };
    match format {
        Format::M3u => m3u::render(playlist, &place),
        Format::Pls => pls::render(playlist, &place),
        Format::Xspf => xspf::render(playlist, &place),
    }
}

/// A path as it is seen from a directory; both absolute.
fn relative_to(path: &Path, dir: &Path) -> PathBuf {
    let shared = path.components().zip(dir.components()).take_while(|(a, b)| a == b).count();
    let up = dir.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(path.components().skip(shared)).collect()
}

/// A path without `.` and `..`, by its text alone.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// A place named in a playlist: a path, or a `file:` address. `None` for everything that is no local file.
fn place(text: &[u8], dir: &Path) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    let path = match url::scheme(text) {
        None => PathBuf::from(OsStr::from_bytes(text)),
        Some(_) => url::file(text)?,
    };
    let empty = path.as_os_str().is_empty() || path.as_os_str().as_bytes().contains(&0);
    (!empty).then(|| plain(&dir.join(path)))
}

/// The lines of a playlist, without what surrounds them, each with whether it is short enough.
///
/// # Errors
/// When there are too many.
fn lines(bytes: &[u8]) -> Result<Vec<&[u8]>, String> {
    let lines: Vec<&[u8]> =
        bytes.split(|&b| b == b'\n' || b == b'\r').map(<[u8]>::trim_ascii).filter(|l| !l.is_empty()).collect();
    if lines.len() > LINES_EACH * LINES { Err("more than 100,000 entries: no playlist".into()) } else { Ok(lines) }
}

/// A text of a playlist as it may be shown; `None` when nothing is left.
fn text(bytes: &[u8]) -> Option<String> {
    let text = crate::text::sanitize(String::from_utf8_lossy(bytes).trim());
    (!text.is_empty()).then_some(text)
}

/// A duration in seconds; unknown ones are written as -1 or 0.
fn secs(bytes: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(bytes).ok()?.split_whitespace().next()?;
    text.parse().ok().filter(|secs: &f64| secs.is_finite() && *secs > 0.0)
}

#[cfg(test)]
mod tests;
