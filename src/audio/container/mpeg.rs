//! MPEG audio (mp1–mp3) and ADTS: a row of frames between tags at both ends.

use super::{Bytes, Payload, be};
use crate::audio::AudioError;

/// How far in the first frame may lie behind junk, and how much is walked to find the average frame, in bytes.
const LOOK: usize = 64 * 1024;

/// The most frames of a tag that are looked at.
const MAX_FRAMES: usize = 1024;

/// Where a file's content begins: behind ID3v2 (also several) and a leading APEv2.
pub(super) fn after_id3v2(bytes: &Bytes<'_>) -> Result<u64, AudioError> {
    let mut at = 0;
    for _ in 0..16 {
        let head = bytes.up_to(at, 32)?;
        if head.len() >= 10 && &head[..3] == b"ID3" && head[6..10].iter().all(|b| b & 0x80 == 0) {
            let size = head[6..10].iter().fold(0, |n, &b| n << 7 | u64::from(b));
            let footer = if head[5] & 0x10 != 0 { 10 } else { 0 };
            at += 10 + size + footer;
        } else if head.len() == 32 && &head[..8] == b"APETAGEX" {
            at += 32 + super::le(&head[12..16]);
        } else {
            break;
        }
    }
    // Padding behind a tag is not sound.
    Ok(if at < bytes.size { at } else { 0 })
}

/// What iTunes says in a comment of the file's ID3v2 tag: delay, padding and length in samples, the decoder's own delay
/// not among them.
pub(in crate::audio) fn itunes(bytes: &Bytes<'_>) -> Result<Option<(u64, u64, u64)>, AudioError> {
    let head = bytes.up_to(0, 10)?;
    if head.len() < 10 || &head[..3] != b"ID3" || head[6..10].iter().any(|b| b & 0x80 != 0) {
        return Ok(None);
    }
    let seven = |b: &[u8]| b.iter().fold(0, |n, &b| n << 7 | u64::from(b));
    let (version, end) = (head[3], 10 + seven(&head[6..10]));
    // Version 2.2 has names and sizes of three bytes.
    let (name, header) = if version == 2 { (3, 6) } else { (4, 10) };
    let mut at = 10;
    for _ in 0..MAX_FRAMES {
        let frame = bytes.up_to(at, header)?;
        if at + header as u64 >= end || frame.len() < header || frame[0] == 0 {
            break;
        }
        let size = if version == 4 { seven(&frame[4..8]) } else { be(&frame[name..2 * name]) };
        at += header as u64;
        if matches!(&frame[..name], b"COM" | b"COMM") {
            let body = bytes.up_to(at, size.min(512) as usize)?;
            // Written in one byte a letter or in two: what is no letter of these words falls out.
            let text: Vec<u8> = body.iter().copied().filter(|b| b.is_ascii_graphic() || *b == b' ').collect();
            if let Some(found) = text.windows(8).position(|w| w == b"iTunSMPB") {
                return Ok(super::itunes_words(&text[found + 8..]));
            }
        }
        at += size;
    }
    Ok(None)
}

/// Where a file's content ends: before ID3v1 (and its "TAG+"), Lyrics3, APEv2 and an appended ID3v2.
pub(super) fn before_trailing_tags(bytes: &Bytes<'_>) -> Result<u64, AudioError> {
    let mut end = bytes.size;
    for _ in 0..8 {
        let cut = trailing_tag(bytes, end)?;
        if cut == 0 || cut > end {
            break;
        }
        end -= cut;
    }
    Ok(end)
}

