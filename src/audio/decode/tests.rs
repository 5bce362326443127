mod broken;
mod contained;
mod huge;
mod joined;
mod late;
mod lengths;

use super::*;
use crate::audio::fixture::{aiff, chirp, cut_at, decode, flac, noise, stored, wav, write};

const STORED: [&str; 6] = ["chirp.mp3", "chirp-bare.mp3", "chirp.ogg", "chirp.opus", "chirp.m4a", "chirp-22k.m4a"];

/// Mean squared difference from the chirp, with the decoded sound shifted by `lag` samples.
fn distance(sound: &[f32], rate: u32, lag: i64) -> f64 {
    let inner = 2000..sound.len() as i64 - 2000;
    let n = inner.end - inner.start;
    let difference = |i: i64| f64::from(sound[i as usize] - chirp((i - lag) as usize, f64::from(rate)));
    inner.map(|i| difference(i).powi(2)).sum::<f64>() / n as f64
}

#[test]
fn lossless_formats_give_back_every_sample() {
    let dir = tempfile::tempdir().unwrap();
    let sound = noise(20_001 * 2, 1);
    for (name, bytes) in [
        ("a.wav", wav(&sound, 2, 44_100)),
        ("a.aiff", aiff(&sound, 2)),
        ("a.flac", flac(&sound, 2, 44_100)),
        ("wrong.mp3", flac(&sound, 2, 44_100)),
    ] {
        let path = write(dir.path(), name, &bytes);
        assert_eq!(decode(&path), sound, "{name}");
        let decoder = Decoder::open(&path).unwrap();
        assert_eq!((decoder.info().rate, decoder.info().channels), (44_100, 2), "{name}");
        assert!((decoder.info().secs.unwrap() - 20_001.0 / 44_100.0).abs() < 1e-9, "{name}");
    }
}

#[test]
fn lossy_formats_stand_where_the_music_stood() {
    for name in STORED {
        let mut decoder = Decoder::open(&stored(name)).unwrap();
        let rate = decoder.info().rate;
        let mut sound = Vec::new();
        while decoder.next(&mut sound).unwrap() {}
        // Without a header the delay is unknown: 576 samples of LAME's and 529 of the decoder's remain.
        let lag = if name == "chirp-bare.mp3" { 1105 } else { 0 };
        let here = distance(&sound[..sound.len() - lag as usize], rate, lag);
        assert!(here < 1e-3, "{name}: {here:e}");
        for off in [-1, 1] {
            let there = distance(&sound[..sound.len() - lag as usize], rate, lag + off);
            assert!(there > 2.0 * here, "{name}: {there:e} at {off}, {here:e} at 0");
        }
        if lag == 0 {
            let want = (1.2 * f64::from(rate)) as usize;
            assert!(sound.len().abs_diff(want) <= 64, "{name}: {} of {want}", sound.len());
            assert!((decoder.info().secs.unwrap() - 1.2).abs() < 0.002, "{name}");
            assert!(decoder.info().gapless, "{name}");
        }
        assert_eq!((decoder.broken_packets(), decoder.truncated()), (0, false), "{name}");
    }
}

#[test]
fn seeking_is_exact() {
    let dir = tempfile::tempdir().unwrap();
    let mut files: Vec<_> = STORED.iter().chain(&["chirp.aac"]).map(|name| stored(name)).collect();
    let sound = noise(60_000 * 2, 2);
    files.push(write(dir.path(), "a.wav", &wav(&sound, 2, 44_100)));
    files.push(write(dir.path(), "a.flac", &flac(&sound, 2, 44_100)));
    for path in files {
        let whole = decode(&path);
        let mut decoder = Decoder::open(&path).unwrap();
        let (rate, channels) = (f64::from(decoder.info().rate), usize::from(decoder.info().channels));
        for secs in [0.7, 0.31, 0.0, 1.0, 0.1234] {
            let landed = decoder.seek(secs).unwrap();
            assert_eq!(landed, (secs * rate).round() / rate, "{path:?} to {secs}");
            let mut part = Vec::new();
            while decoder.next(&mut part).unwrap() {}
            let rest = &whole[(landed * rate).round() as usize * channels..];
            assert_eq!(part.len(), rest.len(), "{path:?} to {secs}");
            // Opus depends slightly on its entire past, and AAC fills bands with noise; all others must match.
            let limit = match decoder.info().codec {
                "opus" => 5e-2,
                "aac" => 1e-3,
                _ => 1e-6,
            };
            let worst = part.iter().zip(rest).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst <= limit, "{path:?} to {secs}: {worst}");
        }
        assert!(decoder.seek(1e6).is_err() || !decoder.next(&mut Vec::new()).unwrap(), "{path:?}");
        assert!(decoder.seek(f64::NAN).is_err());
    }
}

