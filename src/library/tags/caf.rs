//! The texts of CAF files.

use std::io;

use lofty::tag::{ItemKey, TagType};

use super::raw::{Block, Raw};
use super::source::Source;

/// Maximum number of chunks examined.
const MAX_CHUNKS: usize = 4096;
/// Maximum length of the texts in bytes.
const MAX_TEXTS: u64 = 4 << 20;

/// The texts of a file: pairs of a name and a value, each ended by a zero.
///
/// # Errors
/// An I/O error.
pub(super) fn read(source: &Source) -> io::Result<Vec<Block>> {
    let mut block = Block::new(TagType::VorbisComments, false);
    let mut at = 8;
    for _ in 0..MAX_CHUNKS {
        let head = source.bytes(at, 12)?;
        let Some((id, Some(size))) = head.split_first_chunk::<4>().map(|(id, rest)| (id, rest.first_chunk::<8>()))
        else {
            break;
        };
        let size = u64::from_be_bytes(*size);
        if id == b"info" {
            let body = source.bytes(at + 12, size.min(MAX_TEXTS))?;
            let mut texts = body.get(4..).unwrap_or_default().split(|b| *b == 0);
            while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
                if let Some(key) = key(&String::from_utf8_lossy(name).to_lowercase()) {
                    block.add(key, Raw::utf8(value));
                }
            }
        }
        // A length of -1 reaches to the end of the file.
        at = (at + 12).saturating_add(size);
    }
    Ok(vec![block])
}

/// What a name means.
fn key(name: &str) -> Option<ItemKey> {
    Some(match name {
        "title" => ItemKey::TrackTitle,
        "artist" => ItemKey::TrackArtist,
        "album" => ItemKey::AlbumTitle,
        "track number" => ItemKey::TrackNumber,
        "year" | "recorded date" => ItemKey::RecordingDate,
        "composer" => ItemKey::Composer,
        "genre" => ItemKey::Genre,
        "comments" => ItemKey::Comment,
        _ => return None,
    })
}
