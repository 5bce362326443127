//! Tests of jobs on generated files.

use std::f32::consts::TAU;

use super::*;
use crate::sound::full;
use crate::sound::trace::{Plan, decibels};

/// A stereo 16-bit wav at 44.1 kHz: a 1 kHz tone whose level in dBFS is a function of the second.
fn wav(dir: &Path, secs: usize, level: impl Fn(usize) -> f32) -> PathBuf {
    let data: Vec<u8> = (0..secs * 44_100)
        .flat_map(|i| {
            let amplitude = 10f32.powf(level(i / 44_100) / 20.0);
            let sample = (amplitude * (TAU * 1000.0 * (i % 44_100) as f32 / 44_100.0).sin() * 32_767.0) as i16;
            [sample, sample].map(i16::to_le_bytes)
        })
        .flatten()
        .collect();
    let mut out = Vec::from(*b"RIFF");
    out.extend((36 + data.len() as u32).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    out.extend(44_100u32.to_le_bytes());
    out.extend((44_100u32 * 4).to_le_bytes());
    out.extend(b"\x04\0\x10\0data");
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
    let path = dir.join("a.wav");
    std::fs::write(&path, out).unwrap();
    path
}

#[test]
fn of_several_files_one_that_is_broken_costs_only_itself() {
    let dir = tempfile::tempdir().unwrap();
    let good = wav(dir.path(), 1, |_| -20.0);
    let bad = dir.path().join("bad.mp3");
    std::fs::write(&bad, b"words").unwrap();
    match run(Job::Probes { paths: vec![bad, good] }).unwrap() {
        Found::Probes(found) => assert!(matches!(found[..], [Err(_), Ok(Found::Probe { .. })]), "{found:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_opens_as_far_as_the_player_can_begin_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = wav(dir.path(), 3, |_| -20.0);
    assert!(matches!(run(Job::Open { path: path.clone() }), Ok(Found::Opened)));
    // Truncated, so that it is shorter than its header says.
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(run(Job::Open { path: path.clone() }), Ok(Found::Opened)));
    std::fs::write(&path, "words").unwrap();
    assert!(run(Job::Open { path }).is_err());
    assert!(run(Job::Open { path: dir.path().join("none.wav") }).is_err());
}

#[test]
fn loudness_is_that_of_the_whole_file() {
    let dir = tempfile::tempdir().unwrap();
    // EBU Tech 3341: a stereo tone at −23 dBFS measures −23 LUFS; the last 20 s are 10 dB quieter.
    let path = wav(dir.path(), 40, |second| if second < 20 { -23.0 } else { -33.0 });
    let Ok(Found::Loudness(loudness)) = run(Job::Loudness { path, secs: 40.0 }) else { panic!("no loudness") };
    let whole = 10.0 * ((10f32.powf(-2.3) + 10f32.powf(-3.3)) / 2.0).log10();
    assert!((loudness.lufs.unwrap() - whole).abs() < 0.3, "{loudness:?} against {whole}");
    assert!((loudness.range.unwrap() - 10.0).abs() < 1.0, "{loudness:?}");
    assert!((loudness.peak.unwrap() + 23.0).abs() < 0.2, "{loudness:?}");
}

const STROBE: Wanted = Wanted { input: Input::Strobe, middle: true };
const PATCH: Wanted = Wanted { input: Input::Patch, middle: true };

#[test]
fn listening_and_describing_hear_the_same_middle() {
    let dir = tempfile::tempdir().unwrap();
    let path = wav(dir.path(), 70, |second| -20.0 - second as f32 / 10.0);
    for (wanted, n) in [(STROBE, 3), (PATCH, 7)] {
        for secs in [70.0, 0.0] {
            let heard = listen(&path, secs, wanted).unwrap();
            let other = middle(&path, secs).unwrap();
            assert_eq!((heard.middle.len(), heard.middle == other, heard.cut), (30 * 44_100, true, false));
        }
        // A length far above the real one yields the same images and middle.
        let heard = listen(&path, 7000.0, wanted).unwrap();
        assert_eq!((heard.images.len(), heard.middle.len(), heard.cut), (n, 30 * 44_100, false));
        let input = wanted.input;
        let Ok(Found::Heard { images, sound, .. }) = run(Job::Listen { path: path.clone(), secs: 70.0, input }) else {
            panic!("not heard")
        };
        let Ok(Found::Sound(again)) = run(Job::Describe { path: path.clone(), secs: 70.0 }) else {
            panic!("not described")
        };
        assert_eq!((images.len(), sound), (n, again));
        assert!(images.iter().all(|image| image.len() == input.bytes()));
        let Ok(Found::Drawn(drawn)) = run(Job::Draw { path: path.clone(), secs: 70.0, input }) else {
            panic!("not drawn")
        };
        // Patches within the middle segment are resampled twice in one case and once in the other.
        let off = |a: &u8, b: &u8| (a >> 4).abs_diff(b >> 4).max((a & 15).abs_diff(b & 15));
        assert_eq!(drawn.len(), images.len());
        assert!(drawn.iter().flatten().zip(images.iter().flatten()).all(|(a, b)| off(a, b) <= 1));
    }
    assert_eq!(middle(&path, 7000.0).unwrap().len(), 30 * 44_100);
}

#[test]
fn a_file_that_is_cut_short_is_heard_as_far_as_it_goes() {
    let dir = tempfile::tempdir().unwrap();
    let path = wav(dir.path(), 90, |second| -20.0 - second as f32 / 10.0);
    let whole = std::fs::read(&path).unwrap();
    // For 90 s the segments begin at 12, 30 and 48 s; three segments need at least 60 s, one needs 30 s. Patches are
    // spread over the audio that exists.
    let cases = [(70, 3, 7, 30), (61, 3, 7, 30), (45, 1, 7, 30), (25, 1, 7, 25), (10, 1, 3, 10), (2, 1, 1, 2)];
    for (there, segments, patches, middle) in cases {
        std::fs::write(&path, &whole[..44 + there * 44_100 * 4]).unwrap();
        for (wanted, images) in [(STROBE, segments), (PATCH, patches)] {
            let Ok(Heard { images: drawn, cut, middle: heard }) = listen(&path, 90.0, wanted) else {
                panic!("nothing is heard of {there} s")
            };
            let secs = heard.len() as f64 / 44_100.0;
            assert!(drawn.len() == images && cut, "{wanted:?} {there}: {} {cut}", drawn.len());
            assert!((secs - f64::from(middle)).abs() < 1.1, "{there}: {secs}");
        }
        let Ok(Found::Sound(sound)) = run(Job::Describe { path: path.clone(), secs: 90.0 }) else {
            panic!("{there} s are not described")
        };
        assert!(sound.energy.is_some(), "{there}");
    }
    // Only the header.
    std::fs::write(&path, &whole[..44]).unwrap();
    for input in Input::ALL {
        let silent = |found| matches!(found, Ok(Found::Heard { images, .. }) if images.is_empty());
        let found = run(Job::Listen { path: path.clone(), secs: 90.0, input });
        assert!(found.is_err() || silent(found));
    }
}

#[test]
fn a_full_image_is_of_the_same_segments() {
    let dir = tempfile::tempdir().unwrap();
    let path = wav(dir.path(), 65, |second| if second < 30 { -200.0 } else { -20.0 });
    let job = Job::Draw { path, secs: 65.0, input: Input::Mel };
    let Ok(Found::Drawn(images)) = run(job) else { panic!("not heard") };
    // Segments start at 7, 17.5 and 28 s; the last one begins with two seconds of silence.
    assert_eq!(images.iter().map(Vec::len).collect::<Vec<_>>(), [full::PACKED; 3]);
    // 1 kHz is 15 of 49.9 mels, between bands 37 and 38 of 128: loud from the given second on, quiet before.
    let loud = |image: &[u8]| {
        let band = &image[38 * full::STEPS / 2..39 * full::STEPS / 2];
        band.iter().position(|b| *b >> 4 > 12).map(|at| at as f64 * 2.0 * 512.0 / f64::from(full::RATE))
    };
    for (image, secs) in images.iter().zip([23.0, 12.5, 2.0]) {
        assert!(loud(image).is_some_and(|at| (at - secs).abs() < 0.2), "{:?} where {secs} belongs", loud(image));
    }
}

#[test]
fn views_are_windows_and_the_middle_at_other_pitches() {
    let dir = tempfile::tempdir().unwrap();
    let views = |level: &dyn Fn(usize) -> f32, pitched: bool| {
        let path = wav(dir.path(), 60, level);
        match run(Job::Views { path, secs: 60.0, pitched }) {
            Ok(Found::Drawn(images)) => images,
            other => panic!("{other:?}"),
        }
    };
    // The middle of the bands that are loudest on average.
    let band = |image: &Vec<u8>| {
        let rows = image.chunks(64).map(|row| row.iter().map(|b| u32::from(b >> 4) + u32::from(b & 15)).sum::<u32>());
        let rows: Vec<u32> = rows.collect();
        let loudest = rows.iter().copied().max().unwrap_or(0);
        let at: Vec<usize> = (0..rows.len()).filter(|band| rows[*band] == loudest).collect();
        at.iter().sum::<usize>() as f64 / at.len() as f64
    };
    let images = views(&|second| if second < 30 { -20.0 } else { -30.0 }, true);
    assert!(images.len() == 7 && images.iter().all(|image| image.len() == Input::Strobe.bytes()));
    let bands: Vec<f64> = images.iter().map(band).collect();
    assert!(bands[1..3].iter().all(|band| (band - bands[0]).abs() < 0.6), "{bands:?}");
    assert!(images[0] != images[1] && images[0] != images[2], "the level changes in the middle one alone");
    let pitched = &bands[3..];
    assert!(pitched[0] < pitched[1] && pitched[1] < bands[0], "{bands:?}");
    assert!(bands[0] < pitched[2] && pitched[2] < pitched[3], "{bands:?}");
    // The middle stands in for a silent view, and nothing for a silent middle.
    let images = views(&|second| if second < 30 { -200.0 } else { -20.0 }, false);
    assert!(images.len() == 3 && images[1] == images[0] && images[2] != images[0]);
    assert!(views(&|_| -200.0, true).is_empty());
}

#[test]
fn patches_lie_where_they_should_and_silent_ones_are_left_out() {
    let dir = tempfile::tempdir().unwrap();
    // Seven patches of 70 s begin at 3.5, 13.5 … 63.5 s. The sound begins in the middle of the second and ends in the
    // sixth.
    let path = wav(dir.path(), 70, |second| if (15..54).contains(&second) { -20.0 } else { -200.0 });
    let heard = listen(&path, 70.0, PATCH).unwrap();
    assert_eq!(heard.images.len(), 5);
    // 1 kHz is 15 of 45.2 mels, between bands 31 and 32 of 96.
    let loud = |image: &[u8]| -> Vec<usize> {
        let band = &image[31 * 93..32 * 93];
        (0..186).filter(|t| band[t / 2] >> (4 - 4 * (t % 2)) & 15 > 3).collect()
    };
    let second = loud(&heard.images[0]);
    // 1.5 s are 93.75 frames.
    assert!((92..=94).contains(&second[0]) && second.last() == Some(&185), "{second:?}");
    assert!(heard.images[1..4].iter().all(|image| loud(image).len() == 186));
    let sixth = loud(&heard.images[4]);
    assert!(sixth[0] == 0 && (29..=32).contains(sixth.last().unwrap()), "{sixth:?}");
    let silence = wav(dir.path(), 40, |_| -200.0);
    assert!(listen(&silence, 40.0, PATCH).unwrap().images.is_empty());
}

#[test]
fn a_long_file_has_its_time() {
    let job = |secs| Job::Loudness { path: PathBuf::new(), secs }.patience();
    assert_eq!(job(7200.0), Duration::from_secs(7230));
    assert_eq!(job(f64::INFINITY), job(0.0));
    assert_eq!(job(1e300), PATIENCE + Duration::from_secs(24 * 3600));
    assert_eq!(Job::Describe { path: PathBuf::new(), secs: 7200.0 }.patience(), PATIENCE);
}

#[test]
fn the_pieces_of_a_file_join_to_its_trace() {
    let dir = tempfile::tempdir().unwrap();
    let path = wav(dir.path(), 4, |second| if second < 2 { -26.0 } else { -6.0 });
    let trace = |piece| match run(Job::Trace { path: path.clone(), piece }) {
        Ok(Found::Trace(trace)) => *trace,
        other => panic!("{other:?}"),
    };
    let plan = Plan { secs: 4.0, columns: 8 };
    let whole = trace(plan.piece(0));
    assert_eq!((whole.levels.len(), whole.loudness.len(), whole.peaks.len()), (8 * full::BANDS, 8, 8));
    let mut joined = Trace::empty(8);
    for first in [0, 4] {
        joined.put(first, &trace(Piece { first, columns: 4, start: first as f64 * 0.5, secs: 2.0 }));
    }
    assert_eq!(joined.peaks, whole.peaks);
    let near = |a: u8, b: u8| a.abs_diff(b) <= 2;
    assert!(joined.loudness.iter().zip(&whole.loudness).all(|(a, b)| near(*a, *b)), "{joined:?}");
    // Where the tone changes it depends on where the frames lie.
    let loudest =
        |trace: &Trace, column: usize| trace.levels[column * full::BANDS..][..full::BANDS].iter().copied().max();
    for column in [0, 1, 2, 5, 6, 7] {
        assert!(near(loudest(&joined, column).unwrap(), loudest(&whole, column).unwrap()), "{column}");
    }
    let peaks: Vec<f32> = whole.peaks.iter().filter_map(|code| decibels(*code)).collect();
    assert!(peaks[..4].iter().all(|db| (db + 26.0).abs() < 1.0), "{peaks:?}");
    assert!(peaks[4..].iter().all(|db| (db + 6.0).abs() < 1.0), "{peaks:?}");
    assert!(run(Job::Trace { path: "/nowhere.flac".into(), piece: plan.piece(0) }).is_err());
}
