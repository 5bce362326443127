//! PLS: `File1=`, `Title1=`, `Length1=`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::entry::{Entry, Stream};
use super::error::FormatError;
use super::list::{Playlist, Read};
use super::places::place;
use super::source::edited;
use super::url;
use super::words::{LINES, LONGEST, Page, lines, secs, text};

/// An entry being read: the byte range of its path, and the rest.
type Open = (Option<Range<usize>>, Entry);

pub(super) fn parse(bytes: &[u8], dir: &Path, page: Page) -> Result<Read, FormatError> {
    let mut read = Read::default();
    // Keyed by number, as the order in the file is arbitrary.
    let mut entries: BTreeMap<u64, Open> = BTreeMap::new();
    for range in lines(bytes)? {
        let line = &bytes[range.clone()];
        if line.len() > LONGEST {
            read.list.left_out += 1;
            continue;
        }
        let Some((key, number, value)) = keyed(line) else { continue };
        let at = range.end - value.len()..range.end;
        match key.as_str() {
            "file" if !value.is_empty() => entries.entry(number).or_default().0 = Some(at),
            "title" => entries.entry(number).or_default().1.title = text(value, page),
            "length" => entries.entry(number).or_default().1.secs = secs(value),
            "jukebox" => {
                let track = std::str::from_utf8(value).ok().and_then(|id| id.parse().ok());
                entries.entry(number).or_default().1.track = track;
            }
            _ => {}
        }
    }
    if entries.len() > LINES {
        return Err(FormatError::TooMany);
    }
    let list = &mut read.list;
    for (at, entry) in entries.into_values().filter_map(|(at, entry)| Some((at?, entry))) {
        match place(&bytes[at.clone()], dir) {
            Some(path) => {
                list.entries.push(Entry { path, ..entry });
                read.places.push(at);
            }
            None => {
                list.left_out += 1;
                list.streams.extend(Stream::of(&bytes[at], entry, list.entries.len()));
            }
        }
    }
    Ok(read)
}

/// Splits `File7 = x` into `file` (lower case), 7 and `x`.
fn keyed(line: &[u8]) -> Option<(String, u64, &[u8])> {
    let equals = line.iter().position(|&b| b == b'=')?;
    let (key, value) = (line[..equals].trim_ascii().to_ascii_lowercase(), line[equals + 1..].trim_ascii());
    let key = String::from_utf8(key).ok()?;
    let digits = key.find(|c: char| c.is_ascii_digit()).unwrap_or(key.len());
    let number = key[digits..].parse().ok()?;
    Some((key[..digits].to_string(), number, value))
}

pub(super) fn render(list: &Playlist, placed: &dyn Fn(&Path) -> PathBuf) -> Vec<u8> {
    let mut out = b"[playlist]\n".to_vec();
    let mut n = 0;
    list.in_order(|part| {
        n += 1;
        match part {
            Ok(one) => entry(&mut out, n, one, placed, b"\n"),
            Err(stream) => {
                out.extend(format!("File{n}={}\n", stream.address).bytes());
                if let Some(title) = &stream.title {
                    out.extend(format!("Title{n}={}\n", crate::text::sanitize(title)).bytes());
                }
                let secs = stream.secs.map_or(-1, |s| s.round() as i64);
                out.extend(format!("Length{n}={secs}\n").bytes());
            }
        }
    });
    out.extend(format!("NumberOfEntries={n}\nVersion=2\n").bytes());
    out
}

/// Inserts further entries after the last one, and updates their number.
pub(super) fn extended(text: &[u8], new: &[Entry], placed: &dyn Fn(&Path) -> PathBuf, end: &[u8]) -> Vec<u8> {
    let all: Vec<Range<usize>> = lines(text).unwrap_or_default();
    let first = all.iter().filter_map(|range| keyed(&text[range.clone()])).map(|(_, n, _)| n).max().unwrap_or(0);
    if first.checked_add(new.len() as u64 + 1).is_none() {
        return extended(&renumbered(text, &all), new, placed, end);
    }
    let last = all.iter().filter(|range| keyed(&text[(*range).clone()]).is_some()).map(|range| range.end).max();
    let head = all.iter().find(|range| text[(*range).clone()].starts_with(b"[")).map(|range| range.end);
    let at = last.or(head).unwrap_or(text.len());
    let mut added = Vec::new();
    for (one, n) in new.iter().zip(first + 1..) {
        entry(&mut added, n, one, placed, end);
    }
    let counted = |range: &&Range<usize>| {
        let line = text[(*range).clone()].to_ascii_lowercase();
        line.strip_prefix(b"numberofentries").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"="))
    };
    let files =
        all.iter().filter(|range| keyed(&text[(*range).clone()]).is_some_and(|(key, ..)| key == "file")).count();
    let count = all.iter().find(counted).map(|range| {
        let equals = text[range.clone()].iter().position(|b| *b == b'=').unwrap_or(0);
        (range.start + equals + 1..range.end, (files + new.len()).to_string().into_bytes())
    });
    // Start on a new line.
    let before: &[u8] = if at == 0 { b"" } else { end };
    let added = [before, added.strip_suffix(end).unwrap_or(&added)].concat();
    let mut out = edited(text, std::iter::once((at..at, added)).chain(count).collect());
    if !out.ends_with(b"\n") && !out.ends_with(b"\r") {
        out.extend(end);
    }
    out
}

/// The text with its entries numbered from 1 in the same order: the largest number leaves no room for further ones.
fn renumbered(text: &[u8], lines: &[Range<usize>]) -> Vec<u8> {
    let numbers: BTreeSet<u64> =
        lines.iter().filter_map(|range| keyed(&text[range.clone()])).map(|(_, n, _)| n).collect();
    let ranks: BTreeMap<u64, usize> = numbers.into_iter().zip(1..).collect();
    let edit = |range: &Range<usize>| {
        let line = &text[range.clone()];
        let (name, number, _) = keyed(line)?;
        let key = line.split(|b| *b == b'=').next()?.trim_ascii_end();
        Some((range.start + name.len()..range.start + key.len(), ranks.get(&number)?.to_string().into_bytes()))
    };
    edited(text, lines.iter().filter_map(edit).collect())
}

fn entry(out: &mut Vec<u8>, n: u64, entry: &Entry, placed: &dyn Fn(&Path) -> PathBuf, end: &[u8]) {
    let mut add = |parts: &[&[u8]]| out.extend([&parts.concat(), end].concat());
    add(&[format!("File{n}=").as_bytes(), &line(&entry.path, &placed(&entry.path))]);
    if let Some(name) = entry.name() {
        add(&[format!("Title{n}={}", crate::text::sanitize(&name)).as_bytes()]);
    }
    let secs = entry.secs.map_or(-1, |s| s.round() as i64);
    add(&[format!("Length{n}={secs}").as_bytes()]);
    if let Some(track) = entry.track {
        add(&[format!("Jukebox{n}={track}").as_bytes()]);
    }
}

/// Writes a path as one line without spaces at its ends, which cannot be taken for a URL.
pub(super) fn line(whole: &Path, placed: &Path) -> Vec<u8> {
    let bytes = placed.as_os_str().as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_whitespace);
    let broken = bytes.iter().any(|b| b"\n\r".contains(b)) || edge(bytes.first()) || edge(bytes.last());
    match url::scheme(bytes) {
        _ if broken => url::encoded(whole).into_bytes(),
        Some(_) => [b"./", bytes].concat(),
        None => bytes.to_vec(),
    }
}
