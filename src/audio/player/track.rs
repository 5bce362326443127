//! Playback state in terms of what is heard: the current track, the next one, and where in the ring they begin and end.
//! A mark is reached when its frame is heard, not when it is decoded.

use std::collections::VecDeque;

use super::feed::Job;
use super::input::{Events, Mark, Start, What};
use crate::audio::Event;
use crate::track::FileFault;

/// Position events per second.
pub(super) const POSITIONS: u32 = 4;

/// The listening position in a stream.
#[derive(Clone, Copy)]
pub(super) struct Ear {
    /// The frame that is heard now.
    pub frame: u64,
    /// The stream's rate in Hz.
    pub rate: u32,
}

/// What must be done about the ring's content after a change.
#[must_use]
#[derive(Debug, PartialEq)]
pub(super) enum Change {
    /// Nothing.
    None,
    /// Tell the decode thread about the new follower.
    Follower,
    /// Decode the current track again from the position that is heard: the ring holds samples that are no longer
    /// wanted.
    Anew,
    /// Begin the track that has just become the current one.
    Begin,
}

/// What is being played.
enum Playing {
    /// Nothing yet, or nothing since a stop: a follower set now does not start; the next `Play` clears it.
    Stopped,
    /// Nothing: the last track ended or failed and nothing followed. A follower set now begins at once.
    Ended,
    /// A gap: the last track ended and its follower is still being opened.
    Between,
    /// A track.
    Track(Current),
}

/// The track that is heard or about to be heard.
struct Current {
    start: Start,
    /// `Started` was sent.
    announced: bool,
    /// The frame of the stream at which it begins, once known.
    base: Option<u64>,
    /// The position in the track at that frame, in seconds.
    offset: f64,
}

impl Current {
    fn of(start: Start) -> Current {
        Current { start, announced: false, base: None, offset: 0.0 }
    }
}

/// The current track and the next one.
pub(super) struct Track {
    playing: Playing,
    follow: Option<Start>,
    /// Marks not yet reached, in order.
    marks: VecDeque<Mark>,
    /// Number of the last order to drop the ring's content; marks of earlier rounds are stale.
    round: u64,
    /// The frame at which the last position was reported.
    told: u64,
    events: Events,
}

impl Track {
    pub fn new(events: Events) -> Track {
        Track { playing: Playing::Stopped, follow: None, marks: VecDeque::new(), round: 0, told: 0, events }
    }

    fn current(&self) -> Option<&Current> {
        if let Playing::Track(current) = &self.playing { Some(current) } else { None }
    }

    fn current_mut(&mut self) -> Option<&mut Current> {
        if let Playing::Track(current) = &mut self.playing { Some(current) } else { None }
    }

    /// Whether a track is heard or about to be heard.
    pub fn is_loaded(&self) -> bool {
        self.current().is_some()
    }

    /// Whether nothing is heard or about to be heard.
    pub fn is_silent(&self) -> bool {
        matches!(self.playing, Playing::Stopped | Playing::Ended) && self.marks.is_empty()
    }

    /// The track that follows.
    pub fn follower(&self) -> Option<Start> {
        self.follow.clone()
    }

    /// The position in the current track, in seconds, as reported and as used for resuming. It may exceed the reported
    /// duration, which can be an estimate.
    pub fn place(&self, ear: Option<Ear>) -> f64 {
        let Some(current) = self.current() else { return 0.0 };
        let heard = |ear: Ear, base| ear.frame.saturating_sub(base) as f64 / f64::from(ear.rate.max(1));
        current.offset + ear.zip(current.base).map_or(0.0, |(ear, base)| heard(ear, base))
    }

    /// The frame at which the next event is due.
    pub fn due(&self, rate: u32) -> u64 {
        let position = self.told + u64::from(rate / POSITIONS);
        self.marks.front().map_or(position, |mark| mark.at.min(position))
    }

    /// Replaces everything by another track, starting at `at` seconds.
    pub fn load(&mut self, start: Start, at: f64) {
        self.playing = Playing::Track(Current { offset: at, ..Current::of(start) });
        self.follow = None;
    }

    /// Drops the track and its follower; returns the job for the decode thread.
    pub fn stop(&mut self) -> Job {
        (self.playing, self.follow) = (Playing::Stopped, None);
        Job::Stop { round: self.next_round() }
    }

    /// Restarts the current track at `at` seconds; returns the job for the decode thread.
    pub fn renew(&mut self, at: f64) -> Option<Job> {
        let current = self.current_mut()?;
        (current.base, current.offset) = (None, at);
        let start = current.start.clone();
        Some(Job::Play { round: self.next_round(), start, at, follow: self.follow.clone() })
    }

    /// The stream ends: the track keeps its position.
    pub fn suspend(&mut self, ear: Option<Ear>) {
        let at = self.place(ear);
        if let Some(current) = self.current_mut() {
            (current.offset, current.base) = (at, None);
        }
        // Later messages of the old decode thread are stale.
        self.next_round();
    }

