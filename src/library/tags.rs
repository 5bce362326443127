//! Tags: read by lofty, made safe and plain. To be called in a worker process: lofty bears most broken files, not all.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader};
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use lofty::config::{GlobalOptions, ParseOptions, ParsingMode, apply_global_options};
use lofty::file::{FileType, TaggedFileExt};
use lofty::id3::v1::GENRES;
use lofty::probe::Probe;
use lofty::tag::{ItemKey, Tag, TagType};

use crate::text::sanitize;
use crate::track::Tags;

/// The most bytes that one item of a tag may ask for.
const ALLOCATION_LIMIT: usize = 16 << 20;
/// The most genres kept of one file.
pub const MAX_GENRES: usize = 16;

/// The tags of a file, and why they could not be read when they could not: a file without readable tags is still a
/// track. Where a file has several kinds of tag, the one that its format is meant to have comes first and the others
/// fill in.
///
/// Every text has passed [`sanitize`]. Several artists are joined with ", ". Genres are split at NUL, ";" and " / "
/// with its spaces, but not at "," nor at a bare "/": "R&B/Soul" and "Folk, World, & Country" are names.
pub fn read(path: &Path) -> (Tags, Option<String>) {
    match catch_unwind(AssertUnwindSafe(|| read_all(path))) {
        Ok(Ok(tags)) => (tags, None),
        Ok(Err(why)) => (Tags::default(), Some(sanitize(&why))),
        Err(_) => (Tags::default(), Some("the tag reader failed on it".into())),
    }
}

/// The genre that a number means in ID3v1 and its extensions, 0 to 191.
pub fn id3v1_genre(number: usize) -> Option<&'static str> {
    GENRES.get(number).copied()
}

fn read_all(path: &Path) -> Result<Tags, String> {
    // Of this thread only, so said anew each time.
    apply_global_options(GlobalOptions::new().allocation_limit(ALLOCATION_LIMIT));
    let options =
        ParseOptions::new().read_properties(false).read_cover_art(false).parsing_mode(ParsingMode::BestAttempt);
    let reader = BufReader::new(open_regular(path).map_err(|e| e.to_string())?);
    // The content decides; the extension only where the content does not say.
    let probe = match FileType::from_path(path) {
        Some(kind) => Probe::with_file_type(reader, kind),
        None => Probe::new(reader),
    };
    let probe = probe.options(options).guess_file_type().map_err(|e| e.to_string())?;
    let file = probe.read().map_err(|e| e.to_string())?;
    let primary = file.primary_tag_type();
    let mut kinds: Vec<&Tag> = file.tags().iter().collect();
    // ID3v1 cuts texts at 30 characters: only when nothing else says.
    kinds.sort_by_key(|tag| match tag.tag_type() {
        kind if kind == primary => 0,
        TagType::Id3v1 => 2,
        _ => 1,
    });
    Ok(collect(&kinds))
}

/// Opens a regular file to read; anything else (a pipe would wait for ever) is an error.
fn open_regular(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok(file)
}

/// The fields, each from the first tag that has it.
fn collect(tags: &[&Tag]) -> Tags {
    let values = |key: ItemKey| tags.iter().map(|tag| parts(tag, key)).find(|v| !v.is_empty()).unwrap_or_default();
    let text = |key| values(key).into_iter().next();
    let artists = values(ItemKey::TrackArtist);
    let album_artists = values(ItemKey::AlbumArtist);
    let dates = [ItemKey::RecordingDate, ItemKey::Year, ItemKey::ReleaseDate, ItemKey::OriginalReleaseDate];
    Tags {
        title: text(ItemKey::TrackTitle),
        artist: join(&artists),
        album: text(ItemKey::AlbumTitle),
        album_artist: join(&album_artists),
        genres: tags.iter().map(|tag| genres(tag)).find(|g| !g.is_empty()).unwrap_or_default(),
        year: dates.into_iter().find_map(|key| values(key).iter().find_map(|v| year(v))),
        track: text(ItemKey::TrackNumber).and_then(|v| number(&v)),
        disc: text(ItemKey::DiscNumber).and_then(|v| number(&v)),
    }
}

/// The values of a field: split at NUL, safe, none empty.
fn parts(tag: &Tag, key: ItemKey) -> Vec<String> {
    tag.get_strings(key).flat_map(|v| v.split('\0')).map(sanitize).filter(|v| !v.is_empty()).take(MAX_GENRES).collect()
}

fn join(artists: &[String]) -> Option<String> {
    // Sanitised again: sixteen long names are one too long text.
    (!artists.is_empty()).then(|| sanitize(&artists.join(", ")))
}

fn genres(tag: &Tag) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for value in tag.get_strings(ItemKey::Genre) {
        for part in value.split(['\0', ';']).flat_map(|v| v.split(" / ")) {
            let part = sanitize(part);
            let seen = out.iter().any(|g| g.to_lowercase() == part.to_lowercase());
            if !part.is_empty() && !seen && out.len() < MAX_GENRES {
                out.push(part);
            }
        }
    }
    out
}

/// The year in a date however written: the first group of four digits, or of eight that begins with them ("20031224").
fn year(date: &str) -> Option<i32> {
    let groups = date.split(|c: char| !c.is_ascii_digit()).filter(|g| g.len() == 4 || g.len() == 8);
    groups.filter_map(|g| g[..4].parse().ok()).find(|y| (1000..3000).contains(y))
}

/// The number in "3", "03", "3/12"; a zero is none.
fn number(text: &str) -> Option<u32> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|n| *n > 0)
}

#[cfg(test)]
#[path = "tags_tests.rs"]
mod tests;
