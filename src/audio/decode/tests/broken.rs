//! Files of Matroska that are broken in the middle.

use super::*;
use crate::audio::fixture::forms::silent_mp3;
use crate::audio::fixture::held::{block, cluster, matroska, track};
use crate::audio::probe::probe;

/// Clusters in a file, and blocks of 26 ms in each.
const CLUSTERS: usize = 6;
const BLOCKS: usize = 10;

/// A file of silent frames, with or without its length and those of its clusters, and where its clusters begin.
fn made(sized: bool) -> (Vec<u8>, Vec<usize>) {
    let frame = silent_mp3(1, 9, false);
    let blocks: Vec<Vec<u8>> = (0..BLOCKS).map(|n| block(26 * n as i16, 0x80, &frame, 0)).collect();
    let clusters: Vec<Vec<u8>> = (0..CLUSTERS).map(|n| cluster(260 * n as u64, &blocks)).collect();
    let millis = sized.then_some(26.0 * (CLUSTERS * BLOCKS) as f64);
    let mut bytes = matroska(millis, &track("A_MPEG/L3", (44_100.0, 2), &[], 0), &clusters);
    let begins: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(b"\x1f\x43\xb6\x75")).collect();
    assert_eq!(begins.len(), CLUSTERS);
    if !sized {
        begins.iter().for_each(|&at| unsize(&mut bytes, at));
    }
    (bytes, begins)
}

/// Takes away the length of the element at this place.
fn unsize(bytes: &mut [u8], at: usize) {
    bytes[at + 4..at + 12].copy_from_slice(b"\x01\xff\xff\xff\xff\xff\xff\xff");
}

/// Takes away the length of the segment.
fn unsize_segment(bytes: &mut [u8]) {
    let at = bytes.windows(4).position(|four| four == b"\x18\x53\x80\x67").unwrap();
    unsize(bytes, at);
}

/// Makes an unknown element of the duration, if there is one.
fn hide_duration(bytes: &mut [u8]) {
    if let Some(at) = bytes.windows(3).position(|three| three == b"\x44\x89\x01") {
        bytes[at + 1] = 0x88;
    }
}

/// The bytes of a block with its name and length. The first one begins 29 bytes behind its cluster: behind name, length, and time.
fn whole_block() -> usize {
    9 + 4 + silent_mp3(1, 9, false).len()
}

/// The number of frames that are heard, and whether the end is said to be missing.
fn heard(bytes: &[u8]) -> (usize, bool) {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "a.mka", bytes);
    assert!(probe(&path).is_ok());
    let (mut decoder, mut sound) = (Decoder::open(&path).unwrap(), Vec::new());
    while decoder.next(&mut sound).unwrap() {}
    let found = (sound.len() / 2 / 1152, decoder.truncated());
    // From a place in the last cluster on, which is whole in every file that goes on.
    let secs = 1.4;
    if !found.1 {
        assert_eq!(decoder.seek(secs).unwrap(), (secs * 44_100.0).round() / 44_100.0);
        sound.clear();
        while decoder.next(&mut sound).unwrap() {}
        // The one that begins before it is heard in part.
        assert_eq!((sound.len() / 2).div_ceil(1152), 7);
    }
    found
}

