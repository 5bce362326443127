//! The decode thread: opens tracks, brings them to the output's rate and to stereo, and keeps the ring full. One
//! track follows another in the ring without a gap; marks say where in it each begins and ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use rtrb::Producer;

use super::control::Input;
use super::mix;
use super::source::{CHANNELS, Shared};
use crate::audio::AudioError;
use crate::audio::decode::Decoder;
use crate::audio::resample::Resampler;

/// How long a full ring is left alone; it holds a second.
const REST: Duration = Duration::from_millis(50);
/// While the ring holds so much of a second, a track that ended may still be joined by a follower that comes late.
const LATE: usize = 4;

/// A track that gives samples.
pub(crate) trait Samples: Send {
    /// Sample rate in Hz and number of channels.
    fn format(&self) -> (u32, u16);
    /// Duration in seconds.
    fn secs(&self) -> Option<f64>;
    /// Appends a block; `false` at the end.
    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError>;
}

impl Samples for Decoder {
    fn format(&self) -> (u32, u16) {
        (self.info().rate, self.info().channels)
    }

    fn secs(&self) -> Option<f64> {
        self.info().secs
    }

    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError> {
        Decoder::next(self, out)
    }
}

/// A track that is open, and the second where it stands.
pub(crate) type OpenTrack = (Box<dyn Samples>, f64);
/// Opens a track at a second; injected, so that tests can stall.
pub(crate) type Opener = Arc<dyn Fn(&Path, f64) -> Result<OpenTrack, AudioError> + Send + Sync>;

/// The real opener. A place that cannot be reached becomes the beginning.
pub(crate) fn open_file(path: &Path, at: f64) -> Result<OpenTrack, AudioError> {
    let mut decoder = Decoder::open(path)?;
    if at <= 0.0 {
        return Ok((Box::new(decoder), 0.0));
    }
    match decoder.seek(at) {
        Ok(landed) => Ok((Box::new(decoder), landed)),
        Err(AudioError::Io(error)) => Err(error.into()),
        Err(_) => Ok((Box::new(Decoder::open(path)?), 0.0)),
    }
}

/// A start of a track.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Start {
    pub token: u64,
    pub path: PathBuf,
}

/// What the decode thread is told.
pub(crate) enum Job {
    /// Drop everything; decode this from `at` seconds and then what follows.
    Play { round: u64, start: Start, at: f64, fade_in: bool, follow: Option<Start> },
    /// What follows.
    Follow(Option<Start>),
    /// Drop everything.
    Stop { round: u64 },
    /// End the thread.
    Quit,
}

/// Something that is true from a frame of the ring on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    /// The `Play` or `Stop` that it belongs to; marks of earlier rounds are stale.
    pub round: u64,
    /// Frame, counted from the stream's first.
    pub at: u64,
    pub what: What,
}

/// What a mark marks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// A track begins, at `offset` seconds of it.
    Begin { start: Start, secs: Option<f64>, offset: f64 },
    /// It was heard to its end.
    End { token: u64 },
    /// It cannot be played (on).
    Fail { token: u64, why: String },
}

/// The decode thread's state.
pub(crate) struct Feeder {
    pub jobs: Receiver<Job>,
    pub control: Sender<Input>,
    pub ring: Producer<f32>,
    pub shared: Arc<Shared>,
    /// The output's rate in Hz.
    pub rate: u32,
    pub opener: Opener,
    /// Zero of [`Shared::busy`].
    pub epoch: Instant,
    round: u64,
    current: Option<(u64, Box<dyn Samples>)>,
    follow: Option<Start>,
    /// The last track ended (or failed) by itself, so a follower begins at once.
    ended: bool,
    resampler: Option<Resampler>,
    /// Frame of the ring at which the resampler's first sample stands.
    base: u64,
    /// Decoded frames on their way into the ring.
    out: Vec<f32>,
    block: Vec<f32>,
    stereo: Vec<f32>,
}

impl Feeder {
    pub fn new(
        (jobs, control): (Receiver<Job>, Sender<Input>),
        ring: Producer<f32>,
        shared: Arc<Shared>,
        rate: u32,
        (opener, epoch): (Opener, Instant),
    ) -> Feeder {
        Feeder {
            jobs,
            control,
            ring,
            shared,
            rate,
            opener,
            epoch,
            round: 0,
            current: None,
            follow: None,
            ended: false,
            resampler: None,
            base: 0,
            out: Vec::new(),
            block: Vec::new(),
            stereo: Vec::new(),
        }
    }

    /// Works until told to quit or until nobody is left to tell.
    pub fn run(mut self) {
        loop {
            let idle = self.idle();
            self.shared.idle.store(idle, Ordering::Release);
            let job = if idle {
                self.jobs.recv().map_err(|_| ())
            } else if self.ring.slots() < CHANNELS || self.waits_for_follower() {
                let rest = if self.shared.paused.load(Ordering::Acquire) { 10 * REST } else { REST };
                match self.jobs.recv_timeout(rest) {
                    Err(RecvTimeoutError::Timeout) => continue,
                    other => other.map_err(|_| ()),
                }
            } else {
                match self.jobs.try_recv() {
                    Err(TryRecvError::Empty) => {
                        self.work();
                        continue;
                    }
                    other => other.map_err(|_| ()),
                }
            };
            match job {
                Ok(Job::Quit) | Err(()) => return,
                Ok(job) => {
                    self.handle(job);
                    self.shared.idle.store(self.idle(), Ordering::Release);
                    self.shared.pending.fetch_sub(1, Ordering::AcqRel);
                }
            }
        }
    }

