//! APE tags of versions 1 and 2: at the end of a file, before an ID3v1 tag, or at its beginning.

use std::io;

use lofty::tag::{ItemKey, TagType};

use super::picture;
use super::raw::{Block, Patience, Raw};
use super::source::Source;

/// Length of a header or footer in bytes.
pub(super) const FRAME: u64 = 32;
/// Maximum number of bytes read of one tag.
const MAX_TAG: u64 = 64 << 20;

/// A header or a footer.
struct Frame {
    /// Length of the items and the footer in bytes.
    size: u64,
    is_header: bool,
}

fn frame(bytes: &[u8]) -> Option<Frame> {
    let frame = bytes.first_chunk::<{ FRAME as usize }>().filter(|frame| frame.starts_with(b"APETAGEX"))?;
    let number = |at: usize| u32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]]);
    Some(Frame { size: u64::from(number(12)), is_header: number(8) >= 2000 && number(20) & 1 << 29 != 0 })
}

/// The tag whose footer ends at `end`, and the offset of its beginning.
///
/// # Errors
/// An I/O error.
pub(super) fn before(source: &Source, end: u64, pictures: bool) -> io::Result<Option<(Block, u64)>> {
    let Some(at) = end.checked_sub(FRAME) else { return Ok(None) };
    let Some(footer) = frame(&source.bytes(at, FRAME)?).filter(|footer| !footer.is_header) else { return Ok(None) };
    // If the size exceeds the file, read what is there before the footer.
    let begin = end.saturating_sub(footer.size.clamp(FRAME, MAX_TAG));
    let mut block = read(&source.bytes(begin, at - begin)?, pictures);
    if footer.size > end {
        block.fault("its beginning (it is larger than the file)");
    }
    Ok(Some((block, begin)))
}

/// The tag whose header is at `at`, and the offset of its end.
///
/// # Errors
/// An I/O error.
pub(super) fn at(source: &Source, at: u64, pictures: bool) -> io::Result<Option<(Block, u64)>> {
    let Some(header) = frame(&source.bytes(at, FRAME)?).filter(|header| header.is_header) else { return Ok(None) };
    let begin = at + FRAME;
    let items = header.size.saturating_sub(FRAME).min(MAX_TAG);
    Ok(Some((read(&source.bytes(begin, items)?, pictures), begin + header.size)))
}

/// Reads the items of a tag. The item count in the header is ignored, as it may be wrong.
fn read(mut bytes: &[u8], pictures: bool) -> Block {
    let mut block = Block::new(TagType::Ape, pictures);
    // Skip the header, which some writers include in the size against the specification.
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

/// Parses the first item: key, value, kind (0 is text), and the remaining bytes.
fn item(bytes: &[u8]) -> Option<(&str, &[u8], u32, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<8>()?;
    let size = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
    let kind = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) >> 1 & 3;
    if size > rest.len() {
        return None;
    }
    // A key consists of 2 to 255 printable ASCII characters.
    let end = rest.iter().take(256).position(|b| *b == 0).filter(|end| *end > 1)?;
    let key = std::str::from_utf8(&rest[..end]).ok().filter(|key| key.bytes().all(|b| (0x20..0x7f).contains(&b)))?;
    let rest = &rest[end + 1..];
    Some((key, rest.get(..size)?, kind, &rest[size..]))
}

fn add(block: &mut Block, key: &str, value: &[u8], kind: u32) {
    let lower = key.to_ascii_lowercase();
    if lower.starts_with("cover art") {
        // The value is a file name, a NUL and the picture.
        let data = value.iter().position(|b| *b == 0).map_or(value, |end| &value[end + 1..]);
        match picture::begins(value).map_or(data, |at| &value[at..]) {
            [] => block.fault("a cover (there is none in it)"),
            data => block.picture(lower.contains("front"), data),
        }
        return;
    }
    let field = match lower.as_str() {
        "album_artist" => Some(ItemKey::AlbumArtist),
        // lofty's tables map each of these names to two fields.
        "track" | "tracknumber" => Some(ItemKey::TrackNumber),
        "disc" | "discnumber" => Some(ItemKey::DiscNumber),
        "year" | "date" => Some(ItemKey::RecordingDate),
        "lyrics" | "syncedlyrics" => Some(ItemKey::Lyrics),
        "unsyncedlyrics" | "unsynced lyrics" => Some(ItemKey::UnsyncLyrics),
        _ => ItemKey::from_key(TagType::Ape, key),
    };
    if let Some(field) = field.filter(|_| kind == 0) {
        value.split(|b| *b == 0).for_each(|part| block.add(field, Raw::utf8(part)));
    }
}
