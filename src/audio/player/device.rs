//! The control thread's care for the output: opening it, noticing that it is gone, going on with another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::control::{Control, Input};
use super::stream::{Setup, Stream};
use crate::audio::Event;
use crate::audio::output::{self, Opened, OutputKind};

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

impl Control {
    /// A device that takes nothing although it should is as good as gone.
    pub(super) fn check_device(&mut self) {
        let popped = self.popped();
        let now = Instant::now();
        let device = matches!(self.kind, OutputKind::Auto) && self.stream.as_ref().is_some_and(|s| !s.silent);
        let waits = self.stream.as_ref().is_some_and(|s| s.shared.pushed.load(Ordering::Acquire) > popped);
        if popped != self.moved.0 || !device || self.paused || !waits {
            self.moved = (popped, now);
        } else if now - self.moved.1 > FROZEN {
            self.lost(self.number);
        }
    }

    /// Opens a device when it is time, and does without one that does not answer.
    pub(super) fn look_for_device(&mut self) {
        let now = Instant::now();
        if self.opening.is_some_and(|since| now - since > OPENING) && self.stream.is_none() && self.tries == 0 {
            self.go_silent(Some("the audio device does not answer".into()));
        }
        if self.retry.is_some_and(|at| now >= at) {
            self.retry = None;
            self.open();
        }
    }

    /// Opens the output; a device in a thread of its own.
    pub(super) fn open(&mut self) {
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
        let (back, underruns) = (self.sender.clone(), self.underruns.clone());
        let work = move || {
            let (said, gone) = (back.clone(), Arc::new(AtomicBool::new(false)));
            let lost = move || {
                if !gone.swap(true, Ordering::AcqRel) {
                    let _ = said.send(Input::Lost(stream));
                }
            };
            let result = output::open_device(lost, underruns).map(Box::new);
            let _ = back.send(Input::Opened { stream, result });
        };
        match std::thread::Builder::new().name("audio-open".into()).spawn(work) {
            Ok(_) => self.opening = Some(Instant::now()),
            Err(error) => self.go_silent(Some(error.to_string())),
        }
    }

    /// A try to open the device is over.
    pub(super) fn opened(&mut self, stream: u64, result: Result<Box<Opened>, String>) {
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
    pub(super) fn lost(&mut self, stream: u64) {
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
    pub(super) fn drop_stream(&mut self) {
        let at = self.position();
        if let Some(current) = &mut self.current {
            (current.offset, current.base) = (at, None);
        }
        // What the old decode thread still says is of no interest.
        self.round += 1;
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
        let setup = Setup {
            paused: self.paused,
            gain: self.gain,
            control: self.sender.clone(),
            opener: self.settings.opener.clone(),
            epoch: self.epoch,
            pending: self.pending.clone(),
            underruns: self.underruns.clone(),
        };
        match Stream::begin(opened, setup) {
            Ok(stream) => {
                self.stream = Some(stream);
                (self.told, self.moved) = (0, (0, Instant::now()));
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
