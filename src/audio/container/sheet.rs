//! Cue sheets embedded in audio files: the text that tag editors store as CUESHEET (Vorbis comments of FLAC and Ogg, ID3v2
//! TXXX, APEv2), FLAC's own CUESHEET block, and the chapters of audiobooks. Read with small reads; other tags are skipped.

use std::path::Path;

use super::bytes::{Bytes, be, le, open};
use super::chapters;
pub(in crate::audio) use super::chapters::Chapter;
use super::{blocks, editions, matroska, mp4, mpeg, ogg};
use crate::audio::AudioError;

/// The most bytes of text read.
const LARGEST: usize = 128 * 1024;
/// The most blocks, frames or comments examined.
const MOST: usize = 4096;
/// The name of the tag, case-insensitive.
const NAME: &[u8] = b"cuesheet";

/// A sheet inside a file.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::audio) enum Inside {
    /// Text in UTF-8 or an unknown code page.
    Text(Vec<u8>),
    /// The contents of FLAC's CUESHEET block.
    Block {
        /// Sample rate in Hz, the unit of the positions.
        rate: u32,
        /// Number, first sample, and whether it is audio.
        tracks: Vec<(u32, u64, bool)>,
    },
    /// Chapters.
    Chapters(Vec<Chapter>),
}

/// Extensions of files that are divided by their chapters, in lower case: in a film or an episode of a podcast they are places
/// of one thing.
const BOOKS: [&str; 2] = ["m4b", "mka"];

fn is_book(path: &Path) -> bool {
    path.extension().is_some_and(|own| BOOKS.iter().any(|book| own.eq_ignore_ascii_case(book)))
}

/// The sheets inside a file, text first, and how many seconds it lasts if that takes no counting of what is in it; else 0.
///
/// # Errors
/// When the file cannot be read.
pub(in crate::audio) fn sheets(path: &Path) -> Result<(Vec<Inside>, f64), AudioError> {
    let (file, size) = open(path)?;
    let bytes = Bytes::new(&file, size);
    let start = mpeg::after_id3v2(&bytes)?;
    let magic = bytes.up_to(start, 8)?;
    let (mut found, mut secs) = (Vec::new(), 0.0);
    match magic.get(..4).unwrap_or_default() {
        _ if magic.get(4..) == Some(b"ftyp") => {
            if is_book(path) {
                let chapters = chapters::mp4(&bytes)?;
                if !chapters.is_empty() {
                    secs = mp4::Movie::read(&bytes).map_or(0.0, |movie| movie.secs());
                }
                found.push(Inside::Chapters(chapters));
            }
        }
        magic if magic == matroska::MAGIC => {
            if is_book(path) {
                let movie = blocks::read(&bytes)?;
                found.push(Inside::Chapters(editions::chapters(&bytes, &movie)?));
                secs = movie.secs();
            }
        }
        b"fLaC" => secs = flac(&bytes, start + 4, &mut found)?,
        b"OggS" => {
            let packet = ogg::comments(&bytes, start)?;
            found.extend(packet.and_then(|packet| comment(&packet)).map(Inside::Text));
        }
        // Files without audio are ignored, and these formats have no such tag.
        b"RIFF" | b"RF64" | b"FORM" => {}
        _ => {
            found.extend(id3(&bytes)?.map(Inside::Text));
            if found.is_empty() {
                found.extend(ape(&bytes)?.map(Inside::Text));
            }
        }
    }
    found.sort_by_key(|sheet| matches!(sheet, Inside::Block { .. }));
    Ok((found, secs))
}

/// The metadata blocks of FLAC. Returns the length of the music in seconds; 0 if unknown.
fn flac(bytes: &Bytes<'_>, mut at: u64, found: &mut Vec<Inside>) -> Result<f64, AudioError> {
    let (mut rate, mut samples) = (0, 0);
    for _ in 0..MOST {
        let header = bytes.up_to(at, 4)?;
        let [kind, len @ ..] = header.as_slice() else { break };
        let len = be(len);
        at += 4;
        match kind & 0x7f {
            0 => {
                // Rate, channels, bits, and in 36 bits the number of samples.
                let word = be(&bytes.up_to(at + 10, 8)?);
                (rate, samples) = ((word >> 44) as u32, word & ((1 << 36) - 1));
            }
            4 => found.extend(comment_at(bytes, at, at + len)?.map(Inside::Text)),
            5 => {
                let tracks = block(&bytes.up_to(at, len as usize)?);
                found.extend((rate > 0 && !tracks.is_empty()).then_some(Inside::Block { rate, tracks }));
            }
            _ => {}
        }
        if kind & 0x80 != 0 {
            break;
        }
        at += len;
    }
    Ok(samples as f64 / f64::from(rate.max(1)))
}

/// The tracks of a CUESHEET block (RFC 9639, section 8.7), each with the first sample of its index 01.
fn block(block: &[u8]) -> Vec<(u32, u64, bool)> {
    let Some((&count, mut rest)) = block.get(128 + 8 + 1 + 258..).and_then(<[u8]>::split_first) else {
        return Vec::new();
    };
    let mut tracks = Vec::new();
    for _ in 0..count {
        let Some((track, after)) = rest.split_at_checked(8 + 1 + 12 + 1 + 13 + 1) else { break };
        let (start, number, audio) = (be(&track[..8]), track[8], track[21] & 0x80 == 0);
        let Some((indices, after)) = after.split_at_checked(usize::from(track[35]) * 12) else { break };
        rest = after;
        // Track 170 (255 if not from a CD) is the lead-out.
        let first = indices.chunks_exact(12).find(|index| index[8] == 1).map(|index| be(&index[..8]));
        if let Some(first) = first.filter(|_| number < 170) {
            tracks.push((u32::from(number), start.saturating_add(first), audio));
        }
    }
    tracks
}

