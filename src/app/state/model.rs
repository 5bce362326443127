//! The model: the whole state of a session, independent of how it is displayed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::analysis::Progress;
use crate::ask::inspect::Inspection;
use crate::ask::known::Known;
use crate::config::Config;
use crate::describe::Cards;
use crate::latent::{Fits, Names, SignatureReport, Space};
use crate::library::filter::Language;
use crate::library::journal::Tallies;
use crate::library::lyrics::Lit;
use crate::library::rows::Rows;
use crate::library::unsupported::Unsupported;
use crate::library::{Catalog, Song};
use crate::notice::Kind;
use crate::queue::{Course, Item, Origin, Queue};
use crate::track::TrackId;

use super::super::outcomes::Outcomes;
use super::super::refusal::Refusal;
use super::announced::Announced;
use super::auto::{AutoQueue, NIGHT, Unwanted};
use super::bounds::Bounds;
use super::covers::Covers;
use super::deck::Deck;
use super::faults::Faults;
use super::filling::{Filling, Stock};
use super::filter::Filter;
use super::lists::{Counted, Listed};
use super::log::{Log, Matter};
use super::lyrics::Singing;
use super::map::Map;
use super::moods::MoodClock;
use super::notices::{Notice, Notices};
use super::order::Order;
use super::playback::{Playback, State};
use super::revisions::Revisions;
use super::session::{Place, SavedFollowing, Saving, Session, View};
use super::sound_view::SoundView;
use super::sounds::Sounds;
use super::training::Trainings;
use super::trial::Trial;
use super::undo::{Stood, Undo};
use super::unsaved::Unsaved;

/// How many heard tracks are remembered for the engines.
pub const HEARD: usize = 500;

/// The whole session.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The library.
    pub catalog: Arc<Catalog>,
    /// The music directory.
    pub music: Option<PathBuf>,
    /// The play queue: played, current and upcoming items.
    pub queue: Queue,
    /// What plays.
    pub play: Playback,
    /// Gains, crossfade, outputs.
    pub sounds: Sounds,
    /// Playback order and sleep timer.
    pub order: Order,
    /// The automatic filling of the queue.
    pub auto: AutoQueue,
    /// The moods and the hour.
    pub moods: MoodClock,
    /// The filter of the library's list.
    pub filter: Filter,
    /// The fields and named filters that a filter may use.
    pub language: Arc<Language>,
    /// Progress of scanning and analysis.
    pub progress: Progress,
    /// Files that cannot be used, and why.
    pub faults: Faults,
    /// The files whose formats cannot be played.
    pub unsupported: Arc<Unsupported>,
    /// What could not be written to the disk yet.
    pub unsaved: Unsaved,
    /// The last notice for the user.
    pub notice: Option<Notice>,
    /// The signature that is tried before it counts.
    pub trial: Trial,
    /// The map.
    pub map: Map,
    /// What went wrong and what happened behind the screen.
    pub log: Log,
    /// The lyrics of what plays.
    pub singing: Singing,
    /// The trainings of encoders.
    pub training: Trainings,
    /// The covers that were read.
    pub covers: Covers,
    /// What the view of the sound shows.
    pub sound_view: SoundView,
    /// The signature as last described.
    pub signature: Option<SignatureReport>,
    /// The descriptions of the dimensions, once requested.
    pub cards: Option<Arc<Cards>>,
    /// The names of the dimensions, and the encoder's words.
    pub names: Arc<Names>,
    /// How well every track fits what the queue follows; empty until that is known.
    pub fits: Arc<Fits>,
    /// The latents and descriptors of the analysed tracks.
    pub space: Arc<Space>,
    /// How often what songs are sorted by has changed.
    pub revisions: Revisions,
    /// Rows of the library's list that were asked for, which the screen takes once.
    pub arranged: Option<Box<Rows>>,
    /// What is known of the track that the info panel last asked about.
    pub inspected: Option<Box<Inspection>>,
    /// The names of the saved signatures.
    pub saved_signatures: Vec<String>,
    /// The names of the saved playlists.
    pub saved_playlists: Vec<String>,
    /// What the user saved, with its songs; `None` until the view of the playlists asks for it.
    pub lists: Option<Vec<Listed>>,
    /// Whether these are on the screen: only then they are read again when something is saved.
    pub lists_seen: bool,
    /// How often tracks were added to a playlist, and the name of the last one.
    pub added: (u64, String),
    /// The last count of a smart playlist that is typed.
    pub counted: Option<Counted>,
    /// Plays, ratings and the like, summed over the journal.
    pub tallies: Tallies,
    /// The last answer of several lines: its title and its lines.
    pub told: Option<(String, Vec<String>)>,
    /// The tracks that were heard, the latest last; at most [`HEARD`].
    pub heard: Vec<TrackId>,
    /// Time since the start, as of the last tick.
    pub now: Duration,
    /// How many messages were applied: what was made of the model is up to date as long as this is the same.
    pub changes: u64,
    /// Whether it has no screen of its own: terminals are attached to it and leave it.
    pub headless: bool,
    /// Names of the engines that can be chosen.
    pub engines: Vec<String>,
    /// Names of the themes that can be chosen.
    pub themes: Vec<String>,
    /// The names of the views, in the order of their numbers.
    pub views: Vec<&'static str>,
    /// What `:help` can be asked about.
    pub topics: Vec<&'static str>,
    /// Commands of clients that are in progress.
    pub outcomes: Outcomes,
    /// What followers of the session were told last.
    pub announced: Announced,
    /// Whether the store was opened and its catalog received.
    pub opened: bool,
    /// The number of songs after the last scan.
    pub(in crate::app) scanned: Option<usize>,
    /// The fatal error that ends the session, if one occurred.
    pub fatal: Option<String>,
    /// The part of the screen's state that is saved.
    pub view: View,
    /// The last session's view, which the screen takes once.
    pub resumed: Option<View>,
    /// The last session, until there is a catalog in which its songs can be looked up.
    pub(in crate::app) waiting: Option<Session>,
    /// Files to be played as soon as the catalog knows them.
    pub(in crate::app) opening: Vec<PathBuf>,
    /// Whether some of those files were found and are playing.
    pub(in crate::app) opening_begun: bool,
    /// The number of the last scan that such files wait for.
    pub(in crate::app) scans_asked: u64,
    /// The last changes, which can be undone.
    pub(in crate::app) undo: Undo,
    /// The session as last saved.
    pub(in crate::app) saved: Option<Saved>,
}

