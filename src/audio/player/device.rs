//! The control thread's care for the output: opening it, noticing that it is gone, going on with another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::control::{Control, Input};
use crate::audio::Event;
use crate::audio::output::device::{Wish, period};
use crate::audio::output::{self, Opened, OutputKind};

/// A device that does not open within this time at the start is not waited for.
const OPENING: Duration = Duration::from_millis(1500);
/// A lost device is tried again at once, then after this, then after twice as long, up to [`RETRY_MAX`]: the music goes
/// on within a second of its return. After a while that is given up for [`RETRY_LATE`].
const RETRY_MIN: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_millis(500);
const RETRY_LATE: Duration = Duration::from_secs(5);
/// How often a device is looked for while the silent clock runs, and how often the signs of one are.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(15);
pub(super) const LOOK_FOR_SIGNS: Duration = Duration::from_millis(300);
/// So long after its first sign a device may not be ready: a sound server starts, or the rights to a card are yet to be given.
const APPEARING: Duration = Duration::from_secs(10);
/// A device that pulls nothing for so long, and for four periods, is lost, whatever it says; in its first second it may take longer, since a
/// sound server may still be about to begin.
pub(super) const FROZEN: Duration = Duration::from_millis(700);
const BEGINNING: Duration = Duration::from_secs(4);
/// How long the old stream may take to close before the next is opened.
const CLOSING: Duration = Duration::from_millis(500);

/// How long a device that has pulled so many frames may pull nothing.
fn frozen(pulled: u64, rate: u32) -> Duration {
    let periods = Duration::from_secs_f64(4.0 * f64::from(period(rate)) / f64::from(rate.max(1)));
    periods.max(if pulled < u64::from(rate) { BEGINNING } else { FROZEN })
}

impl Control {
    /// A device that takes nothing although it should is as good as gone.
    pub(super) fn check_device(&mut self) {
        let now = self.now();
        let Some(stream) = self.stream.as_ref().filter(|_| self.on_device() && !self.paused) else {
            self.moved.1 = now;
            return;
        };
        let of = |count: &AtomicU64| count.load(Ordering::Acquire);
        let (pulled, popped, pushed) =
            (of(&stream.shared.pulled), of(&stream.shared.popped), of(&stream.shared.pushed));
        if pulled != self.moved.0 || pushed <= popped {
            self.moved = (pulled, now);
        } else if now.saturating_sub(self.moved.1) > frozen(pulled, stream.rate) {
            self.lost(self.number);
        }
    }

    /// Whether the sound goes to a device.
    pub(super) fn on_device(&self) -> bool {
        matches!(self.kind, OutputKind::Auto) && self.stream.as_ref().is_some_and(|s| !s.silent)
    }

    /// Opens a device when it is time, and does without one that does not answer.
    pub(super) fn look_for_device(&mut self) {
        let now = self.now();
        let since = self.opening.as_ref().map_or(now, |(since, _)| *since);
        let took = now.saturating_sub(since);
        if took > OPENING && self.stream.is_none() && !self.had_device {
            self.go_silent(Some("the audio device does not answer".into()));
        }
        if took > self.settings.hanging {
            let chosen = self.opening.take().is_some_and(|(_, wish)| wish.device.is_some() && wish == self.wanted());
            if !self.on_device() && !self.resting {
                self.retry = Some(now);
                if chosen {
                    self.refused("the chosen output does not answer", since);
                }
            }
        }
        // Music that plays silently, waits, or plays to a stand-in is taken over by a device as soon as one appears.
        let lacks = matches!(self.kind, OutputKind::Auto) && !self.resting && (!self.on_device() || self.fallen);
        if lacks && now >= self.looked + LOOK_FOR_SIGNS {
            self.looked = now;
            let signs = self.settings.devices.signs();
            if std::mem::replace(&mut self.signs, signs) != signs {
                (self.appeared, self.retry) = (Some(now), Some(now));
                // It is looked for in quick succession again; what is told at the first failure was told.
                self.tries = self.tries.min(1);
            }
        }
        if self.retry.is_some_and(|at| now >= at) {
            self.retry = None;
            self.open();
        }
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

    fn open_device(&mut self) {
        if self.opening.is_some() || self.on_device() && !self.fallen {
            return;
        }
        let wish = if self.stands_in() { self.wish.clone() } else { self.wanted() };
        self.attempt += 1;
        let attempt = self.attempt;
        // A silent stream goes on under its own number until the device is there.
        let stream = self.number + 1;
        let (back, underruns) = (self.sender.clone(), self.underruns.clone());
        let (devices, closing, asked) =
            (self.settings.devices.clone(), std::mem::take(&mut self.closing), wish.clone());
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
            Ok(_) => self.opening = Some((self.now(), asked)),
            Err(error) => self.go_silent(Some(error.to_string())),
        }
    }

    /// A try to open the device is over. One that was given up may answer late, while the next goes on or has succeeded.
    pub(super) fn opened(&mut self, attempt: u64, stream: u64, wish: &Wish, result: Result<Box<Opened>, String>) {
        let latest = attempt == self.attempt;
        let since = self.opening.as_ref().filter(|_| latest).map_or_else(|| self.now(), |(since, _)| *since);
        if latest {
            self.opening = None;
        }
        let chosen = wish.device.is_some() && wish.device == self.wish.device;
        match result {
            // The chosen one is back.
            Ok(opened) if self.stands_in() && chosen && stream == self.number + 1 => {
                (self.astray, self.fallen, self.retry) = (None, false, None);
                self.attach(*opened, None);
            }
            // What runs is not disturbed; and when nothing was to be heard meanwhile, it is given back at once.
            Ok(opened) if self.on_device() || self.resting => {
                self.close(opened);
                // The chosen one answers after all.
                self.retry = self.retry.or((self.stands_in() && chosen).then(|| self.now()));
            }
            Err(_) if self.stands_in() && latest && self.is_appearing() => {
                self.retry = Some(self.now() + RETRY_MAX);
            }
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
                self.retry = Some(self.now());
            }
            Err(why) if wish.device.is_some() => {
                self.retry = Some(self.now());
                if chosen {
                    self.refused(&why, since);
                }
            }
            Err(why) => {
                self.tries += 1;
                // The chosen one may be back before the default is.
                self.fallen = false;
                if self.stream.is_some() {
                    self.retry = Some(self.now() + if self.is_appearing() { RETRY_MAX } else { LOOK_AGAIN });
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

    /// Whether signs of a device were seen that may not be ready yet.
    fn is_appearing(&self) -> bool {
        self.appeared.is_some_and(|at| self.now().saturating_sub(at) < APPEARING)
    }

    pub(super) fn retry_later(&mut self) {
        let wait = RETRY_MIN.saturating_mul(1 << self.tries.min(10)).min(RETRY_MAX);
        self.retry = Some(self.now() + if self.tries < self.settings.tries { wait } else { RETRY_LATE });
    }

    /// Closes an output that is not needed after all; that may take long.
    pub(super) fn close(&mut self, opened: Box<Opened>) {
        // Without a thread it is closed here.
        let closing = std::thread::Builder::new().name("audio-close".into()).spawn(move || drop(opened));
        self.closing.extend(closing.ok());
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
            self.retry = Some(self.now() + LOOK_AGAIN);
        }
        self.attach(output::open_silent(), why);
    }
}
