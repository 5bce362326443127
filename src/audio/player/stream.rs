//! An output with its ring and its decode thread: made together, dropped together. When the device changes, its
//! rate may too, and a decoder that hangs holds the ring; then a new stream takes over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::control::Input;
use super::feed::{Feeder, Job, Opener};
use super::source::{CHANNELS, Shared, Source};
use crate::audio::output::{Opened, Running};

/// How long a decode thread is waited for when its stream ends.
const PATIENCE: Duration = Duration::from_millis(50);

/// What a stream begins with.
pub(crate) struct Setup {
    pub paused: bool,
    pub gain: f32,
    pub control: Sender<Input>,
    pub opener: Opener,
    pub epoch: Instant,
    pub pending: Arc<AtomicUsize>,
    pub underruns: Arc<AtomicU64>,
}

/// A running stream.
pub(crate) struct Stream {
    pub shared: Arc<Shared>,
    pub jobs: Sender<Job>,
    pub rate: u32,
    pub silent: bool,
    running: Running,
    feeder: JoinHandle<()>,
}

impl Stream {
    /// Starts the decode thread and lets the output pull.
    pub fn begin(opened: Opened, setup: Setup) -> Result<Stream, String> {
        let (rate, silent) = (opened.rate, opened.silent);
        let shared = Arc::new(Shared {
            paused: AtomicBool::new(setup.paused),
            gain: AtomicU32::new(setup.gain.to_bits()),
            idle: AtomicBool::new(true),
            pending: setup.pending,
            underruns: setup.underruns,
            ..Shared::default()
        });
        // One second: what a slow disk or a busy processor may take without a gap.
        let (producer, consumer) = rtrb::RingBuffer::new(rate as usize * CHANNELS);
        let (jobs, inbox) = crossbeam_channel::unbounded();
        let feeder = Feeder::new((inbox, setup.control), producer, shared.clone(), rate, (setup.opener, setup.epoch));
        let feeder = std::thread::Builder::new()
            .name("audio-decode".into())
            .spawn(move || feeder.run())
            .map_err(|e| e.to_string())?;
        let running = opened.start(Source::new(consumer, shared.clone(), rate))?;
        Ok(Stream { shared, jobs, rate, silent, running, feeder })
    }

    /// Ends it. A device that is gone may take long to close, so that happens aside; a decode thread that hangs is
    /// left behind and ends when its call returns.
    pub fn end(self) {
        let running = self.running;
        let _ = self.jobs.send(Job::Quit);
        let closing = std::thread::Builder::new().name("audio-close".into()).spawn(move || drop(running));
        let deadline = Instant::now() + PATIENCE;
        for thread in closing.into_iter().chain([self.feeder]) {
            while !thread.is_finished() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}
