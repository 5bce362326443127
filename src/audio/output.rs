//! Where sound goes: a device, a silent clock, or a test that pulls by hand.

pub(crate) mod device;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::player::source::{CHANNELS, Source};

/// Rate of the silent clock, in Hz.
const SILENT_RATE: u32 = 44_100;
/// How often the silent clock pulls.
const SILENT_STEP: Duration = Duration::from_millis(40);
/// The longest that [`ManualSink::pull`] waits for the decoder: for ever, but that a test which fails comes to an end.
const PATIENCE: Duration = Duration::from_secs(120);

/// Which output a player plays to.
pub enum OutputKind {
    /// A device, the default one unless another is chosen; the silent clock while there is none.
    Auto,
    /// A silent clock: everything happens in real time and nothing is heard.
    Silent,
    /// Pulled by the test that holds the [`ManualSink`].
    Manual(ManualOutput),
}

/// Name of the default output device, its rate and channels, for `jukebox doctor`.
///
/// # Errors
/// Why there is none, in one line.
pub fn describe_default() -> Result<String, String> {
    device::describe_default()
}

/// Sample rates, as ranges in Hz.
pub(super) type Rates = Vec<(u32, u32)>;

/// An output that is open and has no source yet.
pub(crate) struct Opened {
    pub name: String,
    pub silent: bool,
    /// It pulls in real time.
    pub paced: bool,
    pub rate: u32,
    /// The rates that it could be opened at.
    pub rates: Rates,
    inner: Inner,
}

enum Inner {
    Device { stream: device::Stream, to: device::Inlet },
    Silent,
    Manual(Sender<Source>),
}

/// Keeps an output running; dropped, it ends.
pub(super) enum Running {
    Device { _stream: device::Stream },
    Silent(Arc<AtomicBool>),
    Manual,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Running::Silent(quit) = self {
            quit.store(true, Ordering::Release);
        }
    }
}

/// The silent clock.
pub(super) fn open_silent() -> Opened {
    let (rate, rates) = (SILENT_RATE, Vec::new());
    Opened { name: "silent".into(), silent: true, paced: true, rate, rates, inner: Inner::Silent }
}

impl Opened {
    /// Lets the output pull a source.
    pub(super) fn start(self, source: Source) -> Result<Running, String> {
        match self.inner {
            Inner::Device { stream, to } => {
                // There is room for one, and this is the first.
                to.try_send(source).map_err(|_| "the device does not take its source")?;
                Ok(Running::Device { _stream: stream })
            }
            Inner::Manual(to) => {
                to.send(source).map_err(|_| "the manual sink is gone")?;
                Ok(Running::Manual)
            }
            Inner::Silent => {
                let quit = Arc::new(AtomicBool::new(false));
                let seen = quit.clone();
                std::thread::Builder::new()
                    .name("silent-clock".into())
                    .spawn(move || tick(source, &seen))
                    .map_err(|e| e.to_string())?;
                Ok(Running::Silent(quit))
            }
        }
    }
}

/// Pulls as many frames as time has passed.
fn tick(mut source: Source, quit: &AtomicBool) {
    let (rate, clock) = (source.rate(), source.clock());
    let mut scratch = vec![0.0; rate as usize / 10 * CHANNELS];
    let mut pace = Pace { rate, start: clock.now(), done: 0 };
    while !quit.load(Ordering::Acquire) {
        std::thread::sleep(SILENT_STEP);
        let mut due = pace.due(clock.now());
        while due > 0 {
            let frames = due.min(scratch.len() / CHANNELS);
            source.render(&mut scratch[..frames * CHANNELS]);
            due -= frames;
        }
    }
}

/// How many frames a device of this rate would have asked for.
struct Pace {
    rate: u32,
    start: Duration,
    done: u128,
}

impl Pace {
    /// Those since the last call.
    fn due(&mut self, now: Duration) -> usize {
        let rate = u128::from(self.rate);
        let due = now.saturating_sub(self.start).as_micros() * rate / 1_000_000;
        let frames = due.saturating_sub(self.done);
        self.done = due;
        if frames > rate {
            // The computer slept: it goes on from here.
            (self.start, self.done) = (now, 0);
            return 0;
        }
        frames as usize
    }
}

