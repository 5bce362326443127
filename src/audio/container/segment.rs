//! The elements that a segment of Matroska consists of. Behind one that is broken it goes on at the next cluster, or before the
//! tracks are known at the next element of any known name.

use super::bytes::{Bytes, be};
use super::ebml::Element;
use crate::audio::AudioError;

/// Names of elements.
pub(super) const EBML: u64 = 0x1a45_dfa3;
pub(super) const SEGMENT: u64 = 0x1853_8067;
pub(super) const INFO: u64 = 0x1549_a966;
pub(super) const TRACKS: u64 = 0x1654_ae6b;
pub(super) const CLUSTER: u64 = 0x1f43_b675;
pub(super) const CHAPTERS: u64 = 0x1043_a770;
/// Those that a segment consists of: none of them is inside a cluster.
const TOP: [u64; 10] =
    [EBML, SEGMENT, INFO, TRACKS, CLUSTER, CHAPTERS, 0x114d_9b74, 0x1c53_bb6b, 0x1254_c367, 0x1941_a469];
/// Those that a cluster consists of: its time, blocks and groups of them, position and size, tracks that are silent.
const INNER: [u64; 7] = [TIME, 0xa3, 0xa0, 0xaf, 0xa7, 0xab, 0x5854];
const TIME: u64 = 0xe7;
/// Those that may be anywhere: space that is not used, and a checksum.
const ANYWHERE: [u64; 2] = [0xec, 0xbf];

/// The most unknown elements that may follow each other.
const UNKNOWN: usize = 16;
/// The most bytes behind the last element that may be no element, such as a tag or padding: less than a second of sound.
const TAIL: u64 = 4 << 10;

/// Bytes of a file that are searched, all searches together; what looks like an element and is none counts as `DECOY`.
const SEARCH: u64 = 64 << 20;
const DECOY: u64 = 4 << 10;
/// Bytes that a search reads first, and the most that it reads at a time.
const FIRST: usize = 4 << 10;
const CHUNK: usize = 256 << 10;

/// Goes through the elements of a segment.
pub(super) struct Tops<'a> {
    bytes: &'a Bytes<'a>,
    at: u64,
    end: u64,
    /// Bytes that may still be searched.
    room: u64,
    /// The description of the tracks was seen. Until then, searches stop at it too.
    tracks: bool,
    /// The end is missing: the last element reaches beyond it, or what follows is broken and no cluster was found in it.
    pub torn: bool,
}

