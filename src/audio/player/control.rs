//! The control thread: takes commands, looks after the stream and reports what was heard.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::Settings;
use super::feed::{Job, Mark, Start, What};
use super::source::gain;
use super::stream::Stream;
use crate::audio::output::{self, Opened, OutputKind};
use crate::audio::{Command, Event};

/// How often what was heard is looked at while something plays, and otherwise.
const STEP: Duration = Duration::from_millis(20);
const IDLE_STEP: Duration = Duration::from_millis(500);
/// Positions a second.
const POSITIONS: u32 = 4;
/// A device that does not open within this time at the start is not waited for.
const OPENING: Duration = Duration::from_millis(1500);
/// A lost device is tried again after this, then twice as long, up to [`RETRY_MAX`].
const RETRY_MIN: Duration = Duration::from_millis(200);
const RETRY_MAX: Duration = Duration::from_secs(5);
/// Failed tries after which the silent clock takes over.
const TRIES: u32 = 5;
/// How often a device is looked for while the silent clock runs.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// A device that pulls nothing for so long is lost, whatever it says.
const FROZEN: Duration = Duration::from_secs(3);

/// Everything that reaches the control thread.
pub(crate) enum Input {
    Command(Command),
    Mark(Mark),
    /// The device of this stream is gone.
    Lost {
        stream: u64,
        why: String,
    },
    /// A try to open the device is over.
    Opened {
        stream: u64,
        result: Result<Box<Opened>, String>,
    },
}

/// The track that is heard or about to be.
struct Current {
    token: u64,
    path: PathBuf,
    /// `Started` was sent.
    announced: bool,
    /// Its beginning in the ring, once known: frame of the stream, second of the track.
    base: Option<u64>,
    offset: f64,
    secs: Option<f64>,
}

