//! Helpers of the player's tests: a player whose output the test pulls and whose clock it advances, and openers of
//! files.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use super::*;
use crate::audio::Device;
use crate::audio::output::device::{Lost, Wish};
use crate::audio::output::{Opened, OutputError};

/// A player whose output the test pulls and whose clock it advances; time does not pass by itself.
pub(super) struct Bench {
    pub(super) player: Player,
    pub(super) events: Receiver<Event>,
    pub(super) sink: ManualSink,
    pub(super) clock: ManualClock,
    /// The number of the latest attempt to open a device that the test makes hang.
    pub(super) hanging: Arc<AtomicU64>,
    pub(super) dir: TempDir,
}

/// Provides no devices, to be independent of those of the machine.
struct NoDevices;

impl Devices for NoDevices {
    fn open(&self, _: &Wish, _: Lost, _: Arc<AtomicU64>) -> Result<Opened, OutputError> {
        Err("there is none".into())
    }

    fn list(&self) -> Result<Vec<Device>, OutputError> {
        Ok(Vec::new())
    }

    fn signs(&self) -> u64 {
        0
    }
}

impl Bench {
    pub(super) fn new() -> Bench {
        Bench::with(Settings::default())
    }

    pub(super) fn with(settings: Settings) -> Bench {
        let (output, sink) = ManualOutput::new(RATE);
        let settings = Settings { devices: Arc::new(NoDevices), ..settings };
        let bench = Bench::on(OutputKind::Manual(output), sink, settings);
        assert!(matches!(bench.event(), Event::Output { silent: false, why: None, .. }));
        bench
    }

    pub(super) fn on(output: OutputKind, sink: ManualSink, settings: Settings) -> Bench {
        let clock = ManualClock::default();
        let settings = Settings { clock: Arc::new(clock.clone()), ..settings };
        let (player, events) = Player::start_with(output, settings).unwrap();
        Bench { player, events, sink, clock, hanging: Arc::default(), dir: tempfile::tempdir().unwrap() }
    }

    /// Waits until everything due has been done and reported; returns the attempt to open a device that is still
    /// running.
    pub(super) fn look(&self) -> Option<u64> {
        let (answer, answered) = crossbeam_channel::bounded(1);
        self.player.input.send(Input::Look(answer)).unwrap();
        answered.recv_timeout(SOON).expect("the player looks")
    }

    /// Advances the clock by one tick and waits until everything due has been done, except for a call that hangs.
    pub(super) fn tick(&self) {
        self.clock.advance(TICK);
        while self.look().is_some_and(|attempt| self.hanging.load(Ordering::SeqCst) != attempt) {
            std::thread::yield_now();
        }
    }

    pub(super) fn pass(&self, time: Duration) {
        let end = self.clock.now() + time;
        while self.clock.now() < end {
            self.tick();
        }
    }

    /// Advances time until a matching event comes, discarding all others. Returns the time passed.
    pub(super) fn pass_until(&self, wanted: impl Fn(&Event) -> bool) -> Duration {
        let (since, begun) = (Instant::now(), self.clock.now());
        loop {
            self.look();
            while let Ok(event) = self.events.try_recv() {
                if wanted(&event) {
                    return self.clock.now() - begun;
                }
            }
            assert!(since.elapsed() < SOON, "it never came");
            self.tick();
        }
    }

    /// Asserts that there are no further events.
    pub(super) fn tells_nothing(&self) {
        self.look();
        assert_eq!(self.events.try_iter().collect::<Vec<_>>(), []);
    }

    /// Writes a stereo file of noise; returns its path and samples.
    pub(super) fn file(&self, name: &str, frames: usize, seed: u64) -> (PathBuf, Vec<f32>) {
        let sound = noise(frames * 2, seed);
        (write(self.dir.path(), name, &wav(&sound, 2, RATE)), sound)
    }

    pub(super) fn play(&self, token: u64, path: &Path) {
        self.player.send(Command::Play {
            token,
            path: path.into(),
            at: 0.0,
            paused: false,
            sounding: Sounding::default(),
        });
    }

    pub(super) fn follow(&self, token: u64, path: &Path) {
        self.player.send(Command::Follow { token, path: path.into(), sounding: Sounding::default() });
    }

    /// The next event.
    pub(super) fn event(&self) -> Event {
        self.events.recv_timeout(SOON).expect("an event")
    }

    /// The next event other than a position.
    pub(super) fn told(&self) -> Event {
        loop {
            match self.event() {
                Event::Position { .. } => {}
                other => return other,
            }
        }
    }
}

pub(super) fn started(token: u64) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::Started { token: t, .. } if *t == token)
}

/// An opener that waits for a message before opening each file of this name.
pub(super) fn holding(name: &'static str) -> (Sender<()>, Opener) {
    let (release, opens) = crossbeam_channel::unbounded::<()>();
    let opener = move |path: &Path, at: f64| {
        if path.ends_with(name) {
            let _ = opens.recv();
        }
        crate::audio::player::held::Held::default().open(path, at)
    };
    (release, Arc::new(opener))
}

/// An opener that reports when it is asked for `hang.wav`, and blocks until the second value is dropped.
pub(super) fn hanging() -> (Receiver<()>, Sender<()>, Opener) {
    let (entering, entered) = crossbeam_channel::unbounded::<()>();
    let (release, hang) = crossbeam_channel::bounded::<()>(0);
    let opener = move |path: &Path, at: f64| {
        if path.ends_with("hang.wav") {
            let _ = entering.send(());
            let _ = hang.recv();
        }
        crate::audio::player::held::Held::default().open(path, at)
    };
    (entered, release, Arc::new(opener))
}

/// An opener that counts its calls.
pub(super) fn counting() -> (Arc<AtomicUsize>, Opener) {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = opened.clone();
    let opener = move |path: &Path, at: f64| {
        count.fetch_add(1, Ordering::Relaxed);
        crate::audio::player::held::Held::default().open(path, at)
    };
    (opened, Arc::new(opener))
}
