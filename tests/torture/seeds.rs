//! A small valid file of each supported kind, for the mutator.

use std::f32::consts::TAU;

use lofty::config::WriteOptions;
use lofty::picture::{MimeType, Picture, PictureType};
use lofty::tag::{Accessor, Tag, TagExt, TagType};

use crate::held::{self, LENGTH, RATE};
use crate::support;

/// A valid file.
pub struct Seed {
    pub name: &'static str,
    pub extension: &'static str,
    pub bytes: Vec<u8>,
}

/// All seeds. Formats that cannot be generated here are taken from `tests/fixtures/audio`; those in `mutated` are made so
/// that little of the time goes into decoding and converting what is whole: at the rate of the trial's output, and short
/// where its end is not sought. The others last more than the second before their end at which they are tried again.
pub fn all() -> Vec<Seed> {
    let stored = |name: &str| {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio");
        std::fs::read(dir.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    let seed = |name, extension, bytes| Seed { name, extension, bytes };
    let mp3 = stored("mutated/chirp.mp3");
    let flac = flac();
    let stereo: Vec<u8> = samples().flat_map(|s| [s, s]).flat_map(i16::to_le_bytes).collect();
    let wide: Vec<u8> = samples().flat_map(|s| (i32::from(s) << 8).to_le_bytes()[..3].to_vec()).collect();
    let float: Vec<u8> = samples().flat_map(|s| (f32::from(s) / 32_768.0).to_le_bytes()).collect();
    let mono: Vec<u8> = samples().flat_map(i16::to_le_bytes).collect();
    vec![
        seed("mp3, constant rate", "mp3", mp3.clone()),
        seed("mp3 without a header", "mp3", stored("mutated/chirp-bare.mp3")),
        seed("mp3, variable rate", "mp3", stored("mutated/sine-48k.mp3")),
        seed("mp3 of two rates", "mp3", [mp3.clone(), stored("mutated/sine-22k.mp3")].concat()),
        seed("mp3, ID3v2", "mp3", tagged("a.mp3", &mp3, TagType::Id3v2)),
        seed("mp3, APE and ID3v1", "mp3", [tagged("a.mp3", &mp3, TagType::Ape), id3v1()].concat()),
        seed("flac", "flac", flac.clone()),
        seed("flac with a picture", "flac", tagged("a.flac", &flac, TagType::VorbisComments)),
        seed("Ogg Vorbis", "ogg", stored("mutated/chirp.ogg")),
        seed(
            "Ogg Vorbis with a picture",
            "ogg",
            tagged("a.ogg", &stored("mutated/chirp.ogg"), TagType::VorbisComments),
        ),
        seed("chained Ogg", "ogg", [stored("mutated/chirp.ogg"), stored("sine-32k.ogg")].concat()),
        seed("Opus", "opus", stored("chirp.opus")),
        seed("chained Opus", "opus", [stored("chirp.opus"), stored("sine-48k.opus")].concat()),
        seed("m4a, AAC", "m4a", stored("mutated/chirp.m4a")),
        seed("m4a with tags", "m4a", tagged("a.m4a", &stored("mutated/chirp.m4a"), TagType::Mp4Ilst)),
        seed("m4a, ALAC", "m4a", stored("mutated/chirp-24k.m4a")),
        seed("m4a in fragments", "m4a", stored("mutated/chirp-fragmented.m4a")),
        seed("AAC, ADTS", "aac", stored("mutated/chirp.aac")),
        seed("m4a, 5.1", "m4a", stored("mutated/surround-5.1.m4a")),
        seed("m4a, 7.1", "m4a", stored("mutated/surround-7.1-wide.m4a")),
        seed("AAC, ADTS, 5.1", "aac", stored("mutated/surround-5.1.aac")),
        seed("wav, 16 bit", "wav", wav(1, 2, 16, &stereo, &[])),
        seed("wav, 24 bit", "wav", wav(1, 1, 24, &wide, &[])),
        seed("wav, float", "wav", wav(3, 1, 32, &float, &[])),
        seed("wav with INFO", "wav", wav(1, 1, 16, &mono, &info())),
        seed("wav, IMA ADPCM", "wav", adpcm()),
        seed("RF64", "wav", rf64(&mono)),
        seed("aiff", "aiff", aiff(None)),
        seed("aifc", "aifc", aiff(Some(b"sowt"))),
        seed("aifc, IMA ADPCM", "aifc", held::aifc(&held::quicktime())),
        seed("AU", "au", held::au(&mono)),
        seed("CAF", "caf", held::caf(f64::from(RATE), b"lpcm", [2, 2, 1, 1, 16], &[], &mono)),
        seed("CAF, IMA ADPCM", "caf", held::caf(f64::from(RATE), b"ima4", [0, 34, 64, 1, 0], &[], &held::quicktime())),
        seed("CAF, ALAC", "caf", held::caf_alac(&stored("mutated/chirp-24k.m4a"))),
        seed("Matroska", "mka", held::matroska(&mono, false)),
        seed("Matroska with chapters", "mka", held::matroska(&mono, true)),
        seed("m4b with chapters", "m4b", held::book(&stored("mutated/chirp.m4a"))),
        seed("mp2", "mp2", mp2()),
        seed("cue sheet", "cue", SHEET.as_bytes().to_vec()),
    ]
}

/// A sheet for the file that the mutator puts beside it.
const SHEET: &str = "REM GENRE Noise\nPERFORMER \"Nobody\"\nTITLE \"Rooms\"\nFILE \"whole.wav\" WAVE\n\
    TRACK 01 AUDIO\nTITLE \"Hall\"\nINDEX 01 00:00:00\n\
    TRACK 02 AUDIO\nTITLE \"Cellar\"\nPREGAP 00:00:10\nINDEX 00 00:00:08\nINDEX 01 00:00:12\n";

fn samples() -> impl Iterator<Item = i16> {
    (0..LENGTH).map(|i| (9000.0 * (TAU * 440.0 * i as f32 / RATE as f32).sin()) as i16)
}

fn tagged(name: &str, bytes: &[u8], kind: TagType) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut tag = Tag::new(kind);
    tag.set_title("A title".into());
    tag.set_artist("Somebody".into());
    tag.set_album("Ümläute".into());
    tag.set_comment("what is to be said about it".into());
    let picture = Picture::unchecked(PNG.to_vec()).mime_type(MimeType::Png).pic_type(PictureType::CoverFront);
    tag.push_picture(picture.build());
    tag.save_to_path(&path, WriteOptions::default()).unwrap();
    std::fs::read(&path).unwrap()
}

/// One grey pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\nIDATx\x9cc\x68\0\0\0\x82\0\x81\
    \x77\xcd\x72\xb6\0\0\0\0IEND\xaeB`\x82";

fn id3v1() -> Vec<u8> {
    let mut tag = b"TAGA title".to_vec();
    tag.resize(127, 0);
    tag.push(12);
    tag
}

fn flac() -> Vec<u8> {
    use flacenc::bitsink::ByteSink;
    use flacenc::component::BitRepr;
    use flacenc::error::Verify;
    let config = flacenc::config::Encoder::default().into_verified().unwrap();
    let samples: Vec<i32> = samples().map(i32::from).collect();
    let source = flacenc::source::MemSource::from_samples(&samples, 1, 16, RATE as usize);
    let mut stream = flacenc::encode_with_fixed_block_size(&config, source, config.block_size).unwrap();
    stream.stream_info_mut().set_block_sizes(config.block_size, config.block_size).unwrap();
    let mut sink = ByteSink::new();
    stream.write(&mut sink).unwrap();
    sink.as_slice().to_vec()
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = [&name[..], &(body.len() as u32).to_le_bytes(), body].concat();
    if body.len() % 2 == 1 {
        out.push(0);
    }
    out
}

fn format(tag: u16, channels: u16, bits: u16, block: u16) -> Vec<u8> {
    let mut out = tag.to_le_bytes().to_vec();
    out.extend(channels.to_le_bytes());
    out.extend(RATE.to_le_bytes());
    out.extend((RATE * u32::from(block)).to_le_bytes());
    out.extend(block.to_le_bytes());
    out.extend(bits.to_le_bytes());
    out
}

fn riff(chunks: &[u8]) -> Vec<u8> {
    chunk(b"RIFF", &[b"WAVE", chunks].concat())
}

fn wav(tag: u16, channels: u16, bits: u16, data: &[u8], more: &[u8]) -> Vec<u8> {
    let head = chunk(b"fmt ", &format(tag, channels, bits, channels * bits / 8));
    riff(&[head, chunk(b"data", data), more.to_vec()].concat())
}

fn info() -> Vec<u8> {
    chunk(b"LIST", &[b"INFO".to_vec(), chunk(b"INAM", b"A title\0"), chunk(b"IART", b"Somebody\0")].concat())
}

fn adpcm() -> Vec<u8> {
    const BLOCK: u16 = 256;
    const PER_BLOCK: u16 = (BLOCK - 4) * 2 + 1;
    let mut head = format(0x11, 1, 4, BLOCK);
    head.extend(2u16.to_le_bytes());
    head.extend(PER_BLOCK.to_le_bytes());
    let mut random = fastrand::Rng::with_seed(1);
    let blocks = 15;
    // Any nibble is a valid step.
    let data: Vec<u8> =
        (0..blocks).flat_map(|_| [vec![0, 0, 20, 0], (4..BLOCK).map(|_| random.u8(..)).collect()].concat()).collect();
    let fact = (u32::from(PER_BLOCK) * blocks).to_le_bytes();
    riff(&[chunk(b"fmt ", &head), chunk(b"fact", &fact), chunk(b"data", &data)].concat())
}

fn rf64(data: &[u8]) -> Vec<u8> {
    let mut sizes = (data.len() as u64 + 80).to_le_bytes().to_vec();
    sizes.extend((data.len() as u64).to_le_bytes());
    sizes.extend((data.len() as u64 / 2).to_le_bytes());
    sizes.extend(0u32.to_le_bytes());
    let mut sound = chunk(b"data", data);
    sound[4..8].fill(0xff);
    let rest = [chunk(b"ds64", &sizes), chunk(b"fmt ", &format(1, 1, 16, 2)), sound].concat();
    [b"RF64\xff\xff\xff\xffWAVE".to_vec(), rest].concat()
}

/// A file of mono 16-bit samples, optionally with a compression type that only states the byte order.
fn aiff(compression: Option<&[u8; 4]>) -> Vec<u8> {
    let big = |name: &[u8; 4], body: &[u8]| [&name[..], &(body.len() as u32).to_be_bytes(), body].concat();
    let mut common = 1u16.to_be_bytes().to_vec();
    common.extend((LENGTH as u32).to_be_bytes());
    common.extend(16u16.to_be_bytes());
    // 22,050 as an 80-bit float.
    common.extend([0x40, 0x0d, 0xac, 0x44, 0, 0, 0, 0, 0, 0]);
    let data: Vec<u8> = match compression {
        None => samples().flat_map(i16::to_be_bytes).collect(),
        Some(kind) => {
            common.extend(kind);
            common.extend([0, 0]);
            samples().flat_map(i16::to_le_bytes).collect()
        }
    };
    let sound = [&[0; 8][..], &data].concat();
    let kind: &[u8; 4] = if compression.is_some() { b"AIFC" } else { b"AIFF" };
    big(b"FORM", &[&kind[..], &big(b"COMM", &common), &big(b"SSND", &sound)].concat())
}

/// Silent frames of MPEG 1 layer II.
fn mp2() -> Vec<u8> {
    let mut frame = vec![0; 417];
    frame[..4].copy_from_slice(&[0xff, 0xfd, 0x80, 0]);
    frame.repeat(12)
}

/// The audio file of the cue sheet.
pub fn whole() -> Vec<u8> {
    support::wav("tone", 0.4, 1)
}
