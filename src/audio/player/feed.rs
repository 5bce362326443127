//! The decode thread: opens tracks, converts them to stereo at the output's rate, and keeps the ring buffer full. Tracks follow
//! each other in the ring without a gap; marks say where in it each begins and ends.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use rtrb::Producer;

use super::convert::Converter;
use super::crossfade::Overlap;
use super::input::{Input, Mark, Start, What};
use super::source::{CHANNELS, Shared};
use crate::audio::AudioError;
use crate::audio::decode::Decoder;
use crate::clock::Clock;

/// How long the thread sleeps while the ring, which holds [`super::stream::AHEAD`] seconds, is full: with a real-time
/// output, and with a test that pulls as fast as possible.
const REST: Duration = Duration::from_millis(400);
const HURRY: Duration = Duration::from_millis(1);
/// The same while the ring is full of stale samples, which the output drops at its next callback.
const SOON: Duration = Duration::from_millis(5);
/// A track that has ended can still be joined by a late follower while the ring holds more than this fraction of a second.
const LATE: usize = 4;

/// The longest crossfade, in seconds.
pub(crate) const MOST_SHARED: f32 = 15.0;

/// A source of samples.
pub(crate) trait Samples: Send {
    /// Sample rate in Hz and number of channels.
    fn format(&self) -> (u32, u16);
    /// Duration in seconds.
    fn secs(&self) -> Option<f64>;
    /// Appends a block; `false` at the end.
    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError>;
    /// At its end: continues with `path` if that is the adjacent piece of the same file. Otherwise `false`.
    fn go_on(&mut self, _path: &Path) -> bool {
        false
    }
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

    fn go_on(&mut self, path: &Path) -> bool {
        Decoder::go_on(self, path)
    }
}

/// An open track and its position in seconds.
pub(crate) type OpenTrack = (Box<dyn Samples>, f64);
/// Opens a track at a position in seconds; injected, so that tests can stall.
pub(crate) type Opener = Arc<dyn Fn(&Path, f64) -> Result<OpenTrack, AudioError> + Send + Sync>;

/// An order to the decode thread.
pub(crate) enum Job {
    /// Drop everything; decode this from `at` seconds, then the follower.
    Play { round: u64, start: Start, at: f64, follow: Option<Start> },
    /// Set what follows.
    Follow(Option<Start>),
    /// Drop everything.
    Stop { round: u64 },
    /// The pause is over: continue to fill the ring.
    GoOn,
    /// End the thread.
    Quit,
}

/// The decode thread's state.
pub(crate) struct Feeder {
    pub jobs: Receiver<Job>,
    pub control: Sender<Input>,
    pub ring: Producer<f32>,
    pub shared: Arc<Shared>,
    /// The output's rate in Hz.
    pub rate: u32,
    /// Whether the output pulls in real time.
    pub paced: bool,
    pub opener: Opener,
    pub clock: Arc<dyn Clock>,
    round: u64,
    current: Option<Playing>,
    follow: Option<Start>,
    /// The last track ended by itself or failed, so a follower begins at once.
    ended: bool,
    converter: Option<Converter>,
    /// The frame of the ring that holds the converter's first sample.
    base: u64,
    /// Converted samples that are yet to go into the ring.
    out: VecDeque<f32>,
    /// The part of `out` in which a track overlaps the one before.
    overlap: Option<Overlap>,
    fresh: Vec<f32>,
    /// The last decoded block, and how many of its samples have been converted.
    block: Vec<f32>,
    used: usize,
}

/// The track being decoded.
struct Playing {
    token: u64,
    samples: Box<dyn Samples>,
    gain: f32,
}

impl Feeder {
    pub fn new(
        (jobs, control): (Receiver<Job>, Sender<Input>),
        ring: Producer<f32>,
        shared: Arc<Shared>,
        (rate, paced): (u32, bool),
        (opener, clock): (Opener, Arc<dyn Clock>),
    ) -> Feeder {
        Feeder {
            jobs,
            control,
            ring,
            shared,
            rate,
            paced,
            opener,
            clock,
            round: 0,
            current: None,
            follow: None,
            ended: false,
            converter: None,
            base: 0,
            out: VecDeque::new(),
            overlap: None,
            fresh: Vec::new(),
            block: Vec::new(),
            used: 0,
        }
    }

    /// Runs until told to quit or until the control thread is gone.
    pub fn run(mut self) {
        loop {
            let idle = self.publish();
            let job = if idle {
                self.jobs.recv().map_err(|_| ())
            } else if self.ring.slots() < CHANNELS || self.spare() > 0 {
                let rest = match (self.paced, self.spare()) {
                    (false, _) => HURRY,
                    (true, 0) if self.shared.is_blocked() => SOON,
                    (true, 0) => REST,
                    (true, spare) => REST.min(Duration::from_secs_f64(spare as f64 / f64::from(self.rate))),
                };
                let held = self.shared.paused.load(Ordering::Acquire) && self.paced;
                match if held { self.jobs.recv().map_err(Into::into) } else { self.jobs.recv_timeout(rest) } {
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
                    self.publish();
                    self.shared.pending.fetch_sub(1, Ordering::AcqRel);
                }
            }
        }
    }

