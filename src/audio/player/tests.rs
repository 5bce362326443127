use super::feed::Opener;
use super::*;
use crate::audio::fixture::{noise, wav, write};
use crate::audio::output::device::Devices;
use crate::audio::output::{ManualOutput, ManualSink};
use crate::audio::{Shape, Sounding};
use crate::clock::{Clock, ManualClock};
use bench::{Bench, counting, hanging, holding, started};
use tempfile::TempDir;

mod appearing;
mod bench;
mod breaks;
mod devices;
mod joins;
mod shape;

const RATE: u32 = 44_100;
/// Limit for waits on events that must come, so that a failing test does not hang; no result depends on it.
const SOON: Duration = Duration::from_secs(120);
/// The step by which the tests advance the clock.
const TICK: Duration = Duration::from_millis(10);

fn volume(volume: u8) -> Command {
    Command::Shape(Shape { volume, ..Shape::default() })
}

/// The largest difference between consecutive samples of one channel.
fn jump(sound: &[f32]) -> f32 {
    sound.windows(3).map(|w| (w[2] - w[0]).abs()).fold(0.0, f32::max)
}

#[test]
fn two_files_join_without_a_seam() {
    let mut bench = Bench::new();
    let (a, first) = bench.file("a.wav", 30_001, 1);
    let (b, second) = bench.file("b.wav", 20_000, 2);
    bench.play(1, &a);
    bench.follow(2, &b);
    let heard = bench.sink.pull(50_001);
    assert!(heard == [first, second].concat(), "not the two files in a row");
    assert_eq!(bench.sink.underruns(), 0);
    let rest = bench.sink.pull(2000);
    assert_eq!(rest[1000..], [0.0; 3000]);
    assert_eq!(bench.told(), Event::Started { token: 1, secs: Some(30_001.0 / 44_100.0) });
    assert_eq!(bench.told(), Event::Finished { token: 1 });
    assert!(started(2)(&bench.told()));
    assert_eq!(bench.told(), Event::Finished { token: 2 });
    bench.tells_nothing();
}

#[test]
fn a_join_of_resampled_files_is_one_signal() {
    let mut bench = Bench::new();
    let tone =
        |from: usize, n: usize| -> Vec<f32> { (from..from + n).map(|i| (i as f32 * 0.05).sin() * 0.5).collect() };
    let a = write(bench.dir.path(), "a.wav", &wav(&tone(0, 24_000), 1, 48_000));
    let b = write(bench.dir.path(), "b.wav", &wav(&tone(24_000, 24_000), 1, 48_000));
    bench.play(1, &a);
    bench.follow(2, &b);
    let heard = bench.sink.pull(44_100);
    let left: Vec<f32> = heard.iter().step_by(2).copied().collect();
    // The second difference of a sine is small everywhere, including where the files join.
    let bend = left[500..43_000].windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).fold(0.0, f32::max);
    assert!(bend < 0.5 * 0.0545 * 0.0545 * 1.05, "{bend}");
}

#[test]
fn seeking_lands_on_the_sample() {
    let mut bench = Bench::new();
    let (a, sound) = bench.file("a.wav", 88_200, 3);
    bench.play(1, &a);
    bench.sink.pull(10_000);
    assert!(started(1)(&bench.told()));
    bench.player.send(Command::Seek(1.5));
    let heard = bench.sink.pull(4000);
    // The old position fades out, then the new one fades in, 5 ms each.
    let at = 66_150 * 2;
    let new = heard.windows(200).position(|w| w == &sound[at + 1000..at + 1200]).expect("the new place");
    assert!((1000..3000).contains(&new), "{new}");
    assert_eq!(heard[new..], sound[at + 1000..at + 1000 + heard.len() - new]);
    loop {
        if let Event::Position { token, secs } = bench.event() {
            assert_eq!(token, 1);
            if secs >= 1.5 {
                assert_eq!(secs, 1.5);
                break;
            }
        }
    }
    // Seeking past the end finishes the track.
    bench.player.send(Command::Seek(99.0));
    bench.sink.pull(2000);
    assert_eq!(bench.told(), Event::Finished { token: 1 });
}

