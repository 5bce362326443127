//! Tests of devices that are lost, return, hang, or support only some rates.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use super::*;
use crate::audio::Device;
use crate::audio::output::device::{Lost, Wish};
use crate::audio::output::{Opened, OutputError};

/// Devices of a test, which pulls from what is opened and reports when a device is lost.
pub(super) struct Rack {
    output: ManualOutput,
    rates: Vec<(u32, u32)>,
    /// Whether the outputs count as pulling in real time.
    paced: bool,
    /// Number of further attempts to open that fail.
    pub(super) failing: AtomicUsize,
    /// Whether only the default device opens.
    pub(super) away: AtomicBool,
    /// A value that changes when devices come or go.
    pub(super) signs: AtomicU64,
    /// While set, opening blocks.
    pub(super) hang: Mutex<Option<Receiver<()>>>,
    /// Whether the default device opens despite `hang`.
    pub(super) spared: AtomicBool,
    /// Number of attempts to open a device; `hanging`: the last of them that hangs.
    tried: AtomicU64,
    hanging: Arc<AtomicU64>,
    opened: Mutex<Vec<(Wish, Lost)>>,
}

impl Devices for Rack {
    fn open(&self, wish: &Wish, lost: Lost, _: Arc<AtomicU64>) -> Result<Opened, OutputError> {
        let call = self.tried.fetch_add(1, Ordering::SeqCst) + 1;
        let hang = self.hang.lock().unwrap().clone();
        if let Some(hang) = hang.filter(|_| wish.device.is_some() || !self.spared.load(Ordering::SeqCst)) {
            self.hanging.store(call, Ordering::SeqCst);
            let _ = hang.recv();
        }
        if wish.device.as_deref() == Some("gone") {
            return Err("there is no output device 'gone'".into());
        }
        if wish.device.is_some() && self.away.load(Ordering::SeqCst) {
            return Err("it is away".into());
        }
        if self.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
            return Err("it is unplugged".into());
        }
        self.opened.lock().unwrap().push((wish.clone(), lost));
        let has = |rate: &u32| self.rates.iter().any(|r| (r.0..=r.1).contains(rate));
        let mut opened = self.output.open_at(wish.rate.filter(has).unwrap_or(RATE), self.rates.clone());
        opened.paced = self.paced;
        Ok(opened)
    }

    fn list(&self) -> Result<Vec<Device>, OutputError> {
        Ok(vec![Device { id: "hw:1".into(), about: "a card".into() }])
    }

    fn signs(&self) -> u64 {
        self.signs.load(Ordering::SeqCst)
    }
}

fn rack(rates: &[(u32, u32)]) -> (Bench, Arc<Rack>) {
    rack_with(rates, false, Settings::default())
}

pub(super) fn rack_with(rates: &[(u32, u32)], paced: bool, settings: Settings) -> (Bench, Arc<Rack>) {
    let (bench, rack) = bare_rack(rates, paced, settings, 0);
    assert!(matches!(bench.event(), Event::Output { silent: false, why: None, .. }));
    (bench, rack)
}

/// A rack on which the first `failing` attempts to open fail.
pub(super) fn bare_rack(rates: &[(u32, u32)], paced: bool, settings: Settings, failing: usize) -> (Bench, Arc<Rack>) {
    let (output, sink) = ManualOutput::new(RATE);
    let rack = Arc::new(Rack {
        output,
        rates: rates.to_vec(),
        paced,
        failing: AtomicUsize::new(failing),
        away: AtomicBool::new(false),
        signs: AtomicU64::new(0),
        hang: Mutex::new(None),
        spared: AtomicBool::new(false),
        tried: AtomicU64::new(0),
        hanging: Arc::default(),
        opened: Mutex::default(),
    });
    let settings = Settings { devices: rack.clone(), ..settings };
    let bench = Bench { hanging: rack.hanging.clone(), ..Bench::on(OutputKind::Auto, sink, settings) };
    (bench, rack)
}

impl Rack {
    pub(super) fn lose(&self) {
        let (_, lost) = self.opened.lock().unwrap().last().cloned().unwrap();
        lost();
    }
}

impl Bench {
    /// Advances time until an output, or the lack of one, is reported.
    fn output(&self) -> Event {
        let told = std::cell::RefCell::new(None);
        self.pass_until(|event| {
            let wanted = matches!(event, Event::Output { .. } | Event::Refused(_));
            if wanted {
                told.replace(Some(event.clone()));
            }
            wanted
        });
        told.into_inner().unwrap()
    }
}

