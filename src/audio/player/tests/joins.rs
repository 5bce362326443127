//! Two hundred joins across formats and rates: a sine cut into pieces is played as one continuous sine.

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::super::Settings;
use super::{Bench, counting, started};
use crate::audio::Event;
use crate::audio::fixture::{cut_at, flac, itunes_m4a, itunes_mp3, noise, stored, wav, write};

/// The frequency of the sine in `tests/fixtures/audio`; `PIECE`: the length of its pieces in seconds, a whole number of
/// periods.
const HZ: f64 = 500.0;
const PIECE: f64 = 1.2;
/// The output's rate in Hz; `FRAMES`: frames of a piece at that rate.
const RATE: f64 = 44_100.0;
const FRAMES: usize = 52_920;
const JOINS: usize = 200;

fn sine(rate: u32) -> Vec<f32> {
    let n = (f64::from(rate) * PIECE) as usize;
    (0..n).map(|i| (0.5 * (TAU * HZ * i as f64 / f64::from(rate)).sin()) as f32).collect()
}

/// All pieces: every format, trimmed by each method that encoders use to state their delay.
fn pieces(dir: &Path) -> Vec<PathBuf> {
    let names = [
        "sine-44k.mp3",
        "sine-48k.mp3",
        "sine-22k.mp3",
        "sine-44k.ogg",
        "sine-32k.ogg",
        "sine-48k.opus",
        "sine-44k.m4a",
        "sine-48k.m4a",
        "sine-8k.m4a",
    ];
    let mut all: Vec<_> = names.iter().map(|name| stored(name)).collect();
    for rate in [44_100, 48_000, 96_000] {
        all.push(write(dir, &format!("{rate}.wav"), &wav(&sine(rate), 1, rate)));
        all.push(write(dir, &format!("{rate}.flac"), &flac(&sine(rate), 1, rate)));
    }
    for name in ["sine-44k.mp3", "sine-48k.mp3"] {
        all.push(write(dir, &format!("itunes-{name}"), &itunes_mp3(&std::fs::read(stored(name)).unwrap())));
    }
    let m4a = std::fs::read(stored("sine-44k.m4a")).unwrap();
    all.push(write(dir, "itunes.m4a", &itunes_m4a(&m4a, PIECE, 44_100)));
    all
}

/// The delay of the sine around `middle` in samples, within ± half a period, and its amplitude.
fn late(heard: &[f32], middle: usize, half: usize) -> (f64, f64) {
    let (mut s, mut c) = (0.0, 0.0);
    for (n, x) in heard.iter().enumerate().take(middle + half).skip(middle - half) {
        let (sin, cos) = (TAU * HZ * n as f64 / RATE).sin_cos();
        (s, c) = (s + f64::from(*x) * sin, c + f64::from(*x) * cos);
    }
    (-c.atan2(s) / TAU * RATE / HZ, 2.0 * s.hypot(c) / (2 * half) as f64)
}

#[test]
fn two_hundred_joins_across_formats_and_rates() {
    let mut bench = Bench::new();
    let files = pieces(bench.dir.path());
    let mut random = fastrand::Rng::with_seed(2_718);
    // Every file once, then random ones, so that all pairs of neighbours are equally likely.
    let order: Vec<usize> =
        (0..=JOINS).map(|i| if i < files.len() { i } else { random.usize(..files.len()) }).collect();
    let mut heard: Vec<f32> = Vec::new();
    let mut hear = |bench: &mut Bench, upto: usize| {
        let part = bench.sink.pull(upto - heard.len());
        heard.extend(part.chunks_exact(2).map(|f| f[0]));
    };
    bench.play(0, &files[order[0]]);
    for token in 1..=JOINS {
        bench.follow(token as u64, &files[order[token]]);
        // Up to the middle of this piece, whose follower the player does not know yet.
        hear(&mut bench, token * FRAMES + FRAMES / 2);
        if token == 1 {
            assert!(started(0)(&bench.told()));
        }
        assert_eq!(bench.told(), Event::Finished { token: token as u64 - 1 });
        assert!(started(token as u64)(&bench.told()), "{:?} did not begin", files[order[token]]);
    }
    hear(&mut bench, (JOINS + 1) * FRAMES + 2000);
    assert_eq!(bench.sink.underruns(), 0);

    let mut worst = 0.0f64;
    for join in 1..=JOINS {
        let at = join * FRAMES;
        let name = |i: usize| files[order[i]].file_name().unwrap_or_default().to_owned();
        let pair = || format!("join {join}: {:?} to {:?}", name(join - 1), name(join));
        let (before, _) = late(&heard, at - 3000, 2000);
        let (after, _) = late(&heard, at + 3000, 2000);
        // The sine has the same phase as without a cut on both sides: nothing is missing or added.
        assert!(before.abs() <= 1.0 && after.abs() <= 1.0, "{}: {before:.2} and {after:.2} samples", pair());
        worst = worst.max((after - before).abs());
        // It is continuous: two periods across the cut are almost as strong as elsewhere.
        let (_, across) = late(&heard, at, 88);
        assert!((0.35..0.6).contains(&across), "{}: {across:.2} across", pair());
    }
    // A gap of whole periods would show at the end.
    let end = (JOINS + 1) * FRAMES;
    assert!(late(&heard, end - 200, 88).1 > 0.4, "it ends early");
    assert!(heard[end + 500..].iter().all(|&x| x == 0.0), "it ends late");
    assert!(worst <= 1.0, "{worst} samples between the two sides of a join");
    println!("{JOINS} joins of {} kinds of file: at most {worst:.3} samples off", files.len());
}

#[test]
fn the_pieces_of_a_cue_sheet_are_one_stream() {
    let (opened, opener) = counting();
    let mut bench = Bench::with(Settings { opener, ..Settings::default() });
    let sound = noise(44_100 * 2 * 16, 3);
    let file = write(bench.dir.path(), "a.flac", &flac(&sound, 2, 44_100));
    let sectors = [0, 4 * 75 + 1, 8 * 75 + 40, 12 * 75 + 74];
    let pieces = cut_at(bench.dir.path(), &file, &sectors);
    let mut heard = Vec::new();
    bench.play(0, &pieces[0]);
    for (n, piece) in pieces.iter().enumerate().skip(1) {
        bench.follow(n as u64, piece);
        // Into this piece, whose follower is set long before its end is decoded.
        heard.extend(bench.sink.pull((sectors[n] as usize + 30) * 588 - heard.len() / 2));
        if n == 1 {
            assert!(started(0)(&bench.told()));
        }
        assert_eq!(bench.told(), Event::Finished { token: n as u64 - 1 });
        let length = f64::from(sectors.get(n + 1).map_or(1200, |next| *next) - sectors[n]) / 75.0;
        match bench.told() {
            Event::Started { token, secs: Some(secs) } => assert!(token == n as u64 && (secs - length).abs() < 1e-9),
            other => panic!("{other:?}"),
        }
    }
    heard.extend(bench.sink.pull(16 * 44_100 - heard.len() / 2));
    assert!(heard == sound, "not the file");
    assert_eq!((opened.load(Ordering::Relaxed), bench.sink.underruns()), (1, 0));
}
