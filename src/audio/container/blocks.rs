//! The blocks of Matroska, each of which holds one or several frames of a codec (RFC 9559 §10).

use super::bytes::{Bytes, be};
use super::ebml::{Element, children, number};
use super::matroska::Matroska;
use crate::audio::AudioError;

/// Bytes read of a block with several frames, in front of which their lengths stand.
const LENGTHS: usize = 4096;
/// The longest frame, in bytes; longer ones are taken for damage.
const LONGEST: u64 = 16 << 20;
/// In so many clusters at either end the first or the last block is searched.
const EDGE: usize = 64;
/// The most elements of a cluster that are passed: twice as many as there are times in it, which have 16 bits.
const INSIDE: usize = 1 << 17;
/// The most elements in a group of a block.
const GROUP: usize = 64;

/// A block of the audio track.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::audio) struct Block {
    /// When it begins, in units of [`Matroska::scale`].
    pub time: i64,
    /// Offset and length of its frames.
    pub frames: Vec<(u64, usize)>,
    /// How much at its end is no music, in nanoseconds.
    pub discard: u64,
}

/// Reads what a file states about its audio, and finds where its sound begins, and its length where it does not state that.
///
/// # Errors
/// When it cannot be read, or has no audio track that can be decoded.
pub(super) fn read(bytes: &Bytes<'_>) -> Result<Matroska, AudioError> {
    let mut movie = Matroska::read(bytes)?;
    // What was cut out of a stream, or recorded from the middle of one, may keep the times of that.
    movie.begin = first(bytes, &movie)?.map_or(0, |block| block.time).max(0);
    if movie.length == 0 {
        movie.length = reached(bytes, &movie)?;
        // There is nothing else to tell by that its end is missing.
        movie.cut |= movie.torn;
    } else if movie.begin > 0 {
        // Some programs state when it ends, others how long it is.
        let before = movie.of_nanos(i128::from(movie.begin) * i128::from(movie.scale));
        let rest = movie.length.saturating_sub(before.unsigned_abs());
        if rest.saturating_add(u64::from(movie.track.rate / 2)) >= reached(bytes, &movie)? {
            movie.length = rest;
        }
    }
    Ok(movie)
}

/// The first block. The first clusters may hold none of the sound.
fn first(bytes: &Bytes<'_>, movie: &Matroska) -> Result<Option<Block>, AudioError> {
    let mut walk = Walk::default();
    walk.next_before(bytes, movie, EDGE)
}

/// The length of the music in samples as far as the last block tells it, of which no length may be stated. The last cluster may hold
/// none of the sound, as one that had just been begun.
fn reached(bytes: &Bytes<'_>, movie: &Matroska) -> Result<u64, AudioError> {
    let delay = movie.of_nanos(movie.track.delay.into());
    for cluster in (0..movie.clusters.len()).rev().take(EDGE) {
        let (mut walk, mut end) = (Walk::default(), None);
        walk.go_to(movie, cluster);
        while let Some(block) = walk.next_before(bytes, movie, cluster + 1)? {
            let own = i128::from(movie.track.each) * block.frames.len() as i128;
            end = Some(movie.samples(block.time).saturating_add(movie.of_nanos(own)));
        }
        if let Some(end) = end {
            return Ok(u64::try_from(end.saturating_sub(delay)).unwrap_or(0));
        }
    }
    Ok(0)
}

/// Goes through the blocks of the audio track, in the order of the file.
#[derive(Clone, Debug, Default)]
pub(in crate::audio) struct Walk {
    /// The cluster, and the offset of the next element in it; 0 at its beginning.
    cluster: usize,
    at: u64,
    /// How many elements of the cluster were passed.
    passed: usize,
}

impl Walk {
    /// Goes to the beginning of a cluster.
    pub fn go_to(&mut self, movie: &Matroska, cluster: usize) {
        let at = movie.clusters.get(cluster).map_or(0, |cluster| cluster.at);
        (self.cluster, self.at, self.passed) = (cluster, at, 0);
    }

    /// The next block; `None` at the end.
    pub fn next(&mut self, bytes: &Bytes<'_>, movie: &Matroska) -> Result<Option<Block>, AudioError> {
        self.next_before(bytes, movie, usize::MAX)
    }

    /// The next block that is in a cluster before the `end`th.
    fn next_before(&mut self, bytes: &Bytes<'_>, movie: &Matroska, end: usize) -> Result<Option<Block>, AudioError> {
        while let Some(cluster) = movie.clusters.get(self.cluster).filter(|_| self.cluster < end) {
            let at = self.at.max(cluster.at);
            self.passed += 1;
            let element = if at < cluster.end && self.passed <= INSIDE { Element::at(bytes, at)? } else { None };
            let Some(element) = element.filter(|element| element.body < cluster.end) else {
                self.go_to(movie, self.cluster + 1);
                continue;
            };
            let end = element.end.unwrap_or(cluster.end).min(cluster.end);
            self.at = end;
            let block = match element.id {
                0xa3 => frames(bytes, (element.body, end), movie.track.number)?,
                0xa0 => group(bytes, (element.body, end), movie.track.number)?,
                _ => None,
            };
            if let Some(block) = block {
                let time = i64::try_from(cluster.time).unwrap_or(i64::MAX).saturating_add(block.time);
                return Ok(Some(Block { time, ..block }));
            }
        }
        Ok(None)
    }
}