/// Length of the tag that ends at `end`, 0 when there is none.
fn trailing_tag(bytes: &Bytes<'_>, end: u64) -> Result<u64, AudioError> {
    let back = |n: u64, len: usize| match end.checked_sub(n) {
        Some(at) => bytes.up_to(at, len),
        None => Ok(Vec::new()),
    };
    if back(128, 3)? == b"TAG" {
        return Ok(if back(128 + 227, 4)? == b"TAG+" { 128 + 227 } else { 128 });
    }
    let ape = back(32, 32)?;
    if ape.starts_with(b"APETAGEX") {
        // The size counts items and footer; a flag says whether there is a header too.
        let header = if ape[23] & 0x80 != 0 { 32 } else { 0 };
        return Ok(super::le(&ape[12..16]) + header);
    }
    let id3 = back(10, 10)?;
    if id3.starts_with(b"3DI") && id3[6..10].iter().all(|b| b & 0x80 == 0) {
        return Ok(20 + id3[6..10].iter().fold(0, |n, &b| n << 7 | u64::from(b)));
    }
    let lyrics = back(15, 15)?;
    if lyrics.ends_with(b"LYRICS200") {
        let size = std::str::from_utf8(&lyrics[..6]).ok().and_then(|s| s.parse::<u64>().ok());
        return Ok(size.map_or(0, |s| s + 15));
    }
    if lyrics.ends_with(b"LYRICSEND") {
        let text = back(5100.min(end), 5100)?;
        let begin = text.windows(11).position(|w| w == b"LYRICSBEGIN");
        return Ok(begin.map_or(0, |p| 5100.min(end) - p as u64));
    }
    Ok(0)
}

/// What a frame header says.
#[derive(Clone, Copy, PartialEq)]
struct Frame {
    codec: &'static str,
    rate: u32,
    channels: u16,
    /// Samples per channel in a frame.
    samples: u64,
    /// Bytes of a frame, header included.
    len: usize,
    /// MPEG 1, not 2 or 2.5.
    first: bool,
}

impl Frame {
    /// Whether two frames can belong to one stream.
    fn matches(&self, other: &Frame) -> bool {
        (self.codec, self.rate, self.samples) == (other.codec, other.rate, other.samples)
    }

    fn parse(b: &[u8]) -> Option<Frame> {
        if b.len() < 7 || b[0] != 0xff || b[1] & 0xe0 != 0xe0 {
            return None;
        }
        if b[1] & 0xf6 == 0xf0 { Frame::adts(b) } else { Frame::mpeg(b) }
    }

