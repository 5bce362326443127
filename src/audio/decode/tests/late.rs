//! Matroska files whose times do not begin at zero, as of what was recorded from the middle of a stream.

use super::contained::{is, seeks};
use super::*;
use crate::audio::fixture::held::{block, cluster, element, matroska, number, track};

/// Samples in a block of ten milliseconds, and blocks in a cluster.
const BLOCK: usize = 441;
const BLOCKS: usize = 50;

/// A second of samples in a file whose first block has this time, and which says to last so many milliseconds.
fn made(sound: &[f32], begin: u64, said: Option<f64>) -> Vec<u8> {
    let data: Vec<u8> = sound.iter().flat_map(|x| ((x * 32_768.0) as i16).to_le_bytes()).collect();
    let plain = track("A_PCM/INT/LIT", (44_100.0, 1), &[], 0);
    // Without name and length of the element, and with the bits of a sample.
    let own = element(0xae, &[&plain[9..], &element(0xe1, &number(0x6264, 16))].concat());
    let clusters = data.chunks(2 * BLOCK * BLOCKS).enumerate().map(|(n, part)| {
        let blocks = (0..).zip(part.chunks(2 * BLOCK)).map(|(i, part)| block(10 * i, 0x80, part, 0));
        cluster(begin + 500 * n as u64, &blocks.collect::<Vec<_>>())
    });
    // In front of it is a cluster without sound.
    let clusters: Vec<Vec<u8>> = [cluster(begin, &[])].into_iter().chain(clusters).collect();
    matroska(said, &own, &clusters)
}

#[test]
fn positions_count_from_the_first_block() {
    let dir = tempfile::tempdir().unwrap();
    let sound = noise(100 * BLOCK, 8);
    // How many hundredths of a second it lasts: without a length, until the last block begins.
    for (begin, said, hundredths) in [
        (0, Some(1000.0), 100),
        (0, None, 99),
        (20, Some(1020.0), 100),
        (100_000, Some(101_000.0), 100),
        (100_000, Some(1000.0), 100),
        (100_000, None, 99),
    ] {
        let path = write(dir.path(), &format!("{begin} {said:?}.mka"), &made(&sound, begin, said));
        assert!(decode(&path) == sound, "from {begin} ms, {said:?}");
        is(&path, ("pcm", 44_100, 1), hundredths * BLOCK);
        seeks(&path, &sound, 0.0);
    }
}