#[test]
fn opus_is_as_loud_as_its_header_says() {
    let dir = tempfile::tempdir().unwrap();
    let mut bytes = std::fs::read(stored("chirp.opus")).unwrap();
    let plain = decode(&stored("chirp.opus"));
    let head = bytes.windows(8).position(|w| w == b"OpusHead").unwrap();
    bytes[head + 16..head + 18].copy_from_slice(&(-6i16 * 256).to_le_bytes());
    crate::audio::fixture::forms::resum(&mut bytes);
    let quiet = decode(&write(dir.path(), "a.opus", &bytes));
    let power = |x: &[f32]| x.iter().map(|x| x * x).sum::<f32>();
    let db = 10.0 * (power(&quiet) / power(&plain)).log10();
    assert!((db + 6.0).abs() < 0.01, "{db}");
}

#[test]
fn chained_streams_play_one_after_another() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["sine-44k.ogg", "sine-48k.opus"] {
        let one = std::fs::read(stored(name)).unwrap();
        let whole = decode(&stored(name));
        let path = write(dir.path(), name, &[&one[..], &one, &one].concat());
        let all = decode(&path);
        assert_eq!(all.len(), 3 * whole.len(), "{name}");
        for part in all.chunks(whole.len()) {
            assert!(part == whole, "{name}: not the same three times");
        }
        let mut decoder = Decoder::open(&path).unwrap();
        let rate = f64::from(decoder.info().rate);
        for secs in [0.5, 1.9, 3.0, 0.1, 2.5] {
            let landed = decoder.seek(secs).unwrap();
            assert_eq!(landed, (secs * rate).round() / rate, "{name} to {secs}");
            let mut part = Vec::new();
            assert!(decoder.next(&mut part).unwrap());
            let at = (landed * rate).round() as usize;
            let worst = part.iter().zip(&all[at..]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 0.1, "{name} to {secs}: {worst}");
        }
        assert!((decoder.seek(9.0).unwrap() - 3.6).abs() < 1e-9 && !decoder.next(&mut Vec::new()).unwrap());
    }
}

#[test]
fn a_cut_file_plays_to_the_cut() {
    let dir = tempfile::tempdir().unwrap();
    let sound = noise(120_000, 3);
    for (name, bytes) in [("a.wav", wav(&sound, 1, 44_100)), ("a.flac", flac(&sound, 1, 44_100))] {
        let path = write(dir.path(), name, &bytes[..bytes.len() / 2]);
        let mut decoder = Decoder::open(&path).unwrap();
        let mut out = Vec::new();
        while decoder.next(&mut out).unwrap() {}
        assert!(decoder.truncated(), "{name}");
        assert!(out.len() > 50_000 && out == sound[..out.len()], "{name}: {}", out.len());
    }
}

#[test]
fn damage_costs_no_more_than_itself() {
    let dir = tempfile::tempdir().unwrap();
    let sound = noise(120_000, 4);
    let mut bytes = flac(&sound, 1, 44_100);
    let middle = bytes.len() / 2;
    bytes[middle..middle + 200].fill(0x55);
    let path = write(dir.path(), "a.flac", &bytes);
    let out = decode(&path);
    assert!(out.len() >= 100_000 && out[..40_000] == sound[..40_000], "{}", out.len());
}

#[test]
fn what_is_no_sound_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let text = write(dir.path(), "text.mp3", "only words, again and again ".repeat(999).as_bytes());
    assert!(matches!(Decoder::open(&text), Err(AudioError::Unsupported(_))));
    let empty = write(dir.path(), "empty.flac", b"");
    assert!(matches!(Decoder::open(&empty), Err(AudioError::Empty)));
    assert!(matches!(Decoder::open(dir.path()), Err(AudioError::NotAFile)));
    assert!(matches!(Decoder::open(&dir.path().join("none")), Err(AudioError::Io(_))));
    // Opening a FIFO would normally block.
    let fifo = dir.path().join("fifo.wav");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert!(matches!(Decoder::open(&fifo), Err(AudioError::NotAFile)));
}

