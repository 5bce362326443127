//! Tests of what changes the samples and what does not.

use super::*;
use crate::audio::fixture::flac;

fn shaped(bench: &Bench, shape: Shape) {
    bench.player.send(Command::Shape(shape));
}

fn play(bench: &Bench, token: u64, path: &std::path::Path, sounding: Sounding) {
    bench.player.send(Command::Play { token, path: path.into(), at: 0.0, paused: false, sounding });
}

fn follow(bench: &Bench, token: u64, path: &std::path::Path, sounding: Sounding) {
    bench.player.send(Command::Follow { token, path: path.into(), sounding });
}

#[test]
fn flac_comes_out_bit_for_bit() {
    let mut bench = Bench::new();
    let sound = noise(100_000 * 2, 20);
    let a = write(bench.dir.path(), "a.flac", &flac(&sound, 2, RATE));
    let loud = Shape { volume: 100, fade: 0.3, ..Shape::default() };
    shaped(&bench, loud);
    bench.play(1, &a);
    let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert!(bits(&bench.sink.pull(100_000)) == bits(&sound), "not the file's own bits");
    // With a gain or another volume, the samples differ.
    play(&bench, 2, &a, Sounding { gain: 0.5, ..Sounding::default() });
    let quiet = bench.sink.pull(50_000);
    assert_eq!(quiet[20_000..], sound[20_000..100_000].iter().map(|x| x * 0.5).collect::<Vec<_>>());
}

#[test]
fn a_gain_changes_while_it_plays() {
    let mut bench = Bench::new();
    let a = write(bench.dir.path(), "a.wav", &wav(&vec![0.25; 200_000], 1, RATE));
    let half = Sounding { gain: 0.5, ..Sounding::default() };
    play(&bench, 1, &a, half);
    follow(&bench, 2, &a, half);
    assert_eq!(bench.sink.pull(5000)[9_999], 0.125);
    assert!(started(1)(&bench.told()));
    bench.player.send(Command::Gain { token: 1, gain: 2.0 });
    bench.player.send(Command::Gain { token: 2, gain: 1.0 });
    bench.player.send(Command::Gain { token: 7, gain: 9.0 });
    let after = bench.sink.pull(5000);
    assert_eq!(after[9_999], 0.5);
    assert!(jump(&after) < 0.01, "{}", jump(&after));
    // It continues at its position, and the follower has its own gain.
    let rest = bench.sink.pull(200_000 - 10_000 + 1000);
    assert_eq!(bench.told(), Event::Finished { token: 1 });
    assert!(started(2)(&bench.told()));
    assert_eq!(rest.last(), Some(&0.25));
}

#[test]
fn a_track_keeps_its_end_when_what_would_fade_in_does_not_open() {
    let mut bench = Bench::new();
    let (a, first) = bench.file("a.wav", 200_000, 24);
    let bad = write(bench.dir.path(), "bad.mp3", &b"no music here ".repeat(500));
    bench.play(1, &a);
    follow(&bench, 2, &bad, Sounding { crossfade: 0.5, ..Sounding::default() });
    let heard = bench.sink.pull(190_000);
    assert!(started(1)(&bench.told()));
    assert!(bench.events.try_iter().all(|e| matches!(e, Event::Position { .. })), "it is not over yet");
    let heard = [heard, bench.sink.pull(11_000)].concat();
    assert!(heard[..400_000] == first, "not whole");
    assert_eq!(bench.told(), Event::Finished { token: 1 });
    assert!(matches!(bench.told(), Event::Failed { token: 2, .. }));
}

#[test]
fn a_follower_that_hangs_before_its_fade_fails_alone() {
    let (entered, release, opener) = hanging();
    let mut bench = Bench::with(Settings { opener, ..Settings::default() });
    let (a, sound) = bench.file("a.wav", 200_000, 25);
    bench.play(1, &a);
    let path = bench.dir.path().join("hang.wav");
    follow(&bench, 2, &path, Sounding { crossfade: 0.5, ..Sounding::default() });
    bench.sink.pull(100_000);
    assert!(started(1)(&bench.told()));
    entered.recv_timeout(SOON).unwrap();
    bench.pass(Duration::from_secs(5));
    assert!(matches!(bench.told(), Event::Failed { token: 2, .. }), "what plays is fine");
    assert!(matches!(bench.told(), Event::Output { .. }));
    let rest = bench.sink.pull(101_000);
    assert_eq!(rest[600..20_000], sound[200_600..220_000], "it goes on where it was");
    assert_eq!(bench.told(), Event::Finished { token: 1 });
    drop(release);
}