/// The control thread's state.
pub(crate) struct Control {
    kind: OutputKind,
    settings: Settings,
    sender: Sender<Input>,
    inbox: Receiver<Input>,
    events: Sender<Event>,
    pending: Arc<AtomicUsize>,
    epoch: Instant,
    stream: Option<Stream>,
    /// Number of the stream that runs or is being opened.
    number: u64,
    /// A device is being opened since.
    opening: Option<Instant>,
    retry: Option<Instant>,
    tries: u32,
    xruns: Arc<AtomicU64>,
    current: Option<Current>,
    follow: Option<Start>,
    marks: VecDeque<Mark>,
    round: u64,
    paused: bool,
    gain: f32,
    /// Frames popped when the last position was sent, and when something was last popped.
    told: u64,
    moved: (u64, Instant),
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
            retry: None,
            tries: 0,
            xruns: Arc::new(AtomicU64::new(0)),
            current: None,
            follow: None,
            marks: VecDeque::new(),
            round: 0,
            paused: false,
            gain: 1.0,
            told: 0,
            moved: (0, now),
        }
    }

    pub fn run(mut self) {
        self.open();
        loop {
            let busy = self.current.is_some() && self.stream.is_some() || !self.marks.is_empty();
            let waiting = self.opening.is_some() || self.retry.is_some();
            let step = if busy {
                STEP
            } else if waiting {
                STEP * 5
            } else {
                IDLE_STEP
            };
            match self.inbox.recv_timeout(step) {
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
                Ok(Input::Lost { stream, why }) => self.lost(stream, &why),
                Ok(Input::Opened { stream, result }) => self.opened(stream, result),
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

    fn tell(&self, event: Event) {
        // Nobody listens any more: the player will be dropped soon.
        let _ = self.events.send(event);
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Play { token, path, at, paused } => {
                let offset = if at.is_finite() { at.max(0.0) } else { 0.0 };
                self.current = Some(Current { token, path, announced: false, base: None, offset, secs: None });
                self.follow = None;
                self.pause(paused);
                self.restart(offset, offset > 0.0);
            }
            Command::Follow { token, path } => self.follow(Some(Start { token, path })),
            Command::Unfollow => self.follow(None),
            Command::Pause => self.pause(true),
            Command::Resume => self.pause(false),
            Command::Stop => {
                (self.current, self.follow) = (None, None);
                self.round += 1;
                self.marks.clear();
                self.job(Job::Stop { round: self.round });
            }
            Command::Seek(to) => {
                let to = if to.is_finite() { to.max(0.0) } else { 0.0 };
                self.restart(to, true);
            }
            Command::Volume(percent) => {
                self.gain = gain(percent);
                if let Some(stream) = &self.stream {
                    stream.shared.gain.store(self.gain.to_bits(), Ordering::Release);
                }
            }
            Command::Quit => {}
        }
    }

    fn pause(&mut self, paused: bool) {
        self.paused = paused;
        self.moved.1 = Instant::now();
        if let Some(stream) = &self.stream {
            stream.shared.paused.store(paused, Ordering::Release);
        }
    }

    fn follow(&mut self, follow: Option<Start>) {
        if self.follow == follow {
            return;
        }
        self.follow = follow;
        if self.current.is_some() && self.overtaken() {
            // Another follower is in the ring already: back to what is heard.
            self.restart(self.position(), true);
        } else {
            self.job(Job::Follow(self.follow.clone()));
        }
    }

    /// Whether a track other than the wanted follower waits in the ring behind the current one.
    fn overtaken(&self) -> bool {
        let current = self.current.as_ref().map(|c| c.token);
        self.marks.iter().any(|mark| match &mark.what {
            What::Begin { start, .. } => Some(start.token) != current && Some(start) != self.follow.as_ref(),
            _ => false,
        })
    }

    /// Decodes the current track anew from `at` seconds; what is in the ring is dropped.
    fn restart(&mut self, at: f64, fade_in: bool) {
        let Some(current) = &mut self.current else { return };
        (current.base, current.offset) = (None, at);
        let start = Start { token: current.token, path: current.path.clone() };
        self.round += 1;
        self.marks.clear();
        self.moved.1 = Instant::now();
        if let Some(stream) = &self.stream {
            // Silence at once, even when opening the file takes a while.
            stream.shared.skip_to(stream.shared.pushed.load(Ordering::Acquire), true);
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

    fn popped(&self) -> u64 {
        self.stream.as_ref().map_or(0, |s| s.shared.popped.load(Ordering::Acquire))
    }

    /// Where the current track is, in seconds.
    fn position(&self) -> f64 {
        let (Some(current), Some(stream)) = (&self.current, &self.stream) else {
            return self.current.as_ref().map_or(0.0, |c| c.offset);
        };
        let heard = current.base.map_or(0, |base| self.popped().saturating_sub(base));
        let at = current.offset + heard as f64 / f64::from(stream.rate.max(1));
        current.secs.map_or(at, |secs| at.min(secs.max(current.offset)))
    }

    fn take_mark(&mut self, mark: Mark) {
        if mark.round != self.round {
            return;
        }
        self.marks.push_back(mark);
        // The follower may have changed while the old one was being opened.
        if self.current.as_ref().is_some_and(|c| c.base.is_some()) && self.overtaken() {
            self.restart(self.position(), true);
        }
    }

    /// Sends the events of what was heard since the last look.
    fn report(&mut self) {
        let popped = self.popped();
        while self.marks.front().is_some_and(|mark| mark.at <= popped) {
            if let Some(mark) = self.marks.pop_front() {
                self.reach(mark);
            }
        }
        let Some(stream) = &self.stream else { return };
        let due = u64::from(stream.rate / POSITIONS);
        let playing = self.current.as_ref().filter(|c| c.announced && c.base.is_some());
        if let Some(token) = playing.filter(|_| popped.saturating_sub(self.told) >= due).map(|c| c.token) {
            self.told = popped;
            self.tell(Event::Position { token, secs: self.position() });
        }
    }

    /// A mark was reached.
    fn reach(&mut self, mark: Mark) {
        match mark.what {
            What::Begin { start, secs, offset } => {
                let known = self.current.as_ref().is_some_and(|c| c.token == start.token && c.announced);
                if self.follow.as_ref() == Some(&start) {
                    self.follow = None;
                }
                let token = start.token;
                self.current =
                    Some(Current { token, path: start.path, announced: true, base: Some(mark.at), offset, secs });
                self.told = self.popped();
                if !known {
                    self.tell(Event::Started { token, secs });
                }
                if known || offset > 0.0 {
                    self.tell(Event::Position { token, secs: offset });
                }
            }
            What::End { token } => {
                self.current = None;
                self.tell(Event::Finished { token });
            }
            What::Fail { token, why } => {
                self.current = None;
                if self.follow.as_ref().is_some_and(|f| f.token == token) {
                    self.follow = None;
                }
                self.tell(Event::Failed { token, why });
            }
        }
    }

    /// Deadlines: a decoder that hangs, a device that froze, a device to be opened.
    fn look_after(&mut self) {
        self.check_decoder();
        self.check_device();
        let now = Instant::now();
        if self.opening.is_some_and(|since| now - since > OPENING) && self.stream.is_none() && self.tries == 0 {
            self.go_silent(Some("the audio device does not answer".into()));
        }
        if self.retry.is_some_and(|at| now >= at) {
            self.retry = None;
            self.open();
        }
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
            Some(c) if self.marks.iter().any(|m| matches!(m.what, What::End { token } if token == c.token)) => {
                self.follow.take().map(|f| f.token)
            }
            Some(_) => self.current.take().map(|c| c.token),
            None => self.follow.take().map(|f| f.token),
        };
        let at = self.position();
        if let Some(token) = failed {
            self.tell(Event::Failed { token, why });
        }
        if self.current.is_none() {
            self.current = self.follow.take().map(|start| Current {
                token: start.token,
                path: start.path,
                announced: false,
                base: None,
                offset: 0.0,
                secs: None,
            });
        } else if let Some(current) = &mut self.current {
            current.offset = at;
        }
        self.drop_stream();
        self.open();
    }

    fn check_device(&mut self) {
        let popped = self.popped();
        let now = Instant::now();
        let device = matches!(self.kind, OutputKind::Auto) && self.stream.as_ref().is_some_and(|s| !s.silent);
        let waits = self.stream.as_ref().is_some_and(|s| s.shared.pushed.load(Ordering::Acquire) > popped);
        if popped != self.moved.0 || !device || self.paused || !waits {
            self.moved = (popped, now);
        } else if now - self.moved.1 > FROZEN {
            self.lost(self.number, "it stopped taking sound");
        }
    }

    /// Opens the output; a device in a thread of its own.
    fn open(&mut self) {
        match &self.kind {
            OutputKind::Silent => self.go_silent(None),
            OutputKind::Manual(manual) => {
                let opened = manual.open();
                self.attach(opened, None);
            }
            OutputKind::Auto => self.open_device(),
        }
    }

    fn open_device(&mut self) {
        if self.opening.is_some() {
            return;
        }
        // A silent stream goes on under its own number until the device is there.
        let stream = self.number + 1;
        let (back, xruns) = (self.sender.clone(), self.xruns.clone());
        let work = move || {
            let (said, gone) = (back.clone(), Arc::new(AtomicBool::new(false)));
            let lost = move |why: String| {
                if !gone.swap(true, Ordering::AcqRel) {
                    let _ = said.send(Input::Lost { stream, why });
                }
            };
            let result = output::open_device(lost, xruns).map(Box::new);
            let _ = back.send(Input::Opened { stream, result });
        };
        match std::thread::Builder::new().name("audio-open".into()).spawn(work) {
            Ok(_) => self.opening = Some(Instant::now()),
            Err(error) => self.go_silent(Some(error.to_string())),
        }
    }

    fn opened(&mut self, stream: u64, result: Result<Box<Opened>, String>) {
        self.opening = None;
        match result {
            Ok(opened) if stream == self.number + 1 => {
                self.tries = 0;
                self.attach(*opened, None);
            }
            // Opened for a stream that is no more; what is needed now is opened anew.
            Ok(_) => self.retry = Some(Instant::now()),
            Err(why) => {
                self.tries += 1;
                let first = self.number == 0;
                if self.stream.is_none() && (first || self.tries >= TRIES) {
                    self.go_silent(Some(why));
                } else if self.stream.is_none() {
                    let wait = RETRY_MIN.saturating_mul(1 << self.tries.min(10)).min(RETRY_MAX);
                    self.retry = Some(Instant::now() + wait);
                } else {
                    self.retry = Some(Instant::now() + LOOK_AGAIN);
                }
            }
        }
    }

    /// The device is gone: its stream ends, the position stays, and a device is looked for.
    fn lost(&mut self, stream: u64, _why: &str) {
        if stream != self.number || self.stream.is_none() {
            return;
        }
        self.drop_stream();
        self.tries = 0;
        match self.kind {
            OutputKind::Auto => self.retry = Some(Instant::now() + RETRY_MIN),
            _ => self.open(),
        }
    }

    fn go_silent(&mut self, why: Option<String>) {
        if why.is_some() {
            self.retry = Some(Instant::now() + LOOK_AGAIN);
        }
        self.attach(output::open_silent(), why);
    }

    /// Ends the stream and keeps what it played in mind.
    fn drop_stream(&mut self) {
        let at = self.position();
        if let Some(current) = &mut self.current {
            (current.offset, current.base) = (at, None);
        }
        self.marks.clear();
        if let Some(stream) = self.stream.take() {
            stream.end();
        }
    }

    /// Begins a stream on an output and goes on with what played.
    fn attach(&mut self, opened: Opened, why: Option<String>) {
        self.drop_stream();
        self.number += 1;
        let (name, silent) = (opened.name.clone(), opened.silent);
        let setup = super::stream::Setup {
            paused: self.paused,
            gain: self.gain,
            control: self.sender.clone(),
            opener: self.settings.opener.clone(),
            epoch: self.epoch,
            pending: self.pending.clone(),
        };
        match Stream::begin(opened, setup) {
            Ok(stream) => {
                self.stream = Some(stream);
                (self.told, self.moved) = (0, (0, Instant::now()));
                self.tell(Event::Output { name, silent, why });
                if let Some(current) = &self.current {
                    self.restart(current.offset, current.offset > 0.0);
                }
            }
            Err(error) => {
                self.tell(Event::Output { name: "none".into(), silent: true, why: Some(error) });
                self.retry = Some(Instant::now() + LOOK_AGAIN);
            }
        }
    }
}
