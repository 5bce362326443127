//! Playlists as files: M3U, PLS and XSPF, read and written.
//!
//! Input is untrusted: only regular files of at most 16 MiB, 100,000 entries and 8 KiB a line; only local files are entries;
//! XML with a document type is refused. No file that a playlist names is opened.

mod finder;
mod m3u;
mod pls;
mod readings;
pub mod smart;
pub mod sort;
mod source;
mod url;
mod xspf;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};
use serde::{Deserialize, Serialize};

use crate::files;
use crate::library::{Song, xml};
use crate::store::private;
use crate::track::TrackId;

pub use finder::{Finder, How};
pub use source::{Encoded, Source};
pub use url::file as file_of_address;

/// How the complaint of [`write()`] ends when there is something already.
pub const TAKEN: &str = "is there already";
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
    /// The streams among them, which are kept and not played.
    pub streams: Vec<Stream>,
    /// How many entries were left out while reading: streams, and lines that are too long.
    pub left_out: usize,
    /// The text that it was read from.
    pub source: Option<Source>,
}

impl Playlist {
    /// Goes over entries and streams in their order.
    fn in_order<'a>(&'a self, mut each: impl FnMut(Result<&'a Entry, &'a Stream>)) {
        let mut streams = self.streams.iter().peekable();
        for (i, entry) in self.entries.iter().enumerate() {
            while let Some(stream) = streams.next_if(|stream| stream.before <= i) {
                each(Err(stream));
            }
            each(Ok(entry));
        }
        streams.for_each(|stream| each(Err(stream)));
    }
}

/// An entry of a playlist that is no file: a radio station, say.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// How many entries precede it.
    pub before: usize,
    /// Its address, as written there.
    pub address: String,
    /// Its title.
    pub title: Option<String>,
    /// Duration in seconds.
    pub secs: Option<f64>,
}

impl Stream {
    /// One behind so many entries; `None` when what is named is no address.
    fn of(address: &[u8], about: Entry, before: usize) -> Option<Stream> {
        url::scheme(address)?;
        let address = std::str::from_utf8(address).ok().filter(|a| !a.contains(char::is_control))?;
        Some(Stream { before, address: address.into(), title: about.name(), secs: about.secs })
    }
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
    let (list, source) = Source::new(format, encoded, text.into_owned(), read);
    Ok(Playlist { source: Some(source), ..list })
}

/// Writes a playlist, whole or not at all, in the format that the name's ending says. The entries' paths are absolute. One
/// that was read in this format stays as it was but for the places of its entries.
///
/// # Errors
/// One line that names the file; with `over` false also that there is something of this name, which is then left as it is.
pub fn write(path: &Path, playlist: &Playlist, paths: Paths, over: bool) -> Result<(), String> {
    let explain = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let format = format_of(path).map_err(|e| explain(&e))?;
    let absolute = std::path::absolute(path).map_err(|e| explain(&e))?;
    let dir = absolute.parent().unwrap_or(Path::new("/"));
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    // By its name a .m3u8 is in UTF-8.
    let utf8 = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("m3u8"));
    let bytes = render(playlist, format, utf8, &dir, paths);
    let written = if over { private::overwrite(path, &bytes) } else { private::create(path, &bytes) };
    written.map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => explain(&TAKEN),
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
        return source::encode(source.moved(&playlist.entries, &placed), encoded);
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
            return write(path, &Playlist { entries: entries.to_vec(), ..Playlist::default() }, Paths::Absolute, false)
                .map(|()| entries.len());
        }
    };
    let source = list.source.as_ref().ok_or_else(|| explain(&"this file cannot be extended"))?;
    let text = source.with(entries, &Path::to_path_buf);
    private::overwrite(path, &source::encode(text, source.encoded)).map_err(|e| explain(&e))?;
    Ok(list.entries.len() + entries.len())
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
        Some(_) => url::file(text).or_else(|| url::elsewhere(text))?,
    };
    let empty = path.as_os_str().is_empty() || path.as_os_str().as_bytes().contains(&0);
    (!empty).then(|| plain(&dir.join(path)))
}

/// Where the lines of a playlist stand, without what surrounds them; empty ones are none.
///
/// # Errors
/// When there are too many.
fn lines(bytes: &[u8]) -> Result<Vec<Range<usize>>, String> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in bytes.split(|&b| b == b'\n' || b == b'\r') {
        let (from, trimmed) = (line.len() - line.trim_ascii_start().len(), line.trim_ascii());
        if !trimmed.is_empty() {
            lines.push(start + from..start + from + trimmed.len());
        }
        if lines.len() > LINES_EACH * LINES {
            return Err("more than 100,000 entries".into());
        }
        start += line.len() + 1;
    }
    Ok(lines)
}

/// The code page of what is not UTF-8.
type Page = &'static Encoding;

/// The code page of a list whose lines are not all UTF-8: what `#EXTENC:` names, else what they look like.
fn page(bytes: &[u8]) -> Page {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let lines = || bytes.split(|&b| b == b'\n' || b == b'\r');
    let named = lines().take(20).find_map(|line| line.strip_prefix(b"#EXTENC:"));
    if let Some(page) = named.and_then(|label| Encoding::for_label(label.trim_ascii())).filter(|page| *page != UTF_8) {
        return page;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    // Lines that somebody added in UTF-8 would mislead it.
    for line in lines().filter(|line| std::str::from_utf8(line).is_err()) {
        detector.feed(line, false);
        detector.feed(b"\n", false);
    }
    detector.guess(None, Utf8Detection::Deny)
}

/// A text of a playlist, sanitised; `None` when nothing is left.
fn text(bytes: &[u8], page: Page) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => page.decode_without_bom_handling(bytes).0,
    };
    let text = crate::text::sanitize(text.trim());
    (!text.is_empty()).then_some(text)
}

/// A duration in seconds; unknown ones are written as -1 or 0.
fn secs(bytes: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(bytes).ok()?.split_whitespace().next()?;
    text.parse().ok().filter(|secs: &f64| secs.is_finite() && *secs > 0.0)
}

#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod tests;