    /// A new stream has begun: the position at which the current track resumes there, in seconds.
    pub fn resume(&mut self) -> Option<f64> {
        self.told = 0;
        if matches!(self.playing, Playing::Between) {
            // The thread that was opening the follower has ended.
            self.take_up_follower();
        }
        self.current().map(|current| current.offset)
    }

    fn next_round(&mut self) -> u64 {
        self.marks.clear();
        self.round += 1;
        self.round
    }

    fn take_up_follower(&mut self) {
        self.playing = self.follow.take().map_or(Playing::Ended, |start| Playing::Track(Current::of(start)));
    }

    /// Sets what follows.
    pub fn set_follower(&mut self, follow: Option<Start>) -> Change {
        if self.follow == follow {
            return Change::None;
        }
        self.follow = follow;
        if matches!(self.playing, Playing::Ended) && self.follow.is_some() {
            self.take_up_follower();
            return Change::Begin;
        }
        if self.is_loaded() && self.is_overtaken() { Change::Anew } else { Change::Follower }
    }

    /// Changes the gain of a start; its samples that are already in the ring have the old gain.
    pub fn set_gain(&mut self, token: u64, gain: f32) -> Change {
        let follow = self.follow.as_mut().filter(|follow| follow.token == token);
        let follows = follow.is_some();
        let start = match (follow, &mut self.playing) {
            (Some(follow), _) => follow,
            (None, Playing::Track(current)) if current.start.token == token => &mut current.start,
            _ => return Change::None,
        };
        if std::mem::replace(&mut start.sounding.gain, gain) == gain {
            return Change::None;
        }
        let begins = |mark: &Mark| matches!(&mark.what, What::Begin { start, .. } if start.token == token);
        if follows && !self.marks.iter().any(begins) { Change::Follower } else { Change::Anew }
    }

    /// Whether a track other than the wanted follower is in the ring after the current one.
    fn is_overtaken(&self) -> bool {
        let current = self.current().map(|c| c.start.token);
        self.marks.iter().any(|mark| match &mark.what {
            What::Begin { start, .. } => Some(start.token) != current && Some(start) != self.follow.as_ref(),
            _ => false,
        })
    }

    /// Queues a mark.
    pub fn expect(&mut self, mark: Mark) -> Change {
        if mark.round != self.round {
            return Change::None;
        }
        self.marks.push_back(mark);
        // The follower may have changed while the old one was being opened.
        let heard = self.current().is_some_and(|current| current.base.is_some());
        if heard && self.is_overtaken() { Change::Anew } else { Change::None }
    }

    /// Reports what was heard since the last call.
    pub fn report(&mut self, ear: Ear) -> Change {
        while self.marks.front().is_some_and(|mark| mark.at <= ear.frame) {
            if let Some(mark) = self.marks.pop_front()
                && self.reach(mark, ear) == Change::Anew
            {
                return Change::Anew;
            }
        }
        let due = ear.frame.saturating_sub(self.told) >= u64::from(ear.rate / POSITIONS);
        let playing = self.current().filter(|current| due && current.announced && current.base.is_some());
        if let Some(token) = playing.map(|current| current.start.token) {
            self.told = ear.frame;
            self.events.tell(Event::Position { token, secs: self.place(Some(ear)) });
        }
        Change::None
    }

    /// Handles a mark that has been heard.
    fn reach(&mut self, mark: Mark, ear: Ear) -> Change {
        match mark.what {
            What::Begin { start, secs, offset } => {
                let token = start.token;
                let known = self.current().is_some_and(|c| c.start.token == token && c.announced);
                self.follow.take_if(|follow| follow.token == token);
                self.playing = Playing::Track(Current { start, announced: true, base: Some(mark.at), offset });
                self.told = ear.frame;
                if !known {
                    self.events.tell(Event::Started { token, secs });
                }
                if known || offset > 0.0 {
                    self.events.tell(Event::Position { token, secs: offset });
                }
                // The follower may have changed while this one was being opened.
                return if self.is_overtaken() { Change::Anew } else { Change::None };
            }
            What::End { token } => self.events.tell(Event::Finished { token }),
            What::Fail { token, why } => {
                self.follow.take_if(|follow| follow.token == token);
                self.events.tell(Event::Failed { token, why });
            }
        }
        self.playing = if self.follow.is_some() { Playing::Between } else { Playing::Ended };
        Change::None
    }

    /// Fails the track whose decoder hangs, and starts the follower if that was the current one. `ahead`: the decoder
    /// was called for the follower.
    pub fn give_up(&mut self, ahead: bool, why: FileFault) {
        let ends = |token| self.marks.iter().any(|mark| mark.what == What::End { token });
        let failed = match self.current().map(|current| current.start.token) {
            Some(token) if !ahead && !ends(token) => {
                self.playing = Playing::Ended;
                Some(token)
            }
            // The current track is fine: the follower hangs.
            _ => self.follow.take().map(|follow| follow.token),
        };
        if let Some(token) = failed {
            self.events.tell(Event::Failed { token, why });
        }
        if !self.is_loaded() {
            self.take_up_follower();
        }
    }
}
