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

/// At startup, a device that does not open within this time is not waited for.
const OPENING: Duration = Duration::from_millis(1500);
/// Polling interval while a device is being opened.
const GLANCE: Duration = Duration::from_millis(100);
/// How often a device is tried while the silent clock runs.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// How long the old stream may take to close before the next is opened.
const CLOSING: Duration = Duration::from_millis(500);

/// Whether the output is needed.
#[derive(Clone, Copy)]
enum Rest {
    /// There is something to play.
    Awake,
    /// There has been nothing to play since then.
    Quiet(Duration),
    /// The output was closed; there has been nothing to play since then.
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

    /// Whether the output was closed because there was nothing to play.
    pub fn is_resting(&self) -> bool {
        matches!(self.rest, Rest::GivenBack(_))
    }

    /// How long the control thread may sleep as far as outputs are concerned; `None`: until a message comes. `quiet`:
    /// nothing is to be heard, in which case the output will be closed after a while.
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

    /// Opens the output. A device is opened on a thread of its own, which sends [`Input::Opened`].
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
        // A silent stream continues under its own number until the device is open.
        let (attempt, stream) = (self.search.attempt, self.streams.next_number());
        let (back, underruns) = (self.control.clone(), self.streams.underruns.clone());
        let (devices, closing) = (self.settings.devices.clone(), self.streams.take_closing());
        let asked = wish.clone();
        let work = move || {
            // An exclusive device must be closed before it can be opened again.
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

    /// Starts the silent clock until there is a device.
    fn silence(&mut self, why: OutputError) -> Fresh {
        self.search.retry = Some(self.now() + LOOK_AGAIN);
        Fresh { opened: output::open_silent(), why: Some(why.to_string()) }
    }

    /// Begins a stream on an output; the previous one has ended. Returns its rate in Hz, or `None` if it could not
    /// begin.
    pub fn begin(&mut self, fresh: Fresh, asked: &Asked, tap: bool) -> Option<u32> {
        let rate = self.streams.begin(fresh, asked, tap);
        match rate {
            Some(_) => self.rest = Rest::Awake,
            None => self.search.retry = Some(self.now() + LOOK_AGAIN),
        }
        rate
    }

    /// Handles the end of an attempt to open a device. An abandoned attempt may answer late, while the next is in
    /// progress or has succeeded.
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
            // The chosen device is back.
            Ok(opened) if self.stands_in() && chosen && next => {
                self.search.retry = None;
                self.choice.opened(wish);
                return Some(Fresh { opened: *opened, why: None });
            }
            // The running output is not disturbed; and if there is nothing to play any more, the device is closed at
            // once.
            Ok(opened) if self.is_on_device() || self.is_resting() => {
                self.streams.close(opened);
                // The chosen device responds after all.
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
            // Opened for a stream that is gone, or not as wanted now: open again.
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

    /// The chosen device could not be opened; `since`: when the attempt began.
    fn refused(&mut self, why: &OutputError, since: Duration) {
        let now = self.now();
        if self.choice.refused(why, since, now, self.settings.astray) == Refusal::Wait {
            self.search.failed();
            self.search.retry_later(now, self.settings.tries);
        }
    }

    /// The default device could not be opened.
    fn default_refused(&mut self, why: OutputError) -> Option<Fresh> {
        let (now, failures) = (self.now(), self.search.failed());
        // The chosen device may be back before the default is.
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

    /// The device of a stream is gone. Returns whether that stream is playing, in which case a device must be opened
    /// again.
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

    /// Whether the device has stopped pulling samples although it should, and so counts as lost.
    pub fn is_frozen(&mut self, paused: bool) -> bool {
        let pulls = self.is_on_device() && !paused;
        let frozen = self.streams.is_frozen(pulls);
        if frozen {
            self.restart_search();
        }
        frozen
    }

    /// Falls back to the silent clock if the device does not respond at startup.
    pub fn without_device(&mut self) -> Option<Fresh> {
        let (since, _) = self.search.opening.as_ref()?;
        let late =
            self.now().saturating_sub(*since) > OPENING && self.streams.playing().is_none() && !self.streams.had_device;
        late.then(|| self.silence(OutputError::Hangs("audio device")))
    }

    /// Opens a device when it is time to, and abandons an attempt that takes too long.
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
        // Music that plays silently, waits, or plays on the stand-in moves to a device as soon as one appears.
        let lacks = !self.is_on_device() || self.choice.is_replaced();
        if matches!(self.kind, OutputKind::Auto) && !self.is_resting() && lacks {
            self.search.look_for_signs(now, &*self.settings.devices);
        }
        self.search.retry.take_if(|at| now >= *at)?;
        self.open()
    }

    /// Whether to close the output, as it has had nothing to play (`quiet`) for a while; if so, it counts as closed
    /// from now on.
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
        // Nor is a device searched for while none is needed.
        let spends = self.streams.playing().map_or(self.search.retry.is_some(), |s| s.paced);
        if !spends || now.saturating_sub(since) < self.settings.rest {
            return false;
        }
        (self.rest, self.search.retry) = (Rest::GivenBack(since), None);
        self.choice.retry();
        true
    }

    /// A track with this rate in Hz (0 if unknown) is to play: whether the output supports that rate but is not open at
    /// it.
    pub fn wants_rate(&mut self, rate: u32) -> bool {
        if rate != 0 {
            self.choice.at_rate(rate);
        }
        self.streams.playing().is_some_and(|s| s.could_be_at(rate))
    }

    /// Selects another device: whether the output must be opened again.
    pub fn choose(&mut self, device: Option<String>) -> bool {
        self.choice.choose(Wish { device, ..self.choice.wish().clone() });
        self.reopens()
    }

    /// Whether the output must be opened again to match what is wanted.
    pub fn reopens(&mut self) -> bool {
        self.choice.retry();
        let reopens = matches!(self.kind, OutputKind::Auto) && !self.is_resting();
        if reopens {
            self.search.restart();
            self.search.retry = None;
            // An attempt to open another device is not waited for.
            self.search.opening.take_if(|(_, wish)| wish != self.choice.wish());
        }
        reopens
    }

    /// Reports the available outputs and the state of the chosen one; a separate thread lists them.
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
