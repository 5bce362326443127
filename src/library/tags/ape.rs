//! APEv2 (and its first version) tags: at the end of a file, before an ID3v1 tag, or at its beginning.

use std::io;

use lofty::tag::{ItemKey, TagType};

use super::picture;
use super::raw::{Block, Patience, Raw};
use super::source::Source;

/// The length of a header and of a footer.
pub(super) const FRAME: u64 = 32;
/// The most of one tag that is read, in bytes.
const MAX_TAG: u64 = 64 << 20;

/// A header or a footer.
struct Frame {
    /// Bytes of the items and the footer.
    size: u64,
    is_header: bool,
}

fn frame(bytes: &[u8]) -> Option<Frame> {
    let frame = bytes.first_chunk::<{ FRAME as usize }>().filter(|frame| frame.starts_with(b"APETAGEX"))?;
    let number = |at: usize| u32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]]);
    Some(Frame { size: u64::from(number(12)), is_header: number(8) >= 2000 && number(20) & 1 << 29 != 0 })
}

/// The tag whose footer ends at this place, and where the tag begins.
///
/// # Errors
/// The system's.
pub(super) fn before(source: &Source, end: u64, pictures: bool) -> io::Result<Option<(Block, u64)>> {
    let Some(at) = end.checked_sub(FRAME) else { return Ok(None) };
    let Some(footer) = frame(&source.bytes(at, FRAME)?).filter(|footer| !footer.is_header) else { return Ok(None) };
    // A size beyond the beginning of the file: what is nearest to the footer is read.
    let begin = end.saturating_sub(footer.size.clamp(FRAME, MAX_TAG));
    let mut block = read(&source.bytes(begin, at - begin)?, pictures);
    if footer.size > end {
        block.fault("its beginning (it is larger than the file)");
    }
    Ok(Some((block, begin)))
}

/// The tag whose header is at this place.
///
/// # Errors
/// The system's.
pub(super) fn at(source: &Source, at: u64, pictures: bool) -> io::Result<Option<(Block, u64)>> {
    let Some(header) = frame(&source.bytes(at, FRAME)?).filter(|header| header.is_header) else { return Ok(None) };
    let begin = at + FRAME;
    let items = header.size.saturating_sub(FRAME).min(MAX_TAG);
    Ok(Some((read(&source.bytes(begin, items)?, pictures), begin + header.size)))
}

/// Reads the items of a tag. Their number is not believed: there are as many as there are.
fn read(mut bytes: &[u8], pictures: bool) -> Block {
    let mut block = Block::new(TagType::Ape, pictures);
    // The header, where the size includes it against the specification.
    if bytes.starts_with(b"APETAGEX") {
        bytes = bytes.get(FRAME as usize..).unwrap_or_default();
    }
    let mut patience = Patience::new(bytes.len());
    while bytes.len() > 9 {
        match item(bytes) {
            Some((key, value, kind, rest)) => {
                add(&mut block, key, value, kind);
                bytes = rest;
            }
            None => {
                block.fault("an item with an impossible length");
                match patience.find(1..bytes.len(), |at| item(&bytes[*at..]).is_some_and(|(key, ..)| key.len() > 2)) {
                    Some(next) => bytes = &bytes[next..],
                    None => break,
                }
            }
        }
    }
    block
}

/// The first item: key, value, kind, and what follows it.
fn item(bytes: &[u8]) -> Option<(&str, &[u8], u32, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<8>()?;
    let size = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
    let kind = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) >> 1 & 3;
    if size > rest.len() {
        return None;
    }
    // A key has 2 to 255 characters of ASCII.
    let end = rest.iter().take(256).position(|b| *b == 0).filter(|end| *end > 1)?;
    let key = std::str::from_utf8(&rest[..end]).ok().filter(|key| key.bytes().all(|b| (0x20..0x7f).contains(&b)))?;
    let rest = &rest[end + 1..];
    Some((key, rest.get(..size)?, kind, &rest[size..]))
}

fn add(block: &mut Block, key: &str, value: &[u8], kind: u32) {
    let lower = key.to_ascii_lowercase();
    if lower.starts_with("cover art") {
        // A file name, a zero, the picture.
        let data = value.iter().position(|b| *b == 0).map_or(value, |end| &value[end + 1..]);
        match picture::begins(value).map_or(data, |at| &value[at..]) {
            [] => block.fault("a cover (there is none in it)"),
            data => block.picture(lower.contains("front"), data),
        }
        return;
    }
    let field = match lower.as_str() {
        "album_artist" => Some(ItemKey::AlbumArtist),
        // The tables have these for two fields each.
        "track" | "tracknumber" => Some(ItemKey::TrackNumber),
        "disc" | "discnumber" => Some(ItemKey::DiscNumber),
        "year" | "date" => Some(ItemKey::RecordingDate),
        _ => ItemKey::from_key(TagType::Ape, key),
    };
    if let Some(field) = field.filter(|_| kind == 0) {
        value.split(|b| *b == 0).for_each(|part| block.add(field, Raw::utf8(part)));
    }
}