#[test]
fn a_pause_is_silence_without_a_jump() {
    let mut bench = Bench::new();
    let tone: Vec<f32> = (0..88_200).map(|i| (i as f32 * 0.02).sin() * 0.5).collect();
    let a = write(bench.dir.path(), "a.wav", &wav(&tone, 1, RATE));
    bench.play(1, &a);
    let mut heard = bench.sink.pull(5000);
    bench.player.send(Command::Pause);
    heard.extend(bench.sink.pull(5000));
    bench.player.send(Command::Resume);
    let resumed = heard.len();
    heard.extend(bench.sink.pull(5000));
    assert_eq!(heard[11_000..resumed], vec![0.0; resumed - 11_000], "no silence");
    assert!(jump(&heard) < 0.02, "{}", jump(&heard));
    // Nothing is lost except during the fades: playback resumes where it stopped, after a fade-out of 5 ms.
    let left: Vec<f32> = heard[resumed..].iter().step_by(2).copied().collect();
    let quantised: Vec<f32> = tone.iter().map(|x| (x * 32_768.0).round() / 32_768.0).collect();
    assert_eq!(left[300..], quantised[5221 + 300..5221 + 5000], "not where it stopped");
}

#[test]
fn volume_is_cubic_and_glides() {
    assert_eq!((source::gain(100), source::gain(0), source::gain(50)), (1.0, 0.0, 0.125));
    let mut bench = Bench::new();
    let a = write(bench.dir.path(), "a.wav", &wav(&vec![0.5; 88_200], 1, RATE));
    bench.play(1, &a);
    let before = bench.sink.pull(1000);
    bench.player.send(volume(50));
    let after = bench.sink.pull(5000);
    assert_eq!((before[1999], after[9999]), (0.5, 0.0625));
    assert!(jump(&after) < 0.001 && (before[1999] - after[0]).abs() < 0.001);
    bench.player.send(volume(0));
    assert_eq!(bench.sink.pull(5000)[9999], 0.0);
}

#[test]
fn a_broken_file_fails_and_the_follower_goes_on() {
    let mut bench = Bench::new();
    let bad = write(bench.dir.path(), "bad.mp3", &b"no music here ".repeat(500));
    let (a, sound) = bench.file("a.wav", 5000, 4);
    bench.play(1, &bad);
    bench.follow(2, &a);
    let heard = bench.sink.pull(5000);
    let Event::Failed { token: 1, why } = bench.told() else { panic!("no failure") };
    let why = why.to_string();
    assert!(!why.is_empty() && !why.contains('\n'), "{why}");
    assert!(started(2)(&bench.told()));
    assert_eq!(bench.told(), Event::Finished { token: 2 });
    assert!(heard == sound, "the follower is not whole");

    // In the middle of the queue, and at its end.
    let (b, _) = bench.file("b.wav", 3000, 5);
    bench.play(3, &b);
    bench.follow(4, &bad);
    bench.sink.pull(4000);
    assert!(started(3)(&bench.told()));
    assert_eq!(bench.told(), Event::Finished { token: 3 });
    assert!(matches!(bench.told(), Event::Failed { token: 4, .. }));
    // A follower that is too late for a join starts immediately.
    bench.follow(5, &b);
    bench.sink.pull(1000);
    assert!(started(5)(&bench.told()));
}

#[test]
fn a_follower_can_be_changed_to_the_last() {
    let mut bench = Bench::new();
    let (a, first) = bench.file("a.wav", 20_000, 6);
    let (b, _) = bench.file("b.wav", 20_000, 7);
    let (c, third) = bench.file("c.wav", 20_000, 8);
    bench.play(1, &a);
    bench.follow(2, &b);
    // Both are already in the ring, which holds a second.
    let heard = bench.sink.pull(10_000);
    assert!(heard == first[..20_000]);
    assert!(started(1)(&bench.told()));
    bench.follow(3, &c);
    let heard = bench.sink.pull(35_000);
    assert_eq!(bench.told(), Event::Finished { token: 1 });
    assert!(started(3)(&bench.told()));
    assert_eq!(bench.told(), Event::Finished { token: 3 });
    let whole = heard.windows(third.len()).any(|w| w == third);
    assert!(whole, "the new follower is not whole");

    bench.play(4, &a);
    bench.follow(5, &b);
    bench.sink.pull(1000);
    bench.player.send(Command::Unfollow);
    bench.sink.pull(40_000);
    assert!(started(4)(&bench.told()));
    assert_eq!(bench.told(), Event::Finished { token: 4 });
    bench.tells_nothing();
}

