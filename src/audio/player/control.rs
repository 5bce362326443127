//! The control thread: takes commands, looks after the stream and reports what was heard.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::Settings;
use super::device::{Astray, FROZEN, LOOK_FOR_SIGNS};
use super::feed::{Job, Mark, Start, What};
use super::heard::SPECTRUM;
use super::spectrum::Analyser;
use super::stream::Stream;
use crate::audio::output::device::Wish;
use crate::audio::output::{Opened, OutputKind};
use crate::audio::{Command, Event, Shape};

/// How often what was heard is looked at when a test pulls; where time passes it is known when to look next.
const STEP: Duration = Duration::from_millis(20);
/// The shortest time between two looks.
const LEAST: Duration = Duration::from_millis(10);
/// Positions a second.
pub(super) const POSITIONS: u32 = 4;

/// Everything that reaches the control thread.
pub(crate) enum Input {
    Command(Command),
    Mark(Mark),
    /// The device of this stream is gone.
    Lost(u64),
    /// A try to open the device is over.
    Opened {
        /// Which of the tries, and the number its stream would have.
        attempt: u64,
        stream: u64,
        wish: Wish,
        result: Result<Box<Opened>, String>,
    },
}

/// The track that is heard or about to be.
pub(super) struct Current {
    pub(super) start: Start,
    /// `Started` was sent.
    pub(super) announced: bool,
    /// Its beginning in the ring, once known: frame of the stream, second of the track.
    pub(super) base: Option<u64>,
    pub(super) offset: f64,
    pub(super) secs: Option<f64>,
}

impl Current {
    /// A track that is to begin.
    fn of(start: Start) -> Current {
        Current { start, announced: false, base: None, offset: 0.0, secs: None }
    }
}

/// The control thread's state.
pub(crate) struct Control {
    pub(super) kind: OutputKind,
    pub(super) settings: Settings,
    pub(super) sender: Sender<Input>,
    pub(super) inbox: Receiver<Input>,
    pub(super) events: Sender<Event>,
    pub(super) pending: Arc<AtomicUsize>,
    pub(super) epoch: Instant,
    pub(super) stream: Option<Stream>,
    /// Number of the stream that runs or is being opened.
    pub(super) number: u64,
    /// A device is being opened since.
    pub(super) opening: Option<Instant>,
    /// Number of the last try to open one.
    pub(super) attempt: u64,
    pub(super) retry: Option<Instant>,
    pub(super) tries: u32,
    /// Of every stream so far; those that were told.
    pub(super) underruns: Arc<AtomicU64>,
    pub(super) underruns_told: u64,
    pub(super) current: Option<Current>,
    pub(super) follow: Option<Start>,
    /// The last track ended or failed and nothing followed: a follower that comes now is late and begins at once.
    pub(super) ended: bool,
    pub(super) marks: VecDeque<Mark>,
    pub(super) round: u64,
    pub(super) paused: bool,
    pub(super) shape: Shape,
    /// Which output is wanted.
    pub(super) wish: Wish,
    /// The chosen device that opened last; since when it does not any more; whether the default is opened instead.
    pub(super) proven: Option<String>,
    pub(super) astray: Option<Astray>,
    pub(super) fallen: bool,
    /// Outputs that are still being closed.
    pub(super) closing: Vec<JoinHandle<()>>,
    /// There was a device once: when it is gone, the music waits for one.
    pub(super) had_device: bool,
    /// Whether the output was given back because nothing was to be heard, and since when nothing is.
    pub(super) resting: bool,
    pub(super) quiet_since: Option<Instant>,
    /// When signs of devices were looked for, and what they were.
    pub(super) looked: Instant,
    pub(super) signs: u64,
    /// Whether the spectrum is wanted, what finds it, and when it was told.
    pub(super) spectrum: bool,
    pub(super) analyser: Option<Analyser>,
    pub(super) seen: Instant,
    /// Frames popped when the last position was sent, and when something was last popped.
    pub(super) told: u64,
    pub(super) moved: (u64, Instant),
}

impl Control {
    pub fn new(
        kind: OutputKind,
        settings: Settings,
        (sender, inbox): (Sender<Input>, Receiver<Input>),
        events: Sender<Event>,
        pending: Arc<AtomicUsize>,
    ) -> Control {
        let now = Instant::now();
        let signs = settings.devices.signs();
        let wish = Wish { device: settings.device.clone(), rate: None };
        Control {
            kind,
            settings,
            sender,
            inbox,
            events,
            pending,
            epoch: now,
            stream: None,
            number: 0,
            opening: None,
            attempt: 0,
            retry: None,
            tries: 0,
            underruns: Arc::new(AtomicU64::new(0)),
            underruns_told: 0,
            current: None,
            follow: None,
            ended: false,
            marks: VecDeque::new(),
            round: 0,
            paused: false,
            shape: Shape::default(),
            wish,
            proven: None,
            astray: None,
            fallen: false,
            closing: Vec::new(),
            had_device: false,
            resting: false,
            quiet_since: None,
            looked: now,
            signs,
            spectrum: false,
            analyser: None,
            seen: now,
            told: 0,
            moved: (0, now),
        }
    }

