//! Tags: read by lofty, made safe and plain. To be called in a worker process: lofty bears most broken files, not all.

mod sheet;

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader};
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use lofty::config::{GlobalOptions, ParseOptions, ParsingMode, apply_global_options};
use lofty::file::{FileType, TaggedFile, TaggedFileExt};
use lofty::id3::v1::GENRES;
use lofty::picture::{Picture, PictureType};
use lofty::probe::Probe;
use lofty::tag::{ItemKey, Tag, TagType};
use serde::{Deserialize, Serialize};

use crate::audio::cue;
use crate::text::sanitize;
use crate::track::{More, ReplayGain, Tags};

/// The most bytes that one item of a tag may ask for.
const ALLOCATION_LIMIT: usize = 16 << 20;
/// The most characters kept of a comment.
const MAX_COMMENT: usize = 160;
/// Where lyrics are.
const LYRICS: [ItemKey; 2] = [ItemKey::Lyrics, ItemKey::UnsyncLyrics];
/// The most genres kept of one file.
pub const MAX_GENRES: usize = 16;

/// The tags of a file, and why they could not be read when they could not: a file without readable tags is still a
/// track. Where a file has several kinds of tag, the one that its format is meant to have comes first and the others
/// fill in.
///
/// Every text has passed [`sanitize`]. Several artists are joined with ", ". Genres are split at NUL, ";" and " / "
/// with its spaces, but not at "," nor at a bare "/": "R&B/Soul" and "Folk, World, & Country" are names.
///
/// Of a piece of a file, its cue sheet's word goes before the file's.
pub fn read(path: &Path) -> (Tags, Option<String>) {
    let Some((sheet, number)) = cue::split(path) else { return read_file(path) };
    let (whole, fault) = match cue::file(path) {
        Ok(file) => read_file(&file),
        Err(e) => (Tags::default(), Some(sanitize(&e.to_string()))),
    };
    match cue::read(sheet) {
        Ok(sheet) => (sheet::tags(&sheet, number, whole), fault),
        Err(e) => (Tags::default(), Some(sanitize(&e.to_string()))),
    }
}

fn read_file(path: &Path) -> (Tags, Option<String>) {
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
    // Pictures are read, or nobody could say whether there are any; they are not kept.
    let file = open(path, true)?;
    Ok(collect(&by_worth(&file)))
}

/// A file's tags, parsed.
fn open(path: &Path, pictures: bool) -> Result<TaggedFile, String> {
    // Of this thread only, so said anew each time.
    apply_global_options(GlobalOptions::new().allocation_limit(ALLOCATION_LIMIT));
    let options =
        ParseOptions::new().read_properties(false).read_cover_art(pictures).parsing_mode(ParsingMode::BestAttempt);
    let reader = BufReader::new(open_regular(path).map_err(|e| e.to_string())?);
    // The content decides; the extension only where the content does not say.
    let probe = match FileType::from_path(path) {
        Some(kind) => Probe::with_file_type(reader, kind),
        None => Probe::new(reader),
    };
    let probe = probe.options(options).guess_file_type().map_err(|e| e.to_string())?;
    probe.read().map_err(|e| e.to_string())
}