#[test]
fn a_crossfade_keeps_the_power_and_the_clock() {
    let mut bench = Bench::new();
    // Longer than what is decoded ahead, so that their followers are known in time.
    let (a, first) = bench.file("a.wav", 200_000, 21);
    let (b, second) = bench.file("b.wav", 220_500, 22);
    let c = write(bench.dir.path(), "c.wav", &wav(&noise(48_000 * 2, 23), 2, 48_000));
    bench.play(1, &a);
    let shared = Sounding { crossfade: 0.5, ..Sounding::default() };
    follow(&bench, 2, &b, shared);
    let heard = bench.sink.pull(190_000);
    let at = 200_000 - 22_050;
    assert_eq!(heard[..at * 2], first[..at * 2], "the beginning is left alone");
    assert_eq!(bench.told(), Event::Started { token: 1, secs: Some(200_000.0 / 44_100.0) });
    assert_eq!(bench.told(), Event::Finished { token: 1 });
    assert!(started(2)(&bench.told()));
    follow(&bench, 3, &c, shared);
    let rest = bench.sink.pull(300_000);
    let heard = [heard, rest].concat();
    // Uncorrelated noise of equal power before and after, and constant power in between.
    let power =
        |from: usize, to: usize| heard[from * 2..to * 2].iter().map(|x| x * x).sum::<f32>() / (2 * (to - from)) as f32;
    let (before, after) = (power(at - 50_000, at), power(200_000, 250_000));
    for piece in 0..5 {
        let now = power(at + piece * 4410, at + (piece + 1) * 4410);
        assert!((now / before - 1.0).abs() < 0.1 && (now / after - 1.0).abs() < 0.1, "{piece}: {now} of {before}");
    }
    // After the first track has ended, the second is unchanged.
    assert_eq!(heard[200_000 * 2..205_000 * 2], second[22_050 * 2..27_050 * 2]);
    // The third has another rate; each overlap shortens the whole by half a second.
    assert_eq!(bench.told(), Event::Finished { token: 2 });
    assert!(started(3)(&bench.told()));
    assert_eq!(bench.told(), Event::Finished { token: 3 });
    let whole = 200_000 + 220_500 + 44_100 - 2 * 22_050;
    let end = heard.iter().rposition(|x| *x != 0.0).unwrap_or(0) / 2;
    assert!((whole - 100..whole + 300).contains(&end), "{end} of {whole}");
}

#[test]
fn a_follower_changed_during_the_end_still_fades_in() {
    let mut bench = Bench::new();
    let (a, first) = bench.file("a.wav", 200_000, 24);
    let (b, _) = bench.file("b.wav", 60_000, 25);
    let (c, third) = bench.file("c.wav", 60_000, 26);
    let shared = Sounding { crossfade: 0.5, ..Sounding::default() };
    bench.play(1, &a);
    follow(&bench, 2, &b, shared);
    bench.sink.pull(160_000);
    assert!(started(1)(&bench.told()));
    // The second is already in the ring, mixed into the first.
    follow(&bench, 3, &c, Sounding::default());
    let heard = bench.sink.pull(110_000);
    assert_eq!(bench.told(), Event::Finished { token: 1 });
    assert!(started(3)(&bench.told()));
    let end = 40_000 * 2;
    let join = heard.windows(1000).position(|w| w == &third[..1000]).expect("the third from its first sample");
    assert!((end..end + 1000).contains(&join), "{join}");
    assert_eq!(heard[join - 20_000..join], first[first.len() - 20_000..], "the first to its last sample");
}

#[test]
fn a_pause_and_a_stop_fade_as_long_as_they_are_told() {
    let mut bench = Bench::new();
    let a = write(bench.dir.path(), "a.wav", &wav(&vec![0.5; 400_000], 1, RATE));
    shaped(&bench, Shape { fade: 0.2, ..Shape::default() });
    bench.play(1, &a);
    bench.sink.pull(5000);
    for end in [Command::Pause, Command::Stop] {
        bench.player.send(end);
        let left: Vec<f32> = bench.sink.pull(12_000).iter().step_by(2).copied().collect();
        // 8,820 frames, falling linearly.
        assert!((left[4410] - 0.25).abs() < 0.005 && left[8600] > 0.0, "{} {}", left[4410], left[8600]);
        assert!(left[9200..].iter().all(|x| *x == 0.0));
        bench.player.send(Command::Resume);
        let up: Vec<f32> = bench.sink.pull(12_000).iter().step_by(2).copied().collect();
        if up[11_999] > 0.0 {
            assert!((up[4410] - 0.25).abs() < 0.005 && up[11_999] == 0.5, "{}", up[4410]);
        }
    }
    // A seek is a cut, with a fade of 5 ms each way.
    bench.play(2, &a);
    bench.sink.pull(5000);
    bench.player.send(Command::Seek(3.0));
    let left: Vec<f32> = bench.sink.pull(2000).iter().step_by(2).copied().collect();
    assert_eq!(left[600], 0.5);
}

