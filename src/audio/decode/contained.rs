//! Packets of CAF, which a table lists, and of Matroska, which are in blocks of clusters.

use std::collections::VecDeque;
use std::fs::File;
use std::io::ErrorKind;
use std::sync::Arc;

use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use crate::audio::AudioError;
use crate::audio::container::Bytes;
use crate::audio::container::blocks::Walk;
use crate::audio::container::caf::Packed;
use crate::audio::container::matroska::Matroska;

/// Of so many packets of a table, the offset of one is kept.
const MARK: usize = 256;

/// The packets of a table.
pub(super) struct Listed {
    file: Arc<File>,
    size: u64,
    packed: Packed,
    /// The offset of every [`MARK`]th packet.
    marks: Vec<u64>,
    /// The number of the next packet, and its offset.
    next: usize,
    at: u64,
}

impl Listed {
    pub fn new(file: Arc<File>, size: u64, packed: Packed) -> Listed {
        let mark = |at: &mut u64, sizes: &[u32]| {
            let own = *at;
            *at += sum(sizes);
            Some(own)
        };
        let marks = packed.sizes.chunks(MARK).scan(packed.at, mark).collect();
        Listed { file, size, next: 0, at: packed.at, packed, marks }
    }

    pub fn next(&mut self) -> Result<Option<Packet>, Error> {
        let Some(&len) = self.packed.sizes.get(self.next) else { return Ok(None) };
        let data = Bytes::new(&self.file, self.size).up_to(self.at, len as usize).map_err(failure)?;
        let (number, samples) = (self.next as u64, self.packed.samples);
        (self.next, self.at) = (self.next + 1, self.at + u64::from(len));
        Ok(Some(Packet::new(0, Timestamp::new((number * samples) as i64), Duration::new(samples), data)))
    }

    pub fn seek(&mut self, ts: u64) -> Result<(), Error> {
        let sizes = &self.packed.sizes;
        self.next = usize::try_from(ts / self.packed.samples.max(1)).unwrap_or(usize::MAX).min(sizes.len());
        let mark = self.next / MARK;
        let before = sizes.get(mark * MARK..self.next).map_or(0, sum);
        // At the end there may be no mark, nor a packet.
        self.at = self.marks.get(mark).copied().unwrap_or(self.packed.at) + before;
        Ok(())
    }
}

/// The length of packets of these sizes.
fn sum(sizes: &[u32]) -> u64 {
    sizes.iter().map(|&size| u64::from(size)).sum()
}

/// A frame that a block holds.
struct Frame {
    at: u64,
    len: usize,
    /// When it begins, and what at its end is no music, in samples.
    start: i64,
    discard: u64,
}

/// The blocks of the audio track. Positions are in samples, of which a block's time is a multiple of a millisecond as a rule.
pub(super) struct Blocks {
    file: Arc<File>,
    size: u64,
    movie: Arc<Matroska>,
    walk: Walk,
    /// The frames of a block that are still to come.
    ready: VecDeque<Frame>,
}

impl Blocks {
    pub fn new(file: Arc<File>, size: u64, movie: Arc<Matroska>) -> Blocks {
        Blocks { file, size, movie, walk: Walk::default(), ready: VecDeque::new() }
    }

    pub fn next(&mut self) -> Result<Option<Packet>, Error> {
        let bytes = Bytes::new(&self.file, self.size);
        while self.ready.is_empty() {
            let Some(block) = self.walk.next(&bytes, &self.movie).map_err(failure)? else { return Ok(None) };
            let (start, each) = (self.movie.samples(block.time), self.movie.of_nanos(self.movie.track.each.into()));
            let discard = self.movie.of_nanos(block.discard.into()).max(0) as u64;
            let last = block.frames.len().saturating_sub(1);
            for (n, (at, len)) in block.frames.into_iter().enumerate() {
                let start = start.saturating_add(each.saturating_mul(n as i64));
                self.ready.push_back(Frame { at, len, start, discard: if n == last { discard } else { 0 } });
            }
        }
        let Some(frame) = self.ready.pop_front() else { return Ok(None) };
        let mut data = self.movie.track.prefix.clone();
        data.extend(bytes.up_to(frame.at, frame.len).map_err(failure)?);
        let each = self.movie.of_nanos(self.movie.track.each.into()).max(0) as u64;
        let mut packet = Packet::new(0, Timestamp::new(frame.start), Duration::new(each), data);
        packet.trim_end = Duration::new(frame.discard);
        Ok(Some(packet))
    }

    pub fn seek(&mut self, ts: i64) -> Result<(), Error> {
        let (bytes, movie) = (Bytes::new(&self.file, self.size), self.movie.clone());
        let time = |time: u64| movie.samples(i64::try_from(time).unwrap_or(i64::MAX));
        let cluster = movie.clusters.partition_point(|cluster| time(cluster.time) <= ts).saturating_sub(1);
        self.walk.go_to(&movie, cluster);
        self.ready.clear();
        // The last block that begins at `ts` or before it.
        let (mut found, mut ahead) = (self.walk.clone(), self.walk.clone());
        loop {
            let before = ahead.clone();
            match ahead.next(&bytes, &movie).map_err(failure)? {
                Some(block) if movie.samples(block.time) <= ts => found = before,
                _ => break,
            }
        }
        self.walk = found;
        Ok(())
    }
}

/// A failure of reading, as symphonia's readers report theirs.
pub(super) fn failure(error: AudioError) -> Error {
    match error {
        AudioError::Io(error) => Error::IoError(error),
        _ => Error::IoError(ErrorKind::InvalidData.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;

    #[test]
    fn every_packet_of_a_table_is_found() {
        let packet = |n: usize| vec![n as u8; n % 5];
        let (first, count, samples) = (7, 2 * MARK + 100, 1024);
        let bytes: Vec<u8> = [vec![0; first], (0..count).flat_map(packet).collect()].concat();
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&bytes, 0).unwrap();
        let packed = Packed {
            codec: "aac",
            rate: 44_100,
            channels: 2,
            config: Vec::new(),
            samples,
            at: first as u64,
            sizes: (0..count).map(|n| packet(n).len() as u32).collect(),
            first: 0,
            length: count as u64 * samples,
            cut: false,
        };
        let mut listed = Listed::new(Arc::new(file), bytes.len() as u64, packed);
        for from in [0, MARK - 1, MARK, count - 1, 2 * MARK + 1, 3, count, 9 * count] {
            listed.seek(from as u64 * samples + 5).unwrap();
            for n in from..count {
                let found = listed.next().unwrap().unwrap();
                assert_eq!((found.pts.get(), found.data.to_vec()), ((n as u64 * samples) as i64, packet(n)), "{n}");
            }
            assert!(listed.next().unwrap().is_none(), "from {from}");
        }
    }
}
