//! Updates the text of a playlist file after its entries have moved or were added to.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::entry::{Entry, Format};
use super::source::{Source, edited, is_foreign};
use super::{m3u, pls, xspf};

/// The text with the current paths of `entries`; `placed` maps a path to its written form. A path
/// of another system ("D:\Music\…") is kept until its file has been found.
pub(super) fn moved(source: &Source, entries: &[Entry], placed: &dyn Fn(&Path) -> PathBuf) -> Vec<u8> {
    let mut edits = Vec::new();
    for (said, entry) in source.places.iter().zip(entries) {
        let (old, whole) = (&source.text[said.place.clone()], &entry.path);
        let unmoved = *whole == said.path || whole.as_os_str().as_bytes().ends_with(old);
        if is_foreign(old) && unmoved && entry.track == said.track {
            continue;
        }
        if let (Format::M3u, Some(track), None) = (source.format, entry.track, said.track) {
            let before = source.text[..said.place.start].iter().rposition(|b| b"\n\r".contains(b));
            let start = before.map_or(0, |at| at + 1);
            edits.push((start..start, [format!("#JUKEBOX:{track}").as_bytes(), source.line_end()].concat()));
        }
        let new = match source.format {
            Format::M3u => m3u::line(whole, &placed(whole)),
            Format::Pls => pls::line(whole, &placed(whole)),
            Format::Xspf => xspf::line(&placed(whole)),
        };
        edits.push((said.place.clone(), new));
    }
    edited(&source.text, edits)
}

/// The text with further entries after the others.
pub(super) fn extended(source: &Source, entries: &[Entry], placed: &dyn Fn(&Path) -> PathBuf) -> Vec<u8> {
    let eol = source.line_end();
    match source.format {
        Format::M3u => {
            let mut out = source.text.clone();
            if out.is_empty() {
                out.extend([b"#EXTM3U", eol].concat());
            } else if !out.ends_with(b"\n") && !out.ends_with(b"\r") {
                out.extend(eol);
            }
            entries.iter().for_each(|entry| m3u::entry(&mut out, entry, placed, eol));
            out
        }
        Format::Pls => pls::extended(&source.text, entries, placed, eol),
        Format::Xspf => {
            let (before, after) = (&source.text[..source.end.start], &source.text[source.end.end..]);
            // The range to replace is all of an empty `<trackList/>`; a playlist without a track
            // list gets one.
            let mut new = String::new();
            entries.iter().for_each(|entry| xspf::track(&mut new, entry, placed));
            let new = if !within_list(after) { format!("<trackList>\n{new}  </trackList>\n") } else { new };
            [before, new.as_bytes(), after].concat()
        }
    }
}

/// Whether `after`, the text after the last track, starts with the closing tag of the track list.
fn within_list(after: &[u8]) -> bool {
    let name = after.trim_ascii_start().strip_prefix(b"</").unwrap_or_default();
    let name = name.split(|b| *b == b'>').next().unwrap_or_default();
    name.rsplit(|b| *b == b':').next().is_some_and(|local| local.trim_ascii() == b"trackList")
}
