//! The stream that plays, and outputs that are still closing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::asked::{Asked, Fade};
use super::feed::Job;
use super::input::{Events, Input};
use super::settings::Settings;
use super::stream::{Setup, Stream};
use super::track::Ear;
use crate::audio::Event;
use crate::audio::output::Opened;
use crate::audio::output::device::period;

/// A device that pulls nothing for this long, and for four periods, counts as lost, whatever it reports. In its first
/// second it may take longer, since a sound server may still be starting.
pub(super) const FROZEN: Duration = Duration::from_millis(700);
const BEGINNING: Duration = Duration::from_secs(4);

/// How long a device that has pulled `pulled` frames so far at a rate in Hz may pull nothing.
fn frozen(pulled: u64, rate: u32) -> Duration {
    let periods = Duration::from_secs_f64(4.0 * f64::from(period(rate)) / f64::from(rate.max(1)));
    periods.max(if pulled < u64::from(rate) { BEGINNING } else { FROZEN })
}

/// An output that is open but has no stream yet.
pub(super) struct Fresh {
    pub opened: Opened,
    /// Why it is silent, unless silence was asked for.
    pub why: Option<String>,
}

/// The playing stream, and outputs that are closing.
pub(super) struct Streams {
    settings: Arc<Settings>,
    control: Sender<Input>,
    events: Events,
    playing: Option<Stream>,
    /// Number of the last stream.
    number: u64,
    /// A device has been open: if it is lost, the music waits for one instead of playing silently.
    pub had_device: bool,
    closing: Vec<JoinHandle<()>>,
    /// Commands that are not carried out and marks that are not taken yet.
    pending: Arc<AtomicUsize>,
    /// Dropouts of all streams so far, and how many have been reported.
    pub underruns: Arc<AtomicU64>,
    underruns_told: u64,
    /// Frames that the stream has pulled, and when it last pulled some.
    moved: (u64, Duration),
}

impl Streams {
    pub fn new(settings: Arc<Settings>, control: Sender<Input>, events: Events, pending: Arc<AtomicUsize>) -> Streams {
        Streams {
            control,
            events,
            playing: None,
            number: 0,
            had_device: false,
            closing: Vec::new(),
            pending,
            underruns: Arc::default(),
            underruns_told: 0,
            moved: (0, settings.clock.now()),
            settings,
        }
    }

    fn now(&self) -> Duration {
        self.settings.clock.now()
    }

    /// The stream that plays.
    pub fn playing(&self) -> Option<&Stream> {
        self.playing.as_ref()
    }

    /// The same, to be read from.
    pub fn playing_mut(&mut self) -> Option<&mut Stream> {
        self.playing.as_mut()
    }

    /// The listening position in the playing stream.
    pub fn ear(&self) -> Option<Ear> {
        let now = self.now();
        self.playing.as_ref().map(|s| Ear { frame: s.shared.heard(s.rate, now), rate: s.rate })
    }

    /// Whether the stream with this number is the one that plays.
    pub fn plays(&self, number: u64) -> bool {
        number == self.number && self.playing.is_some()
    }

    /// The number that the next stream will have.
    pub fn next_number(&self) -> u64 {
        self.number + 1
    }

    /// Sends a job to the decode thread.
    pub fn job(&self, job: Job) {
        if let Some(stream) = &self.playing {
            stream.job(job);
        }
    }

    /// Restarts the decode thread with `job` and drops the ring's content at once: opening a file may take a while.
    pub fn replace(&mut self, job: Job, fade: Fade) {
        self.moved.1 = self.now();
        if let (Some(stream), Job::Play { round, .. } | Job::Stop { round }) = (&self.playing, &job) {
            stream.shared.drop_for(*round, fade != Fade::None, fade == Fade::Pause);
        }
        self.job(job);
    }

    /// Pauses or resumes the stream.
    pub fn hold(&mut self, paused: bool) {
        self.moved.1 = self.now();
        if let Some(stream) = &self.playing {
            stream.shared.paused.store(paused, Ordering::Release);
        }
        if !paused {
            self.job(Job::GoOn);
        }
    }

    /// Reports the number of dropouts if it has grown.
    pub fn report(&mut self) {
        let underruns = self.underruns.load(Ordering::Relaxed);
        if self.playing.is_some() && std::mem::replace(&mut self.underruns_told, underruns) != underruns {
            self.events.tell(Event::Underruns(underruns));
        }
    }

    /// Begins a stream on an output; the previous one has ended. Returns its rate in Hz, or `None` if it could not
    /// begin.
    pub fn begin(&mut self, Fresh { opened, why }: Fresh, asked: &Asked, tap: bool) -> Option<u32> {
        self.number += 1;
        let (name, silent) = (opened.name.clone(), opened.silent);
        self.had_device |= !silent;
        let setup = Setup {
            paused: asked.paused,
            shape: asked.shape,
            tap,
            control: self.control.clone(),
            opener: self.settings.opener.clone(),
            clock: self.settings.clock.clone(),
            pending: self.pending.clone(),
            underruns: self.underruns.clone(),
        };
        match Stream::begin(opened, setup) {
            Ok(stream) => {
                let rate = stream.rate;
                self.playing = Some(stream);
                self.moved = (0, self.now());
                self.events.tell(Event::Output { name, silent, why });
                Some(rate)
            }
            Err(error) => {
                self.events.tell(Event::Output { name: "none".into(), silent: true, why: Some(error.to_string()) });
                None
            }
        }
    }

    /// Ends the stream.
    pub fn end(&mut self) {
        if let Some(stream) = self.playing.take() {
            self.closing.retain(|c| !c.is_finished());
            self.closing.extend(stream.end());
        }
    }

    /// Closes an output that is not needed after all, on a thread of its own, because that may take long.
    pub fn close(&mut self, opened: Box<Opened>) {
        // If no thread can be started, it is closed here.
        let closing = std::thread::Builder::new().name("audio-close".into()).spawn(move || drop(opened));
        self.closing.extend(closing.ok());
    }

    /// The threads that close outputs, for whoever opens the next.
    pub fn take_closing(&mut self) -> Vec<JoinHandle<()>> {
        std::mem::take(&mut self.closing)
    }

    /// Whether the device has stopped pulling although samples are waiting. `pulls`: whether it is expected to pull.
    pub fn is_frozen(&mut self, pulls: bool) -> bool {
        let now = self.now();
        let Some(stream) = self.playing.as_ref().filter(|_| pulls) else {
            self.moved.1 = now;
            return false;
        };
        let of = |count: &AtomicU64| count.load(Ordering::Acquire);
        let (pulled, popped, pushed) =
            (of(&stream.shared.pulled), of(&stream.shared.popped), of(&stream.shared.pushed));
        let rate = stream.rate;
        if pulled != self.moved.0 || pushed <= popped {
            self.moved = (pulled, now);
        }
        now.saturating_sub(self.moved.1) > frozen(pulled, rate)
    }

    /// `Some` if the decoder has not returned for too long: whether it was called for the follower.
    pub fn hanging_decoder(&self) -> Option<bool> {
        let shared = &self.playing.as_ref()?.shared;
        let busy = shared.busy.load(Ordering::Acquire);
        let now = self.now().as_millis() as u64 + 1;
        let hangs = busy != 0 && now.saturating_sub(busy) >= self.settings.stall.as_millis() as u64;
        hangs.then(|| shared.ahead.load(Ordering::Acquire))
    }
}
