//! The automatic part of the queue: the engine, the dimensions it uses, the open request, and what the user refused.

use std::sync::Arc;
use std::time::Duration;

use crate::analysis::Progress;
use crate::config;
use crate::latent::Choice;
use crate::library::Song;
use crate::queue::{AlbumsEngine, Blend, Course, Item, Limits, Origin, Queue};
use crate::track::TrackId;

use super::bounds::Bounds;

/// How long a refused artist is not proposed: for the night.
pub const NIGHT: Duration = Duration::from_secs(12 * 3600);
/// A request that was not answered within this time is given up.
const LOST: Duration = Duration::from_secs(30);
/// How many refused tracks are remembered.
const REFUSED: usize = 1000;
/// The most automatic items ahead while few tracks are analysed (`Progress::few`).
pub(in crate::app) const FEW_AHEAD: usize = 3;
/// While few tracks are analysed, the items ahead are chosen again when there are a quarter more, but at least so many:
/// some ten times in all, which the queue's list has to follow.
const GROWTH: usize = 4;

/// How the queue fills itself.
#[derive(Clone, Debug, PartialEq)]
pub struct AutoQueue {
    /// Whether automatic filling is on.
    pub on: bool,
    /// The name of the engine that proposes tracks.
    pub engine: String,
    /// The dimensions of the signature.
    pub choice: Choice,
    /// Whether the learned taste is used.
    pub taste: bool,
    /// The saved signature or blend that is followed instead of the playlist.
    pub following: Option<Following>,
    /// The direction or journey in progress.
    pub course: Option<Course>,
    /// The newest course's number.
    pub(in crate::app) courses: u32,
    /// How many items ahead a refill aims for.
    pub ahead: usize,
    /// A refill starts when fewer items than this are ahead.
    pub refill: usize,
    /// The open request: its number and when it was made.
    pub(in crate::app) pending: Option<(u64, Duration)>,
    /// The newest request's number.
    pub(in crate::app) request: u64,
    /// Whether the next answer replaces the automatic items ahead.
    pub(in crate::app) renewal: Renewal,
    /// Tracks and artists that are not to be proposed.
    pub unwanted: Unwanted,
    /// The limits that picks keep to, and when the queue is to end.
    pub bounds: Bounds,
    /// Set when the last answer had fewer tracks than asked for.
    pub(in crate::app) short: Option<Short>,
    /// How many latents there were when the last picks were made, …
    pub(in crate::app) chosen_from: usize,
    /// … and whether these were few (`Progress::few`).
    pub(in crate::app) chosen_from_few: bool,
    /// What the automatic items ahead were picked for; `None` before the first picks.
    pub(in crate::app) picked_for: Option<Follows>,
    /// Of the last request: how many picks it wants, the number of latents then, and whether these were few.
    pub(in crate::app) asked: (usize, usize, bool),
}

/// What was known when an answer had fewer tracks than asked for: with nothing more there is nothing to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) struct Short {
    /// The number of songs.
    pub songs: usize,
    /// The number of latents.
    pub latents: usize,
    /// The last track heard, where the limits depend on what was heard: with every other one more may come.
    pub heard: Option<TrackId>,
}

/// Whether, and how, the next answer replaces the automatic items ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::app) enum Renewal {
    /// They stay in the queue.
    #[default]
    No,
    /// Only those that would no longer be picked are replaced, each in its place, because more tracks were analysed.
    Better,
    /// All but the next one, if it is about to play, are replaced, because few tracks were analysed and now it is more.
    Freely,
    /// Only those that the limits keep out are replaced, because the limits have changed.
    Sift,
    /// All are replaced, because what the queue follows has changed.
    All,
}

/// A saved signature or a blend that the queue follows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Following {
    /// Its name.
    pub name: String,
    /// Its tracks; for a blend, those of the sets to be like.
    pub members: Vec<TrackId>,
    /// The sets, if it is a blend.
    pub blend: Option<Blend>,
    /// If a mood started it: the choice of dimensions before, to be restored afterwards.
    pub before: Option<Choice>,
}

/// What automatic items are picked for: where it differs, those of before do not fit any more.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) struct Follows {
    engine: String,
    choice: Choice,
    /// The tracks and sets of the saved signature or blend; `None` where the playlist is followed.
    set: Option<(Vec<TrackId>, Option<Blend>)>,
    /// The number of the course.
    course: Option<u32>,
    /// The limits.
    limits: Limits,
}

/// What the user does not want to hear.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unwanted {
    /// Tracks that are not proposed again unless the user adds them.
    pub tracks: Vec<TrackId>,
    /// Artists in lower case, each with the time since the start until which it is refused.
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
            bounds: Bounds::default(),
            short: None,
            chosen_from: 0,
            chosen_from_few: false,
            picked_for: None,
            asked: (0, 0, false),
        }
    }
}

impl AutoQueue {
    /// The settings of the configuration.
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

    /// What automatic items are picked for now.
    pub(in crate::app) fn follows(&self) -> Follows {
        Follows {
            engine: self.engine.clone(),
            choice: self.choice.clone(),
            set: self.following.as_ref().map(|f| (f.members.clone(), f.blend.clone())),
            course: self.course.map(|course| course.number),
            limits: self.bounds.limits.clone(),
        }
    }

