//! Finds the tags of a file. Its format is detected from the content, not from the name.

use std::io;
use std::path::Path;

use lofty::tag::TagType;

use super::error::TagsError;
use super::raw::Block;
use super::source::Source;
use super::{ape, caf, id3, iff, matroska, mp4, xiph};

/// Maximum number of tags at the beginning of a file, and of those at its end.
const MAX_TAGS: usize = 8;
/// How far after the stated end of a tag further frames are searched for, in bytes.
const MAX_BEYOND: u64 = 1 << 20;
/// Maximum length of junk before the first tag in bytes, apart from zeros.
const MAX_JUNK: u64 = 4096;
/// Maximum length of zeros before or after tags, in bytes.
const MAX_GAP: u64 = 1 << 20;

/// The tags of a file, the native one of its format first, and whether it is an Opus file. A file
/// without tags is no error.
///
/// # Errors
/// The file cannot be read, or its format is unknown.
pub(super) fn find(path: &Path, pictures: bool) -> Result<(Vec<Block>, bool), TagsError> {
    let source = Source::open(path)?;
    let (mut found, format) = read(&source, path, pictures)?;
    if format == Format::Unknown {
        return Err(TagsError::Format);
    }
    let primary = format.primary();
    // ID3v1 truncates texts at 30 characters, so it is the last resort.
    found.sort_by_key(|block| match block.kind {
        kind if kind == primary => 0,
        TagType::Id3v1 => 2,
        _ => 1,
    });
    Ok((found, format == Format::Opus))
}

/// The format of a file, with regard to tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Mpeg,
    Flac,
    Ogg,
    Opus,
    Wav,
    Aiff,
    Mp4,
    Matroska,
    Caf,
    /// AU, which has no tags.
    Au,
    Unknown,
}

