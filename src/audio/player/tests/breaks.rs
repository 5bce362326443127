//! Tests that dropouts are counted only where they are audible: a new track waits until enough is buffered.

use super::*;

#[test]
fn a_device_that_asks_at_any_moment_meets_no_break() {
    let mut bench = Bench::new();
    let (a, _) = bench.file("a.wav", 600_000, 50);
    let (b, _) = bench.file("b.wav", 300_000, 51);
    let mut random = fastrand::Rng::with_seed(7);
    let mut paused = false;
    bench.play(0, &a);
    for i in 1..=500u64 {
        match random.u32(..6) {
            0 => {
                bench.play(i, if i % 2 == 0 { &a } else { &b });
                paused = false;
            }
            1 => bench.player.send(Command::Gain { token: i, gain: random.f32() }),
            2 => {
                bench.player.send(Command::Stop);
                bench.play(i, &a);
                paused = false;
            }
            3 => {
                paused = !paused;
                bench.player.send(if paused { Command::Pause } else { Command::Resume });
            }
            _ => bench.player.send(Command::Seek(random.f64() * 6.0)),
        }
        // The device requests a period before, during or after the decoder's work.
        let since = Instant::now();
        while since.elapsed() < Duration::from_micros(random.u64(..400)) {
            std::hint::spin_loop();
        }
        bench.sink.rush(4096);
        assert_eq!(bench.sink.underruns(), 0, "after command {i}");
        // Then it requests no more than is available, like a device in real time.
        bench.sink.wait(8192);
        bench.sink.pull(random.usize(1..8192));
        bench.sink.wait(8192);
        assert_eq!(bench.sink.underruns(), 0, "behind command {i}");
    }
}

/// A track of which a little is available immediately, and the rest when released.
struct Late {
    blocks: usize,
    waits: Sender<()>,
    go_on: Receiver<()>,
}

impl feed::Samples for Late {
    fn format(&self) -> (u32, u16) {
        (RATE, 2)
    }

    fn secs(&self) -> Option<f64> {
        None
    }

    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, crate::audio::AudioError> {
        if self.blocks == 3 {
            let _ = self.waits.send(());
            let _ = self.go_on.recv();
        }
        self.blocks += 1;
        out.extend(noise(441 * 2, self.blocks as u64));
        Ok(self.blocks < 200)
    }
}

#[test]
fn a_track_begins_when_enough_of_it_is_there() {
    let (release, go_on) = crossbeam_channel::unbounded::<()>();
    let (waits, waiting) = crossbeam_channel::unbounded::<()>();
    let opener = move |_: &std::path::Path, _: f64| {
        let (waits, go_on) = (waits.clone(), go_on.clone());
        let track: Box<dyn feed::Samples> = Box::new(Late { blocks: 0, waits, go_on });
        Ok((track, 0.0))
    };
    let mut bench = Bench::with(Settings { opener: Arc::new(opener), ..Settings::default() });
    // The device requests samples before there is a track.
    bench.sink.pull(1);
    bench.play(1, std::path::Path::new("a"));
    // 30 ms are available, which is not enough to start.
    waiting.recv_timeout(SOON).unwrap();
    (0..100).for_each(|_| bench.sink.rush(256));
    release.send(()).unwrap();
    let heard = bench.sink.pull(441);
    assert!(heard == noise(441 * 2, 1), "it begins with its first sample");
    bench.sink.pull(441 * 201);
    assert!(started(1)(&bench.told()));
    assert_eq!(bench.told(), Event::Finished { token: 1 });
    assert_eq!(bench.sink.underruns(), 0);
}

#[test]
fn waiting_is_a_break_only_where_it_should_have_gone_on() {
    let (release, opener) = holding("b.wav");
    let mut bench = Bench::with(Settings { opener, ..Settings::default() });
    // Longer than the ring, so that its follower is known before it ends.
    let (a, _) = bench.file("a.wav", 200_000, 52);
    let (b, sound) = bench.file("b.wav", 200_000, 53);
    bench.play(1, &a);
    bench.sink.pull(50_000);
    // A track that is skipped to may be slow to open.
    bench.play(2, &b);
    let since = Instant::now();
    while !bench.sink.is_opening() && since.elapsed() < SOON {
        std::thread::yield_now();
    }
    bench.sink.rush(20_000);
    assert_eq!(bench.sink.underruns(), 0);
    release.send(()).unwrap();
    let heard = bench.sink.pull(30_000);
    assert!(heard.windows(1000).any(|w| w == &sound[10_000..11_000]), "it does not go on");
    assert_eq!(bench.sink.underruns(), 0);
    // A follower that is not ready in time causes a dropout.
    bench.play(3, &a);
    bench.follow(4, &b);
    bench.sink.pull(190_000);
    bench.sink.wait(10_000);
    bench.sink.rush(20_000);
    assert_eq!(bench.sink.underruns(), 1);
    release.send(()).unwrap();
    let heard = bench.sink.pull(30_000);
    assert!(heard.windows(1000).any(|w| w == &sound[10_000..11_000]), "it does not go on after the hole");
}

#[test]
fn a_short_track_begins_also_on_a_device_that_asks_for_much_at_once() {
    let mut bench = Bench::new();
    // Shorter than the request and the tenth of a second, longer than what the decoder keeps for a follower.
    let (a, sound) = bench.file("a.wav", 12_348, 54);
    bench.sink.pull(1);
    bench.play(1, &a);
    let since = Instant::now();
    let mut told = Vec::new();
    while told.len() < 2 && since.elapsed() < SOON {
        bench.sink.rush(8192);
        told.extend(bench.events.try_iter().filter(|e| !matches!(e, Event::Position { .. })));
    }
    let first = Event::Started { token: 1, secs: Some(12_348.0 / 44_100.0) };
    assert_eq!(told, [first, Event::Finished { token: 1 }], "{} samples", sound.len());
    assert_eq!(bench.sink.underruns(), 0);
}
