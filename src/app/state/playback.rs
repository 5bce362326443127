//! Playback: the current track, its position, and the track that follows it without a gap.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::audio::Command;
use crate::audio::player::spectrum::BANDS;
use crate::library::Song;
use crate::library::journal::WHOLE;
use crate::queue::Queue;

/// Playback stops after this many failed tracks in a row: the disk is probably gone.
pub(in crate::app) const FAILURES: u32 = 5;
/// How long to wait for a missing file: a renamed album has to be scanned first.
const SEARCH: Duration = Duration::from_secs(6);
/// A change of position by more than this many seconds is a seek and not counted as heard.
const STEP: f64 = 2.0;

/// Whether something plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing is loaded.
    #[default]
    Stopped,
    /// A track plays.
    Playing,
    /// A track is paused.
    Paused,
}

impl State {
    /// Its name for scripts.
    pub fn name(self) -> &'static str {
        match self {
            State::Stopped => "stopped",
            State::Playing => "playing",
            State::Paused => "paused",
        }
    }
}

/// The state of playback, as last reported by the player.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Playback {
    /// Whether something plays.
    pub state: State,
    /// Seconds from the track's beginning.
    pub position: f64,
    /// Seconds, if the decoder knows it better than the catalog.
    pub duration: Option<f64>,
    /// Percent.
    pub volume: u8,
    /// The factor on the current track's samples, from ReplayGain tags or its measured loudness.
    pub gain: f32,
    /// The output, once one was opened.
    pub output: Option<Output>,
    /// The level of each band, while the spectrum is shown.
    pub spectrum: Option<[f32; BANDS]>,
    /// The number of dropouts since the start.
    pub underruns: u64,
    /// Seconds of music heard since the start.
    pub sounded: f64,
    /// The newest token. Each start of a track has its own token, which the player's events carry.
    token: u64,
    /// The token of the current track.
    pub(in crate::app) current: u64,
    /// The track that follows the current one without a gap.
    pub(in crate::app) following: Option<Follower>,
    /// The song heard right before the current track.
    pub(in crate::app) before: Option<Arc<Song>>,
    /// The time at which the current track ended, until its follower starts.
    pub(in crate::app) gap: Option<Duration>,
    /// Whether the queue ran out while a request for picks was open; they play as soon as they arrive.
    pub(in crate::app) starved: bool,
    /// The restored session's current item, while the library does not have its file yet.
    pub(in crate::app) awaited: Option<u64>,
    /// Seconds of the current track heard so far.
    pub(in crate::app) heard: f64,
    /// Failures in a row.
    pub(in crate::app) failures: u32,
    /// The path of a follower whose file was not found.
    pub(in crate::app) absent: Option<Arc<Path>>,
    /// Set while the current track's file is missing and being searched for.
    pub(in crate::app) lost: Option<Lost>,
    /// An item that an undo put back, and the position in seconds at which it had been left; it continues there.
    pub(in crate::app) left: Option<(u64, f64)>,
}

/// The track that the player goes on to without a gap.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) struct Follower {
    /// Its token.
    pub token: u64,
    /// Its item in the queue.
    pub serial: u64,
    /// The path by which the player knows it.
    pub path: Arc<Path>,
    /// Whether its gain assumes that it plays in album order.
    pub in_order: bool,
    /// The factor on its samples.
    pub gain: f32,
}

/// The search for the current track's missing file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) struct Lost {
    /// When it began.
    pub since: Duration,
    /// Whether the library has stopped listing the file: it is back when it is listed again.
    pub unlisted: bool,
    /// Whether opening the file was tried once more at the end of the search.
    pub retried: bool,
}

impl Lost {
    /// Whether the search time is over.
    pub fn is_given_up(&self, now: Duration) -> bool {
        now.saturating_sub(self.since) >= SEARCH
    }
}

/// The audio output.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Whether it is the silent sink.
    pub silent: bool,
    /// Whether silence was asked for.
    pub asked: bool,
}

impl Playback {
    /// Nothing loaded, at this volume in percent.
    pub fn at_volume(volume: u8) -> Playback {
        Playback { volume: volume.min(100), gain: 1.0, ..Playback::default() }
    }

    /// Duration of the current track in seconds, 0 when unknown; `listed` is the catalog's, which may be an estimate:
    /// the result is never less than the current position.
    pub fn duration(&self, listed: f64) -> f64 {
        let told = self.duration.filter(|d| d.is_finite() && *d > 0.0).unwrap_or(listed);
        if told > 0.0 { told.max(self.position) } else { told }
    }

    /// Duration of the queue's current track in seconds, 0 when unknown; see [`Self::duration`].
    pub fn length(&self, queue: &Queue) -> f64 {
        self.duration(queue.playing().map_or(0.0, |item| item.song.secs))
    }
}

/// Transitions used by `update`.
impl Playback {
    /// Whether the player has the current track's file open.
    pub(in crate::app) fn is_open(&self) -> bool {
        self.state != State::Stopped && self.awaited.is_none() && self.lost.is_none()
    }

    /// Whether the current track of `length` seconds, 0 when unknown, ends within so many seconds, or has just ended.
    pub(in crate::app) fn ends_within(&self, secs: f64, length: f64) -> bool {
        self.gap.is_some() || (self.state != State::Stopped && length - self.position <= secs)
    }

