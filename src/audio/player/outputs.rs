//! What is open: the stream that plays, the device that is being opened for the next one, and those that are closing. An
//! output that is gone, or takes nothing, is replaced; one with nothing to play is given back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::asked::{Asked, Fade};
use super::choice::{Choice, Refusal};
use super::feed::Job;
use super::input::{Events, Input};
use super::search::{LOOK_FOR_SIGNS, RETRY_MAX, Search};
use super::settings::Settings;
use super::stream::{Setup, Stream};
use super::track::Ear;
use crate::audio::output::device::{Wish, period};
use crate::audio::output::{self, Opened, OutputError, OutputKind};
use crate::audio::{Event, Standing};

/// A device that does not open within this time at the start is not waited for.
const OPENING: Duration = Duration::from_millis(1500);
/// How soon a device that is being opened is looked after.
const GLANCE: Duration = Duration::from_millis(100);
/// How often a device is tried while the silent clock runs.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// A device that pulls nothing for this long, and for four periods, is lost, whatever it says. In its first second it may
/// take longer, since a sound server may still be starting.
const FROZEN: Duration = Duration::from_millis(700);
const BEGINNING: Duration = Duration::from_secs(4);
/// How long the old stream may take to close before the next is opened.
const CLOSING: Duration = Duration::from_millis(500);

/// How long a device that has pulled so many frames at a rate in Hz may pull nothing.
fn frozen(pulled: u64, rate: u32) -> Duration {
    let periods = Duration::from_secs_f64(4.0 * f64::from(period(rate)) / f64::from(rate.max(1)));
    periods.max(if pulled < u64::from(rate) { BEGINNING } else { FROZEN })
}

/// An output that is open and waits for its stream.
pub(super) struct Fresh {
    opened: Opened,
    /// Why it is silent, where that was not asked for.
    why: Option<String>,
}

/// Whether the output is needed.
#[derive(Clone, Copy)]
enum Rest {
    /// Something is to be heard.
    Awake,
    /// Nothing has been to be heard since then.
    Quiet(Duration),
    /// It was given back; nothing has been to be heard since then.
    GivenBack(Duration),
}

/// The outputs of a player.
pub(super) struct Outputs {
    kind: OutputKind,
    settings: Arc<Settings>,
    control: Sender<Input>,
    events: Events,
    stream: Option<Stream>,
    /// Number of the last stream.
    number: u64,
    search: Search,
    choice: Choice,
    rest: Rest,
    /// A device was open once: when it is gone, the music waits for one instead of playing silently.
    had_device: bool,
    /// Outputs that are still being closed.
    closing: Vec<JoinHandle<()>>,
    /// Commands that are not carried out and marks that are not taken yet.
    pending: Arc<AtomicUsize>,
    /// Dropouts of all streams so far, and how many have been told.
    underruns: Arc<AtomicU64>,
    underruns_told: u64,
    /// Frames that the stream has pulled, and when it last pulled some.
    moved: (u64, Duration),
}

impl Outputs {
    pub fn new(
        kind: OutputKind,
        settings: Arc<Settings>,
        control: Sender<Input>,
        events: Events,
        pending: Arc<AtomicUsize>,
    ) -> Outputs {
        let now = settings.clock.now();
        Outputs {
            kind,
            control,
            stream: None,
            number: 0,
            search: Search::new(now, &*settings.devices),
            choice: Choice::new(settings.device.clone(), events.clone()),
            rest: Rest::Awake,
            had_device: false,
            closing: Vec::new(),
            pending,
            underruns: Arc::default(),
            underruns_told: 0,
            moved: (0, now),
            settings,
            events,
        }
    }

    fn now(&self) -> Duration {
        self.settings.clock.now()
    }

    /// The stream that plays.
    pub fn stream(&self) -> Option<&Stream> {
        self.stream.as_ref()
    }

    pub fn stream_mut(&mut self) -> Option<&mut Stream> {
        self.stream.as_mut()
    }

    /// Where the ear is in the stream that plays.
    pub fn ear(&self) -> Option<Ear> {
        let now = self.now();
        self.stream.as_ref().map(|s| Ear { frame: s.shared.heard(s.rate, now), rate: s.rate })
    }

    /// Number of the attempt to open a device that is in progress.
    #[cfg(test)]
    pub fn attempt(&self) -> Option<u64> {
        self.search.opening.is_some().then_some(self.search.attempt)
    }