impl Format {
    fn of(head: &[u8], path: &Path) -> Format {
        match (head.get(..4).unwrap_or_default(), head.get(8..12).unwrap_or_default()) {
            (b"fLaC", _) => Format::Flac,
            (b"OggS", _) => Format::Ogg,
            (b"RIFF" | b"RF64" | b"BW64", b"WAVE") => Format::Wav,
            (b"FORM", b"AIFF" | b"AIFC") => Format::Aiff,
            (b"\x1a\x45\xdf\xa3", _) => Format::Matroska,
            (b"caff", _) => Format::Caf,
            (b".snd", _) => Format::Au,
            _ if head.get(4..8).is_some_and(|kind| matches!(kind, b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free")) => {
                Format::Mp4
            }
            // MPEG audio has no reliable signature.
            (&[0xff, second, ..], _) if second & 0xe0 == 0xe0 => Format::Mpeg,
            _ if is_mpeg(path) && !head.is_empty() => Format::Mpeg,
            _ => Format::Unknown,
        }
    }

    /// The native kind of tag.
    fn primary(self) -> TagType {
        match self {
            Format::Flac | Format::Ogg | Format::Opus | Format::Matroska | Format::Caf => TagType::VorbisComments,
            Format::Mp4 => TagType::Mp4Ilst,
            _ => TagType::Id3v2,
        }
    }
}

fn is_mpeg(path: &Path) -> bool {
    path.extension().is_some_and(|e| ["mp3", "mp2", "mp1", "aac"].iter().any(|known| e.eq_ignore_ascii_case(known)))
}

fn read(source: &Source, path: &Path, pictures: bool) -> io::Result<(Vec<Block>, Format)> {
    let mut found = Vec::new();
    let mut at = leading(source, pictures, &mut found)?;
    // There may be zeros between tags and audio.
    if !found.is_empty() {
        at = past_zeros(source, at)?;
    }
    let head = source.bytes(at, 16)?;
    // The file consists of tags only.
    let mut format = if head.is_empty() && !found.is_empty() { Format::Mpeg } else { Format::of(&head, path) };
    match format {
        Format::Flac => found.extend(xiph::flac(source, at, pictures)?),
        Format::Ogg | Format::Opus => {
            let (blocks, opus) = xiph::ogg(source, at, pictures)?;
            found.extend(blocks);
            if opus {
                format = Format::Opus;
            }
        }
        Format::Wav => found.extend(iff::wav(source, at, pictures)?),
        Format::Aiff => found.extend(iff::aiff(source, at, pictures)?),
        Format::Mp4 => found.extend(mp4::read(source, at, pictures)?),
        Format::Matroska => found.extend(matroska::read(source, pictures)?),
        Format::Caf => found.extend(caf::read(source)?),
        Format::Mpeg | Format::Au | Format::Unknown => {}
    }
    if matches!(format, Format::Mpeg | Format::Flac) {
        trailing(source, pictures, &mut found)?;
    }
    Ok((found, format))
}

/// Reads the adjacent tags at the beginning and returns their end.
fn leading(source: &Source, pictures: bool, found: &mut Vec<Block>) -> io::Result<u64> {
    let mut at = first(source)?;
    for _ in 0..MAX_TAGS {
        if let Some(header) = id3::header(&source.bytes(at, id3::HEADER as u64)?) {
            let begin = at + id3::HEADER as u64;
            let mut size = header.size;
            // If it is not followed by anything plausible, its frames may extend beyond the stated
            // size.
            if !begins_sensibly(&source.bytes(at + header.length(), 16)?) {
                let wide = source.bytes(begin, size.saturating_add(MAX_BEYOND).min(id3::MAX_TAG))?;
                size = size.max(id3::reach(header, &wide));
            }
            found.push(id3::read(header, &source.bytes(begin, size.min(id3::MAX_TAG))?, pictures));
            at = (begin + size).max(at + header.length());
        } else if let Some((block, end)) = ape::at(source, at, pictures)? {
            found.push(block);
            at = end;
        } else {
            break;
        }
    }
    Ok(at.min(source.length))
}

/// Where the first tag may begin: at 0, or after zeros or some junk.
fn first(source: &Source) -> io::Result<u64> {
    let head = source.bytes(0, MAX_JUNK)?;
    if head.first() != Some(&0) && begins_sensibly(&head) {
        return Ok(0);
    }
    let zeros = if head.first() == Some(&0) { past_zeros(source, 0)? } else { 0 };
    if id3::header(&source.bytes(zeros, id3::HEADER as u64)?).is_some() {
        return Ok(zeros);
    }
    let tag = memchr::memmem::find_iter(&head, b"ID3").find(|at| id3::header(&head[*at..]).is_some());
    Ok(tag.map_or(0, |at| at as u64))
}

/// Whether `bytes` look like something that may follow a tag: audio, another tag, zeros, or
/// nothing.
fn begins_sensibly(bytes: &[u8]) -> bool {
    let known: [&[u8]; 11] = [
        b"ID3",
        b"APETAGEX",
        b"fLaC",
        b"OggS",
        b"RIFF",
        b"RF64",
        b"FORM",
        b"TAG",
        b"\x1a\x45\xdf\xa3",
        b"caff",
        b".snd",
    ];
    match bytes {
        _ if bytes.iter().all(|b| *b == 0) => true,
        [0xff, second, ..] if second & 0xe0 == 0xe0 => true,
        _ => known.iter().any(|known| bytes.starts_with(known)) || bytes.get(4..8) == Some(b"ftyp"),
    }
}

fn past_zeros(source: &Source, from: u64) -> io::Result<u64> {
    const STEP: u64 = 4096;
    let mut at = from;
    while at < from + MAX_GAP {
        let bytes = source.bytes(at, STEP)?;
        match bytes.iter().position(|b| *b != 0) {
            Some(zeros) => return Ok(at + zeros as u64),
            None if bytes.is_empty() => break,
            None => at += bytes.len() as u64,
        }
    }
    Ok(from)
}

/// Reads the tags at the end: ID3v1 is last, preceded by lyrics, APE tags and ID3v2 tags with a
/// footer.
fn trailing(source: &Source, pictures: bool, found: &mut Vec<Block>) -> io::Result<()> {
    let mut end = source.length;
    let last = end.saturating_sub(id3::v1::LENGTH as u64);
    if let Some(block) = id3::v1::read(&source.bytes(last, id3::v1::LENGTH as u64)?) {
        found.push(block);
        end = last;
    }
    for _ in 0..MAX_TAGS {
        let near = end.saturating_sub(32);
        let foot = source.bytes(near, end - near)?;
        if let Some((block, begin)) = ape::before(source, end, pictures)? {
            found.push(block);
            end = begin;
        } else if foot.ends_with(b"LYRICS200") {
            // The six digits before the mark are the length without digits and mark.
            let digits = foot.last_chunk::<15>().and_then(|foot| std::str::from_utf8(&foot[..6]).ok());
            let Some(size) = digits.and_then(|digits| digits.parse::<u64>().ok()) else { break };
            end = end.saturating_sub(size + 15);
        } else if let Some(footer) =
            foot.len().checked_sub(id3::HEADER).and_then(|at| foot.get(at..)).filter(|f| f.starts_with(b"3DI"))
        {
            let mut header = footer.to_vec();
            header[..3].copy_from_slice(b"ID3");
            let Some(header) = id3::header(&header) else { break };
            let begin = end.saturating_sub(header.length());
            let body = source.bytes(begin + id3::HEADER as u64, header.size.min(id3::MAX_TAG))?;
            found.push(id3::read(header, &body, pictures));
            end = begin;
        } else {
            break;
        }
        if end == 0 {
            break;
        }
    }
    Ok(())
}
