//! MPEG audio (mp1, mp2, mp3) and ADTS: a sequence of frames between tags at both ends.

use super::bytes::{Bytes, be, itunes_words, le};
use super::frame::{Frame, Head, Walk};
use super::payload::Payload;
use crate::audio::AudioError;

/// How much junk may precede the first frame, in bytes: with one matching frame after it, and with three.
const LOOK: usize = 64 * 1024;
const FAR: u64 = 1 << 20;
/// A header is trusted if the file is at most this many bytes longer than it states.
const SLACK: u64 = 4096;
/// In a headerless file of at most this many bytes, all frames are counted, even at constant bit rate.
const COUNTED: u64 = 4 << 20;
/// The most bytes whose frames are counted; the rest is extrapolated.
const MOST: u64 = 256 << 20;
/// Number of places where frames are sampled, and bytes examined at each.
const SPOTS: u64 = 24;
const SPOT: u64 = 16 * 1024;
/// The most runs in a file.
const MAX_RUNS: usize = 4096;

/// The most ID3v2 frames examined in a tag.
const MAX_FRAMES: usize = 1024;

/// Offset at which the content begins: after any ID3v2 tags and leading APEv2 tags.
pub(super) fn after_id3v2(bytes: &Bytes<'_>) -> Result<u64, AudioError> {
    let mut at = 0;
    for _ in 0..16 {
        let head = bytes.up_to(at, 32)?;
        if head.len() >= 10 && &head[..3] == b"ID3" && head[6..10].iter().all(|b| b & 0x80 == 0) {
            let size = head[6..10].iter().fold(0, |n, &b| n << 7 | u64::from(b));
            let footer = if head[5] & 0x10 != 0 { 10 } else { 0 };
            at += 10 + size + footer;
        } else if head.len() == 32 && &head[..8] == b"APETAGEX" {
            at += 32 + le(&head[12..16]);
        } else {
            break;
        }
    }
    // A tag that claims to reach the end of the file is ignored: the search starts at 0.
    Ok(if at < bytes.size { at } else { 0 })
}

/// The iTunSMPB comment of the file's ID3v2 tag: delay, padding and length in samples; the delay excludes the decoder's
/// own.
pub(in crate::audio) fn itunes(bytes: &Bytes<'_>) -> Result<Option<(u64, u64, u64)>, AudioError> {
    let head = bytes.up_to(0, 10)?;
    if head.len() < 10 || &head[..3] != b"ID3" || head[6..10].iter().any(|b| b & 0x80 != 0) {
        return Ok(None);
    }
    let seven = |b: &[u8]| b.iter().fold(0, |n, &b| n << 7 | u64::from(b));
    let (version, end) = (head[3], 10 + seven(&head[6..10]));
    // In ID3v2.2, frame names and sizes have three bytes.
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
            // The text is Latin-1 or UTF-16: dropping everything but printable ASCII handles both.
            let text: Vec<u8> = body.iter().copied().filter(|b| b.is_ascii_graphic() || *b == b' ').collect();
            if let Some(found) = text.windows(8).position(|w| w == b"iTunSMPB") {
                return Ok(itunes_words(&text[found + 8..]));
            }
        }
        at += size;
    }
    Ok(None)
}

/// Offset at which the content ends: before ID3v1 (and its "TAG+"), Lyrics3, APEv2 and an appended ID3v2.
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
        return Ok(le(&ape[12..16]) + header);
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

/// Consecutive frames that one decoder can decode.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::audio) struct Run {
    /// Offset of the first frame and of the end of the last one, in bytes.
    pub start: u64,
    pub end: u64,
    /// One of its frames.
    pub frame: Frame,
    /// Samples per channel to drop at the front: encoder delay plus decoder delay.
    pub skip: u64,
    /// Samples per channel of music after these.
    pub length: u64,
    /// Whether start and end of the music are stated in the file.
    pub stated: bool,
}

/// The layout of the audio in an MPEG audio or ADTS file.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::audio) struct Layout {
    /// Several where files were joined, or where sample rate or channel count changes; never empty.
    pub runs: Vec<Run>,
    /// Whether the lengths are counted or stated, rather than estimated.
    pub exact: bool,
    /// The first frame (possibly a header frame without audio), its offset, and the offset of the trailing tags.
    pub first: Frame,
    pub begin: u64,
    pub end: u64,
}

impl Layout {
    /// Duration in seconds.
    pub fn secs(&self) -> f64 {
        self.runs.iter().map(|run| run.length as f64 / f64::from(run.frame.rate.max(1))).sum()
    }
}