/// A file's tags, the one that its format is meant to have first.
fn by_worth(file: &TaggedFile) -> Vec<&Tag> {
    let primary = file.primary_tag_type();
    let mut kinds: Vec<&Tag> = file.tags().iter().collect();
    // ID3v1 cuts texts at 30 characters: only when nothing else says.
    kinds.sort_by_key(|tag| match tag.tag_type() {
        kind if kind == primary => 0,
        TagType::Id3v1 => 2,
        _ => 1,
    });
    kinds
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
pub fn extras(path: &Path) -> Result<Extras, String> {
    let read = || {
        let path = cue::file(path).map_err(|e| e.to_string())?;
        let file = open(&path, true)?;
        let kinds = by_worth(&file);
        let texts = kinds.iter().flat_map(|tag| LYRICS.iter().filter_map(|key| tag.get_string(*key)));
        let lyrics = texts.map(|t| t.lines().take(MAX_LINES).map(sanitize).collect()).next();
        let mut pictures: Vec<&Picture> = kinds.iter().flat_map(|tag| tag.pictures()).collect();
        pictures.sort_by_key(|p| p.pic_type() != PictureType::CoverFront);
        Ok(Extras { lyrics, cover: pictures.iter().find_map(|p| cover(p.data())) })
    };
    let read = catch_unwind(AssertUnwindSafe(read));
    read.unwrap_or_else(|_| Err("the tag reader failed on it".into())).map_err(|why: String| sanitize(&why))
}

fn cover(bytes: &[u8]) -> Option<Cover> {
    let png = bytes.starts_with(b"\x89PNG\r\n\x1a\n");
    let usable = bytes.len() <= ALLOCATION_LIMIT && (png || bytes.starts_with(b"\xff\xd8\xff"));
    usable.then(|| Cover { png, bytes: bytes.to_vec() })
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
    // Some taggers write one joined text to show and the artists by themselves beside it.
    let or = |several: Vec<String>, one: &[String]| if several.is_empty() { one.to_vec() } else { several };
    let (shown, album_shown) = (values(ItemKey::TrackArtist), values(ItemKey::AlbumArtist));
    let artists = or(values(ItemKey::TrackArtists), &shown);
    let album_artists = or(values(ItemKey::AlbumArtists), &album_shown);
    let has = |keys: &[ItemKey]| tags.iter().any(|tag| keys.iter().any(|key| tag.get(*key).is_some()));
    let dates = [ItemKey::RecordingDate, ItemKey::Year, ItemKey::ReleaseDate, ItemKey::OriginalReleaseDate];
    let mbid = |key| text(key).and_then(|id| id.parse().ok());
    let more = More {
        original_year: values(ItemKey::OriginalReleaseDate).iter().find_map(|v| year(v)),
        composer: join(&values(ItemKey::Composer)),
        comment: text(ItemKey::Comment).map(|c| short(&c)),
        mbid_track: mbid(ItemKey::MusicBrainzRecordingId),
        mbid_album: mbid(ItemKey::MusicBrainzReleaseId),
        mbid_artist: mbid(ItemKey::MusicBrainzArtistId),
    };
    let decibels = |key| text(key).and_then(|v| decibels(&v));
    // Opus counts in 256ths of a dB towards −23 LUFS (RFC 7845 §5.2.1).
    let opus = |key| text(key).and_then(|v| v.parse::<i16>().ok()).map(|n| f32::from(n) / 256.0 + 5.0);
    let peak = |key| text(key).and_then(|v| peak(&v));
    let replaygain = ReplayGain {
        track: decibels(ItemKey::ReplayGainTrackGain).or_else(|| opus(ItemKey::R128TrackGain)),
        album: decibels(ItemKey::ReplayGainAlbumGain).or_else(|| opus(ItemKey::R128AlbumGain)),
        track_peak: peak(ItemKey::ReplayGainTrackPeak),
        album_peak: peak(ItemKey::ReplayGainAlbumPeak),
    };
    Tags {
        title: text(ItemKey::TrackTitle),
        artist: join(if shown.is_empty() { &artists } else { &shown }),
        artists: several(artists),
        album: text(ItemKey::AlbumTitle),
        album_artist: join(if album_shown.is_empty() { &album_artists } else { &album_shown }),
        album_artists: several(album_artists),
        compilation: text(ItemKey::FlagCompilation).is_some_and(|v| v == "1" || v.eq_ignore_ascii_case("true")),
        genres: tags
            .iter()
            .map(|tag| genres(tag.get_strings(ItemKey::Genre)))
            .find(|g| !g.is_empty())
            .unwrap_or_default(),
        year: dates.into_iter().find_map(|key| values(key).iter().find_map(|v| year(v))),
        track: text(ItemKey::TrackNumber).and_then(|v| number(&v)),
        disc: text(ItemKey::DiscNumber).and_then(|v| number(&v)),
        lyrics: has(&LYRICS),
        art: tags.iter().any(|tag| tag.picture_count() > 0),
        replaygain: (replaygain != ReplayGain::default()).then(|| Box::new(replaygain)),
        more: (more != More::default()).then(|| Box::new(more)),
    }
}

/// The beginning of a comment: some taggers write a page.
fn short(comment: &str) -> String {
    sanitize(&comment.chars().take(MAX_COMMENT).collect::<String>())
}

/// The values of a field: split at NUL, safe, none empty.
fn parts(tag: &Tag, key: ItemKey) -> Vec<String> {
    tag.get_strings(key).flat_map(|v| v.split('\0')).map(sanitize).filter(|v| !v.is_empty()).take(MAX_GENRES).collect()
}

/// The names where there is more than one: a hundred thousand files need not say twice who one artist is.
fn several(names: Vec<String>) -> Vec<String> {
    if names.len() > 1 { names } else { Vec::new() }
}

fn join(artists: &[String]) -> Option<String> {
    // Sanitised again: sixteen long names are one too long text.
    (!artists.is_empty()).then(|| sanitize(&artists.join(", ")))
}

fn genres<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for value in values {
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

/// The number in "-6.50 dB"; one beyond 60 dB is a mistake.
fn decibels(text: &str) -> Option<f32> {
    let number = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim();
    number.parse::<f32>().ok().filter(|db| db.abs() <= 60.0)
}

/// A highest sample, 1 being full scale; one beyond 100 is a mistake.
fn peak(text: &str) -> Option<f32> {
    text.trim().parse::<f32>().ok().filter(|p| *p > 0.0 && *p < 100.0)
}

/// The number in "3", "03", "3/12"; a zero is none.
fn number(text: &str) -> Option<u32> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|n| *n > 0)
}

#[cfg(test)]
#[path = "tags_tests.rs"]
mod tests;
