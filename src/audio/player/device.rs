//! The control thread's care for the output: opening it, noticing that it is gone, going on with another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::control::{Control, Input};
use super::spectrum::Analyser;
use super::stream::{Setup, Stream};
use crate::audio::Event;
use crate::audio::output::device::{Wish, period};
use crate::audio::output::{self, Opened, OutputKind};

/// A device that does not open within this time at the start is not waited for.
const OPENING: Duration = Duration::from_millis(1500);
/// A try to open that takes longer is given up; whatever comes of it is still taken.
const HANGING: Duration = Duration::from_secs(5);
/// A lost device is tried again at once, then after this, then after twice as long, up to [`RETRY_MAX`]: the music goes
/// on within a second of its return. After a while that is given up for [`RETRY_LATE`].
const RETRY_MIN: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_millis(500);
const RETRY_LATE: Duration = Duration::from_secs(5);
const TRIES: u32 = 600;
/// How often a device is looked for while the silent clock runs, and how often the signs of one are.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
pub(super) const LOOK_FOR_SIGNS: Duration = Duration::from_millis(500);
/// A device that pulls nothing for so long, and for four periods, is lost, whatever it says; in its first second it may take longer, since a
/// sound server may still be about to begin.
pub(super) const FROZEN: Duration = Duration::from_millis(700);
const BEGINNING: Duration = Duration::from_secs(4);
/// How long the old stream may take to close before the next is opened.
const CLOSING: Duration = Duration::from_millis(500);

/// How long a device that has pulled so many frames may pull nothing.
fn frozen(popped: u64, rate: u32) -> Duration {
    let periods = Duration::from_secs_f64(4.0 * f64::from(period(rate)) / f64::from(rate.max(1)));
    periods.max(if popped < u64::from(rate) { BEGINNING } else { FROZEN })
}

/// A chosen device that opened before and does not now.
pub(super) struct Astray {
    since: Instant,
    /// That the default plays instead was told.
    told: bool,
}

impl Control {
    /// A device that takes nothing although it should is as good as gone.
    pub(super) fn check_device(&mut self) {
        let popped = self.popped();
        let now = Instant::now();
        let device = self.on_device();
        let waits = self.stream.as_ref().is_some_and(|s| s.shared.pushed.load(Ordering::Acquire) > popped);
        if popped != self.moved.0 || !device || self.paused || !waits {
            self.moved = (popped, now);
        } else if now - self.moved.1 > self.stream.as_ref().map_or(FROZEN, |s| frozen(popped, s.rate)) {
            self.lost(self.number);
        }
    }

    /// Whether the sound goes to a device.
    pub(super) fn on_device(&self) -> bool {
        matches!(self.kind, OutputKind::Auto) && self.stream.as_ref().is_some_and(|s| !s.silent)
    }

    /// Opens a device when it is time, and does without one that does not answer.
    pub(super) fn look_for_device(&mut self) {
        let now = Instant::now();
        let took = self.opening.map_or(Duration::ZERO, |since| now - since);
        if took > OPENING && self.stream.is_none() && !self.had_device {
            self.go_silent(Some("the audio device does not answer".into()));
        }
        if took > HANGING {
            self.opening = None;
            self.retry = (!self.on_device() && !self.resting).then_some(now);
        }
        // Music that plays silently is taken over by a device as soon as one appears.
        let silent = matches!(self.kind, OutputKind::Auto) && self.stream.as_ref().is_some_and(|s| s.silent);
        if silent && now >= self.looked + LOOK_FOR_SIGNS {
            self.looked = now;
            let signs = self.settings.devices.signs();
            if std::mem::replace(&mut self.signs, signs) != signs {
                self.retry = Some(now);
            }
        }
        if self.retry.is_some_and(|at| now >= at) {
            self.retry = None;
            self.open();
        }
    }

    /// Gives the output back when it has had nothing to play for a while.
    pub(super) fn rest(&mut self) {
        if !self.quiet() {
            self.quiet_since = None;
            return;
        }
        let since = *self.quiet_since.get_or_insert_with(Instant::now);
        if self.stream.as_ref().is_some_and(|s| s.paced) && since.elapsed() >= self.settings.rest {
            self.drop_stream();
            (self.resting, self.retry, self.fallen) = (true, None, false);
        }
    }

