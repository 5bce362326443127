//! What commands do to what plays.

use std::sync::atomic::Ordering;

use super::control::{Control, Current};
use super::feed::{Job, Mark, Start, What};
use crate::audio::Command;
use crate::audio::output::device::Wish;

/// How what begins is faded in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fade {
    None,
    /// So shortly that only the cut is hidden.
    Cut,
    /// As after a pause.
    Pause,
}

impl Fade {
    /// Of a track that is begun at a second: its beginning is left as it is.
    pub(super) fn of(at: f64) -> Fade {
        if at > 0.0 { Fade::Cut } else { Fade::None }
    }
}

impl Control {
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::Play { token, path, at, paused, sounding } => {
                let offset = if at.is_finite() { at.max(0.0) } else { 0.0 };
                let other = self.stream.as_ref().is_some_and(|s| s.could_be_at(sounding.rate));
                if sounding.rate != 0 {
                    self.wish.rate = Some(sounding.rate);
                }
                self.current = Some(Current { offset, ..Current::of(Start { token, path, sounding }) });
                (self.follow, self.ended, self.between, self.gently) = (None, false, false, false);
                self.pause(paused);
                if other {
                    return self.reopen(self.wish.clone());
                }
                self.restart(offset, Fade::of(offset));
                self.wake();
            }
            Command::Follow { token, path, sounding } => self.follow(Some(Start { token, path, sounding })),
            Command::Unfollow => self.follow(None),
            Command::Gain { token, gain } => self.regain(token, gain),
            Command::Pause => self.pause(true),
            Command::Resume => {
                self.gently = self.paused && self.resting;
                self.pause(false);
            }
            Command::Stop => {
                (self.current, self.follow, self.ended, self.between) = (None, None, false, false);
                self.round += 1;
                self.marks.clear();
                if let Some(stream) = &self.stream {
                    stream.shared.drop_for(self.round, true, true);
                }
                self.job(Job::Stop { round: self.round });
                self.settings.held.release();
            }
            Command::Seek(to) => {
                let to = if to.is_finite() { to.max(0.0) } else { 0.0 };
                self.restart(to, Fade::Cut);
            }
            Command::Shape(shape) => {
                self.shape = shape;
                if let Some(stream) = &self.stream {
                    stream.shared.shape(&shape);
                }
            }
            Command::Devices => self.list_devices(),
            Command::Device(device) => self.reopen(Wish { device, ..self.wish.clone() }),
            Command::Spectrum(on) => self.show_spectrum(on),
            Command::Quit => {}
        }
    }

    fn pause(&mut self, paused: bool) {
        self.paused = paused;
        self.moved.1 = self.now();
        if let Some(stream) = &self.stream {
            stream.shared.paused.store(paused, Ordering::Release);
        }
        if !paused {
            self.job(Job::GoOn);
            self.wake();
        }
    }

    /// Takes the output back that was given away.
    fn wake(&mut self) {
        if self.resting && self.current.is_some() {
            self.open();
        }
    }

    /// Another gain: what waits in the ring has the old one, so it is decoded anew.
    fn regain(&mut self, token: u64, gain: f32) {
        if let Some(follow) = self.follow.as_mut().filter(|f| f.token == token) {
            if std::mem::replace(&mut follow.sounding.gain, gain) == gain {
                return;
            }
            let waits = |mark: &Mark| matches!(&mark.what, What::Begin { start, .. } if start.token == token);
            if self.marks.iter().any(waits) {
                self.restart(self.place(), Fade::Cut);
            } else {
                self.job(Job::Follow(self.follow.clone()));
            }
        } else if let Some(current) = self.current.as_mut().filter(|c| c.start.token == token) {
            let before = std::mem::replace(&mut current.start.sounding.gain, gain);
            if before != gain {
                self.restart(self.place(), Fade::Cut);
            }
        }
    }

    fn follow(&mut self, follow: Option<Start>) {
        if self.follow == follow {
            return;
        }
        if let Some(start) = follow.as_ref().filter(|_| self.ended) {
            self.current = Some(Current::of(start.clone()));
            self.ended = false;
            self.restart(0.0, Fade::None);
            return self.wake();
        }
        self.follow = follow;
        if self.current.is_some() && self.overtaken() {
            // Another follower is in the ring already: back to what is heard.
            self.restart(self.place(), Fade::Cut);
        } else {
            self.job(Job::Follow(self.follow.clone()));
        }
    }

    /// Whether a track other than the wanted follower waits in the ring behind the current one.
    pub(super) fn overtaken(&self) -> bool {
        let current = self.current.as_ref().map(|c| c.start.token);
        self.marks.iter().any(|mark| match &mark.what {
            What::Begin { start, .. } => Some(start.token) != current && Some(start) != self.follow.as_ref(),
            _ => false,
        })
    }

    /// Decodes the current track anew from `at` seconds; what is in the ring is dropped.
    pub(super) fn restart(&mut self, at: f64, fade: Fade) {
        let Some(current) = &mut self.current else { return };
        (current.base, current.offset) = (None, at);
        let start = current.start.clone();
        self.round += 1;
        self.marks.clear();
        self.moved.1 = self.now();
        if let Some(stream) = &self.stream {
            // Silence at once, even when opening the file takes a while.
            stream.shared.drop_for(self.round, fade != Fade::None, fade == Fade::Pause);
        }
        self.job(Job::Play { round: self.round, start, at, follow: self.follow.clone() });
    }

    fn job(&self, job: Job) {
        if let Some(stream) = &self.stream {
            self.pending.fetch_add(1, Ordering::AcqRel);
            if stream.jobs.send(job).is_err() {
                self.pending.fetch_sub(1, Ordering::AcqRel);
            }
        }
    }
}
