//! Which device is wanted, and what is done while the chosen one is away.

use std::time::Duration;

use super::control::Control;
use crate::audio::output::OutputKind;
use crate::audio::output::device::Wish;
use crate::audio::{Event, Standing};

/// A chosen device that opened before and does not now.
pub(super) struct Astray {
    since: Duration,
    /// That the default plays instead was told.
    told: bool,
}

impl Control {
    /// What is opened now: the default while the chosen device is astray.
    pub(super) fn wanted(&self) -> Wish {
        Wish { device: self.wish.device.clone().filter(|_| !self.fallen), ..self.wish.clone() }
    }

    /// The chosen device does not open. One that did before may only be plugged in anew or be held by another program for
    /// a moment: it is waited for, then the default plays until there are signs of it. One that never did is forgotten. `since`
    /// is when this try began.
    pub(super) fn refused(&mut self, why: &str, since: Duration) {
        if self.wish.device != self.proven {
            self.wish.device = None;
            return self.tell(Event::Refused(format!("{why}; playing to the default device")));
        }
        let now = self.now();
        let first = self.astray.is_none();
        let astray = self.astray.get_or_insert(Astray { since, told: false });
        if now.saturating_sub(astray.since) >= self.settings.astray {
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

    /// Whether the default plays while the chosen device is away.
    pub(super) fn stands_in(&self) -> bool {
        self.fallen && self.on_device()
    }

    /// Tells which outputs there are, and what has become of the chosen one; they are looked for aside.
    pub(super) fn list_devices(&self) {
        let (events, devices, chosen) = (self.events.clone(), self.settings.devices.clone(), self.wish.device.clone());
        let standing = match () {
            () if self.stands_in() => Standing::StoodIn,
            () if self.on_device() || self.resting => Standing::Plays,
            () => Standing::Missing,
        };
        let tell = move |found| drop(events.send(Event::Devices { found, chosen, standing }));
        let late = tell.clone();
        let work = move || tell(devices.list());
        if let Err(error) = std::thread::Builder::new().name("audio-list".into()).spawn(work) {
            late(Err(error.to_string()));
        }
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
            // Another that is still being opened is not waited for.
            if self.opening.as_ref().is_some_and(|(_, wish)| *wish != self.wish) {
                self.opening = None;
            }
            self.open();
        }
    }
}