    /// Nothing is to be heard: held, or nothing is there.
    pub(super) fn quiet(&self) -> bool {
        self.paused || self.current.is_none() && self.marks.is_empty()
    }

    /// Opens the output; a device in a thread of its own.
    pub(super) fn open(&mut self) {
        self.resting = false;
        match &self.kind {
            OutputKind::Silent => self.go_silent(None),
            OutputKind::Manual(manual) => {
                let opened = manual.open();
                self.attach(opened, None);
            }
            OutputKind::Auto => self.open_device(),
        }
    }

    /// What is opened now: the default while the chosen device is astray.
    fn wanted(&self) -> Wish {
        Wish { device: self.wish.device.clone().filter(|_| !self.fallen), ..self.wish.clone() }
    }

    fn open_device(&mut self) {
        if self.opening.is_some() || self.on_device() {
            return;
        }
        self.attempt += 1;
        let attempt = self.attempt;
        // A silent stream goes on under its own number until the device is there.
        let stream = self.number + 1;
        let (back, underruns) = (self.sender.clone(), self.underruns.clone());
        let (devices, wish, closing) =
            (self.settings.devices.clone(), self.wanted(), std::mem::take(&mut self.closing));
        let work = move || {
            // A device that only one can have must be free first.
            let deadline = Instant::now() + CLOSING;
            while closing.iter().any(|c| !c.is_finished()) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(2));
            }
            let (said, gone) = (back.clone(), Arc::new(AtomicBool::new(false)));
            let lost = move || {
                if !gone.swap(true, Ordering::AcqRel) {
                    let _ = said.send(Input::Lost(stream));
                }
            };
            let result = devices.open(&wish, Arc::new(lost), underruns).map(Box::new);
            let _ = back.send(Input::Opened { attempt, stream, wish, result });
        };
        match std::thread::Builder::new().name("audio-open".into()).spawn(work) {
            Ok(_) => self.opening = Some(Instant::now()),
            Err(error) => self.go_silent(Some(error.to_string())),
        }
    }

    /// A try to open the device is over. One that was given up may answer late, while the next goes on or has succeeded.
    pub(super) fn opened(&mut self, attempt: u64, stream: u64, wish: &Wish, result: Result<Box<Opened>, String>) {
        let latest = attempt == self.attempt;
        if latest {
            self.opening = None;
        }
        match result {
            // What runs is not disturbed; and when nothing was to be heard meanwhile, it is given back at once.
            Ok(opened) if self.on_device() || self.resting => self.close(opened),
            Err(_) if self.on_device() || self.resting || !latest => {}
            Ok(opened) if stream == self.number + 1 && *wish == self.wanted() => {
                (self.tries, self.retry) = (0, None);
                if wish.device.is_some() {
                    (self.proven, self.astray) = (wish.device.clone(), None);
                }
                self.attach(*opened, None);
            }
            // Opened for a stream that is no more, or not as it is wanted now; what is needed is opened anew.
            Ok(opened) => {
                self.close(opened);
                self.retry = Some(Instant::now());
            }
            Err(why) if wish.device.is_some() => {
                self.retry = Some(Instant::now());
                if self.wish.device == wish.device {
                    self.refused(&why);
                }
            }
            Err(why) => {
                self.tries += 1;
                // The chosen one may be back before the default is.
                self.fallen = false;
                if self.stream.is_some() {
                    self.retry = Some(Instant::now() + LOOK_AGAIN);
                } else if !self.had_device {
                    self.go_silent(Some(why));
                } else {
                    if self.tries == 1 {
                        self.tell(Event::Refused(format!("the output is gone, the music waits for one: {why}")));
                    }
                    self.retry_later();
                }
            }
        }
    }

    fn retry_later(&mut self) {
        let wait = RETRY_MIN.saturating_mul(1 << self.tries.min(10)).min(RETRY_MAX);
        self.retry = Some(Instant::now() + if self.tries < TRIES { wait } else { RETRY_LATE });
    }

    /// The chosen device does not open. One that did before may only be plugged in anew or be held by another program for
    /// a moment: it is waited for, then the default plays until the next stream is opened. One that never did is forgotten.
    fn refused(&mut self, why: &str) {
        if self.wish.device != self.proven {
            self.wish.device = None;
            return self.tell(Event::Refused(format!("{why}; playing to the default device")));
        }
        let first = self.astray.is_none();
        let astray = self.astray.get_or_insert_with(|| Astray { since: Instant::now(), told: false });
        if astray.since.elapsed() >= self.settings.astray {
            self.fallen = true;
            if !std::mem::replace(&mut astray.told, true) {
                self.tell(Event::Refused(format!("{why}; playing to the default device")));
            }
            return;
        }
        self.tries += 1;
        self.retry_later();
        if first {
            self.tell(Event::Refused(format!("the output is gone, the music waits for it: {why}")));
        }
    }

    /// Closes an output that is not needed after all; that may take long.
    fn close(&mut self, opened: Box<Opened>) {
        // Without a thread it is closed here.
        let closing = std::thread::Builder::new().name("audio-close".into()).spawn(move || drop(opened));
        self.closing.extend(closing.ok());
    }

    /// Another output, or the same at another rate: what plays goes on there.
    pub(super) fn reopen(&mut self, wish: Wish) {
        if self.wish.device != wish.device {
            self.astray = None;
        }
        (self.wish, self.fallen) = (wish, false);
        if matches!(self.kind, OutputKind::Auto) && !self.resting {
            self.drop_stream();
            (self.tries, self.retry) = (0, None);
            self.open();
        }
    }

    /// Tells which outputs there are; they are looked for aside.
    pub(super) fn list_devices(&self) {
        let (events, devices, chosen) = (self.events.clone(), self.settings.devices.clone(), self.wish.device.clone());
        let work = move || drop(events.send(Event::Devices(devices.list(), chosen)));
        if let Err(error) = std::thread::Builder::new().name("audio-list".into()).spawn(work) {
            self.tell(Event::Devices(Err(error.to_string()), None));
        }
    }

    /// The device is gone: its stream ends, the position stays, and a device is looked for.
    pub(super) fn lost(&mut self, stream: u64) {
        if stream != self.number || self.stream.is_none() {
            return;
        }
        self.drop_stream();
        (self.tries, self.fallen) = (0, false);
        self.open();
    }

    fn go_silent(&mut self, why: Option<String>) {
        if why.is_some() {
            self.retry = Some(Instant::now() + LOOK_AGAIN);
        }
        self.attach(output::open_silent(), why);
    }

    /// Ends the stream and keeps what it played in mind.
    pub(super) fn drop_stream(&mut self) {
        let at = self.place();
        if let Some(current) = &mut self.current {
            (current.offset, current.base) = (at, None);
        }
        // What the old decode thread still says is of no interest.
        self.round += 1;
        self.marks.clear();
        if let Some(stream) = self.stream.take() {
            self.closing.retain(|c| !c.is_finished());
            self.closing.extend(stream.end());
        }
    }

    /// Begins a stream on an output and goes on with what played.
    fn attach(&mut self, opened: Opened, why: Option<String>) {
        self.drop_stream();
        self.number += 1;
        let (name, silent) = (opened.name.clone(), opened.silent);
        self.had_device |= !silent;
        let setup = Setup {
            paused: self.paused,
            shape: self.shape,
            tap: self.spectrum,
            control: self.sender.clone(),
            opener: self.settings.opener.clone(),
            epoch: self.epoch,
            pending: self.pending.clone(),
            underruns: self.underruns.clone(),
        };
        match Stream::begin(opened, setup) {
            Ok(stream) => {
                self.analyser = self.spectrum.then(|| Analyser::new(stream.rate));
                self.stream = Some(stream);
                (self.told, self.moved, self.quiet_since) = (0, (0, Instant::now()), None);
                if let Some(current) = &self.current {
                    self.restart(current.offset, current.offset > 0.0);
                }
                self.tell(Event::Output { name, silent, why });
            }
            Err(error) => {
                self.tell(Event::Output { name: "none".into(), silent: true, why: Some(error) });
                self.retry = Some(Instant::now() + LOOK_AGAIN);
            }
        }
    }
}