/// A block with what is said about it.
fn group(bytes: &Bytes<'_>, range: (u64, u64), track: u64) -> Result<Option<Block>, AudioError> {
    let (mut block, mut discard, mut left) = (None, 0, GROUP);
    children(bytes, range, &mut left, &mut |child, _| {
        match child.id {
            0xa1 if block.is_none() => block = frames(bytes, (child.body, child.end.unwrap_or(range.1)), track)?,
            0x75a2 => {
                let content = child.content(bytes, 8)?;
                // It is signed; a negative one would be silence in front.
                let negative = content.first().is_some_and(|first| first & 0x80 != 0);
                discard = if negative { 0 } else { be(&content) };
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(block.map(|block| Block { discard, ..block }))
}

/// The frames of a block; `None` if it is of another track or damaged.
fn frames(bytes: &Bytes<'_>, (at, end): (u64, u64), track: u64) -> Result<Option<Block>, AudioError> {
    let len = end - at;
    let head = bytes.up_to(at, len.min(12) as usize)?;
    let Some((_, width)) = number(&head, true).filter(|(number, _)| *number == track) else { return Ok(None) };
    let Some(&[high, low, flags]) = head.get(width..).and_then(|rest| rest.first_chunk::<3>()) else { return Ok(None) };
    let (time, begin) = (i64::from(i16::from_be_bytes([high, low])), at + width as u64 + 3);
    let lacing = flags >> 1 & 3;
    let lengths = if lacing == 0 {
        Some((vec![], begin))
    } else {
        let table = bytes.up_to(begin, (end - begin).min(LENGTHS as u64) as usize)?;
        lengths(&table, lacing, end - begin).map(|(lengths, used)| (lengths, begin + used))
    };
    let Some((lengths, mut place)) = lengths else { return Ok(None) };
    let mut frames = Vec::new();
    for length in lengths.into_iter().map(Some).chain([None]) {
        // The last one has what is left.
        let length = length.unwrap_or(end.saturating_sub(place));
        if length > LONGEST || place.saturating_add(length) > end {
            return Ok(None);
        }
        frames.push((place, length as usize));
        place += length;
    }
    Ok(Some(Block { time, frames, discard: 0 }))
}

/// The lengths of all frames but the last, from the table in front of them, and how long that is. `room`: from the table on.
fn lengths(table: &[u8], lacing: u8, room: u64) -> Option<(Vec<u64>, u64)> {
    let (&last, mut rest) = table.split_first()?;
    let count = usize::from(last);
    let mut found = Vec::with_capacity(count);
    match lacing {
        // As in Ogg: bytes are added up until one is less than 255.
        1 => {
            for _ in 0..count {
                let full = rest.iter().take_while(|&&byte| byte == 255).count();
                let end = *rest.get(full)?;
                found.push(full as u64 * 255 + u64::from(end));
                rest = rest.get(full + 1..)?;
            }
        }
        // All of one length.
        2 => found = vec![(room - 1) / (u64::from(last) + 1); count],
        // The first length, then how each differs from the one before.
        _ => {
            for _ in 0..count {
                let (value, width) = number(rest, true)?;
                rest = rest.get(width..)?;
                let value = i64::try_from(value).ok()?;
                let length = match found.last() {
                    None => value,
                    Some(&before) => {
                        let bias = (1i64 << (7 * width - 1)) - 1;
                        i64::try_from(before).ok()?.checked_add(value - bias)?
                    }
                };
                found.push(u64::try_from(length).ok()?);
            }
        }
    }
    Some((found, (table.len() - rest.len()) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::fixture::held::{block, cluster, matroska, track};
    use std::os::unix::fs::FileExt;

    #[test]
    fn a_cluster_of_countless_elements_is_left() {
        let own = track("A_MPEG/L3", (44_100.0, 2), &[], 0);
        // Empty elements of unused space, and a block behind them.
        let one = |count: usize| cluster(0, &[b"\xec\x80".repeat(count), block(0, 0x80, &[7; 50], 0)]);
        for (clusters, times) in [(vec![one(100), one(1_000_000)], 1), (vec![one(1_000_000), one(100)], 1)] {
            let bytes = matroska(Some(260.0), &own, &clusters);
            let file = tempfile::tempfile().unwrap();
            file.write_all_at(&bytes, 0).unwrap();
            let bytes = Bytes::new(&file, bytes.len() as u64);
            let movie = read(&bytes).unwrap();
            let (mut walk, mut found) = (Walk::default(), 0);
            while walk.next(&bytes, &movie).unwrap().is_some() {
                found += 1;
            }
            assert_eq!(found, times);
            assert!(bytes.read.get() < 4 << 20, "{} bytes", bytes.read.get());
        }
    }

    #[test]
    fn three_ways_to_write_lengths() {
        // 800, 500 and what is left: the examples of RFC 9559.
        assert_eq!(lengths(&[2, 255, 255, 255, 35, 255, 245, 9], 1, 2000), Some((vec![800, 500], 7)));
        assert_eq!(lengths(&[2, 0x43, 0x20, 0x5e, 0xd3, 9], 3, 2000), Some((vec![800, 500], 5)));
        assert_eq!(lengths(&[2], 2, 2401), Some((vec![800, 800], 1)));
        // Tables that end too early, and a length below zero.
        assert_eq!(lengths(&[2, 255, 255], 1, 2000), None);
        assert_eq!(lengths(&[1], 3, 2000), None);
        assert_eq!(lengths(&[2, 0x81, 0x80], 3, 2000), None);
    }
}
