//! Sources of packets: symphonia's readers, and our own. Those for MPEG audio and WAV read only the audio and count frames as
//! [`container`](crate::audio::container) does.

use std::fs::File;
use std::sync::Arc;

use symphonia::core::errors::{Error, SeekErrorKind};
use symphonia::core::formats::{FormatReader, SeekMode, SeekTo};
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use super::contained::{Blocks, Listed, failure};
use crate::audio::container::Bytes;
use crate::audio::container::frame::Walk;
use crate::audio::container::iff::Wave;
use crate::audio::container::mpeg::Run;

/// The position of every frame whose number is a multiple of this is remembered.
const MARK: u64 = 64;
/// Approximate number of samples per channel in a packet of wav.
const PACKET: u64 = 1152;

/// A source of packets.
pub(super) enum Packets {
    Symphonia(Box<dyn FormatReader>),
    Mpeg(Box<Mpeg>),
    Wave(Waves),
    Listed(Listed),
    Blocks(Box<Blocks>),
}

impl Packets {
    /// The next packet; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Packet>, Error> {
        match self {
            Packets::Symphonia(reader) => reader.next_packet(),
            Packets::Mpeg(frames) => frames.next(),
            Packets::Wave(blocks) => blocks.next(),
            Packets::Listed(packets) => packets.next(),
            Packets::Blocks(blocks) => blocks.next(),
        }
    }

    /// Seeks to the packet that holds this position, or to an earlier one.
    pub fn seek(&mut self, ts: i64, track_id: u32) -> Result<(), Error> {
        match self {
            Packets::Symphonia(reader) => {
                let to = SeekTo::Timestamp { ts: Timestamp::new(ts), track_id };
                reader.seek(SeekMode::Accurate, to).map(drop)
            }
            Packets::Mpeg(frames) => frames.seek(ts.max(0) as u64),
            Packets::Wave(blocks) => blocks.seek(ts.max(0) as u64),
            Packets::Listed(packets) => packets.seek(ts.max(0) as u64),
            Packets::Blocks(blocks) => blocks.seek(ts.max(0)),
        }
    }
}

/// The frames of a run, as packets.
pub(super) struct Mpeg {
    file: Arc<File>,
    size: u64,
    run: Run,
    walk: Walk,
    /// The number of the next frame.
    next: u64,
    /// Offset of every [`MARK`]th frame seen so far.
    marks: Vec<u64>,
}

impl Mpeg {
    pub fn new(file: Arc<File>, size: u64, run: Run) -> Mpeg {
        let mut walk = Walk::new(run.start, run.end, Some(run.frame));
        walk.go_to(run.start);
        Mpeg { file, size, run, walk, next: 0, marks: Vec::new() }
    }

    /// Offset, length and number of the next frame.
    fn step(&mut self) -> Result<Option<(u64, usize, u64)>, Error> {
        let bytes = Bytes::new(&self.file, self.size);
        let Some((at, frame)) = self.walk.next(&bytes).map_err(failure)? else { return Ok(None) };
        let number = self.next;
        if number == self.marks.len() as u64 * MARK {
            self.marks.push(at);
        }
        self.next += 1;
        Ok(Some((at, frame.len, number)))
    }

    fn next(&mut self) -> Result<Option<Packet>, Error> {
        let Some((at, len, number)) = self.step()? else { return Ok(None) };
        let bytes = Bytes::new(&self.file, self.size);
        let mut data = bytes.up_to(at, len).map_err(failure)?;
        data.drain(..self.run.frame.envelope.min(data.len()));
        let samples = self.run.frame.samples;
        Ok(Some(Packet::new(0, Timestamp::new((number * samples) as i64), Duration::new(samples), data)))
    }

    fn seek(&mut self, ts: u64) -> Result<(), Error> {
        let wanted = ts / self.run.frame.samples;
        let mark = (wanted / MARK).min((self.marks.len() as u64).saturating_sub(1));
        // Starts from the last known position before it, unless the current position is closer.
        if wanted < self.next || mark * MARK > self.next {
            self.walk.go_to(self.marks.get(mark as usize).copied().unwrap_or(self.run.start));
            self.next = mark * MARK;
        }
        while self.next < wanted {
            if self.step()?.is_none() {
                return Err(Error::SeekError(SeekErrorKind::OutOfRange));
            }
        }
        Ok(())
    }
}

/// The blocks of a wav file, as packets.
pub(super) struct Waves {
    file: Arc<File>,
    size: u64,
    wave: Wave,
    /// The number of the next block; the number of blocks per packet.
    next: u64,
    each: u64,
}

impl Waves {
    pub fn new(file: Arc<File>, size: u64, wave: Wave) -> Waves {
        let each = (PACKET / wave.samples).max(1);
        Waves { file, size, wave, next: 0, each }
    }

    /// The most samples per channel in a packet.
    pub fn longest(wave: &Wave) -> u64 {
        (PACKET / wave.samples).max(1) * wave.samples
    }

    fn next(&mut self) -> Result<Option<Packet>, Error> {
        let Wave { block, samples, at, len, .. } = self.wave;
        let blocks = (len / block).saturating_sub(self.next).min(self.each);
        let bytes = Bytes::new(&self.file, self.size);
        let data = bytes.up_to(at + self.next * block, (blocks * block) as usize).map_err(failure)?;
        // The file has become shorter since it was opened.
        let blocks = data.len() as u64 / block;
        if blocks == 0 {
            return Ok(None);
        }
        let ts = Timestamp::new((self.next * samples) as i64);
        self.next += blocks;
        let data = &data[..(blocks * block) as usize];
        Ok(Some(Packet::new(0, ts, Duration::new(blocks * samples), data)))
    }

    fn seek(&mut self, ts: u64) -> Result<(), Error> {
        self.next = ts / self.wave.samples / self.each * self.each;
        Ok(())
    }
}
