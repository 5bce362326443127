//! Vorbis comments, as in FLAC, Ogg Vorbis and Opus.

use lofty::tag::{ItemKey, TagType};

use super::picture;
use super::raw::{Block, Patience, Raw};

/// Reads comments: vendor, number of comments, and the comments, each preceded by its length. There
/// may be fewer than stated; after an impossible length, the next comment is searched for.
pub(super) fn read(bytes: &[u8], pictures: bool) -> Block {
    let mut block = Block::new(TagType::VorbisComments, pictures);
    let vendor = number(bytes, 0).unwrap_or(0);
    let mut at = vendor.saturating_add(8);
    let mut left = number(bytes, vendor.saturating_add(4)).unwrap_or(0);
    if at > bytes.len() {
        block.fault("its beginning (an impossible length)");
        at = (0..bytes.len()).find(|at| starts(bytes, *at)).unwrap_or(bytes.len());
        left = usize::MAX;
    }
    let mut patience = Patience::new(bytes.len());
    // Data after the last comment (Vorbis's framing bit, Opus's padding) is ignored.
    while left > 0 && at + 4 <= bytes.len() {
        let begin = at + 4;
        let claimed = number(bytes, at).map_or(usize::MAX, |length| begin.saturating_add(length));
        let mut end = claimed.min(bytes.len());
        if !is_end(bytes, claimed) {
            // The end is implausible: stop at the next comment within the stated length.
            let next = patience.find(begin..end, |at| starts(bytes, *at));
            if next.is_some() || claimed > bytes.len() {
                block.fault("a part of a comment with an impossible length");
            }
            end = next.unwrap_or(end);
        }
        add(&mut block, &bytes[begin..end]);
        at = end;
        // A damaged part is not one of the stated number of comments.
        left -= usize::from(end == claimed);
    }
    block
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk::<4>()?) as usize)
}

/// Whether the bytes are a name, "=" and a text.
fn is_comment(comment: &[u8]) -> bool {
    let Some(equals) = comment.iter().take(256).position(|b| *b == b'=') else { return false };
    equals > 0 && comment[..equals].iter().all(|b| (0x20..0x7e).contains(b))
}

/// Whether a comment begins at `at`.
fn starts(bytes: &[u8], at: usize) -> bool {
    let comment = number(bytes, at).and_then(|length| bytes.get(at + 4..)?.get(..length));
    comment.is_some_and(|comment| comment.len() > 2 && is_comment(comment))
}

/// Whether another comment begins at `at`, or the data ends.
fn is_end(bytes: &[u8], at: usize) -> bool {
    at <= bytes.len() && (bytes.len() < at + 4 || starts(bytes, at))
}

fn add(block: &mut Block, comment: &[u8]) {
    if comment.is_empty() {
        return;
    }
    let Some(equals) = comment.iter().position(|b| *b == b'=') else {
        return block.fault("a comment without '='");
    };
    let (name, value) =
        (String::from_utf8_lossy(&comment[..equals]).trim().to_ascii_uppercase(), &comment[equals + 1..]);
    let key = match name.as_str() {
        "METADATA_BLOCK_PICTURE" => {
            let done = picture::base64(value).and_then(|data| picture::flac(block, &data));
            return if done.is_none() {
                block.fault("a picture (damaged)")
            };
        }
        "COVERART" => {
            return match picture::base64(value).filter(|data| picture::begins(data) == Some(0)) {
                Some(data) => block.picture(true, &data),
                None => block.fault("a picture (damaged)"),
            };
        }
        // ffmpeg's name of comments.
        "DESCRIPTION" => Some(ItemKey::Comment),
        "ALBUM_ARTIST" => Some(ItemKey::AlbumArtist),
        "TRACK" => Some(ItemKey::TrackNumber),
        "DISC" => Some(ItemKey::DiscNumber),
        "SYNCEDLYRICS" => Some(ItemKey::Lyrics),
        "UNSYNCED LYRICS" => Some(ItemKey::UnsyncLyrics),
        name => ItemKey::from_key(TagType::VorbisComments, name),
    };
    if let Some(key) = key {
        block.add(key, Raw::utf8(value));
    }
}
