//! Files of AU, CAF and Matroska, and mp2: what is listed, decoded and sought.

use super::*;
use crate::audio::fixture::forms::silent_mp3;
use crate::audio::fixture::held::{
    aifc, au, block, caf, caf_of, chunk, cluster, element, ima4, matroska, packets, track,
};
use crate::audio::probe::probe;

/// Nanoseconds of so many samples at 48 kHz.
fn nanos(samples: usize) -> u64 {
    samples as u64 * 1_000_000_000 / 48_000
}

/// The stored Opus file as WebM, in clusters of half a second.
fn webm() -> (Vec<u8>, Vec<f32>) {
    let packets = packets(&std::fs::read(stored("chirp.opus")).unwrap());
    let want = decode(&stored("chirp.opus"));
    let (head, frames) = (&packets[0], &packets[2..]);
    let skip = usize::from(u16::from_le_bytes([head[10], head[11]]));
    // Frames of 20 ms of one channel.
    let discard = frames.len() * 960 - skip - want.len();
    let mut clusters = Vec::new();
    for (n, part) in frames.chunks(25).enumerate() {
        let blocks = (0..).zip(part).map(|(i, data)| {
            let last = n * 25 + i as usize + 1 == frames.len();
            block(i * 20, 0x80, data, if last { nanos(discard) } else { 0 })
        });
        clusters.push(cluster(n as u64 * 500, &blocks.collect::<Vec<_>>()));
    }
    let own = track("A_OPUS", (48_000.0, 1), head, nanos(skip));
    (matroska(Some((want.len() + skip) as f64 / 48.0), &own, &clusters), want)
}

/// Decodes from several positions and compares with the whole.
pub(super) fn seeks(path: &Path, whole: &[f32], limit: f32) {
    let mut decoder = Decoder::open(path).unwrap();
    let (rate, channels) = (f64::from(decoder.info().rate), usize::from(decoder.info().channels));
    for secs in [0.2, 0.06, 0.0, 0.4] {
        let landed = decoder.seek(secs).unwrap();
        assert_eq!(landed, (secs * rate).round() / rate, "{path:?} to {secs}");
        let mut part = Vec::new();
        while decoder.next(&mut part).unwrap() {}
        let rest = &whole[(landed * rate).round() as usize * channels..];
        assert_eq!(part.len(), rest.len(), "{path:?} to {secs}");
        let worst = part.iter().zip(rest).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= limit, "{path:?} to {secs}: {worst}");
    }
}

/// The list and the player agree about a file: codec, rate, channels, and this many samples per channel.
pub(super) fn is(path: &Path, (codec, rate, channels): (&str, u32, u16), length: usize) {
    let (sound, decoder) = (probe(path).unwrap(), Decoder::open(path).unwrap());
    let info = decoder.info();
    assert_eq!((sound.codec.as_str(), sound.rate, sound.channels), (codec, rate, channels), "{path:?}");
    assert_eq!((info.codec, info.rate, info.channels), (codec, rate, channels), "{path:?}");
    let secs = length as f64 / f64::from(rate);
    assert!((sound.secs - secs).abs() < 1e-3, "{path:?}: the list says {} of {secs}", sound.secs);
    assert!((info.secs.unwrap() - secs).abs() < 1e-3, "{path:?}: the player says {:?} of {secs}", info.secs);
}