#[test]
fn behind_a_broken_cluster_comes_the_next_one() {
    for sized in [true, false] {
        let (bytes, begins) = made(sized);
        assert_eq!(heard(&bytes), (60, false), "sized: {sized}");
        // The name of the third cluster is broken, and in its first frame is what looks like another one.
        let mut broken = bytes.clone();
        broken[begins[2]..begins[2] + 2].fill(0);
        broken[begins[2] + 100..begins[2] + 108].copy_from_slice(b"\x1f\x43\xb6\x75\x88\xe7\x81\x01");
        assert_eq!(heard(&broken), (50, false), "sized: {sized}, its name");
        // Everything from the middle of the second cluster to that of the fourth.
        let mut broken = bytes.clone();
        broken[begins[1] + 2000..begins[3] + 2000].fill(0);
        let (frames, cut) = heard(&broken);
        assert!((34..=36).contains(&frames) && !cut, "sized: {sized}, two clusters: {frames} frames");
        // A block that says to be longer than the file.
        let mut broken = bytes.clone();
        let fourth = begins[1] + 29 + 3 * whole_block();
        assert_eq!(broken[fourth], 0xa3);
        broken[fourth + 5] = 0x7f;
        let (frames, cut) = heard(&broken);
        assert!((53..=54).contains(&frames) && !cut, "sized: {sized}, a block: {frames} frames");
    }
}

#[test]
fn a_length_that_cannot_be_is_not_believed() {
    let (bytes, begins) = made(true);
    let length = |at: usize| u64::from_be_bytes(bytes[at + 4..at + 12].try_into().unwrap());
    let own = length(begins[1]) & !(1 << 56);
    // Into a later cluster, beyond the end of the file, and into its own blocks: in the middle of one, and to its begin.
    for other in [own + 5000, 1 << 40, 1000, 17 + whole_block() as u64] {
        let mut broken = bytes.clone();
        broken[begins[1] + 4..begins[1] + 12].copy_from_slice(&(1 << 56 | other).to_be_bytes());
        assert_eq!(heard(&broken), (60, false), "{other} instead of {own}");
    }
}

#[test]
fn where_no_cluster_follows_the_end_is_missing() {
    for sized in [true, false] {
        let (mut bytes, begins) = made(sized);
        let end = bytes.len();
        bytes[begins[3]..end].fill(0);
        assert_eq!(heard(&bytes), (30, true), "sized: {sized}");
        // The last block is cut off.
        let (mut bytes, _) = made(sized);
        unsize_segment(&mut bytes);
        hide_duration(&mut bytes);
        bytes.truncate(end - 100);
        let (frames, cut) = heard(&bytes);
        assert!((59..=60).contains(&frames) && cut, "sized: {sized}, a block: {frames} frames");
    }
    // Blocks are whole, but the cluster says to be longer.
    let (mut bytes, _) = made(true);
    unsize_segment(&mut bytes);
    hide_duration(&mut bytes);
    bytes.truncate(bytes.len() - whole_block());
    assert_eq!(heard(&bytes), (59, true));
}

#[test]
fn what_is_no_element_behind_the_last_cluster_is_no_damage() {
    let tag = [&b"TAG"[..], &[b' '; 125]].concat();
    for tail in [tag, vec![0; 1000]] {
        for sized in [true, false] {
            for timed in [true, false] {
                let (mut bytes, _) = made(sized);
                unsize_segment(&mut bytes);
                if !timed {
                    hide_duration(&mut bytes);
                }
                bytes.extend(&tail);
                assert_eq!(heard(&bytes), (60, false), "sized: {sized}, timed: {timed}, {} bytes", tail.len());
            }
        }
    }
}

#[test]
fn behind_a_hole_positions_are_those_of_the_file() {
    for sized in [true, false] {
        let (mut bytes, begins) = made(sized);
        bytes[begins[2]..begins[2] + 2].fill(0);
        let dir = tempfile::tempdir().unwrap();
        let mut decoder = Decoder::open(&write(dir.path(), "a.mka", &bytes)).unwrap();
        let (mut sound, mut ends) = (Vec::new(), Vec::new());
        while decoder.next(&mut sound).unwrap() {
            ends.push(decoder.clock.unwrap());
        }
        assert_eq!(ends.len(), 50);
        // Times are multiples of 26 ms, and frames a little longer.
        let near = |frames: i64, end: i64| (end - frames * 1152).abs() < 882;
        assert!(near(20, ends[19]) && near(31, ends[20]) && near(60, ends[49]), "sized: {sized}: {ends:?}");
    }
}
