//! Audio files for the tests of `audio`.

pub(super) mod forms;
pub(super) mod held;

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

/// The path of a file in `tests/fixtures/audio`.
pub(super) fn stored(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio").join(name)
}

/// Sample `i` at `rate` Hz of the chirp that the stored files contain.
pub(super) fn chirp(i: usize, rate: f64) -> f32 {
    let t = i as f64 / rate;
    let fade = (t / 0.01).min((1.2 - t) / 0.01).clamp(0.0, 1.0);
    (0.4 * (TAU * (200.0 * t + 0.5 * (3800.0 / 1.2) * t * t)).sin() * fade) as f32
}

/// Reproducible noise between −0.5 and 0.5, in exact 16-bit steps.
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
    // flacenc includes the shorter last block in the block sizes, which then look variable: symphonia correctly (RFC
    // 9639 §8.2) rejects frames with the fixed-size flag in such a stream.
    stream.stream_info_mut().set_block_sizes(config.block_size, config.block_size).unwrap();
    let mut sink = ByteSink::new();
    stream.write(&mut sink).unwrap();
    sink.as_slice().to_vec()
}

/// iTunes's iTunSMPB text: encoder delay, padding and length, in samples.
fn itunes_words(delay: u64, padding: u64, valid: u64) -> String {
    let zeros = " 00000000".repeat(8);
    format!(" 00000000 {delay:08X} {padding:08X} {valid:016X}{zeros}")
}

/// Converts an mp3 by LAME into iTunes's form: without the frame that states the delay, with a comment that does.
pub(super) fn itunes_mp3(lame: &[u8]) -> Vec<u8> {
    let find = |what: &[u8]| lame.windows(what.len()).position(|w| w == what);
    let xing = find(b"Xing").or_else(|| find(b"Info")).unwrap();
    let named = |w: &[u8]| matches!(w, b"LAME" | b"Lavf" | b"Lavc");
    let tag = xing + lame[xing..].windows(4).position(named).unwrap();
    let trims = u64::from(lame[tag + 21]) << 16 | u64::from(lame[tag + 22]) << 8 | u64::from(lame[tag + 23]);
    let (delay, padding) = (trims >> 12, trims & 0xfff);
    let frames = lame[xing + 8..xing + 12].iter().fold(0, |n, &b| n << 8 | u64::from(b));
    // The next frame starts with the same bytes as the first.
    let first = (0..xing).rev().find(|&i| lame[i] == 0xff && lame[i + 1] & 0xe0 == 0xe0).unwrap();
    let second = (first + 100..).find(|&i| lame[i] == 0xff && lame[i + 1] == lame[first + 1]).unwrap();
    let text = itunes_words(delay, padding, frames * 1152 - delay - padding);
    let body = [b"\0engiTunSMPB\0", text.as_bytes()].concat();
    let mut frame = b"COMM".to_vec();
    frame.extend((body.len() as u32).to_be_bytes());
    frame.extend([0, 0]);
    frame.extend(body);
    let size = frame.len() as u32;
    let mut out = b"ID3\x03\0\0".to_vec();
    out.extend([0, 7, 14, 21].map(|shift| (size >> (21 - shift) & 0x7f) as u8));
    out.extend(frame);
    out.extend(&lame[second..]);
    out
}

/// An m4a without an edit list, whose delay is in an iTunSMPB item; `moov` must be its last box.
pub(super) fn itunes_m4a(m4a: &[u8], secs: f64, rate: u32) -> Vec<u8> {
    let mut out = m4a.to_vec();
    let find = |bytes: &[u8], what: &[u8]| bytes.windows(4).position(|w| w == what);
    let edts = find(&out, b"edts").unwrap();
    out[edts..edts + 4].copy_from_slice(b"free");
    let total = {
        let stts = find(&out, b"stts").unwrap() + 8;
        let word = |at: usize| u64::from(u32::from_be_bytes(out[at..at + 4].try_into().unwrap()));
        (0..word(stts) as usize).map(|i| word(stts + 4 + 8 * i) * word(stts + 8 + 8 * i)).sum::<u64>()
    };
    // ffmpeg's encoder has a delay of one frame.
    let (delay, valid) = (1024, (secs * f64::from(rate)).round() as u64);
    let data = itunes_words(delay, total - delay - valid, valid);
    let item = boxed(
        b"----",
        &[
            boxed(b"mean", b"\0\0\0\0com.apple.iTunes"),
            boxed(b"name", b"\0\0\0\0iTunSMPB"),
            boxed(b"data", &[b"\0\0\0\x01\0\0\0\0", data.as_bytes()].concat()),
        ]
        .concat(),
    );
    let handler = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0");
    let meta = boxed(b"meta", &[&[0; 4][..], &handler, &boxed(b"ilst", &item)].concat());
    let udta = boxed(b"udta", &meta);
    let moov = find(&out, b"moov").unwrap() - 4;
    let size = (out.len() - moov + udta.len()) as u32;
    out[moov..moov + 4].copy_from_slice(&size.to_be_bytes());
    out.extend(udta);
    out
}

pub(super) fn boxed(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], name, body].concat()
}

/// Writes a file into a directory; returns its path.
pub(super) fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// All samples of a file.
pub(super) fn decode(path: &Path) -> Vec<f32> {
    let mut decoder = super::decode::Decoder::open(path).unwrap();
    let mut out = Vec::new();
    while decoder.next(&mut out).unwrap() {}
    out
}

/// Writes a cue sheet that splits a file at these sectors; returns the names of the pieces.
pub(super) fn cut_at(dir: &Path, file: &Path, sectors: &[u32]) -> Vec<PathBuf> {
    let name = file.file_name().unwrap().to_str().unwrap();
    let mut text = format!("FILE \"{name}\" WAVE\n");
    for (i, at) in sectors.iter().enumerate() {
        text += &format!("TRACK {:02} AUDIO\nINDEX 01 00:{:02}:{:02}\n", i + 1, at / 75, at % 75);
    }
    let sheet = write(dir, &format!("{name}.cue"), text.as_bytes());
    (1..=sectors.len() as u32).map(|n| super::cue::name(&sheet, n)).collect()
}
