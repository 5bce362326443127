//! Durations, independent of what headers claim: the probe, the player and the decoded samples
//! agree.

use super::*;
use crate::audio::fixture::forms::{format, fragmented, riff, silent_mp3};
use crate::audio::probe::probe;

/// Opens a file whose duration must be known exactly: the probe, the player and the decoded samples agree on it, and
/// seeking near its end works. Returns its samples and rate.
fn exact(path: &Path) -> (Vec<f32>, u32) {
    let probed = probe(path).unwrap();
    let mut decoder = Decoder::open(path).unwrap();
    let info = decoder.info().clone();
    let mut sound = Vec::new();
    while decoder.next(&mut sound).unwrap() {}
    let (rate, channels) = (f64::from(info.rate), usize::from(info.channels));
    let secs = (sound.len() / channels) as f64 / rate;
    assert!((info.secs.unwrap() - secs).abs() < 1e-3, "{path:?}: the player says {:?} of {secs}", info.secs);
    assert!((probed.secs - secs).abs() < 2e-3, "{path:?}: the list says {} of {secs}", probed.secs);
    assert_eq!((probed.rate, probed.channels, probed.codec.as_str()), (info.rate, info.channels, info.codec));
    assert!(!decoder.truncated(), "{path:?}");
    for part in [0.97, 0.5] {
        let target = (secs * part * rate).round() / rate;
        assert!((decoder.seek(target).unwrap() - target).abs() < 1e-9, "{path:?} to {target}");
        let mut rest = Vec::new();
        while decoder.next(&mut rest).unwrap() {}
        let after = (rest.len() / channels) as f64 / rate;
        assert!((target + after - secs).abs() < 1e-3, "{path:?}: {after} behind {target} of {secs}");
    }
    (sound, info.rate)
}

/// The number of mp3 frames in a file made of these parts, which are silent.
fn frames(dir: &Path, parts: &[Vec<u8>]) -> f64 {
    let (sound, rate) = exact(&write(dir, "a.mp3", &parts.concat()));
    assert_eq!(rate, 44_100);
    let frame = if parts.iter().any(|part| part[3] == 0) { 2304 } else { 1152 };
    sound.len() as f64 / f64::from(frame)
}

#[test]
fn mp3_without_header_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    // An estimate from the quiet start, at the lowest bit rate, would be three times too long.
    assert_eq!(frames(dir.path(), &[silent_mp3(60, 1, false), silent_mp3(200, 9, false)]), 260.0);
    // A long file is counted too if its bit rate changes, otherwise not read completely.
    assert_eq!(frames(dir.path(), &[silent_mp3(2600, 14, false), silent_mp3(3600, 11, false)]), 6200.0);
    assert_eq!(frames(dir.path(), &[silent_mp3(4200, 14, true)]).round(), 4200.0);
}

#[test]
fn mp3_behind_junk_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let noise: Vec<u8> = (0..90_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for junk in [vec![0; 70 << 10], vec![0; 300 << 10], noise, b"<html>no music</html>".repeat(5000)] {
        assert_eq!(frames(dir.path(), &[junk, silent_mp3(100, 9, false)].map(|part| part)), 100.0);
    }
}

#[test]
fn a_header_that_counts_wrongly_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let sound = std::fs::read(stored("chirp.mp3")).unwrap();
    let whole = decode(&stored("chirp.mp3"));
    let xing = sound.windows(4).position(|w| matches!(w, b"Xing" | b"Info")).unwrap();
    let frames = u32::from_be_bytes(sound[xing + 8..xing + 12].try_into().unwrap());
    // Including counts that would fit frames of another length.
    for count in [0u32, 2, frames / 6, frames / 2, frames * 9 / 10, frames * 2, 90_000] {
        let mut other = sound.clone();
        other[xing + 8..xing + 12].copy_from_slice(&count.to_be_bytes());
        let (heard, _) = exact(&write(dir.path(), "a.mp3", &other));
        assert!(heard == whole, "{count}: {} of {}", heard.len(), whole.len());
    }
    // A header without a byte count.
    let mut other = sound.clone();
    other[xing + 7] &= !2;
    other.drain(xing + 12..xing + 16);
    assert!(exact(&write(dir.path(), "a.mp3", &other)).0.len() > whole.len() - 4000);
}

#[test]
fn adts_is_counted() {
    assert_eq!(exact(&stored("chirp.aac")).1, 44_100);
}

