//! Tests of files whose format changes in the middle.

use super::*;
use crate::audio::fixture::forms::{resum, silent_mp3};
use crate::audio::probe::probe;

/// Checks a file against its parts, each given as its samples and rate.
fn check(path: &Path, parts: &[(Vec<f32>, u32)]) {
    let mut decoder = Decoder::open(path).unwrap();
    let info = decoder.info().clone();
    let rate = f64::from(info.rate);
    let secs: f64 = parts.iter().map(|(part, rate)| part.len() as f64 / f64::from(*rate)).sum();
    let mut sound = Vec::new();
    while decoder.next(&mut sound).unwrap() {}
    let heard = sound.len() as f64 / f64::from(info.channels) / rate;
    assert!((heard - secs).abs() < 1e-3, "{path:?}: {heard} of {secs} s are heard");
    assert!((info.secs.unwrap() - secs).abs() < 1e-3, "{path:?}: the player says {:?} of {secs}", info.secs);
    let probed = probe(path).unwrap().secs;
    assert!((probed - secs).abs() < 1e-3, "{path:?}: the list says {probed} of {secs}");
    assert_eq!((decoder.broken_packets(), decoder.truncated()), (0, false), "{path:?}");
    // The first part equals its own decoding; later parts are at the right position with the right
    // level.
    assert!(sound[..parts[0].0.len()] == parts[0].0, "{path:?}");
    let power = |x: &[f32]| x.iter().map(|x| f64::from(x * x)).sum::<f64>() / x.len().max(1) as f64;
    let mut at = 0.0;
    for (part, own) in parts {
        let len = part.len() as f64 / f64::from(*own);
        let place = |secs: f64| (secs * rate) as usize;
        let (here, alone) = (power(&sound[place(at)..place(at + len).min(sound.len())]), power(part));
        assert!((here - alone).abs() <= 0.02 * alone, "{path:?} at {at}: {here:e} and {alone:e}");
        // Seek into the middle of the part.
        let target = ((at + len / 2.0) * rate).round() / rate;
        let landed = decoder.seek(target).unwrap();
        assert!((landed - target).abs() < 1.5 / rate, "{path:?} to {target}: {landed}");
        let mut rest = Vec::new();
        while decoder.next(&mut rest).unwrap() {}
        let rest = rest.len() as f64 / f64::from(info.channels) / rate;
        assert!((target + rest - secs).abs() < 1e-3, "{path:?}: {rest} behind {target} of {secs}");
        at += len;
    }
    assert!((decoder.seek(secs + 5.0).unwrap() - secs).abs() < 1e-3 && !decoder.next(&mut sound).unwrap());
}

/// Checks several stored files concatenated into one.
fn joined(names: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = names.iter().flat_map(|name| std::fs::read(stored(name)).unwrap()).collect();
    let rate = |name: &str| Decoder::open(&stored(name)).unwrap().info().rate;
    let parts: Vec<_> = names.iter().map(|name| (decode(&stored(name)), rate(name))).collect();
    check(&write(dir.path(), names[0], &bytes), &parts);
}

#[test]
fn mp3_with_headers_of_their_own_and_other_rates() {
    joined(&["sine-44k.mp3", "sine-44k.mp3", "chirp.mp3"]);
    joined(&["sine-44k.mp3", "sine-22k.mp3"]);
    joined(&["sine-48k.mp3", "sine-44k.mp3", "sine-22k.mp3", "sine-48k.mp3"]);
    joined(&["chirp-bare.mp3", "sine-48k.mp3"]);
}

#[test]
fn mp3_of_one_channel_and_of_two() {
    let dir = tempfile::tempdir().unwrap();
    for mono in [true, false] {
        let parts = [silent_mp3(40, 9, mono), silent_mp3(50, 9, !mono), silent_mp3(60, 5, mono)];
        let mut decoder = Decoder::open(&write(dir.path(), "a.mp3", &parts.concat())).unwrap();
        let (mut sound, channels) = (Vec::new(), usize::from(decoder.info().channels));
        while decoder.next(&mut sound).unwrap() {}
        assert_eq!((sound.len() / channels, decoder.broken_packets()), (150 * 1152, 0));
        assert_eq!(decoder.info().secs, Some(150.0 * 1152.0 / 44_100.0));
    }
}

#[test]
fn chained_ogg_of_another_rate() {
    joined(&["sine-44k.ogg", "sine-32k.ogg"]);
    joined(&["sine-32k.ogg", "sine-44k.ogg", "chirp.ogg"]);
    joined(&["sine-48k.opus", "sine-44k.ogg"]);
}

#[test]
fn chained_opus_is_as_long_as_all_of_it() {
    joined(&["sine-48k.opus", "chirp.opus", "sine-48k.opus"]);
}

#[test]
fn the_last_granule_of_ogg_may_be_wrong() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["sine-44k.ogg", "sine-48k.opus"] {
        let whole = decode(&stored(name));
        let mut bytes = std::fs::read(stored(name)).unwrap().repeat(3);
        let last = bytes.windows(4).rposition(|w| w == b"OggS").unwrap();
        bytes[last + 11] = 0x70;
        resum(&mut bytes);
        let path = write(dir.path(), name, &bytes);
        let (probed, decoder) = (probe(&path).unwrap(), Decoder::open(&path).unwrap());
        let secs = 3.0 * whole.len() as f64 / f64::from(probed.rate);
        let told = decoder.info().secs.unwrap();
        assert!(
            (probed.secs - secs).abs() < 1.3 && (told - probed.secs).abs() < 0.05,
            "{name}: {told}, {probed:?} of {secs}"
        );
    }
}

#[test]
fn damaged_ogg_is_an_error_and_no_panic() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(11);
    let (mut opened, mut refused) = (0, 0);
    for name in ["chirp.ogg", "chirp.opus"] {
        let sound = std::fs::read(stored(name)).unwrap();
        for round in 0..300 {
            let mut bytes = sound.clone();
            // The Vorbis headers, which determine the decoder's allocations, are within the first 4 KB. Signatures and
            // page tables are kept.
            for _ in 0..1 + round % 4 {
                let at = random.usize(60..bytes.len().min(4000));
                bytes[at] ^= 1 << random.u32(..8);
            }
            let whole = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| resum(&mut bytes)));
            if whole.is_err() {
                continue;
            }
            match Decoder::open(&write(dir.path(), name, &bytes)) {
                Ok(mut decoder) => {
                    let mut sound = Vec::new();
                    while decoder.next(&mut sound).unwrap_or(false) {}
                    opened += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(opened > 100 && refused > 10, "{opened} and {refused}");
}
