//! ID3v2 tags of versions 2.2 to 2.4, read frame by frame: a frame that makes no sense costs only itself.

mod content;
mod frames;
pub(super) mod v1;

use lofty::tag::TagType;

use self::frames::{Frames, resync, syncsafe};
use super::raw::Block;

/// The length of a tag's header.
pub(super) const HEADER: usize = 10;
/// The most of one tag that is read, in bytes.
pub(super) const MAX_TAG: u64 = 64 << 20;

/// A tag's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// 2, 3 or 4.
    version: u8,
    flags: u8,
    /// How many bytes follow the header, a footer not counted.
    pub size: u64,
    /// The header repeated at the end.
    footer: bool,
}

impl Header {
    /// How long the whole tag is, in bytes.
    pub(super) fn length(&self) -> u64 {
        HEADER as u64 + self.size + if self.footer { HEADER as u64 } else { 0 }
    }
}

/// The header that these bytes begin with, if they do.
pub(super) fn header(bytes: &[u8]) -> Option<Header> {
    let head = bytes.first_chunk::<HEADER>()?;
    let (magic, version) = (&head[..3], head[3]);
    if magic != b"ID3" || !(2..=4).contains(&version) || head[4] == 0xff {
        return None;
    }
    let flags = head[5];
    let size = [head[6], head[7], head[8], head[9]];
    // Seven bits a byte; who set the eighth did not know that.
    let size = if size.iter().any(|b| *b >= 0x80) { u32::from_be_bytes(size) } else { syncsafe(size) };
    Some(Header { version, flags, size: u64::from(size), footer: version == 4 && flags & 0x10 != 0 })
}

/// Reads a tag: `body` is what follows the header, as far as it is there.
pub(super) fn read(header: Header, body: &[u8], pictures: bool) -> Block {
    let mut block = Block::new(TagType::Id3v2, pictures);
    if (body.len() as u64) < header.size {
        block.fault("its end (the file ends before it, or it is too large)");
    }
    let whole = header.flags & 0x80 != 0;
    // In 2.4 each frame is unsynchronised by itself, and its size is of what is in the file.
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

/// How far its frames go in bytes of which more follow than the tag says it has.
pub(super) fn reach(header: Header, bytes: &[u8]) -> u64 {
    if header.flags & 0x80 != 0 && header.version < 4 {
        return header.size;
    }
    let start = if header.flags & 0x40 != 0 { frames::after_extended(header.version, bytes) } else { 0 };
    Frames::new(header.version, bytes, false).reach(start) as u64
}

#[cfg(test)]
mod tests;
