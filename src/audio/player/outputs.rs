//! Decides which output is open. A device is opened on a thread of its own, replaced when it is lost or stops pulling, and
//! closed while there is nothing to play; the silent clock takes its place where there is no device.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::asked::Asked;
use super::choice::{Choice, Refusal};
use super::input::{Events, Input};
use super::search::{LOOK_FOR_SIGNS, RETRY_MAX, Search};
use super::settings::Settings;
use super::streams::{FROZEN, Fresh, Streams};
use crate::audio::output::device::Wish;
use crate::audio::output::{self, Opened, OutputError, OutputKind};
use crate::audio::{Event, Standing};

/// A device that does not open within this time at the start is not waited for.
const OPENING: Duration = Duration::from_millis(1500);
/// How soon a device that is being opened is looked after.
const GLANCE: Duration = Duration::from_millis(100);
/// How often a device is tried while the silent clock runs.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// How long the old stream may take to close before the next is opened.
const CLOSING: Duration = Duration::from_millis(500);

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
    /// What is open.
    pub streams: Streams,
    search: Search,
    choice: Choice,
    rest: Rest,
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
            streams: Streams::new(settings.clone(), control.clone(), events.clone(), pending),
            control,
            search: Search::new(now, &*settings.devices),
            choice: Choice::new(settings.device.clone(), events.clone()),
            rest: Rest::Awake,
            settings,
            events,
        }
    }

    fn now(&self) -> Duration {
        self.settings.clock.now()
    }

    /// Number of the attempt to open a device that is in progress.
    #[cfg(test)]
    pub fn attempt(&self) -> Option<u64> {
        self.search.opening.is_some().then_some(self.search.attempt)
    }

    /// Whether the sound goes to a device.
    fn is_on_device(&self) -> bool {
        matches!(self.kind, OutputKind::Auto) && self.streams.playing().is_some_and(|s| !s.silent)
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
        let of_stream = match self.streams.playing() {
            None => self.search.retry.map(|_| LOOK_FOR_SIGNS),
            Some(stream) => (stream.shared.busy.load(Ordering::Acquire) != 0).then_some(FROZEN / 2),
        };
        let rest = match self.rest {
            Rest::Quiet(since) if quiet && self.streams.playing().is_some() => Some(until(since + self.settings.rest)),
            _ => None,
        };
        [self.search.retry.map(until), opening, of_stream, rest].into_iter().flatten().min()
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
        let (attempt, stream) = (self.search.attempt, self.streams.next_number());
        let (back, underruns) = (self.control.clone(), self.streams.underruns.clone());
        let (devices, closing) = (self.settings.devices.clone(), self.streams.take_closing());
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
    pub fn begin(&mut self, fresh: Fresh, asked: &Asked, tap: bool) -> Option<u32> {
        let rate = self.streams.begin(fresh, asked, tap);
        match rate {
            Some(_) => self.rest = Rest::Awake,
            None => self.search.retry = Some(self.now() + LOOK_AGAIN),
        }
        rate
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
        let (chosen, next) = (self.choice.is_chosen(wish), stream == self.streams.next_number());
        match result {
            // The chosen one is back.
            Ok(opened) if self.stands_in() && chosen && next => {
                self.search.retry = None;
                self.choice.opened(wish);
                return Some(Fresh { opened: *opened, why: None });
            }
            // What runs is not disturbed; and when nothing was to be heard meanwhile, it is given back at once.
            Ok(opened) if self.is_on_device() || self.is_resting() => {
                self.streams.close(opened);
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
                self.streams.close(opened);
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
        if self.streams.playing().is_some() {
            self.search.retry = Some(now + if self.search.is_appearing(now) { RETRY_MAX } else { LOOK_AGAIN });
        } else if !self.streams.had_device {
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
        let gone = self.streams.plays(stream);
        if gone {
            self.restart_search();
        }
        gone
    }

    fn restart_search(&mut self) {
        self.search.restart();
        self.choice.retry();
    }

    /// Whether the device takes nothing although it should, and is as good as gone.
    pub fn is_frozen(&mut self, paused: bool) -> bool {
        let pulls = self.is_on_device() && !paused;
        let frozen = self.streams.is_frozen(pulls);
        if frozen {
            self.restart_search();
        }
        frozen
    }

    /// Does without a device that does not answer at the start.
    pub fn without_device(&mut self) -> Option<Fresh> {
        let (since, _) = self.search.opening.as_ref()?;
        let late =
            self.now().saturating_sub(*since) > OPENING && self.streams.playing().is_none() && !self.streams.had_device;
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
        let spends = self.streams.playing().map_or(self.search.retry.is_some(), |s| s.paced);
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
        self.streams.playing().is_some_and(|s| s.could_be_at(rate))
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
