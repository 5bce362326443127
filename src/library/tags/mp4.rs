//! The item list of MP4 files (moov/udta/meta/ilst).

use std::io;

use lofty::id3::v1::GENRES;
use lofty::tag::{ItemKey, TagType};

use super::picture;
use super::raw::{Block, Patience, Raw};
use super::source::Source;

/// Maximum number of boxes visited.
const MAX_BOXES: usize = 4096;
/// Maximum number of bytes read of an item list.
const MAX_LIST: u64 = 64 << 20;

/// The tags of a file whose boxes begin at `begin`.
///
/// # Errors
/// An I/O error.
pub(super) fn read(source: &Source, begin: u64, pictures: bool) -> io::Result<Vec<Block>> {
    let mut out = Vec::new();
    let mut left = MAX_BOXES;
    boxes(source, (begin, source.length), &mut left, &mut |kind, from, to, left| {
        if kind == *b"moov" {
            boxes(source, (from, to), left, &mut |kind, from, to, left| match &kind {
                b"udta" => boxes(source, (from, to), left, &mut |kind, from, to, left| {
                    if kind == *b"meta" { meta(source, (from, to), left, pictures, &mut out) } else { Ok(()) }
                }),
                b"meta" => meta(source, (from, to), left, pictures, &mut out),
                _ => Ok(()),
            })
        } else {
            Ok(())
        }
    })?;
    Ok(out)
}

fn meta(
    source: &Source,
    (from, to): (u64, u64),
    left: &mut usize,
    pictures: bool,
    out: &mut Vec<Block>,
) -> io::Result<()> {
    // Skip four bytes of version and flags, which QuickTime omits.
    let head = source.bytes(from, 8)?;
    let from = if head.get(4..8) == Some(b"hdlr") { from } else { from + 4 };
    boxes(source, (from, to), left, &mut |kind, from, to, _| {
        if kind == *b"ilst" {
            out.push(list(&source.bytes(from, (to - from).min(MAX_LIST))?, pictures));
        }
        Ok(())
    })
}

type Visit<'a> = dyn FnMut([u8; 4], u64, u64, &mut usize) -> io::Result<()> + 'a;

/// Visits the boxes in a range: kind, and begin and end of the content.
fn boxes(source: &Source, (mut at, end): (u64, u64), left: &mut usize, visit: &mut Visit) -> io::Result<()> {
    while at + 8 <= end && *left > 0 {
        *left -= 1;
        let head = source.bytes(at, 16)?;
        let Some(&[a, b, c, d, e, f, g, h]) = head.first_chunk::<8>() else { break };
        let (mut size, mut body) = (u64::from(u32::from_be_bytes([a, b, c, d])), at + 8);
        if size == 1 {
            let Some(large) = head.get(8..).and_then(|large| large.first_chunk::<8>()) else { break };
            (size, body) = (u64::from_be_bytes(*large), at + 16);
        }
        let next = if size == 0 { end } else { at.saturating_add(size).min(end) };
        if next < body {
            break;
        }
        visit([e, f, g, h], body, next, left)?;
        at = next;
    }
    Ok(())
}

/// Reads an item list: a box per item, which contains boxes with its values.
fn list(bytes: &[u8], pictures: bool) -> Block {
    let mut block = Block::new(TagType::Mp4Ilst, pictures);
    let (mut at, mut patience) = (0, Patience::new(bytes.len()));
    while at + 8 <= bytes.len() {
        let claimed = size(bytes, at).map(|size| at.saturating_add(size)).filter(|end| *end >= at + 8);
        let sound = claimed.filter(|end| *end == bytes.len() || is_named(bytes, *end));
        let end = sound.unwrap_or_else(|| {
            let next = patience.find(at + 8..bytes.len(), |at| begins(bytes, *at));
            next.unwrap_or(claimed.unwrap_or(bytes.len()).min(bytes.len()))
        });
        let name = &bytes[at + 4..at + 8];
        // Free space contains no values.
        if name != b"free" && name != b"skip" && item(&mut block, name, &bytes[at + 8..end]).is_none() {
            let name: String = name.iter().map(|b| char::from(*b)).collect();
            block.fault(format!("{name} (damaged)"));
        }
        at = end;
    }
    block
}

