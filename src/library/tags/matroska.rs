//! The tags, the title and the attached pictures of Matroska and WebM files (RFC 9559).

use std::io;

use lofty::tag::{ItemKey, TagType};

use super::picture;
use super::raw::{Block, Raw};
use super::source::Source;

/// Names of elements.
const SEGMENT: u64 = 0x1853_8067;
const INFO: u64 = 0x1549_a966;
const TAGS: u64 = 0x1254_c367;
const ATTACHMENTS: u64 = 0x1941_a469;
/// Maximum number of elements visited.
const MAX_ELEMENTS: usize = 100_000;
/// Maximum length of a text in bytes, and of all texts of a file; those beyond it are left out.
const MAX_TEXT: u64 = 256 << 10;
const MAX_TEXTS: u64 = 4 << 20;
/// The album, as opposed to the track, as the thing that a tag is about; without a statement it is the whole file.
const ALBUM: u64 = 50;

/// The tags of a file, whose tracks are one piece of music.
///
/// # Errors
/// An I/O error.
pub(super) fn read(source: &Source, pictures: bool) -> io::Result<Vec<Block>> {
    let mut block = Block::new(TagType::VorbisComments, pictures);
    let (mut left, mut room, mut title, mut album_artists) = (MAX_ELEMENTS, MAX_TEXTS, None, Vec::new());
    elements(source, (0, source.length), &mut left, &mut |id, from, to, left| {
        if id != SEGMENT {
            return Ok(());
        }
        elements(source, (from, to), left, &mut |id, from, to, left| match id {
            INFO => elements(source, (from, to), left, &mut |id, from, to, _| {
                if id == 0x7ba9 {
                    title = Some(Raw::utf8(&source.bytes(from, (to - from).min(MAX_TEXT))?));
                }
                Ok(())
            }),
            TAGS => elements(source, (from, to), left, &mut |id, from, to, left| {
                if id == 0x7373 {
                    tag(source, (from, to), (left, &mut room), &mut block, &mut album_artists)
                } else {
                    Ok(())
                }
            }),
            ATTACHMENTS => elements(source, (from, to), left, &mut |id, from, to, left| {
                if id == 0x61a7 { attached(source, (from, to), left, &mut block) } else { Ok(()) }
            }),
            _ => Ok(()),
        })
    })?;
    let mut fill = |key, values: Vec<Raw>| {
        if !block.items.iter().any(|(own, _)| *own == key) {
            values.into_iter().for_each(|value| block.add(key, value));
        }
    };
    fill(ItemKey::TrackTitle, title.into_iter().collect());
    fill(ItemKey::TrackArtist, album_artists);
    Ok(vec![block])
}

type Visit<'a> = dyn FnMut(u64, u64, u64, &mut usize) -> io::Result<()> + 'a;

/// Visits the elements in a range: name, and begin and end of the content.
fn elements(source: &Source, (mut at, end): (u64, u64), left: &mut usize, visit: &mut Visit) -> io::Result<()> {
    while at < end && *left > 0 {
        *left -= 1;
        let head = source.bytes(at, 12)?;
        let Some((id, width)) = number(&head, false) else { break };
        let Some((length, more)) = head.get(width..).and_then(|rest| number(rest, true)) else { break };
        let body = at + (width + more) as u64;
        // All ones: its length was not known. What follows then is not looked for, except in the segment.
        let unknown = length == (1u64 << (7 * more)) - 1;
        let next = if unknown { end } else { body.saturating_add(length).min(end) };
        if next < body || (unknown && id != SEGMENT) {
            break;
        }
        visit(id, body, next, left)?;
        at = next;
    }
    Ok(())
}

/// A number of variable width, with or without the bit that marks its width, and that width.
fn number(bytes: &[u8], plain: bool) -> Option<(u64, usize)> {
    let first = *bytes.first().filter(|first| **first != 0)?;
    let width = first.leading_zeros() as usize + 1;
    let value = bytes.get(..width)?.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
    Some((if plain { value & ((1 << (7 * width)) - 1) } else { value }, width))
}

