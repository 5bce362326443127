//! The elements that a segment of Matroska consists of. Behind one that is broken it goes on at the next cluster.

use super::bytes::Bytes;
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

/// Bytes of a file that are searched for clusters, all searches together; what looks like a cluster and is none counts as `DECOY`.
const SEARCH: u64 = 64 << 20;
const DECOY: u64 = 4 << 10;
/// Bytes read at a time.
const CHUNK: usize = 256 << 10;

/// Goes through the elements of a segment.
pub(super) struct Tops<'a> {
    bytes: &'a Bytes<'a>,
    at: u64,
    end: u64,
    /// Bytes that may still be searched.
    room: u64,
    /// An element is broken, and no cluster was found behind it.
    pub torn: bool,
}

impl<'a> Tops<'a> {
    /// Those in a range.
    pub fn new(bytes: &'a Bytes<'a>, (at, end): (u64, u64)) -> Tops<'a> {
        Tops { bytes, at, end, room: SEARCH, torn: false }
    }

    /// The next element, and where it ends; `None` at the end. At most `left` elements are examined.
    pub fn next(&mut self, left: &mut usize) -> Result<Option<(Element, u64)>, AudioError> {
        while self.at < self.end && *left > 0 {
            *left -= 1;
            match self.element(self.at)? {
                Some(element) => {
                    self.at = self.stop(element, left)?;
                    return Ok(Some((element, self.at)));
                }
                None => self.at = self.next_cluster(self.at + 1)?,
            }
        }
        Ok(None)
    }

    /// The element at `at`, if it can be one of a segment. One of an unknown name can, if one of a known name follows.
    fn element(&self, at: u64) -> Result<Option<Element>, AudioError> {
        let Some(element) = self.any(at)? else { return Ok(None) };
        let is_top = |id: u64| TOP.contains(&id) || ANYWHERE.contains(&id);
        let fits = match element.end {
            _ if is_top(element.id) => true,
            _ if INNER.contains(&element.id) => false,
            Some(stop) => stop == self.end || self.any(stop)?.is_some_and(|next| is_top(next.id)),
            None => false,
        };
        Ok(Some(element).filter(|_| fits))
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
            && (stop == self.end || self.element(stop)?.is_some())
        {
            return Ok(stop);
        }
        if element.id == CLUSTER || element.end.is_none() {
            return self.last_child(element, left);
        }
        Ok(self.search(element.body)?.or(said).unwrap_or(self.end))
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
                _ => return self.next_cluster(before),
            }
        }
        Ok(at.min(self.end))
    }

    /// Where the next cluster from `from` on begins; if none does, the end, and the segment is torn.
    fn next_cluster(&mut self, from: u64) -> Result<u64, AudioError> {
        let found = self.search(from)?;
        self.torn |= found.is_none();
        Ok(found.unwrap_or(self.end))
    }

    fn search(&mut self, mut from: u64) -> Result<Option<u64>, AudioError> {
        let name = (CLUSTER as u32).to_be_bytes();
        while from < self.end && self.room > 0 {
            let chunk = self.bytes.up_to(from, (self.end - from).min(CHUNK as u64) as usize)?;
            for (at, _) in (from..).zip(chunk.windows(name.len())).filter(|(_, four)| *four == name) {
                if self.is_cluster(at)? {
                    return Ok(Some(at));
                }
                self.room = self.room.saturating_sub(DECOY);
                if self.room == 0 {
                    return Ok(None);
                }
            }
            if chunk.len() < CHUNK {
                break;
            }
            self.room = self.room.saturating_sub(CHUNK as u64);
            // A name may begin in this chunk and end in the next one.
            from += (CHUNK - name.len() + 1) as u64;
        }
        Ok(None)
    }

    /// Whether a cluster is at `at`: a time is in front of what is in it, and something that can follow is behind that.
    fn is_cluster(&self, at: u64) -> Result<bool, AudioError> {
        let Some(element) = self.any(at)?.filter(|element| element.id == CLUSTER) else { return Ok(false) };
        let end = element.end.unwrap_or(self.end).min(self.end);
        let Some((_, behind)) = stamp(self.bytes, (element.body, end))? else { return Ok(false) };
        let can_be = |id: u64| TOP.contains(&id) || INNER.contains(&id) || ANYWHERE.contains(&id);
        Ok(behind == end || self.any(behind)?.is_some_and(|next| can_be(next.id)))
    }
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
