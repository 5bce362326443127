//! Tags, made safe and plain. To be called in a worker process.
//!
//! They are parsed here and not by lofty, whose readers give up a whole tag for one item that they do not understand; the
//! meaning of item names comes from lofty. A broken item costs only itself, what one tag lacks another provides, and what was
//! left out is reported.

mod ape;
mod fields;
#[cfg(test)]
mod fixture;
mod id3;
mod iff;
mod legacy;
mod mp4;
mod picture;
mod places;
mod raw;
mod sheet;
mod source;
mod vorbis;
mod xiph;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use encoding_rs::Encoding;
use lofty::id3::v1::GENRES;
use serde::{Deserialize, Serialize};

pub use self::fields::MAX_GENRES;
use self::raw::Block;
use crate::audio::cue;
use crate::text::sanitize;
use crate::track::Tags;

/// The tags of a file, and what of them could not be read, if anything: a file without readable tags is still a track.
/// Where a file has several kinds of tag, the one that its format is meant to have comes first and the others fill in.
///
/// `encoding` is the one of texts that do not say theirs; without it they are looked at.
///
/// Every text has passed [`sanitize`]. Several artists are joined with ", ". Genres are split at NUL, ";" and " / "
/// with its spaces, but not at "," nor at a bare "/": "R&B/Soul" and "Folk, World, & Country" are names.
///
/// Of a piece of a file, its cue sheet's word goes before the file's.
pub fn read(path: &Path, encoding: Option<&'static Encoding>) -> (Tags, Option<String>) {
    let Some((sheet, number)) = cue::split(path) else { return read_file(path, encoding) };
    let (whole, fault) = match cue::file(path) {
        Ok(file) => read_file(&file, encoding),
        Err(e) => (Tags::default(), Some(sanitize(&e.to_string()))),
    };
    match cue::read(sheet) {
        Ok(sheet) => (sheet::tags(&sheet, number, whole), fault),
        Err(e) => (Tags::default(), Some(sanitize(&e.to_string()))),
    }
}

fn read_file(path: &Path, encoding: Option<&'static Encoding>) -> (Tags, Option<String>) {
    let read = || -> Result<_, String> {
        let (blocks, opus) = blocks(path, encoding, false)?;
        let tags = fields::collect(&blocks, opus);
        let fault = left_out(&blocks, &tags);
        Ok((tags, fault))
    };
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(read)) => read,
        Ok(Err(why)) => (Tags::default(), Some(sanitize(&why))),
        Err(_) => (Tags::default(), Some("the tag reader failed on it".into())),
    }
}

/// The genre that a number means in ID3v1 and its extensions, 0 to 191.
pub fn id3v1_genre(number: usize) -> Option<&'static str> {
    GENRES.get(number).copied()
}

/// A file's tags, every text decoded, the one that its format is meant to have first, and whether it is of Opus.
fn blocks(path: &Path, encoding: Option<&'static Encoding>, pictures: bool) -> Result<(Vec<Block>, bool), String> {
    let (mut blocks, opus) = places::find(path, pictures)?;
    legacy::settle(&mut blocks, encoding);
    Ok((blocks, opus))
}

/// What was left out of a file's tags, in one line.
fn left_out(blocks: &[Block], tags: &Tags) -> Option<String> {
    let mut parts: Vec<String> = blocks
        .iter()
        .filter(|block| !block.faults.is_empty())
        .map(|block| format!("{} without {}", block.name(), block.faults.join(", ")))
        .collect();
    if let Some(date) = fields::undated(blocks).filter(|_| tags.year.is_none()) {
        parts.push(format!("no year in \"{date}\""));
    }
    (!parts.is_empty()).then(|| sanitize(&format!("its tags were read in part: {}", parts.join("; "))))
}

/// What a file has beside its tags' words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extras {
    /// The lyrics, a line of the text each, every one of them safe for a terminal.
    pub lyrics: Option<Vec<String>>,
    /// The cover, as it is in the file.
    pub cover: Option<Cover>,
}

/// A picture that was not decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Whether it is a PNG; otherwise it is a JPEG. By its first bytes, whatever the tag says.
    pub png: bool,
    /// Its bytes, at most 16 MiB.
    pub bytes: Vec<u8>,
}

/// The most lines kept of lyrics.
const MAX_LINES: usize = 2000;

/// The lyrics and the cover of a file: the front cover, else the first picture, PNG or JPEG only. To be called in a
/// worker process, as [`read`].
///
/// # Errors
/// In one line, why its tags cannot be read.
pub fn extras(path: &Path, encoding: Option<&'static Encoding>) -> Result<Extras, String> {
    let read = || {
        let path = cue::file(path).map_err(|e| e.to_string())?;
        let (mut blocks, _) = blocks(&path, encoding, true)?;
        let texts = blocks.iter().flat_map(|tag| fields::LYRICS.iter().flat_map(|key| tag.strings(*key)));
        let lyrics = texts.map(|t| t.lines().take(MAX_LINES).map(sanitize).collect()).next();
        let mut pictures: Vec<_> = blocks.iter_mut().flat_map(|tag| std::mem::take(&mut tag.pictures)).collect();
        pictures.sort_by_key(|p| !p.front);
        let cover = pictures.into_iter().map(|p| p.bytes).find(|bytes| picture::is_usual(bytes));
        Ok(Extras { lyrics, cover: cover.map(|bytes| Cover { png: picture::is_png(&bytes), bytes }) })
    };
    let read = catch_unwind(AssertUnwindSafe(read));
    read.unwrap_or_else(|_| Err("the tag reader failed on it".into())).map_err(|why: String| sanitize(&why))
}

#[cfg(test)]
mod other_tests;
#[cfg(test)]
#[path = "tags_tests.rs"]
mod tests;
