//! Finds the comments in FLAC and Ogg files.

use std::io;

use lofty::tag::TagType;

use super::raw::Block;
use super::source::Source;
use super::{picture, vorbis};

/// Maximum number of blocks of a FLAC file, or of pages of an Ogg file, that are examined.
const MAX_STEPS: usize = 4096;
/// Maximum length of a comment packet in bytes; embedded pictures make them long.
const MAX_PACKET: usize = 64 << 20;

/// The comments of a FLAC file whose `fLaC` marker is at `marker`.
///
/// # Errors
/// An I/O error.
pub(super) fn flac(source: &Source, marker: u64, pictures: bool) -> io::Result<Vec<Block>> {
    let mut out = Vec::new();
    let mut apart = Block::new(TagType::VorbisComments, pictures);
    let mut at = marker + 4;
    for _ in 0..MAX_STEPS {
        let head = source.bytes(at, 4)?;
        let Some(&[kind, a, b, c]) = head.first_chunk::<4>() else { break };
        let size = u64::from(u32::from_be_bytes([0, a, b, c]));
        match kind & 0x7f {
            4 => out.push(vorbis::read(&source.bytes(at + 4, size)?, pictures)),
            6 => {
                // Its beginning suffices to know that there is a picture.
                let wanted = if pictures { size } else { size.min(8192) };
                if picture::flac(&mut apart, &source.bytes(at + 4, wanted)?).is_none() {
                    apart.fault("a picture (damaged)");
                }
            }
            // Not a block: the audio begins here, or the file is damaged.
            0x7f => break,
            _ => {}
        }
        at += 4 + size;
        if kind & 0x80 != 0 {
            break;
        }
    }
    out.push(apart);
    Ok(out)
}

/// The comments of the first stream of an Ogg file, and whether it is Opus; no comments if its
/// codec is unknown.
///
/// # Errors
/// An I/O error.
pub(super) fn ogg(source: &Source, begin: u64, pictures: bool) -> io::Result<(Vec<Block>, bool)> {
    let mut packets = Packets { source, at: begin, serial: None, steps: 0, pending: Vec::new(), ready: Vec::new() };
    let Some(head) = packets.next()? else { return Ok((Vec::new(), false)) };
    // The signature of the comment packet is skipped unchecked; only its length matters.
    let comments = packets.next()?.unwrap_or_default();
    if head.starts_with(b"\x01vorbis") {
        return Ok((vec![vorbis::read(comments.get(7..).unwrap_or_default(), pictures)], false));
    }
    if head.starts_with(b"OpusHead") {
        return Ok((vec![vorbis::read(comments.get(8..).unwrap_or_default(), pictures)], true));
    }
    if head.starts_with(b"\x7fFLAC") {
        let mut out = Vec::new();
        let mut apart = Block::new(TagType::VorbisComments, pictures);
        let mut packet = Some(comments);
        // One block per packet.
        while let Some(block) = packet.filter(|block| block.len() > 3) {
            match block[0] & 0x7f {
                4 => out.push(vorbis::read(&block[4..], pictures)),
                6 => drop(picture::flac(&mut apart, &block[4..])),
                _ => {}
            }
            packet = if block[0] & 0x80 == 0 { packets.next()? } else { None };
        }
        out.push(apart);
        return Ok((out, false));
    }
    Ok((Vec::new(), false))
}

/// The packets of the first stream of an Ogg file.
struct Packets<'a> {
    source: &'a Source,
    at: u64,
    serial: Option<[u8; 4]>,
    steps: usize,
    /// An incomplete packet.
    pending: Vec<u8>,
    /// Complete packets, in reverse order.
    ready: Vec<Vec<u8>>,
}

impl Packets<'_> {
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        while self.ready.is_empty() && self.steps < MAX_STEPS {
            self.steps += 1;
            let head = self.source.bytes(self.at, 27 + 255)?;
            if head.len() < 27 || !head.starts_with(b"OggS") {
                // The part that exists of a truncated packet.
                return Ok(Some(std::mem::take(&mut self.pending)).filter(|packet| !packet.is_empty()));
            }
            let count = usize::from(head[26]);
            let lacing = head.get(27..27 + count).unwrap_or_default();
            let size: u64 = lacing.iter().map(|b| u64::from(*b)).sum();
            let body = self.source.bytes(self.at + 27 + count as u64, size)?;
            self.at += 27 + count as u64 + size;
            let serial = [head[14], head[15], head[16], head[17]];
            if *self.serial.get_or_insert(serial) != serial {
                continue;
            }
            let mut rest = &body[..];
            for &lace in lacing {
                let (part, behind) = rest.split_at(usize::from(lace).min(rest.len()));
                rest = behind;
                if self.pending.len() < MAX_PACKET {
                    self.pending.extend(part);
                }
                if lace < 255 {
                    self.ready.insert(0, std::mem::take(&mut self.pending));
                }
            }
        }
        Ok(self.ready.pop())
    }
}
