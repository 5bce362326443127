//! What was heard: the control thread counts in the ear's time and tells what came by.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::commands::Fade;
use super::control::{Control, Current, POSITIONS};
use super::feed::{Mark, What};
use super::spectrum::{Analyser, BANDS};
use crate::audio::Event;

/// How often the spectrum is told.
pub(super) const SPECTRUM: Duration = Duration::from_millis(50);

impl Control {
    /// The frame of the stream that is heard now.
    pub(super) fn heard(&self) -> u64 {
        self.stream.as_ref().map_or(0, |s| s.shared.heard(s.rate, self.now()))
    }

    /// Where the current track is, in seconds: what is told, and where it is taken up again. Behind the end that was told
    /// too, which may be an estimate.
    pub(super) fn place(&self) -> f64 {
        let (Some(current), Some(stream)) = (&self.current, &self.stream) else {
            return self.current.as_ref().map_or(0.0, |c| c.offset);
        };
        let heard = current.base.map_or(0, |base| self.heard().saturating_sub(base));
        current.offset + heard as f64 / f64::from(stream.rate.max(1))
    }

    pub(super) fn take_mark(&mut self, mark: Mark) {
        if mark.round != self.round {
            return;
        }
        self.marks.push_back(mark);
        // The follower may have changed while the old one was being opened.
        if self.current.as_ref().is_some_and(|c| c.base.is_some()) && self.overtaken() {
            self.restart(self.place(), Fade::Cut);
        }
    }

    /// Sends the events of what was heard since the last look.
    pub(super) fn report(&mut self) {
        let heard = self.heard();
        while self.marks.front().is_some_and(|mark| mark.at <= heard) {
            if let Some(mark) = self.marks.pop_front() {
                self.reach(mark);
            }
        }
        let Some(stream) = &self.stream else { return };
        let due = u64::from(stream.rate / POSITIONS);
        let playing = self.current.as_ref().filter(|c| c.announced && c.base.is_some());
        if let Some(token) = playing.filter(|_| heard.saturating_sub(self.told) >= due).map(|c| c.start.token) {
            self.told = heard;
            self.tell(Event::Position { token, secs: self.place() });
        }
        let underruns = self.underruns.load(Ordering::Relaxed);
        if std::mem::replace(&mut self.underruns_told, underruns) != underruns {
            self.tell(Event::Underruns(underruns));
        }
    }

    /// A mark was reached.
    fn reach(&mut self, mark: Mark) {
        match mark.what {
            What::Begin { start, secs, offset } => {
                let known = self.current.as_ref().is_some_and(|c| c.start.token == start.token && c.announced);
                if self.follow.as_ref().is_some_and(|f| f.token == start.token) {
                    self.follow = None;
                }
                let token = start.token;
                (self.ended, self.between) = (false, false);
                self.current = Some(Current { start, announced: true, base: Some(mark.at), offset });
                self.told = self.heard();
                if !known {
                    self.tell(Event::Started { token, secs });
                }
                if known || offset > 0.0 {
                    self.tell(Event::Position { token, secs: offset });
                }
                // The follower may have changed while this one was being opened.
                if self.overtaken() {
                    self.restart(self.place(), Fade::Cut);
                }
            }
            What::End { token } => {
                self.current = None;
                (self.ended, self.between) = (self.follow.is_none(), self.follow.is_some());
                self.tell(Event::Finished { token });
            }
            What::Fail { token, why } => {
                self.current = None;
                if self.follow.as_ref().is_some_and(|f| f.token == token) {
                    self.follow = None;
                }
                (self.ended, self.between) = (self.follow.is_none(), self.follow.is_some());
                self.tell(Event::Failed { token, why });
            }
        }
    }

    pub(super) fn show_spectrum(&mut self, on: bool) {
        self.spectrum = on;
        self.flat = !on;
        self.analyser = None;
        if let Some(stream) = &mut self.stream {
            stream.shared.tap.store(on, Ordering::Release);
            if on {
                while stream.tap.pop().is_ok() {}
                self.analyser = Some(Analyser::new(stream.rate));
            }
        }
    }

    /// Tells how loud each band is, while somebody wants to see it.
    pub(super) fn tell_spectrum(&mut self) {
        if self.quiet() || self.stream.is_none() {
            // Nothing sounds: that is told once, and then nothing is looked at.
            if self.spectrum && !std::mem::replace(&mut self.flat, true) {
                self.tell(Event::Spectrum([0.0; BANDS]));
            }
            return;
        }
        if self.spectrum && std::mem::take(&mut self.flat) {
            // What was sent before the silence is not looked at any more.
            self.show_spectrum(true);
        }
        let now = self.now();
        let (Some(stream), Some(analyser)) = (&mut self.stream, &mut self.analyser) else { return };
        if now.saturating_sub(self.seen) < SPECTRUM || stream.tap.is_empty() {
            return;
        }
        self.seen = now;
        if let Ok(chunk) = stream.tap.read_chunk(stream.tap.slots()) {
            analyser.add(chunk.into_iter());
        }
        let bands = analyser.bands();
        self.tell(Event::Spectrum(bands));
    }
}