    /// Nothing is left to be decoded or put into the ring.
    fn idle(&self) -> bool {
        self.current.is_none() && self.out.is_empty() && self.resampler.is_none()
    }

    /// The last track ended and nothing follows yet, but there is time: its end stays in the resampler, where a follower
    /// can go on from it.
    fn waits_for_follower(&self) -> bool {
        let held = self.ring.buffer().capacity() - self.ring.slots();
        self.current.is_none() && self.out.is_empty() && held > self.rate as usize * CHANNELS / LATE
    }

    fn handle(&mut self, job: Job) {
        match job {
            Job::Play { round, start, at, fade_in, follow } => {
                self.drop_all(round, fade_in);
                self.follow = follow;
                self.begin(start, at);
            }
            Job::Follow(follow) => {
                self.follow = follow;
                if self.ended && self.current.is_none() {
                    self.go_on();
                }
            }
            Job::Stop { round } => {
                self.drop_all(round, true);
                (self.follow, self.ended) = (None, false);
            }
            Job::Quit => {}
        }
    }

    fn drop_all(&mut self, round: u64, fade_in: bool) {
        (self.round, self.current, self.resampler) = (round, None, None);
        self.out.clear();
        self.shared.skip_to(self.shared.pushed.load(Ordering::Acquire), fade_in);
    }

    /// The frame of the ring that the next sample out of the resampler will have.
    fn produced(&self) -> u64 {
        self.shared.pushed.load(Ordering::Acquire) + (self.out.len() / CHANNELS) as u64
    }

    fn mark(&self, at: u64, what: What) {
        // Without a control thread there is nobody to tell; the loop ends then.
        let _ = self.control.send(Input::Mark(Mark { round: self.round, at, what }));
    }

    /// Calls a decoder, watched by the control thread and proof against panics.
    fn watched<T>(&self, call: impl FnOnce() -> Result<T, AudioError>) -> Result<T, AudioError> {
        self.shared.busy.store(self.epoch.elapsed().as_millis() as u64 + 1, Ordering::Release);
        let result = catch_unwind(AssertUnwindSafe(call));
        self.shared.busy.store(0, Ordering::Release);
        result.unwrap_or_else(|_| Err(AudioError::Broken("the decoder panicked".into())))
    }

    /// Opens a track behind what was decoded so far. A track of the same rate goes on in the same resampler, so
    /// that the join is one continuous signal.
    fn begin(&mut self, start: Start, at: f64) {
        let opener = self.opener.clone();
        let opened = self.watched(|| opener(&start.path, at)).and_then(|(samples, offset)| {
            let (rate, _) = samples.format();
            let joins = self.resampler.as_ref().is_some_and(|r| r.from_rate() == rate);
            let fresh = if joins { None } else { Some(Resampler::new(rate, self.rate, CHANNELS)?) };
            Ok((samples, offset, fresh))
        });
        match opened {
            Ok((samples, offset, fresh)) => {
                if let Some(fresh) = fresh {
                    self.flush();
                    self.resampler = Some(fresh);
                    self.base = self.produced();
                }
                let secs = samples.secs();
                let (token, at) = (start.token, self.boundary());
                self.mark(at, What::Begin { start, secs, offset });
                self.current = Some((token, samples));
                self.ended = false;
            }
            Err(error) => self.fail(start.token, &error),
        }
    }

    /// The frame of the ring at which the track that is decoded now ends, so far.
    fn boundary(&self) -> u64 {
        match &self.resampler {
            Some(r) => self.base + r.output_len(r.taken()),
            None => self.produced(),
        }
    }

    /// Gets the last samples out of the resampler and does away with it.
    fn flush(&mut self) {
        if let Some(mut resampler) = self.resampler.take() {
            // It can only fail on input that is not whole frames; then there is nothing to get out.
            let _ = resampler.finish(&mut self.out);
        }
    }

    fn fail(&mut self, token: u64, error: &AudioError) {
        self.current = None;
        self.mark(self.boundary(), What::Fail { token, why: error.to_string() });
        self.go_on();
    }

    /// Begins what follows, if anything does.
    fn go_on(&mut self) {
        self.ended = true;
        if let Some(start) = self.follow.take() {
            self.begin(start, 0.0);
        }
    }

    /// One step: moves samples into the ring or decodes a block.
    fn work(&mut self) {
        if !self.out.is_empty() {
            let n = self.out.len().min(self.ring.slots() / CHANNELS * CHANNELS);
            let (done, _) = self.ring.push_partial_slice(&self.out[..n]);
            let done = done.len();
            self.shared.pushed.fetch_add((done / CHANNELS) as u64, Ordering::AcqRel);
            self.out.drain(..done);
            return;
        }
        let Some((token, mut samples)) = self.current.take() else { return self.flush() };
        let mut block = std::mem::take(&mut self.block);
        block.clear();
        let result = self.watched(|| samples.next(&mut block));
        let (_, channels) = samples.format();
        let result = result.and_then(|more| {
            self.stereo.clear();
            mix::to_stereo(&block, usize::from(channels), &mut self.stereo);
            if let Some(resampler) = &mut self.resampler {
                resampler.push(&self.stereo, &mut self.out)?;
            }
            Ok(more)
        });
        self.block = block;
        match result {
            Ok(true) => self.current = Some((token, samples)),
            Ok(false) => {
                drop(samples);
                self.mark(self.boundary(), What::End { token });
                self.go_on();
            }
            Err(error) => self.fail(token, &error),
        }
    }
}
