//! Which device is wanted, and what plays while the chosen one is unavailable.

use std::time::Duration;

use super::input::Events;
use crate::audio::Event;
use crate::audio::output::OutputError;
use crate::audio::output::device::Wish;

/// The wanted output.
pub(super) struct Choice {
    wish: Wish,
    /// The chosen device that has opened last.
    proven: Option<String>,
    presence: Presence,
    events: Events,
}

/// Whether the chosen device is available; the times are when it was first found unavailable.
#[derive(Clone, Copy)]
enum Presence {
    /// Available, as far as is known.
    Here,
    /// The music waits for it.
    Awaited(Duration),
    /// The default plays instead.
    Replaced(Duration),
    /// It is tried again after the default has played; the user has been told that the default took its place.
    Retried(Duration),
}

/// What to do when the chosen device cannot be opened.
#[derive(PartialEq)]
pub(super) enum Refusal {
    /// Open the default.
    UseDefault,
    /// Try it again.
    Wait,
}

impl Choice {
    pub fn new(device: Option<String>, events: Events) -> Choice {
        Choice { wish: Wish { device, rate: None }, proven: None, presence: Presence::Here, events }
    }

    /// What the user wants.
    pub fn wish(&self) -> &Wish {
        &self.wish
    }

    /// The output to open now: the default while the chosen device is given up.
    pub fn wanted(&self) -> Wish {
        Wish { device: self.wish.device.clone().filter(|_| !self.is_replaced()), ..self.wish.clone() }
    }

    /// Whether a device is the one that the user has chosen.
    pub fn is_chosen(&self, wish: &Wish) -> bool {
        wish.device.is_some() && wish.device == self.wish.device
    }

    /// Whether the default is to play while the chosen device is away.
    pub fn is_replaced(&self) -> bool {
        matches!(self.presence, Presence::Replaced(_))
    }

    /// Sets the preferred rate in Hz.
    pub fn at_rate(&mut self, rate: u32) {
        self.wish.rate = Some(rate);
    }

    /// Sets what is wanted from now on.
    pub fn choose(&mut self, wish: Wish) {
        self.retry();
        if self.wish.device != wish.device {
            self.presence = Presence::Here;
        }
        self.wish = wish;
    }

    /// Wants the chosen device again, though it was given up.
    pub fn retry(&mut self) {
        if let Presence::Replaced(since) = self.presence {
            self.presence = Presence::Retried(since);
        }
    }

    /// A device has opened.
    pub fn opened(&mut self, wish: &Wish) {
        if wish.device.is_some() {
            (self.proven, self.presence) = (wish.device.clone(), Presence::Here);
        }
    }

    /// The chosen device does not open. One that has opened before may be about to be plugged in again, or be held by
    /// another program for a moment: it is waited for `patience` long, then the default plays until there are signs of it.
    /// One that never opened is forgotten. `since`: when this attempt began.
    pub fn refused(&mut self, why: &OutputError, since: Duration, now: Duration, patience: Duration) -> Refusal {
        if self.wish.device != self.proven {
            self.wish.device = None;
            self.tell(format!("{why}; playing to the default device"));
            return Refusal::UseDefault;
        }
        let (first, since, told) = match self.presence {
            Presence::Here => (true, since, false),
            Presence::Awaited(since) => (false, since, false),
            Presence::Replaced(since) | Presence::Retried(since) => (false, since, true),
        };
        if now.saturating_sub(since) >= patience {
            self.presence = Presence::Replaced(since);
            if !told {
                self.tell(format!("{why}; playing to the default device"));
            }
            return Refusal::UseDefault;
        }
        if first {
            self.presence = Presence::Awaited(since);
            self.tell(format!("the output is gone, the music waits for it: {why}"));
        }
        Refusal::Wait
    }

    fn tell(&self, text: String) {
        self.events.tell(Event::Refused(text));
    }
}