#[test]
fn a_hundred_losses_cost_no_music() {
    let (mut bench, rack) = rack(&[]);
    let (a, sound) = bench.file("a.wav", 600_000, 30);
    bench.play(1, &a);
    let (mut at, mut worst) = (0, Duration::ZERO);
    for loss in 0..100 {
        let heard = bench.sink.pull(5000);
        // It fades in at the same position.
        assert_eq!(heard[600..], sound[at * 2 + 600..(at + 5000) * 2], "loss {loss}: not where it was");
        at += 5000;
        // Every third time it is missing for a moment.
        let since = bench.clock.now();
        rack.failing.store(if loss % 3 == 2 { 1 } else { 0 }, Ordering::SeqCst);
        rack.lose();
        while !matches!(bench.output(), Event::Output { silent: false, .. }) {}
        worst = worst.max(bench.clock.now() - since);
    }
    assert!(worst < Duration::from_secs(1), "{worst:?}");
}

#[test]
fn what_was_about_to_follow_when_the_device_went_follows() {
    let (release, opener) = holding("b.wav");
    let (mut bench, rack) = rack_with(&[], false, Settings { opener, ..Settings::default() });
    let (a, _) = bench.file("a.wav", 200_000, 60);
    let (b, sound) = bench.file("b.wav", 200_000, 61);
    bench.play(1, &a);
    bench.follow(2, &b);
    bench.sink.pull(190_000);
    bench.sink.wait(10_000);
    bench.sink.rush(20_000);
    let finished = |e: &Event| *e == Event::Finished { token: 1 };
    assert!((0..3).any(|_| finished(&bench.told())), "the first is over, the second is being opened");
    rack.lose();
    while !matches!(bench.output(), Event::Output { silent: false, .. }) {}
    // Once for the abandoned thread and once for the new one.
    (0..2).for_each(|_| release.send(()).unwrap());
    let heard = bench.sink.pull(10_000);
    assert!(heard == sound[..20_000], "not the second from its beginning");
    assert!((0..3).any(|_| started(2)(&bench.told())));
}

#[test]
fn without_any_device_the_music_waits_and_goes_on_when_one_returns() {
    let (mut bench, rack) = rack(&[]);
    let (a, sound) = bench.file("a.wav", 100_000, 31);
    bench.play(1, &a);
    bench.sink.pull(5000);
    rack.failing.store(4, Ordering::SeqCst);
    rack.lose();
    let Event::Refused(why) = bench.output() else { panic!("not told") };
    assert!(why.contains("unplugged") && !why.contains('\n'), "{why}");
    assert!(matches!(bench.output(), Event::Output { silent: false, .. }), "not the silent clock");
    assert_eq!(bench.sink.pull(5000)[600..], sound[10_600..20_000], "not where it was");
}

#[test]
fn a_device_that_hangs_is_nobodys_business() {
    let (bench, rack) = rack(&[]);
    let (a, _) = bench.file("a.wav", 100_000, 32);
    let (release, hang) = crossbeam_channel::unbounded::<()>();
    *rack.hang.lock().unwrap() = Some(hang);
    rack.lose();
    // None of this waits for the device, which responds only after the end of the test.
    for i in 0..1000u64 {
        match i % 4 {
            0 => bench.play(i, &a),
            1 => bench.player.send(Command::Seek(1.0)),
            2 => bench.player.send(Command::Device(None)),
            _ => bench.player.send(Command::Devices),
        }
    }
    // The list arrives although the device hangs.
    while !matches!(bench.event(), Event::Devices { found: Ok(_), chosen: None, .. }) {}
    drop(bench);
    drop(release);
}

#[test]
fn the_device_takes_the_rate_of_the_track_where_it_can() {
    let (mut bench, rack) = rack(&[(44_100, 96_000)]);
    let sound = noise(60_000 * 2, 33);
    let rates = |rack: &Rack| rack.opened.lock().unwrap().iter().map(|o| o.0.rate).collect::<Vec<_>>();
    let play = |bench: &Bench, token: u64, rate: u32| {
        let path = write(bench.dir.path(), &format!("{rate}.wav"), &wav(&sound, 2, rate));
        let sounding = Sounding { rate, ..Sounding::default() };
        bench.player.send(Command::Play { token, path, at: 0.0, paused: false, sounding });
    };
    play(&bench, 1, 96_000);
    assert!(matches!(bench.output(), Event::Output { .. }));
    assert!(bench.sink.pull(10_000) == sound[..20_000], "converted although the device has the rate");
    // The same rate needs no other stream, and an unsupported rate is converted.
    play(&bench, 2, 96_000);
    bench.sink.pull(5000);
    play(&bench, 3, 22_050);
    bench.sink.pull(5000);
    assert_eq!(rates(&rack), [None, Some(96_000)]);
    // A follower at another rate keeps the stream, in favour of a seamless join.
    let path = write(bench.dir.path(), "f.wav", &wav(&sound, 2, 48_000));
    bench.player.send(Command::Follow { token: 4, path, sounding: Sounding { rate: 48_000, ..Sounding::default() } });
    bench.sink.pull(300_000);
    assert_eq!(rates(&rack).len(), 2);
    play(&bench, 5, 44_100);
    assert!(matches!(bench.output(), Event::Output { .. }));
    assert!(bench.sink.pull(5000) == sound[..10_000]);
    assert_eq!(rates(&rack), [None, Some(96_000), Some(44_100)]);
}