    pub fn run(mut self) {
        self.open();
        loop {
            let input = match self.patience() {
                Some(step) => self.inbox.recv_timeout(step),
                None => self.inbox.recv().map_err(Into::into),
            };
            match input {
                Ok(Input::Command(command)) => {
                    let quit = command == Command::Quit;
                    if !quit {
                        self.command(command);
                    }
                    self.pending.fetch_sub(1, Ordering::AcqRel);
                    if quit {
                        break;
                    }
                }
                Ok(Input::Mark(mark)) => self.take_mark(mark),
                Ok(Input::Lost(stream)) => self.lost(stream),
                Ok(Input::Opened { attempt, stream, wish, result }) => self.opened(attempt, stream, &wish, result),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.report();
            self.look_after();
        }
        if let Some(stream) = self.stream.take() {
            stream.end();
        }
    }

    /// How long nothing needs to be looked after; `None`: until something comes.
    fn patience(&self) -> Option<Duration> {
        let now = Instant::now();
        let until = |at: Instant| at.saturating_duration_since(now).max(LEAST);
        let mut waits: Vec<Duration> = self.retry.map(until).into_iter().collect();
        if self.opening.is_some() {
            waits.push(5 * STEP);
        }
        let Some(stream) = &self.stream else { return waits.into_iter().min() };
        if !stream.paced {
            // As fast as a test pulls.
            return Some(if self.current.is_some() || !self.marks.is_empty() { STEP } else { 25 * STEP });
        }
        if stream.shared.busy.load(Ordering::Acquire) != 0 {
            waits.push(FROZEN / 2);
        }
        if self.quiet() {
            waits.push(until(self.quiet_since.unwrap_or(now) + self.settings.rest));
            return waits.into_iter().min();
        }
        let heard = self.heard();
        let due = self.told + u64::from(stream.rate / POSITIONS);
        let next = self.marks.front().map_or(due, |mark| mark.at.min(due)).saturating_sub(heard);
        let next = Duration::from_secs_f64(next as f64 / f64::from(stream.rate.max(1)));
        waits.push(next.clamp(LEAST, LOOK_FOR_SIGNS / 2));
        if self.spectrum {
            waits.push(SPECTRUM);
        }
        waits.into_iter().min()
    }

    pub(super) fn tell(&self, event: Event) {
        // Nobody listens any more: the player will be dropped soon.
        let _ = self.events.send(event);
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Play { token, path, at, paused, sounding } => {
                let offset = if at.is_finite() { at.max(0.0) } else { 0.0 };
                let other = self.stream.as_ref().is_some_and(|s| s.could_be_at(sounding.rate));
                if sounding.rate != 0 {
                    self.wish.rate = Some(sounding.rate);
                }
                self.current = Some(Current { offset, ..Current::of(Start { token, path, sounding }) });
                (self.follow, self.ended) = (None, false);
                self.pause(paused);
                if other {
                    return self.reopen(self.wish.clone());
                }
                self.restart(offset, offset > 0.0);
                self.wake();
            }
            Command::Follow { token, path, sounding } => self.follow(Some(Start { token, path, sounding })),
            Command::Unfollow => self.follow(None),
            Command::Gain { token, gain } => self.regain(token, gain),
            Command::Pause => self.pause(true),
            Command::Resume => self.pause(false),
            Command::Stop => {
                (self.current, self.follow, self.ended) = (None, None, false);
                self.round += 1;
                self.marks.clear();
                if let Some(stream) = &self.stream {
                    stream.shared.skip_to(stream.shared.pushed.load(Ordering::Acquire), true, true);
                }
                self.job(Job::Stop { round: self.round });
            }
            Command::Seek(to) => {
                let to = if to.is_finite() { to.max(0.0) } else { 0.0 };
                self.restart(to, true);
            }
            Command::Shape(shape) => {
                self.shape = shape;
                if let Some(stream) = &self.stream {
                    stream.shared.shape(&shape);
                }
            }
            Command::Devices => self.list_devices(),
            Command::Device(device) => self.reopen(Wish { device, ..self.wish.clone() }),
            Command::Spectrum(on) => self.show_spectrum(on),
            Command::Quit => {}
        }
    }