/// The sheet among the Vorbis comments between two offsets.
fn comment_at(bytes: &Bytes<'_>, at: u64, end: u64) -> Result<Option<Vec<u8>>, AudioError> {
    let number = |at: u64| -> Result<u64, AudioError> { Ok(le(&bytes.up_to(at, 4)?)) };
    let mut at = at + 4 + number(at)?;
    let count = number(at)?;
    at += 4;
    for _ in 0..count.min(MOST as u64) {
        let len = number(at)?;
        at += 4;
        if at.saturating_add(len) > end {
            break;
        }
        let key = bytes.up_to(at, (NAME.len() + 1).min(len as usize))?;
        if is_key(&key) && (len as usize) <= LARGEST {
            return Ok(bytes.up_to(at, len as usize)?.get(NAME.len() + 1..).map(<[u8]>::to_vec));
        }
        at += len;
    }
    Ok(None)
}

fn is_key(key: &[u8]) -> bool {
    key.strip_suffix(b"=").is_some_and(|key| key.eq_ignore_ascii_case(NAME))
}

/// The sheet in a packet of comments.
fn comment(packet: &[u8]) -> Option<Vec<u8>> {
    let number = |at: usize| packet.get(at..at + 4).map(|b| le(b) as usize);
    let mut at = 4 + number(0)?;
    let count = number(at)?;
    at += 4;
    for _ in 0..count.min(MOST) {
        let len = number(at)?;
        let text = packet.get(at + 4..(at + 4).checked_add(len)?)?;
        if text.get(..NAME.len() + 1).is_some_and(is_key) && len <= LARGEST {
            return Some(text[NAME.len() + 1..].to_vec());
        }
        at += 4 + len;
    }
    None
}

/// The TXXX frame of an ID3v2 tag at the front (2.3 and 2.4; unsynchronised and compressed frames are left alone).
fn id3(bytes: &Bytes<'_>) -> Result<Option<Vec<u8>>, AudioError> {
    let seven = |b: &[u8]| b.iter().fold(0, |n, &b| n << 7 | u64::from(b & 0x7f));
    let head = bytes.up_to(0, 10)?;
    if head.len() < 10 || &head[..3] != b"ID3" || !(3..=4).contains(&head[3]) || head[5] & 0x80 != 0 {
        return Ok(None);
    }
    let (version, end) = (head[3], 10 + seven(&head[6..10]));
    let mut at = 10;
    if head[5] & 0x40 != 0 {
        let size = bytes.up_to(at, 4)?;
        at += if version == 4 { seven(&size) } else { 4 + be(&size) };
    }
    for _ in 0..MOST {
        let frame = bytes.up_to(at, 10)?;
        if at + 10 >= end || frame.len() < 10 || frame[0] == 0 {
            break;
        }
        let size = if version == 4 { seven(&frame[4..8]) } else { be(&frame[4..8]) };
        at += 10;
        if &frame[..4] == b"TXXX" && frame[9] == 0 && size <= 2 * LARGEST as u64 {
            let body = bytes.up_to(at, size as usize)?;
            if let Some(text) = described(&body) {
                return Ok(Some(text));
            }
        }
        at += size;
    }
    Ok(None)
}

/// The text of a TXXX frame with this description, converted to UTF-8 if it is UTF-16.
fn described(body: &[u8]) -> Option<Vec<u8>> {
    let (&encoding, rest) = body.split_first()?;
    let text = match encoding {
        1 | 2 => {
            let big = encoding == 2 || rest.starts_with(b"\xfe\xff");
            let unit = |pair: &[u8]| {
                if big {
                    u16::from(pair[0]) << 8 | u16::from(pair[1])
                } else {
                    u16::from(pair[1]) << 8 | u16::from(pair[0])
                }
            };
            let units: Vec<u16> = rest.chunks_exact(2).map(unit).collect();
            String::from_utf16_lossy(&units).replace('\u{feff}', "").into_bytes()
        }
        _ => rest.to_vec(),
    };
    let end = text.iter().position(|b| *b == 0)?;
    let (name, value) = (&text[..end], &text[end + 1..]);
    let value = value.split(|b| *b == 0).next().unwrap_or_default();
    name.eq_ignore_ascii_case(NAME).then(|| value.to_vec())
}

/// The item of an APEv2 tag at the end, before an ID3v1 tag.
fn ape(bytes: &Bytes<'_>) -> Result<Option<Vec<u8>>, AudioError> {
    let mut end = bytes.size;
    if end >= 128 && bytes.up_to(end - 128, 3)? == b"TAG" {
        end -= 128;
    }
    let Some(footer) = end.checked_sub(32) else { return Ok(None) };
    let tag = bytes.up_to(footer, 32)?;
    let (Some(size), Some(count)) = (tag.get(12..16).map(le), tag.get(16..20).map(le)) else { return Ok(None) };
    let Some(mut at) = end.checked_sub(size).filter(|_| tag.starts_with(b"APETAGEX")) else { return Ok(None) };
    for _ in 0..count.min(MOST as u64) {
        let item = bytes.up_to(at, 8 + 64)?;
        let (Some(len), true) = (item.get(..4).map(le), at + 8 < footer) else { break };
        let Some(name) = item[8.min(item.len())..].split(|b| *b == 0).next() else { break };
        at += 8 + name.len() as u64 + 1;
        if name.eq_ignore_ascii_case(NAME) && len <= LARGEST as u64 {
            return Ok(Some(bytes.up_to(at, len as usize)?));
        }
        at = at.saturating_add(len);
    }
    Ok(None)
}