#[test]
fn another_device_goes_on_at_the_same_place() {
    let (mut bench, rack) = rack(&[]);
    let (a, sound) = bench.file("a.wav", 100_000, 34);
    bench.play(1, &a);
    bench.sink.pull(5000);
    bench.player.send(Command::Device(Some("hw:1".into())));
    assert!(matches!(bench.output(), Event::Output { .. }));
    assert_eq!(bench.sink.pull(5000)[600..], sound[10_600..20_000]);
    // A device that does not exist is reported, and the default plays.
    bench.player.send(Command::Device(Some("gone".into())));
    let Event::Refused(why) = bench.output() else { panic!("not told") };
    assert!(why.contains("gone"), "{why}");
    assert!(matches!(bench.output(), Event::Output { .. }));
    assert_eq!(bench.sink.pull(5000)[600..], sound[20_600..30_000]);
    let wishes: Vec<_> = rack.opened.lock().unwrap().iter().map(|o| o.0.device.clone()).collect();
    assert_eq!(wishes, [None, Some("hw:1".into()), None]);
}

/// Waits until the output's decoder has ended, which needs the clock to advance.
fn given_back(bench: &Bench) {
    let since = Instant::now();
    while bench.sink.is_held() {
        assert!(since.elapsed() < SOON, "it is kept");
        bench.tick();
        std::thread::yield_now();
    }
}

#[test]
fn an_output_with_nothing_to_play_is_given_back() {
    let settings = Settings { rest: Duration::from_millis(30), ..Settings::default() };
    let (mut bench, rack) = rack_with(&[], true, settings);
    let (a, sound) = bench.file("a.wav", 100_000, 35);
    let opened = |rack: &Rack| rack.opened.lock().unwrap().len();
    bench.sink.pull(1);
    given_back(&bench);
    bench.play(1, &a);
    assert!(matches!(bench.output(), Event::Output { .. }), "given back before anything was played");
    bench.sink.wait(10_000);
    assert!(bench.sink.pull(10_000)[..] == sound[..20_000]);
    let before = opened(&rack);
    bench.player.send(Command::Pause);
    let heard = bench.sink.pull(1000);
    assert_eq!(heard[600..], [0.0; 1400]);
    // The device is closed by now or soon; resuming reopens it at the same position.
    given_back(&bench);
    assert_eq!(opened(&rack), before);
    bench.player.send(Command::Resume);
    assert!(matches!(bench.output(), Event::Output { .. }));
    assert_eq!(opened(&rack), before + 1);
    bench.sink.wait(5000);
    // 5 ms were played during the fade of the pause.
    assert_eq!(bench.sink.pull(5000)[600..], sound[20_442 + 600..20_442 + 10_000], "not where it was");
    assert_eq!(bench.sink.underruns(), 0);
}

#[test]
fn after_a_long_pause_it_fades_in_as_after_a_short_one() {
    let settings = Settings { rest: Duration::from_millis(30), ..Settings::default() };
    let (mut bench, _rack) = rack_with(&[], true, settings);
    let a = write(bench.dir.path(), "a.wav", &wav(&vec![0.5; 400_000], 1, RATE));
    bench.player.send(Command::Shape(Shape { fade: 0.2, ..Shape::default() }));
    bench.play(1, &a);
    bench.sink.wait(10_000);
    bench.sink.pull(10_000);
    for seek in [false, true] {
        bench.player.send(Command::Pause);
        bench.sink.pull(10_000);
        given_back(&bench);
        if seek {
            bench.player.send(Command::Seek(4.0));
        }
        while bench.events.try_recv().is_ok() {}
        bench.player.send(Command::Resume);
        assert!(matches!(bench.output(), Event::Output { .. }));
        bench.sink.wait(12_000);
        // 8,820 frames, rising linearly.
        let up: Vec<f32> = bench.sink.pull(12_000).iter().step_by(2).copied().collect();
        assert!((up[4410] - 0.25).abs() < 0.005 && up[8600] < 0.5 && up[9200] == 0.5, "{} {}", up[4410], up[9200]);
    }
    // A track started in the meantime does not fade in.
    bench.player.send(Command::Pause);
    bench.sink.pull(10_000);
    given_back(&bench);
    while bench.events.try_recv().is_ok() {}
    bench.play(2, &a);
    assert!(matches!(bench.output(), Event::Output { .. }));
    bench.sink.wait(10_000);
    assert_eq!(bench.sink.pull(100)[0], 0.5);
}