    /// Pauses; `None` when nothing plays.
    pub(in crate::app) fn pause(&mut self) -> Option<Command> {
        (self.state == State::Playing).then(|| {
            self.state = State::Paused;
            Command::Pause
        })
    }

    /// Resumes after a pause; `None` when nothing is paused.
    pub(in crate::app) fn resume(&mut self) -> Option<Command> {
        (self.state == State::Paused).then(|| {
            self.state = State::Playing;
            Command::Resume
        })
    }

    /// Stops; `None` when nothing was loaded.
    pub(in crate::app) fn halt(&mut self) -> Option<Command> {
        let loaded = self.state != State::Stopped;
        self.state = State::Stopped;
        (self.position, self.duration, self.heard) = (0.0, None, 0.0);
        (self.following, self.gap, self.starved) = (None, None, false);
        (self.awaited, self.lost) = (None, None);
        // Events of the stopped track are ignored from now on.
        self.token += 1;
        self.current = self.token;
        loaded.then_some(Command::Stop)
    }

    /// Seeks within a track of `length` seconds, 0 when unknown.
    pub(in crate::app) fn seek(&mut self, to: f64, length: f64) -> Command {
        let end = if length > 0.0 { length } else { f64::MAX };
        self.position = to.clamp(0.0, end);
        Command::Seek(self.position)
    }

    /// A track is loaded at a position in seconds, with this factor on its samples; returns the token of this start.
    pub(in crate::app) fn begin(&mut self, at: f64, paused: bool, gain: f32) -> u64 {
        self.token += 1;
        self.current = self.token;
        self.state = if paused { State::Paused } else { State::Playing };
        (self.position, self.duration, self.heard) = (at, None, 0.0);
        self.gain = gain;
        (self.gap, self.starved, self.awaited) = (None, false, None);
        (self.lost, self.absent) = (None, None);
        // The player drops its follower with the track, so the follower has to be sent again.
        self.following = None;
        self.token
    }

    /// The current track of `length` seconds, 0 when unknown, is left, by itself if `ended`, for one that covered its last
    /// `crossfade` seconds: takes the seconds heard, and tells whether they are the whole of it. What was passed over by
    /// seeking was not heard. A track that has ended long before `length`, which may be an estimate, is as long as it
    /// sounded.
    pub(in crate::app) fn take_heard(&mut self, length: f64, ended: bool, crossfade: f64) -> (f64, bool) {
        let mut secs = std::mem::take(&mut self.heard);
        // The last report of a position comes before the end, and a crossfade begins before it.
        let rest = length - self.position;
        let near = (0.0..=STEP + crossfade).contains(&rest);
        if ended && near {
            secs += rest;
        }
        // Where the length is unknown, or was estimated too long, the track has ended where it was last.
        let all = if ended && !near { self.position } else { length };
        (secs, all > 0.0 && secs > 0.0 && secs >= WHOLE * all)
    }

    /// Whether an item continues where it was left.
    pub(in crate::app) fn continues(&self, serial: u64) -> bool {
        self.left.is_some_and(|(left, _)| left == serial)
    }

    /// The position in seconds at which an item starts: where it was left, but only once.
    pub(in crate::app) fn take_start(&mut self, serial: u64) -> f64 {
        self.left.take_if(|(left, _)| *left == serial).map_or(0.0, |(_, secs)| secs)
    }

    /// Sets the item that follows without a gap; returns the token of its start.
    pub(in crate::app) fn follow(&mut self, serial: u64, path: Arc<Path>, in_order: bool, gain: f32) -> u64 {
        self.token += 1;
        self.following = Some(Follower { token: self.token, serial, path, in_order, gain });
        self.absent = None;
        self.token
    }

    /// The follower has become the current track.
    pub(in crate::app) fn reach(&mut self, follower: &Follower, secs: Option<f64>) {
        (self.current, self.gain) = (follower.token, follower.gain);
        (self.position, self.duration, self.heard) = (0.0, secs, 0.0);
    }

    /// Takes a position in seconds reported by the player.
    pub(in crate::app) fn note_position(&mut self, token: u64, secs: f64) {
        if token != self.current || !secs.is_finite() {
            return;
        }
        let step = secs - self.position;
        if (0.0..=STEP).contains(&step) {
            self.heard += step;
            self.sounded += step;
        }
        if secs > 0.0 && self.state == State::Playing {
            self.failures = 0;
        }
        self.position = secs.max(0.0);
    }

    /// Counts a track that failed to play. Returns whether too many in a row have failed, and then starts over.
    pub(in crate::app) fn fail(&mut self) -> bool {
        self.lost = None;
        self.failures += 1;
        let too_many = self.failures >= FAILURES;
        if too_many {
            self.failures = 0;
        }
        too_many
    }

    /// The follower's file is missing: it is sent to the player again only with another path, or when it is to start.
    pub(in crate::app) fn miss_follower(&mut self, path: Arc<Path>) {
        self.absent = Some(path);
        self.following = None;
    }

    /// The current track's file is missing. Returns whether it is (still) searched for; the follower is dropped then.
    pub(in crate::app) fn search(&mut self, now: Duration, unlisted: bool) -> bool {
        let lost = self.lost.get_or_insert(Lost { since: now, unlisted, retried: false });
        let searching = !lost.is_given_up(now);
        if searching {
            self.following = None;
        }
        searching
    }
}
