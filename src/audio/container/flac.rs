//! Native FLAC (RFC 9639): the audio lies between the last metadata block and any trailing ID3v1.

use super::bytes::{Bytes, be, check};
use super::mpeg;
use super::payload::Payload;
use crate::audio::AudioError;

/// The most metadata blocks examined.
const MAX_BLOCKS: usize = 1024;

/// The bytes at the end of the file in which the last frame is searched. An incompressible frame of 65,535 samples, 8
/// channels and 24 bits would be longer, but no encoder writes any.
const TAIL: u64 = 256 * 1024;

/// The properties of a FLAC stream before decoding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::audio) struct Stream {
    pub rate: u32,
    pub channels: u16,
    /// Samples per channel, 0 if unknown.
    pub length: u64,
    /// Offsets of its start, of its first frame, and of the end of its frames, in bytes.
    pub start: u64,
    pub at: u64,
    pub end: u64,
    /// MD5 sum of the samples; zeros if the encoder did not compute one.
    pub sum: [u8; 16],
}

/// Reads the metadata blocks of a stream that begins at `start`.
pub(in crate::audio) fn stream(bytes: &Bytes<'_>, start: u64) -> Result<Stream, AudioError> {
    let mut at = start + 4;
    let mut info = None;
    for _ in 0..MAX_BLOCKS {
        let header: [u8; 4] = bytes.exactly(at)?;
        let len = be(&header[1..]);
        if header[0] & 0x7f == 0 {
            // STREAMINFO: 16 bits of shortest and of longest block, 24 of shortest and of longest frame, 20 of rate, 3 of
            // channels − 1, 5 of depth − 1, 36 of samples; then the MD5 sum of the samples.
            let body: [u8; 34] = bytes.exactly(at + 4)?;
            let packed = be(&body[10..18]);
            let (rate, channels) = ((packed >> 44) as u32, ((packed >> 41) & 7) as u16 + 1);
            let mut sum = [0; 16];
            sum.copy_from_slice(&body[18..]);
            info = Some((rate, channels, packed & 0xf_ffff_ffff, (be(&body[..2]), be(&body[2..4])), sum));
        }
        at += 4 + len;
        if header[0] & 0x80 != 0 {
            let (rate, channels, said, blocks, sum) =
                info.ok_or_else(|| AudioError::Broken("flac without STREAMINFO".into()))?;
            check(rate, channels)?;
            let end = mpeg::before_trailing_tags(bytes)?.max(at);
            // An encoder that writes to a pipe does not know the number of samples.
            let length = if said == 0 { last_sample(bytes, at, end, blocks)? } else { said };
            return Ok(Stream { rate, channels, length, start, at, end, sum });
        }
    }
    Err(AudioError::Broken("too many flac metadata blocks".into()))
}

/// The position in samples at which the last frame of a stream ends; 0 if none is found.
fn last_sample(bytes: &Bytes<'_>, at: u64, end: u64, blocks: (u64, u64)) -> Result<u64, AudioError> {
    let from = end.saturating_sub(TAIL).max(at);
    let window = bytes.up_to(from, (end - from) as usize)?;
    let frames = memchr::memrchr_iter(0xff, &window).filter_map(|i| Some((i, header(&window[i..], blocks)?)));
    let mut cut = 0;
    for (i, sample) in frames.take(8) {
        // A complete frame ends with its checksum.
        if crc(&window[i..], 16, 0x8005) == 0 {
            return Ok(sample.1);
        }
        if cut == 0 {
            cut = sample.0;
        }
    }
    Ok(cut)
}

/// The first sample of the frame with this header, and the first after it.
fn header(b: &[u8], (least, most): (u64, u64)) -> Option<(u64, u64)> {
    if b.len() < 6 || b[0] != 0xff || b[1] & 0xfe != 0xf8 || b[2] & 15 == 15 || b[3] & 1 != 0 || b[3] >> 4 > 10 {
        return None;
    }
    // The number is encoded like UTF-8, in up to seven bytes.
    let ones = b[4].leading_ones() as usize;
    let more = match ones {
        0 => 0,
        2..=7 => ones - 1,
        _ => return None,
    };
    let mut number = if ones == 0 { u64::from(b[4]) } else { u64::from(b[4]) & ((1 << (7 - ones)) - 1) };
    for &next in b.get(5..5 + more)? {
        number = if next & 0xc0 == 0x80 { number << 6 | u64::from(next & 0x3f) } else { return None };
    }
    let mut at = 5 + more;
    let mut field = |len: usize| {
        let value = b.get(at..at + len).map(be);
        at += len;
        value
    };
    let size = match b[2] >> 4 {
        0 => return None,
        1 => 192,
        n @ 2..=5 => 576 << (n - 2),
        6 => field(1)? + 1,
        7 => field(2)? + 1,
        n => 256 << (n - 8),
    };
    match b[2] & 15 {
        12 => drop(field(1)?),
        13 | 14 => drop(field(2)?),
        _ => {}
    }
    if crc(b.get(..at + 1)?, 8, 0x07) != 0 {
        return None;
    }
    // Frames are numbered if all blocks but the last have the same size, otherwise samples.
    let first = if b[1] & 1 == 0 { number.checked_mul(least)? } else { number };
    (size <= most.max(least) && first < 1 << 36).then_some((first, first + size))
}

/// A checksum of the given number of bits; 0 if the bytes end with the correct checksum.
fn crc(bytes: &[u8], bits: u32, polynomial: u16) -> u16 {
    let (top, shift) = (1u16 << (bits - 1), bits - 8);
    let mask = u16::MAX >> (16 - bits);
    bytes.iter().fold(0, |sum: u16, &byte| {
        let sum = sum ^ u16::from(byte) << shift;
        (0..8).fold(sum, |sum, _| if sum & top != 0 { sum << 1 ^ polynomial } else { sum << 1 }) & mask
    })
}

pub(super) fn payload(bytes: &Bytes<'_>, start: u64) -> Result<Payload, AudioError> {
    let stream = stream(bytes, start)?;
    let secs = stream.length as f64 / f64::from(stream.rate.max(1));
    let ranges = [(stream.at, stream.end - stream.at)];
    Payload::summed(bytes, ("flac", stream.rate, stream.channels), secs, &ranges, &stream.sum)
}
