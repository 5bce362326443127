//! What plays is carried from one output to the next: streams begin and end, and are given back when nothing is to be heard.

use super::commands::Fade;
use super::control::{Control, Current};
use super::device::LOOK_AGAIN;
use super::spectrum::Analyser;
use super::stream::{Setup, Stream};
use crate::audio::Event;
use crate::audio::output::Opened;

impl Control {
    /// Gives the output back when it has had nothing to play for a while.
    pub(super) fn rest(&mut self) {
        if !self.quiet() {
            self.quiet_since = None;
            return;
        }
        let now = self.now();
        let since = *self.quiet_since.get_or_insert(now);
        // Nor is one looked for that nobody needs now.
        let spends = self.stream.as_ref().map_or(self.retry.is_some(), |s| s.paced);
        if spends && now.saturating_sub(since) >= self.settings.rest {
            self.drop_stream();
            (self.resting, self.retry, self.fallen) = (true, None, false);
        }
    }

    /// Nothing is to be heard: held, or nothing is there.
    pub(super) fn quiet(&self) -> bool {
        self.paused || self.current.is_none() && self.marks.is_empty() && !self.between
    }

    /// Ends the stream and keeps what it played in mind.
    pub(super) fn drop_stream(&mut self) {
        let at = self.place();
        if let Some(current) = &mut self.current {
            (current.offset, current.base) = (at, None);
        }
        // What the old decode thread still says is of no interest.
        self.round += 1;
        self.marks.clear();
        if let Some(stream) = self.stream.take() {
            self.closing.retain(|c| !c.is_finished());
            self.closing.extend(stream.end());
        }
    }

    /// Begins a stream on an output and goes on with what played.
    pub(super) fn attach(&mut self, opened: Opened, why: Option<String>) {
        self.drop_stream();
        self.number += 1;
        let (name, silent) = (opened.name.clone(), opened.silent);
        self.had_device |= !silent;
        let setup = Setup {
            paused: self.paused,
            shape: self.shape,
            tap: self.spectrum,
            control: self.sender.clone(),
            opener: self.settings.opener.clone(),
            clock: self.clock.clone(),
            pending: self.pending.clone(),
            underruns: self.underruns.clone(),
        };
        match Stream::begin(opened, setup) {
            Ok(stream) => {
                self.analyser = self.spectrum.then(|| Analyser::new(stream.rate));
                self.stream = Some(stream);
                (self.told, self.moved, self.quiet_since) = (0, (0, self.now()), None);
                if std::mem::take(&mut self.between) && self.current.is_none() {
                    // Nobody opens it any more.
                    self.current = self.follow.take().map(Current::of);
                    self.ended = self.current.is_none();
                }
                let gently = std::mem::take(&mut self.gently);
                if let Some(at) = self.current.as_ref().map(|c| c.offset) {
                    self.restart(at, if gently { Fade::Pause } else { Fade::of(at) });
                }
                self.tell(Event::Output { name, silent, why });
            }
            Err(error) => {
                self.tell(Event::Output { name: "none".into(), silent: true, why: Some(error) });
                self.retry = Some(self.now() + LOOK_AGAIN);
            }
        }
    }
}
