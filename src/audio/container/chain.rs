//! Chained Ogg streams (RFC 3533 §4): streams that follow each other in one file, as recorded radio and `cat` produce
//! them. Finds how many there are, and the position and length of each.

use super::bytes::Bytes;
use super::page::{Page, TAIL, identify};
use crate::audio::AudioError;

/// Up to this many bytes, every page of a file is examined for chained streams.
const WALKED: u64 = 4 << 20;
/// The most streams of a chain.
const MAX_LINKS: usize = 4096;
/// The most samples that a page can hold: 255 packets of Vorbis's longest.
const MAX_PAGE: u64 = 255 * 8192;

/// One stream of a chain.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::audio) struct Link {
    /// Offset of its first page and of the end of its last one, in bytes.
    pub start: u64,
    pub end: u64,
    /// Sample rate in Hz.
    pub rate: u32,
    /// Samples per channel of music, 0 if unknown.
    pub length: u64,
}

/// The audio streams of a file, starting at offset `start`; usually there is one. `all`: examine every page even of a
/// long file that does not look chained.
///
/// # Errors
/// When it cannot be read, or holds no stream with a known codec.
pub(in crate::audio) fn links(bytes: &Bytes<'_>, start: u64, all: bool) -> Result<Vec<Link>, AudioError> {
    let none = || AudioError::Unsupported("ogg without vorbis, opus or flac".into());
    let mut walk = Walk { at: start, links: Vec::new(), open: None };
    if all || bytes.size - start <= WALKED {
        walk.to(bytes, bytes.size)?;
        walk.close(bytes.size);
        return if walk.links.is_empty() { Err(none()) } else { Ok(walk.links) };
    }
    // The headers, which may hold pictures, and the first pages of sound.
    while walk.open.as_ref().is_none_or(|open| open.pages < 16) {
        if !walk.step(bytes, bytes.size)? {
            break;
        }
    }
    let Some(open) = walk.open.take() else { return Err(none()) };
    let last = last_page(bytes, walk.at, open.serial)?;
    // Pages are numbered: if the number is far too low for the size of the file, another stream with the same serial
    // number began.
    let each = (walk.at - open.audio) / open.pages.max(1);
    let fits = |page: &Last| u64::from(page.number).saturating_mul(each).saturating_mul(2) > bytes.size - open.audio;
    match last.filter(fits) {
        Some(page) => Ok(vec![open.link(bytes.size, page.granule)]),
        None => links(bytes, start, true),
    }
}

/// Iterates over the pages of a file.
struct Walk {
    at: u64,
    links: Vec<Link>,
    open: Option<Open>,
}

/// The current stream.
struct Open {
    start: u64,
    serial: u32,
    rate: u32,
    /// Samples to drop at the front (encoder delay).
    skip: u64,
    /// The longest packet in samples, and the granule position at which the audio begins.
    longest: u64,
    origin: Option<u64>,
    granule: u64,
    /// Header packets still to come; number of audio pages so far, and the offset of the first.
    headers: usize,
    pages: u64,
    audio: u64,
    /// Only first pages so far: all multiplexed streams begin before any other page.
    opening: bool,
}

impl Walk {
    fn to(&mut self, bytes: &Bytes<'_>, end: u64) -> Result<(), AudioError> {
        while self.links.len() < MAX_LINKS && self.step(bytes, end)? {}
        Ok(())
    }

    /// Processes the next page; returns whether there was one.
    fn step(&mut self, bytes: &Bytes<'_>, end: u64) -> Result<bool, AudioError> {
        let (at, page) = loop {
            if self.at >= end {
                return Ok(false);
            }
            if let Some(page) = Page::at(bytes, self.at)? {
                break (self.at, page);
            }
            // Damaged: skip to the next page.
            let window = bytes.up_to(self.at + 1, TAIL as usize)?;
            self.at += 1 + memchr::memmem::find(&window, b"OggS").unwrap_or(window.len().max(1)) as u64;
        };
        self.at = page.body + page.len;
        if page.first && self.open.as_ref().is_none_or(|open| !open.opening) {
            self.close(at);
        }
        match &mut self.open {
            None if page.first => {
                let packet = bytes.up_to(page.body, page.len.min(64) as usize)?;
                if let Some(((codec, rate, _, skip), headers)) = identify(&packet) {
                    let longest = match codec {
                        "opus" => 5760,
                        // The sizes of long and short blocks are stored as powers of two.
                        "vorbis" => packet.get(28).map_or(8192, |sizes| 1 << (sizes >> 4)),
                        _ => 65_535,
                    };
                    self.open = Some(Open {
                        start: at,
                        serial: page.serial,
                        rate,
                        skip,
                        longest,
                        origin: None,
                        granule: 0,
                        headers: headers.saturating_sub(page.ends),
                        pages: 0,
                        audio: 0,
                        opening: true,
                    });
                }
            }
            None => {}
            Some(open) => open.take(&page, at),
        }
        Ok(true)
    }

    /// Ends the current stream at offset `end`.
    fn close(&mut self, end: u64) {
        if let Some(open) = self.open.take() {
            let granule = open.granule;
            self.links.push(open.link(end, granule));
        }
    }
}

impl Open {
    fn take(&mut self, page: &Page, at: u64) {
        self.opening &= page.first;
        if page.serial != self.serial {
            return;
        }
        if self.headers > 0 {
            self.headers = self.headers.saturating_sub(page.ends);
            return;
        }
        if self.pages == 0 {
            self.audio = at;
        }
        self.pages += 1;
        if page.ends == 0 || page.granule > u64::MAX / 2 {
            return;
        }
        match self.origin {
            None => {
                // A stream cut out of a longer one does not begin at 0.
                let held = page.ends as u64 * self.longest;
                (self.origin, self.granule) = (Some(page.granule.saturating_sub(held)), page.granule);
            }
            // An impossible position is damage.
            Some(_) if page.granule.saturating_sub(self.granule) <= MAX_PAGE.max(self.longest * page.ends as u64) => {
                self.granule = self.granule.max(page.granule);
            }
            Some(_) => {}
        }
    }

    fn link(&self, end: u64, granule: u64) -> Link {
        let length = granule.saturating_sub(self.origin.unwrap_or(0)).saturating_sub(self.skip);
        Link { start: self.start, end, rate: self.rate, length }
    }
}

/// Number and granule position of a stream's last page.
struct Last {
    number: u32,
    granule: u64,
}

/// The last page of a stream, if the file ends with that stream.
fn last_page(bytes: &Bytes<'_>, audio: u64, serial: u32) -> Result<Option<Last>, AudioError> {
    let from = bytes.size.saturating_sub(TAIL).max(audio);
    let window = bytes.up_to(from, TAIL as usize)?;
    let (mut last, mut at) = (None::<Last>, 0);
    while at + 27 <= window.len() {
        let Some((header, page)) = Page::parse(&window[at..]) else {
            at += 1;
            continue;
        };
        at += (header + page.len) as usize;
        if page.serial != serial {
            if page.first {
                last = None;
            }
            continue;
        }
        // All ones means that no packet ends in the page; a jump larger than a page can hold is damage.
        let known = last.as_ref().map(|last| last.granule);
        let can_be = page.granule < u64::MAX / 2 && known.is_none_or(|g| page.granule.saturating_sub(g) <= MAX_PAGE);
        let granule = if can_be { page.granule.max(known.unwrap_or(0)) } else { known.unwrap_or(0) };
        last = Some(Last { number: page.number, granule });
    }
    Ok(last.filter(|last| last.granule > 0))
}
