//! Fragmented MP4 (DASH, live recordings): the duration is the sum over the `moof` boxes and not stated in `moov`.

use super::bytes::{Bytes, be};
use crate::audio::AudioError;

/// The most samples of one run that are summed.
const MAX_SAMPLES: u64 = 1 << 20;

/// What the boxes state about the length of the fragments.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    /// Track, and the default duration of its samples.
    defaults: Vec<(u32, u64)>,
    /// Track, and the total duration of its samples in all fragments.
    sums: Vec<(u32, u64)>,
    /// The track of the current fragment, and the default duration of its samples there.
    current: (u32, u64),
    /// From `sidx`: the total duration of all segments, and its units per second.
    index: Option<(u64, u64)>,
    /// From `mehd`, in the movie's time scale.
    stated: u64,
}

impl Fragments {
    /// The total duration of a track's fragments in units of `timescale` per second; `movie`: the movie's units per
    /// second. `None` if there are none.
    pub fn length(&self, track: u32, timescale: u64, movie: u64) -> Option<u64> {
        let scaled = |length: u64, scale: u64| {
            let length = u128::from(length) * u128::from(timescale) / u128::from(scale.max(1));
            u64::try_from(length).unwrap_or(u64::MAX)
        };
        let counted = self.sums.iter().find(|(number, _)| *number == track).map(|(_, sum)| *sum);
        counted
            .or(self.index.map(|(length, scale)| scaled(length, scale)))
            .or(Some(self.stated).map(|length| scaled(length, movie)))
            .filter(|&length| length > 0)
    }

    /// Processes a box that describes fragments.
    pub fn visit(&mut self, bytes: &Bytes<'_>, name: &[u8], body: u64, end: u64) -> Result<(), AudioError> {
        let head: [u8; 8] = bytes.exactly(body)?;
        let (version, flags, word) = (head[0], be(&head[1..4]), be(&head[4..8]));
        let long = |at: u64| -> Result<u64, AudioError> { Ok(be(&bytes.exactly::<8>(body + at)?)) };
        let short = |at: u64| -> Result<u64, AudioError> { Ok(be(&bytes.exactly::<4>(body + at)?)) };
        match name {
            b"mehd" => self.stated = if version == 1 { long(4)? } else { word },
            b"trex" => self.defaults.push((word as u32, short(12)?)),
            b"tfhd" => {
                let track = word as u32;
                let skipped = if flags & 1 != 0 { 8 } else { 0 } + if flags & 2 != 0 { 4 } else { 0 };
                let default = self.defaults.iter().find(|(number, _)| *number == track).map_or(0, |(_, each)| *each);
                self.current = (track, if flags & 8 != 0 { short(8 + skipped)? } else { default });
            }
            b"trun" => self.run(bytes, (flags, word), body, end)?,
            b"sidx" => {
                let scale = short(8)?;
                let table = body + if version == 1 { 28 } else { 20 };
                let count = be(&bytes.exactly::<4>(table)?) & 0xffff;
                let entries = bytes.up_to(table + 4, count as usize * 12)?;
                // Entries that refer to another index are counted there.
                let last = |e: &&[u8]| e[0] & 0x80 == 0;
                let sum: u64 = entries.chunks_exact(12).filter(last).map(|e| be(&e[4..8])).sum();
                let (before, _) = self.index.unwrap_or_default();
                self.index = Some((before.saturating_add(sum), scale));
            }
            _ => {}
        }
        Ok(())
    }

    /// Sums the sample durations of a run.
    fn run(&mut self, bytes: &Bytes<'_>, (flags, count): (u64, u64), body: u64, end: u64) -> Result<(), AudioError> {
        let (track, each) = self.current;
        let length = if flags & 0x100 == 0 {
            count.saturating_mul(each)
        } else {
            let skipped = [(1, 4), (4, 4)].iter().filter(|(bit, _)| flags & bit != 0).map(|(_, n)| n).sum::<u64>();
            let size = 4 * u64::from((flags >> 8 & 15).count_ones());
            let from = body + 8 + skipped;
            let count = count.min(end.saturating_sub(from) / size).min(MAX_SAMPLES);
            let table = bytes.up_to(from, (count * size) as usize)?;
            table.chunks_exact(size as usize).map(|sample| be(&sample[..4])).sum()
        };
        match self.sums.iter_mut().find(|(number, _)| *number == track) {
            Some((_, sum)) => *sum = sum.saturating_add(length),
            None => self.sums.push((track, length)),
        }
        Ok(())
    }
}
