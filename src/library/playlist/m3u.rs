//! M3U: one path per line, preceded by comments. Paths are bytes, as an `.m3u` need not be UTF-8.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::entry::{Entry, Stream};
use super::error::FormatError;
use super::list::{Playlist, Read};
use super::places::place;
use super::url;
use super::words::{LINES, LONGEST, Page, lines, secs, text};

pub(super) fn parse(bytes: &[u8], dir: &Path, page: Page) -> Result<Read, FormatError> {
    let mut read = Read::default();
    let mut next = Entry::default();
    for range in lines(bytes)? {
        let (line, list) = (&bytes[range.clone()], &mut read.list);
        if line.len() > LONGEST {
            list.left_out += 1;
            next = Entry::default();
        } else if line[0] == b'#' {
            comment(line, page, &mut next, list);
        } else {
            let entry = std::mem::take(&mut next);
            match place(line, dir) {
                Some(path) if list.entries.len() < LINES => {
                    list.entries.push(Entry { path, ..entry });
                    read.places.push(range);
                }
                Some(_) => return Err(FormatError::TooMany),
                None => {
                    list.left_out += 1;
                    list.streams.extend(Stream::of(line, entry, list.entries.len()));
                }
            }
        }
    }
    Ok(read)
}

/// Parses a known comment, which describes the entry after it.
fn comment(line: &[u8], page: Page, next: &mut Entry, list: &mut Playlist) {
    let Some(colon) = line.iter().position(|&b| b == b':') else { return };
    let (word, rest) = (&line[..colon], &line[colon + 1..]);
    match word {
        b"#EXTINF" => {
            let comma = title(rest);
            next.secs = secs(&rest[..comma]);
            next.title = rest.get(comma + 1..).and_then(|title| text(title, page));
        }
        b"#EXTALB" => next.album = text(rest, page),
        b"#EXTART" => next.artist = text(rest, page),
        b"#PLAYLIST" => list.title = text(rest, page),
        b"#JUKEBOX" => next.track = std::str::from_utf8(rest.trim_ascii()).ok().and_then(|id| id.parse().ok()),
        _ => {}
    }
}

/// Index of the comma before the title: the first one outside quotes, as attributes (`group="a,b"`)
/// may precede it.
fn title(rest: &[u8]) -> usize {
    let mut quoted = false;
    let bare = rest.iter().position(|&b| {
        quoted ^= b == b'"';
        b == b',' && !quoted
    });
    bare.or_else(|| rest.iter().position(|&b| b == b',')).unwrap_or(rest.len())
}

pub(super) fn render(list: &Playlist, placed: &dyn Fn(&Path) -> PathBuf) -> Vec<u8> {
    let mut out = b"#EXTM3U\n".to_vec();
    if let Some(title) = &list.title {
        out.extend(format!("#PLAYLIST:{}\n", crate::text::sanitize(title)).bytes());
    }
    list.in_order(|part| match part {
        Ok(one) => entry(&mut out, one, placed, b"\n"),
        Err(stream) => {
            if let Some(title) = &stream.title {
                let secs = stream.secs.map_or(-1, |s| s.round() as i64);
                out.extend(format!("#EXTINF:{secs},{}\n", crate::text::sanitize(title)).bytes());
            }
            out.extend(format!("{}\n", stream.address).bytes());
        }
    });
    out
}

/// Appends an entry; `end` is the line ending.
pub(super) fn entry(out: &mut Vec<u8>, entry: &Entry, placed: &dyn Fn(&Path) -> PathBuf, end: &[u8]) {
    let mut add = |line: &[u8]| out.extend([line, end].concat());
    if let Some(track) = entry.track {
        add(format!("#JUKEBOX:{track}").as_bytes());
    }
    if let Some(name) = entry.name() {
        // Whole seconds, as several players accept nothing else.
        let secs = entry.secs.map_or(-1, |s| s.round() as i64);
        add(format!("#EXTINF:{secs},{}", crate::text::sanitize(&name)).as_bytes());
    }
    if let Some(album) = &entry.album {
        add(format!("#EXTALB:{}", crate::text::sanitize(album)).as_bytes());
    }
    add(&line(&entry.path, &placed(&entry.path)));
}

/// Writes a path as one line that cannot be taken for a comment or a URL.
pub(super) fn line(whole: &Path, placed: &Path) -> Vec<u8> {
    let bytes = placed.as_os_str().as_bytes();
    let broken = bytes.iter().any(|b| b"\n\r".contains(b)) || bytes.last().is_some_and(u8::is_ascii_whitespace);
    if broken {
        return url::encoded(whole).into_bytes();
    }
    let taken = bytes.first().is_some_and(|b| *b == b'#' || b.is_ascii_whitespace()) || url::scheme(bytes).is_some();
    if taken { [b"./", bytes].concat() } else { bytes.to_vec() }
}
