//! Playback: the current track, the one that the player goes on to by itself, and how far it has come.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::audio::Command;
use crate::audio::player::spectrum::BANDS;
use crate::library::Song;

/// How many tracks in a row may fail before the music stops: the disk is probably gone.
pub(in crate::app) const FAILURES: u32 = 5;
/// How long a missing file is waited for: an album that was renamed has to be scanned first.
const SEARCH: Duration = Duration::from_secs(6);
/// A position that moved by more than this many seconds was a seek, not listening.
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

/// What plays, as the player reported it last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Playback {
    /// Whether something plays.
    pub state: State,
    /// Seconds from the track's beginning.
    pub position: f64,
    /// Seconds, when the decoder knows better than the catalog.
    pub duration: Option<f64>,
    /// Percent.
    pub volume: u8,
    /// The output, once one was opened.
    pub output: Option<Output>,
    /// The level of each band, while the spectrum is shown.
    pub spectrum: Option<[f32; BANDS]>,
    /// The number of dropouts since the start.
    pub underruns: u64,
    /// The newest token. Each start of a track has its own, and the player names it in its events.
    token: u64,
    /// The token of the current track.
    pub(in crate::app) current: u64,
    /// The track that the player goes on to by itself.
    pub(in crate::app) following: Option<Follower>,
    /// What was heard right before the current track.
    pub(in crate::app) before: Option<Arc<Song>>,
    /// Set while the current track has ended and its follower has not started yet: since when.
    pub(in crate::app) gap: Option<Duration>,
    /// Whether the queue ran out while picks were asked for; they play as soon as they come.
    pub(in crate::app) starved: bool,
    /// The item that a restored session held and whose file the library does not have yet.
    pub(in crate::app) awaited: Option<u64>,
    /// Seconds of the current track that were heard.
    pub(in crate::app) heard: f64,
    /// Failures in a row.
    pub(in crate::app) failures: u32,
    /// A follower whose file was not found at this path.
    pub(in crate::app) absent: Option<Arc<Path>>,
    /// Set while the current track's file is missing and looked for.
    pub(in crate::app) lost: Option<Lost>,
}

/// The track that the player goes on to without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct Follower {
    /// The token of its start.
    pub token: u64,
    /// Its item in the queue.
    pub serial: u64,
    /// The path by which the player knows it.
    pub path: Arc<Path>,
    /// Whether its gain is that of a song played in the order of its album.
    pub in_order: bool,
}

/// A current track whose file is missing and looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) struct Lost {
    /// Since when.
    pub since: Duration,
    /// Whether the library did not list it meanwhile: it is back when the library lists it again.
    pub unlisted: bool,
    /// Whether its file was opened once more at the end of the search.
    pub retried: bool,
}

impl Lost {
    /// Whether it was looked for long enough.
    pub fn is_given_up(&self, now: Duration) -> bool {
        now.saturating_sub(self.since) >= SEARCH
    }
}

/// Where the sound goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Whether it is the silent sink.
    pub silent: bool,
}

impl Playback {
    /// Nothing loaded, at this volume in percent.
    pub fn at_volume(volume: u8) -> Playback {
        Playback { volume: volume.min(100), ..Playback::default() }
    }

    /// Duration of the current track in seconds, 0 when unknown; `listed` is what the catalog says. It may be an
    /// estimate: a track is at least as long as it has played already.
    pub fn duration(&self, listed: f64) -> f64 {
        let told = self.duration.filter(|d| d.is_finite() && *d > 0.0).unwrap_or(listed);
        if told > 0.0 { told.max(self.position) } else { told }
    }
}

/// What `update` does with it.
impl Playback {
    /// Whether the player has the current track's file open.
    pub(in crate::app) fn is_open(&self) -> bool {
        self.state != State::Stopped && self.awaited.is_none() && self.lost.is_none()
    }

    /// Pauses; `None` when nothing plays.
    pub(in crate::app) fn pause(&mut self) -> Option<Command> {
        (self.state == State::Playing).then(|| {
            self.state = State::Paused;
            Command::Pause
        })
    }

    /// Goes on after a pause; `None` when nothing is paused.
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

    /// A track is loaded at a position in seconds; the token of this start.
    pub(in crate::app) fn begin(&mut self, at: f64, paused: bool) -> u64 {
        self.token += 1;
        self.current = self.token;
        self.state = if paused { State::Paused } else { State::Playing };
        (self.position, self.duration, self.heard) = (at, None, 0.0);
        (self.gap, self.starved, self.awaited) = (None, false, None);
        (self.lost, self.absent) = (None, None);
        // The player drops its follower with the track, so it has to be told again.
        self.following = None;
        self.token
    }

    /// The player is to go on to this item by itself; the token of that start.
    pub(in crate::app) fn follow(&mut self, serial: u64, path: Arc<Path>, in_order: bool) -> u64 {
        self.token += 1;
        self.following = Some(Follower { token: self.token, serial, path, in_order });
        self.absent = None;
        self.token
    }

    /// The follower plays now.
    pub(in crate::app) fn reach(&mut self, token: u64, secs: Option<f64>) {
        self.current = token;
        (self.position, self.duration, self.heard) = (0.0, secs, 0.0);
    }

    /// The player reports its position.
    pub(in crate::app) fn note_position(&mut self, token: u64, secs: f64) {
        if token != self.current || !secs.is_finite() {
            return;
        }
        let step = secs - self.position;
        if (0.0..=STEP).contains(&step) {
            self.heard += step;
        }
        if secs > 0.0 && self.state == State::Playing {
            self.failures = 0;
        }
        self.position = secs.max(0.0);
    }

    /// A track could not be played. Whether that were too many in a row.
    pub(in crate::app) fn fail(&mut self) -> bool {
        self.lost = None;
        self.failures += 1;
        let too_many = self.failures >= FAILURES;
        if too_many {
            self.failures = 0;
        }
        too_many
    }

    /// The follower's file is missing: the player is told of it again when it has another path, or is to begin.
    pub(in crate::app) fn miss_follower(&mut self, path: Arc<Path>) {
        self.absent = Some(path);
        self.following = None;
    }

    /// The current track's file is missing. Whether it is (still) looked for; what follows waits then, too.
    pub(in crate::app) fn search(&mut self, now: Duration, unlisted: bool) -> bool {
        let lost = self.lost.get_or_insert(Lost { since: now, unlisted, retried: false });
        let searching = !lost.is_given_up(now);
        if searching {
            self.following = None;
        }
        searching
    }
}
