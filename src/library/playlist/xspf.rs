//! XSPF (xspf.org, version 1): XML with percent-encoded URLs of the files.

use std::ops::Range;
use std::path::{Path, PathBuf};

use encoding_rs::UTF_8;
use quick_xml::escape::escape;
use quick_xml::events::BytesStart;

use super::entry::{Entry, Stream};
use super::error::FormatError;
use super::list::{Playlist, Read};
use super::places::{place, plain};
use super::url;
use super::words::{LINES, LONGEST, secs, text};
use crate::library::xml::{self, Element, Visitor, XmlError};
use crate::text::sanitize;

/// Prefix of the track's identity in `<identifier>`.
const IDENTIFIER: &str = "jukebox:track:";

/// Parses a document in UTF-8.
pub(super) fn parse(bytes: &[u8], dir: &Path) -> Result<Read, FormatError> {
    let mut reading = Reading { dir, read: Read::default(), entry: Entry::default(), location: None };
    xml::visit(bytes, &mut reading).map_err(FormatError::Xspf)?;
    Ok(reading.read)
}

struct Reading<'a> {
    dir: &'a Path,
    read: Read,
    /// The track being read.
    entry: Entry,
    /// Its `<location>`, and the byte range of that.
    location: Option<(Vec<u8>, Range<usize>)>,
}

impl Visitor for Reading<'_> {
    fn open(&mut self, start: &BytesStart<'_>) {
        if start.local_name().as_ref() == b"track" {
            (self.entry, self.location) = (Entry::default(), None);
        }
    }

    fn close(&mut self, element: &Element<'_>) -> Result<(), XmlError> {
        // A text that is too long counts as missing; the element itself still counts.
        let value: &[u8] = if element.text.len() > LONGEST { b"" } else { element.text };
        let list = &mut self.read.list;
        match (element.within, element.name) {
            (Some(b"track"), b"location") if self.location.is_none() => {
                self.location = Some((value.to_vec(), element.content.clone()));
            }
            (Some(b"track"), b"title") => self.entry.title = text(value, UTF_8),
            (Some(b"track"), b"creator") => self.entry.artist = text(value, UTF_8),
            (Some(b"track"), b"album") => self.entry.album = text(value, UTF_8),
            (Some(b"track"), b"duration") => self.entry.secs = secs(value).map(|ms| ms / 1000.0),
            (Some(b"track"), b"identifier") => {
                let id = std::str::from_utf8(value).ok().and_then(|t| t.strip_prefix(IDENTIFIER));
                self.entry.track = id.and_then(|id| id.parse().ok()).or(self.entry.track);
            }
            (Some(b"playlist"), b"title") => list.title = text(value, UTF_8),
            (Some(b"trackList" | b"playlist"), b"track") => self.track()?,
            (_, b"trackList") => {
                // Further tracks are inserted before `</trackList>`; an empty `<trackList/>` is
                // replaced.
                let empty = element.content.is_empty() && element.content.end == element.whole.end;
                let (end, whole) = (element.content.end, element.whole.clone());
                self.read.end = if empty { whole } else { end..end };
            }
            (None, b"playlist") if self.read.end == (0..0) => {
                let end = element.content.end;
                self.read.end = end..end;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Reading<'_> {
    fn track(&mut self) -> Result<(), XmlError> {
        let (list, entry) = (&mut self.read.list, std::mem::take(&mut self.entry));
        let location = self.location.take();
        match location.as_ref().and_then(|(place, at)| Some((whereabouts(place, self.dir)?, at.clone()))) {
            Some((path, at)) if list.entries.len() < LINES => {
                list.entries.push(Entry { path, ..entry });
                self.read.places.push(at);
            }
            Some(_) => return Err(XmlError::TooMany),
            None => {
                list.left_out += 1;
                let stream = location.and_then(|(place, _)| Stream::of(&place, entry, list.entries.len()));
                list.streams.extend(stream);
            }
        }
        Ok(())
    }
}

/// The path of a `<location>`. Relative ones are percent-encoded too; one with invalid escapes was
/// written by a program that does not encode.
fn whereabouts(location: &[u8], dir: &Path) -> Option<PathBuf> {
    match url::scheme(location) {
        Some(_) => place(location, dir),
        None => match url::decoded(location) {
            Some(path) if path.as_os_str().is_empty() => None,
            Some(path) => Some(plain(&dir.join(path))),
            None => place(location, dir),
        },
    }
}

pub(super) fn render(list: &Playlist, placed: &dyn Fn(&Path) -> PathBuf) -> Vec<u8> {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<playlist version=\"1\" xmlns=\"http://xspf.org/ns/0/\">\n",
    );
    element(&mut out, "  ", "title", list.title.as_deref().map(sanitize).as_deref());
    out.push_str("  <trackList>\n");
    list.in_order(|part| match part {
        Ok(entry) => track(&mut out, entry, placed),
        Err(stream) => {
            out.push_str("    <track>\n");
            element(&mut out, INNER, "location", Some(&stream.address));
            element(&mut out, INNER, "title", stream.title.as_deref().map(sanitize).as_deref());
            element(&mut out, INNER, "duration", stream.secs.map(millis).as_deref());
            out.push_str("    </track>\n");
        }
    });
    out.push_str("  </trackList>\n</playlist>\n");
    out.into_bytes()
}

const INNER: &str = "      ";

/// Appends a track.
pub(super) fn track(out: &mut String, entry: &Entry, placed: &dyn Fn(&Path) -> PathBuf) {
    out.push_str("    <track>\n");
    element(out, INNER, "location", Some(&url::encoded(&placed(&entry.path))));
    element(out, INNER, "identifier", entry.track.map(|id| format!("{IDENTIFIER}{id}")).as_deref());
    for (name, value) in [("title", &entry.title), ("creator", &entry.artist), ("album", &entry.album)] {
        element(out, INNER, name, value.as_deref().map(sanitize).as_deref());
    }
    element(out, INNER, "duration", entry.secs.map(millis).as_deref());
    out.push_str("    </track>\n");
}

/// A duration in seconds as whole milliseconds.
fn millis(secs: f64) -> String {
    format!("{:.0}", secs * 1000.0)
}

fn element(out: &mut String, indent: &str, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        out.push_str(&format!("{indent}<{name}>{}</{name}>\n", escape(value)));
    }
}

/// A path as written in `<location>`.
pub(super) fn line(placed: &Path) -> Vec<u8> {
    escape(url::encoded(placed)).into_owned().into_bytes()
}
