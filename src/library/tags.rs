//! Reads tags and sanitises them. To be called in a worker process.
//!
//! The parsers are our own, as those of lofty reject a whole tag because of one item that they do
//! not understand; the meaning of item names comes from lofty. A damaged item costs only itself,
//! tags complement each other, and what was left out is reported.

mod ape;
mod caf;
mod error;
mod fields;
#[cfg(test)]
pub(super) mod fixture;
mod id3;
mod iff;
mod legacy;
mod matroska;
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

pub use self::error::TagsError;
pub use self::fields::MAX_GENRES;
pub use self::picture::Coding;
use self::raw::Block;
use crate::audio::cue;
use crate::text::sanitize;
use crate::track::Tags;

/// The tags of a file, and a message about what could not be read, if anything: a file without
/// readable tags is still a track. If a file has several kinds of tag, the native one of its format
/// takes precedence, and the others fill in missing fields.
///
/// `encoding` is that of texts which do not declare one; with `None` it is detected.
///
/// Every text has passed [`sanitize`]. Multiple artists are joined with ", ". Genres are split at
/// NUL, ";" and " / " (with spaces), but not at "," or a bare "/": "R&B/Soul" and "Folk, World, &
/// Country" are names.
///
/// For a piece of a file, the cue sheet takes precedence over the file's tags.
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
    let read = || -> Result<_, TagsError> {
        let (blocks, opus) = blocks(path, encoding, false)?;
        let tags = fields::collect(&blocks, opus);
        let fault = left_out(&blocks, &tags);
        Ok((tags, fault))
    };
    caught(read).unwrap_or_else(|why| (Tags::default(), Some(sanitize(&why.to_string()))))
}

/// What `read` returns; a panic of it is an error.
fn caught<T>(read: impl FnOnce() -> Result<T, TagsError>) -> Result<T, TagsError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(TagsError::Panicked))
}

/// The genre of a number from 0 to 191 in ID3v1 and its extensions.
pub fn id3v1_genre(number: usize) -> Option<&'static str> {
    GENRES.get(number).copied()
}

/// The tags of a file with all texts decoded, the native one of its format first, and whether it is
/// an Opus file.
fn blocks(path: &Path, encoding: Option<&'static Encoding>, pictures: bool) -> Result<(Vec<Block>, bool), TagsError> {
    let (mut blocks, opus) = places::find(path, pictures)?;
    legacy::settle(&mut blocks, encoding);
    Ok((blocks, opus))
}

/// A one-line message about what was left out of a file's tags.
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

/// The texts of the lyrics in a file's tags, as they are stored: plain, or LRC with times. Lyrics
/// that ID3v2 stores with their times come as LRC. They are not sanitised. To be called in a worker
/// process, like [`read`].
///
/// # Errors
/// Its tags cannot be read.
pub fn lyrics(path: &Path, encoding: Option<&'static Encoding>) -> Result<Vec<String>, TagsError> {
    caught(|| {
        let (blocks, _) = blocks(path, encoding, false)?;
        let texts = blocks.iter().flat_map(|tag| fields::LYRICS.iter().flat_map(|key| tag.strings(*key)));
        Ok(texts.map(str::to_owned).collect())
    })
}

/// Decodes the bytes of a text whose encoding is not declared: UTF-8 if it is valid, otherwise
/// `encoding`, which is detected with `None`.
pub fn decoded(bytes: &[u8], encoding: Option<&'static Encoding>) -> String {
    legacy::decoded(bytes, encoding)
}

/// The cover in a file's tags, as it is stored: the front cover, otherwise the first picture; a JPEG, PNG or WebP by its
/// first bytes, whatever the tag says, of at most 16 MiB. To be called in a worker process, like [`read`].
///
/// # Errors
/// Its tags cannot be read.
pub fn cover(path: &Path, encoding: Option<&'static Encoding>) -> Result<Option<Vec<u8>>, TagsError> {
    caught(|| {
        let path = cue::file(path)?;
        let (mut blocks, _) = blocks(&path, encoding, true)?;
        let mut pictures: Vec<_> = blocks.iter_mut().flat_map(|tag| std::mem::take(&mut tag.pictures)).collect();
        pictures.sort_by_key(|p| !p.front);
        Ok(pictures.into_iter().map(|p| p.bytes).find(|bytes| picture::is_usual(bytes)))
    })
}

#[cfg(test)]
mod other_tests;
#[cfg(test)]
#[path = "tags_tests.rs"]
mod tests;