    fn adts(b: &[u8]) -> Option<Frame> {
        const RATES: [u32; 13] =
            [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
        let rate = *RATES.get(usize::from(b[2] >> 2 & 15))?;
        let channels = match u16::from((b[2] & 1) << 2 | b[3] >> 6) {
            0 => 2,
            7 => 8,
            n => n,
        };
        let len = usize::from(b[3] & 3) << 11 | usize::from(b[4]) << 3 | usize::from(b[5] >> 5);
        let samples = 1024 * (u64::from(b[6] & 3) + 1);
        (len > 7).then_some(Frame { codec: "aac", rate, channels, samples, len, first: true })
    }

    fn mpeg(b: &[u8]) -> Option<Frame> {
        const RATES: [u32; 3] = [44_100, 48_000, 32_000];
        // kbit/s by index, for (MPEG 1 layers I, II, III) and (MPEG 2 layer I; layers II and III).
        const BITS: [[u16; 15]; 5] = [
            [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
            [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
            [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
            [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
            [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
        ];
        let (version, layer) = (b[1] >> 3 & 3, 4 - usize::from(b[1] >> 1 & 3));
        if version == 1 || layer == 4 {
            return None;
        }
        let first = version == 3;
        let table = match (first, layer) {
            (true, n) => n - 1,
            (false, 1) => 3,
            (false, _) => 4,
        };
        let kbits = usize::from(*BITS[table].get(usize::from(b[2] >> 4)).filter(|&&k| k > 0)?);
        let shift = [2, 0, 1, 0][usize::from(version)];
        let rate = RATES.get(usize::from(b[2] >> 2 & 3))? >> shift;
        let padding = usize::from(b[2] >> 1 & 1);
        let samples = match (layer, first) {
            (1, _) => 384,
            (3, false) => 576,
            _ => 1152,
        };
        let len = match layer {
            1 => (12_000 * kbits / rate as usize + padding) * 4,
            _ => samples as usize / 8 * 1000 * kbits / rate as usize + padding,
        };
        let codec = ["mp1", "mp2", "mp3"][layer - 1];
        Some(Frame { codec, rate, channels: if b[3] >> 6 == 3 { 1 } else { 2 }, samples, len, first })
    }
}

pub(super) fn payload(bytes: &Bytes<'_>, start: u64) -> Result<Payload, AudioError> {
    let window = bytes.up_to(start, 2 * LOOK)?;
    let unknown = || AudioError::Unsupported("no known format in its first bytes".into());
    let (skip, frame) = first_frame(&window).ok_or_else(unknown)?;
    let begin = start + skip as u64;
    let end = before_trailing_tags(bytes)?.max(begin);
    let window = &window[skip..];
    let said = match header_samples(window, &frame) {
        Some((samples, true)) => Some(samples),
        // Counted, but not how much of it is the encoder's run-in: iTunes says that elsewhere.
        other => itunes(bytes)?.map(|(_, _, valid)| valid).or(other.map(|(samples, _)| samples)),
    };
    let secs = match said {
        Some(samples) => samples as f64 / f64::from(frame.rate),
        None => {
            // No count of frames: as many as there would be if all were like those at the front.
            let (frames, len) = walk(window, &frame);
            (end - begin) as f64 / len.max(1) as f64 * (frames * frame.samples) as f64 / f64::from(frame.rate)
        }
    };
    bytes.payload((frame.codec, frame.rate, frame.channels), secs, &[(begin, end - begin)])
}

/// The first frame that another like it follows (or the end of the file).
fn first_frame(window: &[u8]) -> Option<(usize, Frame)> {
    (0..window.len().min(LOOK)).find_map(|at| {
        let frame = Frame::parse(&window[at..])?;
        let next = window.get(at + frame.len..)?;
        let follows = next.len() < 7 && at == 0 || Frame::parse(next).is_some_and(|n| n.matches(&frame));
        follows.then_some((at, frame))
    })
}

/// How many frames stand in a row at the front of `window`, and how many bytes they fill.
fn walk(window: &[u8], first: &Frame) -> (u64, usize) {
    let (mut at, mut frames) = (0, 0);
    while let Some(frame) = window.get(at..).and_then(Frame::parse).filter(|f| f.matches(first)) {
        if at + frame.len > window.len() {
            break;
        }
        at += frame.len;
        frames += 1;
    }
    (frames, at)
}

/// The length in samples that a Xing, Info or VBRI header states, LAME's delay and padding taken off as
/// [`crate::audio::decode`] does, and whether they were stated.
fn header_samples(window: &[u8], frame: &Frame) -> Option<(u64, bool)> {
    if frame.codec != "mp3" {
        return None;
    }
    let side = match (frame.first, frame.channels) {
        (true, 2) => 32,
        (false, 1) => 9,
        _ => 17,
    };
    let field = |at: usize, len: usize| window.get(at..at + len);
    let xing = 4 + side;
    if matches!(field(xing, 4)?, b"Xing" | b"Info") {
        let flags = be(field(xing + 4, 4)?);
        let frames = if flags & 1 != 0 { be(field(xing + 8, 4)?) } else { return None };
        let sizes = [(1, 4), (2, 4), (4, 100), (8, 4)];
        let lame = xing + 8 + sizes.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, n)| n).sum::<usize>();
        let trim = match field(lame, 24) {
            Some(tag) if matches!(&tag[..4], b"LAME" | b"Lavf" | b"Lavc") => {
                let (delay, padding) = (be(&tag[21..24]) >> 12, be(&tag[21..24]) & 0xfff);
                529 + delay + padding.saturating_sub(529)
            }
            _ => 0,
        };
        return Some(((frames * frame.samples).saturating_sub(trim), trim > 0));
    }
    if field(36, 4)? == b"VBRI" {
        return Some((be(field(36 + 14, 4)?) * frame.samples, false));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Frame;

    #[test]
    fn headers() {
        let frame = Frame::parse(&[0xff, 0xfb, 0x90, 0x00, 0, 0, 0]).unwrap();
        assert_eq!((frame.codec, frame.rate, frame.channels, frame.samples, frame.len), ("mp3", 44_100, 2, 1152, 417));
        let frame = Frame::parse(&[0xff, 0xf3, 0x40, 0xc0, 0, 0, 0]).unwrap();
        assert_eq!((frame.rate, frame.channels, frame.samples, frame.len), (22_050, 1, 576, 104));
        let frame = Frame::parse(&[0xff, 0xf1, 0x50, 0x80, 0x20, 0x1f, 0xfc]).unwrap();
        assert_eq!((frame.codec, frame.rate, frame.channels, frame.len), ("aac", 44_100, 2, 256));
        assert!(Frame::parse(&[0xff; 7]).is_none() && Frame::parse(&[0xff, 0xfb]).is_none());
    }
}