/// Determines the layout of an MPEG audio file whose leading tags end at `start`.
///
/// A header's frame count is trusted if the file is as long as the header states and the frames have the mean length
/// that the count implies. Otherwise all frames are counted, which reads the whole file; the length of a long
/// headerless file of constant bit rate is estimated from its size instead.
///
/// # Errors
/// When it cannot be read, or is not MPEG audio.
pub(in crate::audio) fn layout(bytes: &Bytes<'_>, start: u64) -> Result<Layout, AudioError> {
    let unknown = || AudioError::Unsupported("no known format in its first bytes".into());
    let (begin, frame) = find(bytes, start)?.ok_or_else(unknown)?;
    let behind = begin + frame.len as u64;
    // A trailing tag that claims the first frame too is not believed.
    let end = Some(before_trailing_tags(bytes)?).filter(|&end| end >= behind).unwrap_or(bytes.size.max(begin));
    let len = end - begin;
    let head = Head::read(&bytes.up_to(begin, 256)?, &frame);
    let sound = match &head {
        Some(head) => is_sound(head, len) && agrees(bytes, behind, end, &frame, head)?,
        None => false,
    };
    let mut layout = if sound && let Some(head) = head {
        let mut run = Run { start: behind, end, frame, skip: 0, length: 0, stated: false };
        run.trim(head.frames, Some(head));
        Layout { runs: vec![run], exact: true, first: frame, begin, end }
    } else if head.is_none()
        && len > COUNTED
        && let Some(each) = constant(bytes, begin, end, &frame)?
    {
        let length = (len as f64 / each * frame.samples as f64) as u64;
        let run = Run { start: begin, end, frame, skip: 0, length, stated: false };
        Layout { runs: vec![run], exact: false, first: frame, begin, end }
    } else {
        count(bytes, begin, end, frame)?
    };
    if let [run] = &mut layout.runs[..]
        && !run.stated
        && frame.codec == "mp3"
        && let Some((delay, _, valid)) = itunes(bytes)?.filter(|(_, _, valid)| (1..1 << 40).contains(valid))
    {
        (run.skip, run.length, run.stated) = (delay.min(1 << 20) + 529, valid, true);
        layout.exact = true;
    }
    Ok(layout)
}

impl Run {
    /// Sets `skip` and `length` for a run of `frames` frames, excluding the padding that a header states.
    fn trim(&mut self, frames: u64, head: Option<Head>) {
        let all = frames.saturating_mul(self.frame.samples);
        let trim = head.and_then(|head| {
            // A truncated file has lost the padding at its end.
            let short = head.bytes > self.end.saturating_sub(self.start) + 2 * self.frame.len as u64;
            let cut = frames < head.frames && short && head.is_plausible();
            head.trim.map(|(front, back)| (front, if cut { 0 } else { back }))
        });
        let (front, back) = trim.unwrap_or((0, 0));
        (self.skip, self.length, self.stated) = (front, all.saturating_sub(front + back), trim.is_some());
    }
}

/// Whether a header is consistent with a file of `len` bytes. A shorter file counts as truncated.
fn is_sound(head: &Head, len: u64) -> bool {
    head.bytes + SLACK >= len && head.is_plausible()
}

