//! The control thread: takes commands and marks, and connects what is asked, what is heard and which output is open.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::asked::{Asked, Fade};
use super::feed::Job;
use super::input::{Events, Input, Start};
use super::meter::{Meter, SPECTRUM};
use super::outputs::Outputs;
use super::search::LOOK_FOR_SIGNS;
use super::settings::Settings;
use super::streams::Fresh;
use super::track::{Change, Track};
use crate::audio::output::OutputKind;
use crate::audio::{Command, Event};

/// Polling interval when a test pulls; in real time the next event's time is known.
const STEP: Duration = Duration::from_millis(20);
/// The shortest interval between two checks.
const LEAST: Duration = Duration::from_millis(10);

/// The control thread's state.
pub(crate) struct Control {
    settings: Arc<Settings>,
    inbox: Receiver<Input>,
    pending: Arc<AtomicUsize>,
    asked: Asked,
    track: Track,
    outputs: Outputs,
    meter: Meter,
}

impl Control {
    /// A player on an output. `sender` leads to `inbox`; `pending` counts the commands in it.
    pub fn new(
        kind: OutputKind,
        settings: Settings,
        (sender, inbox): (Sender<Input>, Receiver<Input>),
        events: Sender<Event>,
        pending: Arc<AtomicUsize>,
    ) -> Control {
        let (settings, events) = (Arc::new(settings), Events(events));
        Control {
            inbox,
            pending: pending.clone(),
            asked: Asked::default(),
            track: Track::new(events.clone()),
            meter: Meter::new(settings.clock.now(), events.clone()),
            outputs: Outputs::new(kind, settings.clone(), sender, events, pending),
            settings,
        }
    }