    /// Whether the sound goes to a device.
    fn is_on_device(&self) -> bool {
        matches!(self.kind, OutputKind::Auto) && self.stream.as_ref().is_some_and(|s| !s.silent)
    }

    /// Whether the default plays while the chosen device is away.
    fn stands_in(&self) -> bool {
        self.choice.is_replaced() && self.is_on_device()
    }

    /// Whether the output was given back because there was nothing to play.
    pub fn is_resting(&self) -> bool {
        matches!(self.rest, Rest::GivenBack(_))
    }

    /// How long nothing needs to be looked after here; `None`: until something comes. The output is given back by itself
    /// only while nothing is to be heard (`quiet`).
    pub fn patience(&self, quiet: bool) -> Option<Duration> {
        let now = self.now();
        let until = |at: Duration| at.saturating_sub(now);
        let opening = self.search.opening.as_ref().map(|_| GLANCE);
        let of_stream = match &self.stream {
            None => self.search.retry.map(|_| LOOK_FOR_SIGNS),
            Some(stream) => (stream.shared.busy.load(Ordering::Acquire) != 0).then_some(FROZEN / 2),
        };
        let rest = match self.rest {
            Rest::Quiet(since) if quiet && self.stream.is_some() => Some(until(since + self.settings.rest)),
            _ => None,
        };
        [self.search.retry.map(until), opening, of_stream, rest].into_iter().flatten().min()
    }

    /// Gives the decode thread something to do.
    pub fn job(&self, job: Job) {
        if let Some(stream) = &self.stream {
            stream.job(job);
        }
    }

    /// Has the decode thread begin anew, and drops what is in the ring at once: opening a file may take a while.
    pub fn replace(&mut self, job: Job, fade: Fade) {
        self.moved.1 = self.now();
        if let (Some(stream), Job::Play { round, .. } | Job::Stop { round }) = (&self.stream, &job) {
            stream.shared.drop_for(*round, fade != Fade::None, fade == Fade::Pause);
        }
        self.job(job);
    }

    /// Holds the stream, or lets it go on.
    pub fn hold(&mut self, paused: bool) {
        self.moved.1 = self.now();
        if let Some(stream) = &self.stream {
            stream.shared.paused.store(paused, Ordering::Release);
        }
        if !paused {
            self.job(Job::GoOn);
        }
    }

    /// Tells how many dropouts there were, when there were more.
    pub fn report(&mut self) {
        let underruns = self.underruns.load(Ordering::Relaxed);
        if self.stream.is_some() && std::mem::replace(&mut self.underruns_told, underruns) != underruns {
            self.events.tell(Event::Underruns(underruns));
        }
    }

    /// Opens the output; a device in a thread of its own, and what comes of it is an [`Input::Opened`].
    pub fn open(&mut self) -> Option<Fresh> {
        if let Rest::GivenBack(since) = self.rest {
            self.rest = Rest::Quiet(since);
        }
        match &self.kind {
            OutputKind::Silent => Some(Fresh { opened: output::open_silent(), why: None }),
            OutputKind::Manual(manual) => Some(Fresh { opened: manual.open(), why: None }),
            OutputKind::Auto => self.open_device(),
        }
    }

    fn open_device(&mut self) -> Option<Fresh> {
        if self.search.opening.is_some() || self.is_on_device() && !self.choice.is_replaced() {
            return None;
        }
        let wish = if self.stands_in() { self.choice.wish().clone() } else { self.choice.wanted() };
        self.search.attempt += 1;
        // A silent stream goes on under its own number until the device is there.
        let (attempt, stream) = (self.search.attempt, self.number + 1);
        let (back, underruns) = (self.control.clone(), self.underruns.clone());
        let (devices, closing) = (self.settings.devices.clone(), std::mem::take(&mut self.closing));
        let asked = wish.clone();
        let work = move || {
            // A device that only one program can use must be free first.
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
            Ok(_) => {
                self.search.opening = Some((self.now(), asked));
                None
            }
            Err(error) => Some(self.silence(error.into())),
        }
    }

    /// The silent clock, until there is a device.
    fn silence(&mut self, why: OutputError) -> Fresh {
        self.search.retry = Some(self.now() + LOOK_AGAIN);
        Fresh { opened: output::open_silent(), why: Some(why.to_string()) }
    }