/// Whether the frames are as long as a header's counts of frames and bytes imply. The frames after the header are
/// compared first; an introduction of another bit rate is common, so if they disagree, frames sampled across the whole
/// file decide.
fn agrees(bytes: &Bytes<'_>, begin: u64, end: u64, frame: &Frame, head: &Head) -> Result<bool, AudioError> {
    let implied = head.bytes as f64 / head.frames as f64;
    // The file may end within the header's frame.
    let len = end.saturating_sub(begin);
    for spots in [1, SPOTS] {
        let (mut frames, mut length, mut rate) = (0u32, 0u64, None);
        let mut constant = true;
        for spot in 0..spots {
            let at = begin + len / spots * spot;
            let mut walk = Walk::new(at, end.min(at + SPOT), Some(*frame));
            while let Some((_, found)) = walk.next(bytes)? {
                frames += 1;
                length += found.len as u64;
                constant &= *rate.get_or_insert(found.kbits) == found.kbits;
            }
        }
        // The mean of a sample of variable-bit-rate frames is only approximate.
        let tolerance = if constant { 0.02 } else { 0.25 };
        if frames > 0 && (implied * f64::from(frames) / length as f64 - 1.0).abs() < tolerance {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The mean frame length in bytes if all sampled frames have the same bit rate; otherwise `None`.
fn constant(bytes: &Bytes<'_>, begin: u64, end: u64, frame: &Frame) -> Result<Option<f64>, AudioError> {
    if frame.kbits == 0 {
        return Ok(None);
    }
    let mut same = true;
    for spot in 0..SPOTS {
        let at = begin + (end - begin) / SPOTS * spot;
        let mut walk = Walk::new(at, end.min(at + SPOT), Some(*frame));
        for _ in 0..4 {
            match walk.next(bytes)? {
                Some((_, found)) if found.is_like(frame) && found.kbits == frame.kbits => {
                    same &= found.len == frame.len
                }
                _ => return Ok(None),
            }
        }
    }
    // Frames are padded by a byte now and then to reach the stated bit rate on average; some encoders never pad.
    let mean = frame.samples as f64 / 8.0 * 1000.0 * f64::from(frame.kbits) / f64::from(frame.rate);
    Ok(Some(if same { frame.len as f64 } else { mean }))
}

/// Counts the frames, run by run.
fn count(bytes: &Bytes<'_>, begin: u64, end: u64, first: Frame) -> Result<Layout, AudioError> {
    let mut layout = Layout { runs: Vec::new(), exact: true, first, begin, end };
    let (mut run, mut head, mut frames) = (None::<Run>, None, 0);
    let mut walk = Walk::new(begin, end, Some(first));
    walk.go_to(begin);
    let mut close = |run: &mut Option<Run>, head: Option<Head>, frames: u64| {
        if let Some(mut run) = run.take() {
            run.trim(frames, head);
            layout.runs.push(run);
        }
        layout.runs.len()
    };
    let mut more = None;
    while let Some((at, frame)) = walk.next(bytes)? {
        let found = walk.head(bytes, at, &frame)?;
        if found.is_some() || run.as_ref().is_some_and(|run| !run.frame.is_like(&frame)) {
            if close(&mut run, head, frames) >= MAX_RUNS {
                break;
            }
            (head, frames) = (found, 0);
        }
        if found.is_some() {
            continue;
        }
        let stop = at + frame.len as u64;
        run.get_or_insert(Run { start: at, end: stop, frame, skip: 0, length: 0, stated: false }).end = stop;
        frames += 1;
        if stop - begin > MOST {
            // The rest is extrapolated.
            more = Some((end - stop) as f64 / (stop - begin) as f64);
            if let Some(run) = &mut run {
                run.end = end;
            }
            break;
        }
    }
    close(&mut run, head, frames);
    if let Some(more) = more {
        let secs = layout.secs() * more;
        if let Some(run) = layout.runs.last_mut() {
            run.length += (secs * f64::from(run.frame.rate)) as u64;
        }
        layout.exact = false;
    }
    if layout.runs.is_empty() {
        return Err(AudioError::Broken("no whole frame of sound in it".into()));
    }
    Ok(layout)
}

/// The first frame: one followed by a matching frame, or, after more than [`LOOK`] bytes of junk, by three.
fn find(bytes: &Bytes<'_>, start: u64) -> Result<Option<(u64, Frame)>, AudioError> {
    let window = bytes.up_to(start, 2 * LOOK)?;
    if let Some((skip, frame)) = first_frame(&window) {
        return Ok(Some((start + skip as u64, frame)));
    }
    let from = start + LOOK as u64;
    let mut walk = Walk::new(from, bytes.size.min(from + FAR), None);
    while let Some((at, frame)) = walk.next(bytes)? {
        let mut ahead = walk.clone();
        let mut follows = || -> Result<bool, AudioError> {
            let place = ahead.at();
            Ok(ahead.next(bytes)?.is_some_and(|(at, next)| at == place && next.matches(&frame)))
        };
        if follows()? && follows()? && follows()? {
            return Ok(Some((at, frame)));
        }
    }
    Ok(None)
}

pub(super) fn payload(bytes: &Bytes<'_>, start: u64) -> Result<Payload, AudioError> {
    let layout = layout(bytes, start)?;
    let frame = layout.first;
    let ranges = [(layout.begin, layout.end - layout.begin)];
    Payload::of_ranges(bytes, (frame.codec, frame.rate, frame.channels), layout.secs(), &ranges)
}

/// The first frame followed by a matching frame (or the end of the file).
fn first_frame(window: &[u8]) -> Option<(usize, Frame)> {
    (0..window.len().min(LOOK)).find_map(|at| {
        let frame = Frame::parse(&window[at..])?;
        let next = window.get(at + frame.len..)?;
        let follows = next.len() < 7 && at == 0 || Frame::parse(next).is_some_and(|n| n.matches(&frame));
        follows.then_some((at, frame))
    })
}