#[test]
fn mono_and_balance() {
    let mut bench = Bench::new();
    let sides: Vec<f32> = (0..200_000).map(|i| if i % 2 == 0 { 0.5 } else { -0.25 }).collect();
    let a = write(bench.dir.path(), "a.wav", &wav(&sides, 2, RATE));
    bench.play(1, &a);
    let mut heard = |shape: Shape| {
        shaped(&bench, shape);
        let out = bench.sink.pull(6000);
        assert!(jump(&out) < 0.01, "{}", jump(&out));
        [out[11_998], out[11_999]]
    };
    assert_eq!(heard(Shape::default()), [0.5, -0.25]);
    assert_eq!(heard(Shape { balance: 50, ..Shape::default() }), [0.25, -0.25]);
    assert_eq!(heard(Shape { balance: -100, ..Shape::default() }), [0.5, 0.0]);
    assert_eq!(heard(Shape { mono: true, ..Shape::default() }), [0.125, 0.125]);
    assert_eq!(heard(Shape { mono: true, balance: 100, volume: 50, ..Shape::default() }), [0.0, 0.125 * 0.125]);
    assert_eq!(heard(Shape::default()), [0.5, -0.25]);
}

/// The next spectrum reported while a device pulls in the test's time.
fn seen(bench: &mut Bench) -> [f32; spectrum::BANDS] {
    let since = Instant::now();
    while since.elapsed() < SOON {
        let bands =
            bench.events.try_iter().find_map(|e| if let Event::Spectrum(bands) = e { Some(bands) } else { None });
        if let Some(bands) = bands {
            return bands;
        }
        bench.sink.pull(441);
        bench.tick();
    }
    panic!("no spectrum");
}

#[test]
fn the_spectrum_is_that_of_what_is_sent() {
    let mut bench = Bench::new();
    let tone: Vec<f32> = (0..400_000).map(|i| (i as f32 * 1000.0 * std::f32::consts::TAU / 44_100.0).sin()).collect();
    let a = write(bench.dir.path(), "a.wav", &wav(&tone, 1, RATE));
    bench.play(1, &a);
    bench.sink.pull(20_000);
    assert!(!bench.events.try_iter().any(|e| matches!(e, Event::Spectrum(_))), "nobody asked");
    bench.player.send(Command::Spectrum(true));
    // The first analysis may see only a few samples.
    let bands = loop {
        let bands = seen(&mut bench);
        if bands.iter().any(|band| *band > 0.9) {
            break bands;
        }
    };
    let loudest = (0..bands.len()).max_by(|&a, &b| bands[a].total_cmp(&bands[b])).unwrap();
    assert!((15..19).contains(&loudest) && bands[loudest] > 0.9, "{bands:?}");
}

#[test]
fn a_pause_leaves_nothing_of_the_spectrum() {
    let settings = Settings { rest: Duration::from_millis(150), ..Settings::default() };
    let (mut bench, _rack) = super::devices::rack_with(&[], true, settings);
    let (a, _) = bench.file("a.wav", 400_000, 27);
    bench.player.send(Command::Spectrum(true));
    let is_flat = |bands: [f32; spectrum::BANDS]| bands.iter().all(|band| *band == 0.0);
    // That nothing plays is reported once.
    assert!(is_flat(seen(&mut bench)));
    bench.play(1, &a);
    while is_flat(seen(&mut bench)) {}
    for _ in 0..2 {
        bench.player.send(Command::Pause);
        while !is_flat(seen(&mut bench)) {}
        // Nothing is analysed any more, also after the output has been released.
        for _ in 0..25 {
            bench.sink.pull(441);
            bench.tick();
        }
        assert!(!bench.events.try_iter().any(|e| matches!(e, Event::Spectrum(_))), "it is told in a pause");
        bench.player.send(Command::Resume);
        while is_flat(seen(&mut bench)) {}
    }
}

#[test]
fn a_gain_that_stays_as_it_is_cuts_nothing() {
    let (opened, opener) = counting();
    let mut bench = Bench::with(Settings { opener, ..Settings::default() });
    let (a, first) = bench.file("a.wav", 150_000, 55);
    let (b, second) = bench.file("b.wav", 150_000, 56);
    bench.play(1, &a);
    bench.follow(2, &b);
    // The follower is in the ring.
    let mut heard = bench.sink.pull(140_000);
    bench.player.send(Command::Gain { token: 2, gain: 1.0 });
    bench.player.send(Command::Gain { token: 1, gain: 1.0 });
    heard.extend(bench.sink.pull(160_000));
    assert!(heard == [first, second].concat(), "something was cut");
    assert_eq!(opened.load(Ordering::Relaxed), 2);
}