    /// Publishes whether decoding is over and whether the thread is idle (nothing left to decode or to put into the
    /// ring); returns the latter.
    fn publish(&self) -> bool {
        let over = self.current.is_none() && self.out.is_empty();
        let idle = over && self.converter.is_none();
        self.shared.over.store(over, Ordering::Release);
        self.shared.idle.store(idle, Ordering::Release);
        idle
    }

    /// Frames that may still be played before the end of the last track, which has no follower yet, must be flushed out of the
    /// resampler. Until then a late follower can continue in the same resampler. 0 where there is no such track.
    fn spare(&self) -> usize {
        if self.current.is_some() || !self.out.is_empty() {
            return 0;
        }
        let held = (self.ring.buffer().capacity() - self.ring.slots()) / CHANNELS;
        held.saturating_sub(self.rate as usize / LATE)
    }

    fn handle(&mut self, job: Job) {
        match job {
            Job::Play { round, start, at, follow } => {
                self.drop_all(round);
                self.follow = follow;
                self.begin(start, at, None, None);
            }
            Job::Follow(follow) => {
                self.follow = follow;
                if self.ended && self.current.is_none() {
                    self.go_on(None);
                }
            }
            Job::Stop { round } => {
                self.drop_all(round);
                (self.follow, self.ended) = (None, false);
            }
            Job::GoOn | Job::Quit => {}
        }
    }

    fn drop_all(&mut self, round: u64) {
        (self.round, self.current, self.converter, self.overlap) = (round, None, None, None);
        self.out.clear();
        self.block.clear();
        self.used = 0;
        self.shared.take(round);
    }

    /// The frame of the ring that the next converted sample will have.
    fn produced(&self) -> u64 {
        self.shared.pushed.load(Ordering::Acquire) + (self.out.len() / CHANNELS) as u64
    }

