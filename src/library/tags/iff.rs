//! Tags in the chunks of WAV (RIFF, RF64) and AIFF files.

use std::io;

use lofty::tag::{ItemKey, TagType};

use super::id3;
use super::raw::{Block, Raw};
use super::source::Source;

/// Maximum number of chunks examined.
const MAX_CHUNKS: usize = 4096;
/// Maximum number of bytes read of a text chunk.
const MAX_TEXTS: u64 = 4 << 20;
/// If the size of the audio is unknown or wrong, tags are searched in this many bytes at the end of
/// the file.
const TAIL: u64 = 1 << 20;

/// The tags of a WAV file whose RIFF header is at `begin`.
///
/// # Errors
/// An I/O error.
pub(super) fn wav(source: &Source, begin: u64, pictures: bool) -> io::Result<Vec<Block>> {
    let mut out = Vec::new();
    // RF64 stores the size of the audio in a separate chunk.
    let mut large = None;
    let mut at = begin + 12;
    for _ in 0..MAX_CHUNKS {
        let head = source.bytes(at, 8)?;
        let Some(&[a, b, c, d, e, f, g, h]) = head.first_chunk::<8>() else { break };
        let (id, mut size) = ([a, b, c, d], u64::from(u32::from_le_bytes([e, f, g, h])));
        if &id == b"ds64" {
            let sizes = source.bytes(at + 16, 8)?;
            large = sizes.first_chunk::<8>().map(|size| u64::from_le_bytes(*size));
        }
        if &id == b"data" {
            if size == u64::from(u32::MAX) {
                size = large.unwrap_or(size);
            }
            if size == 0 || (at + 8).saturating_add(size) > source.length {
                tail(source, at + 8, pictures, &mut out)?;
                break;
            }
        }
        if !id.iter().all(|b| (0x20..0x7f).contains(b)) {
            break;
        }
        chunk(source, (id, at + 8, size), pictures, &mut out)?;
        at = (at + 8).saturating_add(size);
        // Chunks are aligned to even offsets, but some writers omit the padding byte.
        if size % 2 == 1 && source.bytes(at, 1)?.first().is_none_or(|b| !b.is_ascii_alphabetic()) {
            at += 1;
        }
    }
    Ok(out)
}

fn chunk(source: &Source, (id, at, size): ([u8; 4], u64, u64), pictures: bool, out: &mut Vec<Block>) -> io::Result<()> {
    match &id {
        b"LIST" if size >= 4 => {
            let body = source.bytes(at, size.min(MAX_TEXTS))?;
            if let Some(texts) = body.strip_prefix(b"INFO") {
                out.push(info(texts));
            }
        }
        b"id3 " | b"ID3 " | b"ID32" => {
            let body = source.bytes(at, size.min(id3::MAX_TAG))?;
            out.extend(tag(&body, pictures));
        }
        _ => {}
    }
    Ok(())
}

/// Searches for tags after audio of unknown size.
fn tail(source: &Source, from: u64, pictures: bool, out: &mut Vec<Block>) -> io::Result<()> {
    let begin = from.max(source.length.saturating_sub(TAIL));
    let bytes = source.bytes(begin, TAIL)?;
    for at in memchr::memmem::find_iter(&bytes, b"LIST") {
        if bytes.get(at + 8..at + 12) == Some(b"INFO") {
            let size = u32::from_le_bytes(*bytes[at + 4..].first_chunk::<4>().unwrap_or(&[0; 4])) as usize;
            let end = (at + 8).saturating_add(size).min(bytes.len());
            out.push(info(bytes.get(at + 12..end).unwrap_or_default()));
        }
    }
    for at in memchr::memmem::find_iter(&bytes, b"id3 ").filter(|at| bytes[at + 4..].get(4..7) == Some(b"ID3")) {
        out.extend(tag(&bytes[at + 8..], pictures));
    }
    Ok(())
}

/// Reads an ID3v2 tag in a chunk.
fn tag(body: &[u8], pictures: bool) -> Option<Block> {
    let header = id3::header(body)?;
    let rest = &body[id3::HEADER..];
    let end = usize::try_from(header.size).unwrap_or(usize::MAX).min(rest.len());
    Some(id3::read(header, &rest[..end], pictures))
}

/// The texts of an INFO list, whose encoding is not declared.
fn info(mut bytes: &[u8]) -> Block {
    let mut block = Block::new(TagType::RiffInfo, false);
    while let Some((head, rest)) = bytes.split_first_chunk::<8>() {
        let (id, size) = (&head[..4], u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize);
        let Some(id) = std::str::from_utf8(id).ok().filter(|id| id.bytes().all(|b| b.is_ascii_graphic() || b == b' '))
        else {
            block.fault("a text at an impossible place");
            break;
        };
        let end = size.min(rest.len());
        if size > end {
            block.fault(format!("the end of {id}"));
        }
        let text = rest[..end].split(|b| *b == 0).next().unwrap_or_default().trim_ascii();
        let key = match id.to_ascii_uppercase().as_str() {
            "ITRK" | "IPRT" | "TRCK" => Some(ItemKey::TrackNumber),
            "ICRD" | "YEAR" | "IYER" => Some(ItemKey::RecordingDate),
            "IAAR" => Some(ItemKey::AlbumArtist),
            upper => ItemKey::from_key(TagType::RiffInfo, upper),
        };
        if let Some(key) = key {
            block.add(key, Raw::Bytes(text.into()));
        }
        bytes = &rest[end..];
        // Texts are aligned to even offsets, but some writers omit the padding byte.
        if size % 2 == 1 && bytes.first().is_some_and(|b| !b.is_ascii_alphabetic()) {
            bytes = &bytes[1..];
        }
    }
    block
}

/// The tags of an AIFF file whose FORM header is at `begin`.
///
/// # Errors
/// An I/O error.
pub(super) fn aiff(source: &Source, begin: u64, pictures: bool) -> io::Result<Vec<Block>> {
    let mut texts = Block::new(TagType::AiffText, false);
    let mut out = Vec::new();
    let mut at = begin + 12;
    for _ in 0..MAX_CHUNKS {
        let head = source.bytes(at, 8)?;
        let Some(&[a, b, c, d, e, f, g, h]) = head.first_chunk::<8>() else { break };
        let (id, size) = ([a, b, c, d], u64::from(u32::from_be_bytes([e, f, g, h])));
        let key = match &id {
            b"NAME" => Some(ItemKey::TrackTitle),
            b"AUTH" => Some(ItemKey::TrackArtist),
            b"ANNO" => Some(ItemKey::Comment),
            b"ID3 " | b"id3 " => {
                out.extend(tag(&source.bytes(at + 8, size.min(id3::MAX_TAG))?, pictures));
                None
            }
            _ => None,
        };
        if let Some(key) = key {
            let text = source.bytes(at + 8, size.min(MAX_TEXTS))?;
            let text = text.split(|b| *b == 0).next().unwrap_or_default().trim_ascii();
            texts.add(key, Raw::Bytes(text.into()));
        }
        if !id.iter().all(|b| (0x20..0x7f).contains(b)) {
            break;
        }
        at = at.saturating_add(8 + size + size % 2);
    }
    out.push(texts);
    Ok(out)
}
