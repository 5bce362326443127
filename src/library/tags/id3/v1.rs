//! ID3v1: 128 bytes at the end of a file.

use lofty::id3::v1::GENRES;
use lofty::tag::{ItemKey, TagType};

use crate::library::tags::raw::{Block, Raw};

/// Length of the tag in bytes.
pub(in crate::library::tags) const LENGTH: usize = 128;

/// Parses the last 128 bytes of a file; `None` if they are not a tag.
pub(in crate::library::tags) fn read(bytes: &[u8]) -> Option<Block> {
    let tag = bytes.first_chunk::<LENGTH>().filter(|tag| tag.starts_with(b"TAG"))?;
    let mut block = Block::new(TagType::Id3v1, false);
    // ID3v1.1 uses the last two bytes of the comment.
    let track = if tag[125] == 0 && tag[126] != 0 { tag[126] } else { 0 };
    let comment = if track > 0 { 97..125 } else { 97..127 };
    let fields = [
        (ItemKey::TrackTitle, 3..33),
        (ItemKey::TrackArtist, 33..63),
        (ItemKey::AlbumTitle, 63..93),
        (ItemKey::RecordingDate, 93..97),
        (ItemKey::Comment, comment),
    ];
    for (key, range) in fields {
        let field = tag[range].split(|b| *b == 0).next().unwrap_or_default();
        block.add(key, Raw::Bytes(field.trim_ascii().into()));
    }
    if track > 0 {
        block.add(ItemKey::TrackNumber, Raw::Text(track.to_string()));
    }
    if let Some(genre) = GENRES.get(usize::from(tag[127])) {
        block.add(ItemKey::Genre, Raw::Text((*genre).into()));
    }
    Some(block)
}
