//! The spectrum of what is heard, for the screen.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::input::Events;
use super::spectrum::{Analyser, BANDS};
use super::stream::Stream;
use crate::audio::Event;

/// How often the spectrum is sent while it is shown.
pub(super) const SPECTRUM: Duration = Duration::from_millis(100);

/// Sends the spectrum while it is wanted.
pub(super) struct Meter {
    view: View,
    /// When it was last sent.
    seen: Duration,
    events: Events,
}

enum View {
    /// Not shown.
    Off,
    /// Nothing is playing; that has been sent.
    Flat,
    /// Shown; without an analyser until there is a stream.
    Live(Option<Analyser>),
}

impl Meter {
    pub fn new(now: Duration, events: Events) -> Meter {
        Meter { view: View::Off, seen: now, events }
    }

    /// Whether the spectrum is wanted.
    pub fn is_on(&self) -> bool {
        !matches!(self.view, View::Off)
    }

    /// Starts or stops sending the spectrum of a stream.
    pub fn show(&mut self, on: bool, stream: Option<&mut Stream>) {
        self.view = if on { View::Live(None) } else { View::Off };
        let Some(stream) = stream else { return };
        stream.shared.tap.store(on, Ordering::Release);
        if on {
            // What was heard before is not shown.
            while stream.tap.pop().is_ok() {}
            self.attached(stream.rate);
        }
    }

    /// A new stream of this rate in Hz has begun.
    pub fn attached(&mut self, rate: u32) {
        if let View::Live(analyser) = &mut self.view {
            *analyser = Some(Analyser::new(rate));
        }
    }

    /// Sends the spectrum of a stream when it is due; when nothing plays, sends once that there is none.
    pub fn tell(&mut self, sounding: Option<&mut Stream>, now: Duration) {
        let Some(stream) = sounding else {
            if matches!(self.view, View::Live(_)) {
                self.view = View::Flat;
                self.events.tell(Event::Spectrum([0.0; BANDS]));
            }
            return;
        };
        if matches!(self.view, View::Flat) {
            self.show(true, Some(&mut *stream));
        }
        let View::Live(Some(analyser)) = &mut self.view else { return };
        if now.saturating_sub(self.seen) < SPECTRUM || stream.tap.is_empty() {
            return;
        }
        self.seen = now;
        if let Ok(chunk) = stream.tap.read_chunk(stream.tap.slots()) {
            analyser.add(chunk.into_iter());
        }
        self.events.tell(Event::Spectrum(analyser.bands()));
    }
}