    /// The tracks whose signature is followed: those of the saved signature or blend, or else those the user chose.
    pub fn anchor(&self, queue: &Queue) -> Vec<TrackId> {
        self.following.as_ref().map_or_else(|| queue.playlist(), |f| f.members.clone())
    }
}

/// Transitions used by `update`.
impl AutoQueue {
    /// What the queue follows changed, and the automatic items ahead no longer fit. They stay until the new picks
    /// arrive, so that the music does not run out meanwhile.
    pub(in crate::app) fn replace(&mut self) {
        self.pending = None;
        self.short = None;
        self.renewal = if self.on { Renewal::All } else { Renewal::No };
    }

    /// The limits changed: automatic items that they keep out give way, and stay until the new picks arrive.
    pub(in crate::app) fn sift(&mut self) {
        self.pending = None;
        self.short = None;
        if self.on {
            self.renewal = self.renewal.max(Renewal::Sift);
        }
    }

    /// Puts limits into force: the automatic items that they keep out give way. `set` is the name of the set that they are.
    pub(in crate::app) fn limit(&mut self, limits: Limits, set: Option<String>) {
        let same = limits == self.bounds.limits;
        self.bounds.put(limits, set);
        if !same {
            self.sift();
        }
    }

    /// Puts other limits into force. A set of which something was changed is that set no more.
    pub(in crate::app) fn change_limits(&mut self, limits: Limits) {
        let set = self.bounds.set.clone().filter(|_| limits == self.bounds.limits);
        self.limit(limits, set);
    }

    /// Notes that the limits leave too little for a request. Returns whether that is news, since it is said once for the
    /// same limits; `None` where nobody waits for that request.
    pub(in crate::app) fn note_scarce(&mut self, request: u64) -> Option<bool> {
        self.bounds.scarce = request;
        self.pending.filter(|(open, _)| *open == request).map(|_| self.bounds.is_news())
    }

    /// Whether the automatic items depend on their order: those of a course, of whole albums, and others that an engine
    /// has ordered.
    pub(in crate::app) fn is_in_order(&self, queue: &Queue) -> bool {
        let ordered = |item: &Item| matches!(&item.origin, Origin::Auto(why) if why.ordered);
        self.course.is_some() || self.engine == AlbumsEngine::NAME || queue.ahead().iter().any(ordered)
    }

    /// Goes by other dimensions from now on. A choice made during a mood's hours stays in effect after them.
    pub(in crate::app) fn adopt(&mut self, choice: Choice) {
        if let Some(before) = self.following.as_mut().and_then(|f| f.before.as_mut()) {
            before.clone_from(&choice);
        }
        self.choice = choice;
        self.replace();
    }

    /// Drops the open request and any renewal; nothing is asked for until the items ahead run short.
    pub(in crate::app) fn withdraw(&mut self) {
        self.pending = None;
        self.renewal = Renewal::No;
    }

    /// Switches filling on or off; when switched off, the automatic items leave the queue.
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

    /// While a library is analysed for the first time, picks are made from the tracks analysed so far. As long as these
    /// are few, the items ahead are chosen again and again. Later better ones are likely once the number of tracks has
    /// doubled, and at the end; items that would be picked again stay where they are then.
    pub(in crate::app) fn reconsider(&mut self, queue: &Queue, progress: &Progress) {
        let (then, now) = (self.chosen_from, progress.latents);
        let (renewal, grown) = if progress.few || self.chosen_from_few {
            // An answer that fell short says that there was nothing to choose between. Once enough are analysed, what
            // was chosen from few is chosen again for the last time.
            let step = if self.short.is_some() || !progress.few { 1 } else { GROWTH.max(then / 4) };
            (Renewal::Freely, now >= then + step)
        } else {
            // At least a tenth more: a single new file is not worth it.
            let all = !progress.is_growing() && now > then + then / 10;
            (Renewal::Better, then > 0 && (now >= 2 * then || all))
        };
        let due = self.on && !self.is_in_order(queue) && grown && self.pending.is_none();
        if due && queue.ahead().iter().any(|i| i.origin != Origin::Hand) {
            self.chosen_from = now;
            self.renewal = self.renewal.max(renewal);
        }
    }

    /// Drops what has expired: a request that was never answered, so that the queue does not run dry, and refusals of
    /// artists.
    pub(in crate::app) fn expire(&mut self, now: Duration) {
        self.pending.take_if(|(_, since)| now.saturating_sub(*since) >= LOST);
        self.unwanted.artists.retain(|(_, until)| *until > now);
    }

    /// These songs, which the user adds, are no longer refused.
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

    /// An artist, in lower case, is not to be proposed for the next [`NIGHT`].
    pub(in crate::app) fn leave_out(&mut self, artist: String, now: Duration) {
        let artists = &mut self.unwanted.artists;
        artists.retain(|(a, _)| *a != artist);
        artists.push((artist, now + NIGHT));
    }
}