#[test]
fn what_the_device_still_holds_is_not_heard_yet() {
    let clock = ManualClock::default();
    let shared = Arc::new(source::Shared::default());
    shared.shape(&Shape::default());
    let (mut ring, consumer) = rtrb::RingBuffer::new(100_000);
    let (tapped, _tap) = rtrb::RingBuffer::new(16);
    let mut source = source::Source::new((consumer, tapped), shared.clone(), RATE, Arc::new(clock.clone()));
    clock.advance(Duration::from_millis(1234));
    ring.push_entire_slice(&[0.5; 20_000]).unwrap();
    let mut out = [0.0; 8192];
    source.render(&mut out);
    // For an output that does not report its delay, everything delivered counts as heard.
    let heard = |clock: &ManualClock| shared.heard(RATE, clock.now());
    assert_eq!(heard(&clock), 4096);
    source.render(&mut out);
    // The device holds 6,000 of 8,192 frames; they are heard as time passes, never more than were delivered.
    source.heard_after(6000);
    assert_eq!(heard(&clock), 2192);
    clock.advance(Duration::from_millis(100));
    assert_eq!(heard(&clock), 2192 + 4410);
    clock.advance(Duration::from_secs(10));
    assert_eq!(heard(&clock), 8192);
    // The last 1,808 frames are followed by silence, which the device holds as well.
    source.render(&mut out);
    source.heard_after(6000);
    assert_eq!(heard(&clock), 10_000 - 6000 + (4096 - 1808));
}

#[test]
fn a_late_answer_disturbs_nothing_that_runs() {
    let (mut bench, rack) = rack(&[]);
    let (a, sound) = bench.file("a.wav", 100_000, 36);
    bench.play(1, &a);
    bench.sink.pull(5000);
    let other = Wish { device: Some("hw:9".into()), rate: None };
    let late = |wish: &Wish, result| Input::Opened { attempt: 0, stream: 2, wish: wish.clone(), result };
    for wish in [&other, &Wish::default()] {
        bench.player.input.send(late(wish, Err("too late".into()))).unwrap();
        // Its sink is unused, so the test pulls from the running stream.
        let (unused, _) = ManualOutput::new(RATE);
        bench.player.input.send(late(wish, Ok(Box::new(unused.open())))).unwrap();
    }
    // Inputs are processed in order: the list comes after the answers were processed.
    bench.player.send(Command::Devices);
    loop {
        match bench.event() {
            Event::Devices { .. } => break,
            event => assert!(!matches!(event, Event::Output { .. } | Event::Refused(_)), "{event:?}"),
        }
    }
    assert!(bench.sink.pull(5000)[..] == sound[10_000..20_000], "it was cut");
    assert_eq!(rack.opened.lock().unwrap().len(), 1);
}

#[test]
fn a_chosen_device_that_opened_once_is_waited_for_and_not_forgotten() {
    let settings = Settings { astray: Duration::from_millis(500), ..Settings::default() };
    let (mut bench, rack) = rack_with(&[], false, settings);
    let (a, sound) = bench.file("a.wav", 100_000, 37);
    let chosen = |rack: &Rack| rack.opened.lock().unwrap().iter().map(|o| o.0.device.is_some()).collect::<Vec<_>>();
    bench.play(1, &a);
    bench.sink.pull(5000);
    bench.player.send(Command::Device(Some("hw:1".into())));
    assert!(matches!(bench.output(), Event::Output { .. }));
    // It is missing for a moment.
    rack.failing.store(1, Ordering::SeqCst);
    rack.lose();
    let Event::Refused(why) = bench.output() else { panic!("not told") };
    assert!(why.contains("waits") && why.contains("unplugged"), "{why}");
    assert!(matches!(bench.output(), Event::Output { .. }));
    assert_eq!(chosen(&rack), [false, true, true]);
    assert_eq!(bench.sink.pull(5000)[600..], sound[10_600..20_000], "not where it was");
    // It stays away: the default plays, until that is lost and the other is available.
    rack.away.store(true, Ordering::SeqCst);
    rack.lose();
    assert!(matches!(bench.output(), Event::Refused(why) if why.contains("waits")));
    assert!(matches!(bench.output(), Event::Refused(why) if why.contains("default")));
    assert!(matches!(bench.output(), Event::Output { .. }));
    rack.away.store(false, Ordering::SeqCst);
    rack.lose();
    assert!(matches!(bench.output(), Event::Output { .. }));
    assert_eq!(chosen(&rack), [false, true, true, false, true]);
}