/// The player's side of a manual output.
pub struct ManualOutput {
    rate: u32,
    to: Sender<Source>,
}

/// The test's side of a manual output: nothing is heard and no time passes unless it pulls.
pub struct ManualSink {
    from: Receiver<Source>,
    source: Option<Source>,
}

impl ManualOutput {
    /// An output at `rate` Hz (stereo), and the sink to pull from.
    pub fn new(rate: u32) -> (ManualOutput, ManualSink) {
        let (to, from) = crossbeam_channel::unbounded();
        (ManualOutput { rate, to }, ManualSink { from, source: None })
    }

    pub(super) fn open(&self) -> Opened {
        self.open_at(self.rate, Vec::new())
    }

    /// As a device that can do these rates would be opened.
    pub(super) fn open_at(&self, rate: u32, rates: Rates) -> Opened {
        let (name, inner) = ("manual".into(), Inner::Manual(self.to.clone()));
        Opened { name, silent: false, paced: false, rate, rates, inner }
    }
}

impl ManualSink {
    /// Pulls this many frames (interleaved stereo). Waits for commands to be carried out and for the decoder to
    /// keep up, so that what comes does not depend on the machine's speed; gives silence when nothing plays.
    pub fn pull(&mut self, frames: usize) -> Vec<f32> {
        let mut out = vec![0.0; frames * CHANNELS];
        for piece in out.chunks_mut(256 * CHANNELS) {
            self.wait(piece.len() / CHANNELS);
            if let Some(source) = &mut self.source {
                source.render(piece);
            }
        }
        out
    }

    /// Pulls as a device does, which waits for nobody.
    pub fn rush(&mut self, frames: usize) {
        if let Some(source) = &mut self.source {
            source.render(&mut vec![0.0; frames * CHANNELS]);
        }
    }

    /// Whether the decoder of what is pulled still runs.
    #[cfg(test)]
    pub(in crate::audio) fn is_held(&self) -> bool {
        self.source.as_ref().is_some_and(|s| !s.is_abandoned())
    }

    /// Whether a track is being opened of which nothing has come yet.
    #[cfg(test)]
    pub(in crate::audio) fn is_opening(&self) -> bool {
        self.source.as_ref().is_some_and(|s| s.shared().opening.load(Ordering::Acquire))
    }

    /// How often the ring ran dry in the middle of a track.
    pub fn underruns(&self) -> u64 {
        self.source.as_ref().map_or(0, |s| s.shared().underruns.load(Ordering::Relaxed))
    }

    /// Waits until commands are carried out and so many frames can be pulled, or nothing is to be heard.
    pub(in crate::audio) fn wait(&mut self, frames: usize) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            while let Ok(source) = self.from.try_recv() {
                self.source = Some(source);
            }
            if let Some(source) = &self.source {
                let shared = source.shared();
                let settled = shared.pending.load(Ordering::Acquire) == 0;
                let still = shared.paused.load(Ordering::Acquire) || shared.idle.load(Ordering::Acquire);
                if settled && (still || source.is_ready(frames)) && self.from.is_empty() {
                    return;
                }
            }
            if Instant::now() >= deadline {
                return;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_silent_clock_pulls_what_time_has_passed_and_forgets_a_sleep() {
        let at = Duration::from_micros;
        let mut pace = Pace { rate: 44_100, start: at(7), done: 0 };
        let mut pulled = 0;
        for step in 1..=1000u64 {
            pulled += pace.due(at(7 + step * 33_333 + step % 7));
            let exact = (step * 33_333 + step % 7) as f64 * 0.0441;
            assert!((pulled as f64 - exact).abs() <= 1.0, "{pulled} frames, not {exact}");
        }
        let now = at(7 + 1000 * 33_333);
        assert_eq!(pace.due(now + Duration::from_secs(3600)), 0, "an hour of sleep is not caught up with");
        assert_eq!(pace.due(now + Duration::from_secs(3600) + Duration::from_millis(500)), 22_050);
    }

    #[test]
    fn the_default_device_is_described_either_way() {
        let text = describe_default().unwrap_or_else(|why| why);
        assert!(!text.is_empty() && !text.contains('\n'), "{text:?}");
    }
}