#[test]
fn plain_samples_are_given_back() {
    let dir = tempfile::tempdir().unwrap();
    let sound = noise(22_051 * 2, 1);
    let length = sound.len() as u32 * 2;
    let big: Vec<u8> = sound.iter().flat_map(|x| ((x * 32_768.0) as i16).to_be_bytes()).collect();
    let little: Vec<u8> = sound.iter().flat_map(|x| ((x * 32_768.0) as i16).to_le_bytes()).collect();
    let float: Vec<u8> = sound.iter().flat_map(|x| x.to_be_bytes()).collect();
    let wide: Vec<u8> = sound.iter().flat_map(|x| ((x * 8_388_608.0) as i32).to_be_bytes()[1..].to_vec()).collect();
    for (name, bytes) in [
        ("a.au", au(&sound, 2, 44_100, length)),
        ("b.snd", au(&sound, 2, 44_100, u32::MAX)),
        ("c.snd", au(&sound, 2, 44_100, 0)),
        ("a.caf", caf(44_100.0, b"lpcm", [0, 4, 1, 2, 16], &[], &big)),
        ("b.caf", caf(44_100.0, b"lpcm", [2, 4, 1, 2, 16], &[], &little)),
        ("c.caf", caf(44_100.0, b"lpcm", [1, 8, 1, 2, 32], &[], &float)),
        ("d.caf", caf(44_100.0, b"lpcm", [0, 6, 1, 2, 24], &[], &wide)),
    ] {
        let path = write(dir.path(), name, &bytes);
        assert_eq!(decode(&path), sound, "{name}");
        is(&path, ("pcm", 44_100, 2), 22_051);
        seeks(&path, &sound, 0.0);
        // The rest is missing.
        let path = write(dir.path(), name, &bytes[..bytes.len() - 4 * 2000]);
        let mut decoder = Decoder::open(&path).unwrap();
        while decoder.next(&mut Vec::new()).unwrap() {}
        assert_eq!(decoder.truncated(), !name.ends_with("snd"), "{name}: only where a length is stated");
    }
    for (name, bytes) in [
        ("e.au", [&b".snd"[..], &[0, 0, 0, 24, 0, 0, 0, 4, 0, 0, 0, 23], &[0; 12]].concat()),
        ("e.caf", caf(44_100.0, b"QDM2", [0, 68, 64, 2, 0], &[], &[0; 68])),
        ("f.caf", caf(44_100.0, b"ima4", [0, 68, 32, 2, 0], &[], &[0; 68])),
    ] {
        assert!(Decoder::open(&write(dir.path(), name, &bytes)).is_err(), "{name}");
    }
}

#[test]
fn adpcm_of_quicktime_is_what_its_encoder_heard() {
    let dir = tempfile::tempdir().unwrap();
    for channels in [1, 2, 3] {
        // It grows and is quiet again, so that steps of most sizes occur.
        let tone =
            |i: usize| (0.5 * (i as f64 / 9000.0).sin().powi(4) * (i as f64 / (9 + i % channels) as f64).sin()) as f32;
        let sound: Vec<f32> = (0..30_000 * channels).map(tone).collect();
        let (data, heard) = ima4(&sound, channels);
        let length = heard.len() / channels;
        let words = [0, 34 * channels as u32, 64, channels as u32, 0];
        let fits = [&(length as u64 / 64).to_be_bytes()[..], &(length as u64 - 20).to_be_bytes(), &[0; 8]].concat();
        let packets = length as u32 / 64;
        // Six bytes of something else are in front of it.
        let mut behind = aifc(b"ima4", channels as u16, packets, 16, &[&[0x55; 6][..], &data].concat());
        let offset = behind.windows(4).position(|four| four == b"SSND").unwrap() + 8;
        behind[offset + 3] = 6;
        for (name, bytes, length) in [
            ("a.caf", caf(44_100.0, b"ima4", words, &[], &data), length),
            ("b.caf", caf(44_100.0, b"ima4", words, &chunk(b"pakt", &fits), &data), length - 20),
            ("c.aifc", aifc(b"ima4", channels as u16, packets, 16, &data), length),
            ("behind.aifc", behind, length),
        ] {
            let path = write(dir.path(), name, &bytes);
            assert!(decode(&path) == heard[..length * channels], "{name} of {channels} channels");
            is(&path, ("adpcm", 44_100, channels as u16), length);
            // The state is known again within a few steps of 16 bits.
            seeks(&path, &heard[..length * channels], 3e-4);
            let path = write(dir.path(), name, &bytes[..bytes.len() - 34 * channels * 400]);
            let mut decoder = Decoder::open(&path).unwrap();
            while decoder.next(&mut Vec::new()).unwrap() {}
            assert!(decoder.truncated(), "{name} of {channels} channels, cut");
        }
    }
    // Samples in the same container are left as they were.
    let sound = noise(2000, 4);
    let data: Vec<u8> = sound.iter().flat_map(|x| ((x * 32_768.0) as i16).to_le_bytes()).collect();
    let path = write(dir.path(), "d.aifc", &aifc(b"sowt", 1, 2000, 16, &data));
    assert_eq!(decode(&path), sound);
    is(&path, ("pcm", 44_100, 1), 2000);
}

