//! Sounds and files that the tests of this room use.

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

/// A file of `tests/fixtures/audio`.
pub(super) fn stored(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio").join(name)
}

/// What the stored files sound like, at sample `i` of so many a second.
pub(super) fn chirp(i: usize, rate: f64) -> f32 {
    let t = i as f64 / rate;
    let fade = (t / 0.01).min((1.2 - t) / 0.01).clamp(0.0, 1.0);
    (0.4 * (TAU * (200.0 * t + 0.5 * (3800.0 / 1.2) * t * t)).sin() * fade) as f32
}

/// Noise that is the same on every run, whole 16-bit steps, −0.5 to 0.5.
pub(super) fn noise(samples: usize, seed: u64) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..samples).map(|_| f32::from(random.i16(-16_000..16_000)) / 32_768.0).collect()
}

fn steps(samples: &[f32]) -> impl Iterator<Item = i16> {
    samples.iter().map(|&x| (x * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16)
}

/// The bytes of a 16-bit wav file.
pub(super) fn wav(samples: &[f32], channels: u16, rate: u32) -> Vec<u8> {
    let data = samples.len() as u32 * 2;
    let mut out = Vec::new();
    out.extend(b"RIFF");
    out.extend((36 + data).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    out.extend(channels.to_le_bytes());
    out.extend(rate.to_le_bytes());
    out.extend((rate * u32::from(channels) * 2).to_le_bytes());
    out.extend((channels * 2).to_le_bytes());
    out.extend(16u16.to_le_bytes());
    out.extend(b"data");
    out.extend(data.to_le_bytes());
    out.extend(steps(samples).flat_map(i16::to_le_bytes));
    out
}

/// The bytes of a 16-bit aiff file at 44.1 kHz.
pub(super) fn aiff(samples: &[f32], channels: u16) -> Vec<u8> {
    let data = samples.len() as u32 * 2;
    let mut out = Vec::new();
    out.extend(b"FORM");
    out.extend((4 + 8 + 18 + 8 + 8 + data).to_be_bytes());
    out.extend(b"AIFFCOMM\0\0\0\x12");
    out.extend(channels.to_be_bytes());
    out.extend((samples.len() as u32 / u32::from(channels)).to_be_bytes());
    out.extend(16u16.to_be_bytes());
    out.extend([0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0]);
    out.extend(b"SSND");
    out.extend((8 + data).to_be_bytes());
    out.extend([0; 8]);
    out.extend(steps(samples).flat_map(i16::to_be_bytes));
    out
}

/// The bytes of a 16-bit flac file.
pub(super) fn flac(samples: &[f32], channels: u16, rate: u32) -> Vec<u8> {
    use flacenc::bitsink::ByteSink;
    use flacenc::component::BitRepr;
    use flacenc::error::Verify;
    let config = flacenc::config::Encoder::default().into_verified().unwrap();
    let samples: Vec<i32> = steps(samples).map(i32::from).collect();
    let source = flacenc::source::MemSource::from_samples(&samples, channels.into(), 16, rate as usize);
    let mut stream = flacenc::encode_with_fixed_block_size(&config, source, config.block_size).unwrap();
    // flacenc counts the short last block among the block sizes, which then look variable: symphonia (rightly,
    // RFC 9639 §8.2) refuses frames with the fixed-size flag in such a stream.
    stream.stream_info_mut().set_block_sizes(config.block_size, config.block_size).unwrap();
    let mut sink = ByteSink::new();
    stream.write(&mut sink).unwrap();
    sink.as_slice().to_vec()
}

/// Writes a file into a directory.
pub(super) fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Everything that a file decodes to.
pub(super) fn decode(path: &Path) -> Vec<f32> {
    let mut decoder = super::decode::Decoder::open(path).unwrap();
    let mut out = Vec::new();
    while decoder.next(&mut out).unwrap() {}
    out
}