#[test]
fn play_stop_and_a_paused_start() {
    let mut bench = Bench::new();
    let (a, sound) = bench.file("a.wav", 44_100, 9);
    bench.player.send(Command::Play {
        token: 1,
        path: a.clone(),
        at: 0.5,
        paused: true,
        sounding: Sounding::default(),
    });
    assert_eq!(bench.sink.pull(3000), [0.0; 6000]);
    assert!(started(1)(&bench.event()));
    assert_eq!(bench.event(), Event::Position { token: 1, secs: 0.5 });
    bench.player.send(Command::Resume);
    let heard = bench.sink.pull(3000);
    assert_eq!(heard[600..], sound[44_100 + 600..44_100 + 6000]);
    // Another track replaces it, starting from its first sample.
    bench.play(2, &a);
    let heard = bench.sink.pull(3000);
    let new = heard.windows(400).position(|w| w == &sound[..400]).expect("the beginning");
    assert!(new <= 442, "{new}");
    assert!(started(2)(&bench.told()));
    bench.player.send(Command::Stop);
    bench.follow(3, &a);
    assert_eq!(bench.sink.pull(2000)[1000..], [0.0; 3000]);
    bench.tells_nothing();
}

#[test]
fn a_decoder_that_hangs_fails_its_track() {
    let (entered, release, opener) = hanging();
    let mut bench = Bench::with(Settings { opener, ..Settings::default() });
    let (a, sound) = bench.file("a.wav", 5000, 10);
    bench.play(1, &bench.dir.path().join("hang.wav"));
    bench.follow(2, &a);
    entered.recv_timeout(SOON).unwrap();
    bench.pass(Duration::from_millis(4900));
    bench.tells_nothing();
    bench.pass(Duration::from_millis(100));
    assert!(matches!(bench.told(), Event::Failed { token: 1, .. }));
    assert!(matches!(bench.told(), Event::Output { .. }));
    // The hanging thread still counts as an unfinished command.
    drop(release);
    assert!(bench.sink.pull(5000) == sound);
    assert!(started(2)(&bench.told()));
}

/// Noise in blocks of 10 ms, whose decoder stops at one block until released.
struct Halting {
    blocks: usize,
    halt: usize,
    go_on: Receiver<()>,
}

impl feed::Samples for Halting {
    fn format(&self) -> (u32, u16) {
        (RATE, 2)
    }

    fn secs(&self) -> Option<f64> {
        Some(self.halt as f64 / 50.0)
    }

    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, crate::audio::AudioError> {
        if self.blocks == self.halt {
            let _ = self.go_on.recv();
        }
        self.blocks += 1;
        out.extend(noise(441 * 2, self.blocks as u64));
        Ok(self.blocks < 2 * self.halt)
    }
}

#[test]
fn a_break_in_the_middle_is_counted_and_told_once() {
    let (release, go_on) = crossbeam_channel::unbounded::<()>();
    let opener = move |_: &std::path::Path, _: f64| {
        let track: Box<dyn feed::Samples> = Box::new(Halting { blocks: 0, halt: 50, go_on: go_on.clone() });
        Ok((track, 0.0))
    };
    let mut bench = Bench::with(Settings { opener: Arc::new(opener), ..Settings::default() });
    bench.play(1, std::path::Path::new("a"));
    bench.sink.pull(20_000);
    // Everything before the break is available.
    bench.sink.wait(2050);
    bench.sink.rush(10_000);
    assert!(started(1)(&bench.told()));
    assert_eq!(bench.told(), Event::Underruns(1));
    release.send(()).unwrap();
    bench.sink.pull(22_100);
    assert_eq!(bench.told(), Event::Finished { token: 1 });
    assert_eq!(bench.sink.underruns(), 1);
}

/// A track whose stated duration is one second, although it has three.
struct Longer(usize);

impl feed::Samples for Longer {
    fn format(&self) -> (u32, u16) {
        (RATE, 2)
    }

    fn secs(&self) -> Option<f64> {
        Some(1.0)
    }

    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, crate::audio::AudioError> {
        out.extend(noise(441 * 2, self.0 as u64));
        self.0 += 1;
        Ok(self.0 < 300)
    }
}

