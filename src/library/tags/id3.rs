//! ID3v2 tags of versions 2.2 to 2.4, read frame by frame: an invalid frame costs only itself.

mod content;
mod frames;
pub(super) mod v1;

use lofty::tag::TagType;

use self::frames::{Frames, resync, syncsafe};
use super::raw::Block;

/// Length of a tag's header in bytes.
pub(super) const HEADER: usize = 10;
/// Maximum number of bytes read of one tag.
pub(super) const MAX_TAG: u64 = 64 << 20;

/// The header of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Minor version: 2, 3 or 4.
    version: u8,
    flags: u8,
    /// Number of bytes after the header, without a footer.
    pub size: u64,
    /// Whether a copy of the header follows the tag.
    footer: bool,
}

impl Header {
    /// Length of the whole tag in bytes, including header and footer.
    pub(super) fn length(&self) -> u64 {
        HEADER as u64 + self.size + if self.footer { HEADER as u64 } else { 0 }
    }
}

/// The header at the beginning of `bytes`, if there is one.
pub(super) fn header(bytes: &[u8]) -> Option<Header> {
    let head = bytes.first_chunk::<HEADER>()?;
    let (magic, version) = (&head[..3], head[3]);
    if magic != b"ID3" || !(2..=4).contains(&version) || head[4] == 0xff {
        return None;
    }
    let flags = head[5];
    let size = [head[6], head[7], head[8], head[9]];
    // Seven bits per byte; a writer that set the eighth wrote a plain number.
    let size = if size.iter().any(|b| *b >= 0x80) { u32::from_be_bytes(size) } else { syncsafe(size) };
    Some(Header { version, flags, size: u64::from(size), footer: version == 4 && flags & 0x10 != 0 })
}

/// Reads a tag. `body` is what follows the header, and may be cut short.
pub(super) fn read(header: Header, body: &[u8], pictures: bool) -> Block {
    let mut block = Block::new(TagType::Id3v2, pictures);
    if (body.len() as u64) < header.size {
        block.fault("its end (the file ends before it, or it is too large)");
    }
    let whole = header.flags & 0x80 != 0;
    // In 2.4 unsynchronisation applies to single frames, and their sizes include it.
    let restored = if whole && header.version < 4 { Some(resync(body)) } else { None };
    let body = restored.as_deref().unwrap_or(body);
    let start =
        if header.flags & 0x40 != 0 && header.version > 2 { frames::after_extended(header.version, body) } else { 0 };
    for frame in Frames::new(header.version, &body[start.min(body.len())..], whole) {
        if frame.damaged {
            block.fault(format!("a part of {}", frame.id));
        }
        match frame.body() {
            Ok(bytes) => content::add(&mut block, &frame.id, &bytes),
            Err(why) if content::is_wanted(&frame.id) => block.fault(format!("{} ({why})", frame.id)),
            Err(_) => {}
        }
    }
    block
}

/// Where the frames end in `bytes`, which may extend beyond the stated size of the tag.
pub(super) fn reach(header: Header, bytes: &[u8]) -> u64 {
    if header.flags & 0x80 != 0 && header.version < 4 {
        return header.size;
    }
    let start = if header.flags & 0x40 != 0 { frames::after_extended(header.version, bytes) } else { 0 };
    Frames::new(header.version, bytes, false).reach(start) as u64
}

#[cfg(test)]
mod tests;