fn size(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk::<4>()?) as usize)
}

/// Whether a box with a plausible name and a possible size begins at `at`.
fn is_named(bytes: &[u8], at: usize) -> bool {
    let Some(name) = bytes.get(at + 4..at + 8) else { return false };
    let possible = size(bytes, at).is_some_and(|size| (8..=bytes.len() - at).contains(&size));
    possible && name.iter().all(|b| (0x20..0x7f).contains(b) || *b == 0xa9)
}

/// Whether an item begins at `at`: its name, followed by a value or, in a free-form item, by its
/// `mean` box.
fn begins(bytes: &[u8], at: usize) -> bool {
    let valued = || {
        matches!(bytes.get(at + 12..at + 16), Some(b"data" | b"mean"))
            && size(bytes, at + 8).is_some_and(|size| size >= 8)
    };
    is_named(bytes, at) && valued()
}

/// Adds the values of an item; `None` if there are none.
fn item(block: &mut Block, name: &[u8], body: &[u8]) -> Option<()> {
    let (mut at, mut key, mut found) = (0, None, None);
    if name != b"----" {
        let name: String = name.iter().map(|b| char::from(*b)).collect();
        key = ItemKey::from_key(TagType::Mp4Ilst, &name);
    }
    while at + 8 <= body.len() {
        // A value cannot extend beyond its item.
        let end = size(body, at).map_or(body.len(), |size| at.saturating_add(size.max(8)).min(body.len()));
        let content = &body[at + 8..end];
        match &body[at + 4..at + 8] {
            b"name" => {
                let own = String::from_utf8_lossy(content.get(4..)?).into_owned();
                let full = format!("----:com.apple.iTunes:{own}");
                let others = || ItemKey::from_key(TagType::VorbisComments, &own);
                key = ItemKey::from_key(TagType::Mp4Ilst, &full).or_else(others);
                found = Some(());
            }
            b"data" => {
                let kind = size(content, 0)? & 0xff_ffff;
                value(block, name, key, kind, content.get(8..)?)?;
                found = Some(());
            }
            _ => {}
        }
        at = end;
    }
    found
}

/// Adds a value. Integers are encoded in as many bytes as the value has.
fn value(block: &mut Block, name: &[u8], key: Option<ItemKey>, kind: usize, bytes: &[u8]) -> Option<()> {
    match name {
        b"covr" => {
            if bytes.is_empty() {
                return None;
            }
            let at = if picture::is_usual(bytes) { 0 } else { picture::begins(bytes).unwrap_or(0) };
            block.picture(true, &bytes[at..]);
        }
        b"trkn" | b"disk" => {
            let number = u16::from_be_bytes(*bytes.get(2..)?.first_chunk::<2>()?);
            let key = if name == b"trkn" { ItemKey::TrackNumber } else { ItemKey::DiscNumber };
            block.add(key, Raw::Text(number.to_string()));
        }
        // A number of ID3v1 plus 1.
        b"gnre" => {
            let number = u16::from_be_bytes(*bytes.first_chunk::<2>()?);
            if let Some(genre) = GENRES.get(usize::from(number).wrapping_sub(1)) {
                block.add(ItemKey::Genre, Raw::Text((*genre).into()));
            }
        }
        b"cpil" => {
            let set = bytes.iter().any(|b| *b != 0 && *b != b'0');
            block.add(ItemKey::FlagCompilation, Raw::Text(u8::from(set).to_string()));
        }
        _ => {
            let text = match kind {
                2 | 5 => {
                    let units = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
                    Raw::Text(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
                }
                21 | 22 => Raw::Text(bytes.iter().take(8).fold(0u64, |n, b| n << 8 | u64::from(*b)).to_string()),
                13 | 14 => return Some(()),
                _ => Raw::utf8(bytes),
            };
            if let Some(key) = key {
                block.add(key, text);
            }
        }
    }
    Some(())
}
