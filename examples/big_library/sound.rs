//! Small files, each with different sound. wav, aiff and flac are generated noise; mp3, aac, Vorbis and Opus are the
//! frames of a recorded chirp in random order; m4a is that chirp followed by random bytes.

use fastrand::Rng;

use crate::ogg;

/// The kinds of file, repeated according to their frequency.
pub const KINDS: [&str; 20] = [
    "mp3", "mp3", "mp3", "mp3", "mp3", "mp3", "mp3", "flac", "flac", "flac", "flac", "flac", "ogg", "ogg", "opus",
    "opus", "m4a", "aac", "wav", "aiff",
];

const MP3: &[u8] = include_bytes!("../../tests/fixtures/audio/chirp-bare.mp3");
const AAC: &[u8] = include_bytes!("../../tests/fixtures/audio/chirp.aac");
const M4A: &[u8] = include_bytes!("../../tests/fixtures/audio/chirp.m4a");
const VORBIS: &[u8] = include_bytes!("../../tests/fixtures/audio/chirp.ogg");
const OPUS: &[u8] = include_bytes!("../../tests/fixtures/audio/chirp.opus");

/// Samples of noise: an eighth of a second at 8 kHz.
const SAMPLES: usize = 1024;

/// The frames that files are assembled from.
pub struct Sounds {
    mp3: Vec<Vec<u8>>,
    aac: Vec<Vec<u8>>,
    vorbis: Vec<Vec<u8>>,
    opus: Vec<Vec<u8>>,
}

impl Sounds {
    /// Splits the recordings into frames.
    pub fn new() -> Sounds {
        Sounds {
            mp3: frames(MP3, mp3_length),
            aac: frames(AAC, aac_length),
            vorbis: ogg::packets(VORBIS),
            opus: ogg::packets(OPUS),
        }
    }

    /// A file of this kind, without tags.
    pub fn file(&self, kind: &str, random: &mut Rng) -> Vec<u8> {
        match kind {
            "mp3" => pick(&self.mp3, 14, random).concat(),
            "aac" => pick(&self.aac, 14, random).concat(),
            "ogg" => shuffled(&self.vorbis, 3, 1024, random),
            "opus" => shuffled(&self.opus, 2, 960, random),
            "m4a" => {
                let own: [u8; 16] = std::array::from_fn(|_| random.u8(..));
                [M4A, &24u32.to_be_bytes(), b"mdat", &own].concat()
            }
            "flac" => flac(&noise(random)),
            "wav" => wav(&noise(random)),
            _ => aiff(&noise(random)),
        }
    }
}

fn noise(random: &mut Rng) -> Vec<i16> {
    (0..SAMPLES).map(|_| random.i16(-9000..9000)).collect()
}

fn pick(frames: &[Vec<u8>], count: usize, random: &mut Rng) -> Vec<Vec<u8>> {
    (0..count).map(|_| frames[random.usize(..frames.len())].clone()).collect()
}

fn shuffled(packets: &[Vec<u8>], headers: usize, granules: u64, random: &mut Rng) -> Vec<u8> {
    let (heads, sound) = packets.split_at(headers);
    let all = [heads.to_vec(), pick(sound, 16, random)].concat();
    ogg::stream(random.u32(..), &all, headers, granules)
}

/// The frames of a file, with the lengths in their headers.
fn frames(file: &[u8], length: fn(&[u8]) -> Option<usize>) -> Vec<Vec<u8>> {
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(frame) = length(&file[at..]).and_then(|n| file.get(at..at + n)) {
        out.push(frame.to_vec());
        at += frame.len();
    }
    // The first frame of an mp3 may be an info frame without audio.
    if out.len() > 1 { out.split_off(1) } else { out }
}

/// Length of an MPEG-1 layer III frame.
fn mp3_length(at: &[u8]) -> Option<usize> {
    const KBITS: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const HZ: [usize; 3] = [44_100, 48_000, 32_000];
    let &[0xff, 0xfa | 0xfb, third, ..] = at else { return None };
    let (kbits, hz) = (KBITS.get(usize::from(third >> 4))?, HZ.get(usize::from(third >> 2 & 3))?);
    Some(144_000 * kbits / hz + usize::from(third >> 1 & 1)).filter(|n| *n > 4)
}

/// Length of an ADTS frame.
fn aac_length(at: &[u8]) -> Option<usize> {
    let &[0xff, 0xf0 | 0xf1 | 0xf8 | 0xf9, _, a, b, c, ..] = at else { return None };
    Some(usize::from(a & 3) << 11 | usize::from(b) << 3 | usize::from(c >> 5)).filter(|n| *n > 7)
}

fn wav(samples: &[i16]) -> Vec<u8> {
    let data = samples.len() as u32 * 2;
    let mut out = b"RIFF".to_vec();
    out.extend((36 + data).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    out.extend(data.to_le_bytes());
    out.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
    out
}

fn aiff(samples: &[i16]) -> Vec<u8> {
    let data = samples.len() as u32 * 2;
    let mut out = b"FORM".to_vec();
    out.extend((4 + 8 + 18 + 8 + 8 + data).to_be_bytes());
    out.extend(b"AIFFCOMM\0\0\0\x12\0\x01");
    out.extend((samples.len() as u32).to_be_bytes());
    // 8000 Hz as an 80-bit float.
    out.extend(b"\0\x10\x40\x0b\xfa\0\0\0\0\0\0\0SSND");
    out.extend((8 + data).to_be_bytes());
    out.extend([0; 8]);
    out.extend(samples.iter().flat_map(|s| s.to_be_bytes()));
    out
}

/// A single frame with a verbatim subframe (RFC 9639 §9): 1024 samples, 8 kHz, mono, 16 bits.
fn flac(samples: &[i16]) -> Vec<u8> {
    let mut out = b"fLaC\x80\0\0\x22\x04\0\x04\0\0\0\0\0\0\0".to_vec();
    // 20 bits of rate, 3 of channels − 1, 5 of bits − 1, 36 of samples; then no MD5.
    let info = 8000u64 << 44 | 15 << 36 | samples.len() as u64;
    out.extend(info.to_be_bytes());
    out.extend([0; 16]);
    let start = out.len();
    out.extend([0xff, 0xf8, 0xa4, 0x08, 0x00]);
    let sum = crc(&out[start..], 8, 0x07);
    out.push(sum as u8);
    out.push(0x02);
    out.extend(samples.iter().flat_map(|s| s.to_be_bytes()));
    let sum = crc(&out[start..], 16, 0x8005);
    out.extend((sum as u16).to_be_bytes());
    out
}

/// A CRC of `bits` bits (8 or 16) with initial value 0.
fn crc(bytes: &[u8], bits: u32, polynomial: u32) -> u32 {
    let (top, mask) = (1 << (bits - 1), (1 << bits) - 1);
    bytes.iter().fold(0, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte) << (bits - 8), |s, _| {
            (s << 1 ^ if s & top != 0 { polynomial } else { 0 }) & mask
        })
    })
}

/// A file that is damaged in one of several ways.
pub fn broken(sound: &[u8], random: &mut Rng) -> Vec<u8> {
    match random.u8(..6) {
        0 => Vec::new(),
        1 => b"This was an error page, saved under the name of a song.\n".to_vec(),
        2 => vec![0; 4096],
        3 => (0..2048).map(|_| random.u8(..)).collect(),
        // Truncated within its headers.
        4 => sound[..random.usize(4..30)].to_vec(),
        // An ID3 tag that claims to be longer than the file.
        _ => [b"ID3\x04\0\0\x7f\x7f\x7f\x7f", &sound[..sound.len() / 2]].concat(),
    }
}