#[test]
fn packets_of_caf_are_those_of_m4a() {
    let dir = tempfile::tempdir().unwrap();
    for (name, kind, samples, first) in [("chirp-22k.m4a", b"alac", 4096, 0), ("chirp.m4a", b"aac ", 1024, 1024)] {
        let want = decode(&stored(name));
        let decoder = Decoder::open(&stored(name)).unwrap();
        let info = decoder.info();
        let length = want.len() / usize::from(info.channels);
        let bytes = caf_of(&std::fs::read(stored(name)).unwrap(), kind, samples, first, length as u64);
        let path = write(dir.path(), &format!("{name}.caf"), &bytes);
        let sound = decode(&path);
        assert_eq!(sound.len(), want.len(), "{name}");
        let worst = sound.iter().zip(&want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= 1e-3, "{name}: {worst}");
        is(&path, (info.codec, info.rate, info.channels), length);
        seeks(&path, &sound, 1e-3);
    }
}

#[test]
fn opus_in_webm_is_that_in_ogg() {
    let dir = tempfile::tempdir().unwrap();
    let (bytes, want) = webm();
    let path = write(dir.path(), "a.webm", &bytes);
    assert!(decode(&path) == want, "without what is put in front, and without the padding behind");
    is(&path, ("opus", 48_000, 1), want.len());
    seeks(&path, &want, 5e-2);
    assert!(Decoder::open(&path).unwrap().info().gapless);
    // Other tags and a later place in the file are the same track; other sound is another one.
    let packets = packets(&std::fs::read(stored("chirp.opus")).unwrap());
    let own = track("A_OPUS", (48_000.0, 1), &packets[0], 0);
    let one = |more: &[u8], data: &[u8]| {
        let rest = [more.to_vec(), cluster(0, &[block(0, 0x80, data, 0)])];
        probe(&write(dir.path(), "b.webm", &matroska(None, &own, &rest))).unwrap()
    };
    let plain = one(&[], &packets[2]);
    assert_eq!(one(&element(0x1254_c367, &[0xec, 0x80]), &packets[2]).track, plain.track);
    assert_ne!(one(&[], &packets[3]).track, plain.track);
}

#[test]
fn vorbis_in_matroska_is_that_in_ogg() {
    let dir = tempfile::tempdir().unwrap();
    let packets = packets(&std::fs::read(stored("chirp.ogg")).unwrap());
    let laced = |len: usize| [vec![255; len / 255], vec![(len % 255) as u8]].concat();
    let lengths = [vec![2], laced(packets[0].len()), laced(packets[1].len())].concat();
    let config = [lengths, packets[..3].concat()].concat();
    let blocks: Vec<Vec<u8>> = packets[3..].iter().map(|data| block(0, 0x80, data, 0)).collect();
    let own = track("A_VORBIS", (44_100.0, 1), &config, 0);
    let path = write(dir.path(), "a.mka", &matroska(Some(1200.0), &own, &[cluster(0, &blocks)]));
    let (sound, want) = (decode(&path), decode(&stored("chirp.ogg")));
    // Ogg states where it ends, within the last packet.
    assert!(sound.starts_with(&want) && sound.len() < want.len() + 2048, "{} and {}", sound.len(), want.len());
    is(&path, ("vorbis", 44_100, 1), 52_920);
    // What is before the music is decoded for its beginning, also when that is sought.
    let blocks: Vec<Vec<u8>> = (0..).zip(&packets[3..]).map(|(n, data)| block(n * 10, 0x80, data, 0)).collect();
    let own = track("A_VORBIS", (44_100.0, 1), &config, 15_000_000);
    let path = write(dir.path(), "b.mka", &matroska(Some(1200.0), &own, &[cluster(0, &blocks)]));
    let (whole, mut decoder, mut again) = (decode(&path), Decoder::open(&path).unwrap(), Vec::new());
    assert_eq!(decoder.seek(0.0).unwrap(), 0.0);
    while decoder.next(&mut again).unwrap() {}
    assert!(again == whole, "{} and {} samples", again.len(), whole.len());
}

