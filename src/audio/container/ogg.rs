//! Ogg (RFC 3533) with Vorbis, Opus or FLAC. The audio is the content of the pages after the header packets. Page headers are
//! not part of the identity, so renumbered pages and new checksums (which tag editors write) leave it unchanged.

use super::bytes::{Bytes, check};
use super::page::{Page, TAIL, identify};
use super::payload::Payload;
use super::{chain, content};
use crate::audio::AudioError;
use crate::track::TrackId;

/// The most pages that the headers may fill (64 MiB of pictures).
const MAX_HEADER_PAGES: usize = 4096;
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
    check(rate, channels)?;
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

/// The most bytes read of a comment packet, which may contain pictures.
const COMMENTS: usize = 16 << 20;

/// The Vorbis comments of the first audio stream, from the vendor string on.
pub(super) fn comments(bytes: &Bytes<'_>, start: u64) -> Result<Option<Vec<u8>>, AudioError> {
    let (mut at, mut stream, mut packet) = (start, None, Vec::new());
    for _ in 0..MAX_HEADER_PAGES {
        let Some(page) = Page::at(bytes, at)? else { return Ok(None) };
        at = page.body + page.len;
        if stream.is_none() {
            stream = identify(&bytes.up_to(page.body, page.len.min(64) as usize)?).map(|_| page.serial);
        } else if stream == Some(page.serial) {
            packet.extend(bytes.up_to(page.body, page.len as usize)?);
            // Trailing data in the page is harmless: comments state their length.
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

/// The longest page header, in bytes.
const LONGEST_HEADER: u64 = 27 + 255;

/// The `len` bytes at offset `from` from the first audio page (at `audio`), without page headers. Offsets include the
/// headers, so that earlier pages need not be walked; taggers do not change the length of these pages.
fn bodies(bytes: &Bytes<'_>, audio: u64, from: u64, len: usize) -> Result<Vec<u8>, AudioError> {
    // A header may begin earlier.
    let before = from.min(LONGEST_HEADER);
    let window = bytes.up_to(audio + from - before, before as usize + len)?;
    let (mut out, mut done, mut at) = (Vec::with_capacity(len), before as usize, 0);
    while let Some(found) = window.get(at..).and_then(|rest| rest.windows(5).position(|w| w == b"OggS\0")) {
        let start = at + found;
        // A truncated header extends to the end of the window.
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
