//! A stream: an output with its ring buffer and its decode thread, created and dropped together, since another device may have
//! another rate, and a decoder that hangs keeps hold of the ring.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use rtrb::Consumer;

use super::feed::{Feeder, Job, Opener};
use super::input::Input;
use super::source::{CHANNELS, Shared, Source};
use crate::audio::Shape;
use crate::audio::output::{Opened, OutputError, Rates, Running};
use crate::clock::Clock;

/// How long the decode thread is waited for when its stream ends.
const PATIENCE: Duration = Duration::from_millis(50);

/// Seconds decoded ahead: how long a slow disk or a busy processor may stall without a dropout.
pub(crate) const AHEAD: usize = 3;
/// Samples kept for the spectrum: those from one analysis to the next, at 192 kHz and more.
const SEEN: usize = 32_768;

/// The initial state of a stream.
pub(crate) struct Setup {
    pub paused: bool,
    pub shape: Shape,
    pub tap: bool,
    pub control: Sender<Input>,
    pub opener: Opener,
    pub clock: Arc<dyn Clock>,
    pub pending: Arc<AtomicUsize>,
    pub underruns: Arc<AtomicU64>,
}

/// A running stream.
pub(crate) struct Stream {
    pub shared: Arc<Shared>,
    jobs: Sender<Job>,
    pub rate: u32,
    pub silent: bool,
    pub paced: bool,
    /// The rates that the output could be opened at.
    pub rates: Rates,
    /// The mean of both channels as sent to the output, while the spectrum is shown.
    pub tap: Consumer<f32>,
    running: Running,
    feeder: JoinHandle<()>,
}

impl Stream {
    /// Starts the decode thread and the output.
    pub fn begin(opened: Opened, setup: Setup) -> Result<Stream, OutputError> {
        let (rate, silent, paced, rates) = (opened.rate, opened.silent, opened.paced, opened.rates.clone());
        let shared = Arc::new(Shared {
            paused: AtomicBool::new(setup.paused),
            tap: AtomicBool::new(setup.tap),
            idle: AtomicBool::new(true),
            pending: setup.pending,
            underruns: setup.underruns,
            ..Shared::default()
        });
        shared.shape(&setup.shape);
        let (producer, consumer) = rtrb::RingBuffer::new(AHEAD * rate as usize * CHANNELS);
        let (tapped, tap) = rtrb::RingBuffer::new(SEEN);
        let (jobs, inbox) = crossbeam_channel::unbounded();
        let ways = (inbox, setup.control);
        let feeder = Feeder::new(ways, producer, shared.clone(), (rate, paced), (setup.opener, setup.clock.clone()));
        let feeder = std::thread::Builder::new().name("audio-decode".into()).spawn(move || feeder.run())?;
        let running = (opened.start)(Source::new((consumer, tapped), shared.clone(), rate, setup.clock))?;
        Ok(Stream { shared, jobs, rate, silent, paced, rates, tap, running, feeder })
    }

    /// Sends a job to the decode thread.
    pub fn job(&self, job: Job) {
        self.shared.pending.fetch_add(1, Ordering::AcqRel);
        if self.jobs.send(job).is_err() {
            self.shared.pending.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Ends the stream. A lost device may take long to close, so that happens on a thread of its own, which is returned. A decode
    /// thread that hangs is left behind and ends when its call returns.
    pub fn end(self) -> Option<JoinHandle<()>> {
        let running = self.running;
        let _ = self.jobs.send(Job::Quit);
        let closing = std::thread::Builder::new().name("audio-close".into()).spawn(move || drop(running)).ok();
        let deadline = Instant::now() + PATIENCE;
        while !self.feeder.is_finished() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        closing
    }

    /// Whether the output supports a rate in Hz that it was not opened at.
    pub fn could_be_at(&self, rate: u32) -> bool {
        rate != 0 && rate != self.rate && self.rates.iter().any(|&(low, high)| (low..=high).contains(&rate))
    }
}