    fn pause(&mut self, paused: bool) {
        self.paused = paused;
        self.moved.1 = Instant::now();
        if let Some(stream) = &self.stream {
            stream.shared.paused.store(paused, Ordering::Release);
        }
        if !paused {
            self.job(Job::GoOn);
            self.wake();
        }
    }

    /// Takes the output back that was given away.
    fn wake(&mut self) {
        if self.resting && self.current.is_some() {
            self.open();
        }
    }

    /// Another gain: what waits in the ring has the old one, so it is decoded anew.
    fn regain(&mut self, token: u64, gain: f32) {
        if let Some(follow) = self.follow.as_mut().filter(|f| f.token == token) {
            follow.sounding.gain = gain;
            let waits = |mark: &Mark| matches!(&mark.what, What::Begin { start, .. } if start.token == token);
            if self.marks.iter().any(waits) {
                self.restart(self.place(), true);
            } else {
                self.job(Job::Follow(self.follow.clone()));
            }
        } else if let Some(current) = self.current.as_mut().filter(|c| c.start.token == token) {
            let before = std::mem::replace(&mut current.start.sounding.gain, gain);
            if before != gain {
                self.restart(self.place(), true);
            }
        }
    }

    fn follow(&mut self, follow: Option<Start>) {
        if self.follow == follow {
            return;
        }
        if let Some(start) = follow.as_ref().filter(|_| self.ended) {
            self.current = Some(Current::of(start.clone()));
            self.ended = false;
            self.restart(0.0, false);
            return self.wake();
        }
        self.follow = follow;
        if self.current.is_some() && self.overtaken() {
            // Another follower is in the ring already: back to what is heard.
            self.restart(self.place(), true);
        } else {
            self.job(Job::Follow(self.follow.clone()));
        }
    }

    /// Whether a track other than the wanted follower waits in the ring behind the current one.
    pub(super) fn overtaken(&self) -> bool {
        let current = self.current.as_ref().map(|c| c.start.token);
        self.marks.iter().any(|mark| match &mark.what {
            What::Begin { start, .. } => Some(start.token) != current && Some(start) != self.follow.as_ref(),
            _ => false,
        })
    }

    /// Decodes the current track anew from `at` seconds; what is in the ring is dropped.
    pub(super) fn restart(&mut self, at: f64, fade_in: bool) {
        let Some(current) = &mut self.current else { return };
        (current.base, current.offset) = (None, at);
        let start = current.start.clone();
        self.round += 1;
        self.marks.clear();
        self.moved.1 = Instant::now();
        if let Some(stream) = &self.stream {
            // Silence at once, even when opening the file takes a while.
            stream.shared.skip_to(stream.shared.pushed.load(Ordering::Acquire), fade_in, false);
        }
        self.job(Job::Play { round: self.round, start, at, fade_in, follow: self.follow.clone() });
    }

    fn job(&self, job: Job) {
        if let Some(stream) = &self.stream {
            self.pending.fetch_add(1, Ordering::AcqRel);
            if stream.jobs.send(job).is_err() {
                self.pending.fetch_sub(1, Ordering::AcqRel);
            }
        }
    }

    /// Deadlines: a decoder that hangs, a device that froze, a device to be opened.
    fn look_after(&mut self) {
        self.check_decoder();
        self.check_device();
        self.look_for_device();
        self.rest();
        self.tell_spectrum();
    }

    fn check_decoder(&mut self) {
        let Some(stream) = &self.stream else { return };
        let busy = stream.shared.busy.load(Ordering::Acquire);
        let now = self.epoch.elapsed().as_millis() as u64 + 1;
        if busy == 0 || now.saturating_sub(busy) < self.settings.stall.as_millis() as u64 {
            return;
        }
        // The thread cannot be ended; it is left behind and a new stream begins with what follows.
        let why = format!("the file does not answer for {} s", self.settings.stall.as_secs_f32());
        let failed = match &self.current {
            // What plays is fine when it is the follower that hangs.
            Some(c)
                if stream.shared.ahead.load(Ordering::Acquire)
                    || self.marks.iter().any(|m| matches!(m.what, What::End { token } if token == c.start.token)) =>
            {
                self.follow.take().map(|f| f.token)
            }
            Some(_) => self.current.take().map(|c| c.start.token),
            None => self.follow.take().map(|f| f.token),
        };
        let at = self.place();
        if let Some(token) = failed {
            self.tell(Event::Failed { token, why });
        }
        if self.current.is_none() {
            self.current = self.follow.take().map(Current::of);
            self.ended = self.current.is_none();
        } else if let Some(current) = &mut self.current {
            current.offset = at;
        }
        self.drop_stream();
        self.open();
    }
}
