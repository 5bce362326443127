//! Frame headers of MPEG audio (mp1, mp2, mp3) and ADTS, and iterating over the frames of a file.

use super::bytes::{Bytes, be, le};
use crate::audio::AudioError;

/// Number of bytes read at a time.
const WINDOW: usize = 128 * 1024;
/// Bytes needed to parse the longest frame header.
const HEADER: usize = 10;

/// Sample rates of AAC in Hz, by their index (ISO 14496-3 table 1.18).
pub(in crate::audio) const AAC_RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// The fields of a frame header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::audio) struct Frame {
    /// Short name of the codec.
    pub codec: &'static str,
    /// Sample rate in Hz.
    pub rate: u32,
    /// Number of channels.
    pub channels: u16,
    /// Samples per channel.
    pub samples: u64,
    /// Length in bytes, header included.
    pub len: usize,
    /// Leading bytes that the decoder must not get: the header of an ADTS frame.
    pub envelope: usize,
    /// MPEG 1 (not 2 or 2.5).
    pub first: bool,
    /// Bit rate in kbit/s; 0 for ADTS, which does not state one.
    pub kbits: u16,
    /// ADTS only: the number of channels is stated by a program configuration in the packets, and `channels` is a
    /// guess.
    pub program: bool,
}

impl Frame {
    /// Whether two frames can belong to one stream; the number of channels may differ.
    pub fn matches(&self, other: &Frame) -> bool {
        (self.codec, self.rate, self.samples) == (other.codec, other.rate, other.samples)
    }

    /// Whether one decoder can decode both.
    pub fn is_like(&self, other: &Frame) -> bool {
        self.matches(other) && self.channels == other.channels
    }

    /// Parses the frame header at the start of `b`.
    pub fn parse(b: &[u8]) -> Option<Frame> {
        if b.len() < 7 || b[0] != 0xff || b[1] & 0xe0 != 0xe0 {
            return None;
        }
        if b[1] & 0xf6 == 0xf0 { Frame::adts(b) } else { Frame::mpeg(b) }
    }

    fn adts(b: &[u8]) -> Option<Frame> {
        let rate = *AAC_RATES.get(usize::from(b[2] >> 2 & 15))?;
        let layout = u16::from((b[2] & 1) << 2 | b[3] >> 6);
        let channels = match layout {
            0 => 2,
            7 => 8,
            n => n,
        };
        let len = usize::from(b[3] & 3) << 11 | usize::from(b[4]) << 3 | usize::from(b[5] >> 5);
        let samples = 1024 * (u64::from(b[6] & 3) + 1);
        let envelope = if b[1] & 1 == 0 { 9 } else { 7 };
        (len > envelope).then_some(Frame {
            codec: "aac",
            rate,
            channels,
            samples,
            len,
            envelope,
            first: true,
            kbits: 0,
            program: layout == 0,
        })
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
        let kbits = *BITS[table].get(usize::from(b[2] >> 4)).filter(|&&k| k > 0)?;
        let shift = [2, 0, 1, 0][usize::from(version)];
        let rate = RATES.get(usize::from(b[2] >> 2 & 3))? >> shift;
        let padding = usize::from(b[2] >> 1 & 1);
        let samples = match (layer, first) {
            (1, _) => 384,
            (3, false) => 576,
            _ => 1152,
        };
        let len = match layer {
            1 => (12_000 * usize::from(kbits) / rate as usize + padding) * 4,
            _ => samples as usize / 8 * 1000 * usize::from(kbits) / rate as usize + padding,
        };
        let codec = ["mp1", "mp2", "mp3"][layer - 1];
        let channels = if b[3] >> 6 == 3 { 1 } else { 2 };
        Some(Frame { codec, rate, channels, samples, len, envelope: 0, first, kbits, program: false })
    }
}

/// Iterates over frames, skipping whatever lies between them (tags, pictures, damage).
#[derive(Clone, Debug)]
pub(in crate::audio) struct Walk {
    at: u64,
    end: u64,
    /// The last frame found, and whether `at` is directly after it.
    last: Option<Frame>,
    synced: bool,
    window: Vec<u8>,
    from: u64,
}