/// Adds what a tag says of the file or its album; what it says of chapters is left out. `room`: for bytes of texts.
fn tag(
    source: &Source,
    range: (u64, u64),
    (left, room): (&mut usize, &mut u64),
    block: &mut Block,
    album_artists: &mut Vec<Raw>,
) -> io::Result<()> {
    let (mut level, mut apart, mut items) = (0, false, Vec::new());
    elements(source, range, left, &mut |id, from, to, left| match id {
        0x63c0 => elements(source, (from, to), left, &mut |id, from, to, _| {
            let number = source.bytes(from, (to - from).min(8))?.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
            match id {
                0x68ca => level = number,
                // A chapter, or an attachment.
                0x63c4 | 0x63c6 => apart |= number != 0,
                _ => {}
            }
            Ok(())
        }),
        0x67c8 => {
            let (mut name, mut value) = (Vec::new(), None);
            elements(source, (from, to), left, &mut |id, from, to, _| {
                match id {
                    0x45a3 => name = source.bytes(from, (to - from).min(256))?,
                    0x4487 => value = Some(source.bytes(from, (to - from).min(MAX_TEXT))?),
                    _ => {}
                }
                Ok(())
            })?;
            let value = value.filter(|value| value.len() as u64 <= *room);
            *room -= value.as_ref().map_or(0, |value| value.len() as u64);
            items.extend(value.map(|value| (String::from_utf8_lossy(&name).to_uppercase(), value)));
            Ok(())
        }
        _ => Ok(()),
    })?;
    if apart {
        return Ok(());
    }
    for (name, value) in items {
        let value = Raw::utf8(value.split(|b| *b == 0).next().unwrap_or_default());
        let key = if level == ALBUM { of_album(&name) } else { None };
        if key == Some(ItemKey::AlbumArtist) {
            album_artists.push(value.clone());
        }
        if let Some(key) = key.or_else(|| of_track(&name)) {
            block.add(key, value);
        }
    }
    Ok(())
}

/// What a name means where it is said of an album.
fn of_album(name: &str) -> Option<ItemKey> {
    Some(match name {
        "TITLE" => ItemKey::AlbumTitle,
        "ARTIST" | "LEAD_PERFORMER" => ItemKey::AlbumArtist,
        "PART_NUMBER" => ItemKey::DiscNumber,
        "REPLAYGAIN_GAIN" => ItemKey::ReplayGainAlbumGain,
        "REPLAYGAIN_PEAK" => ItemKey::ReplayGainAlbumPeak,
        _ => return None,
    })
}

/// What a name means where it is said of a track: Matroska's own names, and those of Vorbis comments that others write.
fn of_track(name: &str) -> Option<ItemKey> {
    Some(match name {
        "LEAD_PERFORMER" => ItemKey::TrackArtist,
        "ALBUM_ARTIST" => ItemKey::AlbumArtist,
        "PART_NUMBER" => ItemKey::TrackNumber,
        "DATE_RELEASED" | "DATE_RECORDED" => ItemKey::RecordingDate,
        "REPLAYGAIN_GAIN" => ItemKey::ReplayGainTrackGain,
        "REPLAYGAIN_PEAK" => ItemKey::ReplayGainTrackPeak,
        _ => return ItemKey::from_key(TagType::VorbisComments, name),
    })
}

/// Adds an attached file if it is a picture. By its name it is the front cover.
fn attached(source: &Source, range: (u64, u64), left: &mut usize, block: &mut Block) -> io::Result<()> {
    let (mut name, mut data) = (Vec::new(), None);
    elements(source, range, left, &mut |id, from, to, _| {
        match id {
            0x466e => name = source.bytes(from, (to - from).min(256))?,
            0x465c => data = Some((from, to)),
            _ => {}
        }
        Ok(())
    })?;
    let Some((from, to)) = data else { return Ok(()) };
    if picture::is_usual(&source.bytes(from, (to - from).min(16))?) {
        let front = String::from_utf8_lossy(&name).to_lowercase().starts_with("cover");
        let length = if block.wants(to - from) { to - from } else { 0 };
        block.picture(front, &source.bytes(from, length)?);
    }
    Ok(())
}