    /// Runs until told to quit or until no sender is left.
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
                    self.command(command);
                    self.pending.fetch_sub(1, Ordering::AcqRel);
                    if quit {
                        break;
                    }
                }
                Ok(Input::Mark(mark)) => {
                    let change = self.track.expect(mark);
                    self.carry_out(change);
                    self.pending.fetch_sub(1, Ordering::AcqRel);
                }
                Ok(Input::Lost(stream)) => {
                    if self.outputs.lost(stream) {
                        self.reopen();
                    }
                }
                Ok(Input::Opened { attempt, stream, wish, result }) => {
                    let fresh = self.outputs.opened(attempt, stream, &wish, result);
                    self.attach(fresh);
                }
                #[cfg(test)]
                Ok(Input::Look(answer)) => asked = Some(answer),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.report();
            self.look_after();
            #[cfg(test)]
            if let Some(answer) = asked {
                let _ = answer.send(self.outputs.attempt());
            }
        }
        self.outputs.streams.end();
    }

    /// How long the thread may sleep; `None`: until a message comes.
    fn patience(&self) -> Option<Duration> {
        let quiet = self.is_quiet();
        let outputs = self.outputs.patience(quiet).map(|wait| wait.max(LEAST));
        let (Some(stream), Some(ear)) = (self.outputs.streams.playing(), self.outputs.streams.ear()) else {
            return outputs;
        };
        if !stream.paced {
            // As fast as a test pulls.
            return Some(if self.track.is_silent() { 25 * STEP } else { STEP });
        }
        if quiet {
            return outputs;
        }
        let frames = self.track.due(ear.rate).saturating_sub(ear.frame);
        let due = Duration::from_secs_f64(frames as f64 / f64::from(ear.rate.max(1)));
        let due = due.clamp(LEAST, LOOK_FOR_SIGNS / 2);
        let spectrum = self.meter.is_on().then_some(SPECTRUM);
        [outputs, Some(due), spectrum].into_iter().flatten().min()
    }

    /// Whether nothing is playing: playback is paused, or there is no track.
    fn is_quiet(&self) -> bool {
        self.asked.paused || self.track.is_silent()
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Play { token, path, at, paused, sounding } => {
                let other = self.outputs.wants_rate(sounding.rate);
                let at = seconds(at);
                self.track.load(Start { token, path, sounding }, at);
                self.asked.entry = None;
                self.pause(paused);
                if other {
                    if self.outputs.reopens() {
                        self.reopen();
                    }
                    return;
                }
                self.begin(at, Fade::of(at));
                self.wake();
            }
            Command::Follow { token, path, sounding } => self.follow(Some(Start { token, path, sounding })),
            Command::Unfollow => self.follow(None),
            Command::Gain { token, gain } => {
                let change = self.track.set_gain(token, gain);
                self.carry_out(change);
            }
            Command::Pause => self.pause(true),
            Command::Resume => {
                self.asked.entry = (self.asked.paused && self.outputs.is_resting()).then_some(Fade::Pause);
                self.pause(false);
            }
            Command::Stop => {
                let job = self.track.stop();
                self.outputs.streams.replace(job, Fade::Pause);
                self.settings.held.release();
            }
            Command::Seek(to) => self.begin(seconds(to), Fade::Cut),
            Command::Shape(shape) => {
                self.asked.shape = shape;
                if let Some(stream) = self.outputs.streams.playing() {
                    stream.shared.shape(&shape);
                }
            }
            Command::Devices => self.outputs.list_devices(),
            Command::Device(device) => {
                if self.outputs.choose(device) {
                    self.reopen();
                }
            }
            Command::Spectrum(on) => self.meter.show(on, self.outputs.streams.playing_mut()),
            Command::Quit => {}
        }
    }

    fn pause(&mut self, paused: bool) {
        self.asked.paused = paused;
        self.outputs.streams.hold(paused);
        if !paused {
            self.wake();
        }
    }

    fn follow(&mut self, follow: Option<Start>) {
        let change = self.track.set_follower(follow);
        self.carry_out(change);
    }

    /// Decodes the current track again, from `at` seconds.
    fn begin(&mut self, at: f64, fade: Fade) {
        if let Some(job) = self.track.renew(at) {
            self.outputs.streams.replace(job, fade);
        }
    }

    fn carry_out(&mut self, change: Change) {
        match change {
            Change::None => {}
            Change::Follower => self.outputs.streams.job(Job::Follow(self.track.follower())),
            Change::Anew => self.begin(self.track.place(self.outputs.streams.ear()), Fade::Cut),
            Change::Begin => {
                self.begin(0.0, Fade::None);
                self.wake();
            }
        }
    }

    /// Reports what was heard since the last check.
    fn report(&mut self) {
        if let Some(ear) = self.outputs.streams.ear() {
            let change = self.track.report(ear);
            self.carry_out(change);
        }
        self.outputs.streams.report();
    }

    /// Checks deadlines: a hanging decoder, a frozen device, a device to be opened, an output that is not needed.
    fn look_after(&mut self) {
        if let Some(ahead) = self.outputs.streams.hanging_decoder() {
            // Its thread cannot be ended; it is left behind, and a new stream begins with the follower.
            let why = format!("the file does not answer for {} s", self.settings.stall.as_secs_f32());
            self.track.give_up(ahead, why.into());
            self.reopen();
        }
        if self.outputs.is_frozen(self.asked.paused) {
            self.reopen();
        }
        let silent = self.outputs.without_device();
        self.attach(silent);
        let fresh = self.outputs.look_for_device();
        self.attach(fresh);
        let quiet = self.is_quiet();
        if self.outputs.rests(quiet) {
            self.detach();
        }
        let now = self.settings.clock.now();
        self.meter.tell(self.outputs.streams.playing_mut().filter(|_| !quiet), now);
    }

    /// Opens the output again, if it was closed, when there is something to play.
    fn wake(&mut self) {
        if self.outputs.is_resting() && self.track.is_loaded() {
            self.open();
        }
    }

    fn open(&mut self) {
        let fresh = self.outputs.open();
        self.attach(fresh);
    }

    fn reopen(&mut self) {
        self.detach();
        self.open();
    }

    /// Ends the stream; the current track keeps its position.
    fn detach(&mut self) {
        self.track.suspend(self.outputs.streams.ear());
        self.outputs.streams.end();
    }

    /// Begins a stream on an output, if there is one, and resumes the current track.
    fn attach(&mut self, fresh: Option<Fresh>) {
        let Some(fresh) = fresh else { return };
        self.detach();
        let Some(rate) = self.outputs.begin(fresh, &self.asked, self.meter.is_on()) else { return };
        self.meter.attached(rate);
        let entry = self.asked.entry.take();
        if let Some(at) = self.track.resume() {
            self.begin(at, entry.unwrap_or(Fade::of(at)));
        }
    }
}

/// Sanitises a requested position in seconds.
fn seconds(at: f64) -> f64 {
    if at.is_finite() { at.max(0.0) } else { 0.0 }
}