impl Walk {
    /// Starts at offset `at`; stops at `end`. `like` is a frame of the same stream.
    pub fn new(at: u64, end: u64, like: Option<Frame>) -> Walk {
        Walk { at, end, last: like, synced: false, window: Vec::new(), from: 0 }
    }

    /// Moves to an offset where a frame like the last one is known to begin.
    pub fn go_to(&mut self, at: u64) {
        (self.at, self.synced) = (at, self.last.is_some());
    }

    /// The offset after the last frame.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// The next frame and its offset.
    pub fn next(&mut self, bytes: &Bytes<'_>) -> Result<Option<(u64, Frame)>, AudioError> {
        while self.at + 7 <= self.end {
            let at = self.at;
            let last = self.last;
            let found = Frame::parse(self.look(bytes, at, HEADER)?).filter(|f| {
                at + f.len as u64 <= self.end && last.is_none_or(|l| (l.codec == "aac") == (f.codec == "aac"))
            });
            if let Some(frame) = found {
                let stop = at + frame.len as u64;
                // Three header bytes match random data easily: a frame is accepted only if a matching one came directly
                // before it or comes directly after it.
                if self.synced && last.is_some_and(|l| l.matches(&frame)) || self.follows(bytes, stop, &frame)? {
                    (self.at, self.last, self.synced) = (stop, Some(frame), true);
                    return Ok(Some((at, frame)));
                }
            }
            self.synced = false;
            let tag = tag_length(self.look(bytes, at, 32)?);
            self.at = match tag {
                0 => {
                    let ahead = self.look(bytes, at + 1, WINDOW / 2)?;
                    at + 1 + memchr::memchr3(0xff, b'I', b'A', ahead).unwrap_or(ahead.len().max(1)) as u64
                }
                length => at.saturating_add(length),
            };
        }
        Ok(None)
    }

    /// The Xing, Info or VBRI header in a frame, if there is one.
    pub fn head(&mut self, bytes: &Bytes<'_>, at: u64, frame: &Frame) -> Result<Option<Head>, AudioError> {
        Ok(if frame.codec == "mp3" { Head::read(self.look(bytes, at, 256)?, frame) } else { None })
    }

    /// Whether the bytes at `stop` can follow a frame: another frame of its stream, a tag, or the end.
    fn follows(&mut self, bytes: &Bytes<'_>, stop: u64, frame: &Frame) -> Result<bool, AudioError> {
        if stop + 7 > self.end {
            return Ok(true);
        }
        let next = self.look(bytes, stop, 32)?;
        Ok(Frame::parse(next).is_some_and(|n| n.matches(frame)) || tag_length(next) > 0)
    }

    /// Up to `len` bytes starting at `at`.
    fn look(&mut self, bytes: &Bytes<'_>, at: u64, len: usize) -> Result<&[u8], AudioError> {
        let held = self.from..self.from + self.window.len() as u64;
        let wanted = (at + len as u64).min(bytes.size);
        if !held.contains(&at) || wanted > held.end {
            let ahead = usize::try_from(self.end.saturating_sub(at)).unwrap_or(WINDOW);
            (self.window, self.from) = (bytes.up_to(at, WINDOW.min(ahead).max(len))?, at);
        }
        let start = ((at - self.from) as usize).min(self.window.len());
        Ok(&self.window[start..(start + len).min(self.window.len())])
    }
}

/// The length of the tag (as found between joined files) that starts with these bytes; 0 if there is none.
fn tag_length(head: &[u8]) -> u64 {
    if head.len() >= 10 && head.starts_with(b"ID3") && head[3] < 0xff && head[6..10].iter().all(|b| b & 0x80 == 0) {
        let footer = if head[5] & 0x10 != 0 { 10 } else { 0 };
        return 10 + footer + head[6..10].iter().fold(0, |n, &b| n << 7 | u64::from(b));
    }
    if head.starts_with(b"TAG") {
        return 128;
    }
    if head.len() >= 32 && head.starts_with(b"APETAGEX") {
        // The size excludes the header; that of a footer counts the bytes before it.
        return if head[23] & 0x20 != 0 { 32 + le(&head[12..16]) } else { 32 };
    }
    0
}