#[test]
fn fragments_are_added_up() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["chirp.m4a", "chirp-22k.m4a"] {
        let bytes = std::fs::read(stored(name)).unwrap();
        let (whole, _) = exact(&stored(name));
        for (each, sidx) in [(true, true), (true, false), (false, true)] {
            let path = write(dir.path(), name, &fragmented(&bytes, each, sidx));
            let (sound, rate) = exact(&path);
            let off = sound.len().abs_diff(whole.len()) as f64 / f64::from(rate);
            // If the samples have no durations of their own, the last one counts as long as the
            // others.
            assert!(off < if each { 1e-3 } else { 0.2 }, "{name}, {each}, {sidx}: {} of {}", sound.len(), whole.len());
        }
    }
}

#[test]
fn the_length_of_wav_is_that_of_its_data() {
    let dir = tempfile::tempdir().unwrap();
    let sound = noise(30_000 * 2, 3);
    let plain = wav(&sound, 2, 44_100);
    let (fmt, data) = (plain[20..36].to_vec(), &plain[44..]);
    let ds64: Vec<u8> =
        [0, data.len() as u64, 30_000].iter().flat_map(|n: &u64| n.to_le_bytes()).chain([0; 4]).collect();
    let size = data.len() as u32;
    let odd = format(1, 2, 44_100, 1, 16);
    let mut long = b"INFOICMT\xf0\xff\xff\x7f".to_vec();
    long.extend([b'a'; 100]);
    for (what, bytes) in [
        ("no length", riff(b"RIFF", &[(b"fmt ", 16, &fmt), (b"data", 0, data)])),
        ("all ones", riff(b"RIFF", &[(b"fmt ", 16, &fmt), (b"data", u32::MAX, data)])),
        ("nearly", riff(b"RIFF", &[(b"fmt ", 16, &fmt), (b"data", 0x7fff_ffff, data)])),
        (
            "RF64",
            riff(
                b"RF64",
                &[(b"ds64", 28, &ds64), (b"fmt ", 16, &fmt), (b"data", u32::MAX, data), (b"LIST", 4, b"INFO")],
            ),
        ),
        ("BW64", riff(b"BW64", &[(b"ds64", 28, &ds64), (b"fmt ", 16, &fmt), (b"data", u32::MAX, data)])),
        ("odd align", riff(b"RIFF", &[(b"fmt ", 16, &odd), (b"data", size, data)])),
        (
            "a note that says it is 2 GB long",
            riff(b"RIFF", &[(b"fmt ", 16, &fmt), (b"LIST", 112, &long), (b"data", size, data)]),
        ),
    ] {
        let (heard, _) = exact(&write(dir.path(), "a.wav", &bytes));
        assert!(heard == sound, "{what}: {} of {}", heard.len(), sound.len());
    }
    // Sony Wave64: 16-byte chunk names, and sizes that include the chunk header.
    let guid = |name: &[u8; 4]| [&name[..], b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"].concat();
    let chunk = |name: &[u8; 4], body: &[u8]| [&guid(name)[..], &(24 + body.len() as u64).to_le_bytes(), body].concat();
    let head = [&b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"[..], &[0; 8], &guid(b"wave")].concat();
    let bytes = [head, chunk(b"fmt ", &fmt), chunk(b"data", data)].concat();
    assert!(exact(&write(dir.path(), "a.w64", &bytes)).0 == sound);
}

#[test]
fn the_length_of_adpcm_is_that_of_its_blocks() {
    let dir = tempfile::tempdir().unwrap();
    // Blocks of 256 bytes: a header of four (or seven) bytes per channel, then four bits per
    // sample.
    for (tag, channels, samples) in [(0x11, 1, 505), (0x11, 2, 249), (2, 1, 500), (2, 2, 244)] {
        let fmt = [format(tag, channels, 22_050, 256, 4), vec![2, 0], (samples as u16).to_le_bytes().to_vec()].concat();
        let data = vec![0; 256 * 40];
        let bytes = riff(b"RIFF", &[(b"fmt ", 20, &fmt), (b"data", data.len() as u32, &data)]);
        let (sound, _) = exact(&write(dir.path(), "a.wav", &bytes));
        assert_eq!(sound.len(), samples * 40 * usize::from(channels), "{tag:x}, {channels}");
        // The fact chunk states how many samples of the last block are valid.
        let fact = (samples as u32 * 40 - 100).to_le_bytes();
        let bytes = riff(b"RIFF", &[(b"fmt ", 20, &fmt), (b"fact", 4, &fact), (b"data", data.len() as u32, &data)]);
        let (sound, _) = exact(&write(dir.path(), "b.wav", &bytes));
        assert_eq!(sound.len(), (samples * 40 - 100) * usize::from(channels), "{tag:x}, {channels}");
    }
}

#[test]
fn flac_without_a_total_is_as_long_as_its_last_frame_says() {
    let dir = tempfile::tempdir().unwrap();
    let sound = noise(50_001 * 2, 8);
    let mut bytes = flac(&sound, 2, 44_100);
    // The total: the last 36 bits of the eight bytes after the frame sizes.
    bytes[21] &= 0xf0;
    bytes[22..26].fill(0);
    let path = write(dir.path(), "a.flac", &bytes);
    assert!(exact(&path).0 == sound);
    // With an old tag appended; and truncated, where the last complete frame counts.
    let tag = [b"TAG".to_vec(), vec![b' '; 125]].concat();
    assert!(exact(&write(dir.path(), "b.flac", &[&bytes[..], &tag].concat())).0 == sound);
    let cut = probe(&write(dir.path(), "c.flac", &bytes[..bytes.len() - 1000])).unwrap().secs;
    assert!((50_001.0 / 44_100.0 - cut) < 0.2 && cut < 1.13, "{cut}");
}

#[test]
fn the_core_of_he_aac_is_played_at_its_own_rate() {
    let dir = tempfile::tempdir().unwrap();
    let mut bytes = std::fs::read(stored("chirp.m4a")).unwrap();
    let whole = exact(&stored("chirp.m4a")).0;
    let find = |bytes: &[u8], what: &[u8]| bytes.windows(4).position(|w| w == what).unwrap();
    // The container counts samples at twice the core's rate.
    for (name, at) in [(b"mdhd", 16), (b"mdhd", 20)] {
        let at = find(&bytes, name) + at;
        let twice = 2 * u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        bytes[at..at + 4].copy_from_slice(&twice.to_be_bytes());
    }
    let stts = find(&bytes, b"stts") + 8;
    for entry in 0..usize::from(bytes[stts + 3]) {
        let at = stts + 8 + 8 * entry;
        let twice = 2 * u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        bytes[at..at + 4].copy_from_slice(&twice.to_be_bytes());
    }
    let elst = find(&bytes, b"elst") + 16;
    let first = 2 * u32::from_be_bytes(bytes[elst..elst + 4].try_into().unwrap());
    bytes[elst..elst + 4].copy_from_slice(&first.to_be_bytes());
    let (sound, rate) = exact(&write(dir.path(), "a.m4a", &bytes));
    assert!(rate == 44_100 && sound == whole, "{} of {} at {rate}", sound.len(), whole.len());
    // Explicit signalling: SBR first, then the core's rate.
    let esds = find(&bytes, b"esds");
    let config = esds + bytes[esds..].iter().position(|&b| b == 5).unwrap();
    let config = config + bytes[config..].iter().position(|&b| b == 0x12).unwrap();
    let lc = u16::from_be_bytes([bytes[config], bytes[config + 1]]);
    bytes[config..config + 2].copy_from_slice(&(lc & 0x07ff | 5 << 11).to_be_bytes());
    let (sound, rate) = exact(&write(dir.path(), "b.m4a", &bytes));
    assert!(rate == 44_100 && sound == whole);
}

#[test]
fn what_nobody_could_listen_to_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let sound = noise(4000, 1);
    let mut flac = flac(&sound, 1, 44_100);
    // The 20 bits of the rate follow ten bytes of sizes.
    flac[18..20].fill(0);
    flac[20] = 8 << 4 | flac[20] & 15;
    for (name, bytes) in [
        ("a.flac", flac),
        ("b.wav", wav(&sound, 1, 8)),
        ("c.wav", riff(b"RIFF", &[(b"fmt ", 16, &format(1, 1, u32::MAX, 2, 16)), (b"data", 8, &[0; 8])])),
    ] {
        let path = write(dir.path(), name, &bytes);
        let (opened, probed) = (Decoder::open(&path).err().unwrap(), probe(&path).unwrap_err());
        assert!(
            matches!((&opened, &probed), (AudioError::Unsupported(_), AudioError::Unsupported(_))),
            "{opened}, {probed}"
        );
        assert!(opened.to_string().contains("samples a second"), "{opened}");
    }
}