#[test]
fn behind_an_estimated_end_it_goes_on_where_it_was() {
    let (asked, places) = crossbeam_channel::unbounded();
    let opener = move |_: &std::path::Path, at: f64| {
        let _ = asked.send(at);
        let track: Box<dyn feed::Samples> = Box::new(Longer((at * 100.0) as usize));
        Ok((track, at))
    };
    let mut bench = Bench::with(Settings { opener: Arc::new(opener), ..Settings::default() });
    // Positions are reported throughout, before and after.
    let told = |bench: &Bench, from: f64| loop {
        match bench.event() {
            Event::Position { secs, .. } if secs > from => return secs,
            _ => {}
        }
    };
    bench.play(1, std::path::Path::new("a"));
    bench.sink.pull(1);
    assert!(started(1)(&bench.told()));
    let mut secs = 0.0;
    for _ in 0..8 {
        bench.sink.pull(11_025);
        secs = told(&bench, secs);
    }
    assert!((1.7..2.001).contains(&secs), "{secs}");
    bench.player.send(Command::Gain { token: 1, gain: 0.5 });
    bench.sink.pull(1000);
    let places: Vec<f64> = places.try_iter().collect();
    assert!(places.len() == 2 && (1.999..2.001).contains(&places[1]), "{places:?}");
    // The position is reported at the new start and from there on.
    told(&bench, places[1] - 1e-9);
    bench.sink.pull(22_050);
    let secs = told(&bench, 2.2);
    assert!(secs < 2.6, "{secs}");
}

#[test]
fn a_disk_that_stands_still_for_two_seconds_is_not_heard() {
    let (release, go_on) = crossbeam_channel::unbounded::<()>();
    let opener = move |_: &std::path::Path, _: f64| {
        let track: Box<dyn feed::Samples> = Box::new(Halting { blocks: 0, halt: 400, go_on: go_on.clone() });
        Ok((track, 0.0))
    };
    let mut bench = Bench::with(Settings { opener: Arc::new(opener), ..Settings::default() });
    bench.play(1, std::path::Path::new("a"));
    // Four seconds are decoded by now, and one of them is played.
    bench.sink.pull(48_000);
    bench.sink.wait(88_200);
    bench.sink.rush(88_200);
    release.send(()).unwrap();
    bench.sink.pull(8 * 44_100);
    assert!(started(1)(&bench.told()));
    assert_eq!(bench.told(), Event::Finished { token: 1 });
    assert_eq!(bench.sink.underruns(), 0);
}

#[test]
fn a_lost_device_costs_no_music() {
    let mut bench = Bench::new();
    let (a, sound) = bench.file("a.wav", 44_100, 13);
    bench.play(1, &a);
    bench.sink.pull(10_000);
    assert!(started(1)(&bench.told()));
    // The first stream has number 1; stale reports from another are ignored.
    bench.player.input.send(Input::Lost(7)).unwrap();
    bench.player.input.send(Input::Lost(1)).unwrap();
    assert!(matches!(bench.told(), Event::Output { silent: false, .. }));
    let heard = bench.sink.pull(5000);
    assert_eq!(heard[600..], sound[20_000 + 600..20_000 + 10_000], "not where it was");
    bench.sink.pull(29_100);
    assert_eq!(bench.told(), Event::Finished { token: 1 });
}

#[test]
fn positions_follow_what_was_heard() {
    let mut bench = Bench::new();
    let (a, _) = bench.file("a.wav", 88_200, 11);
    bench.play(1, &a);
    bench.sink.pull(1);
    assert!(started(1)(&bench.event()));
    let mut last = 0.0;
    for step in 1..=4 {
        bench.sink.pull(11_025);
        let Event::Position { token: 1, secs } = bench.event() else { panic!("no position") };
        assert!(secs > last && secs <= f64::from(step) * 0.25 + 0.001, "{secs}");
        last = secs;
    }
}

#[test]
fn the_silent_clock_is_never_ahead_of_time() {
    let clock = ManualClock::default();
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "a.wav", &wav(&noise(44_100 / 10 * 3, 12), 1, RATE));
    let settings = Settings { clock: Arc::new(clock.clone()), ..Settings::default() };
    let (player, events) = Player::start_with(OutputKind::Silent, settings).unwrap();
    assert_eq!(events.recv_timeout(SOON).unwrap(), Event::Output { name: "silent".into(), silent: true, why: None });
    player.send(Command::Play { token: 1, path, at: 0.0, paused: false, sounding: Sounding::default() });
    let since = Instant::now();
    let mut told = Vec::new();
    while !told.contains(&Event::Finished { token: 1 }) {
        assert!(since.elapsed() < SOON, "{told:?}");
        clock.advance(TICK);
        told.extend(events.recv_timeout(TICK));
    }
    assert!(started(1)(&told[0]), "{told:?}");
    // 0.3 s of music.
    assert!(clock.now() >= Duration::from_millis(300), "{:?}", clock.now());
    drop(player);
    while events.recv_timeout(SOON).is_ok() {}
    assert_eq!(events.try_recv(), Err(crossbeam_channel::TryRecvError::Disconnected), "its threads have ended");
}
