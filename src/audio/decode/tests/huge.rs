//! Headers with numbers near the largest that fit: a file with them is read or refused, but nothing overflows.

use super::*;
use crate::audio::container::iff::WAVE64;
use crate::audio::decode::info::clamped;
use crate::audio::decode::source::scaled;
use crate::audio::fixture::itunes_m4a;
use crate::audio::probe::probe;

#[test]
fn a_tag_that_claims_the_whole_file_leaves_the_music() {
    let dir = tempfile::tempdir().unwrap();
    let sound = std::fs::read(stored("chirp.mp3")).unwrap();
    // An APEv2 footer whose size reaches to the first byte of the file, and one that reaches into the first frame.
    for inside in [0, 100] {
        let size = (sound.len() + 32 - inside) as u32;
        let numbers = [2000, size, 1, 0, 0, 0].into_iter().flat_map(u32::to_le_bytes);
        let bytes: Vec<u8> = sound.iter().copied().chain(*b"APETAGEX").chain(numbers).collect();
        let path = write(dir.path(), "a.mp3", &bytes);
        assert!(decode(&path) == decode(&stored("chirp.mp3")), "{inside}");
        assert!((probe(&path).unwrap().secs - probe(&stored("chirp.mp3")).unwrap().secs).abs() < 1e-6, "{inside}");
    }
}

#[test]
fn numbers_of_a_comment_that_do_not_add_up_are_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let good = itunes_m4a(&std::fs::read(stored("chirp.m4a")).unwrap(), 1.2, 44_100);
    let words = good.windows(9).position(|w| w == b" 00000000").unwrap();
    let mut bytes = good.clone();
    // Delay, padding and length: the words after the first, of eight, eight and sixteen digits.
    for (at, digits) in [(words + 10, 8), (words + 19, 8), (words + 28, 16)] {
        bytes[at..at + digits].fill(b'F');
    }
    assert_ne!(bytes, good);
    let path = write(dir.path(), "a.m4a", &bytes);
    // As if there were no comment: with the encoder's delay.
    let secs = probe(&path).unwrap().secs;
    assert!((1.2..1.4).contains(&secs), "{secs}");
    assert!(!decode(&path).is_empty());
}

#[test]
fn a_box_whose_header_reaches_beyond_its_parent_ends_it() {
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read(stored("chirp.m4a")).unwrap();
    // A length of 1 announces eight bytes of length after the name, which lie outside `udta`.
    let udta = [&16u32.to_be_bytes()[..], b"udta", &1u32.to_be_bytes(), b"----"].concat();
    let free = [&8u32.to_be_bytes()[..], b"free"].concat();
    let path = write(dir.path(), "a.m4a", &[whole, udta, free].concat());
    assert_eq!(probe(&path).unwrap().secs, probe(&stored("chirp.m4a")).unwrap().secs);
    assert!(decode(&path) == decode(&stored("chirp.m4a")));
}

#[test]
fn a_chunk_longer_than_any_file_is_the_last() {
    let dir = tempfile::tempdir().unwrap();
    let head = [&WAVE64[..], &[0; 40 - 8], b"junk", &[0; 12], &u64::MAX.to_le_bytes(), &[0; 64]].concat();
    let path = write(dir.path(), "a.wav", &head);
    assert!(probe(&path).is_err() && Decoder::open(&path).is_err());
}

#[test]
fn positions_beyond_every_number_are_clamped() {
    assert_eq!([i128::MIN, -3, 7, i128::MAX].map(clamped), [i64::MIN, -3, 7, i64::MAX]);
    assert_eq!(scaled(i64::MAX, 8000, 192_000), i64::MAX);
    assert_eq!(scaled(44_100, 44_100, 48_000), 48_000);
}
