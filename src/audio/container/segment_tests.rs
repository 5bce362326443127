use std::os::unix::fs::FileExt;

use super::super::matroska::Matroska;
use super::*;
use crate::audio::fixture::held::{block, cluster, element, number, track};

/// Reads a file whose segment consists of these elements; also returns how many bytes that took.
fn read(elements: &[Vec<u8>]) -> (Matroska, u64) {
    let whole = [element(EBML, &[]), element(SEGMENT, &elements.concat())].concat();
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(&whole, 0).unwrap();
    let bytes = Bytes::new(&file, whole.len() as u64);
    (Matroska::read(&bytes).unwrap(), bytes.read.get())
}

/// An Info of 260 ms, with its duration last.
fn info() -> Vec<u8> {
    element(INFO, &[number(0x2a_d7b1, 1_000_000), element(0x4489, &260f64.to_be_bytes())].concat())
}

fn tracks() -> Vec<u8> {
    element(TRACKS, &track("A_MPEG/L3", (44_100.0, 2), &[], 0))
}

fn clusters() -> Vec<u8> {
    [0, 130].map(|time| cluster(time, &[block(0, 0x80, &[0; 50], 0)])).concat()
}

#[test]
fn unknown_elements_are_skipped() {
    for count in [1, 2, UNKNOWN, UNKNOWN + 1, 3 * UNKNOWN] {
        let unknown: Vec<u8> = (0..count).flat_map(|n| element(0x4321 + n as u64, b"own")).collect();
        let (movie, _) = read(&[info(), unknown.clone(), tracks(), clusters()]);
        assert_eq!(
            (movie.track.codec, movie.length, movie.clusters.len(), movie.torn),
            ("mp3", 11_466, 2, false),
            "{count}"
        );
        // Between clusters.
        let (movie, _) = read(&[info(), tracks(), clusters(), unknown, clusters()]);
        assert_eq!((movie.clusters.len(), movie.torn), (4, false), "{count}");
    }
}

#[test]
fn an_element_that_is_longer_than_it_says_hides_no_tracks() {
    for less in [1, 4, 9] {
        let mut short = info();
        short[11] -= less;
        let (movie, _) = read(&[short, tracks(), clusters()]);
        assert_eq!((movie.track.codec, movie.length, movie.clusters.len()), ("mp3", 11_466, 2), "{less} bytes");
    }
}

#[test]
fn many_broken_places_cost_no_more_than_a_few() {
    // Clusters of a time, behind each of which is a byte that is no element.
    let broken = b"\x1f\x43\xb6\x75\x83\xe7\x81\x00\x00".repeat(500_000);
    let (movie, read) = read(&[info(), tracks(), broken, clusters()]);
    assert!(movie.clusters.len() > 1000 && movie.torn, "{} clusters", movie.clusters.len());
    assert!(read < 2 * SEARCH, "{read} bytes");
}
