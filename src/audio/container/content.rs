//! The part of the encoded audio that is hashed for a track's identity: all of it if reading that is cheap, otherwise
//! blocks spread over all of it.
//!
//! Uncompressed audio is hashed whole: two different recordings can easily have the same length and the same first and
//! last seconds (silence), and a passage that differs leaves every other byte unchanged. In compressed audio a
//! difference nearly always changes the length as well, so sampling suffices, and scanning a large library on a slow
//! disk or over a network stays short.

use super::bytes::Bytes;
use crate::audio::AudioError;
use crate::track::TrackId;

/// Compressed audio of up to this many bytes is hashed whole.
const SMALL: u64 = 2 << 20;
/// Above that, the two edges and evenly spread blocks are hashed: number of blocks, bytes per block.
const SPARSE: (u64, usize) = (64, 4096);
/// Uncompressed audio of up to this many bytes is hashed whole: more than six minutes of a CD.
const LARGE: u64 = 64 << 20;
/// Above that, blocks as in [`SPARSE`]: a worker may read for at most half a minute per file.
const DENSE: (u64, usize) = (512, 65_536);
/// Bytes read at a time.
const CHUNK: u64 = 256 << 10;

/// Reads up to a number of bytes at an offset in the payload; fewer at its end.
pub(super) type Read<'a> = &'a dyn Fn(u64, usize) -> Result<Vec<u8>, AudioError>;

/// Announces that a number of bytes at an offset in the payload are about to be read.
pub(super) type Announce<'a> = &'a dyn Fn(u64, usize);

/// The hash of a payload of `total` bytes. `plain`: the samples are not compressed. `seed` is further identifying data
/// (a checksum of the samples that the container states).
pub(super) fn hash(
    total: u64,
    plain: bool,
    seed: &[u8],
    (read, announce): (Read<'_>, Announce<'_>),
) -> Result<[u8; 32], AudioError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(seed.len() as u64).to_le_bytes());
    hasher.update(seed);
    let (whole, (blocks, size)) = if plain { (LARGE, DENSE) } else { (SMALL, SPARSE) };
    if total <= whole {
        for at in (0..total).step_by(CHUNK as usize) {
            hasher.update(&read(at, CHUNK.min(total - at) as usize)?);
        }
        return Ok(*hasher.finalize().as_bytes());
    }
    hasher.update(&total.to_le_bytes());
    let edge = TrackId::EDGE as u64;
    // The last block ends where the last edge begins.
    let room = u128::from(total - 2 * edge - size as u64);
    let place = |n: u64| edge + (room * u128::from(n) / u128::from(blocks - 1)) as u64;
    let places = (0..blocks).map(|n| (place(n), size));
    let places: Vec<(u64, usize)> =
        [(0, TrackId::EDGE)].into_iter().chain(places).chain([(total - edge, TrackId::EDGE)]).collect();
    // Announced all together: otherwise the disk would be waited for once per block.
    places.iter().for_each(|&(at, len)| announce(at, len));
    for (at, len) in places {
        hasher.update(&read(at, len)?);
    }
    Ok(*hasher.finalize().as_bytes())
}

/// Reads bytes at an offset of the payload, which consists of these ranges (start, length) of the file.
pub(super) fn of_ranges(
    bytes: &Bytes<'_>,
    ranges: &[(u64, u64)],
    mut at: u64,
    len: usize,
) -> Result<Vec<u8>, AudioError> {
    let mut out = Vec::new();
    for &(start, length) in ranges {
        if at >= length {
            at -= length;
            continue;
        }
        let want = (length - at).min((len - out.len()) as u64);
        if out.is_empty() {
            out = bytes.up_to(start + at, want as usize)?;
        } else {
            out.extend(bytes.up_to(start + at, want as usize)?);
        }
        if out.len() >= len {
            break;
        }
        at = 0;
    }
    Ok(out)
}

/// Announces to the system `len` bytes of the file from where these bytes of the payload begin, ignoring later ranges.
pub(super) fn announce(bytes: &Bytes<'_>, ranges: &[(u64, u64)], mut at: u64, len: usize) {
    for &(start, length) in ranges {
        if at < length {
            return bytes.announce(start + at, len);
        }
        at -= length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash of bytes in memory, and how many of them were read.
    fn of(bytes: &[u8], plain: bool) -> ([u8; 32], usize) {
        let read = std::cell::Cell::new(0);
        let take = |at: u64, len: usize| {
            let piece = bytes[at as usize..].iter().take(len).copied().collect::<Vec<u8>>();
            read.set(read.get() + piece.len());
            Ok(piece)
        };
        (hash(bytes.len() as u64, plain, b"", (&take, &nothing)).unwrap(), read.get())
    }

    /// Whether a run of `len` changed bytes is detected at every position.
    fn notices(total: usize, plain: bool, len: usize) -> bool {
        let mut bytes = vec![0u8; total];
        let before = of(&bytes, plain).0;
        let mut random = fastrand::Rng::with_seed(1);
        let ends = [0, total - len];
        ends.into_iter().chain((0..40).map(|_| random.usize(..total - len))).all(|at| {
            bytes[at..at + len].fill(1);
            let other = of(&bytes, plain).0;
            bytes[at..at + len].fill(0);
            other != before
        })
    }

    fn nothing(_: u64, _: usize) {}

    #[test]
    fn a_single_byte_counts_where_all_is_read_and_a_passage_where_it_is_not() {
        assert!(notices(SMALL as usize, false, 1));
        assert!(notices(3 * SMALL as usize, true, 1), "uncompressed sound is read whole");
        // 64 blocks of 4 KiB: no run as long as the space between two of them is missed.
        let total = 5 << 20;
        assert!(notices(total, false, total / 63));
        let (_, read) = of(&vec![0; total], false);
        assert_eq!(read, 2 * TrackId::EDGE + 64 * 4096);
    }

    #[test]
    fn of_a_huge_one_samples_reach_every_part() {
        let total = LARGE + (1 << 20);
        let places = std::cell::RefCell::new(Vec::new());
        let take = |at: u64, len: usize| {
            places.borrow_mut().push((at, at + len as u64));
            Ok(Vec::new())
        };
        hash(total, true, b"", (&take, &nothing)).unwrap();
        let places = places.into_inner();
        assert_eq!((places[0].0, places.last().unwrap().1), (0, total));
        assert!(places.windows(2).all(|w| w[0].1 <= w[1].0 && w[1].0 - w[0].1 < total / 512));
        assert!(places.iter().map(|(from, to)| to - from).sum::<u64>() < LARGE);
    }

    #[test]
    fn other_seeds_and_lengths_are_other_hashes() {
        let take = |_: u64, len: usize| Ok(vec![0; len]);
        let of = |total, seed: &[u8]| hash(total, false, seed, (&take, &nothing)).unwrap();
        assert_ne!(of(100, b""), of(100, b"x"));
        assert_ne!(of(100, b""), of(101, b""));
        assert_ne!(of(9 << 20, b""), of((9 << 20) + 1, b""));
    }
}
