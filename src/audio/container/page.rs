//! Ogg pages (RFC 3533), and the fields of a stream's first packet.

use super::bytes::{Bytes, be, le};
use crate::audio::AudioError;
use crate::track::TrackId;

/// The bytes at the end of the file in which the last pages are searched.
pub(super) const TAIL: u64 = TrackId::EDGE as u64 + 64 * 1024;

/// One page: its position and length in the file, and its header fields.
pub(super) struct Page {
    pub serial: u32,
    pub number: u32,
    /// A stream begins with it.
    pub first: bool,
    pub granule: u64,
    /// Packets that end in this page.
    pub ends: usize,
    pub body: u64,
    pub len: u64,
}

impl Page {
    /// The page that begins at offset `at`, if there is one.
    pub fn at(bytes: &Bytes<'_>, at: u64) -> Result<Option<Page>, AudioError> {
        let header = bytes.up_to(at, 27 + 255)?;
        Ok(Page::parse(&header).map(|(head, page)| Page { body: at + head, ..page }))
    }

    /// The page at the front of these bytes, and the length of its header.
    pub fn parse(header: &[u8]) -> Option<(u64, Page)> {
        let segments = usize::from(*header.get(26)?);
        let lacing = header.get(27..27 + segments)?;
        if &header[..5] != b"OggS\0" {
            return None;
        }
        let page = Page {
            serial: le(&header[14..18]) as u32,
            number: le(&header[18..22]) as u32,
            first: header[5] & 2 != 0,
            granule: le(&header[6..14]),
            ends: lacing.iter().filter(|&&n| n < 255).count(),
            body: 0,
            len: lacing.iter().map(|&n| u64::from(n)).sum(),
        };
        Some((27 + segments as u64, page))
    }
}

/// Codec, rate, channels and pre-skip from a stream's first packet, and how many header packets there are in all.
#[allow(clippy::type_complexity)]
pub(super) fn identify(packet: &[u8]) -> Option<((&'static str, u32, u16, u64), usize)> {
    let field = |range: std::ops::Range<usize>| packet.get(range);
    if packet.starts_with(b"\x01vorbis") {
        let (channels, rate) = (u16::from(*packet.get(11)?), le(field(12..16)?) as u32);
        return Some((("vorbis", rate, channels, 0), 3));
    }
    if packet.starts_with(b"OpusHead") {
        let (channels, pre_skip) = (u16::from(*packet.get(9)?), le(field(10..12)?));
        return Some((("opus", 48_000, channels, pre_skip), 2));
    }
    if packet.starts_with(b"\x7fFLAC") {
        // Two bytes count the header packets that follow; STREAMINFO comes after "fLaC" and a block header.
        let packed = be(field(27..35)?);
        let (rate, channels) = ((packed >> 44) as u32, ((packed >> 41) & 7) as u16 + 1);
        return Some((("flac", rate, channels, 0), 1 + be(field(7..9)?) as usize));
    }
    None
}