impl<'a> Tops<'a> {
    /// Those in a range.
    pub fn new(bytes: &'a Bytes<'a>, (at, end): (u64, u64)) -> Tops<'a> {
        Tops { bytes, at, end, room: SEARCH, tracks: false, torn: false }
    }

    /// The next element, and where it ends; `None` at the end. At most `left` elements are examined.
    pub fn next(&mut self, left: &mut usize) -> Result<Option<(Element, u64)>, AudioError> {
        while self.at < self.end && *left > 0 {
            *left -= 1;
            match self.element(self.at, left)? {
                Some(element) => {
                    self.tracks |= element.id == TRACKS;
                    self.at = self.stop(element, left)?;
                    return Ok(Some((element, self.at)));
                }
                None => self.at = self.go_on(self.at + 1, self.at, left)?,
            }
        }
        Ok(None)
    }

    /// The element at `at`, if it can be one of a segment. One of an unknown name can, if a known one or the end follows it or a
    /// few more of its kind.
    fn element(&self, at: u64, left: &mut usize) -> Result<Option<Element>, AudioError> {
        let Some(element) = self.any(at)? else { return Ok(None) };
        if ANYWHERE.contains(&element.id) {
            return Ok(Some(element));
        }
        let mut next = element;
        for _ in 0..=UNKNOWN {
            if TOP.contains(&next.id) {
                return Ok(Some(element));
            }
            let Some(stop) = next.end.filter(|_| !INNER.contains(&next.id)) else { break };
            if stop == self.end {
                return Ok(Some(element));
            }
            *left = left.saturating_sub(1);
            let Some(behind) = self.any(stop)? else { break };
            next = behind;
        }
        Ok(None)
    }

    /// Whatever element is at `at`, if it begins before the end.
    fn any(&self, at: u64) -> Result<Option<Element>, AudioError> {
        let found = if at < self.end { Element::at(self.bytes, at)? } else { None };
        Ok(found.filter(|element| element.body <= self.end))
    }

    /// Where an element ends: where it says, if that can be.
    fn stop(&mut self, element: Element, left: &mut usize) -> Result<u64, AudioError> {
        let said = element.end.filter(|&stop| stop <= self.end);
        if let Some(stop) = said
            && (stop == self.end || self.element(stop, left)?.is_some())
        {
            return Ok(stop);
        }
        if element.id == CLUSTER || element.end.is_none() {
            let stop = self.last_child(element, left)?;
            self.torn |= stop == self.end && element.end.is_some_and(|said| said > stop);
            return Ok(stop);
        }
        Ok(self.search(element.body, left)?.or(said).unwrap_or(self.end))
    }

    /// Where an element ends whose length is not known, or wrong: behind its last child.
    fn last_child(&mut self, element: Element, left: &mut usize) -> Result<u64, AudioError> {
        let can_be_in = |id: u64| element.id != CLUSTER || INNER.contains(&id) || ANYWHERE.contains(&id);
        let (mut at, mut before) = (element.body, element.body);
        while at < self.end && *left > 0 {
            *left -= 1;
            match self.any(at)? {
                Some(child) if TOP.contains(&child.id) => return Ok(at),
                Some(Element { id, end: Some(stop), .. }) if stop <= self.end && can_be_in(id) => {
                    (before, at) = (at, stop);
                }
                // The element ends here, and what follows is broken.
                _ if element.end == Some(at) => return Ok(at),
                // This child is broken, or the one before has led astray, or the file is cut off here.
                _ => return self.go_on(before, at, left),
            }
        }
        Ok(at.min(self.end))
    }

    /// Where the segment goes on from `from` on, if what is at `at` is no element that can be there; if it does not, the end.
    fn go_on(&mut self, from: u64, at: u64, left: &mut usize) -> Result<u64, AudioError> {
        if let Some(found) = self.search(from, left)? {
            return Ok(found);
        }
        let is_cut = |element: Element| is_known(element.id) && element.end.is_some_and(|end| end > self.end);
        self.torn |= self.end - at > TAIL || self.any(at)?.is_some_and(is_cut);
        Ok(self.end)
    }

    /// Where the next cluster from `from` on begins; before the tracks are known, the next element of a segment.
    fn search(&mut self, mut from: u64, left: &mut usize) -> Result<Option<u64>, AudioError> {
        let names: &[u64] = if self.tracks { &[CLUSTER] } else { &TOP };
        let mut most = FIRST;
        while from < self.end && self.room > 0 {
            let chunk = self.bytes.up_to(from, (self.end - from).min(most as u64) as usize)?;
            self.room = self.room.saturating_sub((chunk.len() as u64).max(DECOY));
            for (at, id) in (from..).zip(chunk.windows(4).map(be)).filter(|(_, id)| names.contains(id)) {
                let begins = if id == CLUSTER { self.is_cluster(at)? } else { self.is_whole(at, left)? };
                if begins {
                    return Ok(Some(at));
                }
                self.room = self.room.saturating_sub(DECOY);
                if self.room == 0 {
                    return Ok(None);
                }
            }
            if chunk.len() < most {
                break;
            }
            // A name may begin in this chunk and end in the next one.
            from += (most - 3) as u64;
            most = (2 * most).min(CHUNK);
        }
        Ok(None)
    }

    /// Whether the element at `at` has an end, and one that can follow it is there.
    fn is_whole(&self, at: u64, left: &mut usize) -> Result<bool, AudioError> {
        let Some(stop) = self.any(at)?.and_then(|element| element.end).filter(|&stop| stop <= self.end) else {
            return Ok(false);
        };
        Ok(stop == self.end || self.element(stop, left)?.is_some())
    }

    /// Whether a cluster is at `at`: a time is in front of what is in it, and something that can follow is behind that.
    fn is_cluster(&self, at: u64) -> Result<bool, AudioError> {
        let Some(element) = self.any(at)?.filter(|element| element.id == CLUSTER) else { return Ok(false) };
        let end = element.end.unwrap_or(self.end).min(self.end);
        let Some((_, behind)) = stamp(self.bytes, (element.body, end))? else { return Ok(false) };
        Ok(behind == end || self.any(behind)?.is_some_and(|next| is_known(next.id)))
    }
}

/// Whether an element of this name can be in a segment or in a cluster.
fn is_known(id: u64) -> bool {
    TOP.contains(&id) || INNER.contains(&id) || ANYWHERE.contains(&id)
}

/// The time of a cluster, which stands at its front, after a checksum if there is one; 0 without one.
pub(super) fn time(bytes: &Bytes<'_>, range: (u64, u64)) -> Result<u64, AudioError> {
    Ok(stamp(bytes, range)?.map_or(0, |(time, _)| time))
}

/// The time of a cluster, and what is behind it.
fn stamp(bytes: &Bytes<'_>, (mut at, end): (u64, u64)) -> Result<Option<(u64, u64)>, AudioError> {
    for _ in 0..4 {
        let Some(child) = Element::at(bytes, at)?.filter(|_| at < end) else { break };
        let Some(stop) = child.end.filter(|stop| *stop <= end) else { break };
        if child.id == TIME {
            return Ok((stop - child.body <= 8).then_some((child.number(bytes)?, stop)));
        }
        at = stop;
    }
    Ok(None)
}

#[cfg(test)]
#[path = "segment_tests.rs"]
mod tests;