#[test]
fn a_block_may_hold_several_frames() {
    let dir = tempfile::tempdir().unwrap();
    let own = track("A_MPEG/L3", (44_100.0, 2), &[], 0);
    let frame = silent_mp3(1, 9, false);
    let len = frame.len();
    let xiph = [&[3][..], &[255, (len - 255) as u8].repeat(3), &frame.repeat(4)].concat();
    let fixed = [&[3][..], &frame.repeat(4)].concat();
    let ebml = [&[3, 0x40 | (len >> 8) as u8, len as u8, 0xbf, 0xbf][..], &frame.repeat(4)].concat();
    for (flags, data) in [(0x02, xiph), (0x04, fixed), (0x06, ebml)] {
        let blocks = [block(0, flags, &data, 0), block(104, flags, &data, 0)];
        let path = write(dir.path(), "a.mka", &matroska(Some(209.0), &own, &[cluster(0, &blocks)]));
        let sound = decode(&path);
        assert_eq!((sound.len(), sound.iter().any(|&x| x != 0.0)), (8 * 1152 * 2, false), "{flags}");
    }
    // The beginning of every frame is stated once, and left out of the blocks.
    let settings = [element(0x4254, &[3]), element(0x4255, &frame[..4])].concat();
    let encodings = element(0x6d80, &element(0x6240, &element(0x5034, &settings)));
    let inner = [&own[9..], &encodings].concat();
    let blocks: Vec<Vec<u8>> = (0..8).map(|n| block(n * 26, 0x80, &frame[4..], 0)).collect();
    let bytes = matroska(Some(209.0), &element(0xae, &inner), &[cluster(0, &blocks)]);
    assert_eq!(decode(&write(dir.path(), "b.mka", &bytes)).len(), 8 * 1152 * 2);
}

#[test]
fn what_was_recorded_as_it_came_has_no_lengths() {
    let dir = tempfile::tempdir().unwrap();
    let own = track("A_MPEG/L3", (44_100.0, 2), &[], 0);
    let frame = silent_mp3(1, 9, false);
    let part = |time: u64| {
        let blocks: Vec<Vec<u8>> = (0..10).map(|n| block(n * 26, 0x80, &frame, 0)).collect();
        let mut cluster = cluster(time, &blocks);
        // All ones.
        cluster[4..12].fill(0xff);
        cluster[4] = 0x01;
        cluster
    };
    // Also where the last cluster had just been begun.
    for rest in [vec![], vec![cluster(520, &[])]] {
        let parts = [vec![part(0), part(260)], rest].concat();
        let path = write(dir.path(), "a.webm", &matroska(None, &own, &parts));
        assert_eq!(decode(&path).len(), 20 * 1152 * 2);
        let secs = probe(&path).unwrap().secs;
        // The last block begins there; how long it is, is not stated.
        assert!((secs - 0.494).abs() < 1e-3, "{secs}");
        let mut decoder = Decoder::open(&path).unwrap();
        assert_eq!(decoder.seek(0.3).unwrap(), 0.3);
    }
}

#[test]
fn mp2_is_counted_and_decoded() {
    let dir = tempfile::tempdir().unwrap();
    // MPEG 1 layer II, 128 kbit/s at 44.1 kHz, of which no band is used.
    let mut frame = vec![0; 417];
    frame[..4].copy_from_slice(&[0xff, 0xfd, 0x80, 0]);
    let path = write(dir.path(), "a.mp2", &frame.repeat(30));
    let sound = decode(&path);
    assert_eq!((sound.len(), sound.iter().any(|&x| x != 0.0)), (30 * 1152 * 2, false));
    is(&path, ("mp2", 44_100, 2), 30 * 1152);
    seeks(&path, &sound, 0.0);
}

#[test]
fn damage_is_never_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    let sound = noise(4000, 3);
    let m4a = std::fs::read(stored("chirp-22k.m4a")).unwrap();
    for (name, bytes) in [
        ("a.au", au(&sound, 2, 44_100, 8000)),
        ("a.caf", caf_of(&m4a, b"alac", 4096, 0, 20_000)),
        ("b.caf", caf(44_100.0, b"ima4", [0, 68, 64, 2, 0], &[], &ima4(&sound, 2).0)),
        ("a.aifc", aifc(b"ima4", 2, 31, 16, &ima4(&sound, 2).0)),
        ("a.webm", webm().0),
    ] {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..40 {
            let mut bad = bytes.clone();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..bad.len().min(700));
                bad[at] = random.u8(..);
            }
            bad.truncate(random.usize(1..=bytes.len()));
            let path = write(dir.path(), name, &bad);
            let _ = probe(&path);
            if let Ok(mut decoder) = Decoder::open(&path) {
                let mut out = Vec::new();
                while out.len() < 20_000 && decoder.next(&mut out).unwrap_or(false) {}
                let _ = decoder.seek(0.1);
            }
        }
    }
}