/// The session as last saved, to detect changes.
#[derive(Clone, Debug)]
pub(in crate::app) struct Saved {
    /// The revision of the queue, whose items are not kept here.
    pub revision: u64,
    /// The session without items and place.
    pub session: Session,
    /// The place.
    pub place: Place,
    /// When it was saved, in the time of [`Model::now`].
    pub at: Duration,
}

impl Model {
    /// A new session. `music` is the music directory.
    pub fn new(config: &Config, music: Option<PathBuf>) -> Model {
        Model {
            music,
            play: Playback::at_volume(config.player.volume),
            sounds: Sounds::new(&config.player),
            auto: AutoQueue { bounds: Bounds::new(config), ..AutoQueue::new(&config.queue) },
            engines: vec!["signature".into()],
            language: Arc::new(crate::ask::fields::language(&config.filters)),
            ..Model::default()
        }
    }

    /// The songs that the library view lists: all, or those that pass the filter.
    pub fn shown(&self) -> &Arc<Catalog> {
        self.filter.shown.as_ref().unwrap_or(&self.catalog)
    }

    /// What songs are sorted by beside their tags.
    pub fn known(&self) -> Known<'_> {
        Known { tallies: &self.tallies, space: &self.space, fits: &self.fits }
    }

    /// The current item, playing or paused.
    pub fn playing(&self) -> Option<&Item> {
        self.queue.playing()
    }

    /// Duration of the current track in seconds, 0 when unknown; see [`Playback::duration`].
    pub fn duration(&self) -> f64 {
        self.play.length(&self.queue)
    }

    /// What of the lyrics sounds now; `None` while they are not on the screen.
    pub fn lit(&self) -> Option<Lit> {
        self.singing.lit(&self.play, self.playing()?.song.track, self.now)
    }

    /// Whether ticks are needed: to save the session while playing, clear a notice, or time out a wait.
    pub fn wants_tick(&self) -> bool {
        self.play.state == State::Playing
            || self.notice.is_some()
            || self.play.gap.is_some()
            || self.play.lost.is_some()
            || self.auto.pending.is_some()
    }

    /// The tracks whose signature the queue follows.
    pub fn anchor(&self) -> Vec<TrackId> {
        self.auto.anchor(&self.queue)
    }

    /// The course with its progress, for display: `↑ tempo 4/12`.
    pub fn course(&self) -> Option<String> {
        let course = self.auto.course?;
        let way = crate::describe::reason::way(&course.way, &self.catalog, Some(&self.names));
        Some(format!("{way} {}/{}", course.reached.at, course.steps))
    }

    /// The descriptions of the dimensions, if known.
    pub fn cards(&self) -> Option<&Cards> {
        self.cards.as_deref()
    }

    /// Whether a request for picks is open.
    pub fn asking(&self) -> bool {
        self.auto.pending.is_some()
    }

    /// The first file of a track, to name the track by.
    pub fn song(&self, track: TrackId) -> Option<&Arc<Song>> {
        self.catalog.of_track(track)
    }

    /// How many steps can be undone, and the name of the last one; `None` when there is nothing to undo.
    pub fn undoable(&self) -> Option<(usize, &str)> {
        self.undo.last()
    }

    /// The queue as it is, for [`Undo::push_queue`] before a command changes it.
    pub(in crate::app) fn stand(&self) -> Stood {
        let (shuffle, position) = (self.order.modes.shuffle, self.play.position);
        // Another signature may have been chosen since the items ahead were picked, whose own picks have yet to come.
        let picked = self.queue.ahead().iter().any(|item| item.origin != Origin::Hand);
        let picked_for = self.auto.picked_for.clone().filter(|_| picked);
        let follows = picked_for.unwrap_or_else(|| self.auto.follows());
        Stood { former: self.queue.former(), unwanted: None, bounds: None, shuffle, position, follows }
    }

    /// What is needed to go from one track to another.
    pub(in crate::app) fn deck(&mut self) -> Deck<'_> {
        Deck {
            queue: &mut self.queue,
            play: &mut self.play,
            order: &mut self.order,
            auto: &mut self.auto,
            heard: &mut self.heard,
            faults: &mut self.faults,
            sounds: &self.sounds,
            catalog: &self.catalog,
            // As in `notices`, which would borrow the rest as well.
            notices: Notices {
                last: &mut self.notice,
                log: &mut self.log,
                outcomes: &mut self.outcomes,
                now: self.now,
            },
            now: self.now,
        }
    }

    /// The filling of the queue.
    pub(in crate::app) fn filling(&mut self) -> Filling<'_> {
        self.picking().0
    }

    /// The filling of the queue, and what picks for it are made from.
    pub(in crate::app) fn picking(&mut self) -> (Filling<'_>, Stock<'_>) {
        let (_, filling, stock) = self.trying();
        (filling, stock)
    }

    /// The trial, the filling of the queue, and what picks are made from.
    pub(in crate::app) fn trying(&mut self) -> (&mut Trial, Filling<'_>, Stock<'_>) {
        let filling = Filling {
            queue: &mut self.queue,
            auto: &mut self.auto,
            play: &self.play,
            repeat: self.order.modes.repeat,
            crossfade: self.sounds.crossfade,
            now: self.now,
        };
        let stock = Stock { catalog: &self.catalog, progress: &self.progress, heard: &self.heard, opened: self.opened };
        (&mut self.trial, filling, stock)
    }

    /// Changes the bounds of the queue as a step that can be undone. `change` returns the name of the step and what to
    /// say, which is returned.
    pub(in crate::app) fn change_bounds(
        &mut self,
        change: impl FnOnce(&mut Filling<'_>) -> (String, String),
    ) -> String {
        let stood = self.stand().within(&self.auto.bounds);
        let (what, said) = change(&mut self.filling());
        self.undo.push_queue(what, stood);
        said
    }

    /// Where the user is told something.
    pub(in crate::app) fn notices(&mut self) -> Notices<'_> {
        Notices { last: &mut self.notice, log: &mut self.log, outcomes: &mut self.outcomes, now: self.now }
    }

    /// Shows a notice to the user. An error also becomes the outcome of the command that runs; the log keeps errors and
    /// obstacles.
    pub fn notify(&mut self, kind: Kind, text: impl AsRef<str>) {
        self.notices().notify(kind, text);
    }

    /// Shows a notice, and keeps it in the log whatever its kind.
    pub fn report(&mut self, matter: Matter, kind: Kind, text: impl AsRef<str>) {
        self.notices().report(matter, kind, text);
    }

    /// Shows that something was done.
    pub fn say(&mut self, text: impl AsRef<str>) {
        self.notify(Kind::Success, text);
    }

    /// Shows an error to the user, and records it as the outcome of the command being carried out.
    pub fn complain(&mut self, text: impl AsRef<str>) {
        self.notify(Kind::Error, text);
    }

    /// Shows what came of a command: what to say, or why it is refused.
    pub fn answer(&mut self, outcome: Result<String, Refusal>) {
        match outcome {
            Ok(said) => self.say(said),
            Err(why) => self.complain(why.to_string()),
        }
    }

    /// Restores a session, and then plays files, as soon as there is a catalog to find them in.
    pub fn resume_later(&mut self, session: Option<Session>, files: Vec<PathBuf>) {
        if let Some(session) = &session {
            // The volume needs no songs.
            self.play.volume = session.volume.min(100);
        }
        self.waiting = session;
        self.opening = files;
    }

    /// The session to be saved; while the last session still waits for its songs, that one.
    pub fn session(&self) -> Session {
        self.saving().into_session()
    }

    /// [`Self::session`] with the queue not yet converted into its saved form.
    pub(in crate::app) fn saving(&self) -> Saving {
        if let Some(waiting) = &self.waiting {
            return Session { volume: self.play.volume, ..waiting.clone() }.into();
        }
        Saving { session: self.session_without_items(), items: self.queue.items().to_vec() }
    }

    /// The session without the queue's items: its cost does not depend on the length of the queue.
    pub(in crate::app) fn session_without_items(&self) -> Session {
        if let Some(waiting) = &self.waiting {
            return Session { volume: self.play.volume, items: Vec::new(), ..waiting.clone() };
        }
        Session {
            root: self.music.clone().filter(|music| music.to_str().is_some()),
            items: Vec::new(),
            played: self.queue.played().len(),
            live: self.queue.current().is_some(),
            position: if self.play.position.is_finite() { self.play.position } else { 0.0 },
            volume: self.play.volume,
            auto: self.auto.on,
            engine: self.auto.engine.clone(),
            taste: Some(self.auto.taste),
            signature: self.auto.choice.to_string(),
            following: self.auto.following.as_ref().map(SavedFollowing::of),
            course: self.auto.course,
            mood: self.moods.current.clone(),
            modes: self.order.modes,
            consumed: self.queue.consumed().iter().map(TrackId::to_string).collect(),
            refused: self.auto.unwanted.tracks.iter().map(TrackId::to_string).collect(),
            artists_off: self
                .auto
                .unwanted
                .artists
                .iter()
                // Rounded down to 15 minutes, because the session is written whenever it changes.
                .map(|(artist, until)| (artist.clone(), (until.saturating_sub(self.now).as_secs() / 900 * 900) as f64))
                .collect(),
            bounds: self.auto.bounds.saved(self.play.sounded, self.now),
            filter: self.filter.text.clone(),
            lyric_offsets: self.singing.offsets().iter().map(|(track, ms)| (track.to_string(), *ms)).collect(),
            view: self.view.clone(),
        }
    }

    /// Restores a session, paused at its position; `update::resume` has the player load the track. Songs missing from
    /// the catalog stay in the queue, since the library may not be fully read yet, or a disk may be absent: see
    /// [`Item::away`].
    pub fn restore(&mut self, session: Session, catalog: &Catalog) {
        let mut parts = Vec::new();
        let (mut played, mut live) = (0, false);
        for (index, saved) in session.items.iter().enumerate() {
            let Some(song) = saved.song() else { continue };
            played += usize::from(index < session.played);
            live |= session.live && index == session.played;
            parts.push((song, saved.origin()));
        }
        self.queue = Queue::from_parts(parts, played, live);
        self.queue.look_up(catalog, false);
        // The player cannot load a missing track; it is loaded once its file appears.
        let held = self.queue.playing().is_some_and(|item| !item.away);
        self.queue.set_consumed(session.consumed.iter().filter_map(|t| t.parse().ok()).collect());
        self.order.modes = session.modes;
        self.play.state = if held { State::Paused } else { State::Stopped };
        self.play.position = if live && session.position.is_finite() { session.position.max(0.0) } else { 0.0 };
        self.play.volume = session.volume.min(100);
        self.auto.on = session.auto;
        self.auto.taste = session.taste.unwrap_or(self.auto.taste);
        if !session.engine.is_empty() {
            self.auto.engine = session.engine;
        }
        self.auto.following = session.following.as_ref().and_then(SavedFollowing::load);
        self.auto.course = session.course.and_then(Course::checked);
        // A new course needs a number that no earlier course had, whose steps may still be in the queue.
        let steps = self.queue.items().iter().filter_map(|item| match &item.origin {
            Origin::Auto(why) => why.step.as_ref().map(|step| step.course),
            Origin::Hand => None,
        });
        self.auto.courses = steps.chain(self.auto.course.map(|course| course.number)).max().unwrap_or(0);
        self.moods.current = session.mood;
        // The file may have been edited; dimensions that cannot be parsed become `Choice::Auto`.
        self.auto.choice = session.signature.parse().unwrap_or_default();
        self.auto.unwanted = Unwanted {
            tracks: session.refused.iter().filter_map(|t| t.parse().ok()).collect(),
            artists: session
                .artists_off
                .iter()
                .filter_map(|(artist, left)| {
                    let left = Duration::try_from_secs_f64(*left).ok().filter(|d| *d <= NIGHT)?;
                    Some((crate::text::sanitize(artist).to_lowercase(), self.now + left))
                })
                .collect(),
        };
        self.auto.bounds.load(session.bounds, self.play.sounded);
        self.filter.text = crate::text::sanitize(&session.filter);
        for (track, ms) in &session.lyric_offsets {
            if let Ok(track) = track.parse() {
                self.singing.set_offset(track, *ms);
            }
        }
        self.view = session.view.clone();
        self.resumed = Some(session.view);
    }
}
