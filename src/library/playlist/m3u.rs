//! M3U: a path a line, comments above it. Paths are bytes: an `.m3u` need not be UTF-8.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::{Entry, LINES, LONGEST, Playlist, lines, place, secs, text, url};

pub(super) fn parse(bytes: &[u8], dir: &Path) -> Result<Playlist, String> {
    let mut list = Playlist::default();
    let mut next = Entry::default();
    for line in lines(bytes)? {
        if line.len() > LONGEST {
            list.left_out += 1;
            next = Entry::default();
        } else if line[0] == b'#' {
            comment(line, &mut next, &mut list);
        } else {
            let entry = std::mem::take(&mut next);
            match place(line, dir) {
                Some(path) if list.entries.len() < LINES => list.entries.push(Entry { path, ..entry }),
                Some(_) => return Err("more than 100,000 entries: no playlist".into()),
                None => list.left_out += 1,
            }
        }
    }
    Ok(list)
}

/// What the known comments say about the entry below them.
fn comment(line: &[u8], next: &mut Entry, list: &mut Playlist) {
    let Some(colon) = line.iter().position(|&b| b == b':') else { return };
    let (word, rest) = (&line[..colon], &line[colon + 1..]);
    match word {
        b"#EXTINF" => {
            let comma = rest.iter().position(|&b| b == b',').unwrap_or(rest.len());
            next.secs = secs(&rest[..comma]);
            next.title = rest.get(comma + 1..).and_then(text);
        }
        b"#EXTALB" => next.album = text(rest),
        b"#EXTART" => next.artist = text(rest),
        b"#PLAYLIST" => list.title = text(rest),
        b"#JUKEBOX" => next.track = std::str::from_utf8(rest.trim_ascii()).ok().and_then(|id| id.parse().ok()),
        _ => {}
    }
}

pub(super) fn render(list: &Playlist, placed: &dyn Fn(&Path) -> PathBuf) -> Vec<u8> {
    let mut out = b"#EXTM3U\n".to_vec();
    if let Some(title) = &list.title {
        out.extend(format!("#PLAYLIST:{}\n", crate::text::sanitize(title)).bytes());
    }
    for entry in &list.entries {
        if let Some(track) = entry.track {
            out.extend(format!("#JUKEBOX:{track}\n").bytes());
        }
        if let Some(name) = entry.name() {
            // Whole seconds: several players read nothing else.
            let secs = entry.secs.map_or(-1, |s| s.round() as i64);
            out.extend(format!("#EXTINF:{secs},{}\n", crate::text::sanitize(&name)).bytes());
        }
        if let Some(album) = &entry.album {
            out.extend(format!("#EXTALB:{}\n", crate::text::sanitize(album)).bytes());
        }
        out.extend(line(&entry.path, &placed(&entry.path)));
        out.push(b'\n');
    }
    out
}

/// A path so that it is read as itself: no comment, no address, one line.
fn line(whole: &Path, placed: &Path) -> Vec<u8> {
    let bytes = placed.as_os_str().as_bytes();
    let broken = bytes.iter().any(|b| b"\n\r".contains(b)) || bytes.last().is_some_and(u8::is_ascii_whitespace);
    if broken {
        return url::encoded(whole).into_bytes();
    }
    let taken = bytes.first().is_some_and(|b| *b == b'#' || b.is_ascii_whitespace()) || url::scheme(bytes).is_some();
    if taken { [b"./", bytes].concat() } else { bytes.to_vec() }
}