    fn mark(&self, at: u64, what: What) {
        self.shared.pending.fetch_add(1, Ordering::AcqRel);
        if self.control.send(Input::Mark(Mark { round: self.round, at, what })).is_err() {
            // The control thread is gone, so the loop is about to end.
            self.shared.pending.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Calls a decoder. The control thread sees how long it takes; a panic becomes an error.
    fn watched<T>(&self, call: impl FnOnce() -> Result<T, AudioError>) -> Result<T, AudioError> {
        self.shared.busy.store(self.clock.now().as_millis() as u64 + 1, Ordering::Release);
        let result = catch_unwind(AssertUnwindSafe(call));
        self.shared.busy.store(0, Ordering::Release);
        result.unwrap_or_else(|_| Err(AudioError::Broken("the decoder panicked".into())))
    }

    /// Opens a track after what has been decoded so far. A track of the same rate continues in the same resampler, so that both
    /// are one continuous signal; one that fades in over the end of the previous track has a resampler of its own. `over`: the
    /// token of that track and the number of frames in which they overlap; its end is marked here, because it depends on whether
    /// this one opens. `ended`: the samples of the track that has just ended, which may be able to continue with this one.
    fn begin(&mut self, start: Start, at: f64, over: Option<(u64, usize)>, ended: Option<Box<dyn Samples>>) {
        let (ending, shared) = over.map_or((None, 0), |(token, shared)| (Some(token), shared));
        let opener = self.opener.clone();
        self.shared.ahead.store(ending.is_some(), Ordering::Release);
        // A follower should have been decoded in time, so an empty ring is a dropout then.
        self.shared.opening.store(ended.is_none() && ending.is_none(), Ordering::Release);
        let open = || {
            let gone_on = ended.and_then(|mut samples| samples.go_on(&start.path).then_some(samples));
            gone_on.map_or_else(|| opener(&start.path, at), |samples| Ok((samples, 0.0)))
        };
        let (to, before) =
            (self.rate, self.converter.as_ref().filter(|_| shared == 0).map(|c| c.resampler.from_rate()));
        let opened = self.watched(|| {
            let (samples, offset) = open()?;
            let (rate, _) = samples.format();
            let fresh = if before == Some(rate) { None } else { Some(Converter::new(rate, to)?) };
            Ok((samples, offset, fresh))
        });
        match opened {
            Ok((samples, offset, fresh)) => {
                if let Some(fresh) = fresh {
                    self.flush();
                    self.converter = Some(fresh);
                    self.base = self.produced() - shared as u64;
                    self.overlap = Overlap::new(self.out.len() / CHANNELS, shared);
                }
                if let Some(token) = ending {
                    self.mark(self.base, What::End { token });
                }
                let secs = samples.secs();
                let (token, gain, at) = (start.token, start.sounding.gain, self.boundary());
                self.mark(at, What::Begin { start, secs, offset });
                self.current = Some(Playing { token, samples, gain });
                self.ended = false;
            }
            Err(error) => {
                if let Some(token) = ending {
                    self.mark(self.produced(), What::End { token });
                }
                self.fail(start.token, &error);
            }
        }
        self.shared.ahead.store(false, Ordering::Release);
    }

    /// The frame of the ring at which the track being decoded ends, so far.
    fn boundary(&self) -> u64 {
        match &self.converter {
            Some(Converter { resampler: r, .. }) => self.base + r.output_len(r.taken()),
            None => self.produced(),
        }
    }

    /// Flushes the resampler and drops it.
    fn flush(&mut self) {
        if let Some(mut converter) = self.converter.take() {
            // Fails only on input that is not whole frames; then there is nothing to flush.
            let _ = converter.resampler.finish(&mut self.fresh);
            self.put();
        }
        // The track was shorter than its overlap: the rest of the previous one fades out alone.
        if let Some(overlap) = self.overlap.take() {
            overlap.end(&mut self.out);
        }
    }

    /// Appends converted samples, or mixes them into the end of the previous track.
    fn put(&mut self) {
        let mut fresh = std::mem::take(&mut self.fresh);
        match &mut self.overlap {
            Some(overlap) => {
                let used = overlap.mix(&fresh, &mut self.out);
                self.out.extend(&fresh[used..]);
                if overlap.is_over() {
                    self.overlap = None;
                }
            }
            None => self.out.extend(&fresh),
        }
        fresh.clear();
        self.fresh = fresh;
    }

    fn fail(&mut self, token: u64, error: &AudioError) {
        self.current = None;
        self.block.clear();
        self.mark(self.boundary(), What::Fail { token, why: error.into() });
        self.go_on(None);
    }

    /// Begins the follower, if there is one, after a track that has ended.
    fn go_on(&mut self, ended: Option<Box<dyn Samples>>) {
        self.ended = true;
        if let Some(start) = self.follow.take() {
            self.begin(start, 0.0, None, ended);
        }
    }

    /// The track being decoded has ended.
    fn end(&mut self, Playing { token, samples, .. }: Playing) {
        let fade = self.follow.as_ref().map_or(0, |f| self.frames(f.sounding.crossfade));
        if fade == 0 {
            self.mark(self.boundary(), What::End { token });
            return self.go_on(Some(samples));
        }
        self.flush();
        // Samples already in the ring cannot overlap: the follower may have been set late.
        let shared = fade.min(self.out.len() / CHANNELS);
        self.ended = true;
        if let Some(start) = self.follow.take() {
            self.begin(start, 0.0, Some((token, shared)), None);
        }
    }

    fn frames(&self, secs: f32) -> usize {
        (secs.clamp(0.0, MOST_SHARED) * self.rate as f32) as usize
    }

    /// The number of samples that may go into the ring: all but the end over which the follower will fade in.
    fn ready(&self) -> usize {
        let held = match (&self.current, &self.follow) {
            (Some(_), Some(follow)) => self.frames(follow.sounding.crossfade) * CHANNELS,
            _ => 0,
        };
        let free = self.overlap.as_ref().map_or(self.out.len(), |o| o.from() * CHANNELS);
        free.min(self.out.len().saturating_sub(held))
    }

    /// One step: moves samples into the ring, or decodes and converts a block.
    fn work(&mut self) {
        let ready = self.ready();
        if ready > 0 {
            let n = ready.min(self.ring.slots() / CHANNELS * CHANNELS);
            let (front, back) = self.out.as_slices();
            let front = &front[..n.min(front.len())];
            let mut done = self.ring.push_partial_slice(front).0.len();
            if done == front.len() {
                done += self.ring.push_partial_slice(&back[..n - done]).0.len();
            }
            self.shared.pushed.fetch_add((done / CHANNELS) as u64, Ordering::AcqRel);
            self.shared.opening.store(false, Ordering::Release);
            self.out.drain(..done);
            if let Some(overlap) = &mut self.overlap {
                overlap.moved(done / CHANNELS);
            }
            return;
        }
        let Some(mut playing) = self.current.take() else { return self.flush() };
        let (_, channels) = playing.samples.format();
        let channels = usize::from(channels.max(1));
        // A block may be long, and much longer at the output's rate, so it is converted in steps.
        let result = if self.used < self.block.len() {
            Ok(true)
        } else {
            let mut block = std::mem::take(&mut self.block);
            block.clear();
            let result = self.watched(|| playing.samples.next(&mut block));
            (self.block, self.used) = (block, 0);
            result
        };
        let step = self.used..self.block.len().min(self.used + Converter::step(channels));
        self.used = step.end;
        let more = self.used < self.block.len();
        let result = result.and_then(|goes_on| {
            if let Some(converter) = &mut self.converter {
                converter.push(&self.block[step], channels, playing.gain, &mut self.fresh)?;
            }
            Ok(goes_on || more)
        });
        self.put();
        match result {
            Ok(true) => self.current = Some(playing),
            Ok(false) => self.end(playing),
            Err(error) => self.fail(playing.token, &error),
        }
    }
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