/// A Xing, Info or VBRI header, which occupies a frame of its own that holds no audio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::audio) struct Head {
    /// Number of frames after it.
    pub frames: u64,
    /// Bytes of all frames including it; 0 if not stated.
    pub bytes: u64,
    /// Samples to drop at the front and at the back, if stated by an encoder that is known to be reliable.
    pub trim: Option<(u64, u64)>,
}

impl Head {
    /// Whether the mean frame length that it implies is possible.
    pub fn is_plausible(&self) -> bool {
        self.bytes.checked_div(self.frames).is_some_and(|mean| (20..=3000).contains(&mean))
    }

    /// Parses the header in a frame; `window` holds the frame's first 256 bytes.
    pub fn read(window: &[u8], frame: &Frame) -> Option<Head> {
        if frame.codec != "mp3" {
            return None;
        }
        let side = match (frame.first, frame.channels) {
            (true, 2) => 32,
            (false, 1) => 9,
            _ => 17,
        };
        let field = |at: usize, len: usize| window.get(at..at + len);
        let silent = |from: usize, to: usize| window.get(from..to).is_some_and(|b| b.iter().all(|&b| b == 0));
        // The frame header may be followed by a checksum.
        let begin = if window.get(1)? & 1 == 0 { 6 } else { 4 };
        let xing = 4 + side;
        if matches!(field(xing, 4)?, b"Xing" | b"Info") && silent(begin, xing) {
            let flags = be(field(xing + 4, 4)?);
            let mut at = xing + 8;
            let mut number = |bit: u64, len: usize| {
                let here = if flags & bit != 0 { Some(at) } else { None };
                at += if flags & bit != 0 { len } else { 0 };
                here.and_then(|at| field(at, 4)).map_or(0, be)
            };
            let (frames, bytes) = (number(1, 4), number(2, 4));
            number(4, 100);
            number(8, 4);
            let trim = field(at, 24).filter(|tag| matches!(&tag[..4], b"LAME" | b"Lavf" | b"Lavc")).map(|tag| {
                let (delay, padding) = (be(&tag[21..24]) >> 12, be(&tag[21..24]) & 0xfff);
                // 528 + 1 samples are the decoder's own delay.
                (529 + delay, padding.saturating_sub(529))
            });
            return Some(Head { frames, bytes, trim });
        }
        if field(36, 4)? == b"VBRI" && silent(begin, 36) {
            return Some(Head { frames: be(field(36 + 14, 4)?), bytes: be(field(36 + 10, 4)?), trim: None });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_walk_steps_over_tags_and_damage() {
        let dir = tempfile::tempdir().unwrap();
        let frame = |kbits: u8| {
            let mut frame = vec![0; if kbits == 9 { 417 } else { 365 }];
            frame[..4].copy_from_slice(&[0xff, 0xfb, kbits << 4, 0]);
            frame
        };
        // A tag whose picture looks like frames, damage that contains a false frame header, and an old tag.
        let mut id3 = b"ID3\x03\0\0\0\0\x08\0".to_vec();
        id3.extend(frame(9).repeat(3));
        id3.resize(10 + 1024, 0);
        let junk = [&[0x55; 100][..], &[0xff, 0xfb, 0x90, 0], &[0x55; 900]].concat();
        let mut old = b"TAG".to_vec();
        old.resize(128, b' ');
        let parts = [frame(9).repeat(3), id3, frame(9).repeat(2), junk, frame(8).repeat(4), old, frame(9).repeat(2)];
        let path = crate::audio::fixture::write(dir.path(), "a.mp3", &parts.concat());
        let (file, size) = super::super::open(&path).unwrap();
        let bytes = Bytes::new(&file, size);
        let mut walk = Walk::new(0, size, None);
        let mut found = Vec::new();
        while let Some((_, frame)) = walk.next(&bytes).unwrap() {
            found.push(frame.len);
        }
        assert_eq!(found, [[417; 5].as_slice(), &[365; 4], &[417; 2]].concat());
    }
}
