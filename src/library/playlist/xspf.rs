//! XSPF (xspf.org, version 1): XML, places as percent-encoded addresses.
//!
//! Only the five entities of XML itself and character numbers are known; a document type is refused, so nothing can
//! be defined or fetched.

use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_xml_entity};
use quick_xml::events::{BytesRef, Event};

use super::{Entry, LINES, LONGEST, Playlist, place, plain, secs, text, url};

/// Before the track's identity in `<identifier>`.
const IDENTIFIER: &str = "jukebox:track:";

pub(super) fn parse(bytes: &[u8], dir: &Path) -> Result<Playlist, String> {
    let damaged = |e: &dyn std::fmt::Display| format!("no XSPF: {e}");
    let mut reader = Reader::from_reader(bytes);
    let mut list = Playlist::default();
    // The names of the open elements, the text of the innermost, the open track and where it says that it lies.
    let (mut open, mut words) = (Vec::<Vec<u8>>::new(), Vec::<u8>::new());
    let (mut entry, mut location) = (Entry::default(), None);
    loop {
        match reader.read_event().map_err(|e| damaged(&e))? {
            Event::Eof if open.is_empty() => return Ok(list),
            Event::Eof => return Err(damaged(&"it ends too early")),
            Event::DocType(_) => return Err(damaged(&"a document type is not taken")),
            Event::Start(start) => {
                open.push(start.local_name().as_ref().to_vec());
                words.clear();
                if open.len() > 16 {
                    return Err(damaged(&"too deep"));
                }
                if open.last().is_some_and(|name| name == b"track") {
                    (entry, location) = (Entry::default(), None);
                }
            }
            Event::Text(piece) => words.extend(piece.iter()),
            Event::CData(piece) => words.extend(piece.iter()),
            Event::GeneralRef(name) => words.extend(character(&name).map_err(|e| damaged(&e))?.bytes()),
            Event::End(_) => {
                let Some(name) = open.pop() else { continue };
                let within = open.last().map(Vec::as_slice);
                let value = words.trim_ascii();
                match (within, name.as_slice()) {
                    _ if value.len() > LONGEST => list.left_out += 1,
                    (Some(b"track"), b"location") if location.is_none() => location = Some(value.to_vec()),
                    (Some(b"track"), b"title") => entry.title = text(value),
                    (Some(b"track"), b"creator") => entry.artist = text(value),
                    (Some(b"track"), b"album") => entry.album = text(value),
                    (Some(b"track"), b"duration") => entry.secs = secs(value).map(|ms| ms / 1000.0),
                    (Some(b"track"), b"identifier") => {
                        let id = std::str::from_utf8(value).ok().and_then(|t| t.strip_prefix(IDENTIFIER));
                        entry.track = id.and_then(|id| id.parse().ok()).or(entry.track);
                    }
                    (Some(b"playlist"), b"title") => list.title = text(value),
                    (_, b"track") => match location.take().and_then(|l| whereabouts(&l, dir)) {
                        Some(path) if list.entries.len() < LINES => {
                            list.entries.push(Entry { path, ..std::mem::take(&mut entry) });
                        }
                        Some(_) => return Err("more than 100,000 entries: no playlist".into()),
                        None => list.left_out += 1,
                    },
                    _ => {}
                }
                words.clear();
            }
            _ => {}
        }
    }
}

/// What `&amp;` or `&#65;` stands for.
fn character(name: &BytesRef<'_>) -> Result<String, String> {
    if let Some(c) = name.resolve_char_ref().map_err(|e| e.to_string())? {
        return Ok(c.to_string());
    }
    let name = name.decode().map_err(|e| e.to_string())?;
    resolve_xml_entity(&name)
        .map(str::to_string)
        .ok_or_else(|| format!("unknown entity '{}'", crate::text::sanitize(&name)))
}

/// Relative places are percent-encoded as well.
fn whereabouts(location: &[u8], dir: &Path) -> Option<PathBuf> {
    match url::scheme(location) {
        Some(_) => place(location, dir),
        None => url::decoded(location).filter(|p| !p.as_os_str().is_empty()).map(|path| plain(&dir.join(path))),
    }
}

pub(super) fn render(list: &Playlist, placed: &dyn Fn(&Path) -> PathBuf) -> Vec<u8> {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<playlist version=\"1\" xmlns=\"http://xspf.org/ns/0/\">\n",
    );
    let element = |out: &mut String, indent: &str, name: &str, value: Option<&str>| {
        if let Some(value) = value {
            out.push_str(&format!("{indent}<{name}>{}</{name}>\n", escape(crate::text::sanitize(value))));
        }
    };
    element(&mut out, "  ", "title", list.title.as_deref());
    out.push_str("  <trackList>\n");
    for entry in &list.entries {
        let indent = "      ";
        out.push_str("    <track>\n");
        element(&mut out, indent, "location", Some(&url::encoded(&placed(&entry.path))));
        element(&mut out, indent, "identifier", entry.track.map(|id| format!("{IDENTIFIER}{id}")).as_deref());
        element(&mut out, indent, "title", entry.title.as_deref());
        element(&mut out, indent, "creator", entry.artist.as_deref());
        element(&mut out, indent, "album", entry.album.as_deref());
        element(&mut out, indent, "duration", entry.secs.map(|s| format!("{:.0}", s * 1000.0)).as_deref());
        out.push_str("    </track>\n");
    }
    out.push_str("  </trackList>\n</playlist>\n");
    out.into_bytes()
}
