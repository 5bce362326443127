//! Ogg (RFC 3533) with Vorbis, Opus or FLAC: the audio is what the pages after the header packets carry. Page
//! headers take no part in the identity, so renumbering and new checksums (what taggers do) change nothing.

use super::{Bytes, Payload, be, chain, content, le};
use crate::audio::AudioError;
use crate::track::TrackId;

/// The most pages that the headers may fill (64 MiB of pictures).
const MAX_HEADER_PAGES: usize = 4096;
/// The bytes at the end of the file in which the last pages are looked for.
pub(super) const TAIL: u64 = TrackId::EDGE as u64 + 64 * 1024;

/// One page: its place and length in the file, and what its header says.
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
    /// The page that begins at `at`, if one does.
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

pub(super) fn payload(bytes: &Bytes<'_>, start: u64) -> Result<Payload, AudioError> {
    let secs =
        chain::links(bytes, start, false)?.iter().map(|link| link.length as f64 / f64::from(link.rate.max(1))).sum();
    let broken = |what: &str| AudioError::Broken(format!("ogg: {what}"));
    // Every stream opens with a page of its own; take the first one with a codec of ours.
    let mut at = start;
    let (serial, format, mut headers) = loop {
        let page = Page::at(bytes, at)?.ok_or_else(|| broken("no audio stream"))?;
        if page.granule != 0 {
            return Err(AudioError::Unsupported("ogg without vorbis, opus or flac".into()));
        }
        if let Some((format, headers)) = identify(&bytes.up_to(page.body, page.len.min(64) as usize)?) {
            break (page.serial, format, headers);
        }
        at = page.body + page.len;
    };
    // Walk to the page in which the last header packet ends; audio begins on a fresh one.
    for _ in 0..MAX_HEADER_PAGES {
        let page = Page::at(bytes, at)?.ok_or_else(|| broken("headers cut short"))?;
        at = page.body + page.len;
        if page.serial == serial {
            headers = headers.saturating_sub(page.ends);
            if headers == 0 {
                break;
            }
        }
    }
    if headers > 0 {
        return Err(broken("headers without end"));
    }

    let mut head = Vec::new();
    let mut next = at;
    while head.len() < TrackId::EDGE {
        let Some(page) = Page::at(bytes, next)? else { break };
        if page.serial == serial {
            let want = (TrackId::EDGE - head.len()).min(page.len as usize);
            head.extend(bytes.up_to(page.body, want)?);
        }
        next = page.body + page.len;
    }
    if head.is_empty() {
        return Err(broken("no audio in it"));
    }

    let (tail, granule, end) = tail(bytes, at, serial)?;
    let (codec, rate, channels, _) = format;
    super::check(rate, channels)?;
    let content = content::hash(
        end - at,
        false,
        b"",
        (&|from, len| bodies(bytes, at, from, len), &|from, len| {
            bytes.announce(at + from, len);
        }),
    )?;
    Ok(Payload { codec, rate, channels, secs, length: granule, head, tail, content })
}

/// The most bytes that are read of a packet of comments; pictures may be among them.
const COMMENTS: usize = 16 << 20;

/// The Vorbis comments of the first stream of audio, from the vendor's name on.
pub(super) fn comments(bytes: &Bytes<'_>, start: u64) -> Result<Option<Vec<u8>>, AudioError> {
    let (mut at, mut stream, mut packet) = (start, None, Vec::new());
    for _ in 0..MAX_HEADER_PAGES {
        let Some(page) = Page::at(bytes, at)? else { return Ok(None) };
        at = page.body + page.len;
        if stream.is_none() {
            stream = identify(&bytes.up_to(page.body, page.len.min(64) as usize)?).map(|_| page.serial);
        } else if stream == Some(page.serial) {
            packet.extend(bytes.up_to(page.body, page.len as usize)?);
            // What follows in the page does no harm: comments say how long they are.
            if page.ends > 0 || packet.len() > COMMENTS {
                break;
            }
        }
    }
    let lead = [&b"\x03vorbis"[..], b"OpusTags"].into_iter().find_map(|lead| packet.strip_prefix(lead));
    // In Ogg FLAC it is a metadata block.
    let block = || packet.get(4..).filter(|_| packet[0] & 0x7f == 4);
    Ok(lead.or_else(block).map(<[u8]>::to_vec))
}

/// The longest header of a page, in bytes.
const LONGEST_HEADER: u64 = 27 + 255;

/// What is no header of a page among the `len` bytes from `from` on, counted from the first page of audio at `audio`.
/// Places are counted with the headers, so that the pages before need not be walked; taggers leave these pages as long as
/// they were.
fn bodies(bytes: &Bytes<'_>, audio: u64, from: u64, len: usize) -> Result<Vec<u8>, AudioError> {
    // A header may begin before.
    let before = from.min(LONGEST_HEADER);
    let window = bytes.up_to(audio + from - before, before as usize + len)?;
    let (mut out, mut done, mut at) = (Vec::with_capacity(len), before as usize, 0);
    while let Some(found) = window.get(at..).and_then(|rest| rest.windows(5).position(|w| w == b"OggS\0")) {
        let start = at + found;
        // One that is cut off reaches to the end of what is looked at.
        let end = Page::parse(&window[start..]).map_or(window.len(), |(head, _)| start + head as usize);
        out.extend_from_slice(window.get(done..start).unwrap_or_default());
        done = done.max(end);
        at = end;
    }
    out.extend_from_slice(window.get(done..).unwrap_or_default());
    Ok(out)
}

/// The last bytes of audio, the last granule position and where the last page ends, from the pages at the end of the file.
fn tail(bytes: &Bytes<'_>, audio: u64, serial: u32) -> Result<(Vec<u8>, u64, u64), AudioError> {
    let from = bytes.size.saturating_sub(TAIL).max(audio);
    let window = bytes.up_to(from, TAIL as usize)?;
    let (mut tail, mut granule, mut last) = (Vec::new(), 0, audio);
    let mut at = 0;
    while at + 27 <= window.len() {
        let Some((header, page)) = Page::parse(&window[at..]) else {
            at += 1;
            continue;
        };
        let body = (at + header as usize).min(window.len());
        let end = (body + page.len as usize).min(window.len());
        if page.serial == serial {
            tail.extend_from_slice(&window[body..end]);
            // All ones means that no packet ends in the page.
            if page.granule != u64::MAX && page.granule < u64::MAX / 2 {
                granule = granule.max(page.granule);
            }
        }
        at = end;
        last = from + end as u64;
    }
    let extra = tail.len().saturating_sub(TrackId::EDGE);
    Ok((tail.split_off(extra), granule, last))
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
        // Two bytes count the header packets that follow; STREAMINFO lies behind "fLaC" and a block header.
        let packed = be(field(27..35)?);
        let (rate, channels) = ((packed >> 44) as u32, ((packed >> 41) & 7) as u16 + 1);
        return Some((("flac", rate, channels, 0), 1 + be(field(7..9)?) as usize));
    }
    None
}