#[test]
fn the_pieces_of_a_file_are_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut files: Vec<_> = STORED
        .iter()
        .chain(&["chirp.aac"])
        .map(|name| write(dir.path(), name, &std::fs::read(stored(name)).unwrap()))
        .collect();
    let sound = noise(60_000 * 2, 2);
    files.push(write(dir.path(), "a.wav", &wav(&sound, 2, 44_100)));
    files.push(write(dir.path(), "a.flac", &flac(&sound, 2, 44_100)));
    for path in files {
        let whole = decode(&path);
        let info = Decoder::open(&path).unwrap().info().clone();
        let (rate, channels) = (u64::from(info.rate), usize::from(info.channels));
        let sectors = [0, 1, 2, 31, 60];
        let pieces = cut_at(dir.path(), &path, &sectors);
        let place = |n: usize| sectors.get(n).map_or(whole.len(), |s| (u64::from(*s) * rate / 75) as usize * channels);
        let limit = match info.codec {
            "opus" => 0.15,
            "aac" => 1e-3,
            _ => 1e-6,
        };
        let near = |a: &[f32], b: &[f32]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= limit);
        for (n, piece) in pieces.iter().enumerate() {
            let (from, to) = (place(n), place(n + 1));
            let own = decode(piece);
            assert!(near(&own, &whole[from..to]), "{piece:?}: {} and {}", own.len(), to - from);
            let mut decoder = Decoder::open(piece).unwrap();
            if let Some(secs) = decoder.info().secs.filter(|_| info.codec != "aac" || info.secs.is_some()) {
                let exact = (to - from) as f64 / channels as f64 / rate as f64;
                assert!((secs - exact).abs() < 0.06, "{piece:?} lasts {exact}, not {secs}");
            }
            // Seeking within a piece is relative to its start; there is nothing beyond its end.
            let middle = (to - from) / channels / 2;
            let landed = decoder.seek(middle as f64 / rate as f64).unwrap();
            assert_eq!(landed, middle as f64 / rate as f64, "{piece:?}");
            let mut rest = Vec::new();
            while decoder.next(&mut rest).unwrap() {}
            assert!(near(&rest, &whole[from + middle * channels..to]), "{piece:?} from its middle");
            if n + 1 < pieces.len() {
                decoder.seek(1000.0).unwrap();
                assert!(!decoder.next(&mut rest).unwrap(), "{piece:?}");
            }
        }
        // One decoder through all pieces, without a sample in between.
        let mut decoder = Decoder::open(&pieces[0]).unwrap();
        let mut through = Vec::new();
        for (n, piece) in pieces.iter().enumerate() {
            if n > 0 {
                assert!(!decoder.go_on(&pieces[n - 1]) && decoder.go_on(piece), "{piece:?}");
            }
            let before = through.len();
            while decoder.next(&mut through).unwrap() {}
            assert_eq!((before, through.len()), (place(n), place(n + 1)), "{piece:?}");
        }
        assert!(through == whole, "{path:?} in one go");
        assert!(!decoder.go_on(&pieces[0]), "{path:?} is over");
        // Seek back into a piece that was reached by `go_on`.
        decoder.seek(0.01).unwrap();
        let mut again = Vec::new();
        while decoder.next(&mut again).unwrap() {}
        let from = place(pieces.len() - 1) + (0.01 * rate as f64).round() as usize * channels;
        assert!(near(&again, &whole[from..]), "{path:?}: back");
    }
}

#[test]
fn a_piece_behind_the_end_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "a.wav", &wav(&noise(44_100, 2), 1, 44_100));
    let pieces = cut_at(dir.path(), &path, &[0, 60, 75, 90]);
    assert_eq!(decode(&pieces[1]).len(), 15 * 588);
    for piece in &pieces[2..] {
        let (opened, probed) = (Decoder::open(piece).err().unwrap(), crate::audio::probe::probe(piece).unwrap_err());
        assert!(
            opened.to_string().contains("behind its file's end") && probed.to_string().contains("behind"),
            "{probed}"
        );
    }
    // A piece that ends after the end of the file plays what there is.
    let pieces = cut_at(dir.path(), &path, &[0, 30, 149]);
    let mut decoder = Decoder::open(&pieces[1]).unwrap();
    let mut sound = Vec::new();
    while decoder.next(&mut sound).unwrap() {}
    assert_eq!((sound.len(), decoder.info().secs), (45 * 588, Some(0.6)));
}

#[test]
fn pieces_of_an_mp3_without_header_play_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    // The bit rate at the start differs from the rest, so an estimate from it would be too short.
    let (dense, thin) =
        (std::fs::read(stored("chirp-bare.mp3")).unwrap(), std::fs::read(stored("sine-44k.mp3")).unwrap());
    // Without the leading frame, which contains no music.
    let begins = |from: usize| (from..thin.len()).find(|&i| thin[i] == 0xff && thin[i + 1] & 0xfa == 0xfa).unwrap();
    let thin = &thin[begins(begins(0) + 100)..];
    let path = write(dir.path(), "mix.mp3", &[dense, thin.repeat(8)].concat());
    let whole = decode(&path);
    let real = whole.len() as f64 / 44_100.0;
    assert!(real > 10.5 && Decoder::open(&path).unwrap().info().secs == Some(real), "{real}");
    let pieces = cut_at(dir.path(), &path, &[0, 2 * 75, 10 * 75]);
    for (piece, place) in pieces[1..].iter().zip([2 * 44_100..10 * 44_100, 10 * 44_100..whole.len()]) {
        let (own, part) = (decode(piece), &whole[place]);
        let worst = own.iter().zip(part).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let first = own.iter().zip(part).position(|(a, b)| (a - b).abs() > 1e-6);
        assert!(
            own.len() == part.len() && worst <= 1e-6,
            "{piece:?}: {} of {} samples, off by {worst} from {first:?} on",
            own.len(),
            part.len()
        );
    }
    let mut decoder = Decoder::open(&pieces[1]).unwrap();
    assert_eq!(decoder.info().secs, Some(8.0));
    let mut through = Vec::new();
    while decoder.next(&mut through).unwrap() {}
    assert!(decoder.go_on(&pieces[2]));
    while decoder.next(&mut through).unwrap() {}
    assert!(through == whole[2 * 44_100..]);
}
