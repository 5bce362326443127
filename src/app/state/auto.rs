//! The automatic part of the queue: who proposes, what it goes by, what is asked for, what the user does not want.

use std::sync::Arc;
use std::time::Duration;

use crate::analysis::Progress;
use crate::config;
use crate::latent::Choice;
use crate::library::Song;
use crate::queue::{AlbumsEngine, Blend, Course, Origin, Queue};
use crate::track::TrackId;

/// An artist who is not wanted stays away this long: for the night.
pub const NIGHT: Duration = Duration::from_secs(12 * 3600);
/// A request that has not been answered by then never will be.
const LOST: Duration = Duration::from_secs(30);
/// How many refused tracks are remembered.
const REFUSED: usize = 1000;

/// How the queue fills itself.
#[derive(Clone, Debug, PartialEq)]
pub struct AutoQueue {
    /// Whether it does.
    pub on: bool,
    /// The engine that proposes.
    pub engine: String,
    /// The dimensions of the signature.
    pub choice: Choice,
    /// Whether the user's taste counts.
    pub taste: bool,
    /// The saved signature or blend that is followed instead of the playlist.
    pub following: Option<Following>,
    /// A direction or a journey that is under way.
    pub course: Option<Course>,
    /// The newest course's number.
    pub(in crate::app) courses: u32,
    /// Fill up to this many items ahead …
    pub ahead: usize,
    /// … whenever there are fewer than this.
    pub refill: usize,
    /// The open request: its number and when it was made.
    pub(in crate::app) pending: Option<(u64, Duration)>,
    /// The newest request's number.
    pub(in crate::app) request: u64,
    /// Whether the next answer replaces the automatic items ahead.
    pub(in crate::app) renewal: Renewal,
    /// What is not to be proposed.
    pub unwanted: Unwanted,
    /// Set when the last answer was shorter than asked for: how much was known then (songs, latents).
    pub(in crate::app) short: Option<(usize, usize)>,
    /// How many latents there were when the last picks were made.
    pub(in crate::app) chosen_from: usize,
}

/// Whether, and how, the next answer replaces the automatic items ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::app) enum Renewal {
    /// They stay.
    #[default]
    No,
    /// Only those that would no longer be picked, each in its place: more is known, nothing else has changed.
    Better,
    /// All: what the queue follows has changed.
    All,
}

/// A saved signature or a blend that the queue follows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Following {
    /// Its name.
    pub name: String,
    /// Its tracks; of a blend those that it is to be like.
    pub members: Vec<TrackId>,
    /// The sets of a blend.
    pub blend: Option<Blend>,
    /// When a mood's hours brought it: the choice of dimensions before, to go back to.
    pub before: Option<Choice>,
}

/// What the user does not want to hear.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unwanted {
    /// Tracks that are not proposed again until the user adds them.
    pub tracks: Vec<TrackId>,
    /// Artists in lower case, and until when (time since the start).
    pub artists: Vec<(String, Duration)>,
}

impl Default for AutoQueue {
    fn default() -> Self {
        AutoQueue {
            on: true,
            engine: "signature".into(),
            choice: Choice::Auto,
            taste: true,
            following: None,
            course: None,
            courses: 0,
            ahead: 15,
            refill: 10,
            pending: None,
            request: 0,
            renewal: Renewal::No,
            unwanted: Unwanted::default(),
            short: None,
            chosen_from: 0,
        }
    }
}

impl AutoQueue {
    /// As configured.
    pub fn new(config: &config::Queue) -> AutoQueue {
        AutoQueue {
            on: config.auto,
            engine: config.engine.clone(),
            taste: config.taste,
            ahead: config.ahead,
            refill: config.refill,
            ..AutoQueue::default()
        }
    }

    /// The tracks whose signature is followed: those of a saved one or a blend, else the ones that the user chose.
    pub fn anchor(&self, queue: &Queue) -> Vec<TrackId> {
        self.following.as_ref().map_or_else(|| queue.playlist(), |f| f.members.clone())
    }
}

/// What `update` does with it.
impl AutoQueue {
    /// What the queue follows changed, and the automatic items ahead no longer fit. They stay until the new answer is
    /// there, so that the music does not run out meanwhile.
    pub(in crate::app) fn replace(&mut self) {
        self.pending = None;
        self.short = None;
        self.renewal = if self.on { Renewal::All } else { Renewal::No };
    }

    /// The items ahead are as they should be: nothing is asked for until they run short.
    pub(in crate::app) fn withdraw(&mut self) {
        self.pending = None;
        self.renewal = Renewal::No;
    }

    /// Switches filling on or off; off, the automatic items leave the queue.
    pub(in crate::app) fn switch(&mut self, on: bool, queue: &mut Queue) {
        self.on = on;
        if on {
            self.replace();
        } else {
            self.course = None;
            self.withdraw();
            queue.clear_auto();
        }
    }

    /// While a library is analysed for the first time, picks are made from what is known so far. Better ones are likely
    /// once that has doubled, and once all is known; those that would be picked again stay where they are.
    pub(in crate::app) fn reconsider(&mut self, queue: &Queue, progress: &Progress) {
        let (then, now) = (self.chosen_from, progress.latents);
        // One file more is no news.
        let all = progress.stage.is_empty() && now > then + then / 10;
        // Steps and albums have an order of their own.
        let in_order = self.course.is_some() || self.engine == AlbumsEngine::NAME;
        let due = self.on && !in_order && then > 0 && (now >= 2 * then || all) && self.pending.is_none();
        if due && queue.ahead().iter().any(|i| i.origin != Origin::Hand) {
            self.chosen_from = now;
            self.renewal = self.renewal.max(Renewal::Better);
        }
    }

    /// Forgets what time has settled: a request whose answer never came, so that the queue does not dry up, and artists
    /// whose night is over.
    pub(in crate::app) fn expire(&mut self, now: Duration) {
        self.pending.take_if(|(_, since)| now.saturating_sub(*since) >= LOST);
        self.unwanted.artists.retain(|(_, until)| *until > now);
    }

    /// The user adds these songs: they are no longer refused.
    pub(in crate::app) fn welcome(&mut self, songs: &[Arc<Song>]) {
        if !self.unwanted.tracks.is_empty() {
            self.unwanted.tracks.retain(|track| !songs.iter().any(|song| song.track == *track));
        }
    }

    /// These tracks are not to be proposed again.
    pub(in crate::app) fn refuse(&mut self, tracks: impl Iterator<Item = TrackId>) {
        let refused = &mut self.unwanted.tracks;
        refused.extend(tracks);
        refused.drain(..refused.len().saturating_sub(REFUSED));
    }

    /// An artist, in lower case, is not to be proposed tonight.
    pub(in crate::app) fn leave_out(&mut self, artist: String, now: Duration) {
        let artists = &mut self.unwanted.artists;
        artists.retain(|(a, _)| *a != artist);
        artists.push((artist, now + NIGHT));
    }
}
