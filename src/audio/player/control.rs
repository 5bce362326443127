//! The control thread: takes commands, looks after the stream and reports what was heard.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::Settings;
use super::choice::Astray;
use super::device::{FROZEN, LOOK_FOR_SIGNS};
use super::feed::{Mark, Start, What};
use super::heard::SPECTRUM;
use super::spectrum::Analyser;
use super::stream::Stream;
use crate::audio::output::device::Wish;
use crate::audio::output::{Opened, OutputKind};
use crate::audio::{Command, Event, Shape};
use crate::clock::Clock;

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
    /// A test asks for an answer when everything that is due by now has been looked after: the number
    /// of the try to open a device that goes on.
    #[cfg(test)]
    Look(Sender<Option<u64>>),
}

/// The track that is heard or about to be.
pub(super) struct Current {
    pub(super) start: Start,
    /// `Started` was sent.
    pub(super) announced: bool,
    /// Its beginning in the ring, once known: frame of the stream, second of the track.
    pub(super) base: Option<u64>,
    pub(super) offset: f64,
}

impl Current {
    /// A track that is to begin.
    pub(super) fn of(start: Start) -> Current {
        Current { start, announced: false, base: None, offset: 0.0 }
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
    pub(super) clock: Arc<dyn Clock>,
    pub(super) stream: Option<Stream>,
    /// Number of the stream that runs or is being opened.
    pub(super) number: u64,
    /// A device is being opened, since when and which.
    pub(super) opening: Option<(Duration, Wish)>,
    /// Number of the last try to open one.
    pub(super) attempt: u64,
    pub(super) retry: Option<Duration>,
    pub(super) tries: u32,
    /// Of every stream so far; those that were told.
    pub(super) underruns: Arc<AtomicU64>,
    pub(super) underruns_told: u64,
    pub(super) current: Option<Current>,
    pub(super) follow: Option<Start>,
    /// The last track ended or failed and nothing followed: a follower that comes now is late and begins at once.
    pub(super) ended: bool,
    /// It ended, and what follows has not begun: that is still being opened.
    pub(super) between: bool,
    pub(super) marks: VecDeque<Mark>,
    pub(super) round: u64,
    pub(super) paused: bool,
    pub(super) shape: Shape,
    /// Which output is wanted.
    pub(super) wish: Wish,
    /// The chosen device that opened last; since when it does not any more; whether the default stands in for it.
    pub(super) proven: Option<String>,
    pub(super) astray: Option<Astray>,
    pub(super) fallen: bool,
    /// Signs of another device were seen: it may take a moment until it can be opened.
    pub(super) appeared: Option<Duration>,
    /// Outputs that are still being closed.
    pub(super) closing: Vec<JoinHandle<()>>,
    /// There was a device once: when it is gone, the music waits for one.
    pub(super) had_device: bool,
    /// Whether the output was given back because nothing was to be heard, and since when nothing is.
    pub(super) resting: bool,
    /// It is taken back after a pause: what goes on fades in as after one.
    pub(super) gently: bool,
    pub(super) quiet_since: Option<Duration>,
    /// When signs of devices were looked for, and what they were.
    pub(super) looked: Duration,
    pub(super) signs: u64,
    /// Whether the spectrum is wanted, what finds it, and when it was told.
    pub(super) spectrum: bool,
    pub(super) analyser: Option<Analyser>,
    pub(super) seen: Duration,
    /// It was told that there is nothing.
    pub(super) flat: bool,
    /// Frames heard when the last position was sent; frames that the output has asked for, and when it last did.
    pub(super) told: u64,
    pub(super) moved: (u64, Duration),
}

impl Control {
    pub fn new(
        kind: OutputKind,
        settings: Settings,
        (sender, inbox): (Sender<Input>, Receiver<Input>),
        events: Sender<Event>,
        pending: Arc<AtomicUsize>,
    ) -> Control {
        let clock = settings.clock.clone();
        let now = clock.now();
        let signs = settings.devices.signs();
        let wish = Wish { device: settings.device.clone(), rate: None };
        Control {
            kind,
            settings,
            sender,
            inbox,
            events,
            pending,
            clock,
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
            between: false,
            marks: VecDeque::new(),
            round: 0,
            paused: false,
            shape: Shape::default(),
            wish,
            proven: None,
            astray: None,
            fallen: false,
            appeared: None,
            closing: Vec::new(),
            had_device: false,
            resting: false,
            gently: false,
            quiet_since: None,
            looked: now,
            signs,
            spectrum: false,
            analyser: None,
            seen: now,
            flat: false,
            told: 0,
            moved: (0, now),
        }
    }

    pub fn run(mut self) {
        self.open();
        loop {
            #[cfg(test)]
            let mut asked = None;
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
                Ok(Input::Mark(mark)) => {
                    self.take_mark(mark);
                    self.pending.fetch_sub(1, Ordering::AcqRel);
                }
                Ok(Input::Lost(stream)) => self.lost(stream),
                Ok(Input::Opened { attempt, stream, wish, result }) => self.opened(attempt, stream, &wish, result),
                #[cfg(test)]
                Ok(Input::Look(answer)) => asked = Some(answer),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.report();
            self.look_after();
            #[cfg(test)]
            if let Some(answer) = asked {
                let _ = answer.send(self.opening.is_some().then_some(self.attempt));
            }
        }
        if let Some(stream) = self.stream.take() {
            stream.end();
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.now()
    }

    /// How long nothing needs to be looked after; `None`: until something comes.
    fn patience(&self) -> Option<Duration> {
        let now = self.now();
        let until = |at: Duration| at.saturating_sub(now).max(LEAST);
        let mut waits: Vec<Duration> = self.retry.map(until).into_iter().collect();
        if self.opening.is_some() {
            waits.push(5 * STEP);
        }
        let Some(stream) = &self.stream else {
            if self.retry.is_some() {
                waits.push(LOOK_FOR_SIGNS);
            }
            return waits.into_iter().min();
        };
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
        let now = self.now().as_millis() as u64 + 1;
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
            self.tell(Event::Failed { token, why: why.into() });
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