    /// Begins a stream on an output; the one before has ended. Its rate in Hz, unless it could not begin.
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
                self.stream = Some(stream);
                (self.moved, self.rest) = ((0, self.now()), Rest::Awake);
                self.events.tell(Event::Output { name, silent, why });
                Some(rate)
            }
            Err(error) => {
                self.events.tell(Event::Output { name: "none".into(), silent: true, why: Some(error.to_string()) });
                self.search.retry = Some(self.now() + LOOK_AGAIN);
                None
            }
        }
    }

    /// Ends the stream.
    pub fn end(&mut self) {
        if let Some(stream) = self.stream.take() {
            self.closing.retain(|c| !c.is_finished());
            self.closing.extend(stream.end());
        }
    }

    /// Closes an output that is not needed after all; that may take long.
    fn close(&mut self, opened: Box<Opened>) {
        // Without a thread it is closed here.
        let closing = std::thread::Builder::new().name("audio-close".into()).spawn(move || drop(opened));
        self.closing.extend(closing.ok());
    }

    /// An attempt to open a device has ended. One that was given up may answer late, while the next is in progress or has
    /// succeeded.
    pub fn opened(
        &mut self,
        attempt: u64,
        stream: u64,
        wish: &Wish,
        result: Result<Box<Opened>, OutputError>,
    ) -> Option<Fresh> {
        let now = self.now();
        let latest = attempt == self.search.attempt;
        let begun = if latest { self.search.opening.take() } else { None };
        let since = begun.map_or(now, |(since, _)| since);
        let (chosen, next) = (self.choice.is_chosen(wish), stream == self.number + 1);
        match result {
            // The chosen one is back.
            Ok(opened) if self.stands_in() && chosen && next => {
                self.search.retry = None;
                self.choice.opened(wish);
                return Some(Fresh { opened: *opened, why: None });
            }
            // What runs is not disturbed; and when nothing was to be heard meanwhile, it is given back at once.
            Ok(opened) if self.is_on_device() || self.is_resting() => {
                self.close(opened);
                // The chosen one answers after all.
                self.search.retry = self.search.retry.or((self.stands_in() && chosen).then_some(now));
            }
            Err(_) if self.stands_in() && latest && self.search.is_appearing(now) => {
                self.search.retry = Some(now + RETRY_MAX);
            }
            Err(_) if self.is_on_device() || self.is_resting() || !latest => {}
            Ok(opened) if next && *wish == self.choice.wanted() => {
                self.search.restart();
                self.search.retry = None;
                self.choice.opened(wish);
                return Some(Fresh { opened: *opened, why: None });
            }
            // Opened for a stream that is no more, or not as it is wanted now: what is needed is opened anew.
            Ok(opened) => {
                self.close(opened);
                self.search.retry = Some(now);
            }
            Err(why) if wish.device.is_some() => {
                self.search.retry = Some(now);
                if chosen {
                    self.refused(&why, since);
                }
            }
            Err(why) => return self.default_refused(why),
        }
        None
    }

    /// The chosen device does not open; `since`: when that was tried.
    fn refused(&mut self, why: &OutputError, since: Duration) {
        let now = self.now();
        if self.choice.refused(why, since, now, self.settings.astray) == Refusal::Wait {
            self.search.failed();
            self.search.retry_later(now, self.settings.tries);
        }
    }

    /// The default device does not open.
    fn default_refused(&mut self, why: OutputError) -> Option<Fresh> {
        let (now, failures) = (self.now(), self.search.failed());
        // The chosen one may be back before the default is.
        self.choice.retry();
        if self.stream.is_some() {
            self.search.retry = Some(now + if self.search.is_appearing(now) { RETRY_MAX } else { LOOK_AGAIN });
        } else if !self.had_device {
            return Some(self.silence(why));
        } else {
            if failures == 1 {
                self.events.tell(Event::Refused(format!("the output is gone, the music waits for one: {why}")));
            }
            self.search.retry_later(now, self.settings.tries);
        }
        None
    }

    /// The device of a stream is gone: whether that is the one that plays, which must be opened anew then.
    pub fn lost(&mut self, stream: u64) -> bool {
        let gone = stream == self.number && self.stream.is_some();
        if gone {
            self.search.restart();
            self.choice.retry();
        }
        gone
    }

    /// Whether the device takes nothing although it should; it is as good as gone then.
    pub fn is_frozen(&mut self, paused: bool) -> bool {
        let now = self.now();
        let Some(stream) = self.stream.as_ref().filter(|_| self.is_on_device() && !paused) else {
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
        now.saturating_sub(self.moved.1) > frozen(pulled, rate) && self.lost(self.number)
    }

    /// Whether the decoder has not answered for too long; with that, whether it was called for the follower.
    pub fn hanging_decoder(&self) -> Option<bool> {
        let shared = &self.stream.as_ref()?.shared;
        let busy = shared.busy.load(Ordering::Acquire);
        let now = self.now().as_millis() as u64 + 1;
        let hangs = busy != 0 && now.saturating_sub(busy) >= self.settings.stall.as_millis() as u64;
        hangs.then(|| shared.ahead.load(Ordering::Acquire))
    }

    /// Does without a device that does not answer at the start.
    pub fn without_device(&mut self) -> Option<Fresh> {
        let (since, _) = self.search.opening.as_ref()?;
        let late = self.now().saturating_sub(*since) > OPENING && self.stream.is_none() && !self.had_device;
        late.then(|| self.silence(OutputError::Hangs("audio device")))
    }

    /// Opens a device when it is time, and gives up an attempt that takes too long.
    pub fn look_for_device(&mut self) -> Option<Fresh> {
        let now = self.now();
        let hanging = self.settings.hanging;
        let hangs = |opening: &mut (Duration, Wish)| now.saturating_sub(opening.0) > hanging;
        if let Some((since, wish)) = self.search.opening.take_if(hangs)
            && !self.is_on_device()
            && !self.is_resting()
        {
            self.search.retry = Some(now);
            if wish.device.is_some() && wish == self.choice.wanted() {
                self.refused(&OutputError::Hangs("chosen output"), since);
            }
        }
        // Music that plays silently, waits, or plays to a stand-in is taken over by a device as soon as one appears.
        let lacks = !self.is_on_device() || self.choice.is_replaced();
        if matches!(self.kind, OutputKind::Auto) && !self.is_resting() && lacks {
            self.search.look_for_signs(now, &*self.settings.devices);
        }
        self.search.retry.take_if(|at| now >= *at)?;
        self.open()
    }

    /// Whether the output is to be given back, since it has had nothing to play (`quiet`) for a while. It counts as given
    /// back then.
    pub fn rests(&mut self, quiet: bool) -> bool {
        let now = self.now();
        let since = match (quiet, self.rest) {
            (_, Rest::GivenBack(_)) => return false,
            (false, _) => {
                self.rest = Rest::Awake;
                return false;
            }
            (true, Rest::Quiet(since)) => since,
            (true, Rest::Awake) => now,
        };
        self.rest = Rest::Quiet(since);
        // Nor is a device looked for that nobody needs now.
        let spends = self.stream.as_ref().map_or(self.search.retry.is_some(), |s| s.paced);
        if !spends || now.saturating_sub(since) < self.settings.rest {
            return false;
        }
        (self.rest, self.search.retry) = (Rest::GivenBack(since), None);
        self.choice.retry();
        true
    }

    /// A track of this rate in Hz is to play, 0 where it is not known: whether the output could be opened at it and is not.
    pub fn wants_rate(&mut self, rate: u32) -> bool {
        if rate != 0 {
            self.choice.at_rate(rate);
        }
        self.stream.as_ref().is_some_and(|s| s.could_be_at(rate))
    }

    /// Another device: whether the output must be opened anew.
    pub fn choose(&mut self, device: Option<String>) -> bool {
        self.choice.choose(Wish { device, ..self.choice.wish().clone() });
        self.reopens()
    }

    /// Whether the output must be opened anew to be as it is wanted.
    pub fn reopens(&mut self) -> bool {
        self.choice.retry();
        let reopens = matches!(self.kind, OutputKind::Auto) && !self.is_resting();
        if reopens {
            self.search.restart();
            self.search.retry = None;
            // Another that is still being opened is not waited for.
            self.search.opening.take_if(|(_, wish)| wish != self.choice.wish());
        }
        reopens
    }

    /// Tells which outputs there are, and what has become of the chosen one; they are listed by a thread of its own.
    pub fn list_devices(&self) {
        let (events, devices) = (self.events.clone(), self.settings.devices.clone());
        let chosen = self.choice.wish().device.clone();
        let standing = match () {
            () if self.stands_in() => Standing::StoodIn,
            () if self.is_on_device() || self.is_resting() => Standing::Plays,
            () => Standing::Missing,
        };
        let tell = move |found| events.tell(Event::Devices { found, chosen, standing });
        let late = tell.clone();
        let work = move || tell(devices.list());
        if let Err(error) = std::thread::Builder::new().name("audio-list".into()).spawn(work) {
            late(Err(error.into()));
        }
    }
}
