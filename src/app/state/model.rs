//! The session's state: everything that happens is in here, and nothing of how it is shown.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::config::Config;
use crate::describe::Cards;
use crate::latent::Choice;
use crate::library::filter::Language;
use crate::library::journal::Tallies;
use crate::library::{Catalog, Mood, Song};
use crate::queue::{Blend, Course, Item, Modes, Queue};
use crate::track::{FileFault, TrackId};

use super::super::msg::{Progress, SignatureReport, Unsaved};
use super::super::outcomes::Outcomes;
use super::super::update::{Before, Unwanted};
use super::session::{Session, View};
use super::sounds::Sounds;

/// How many heard tracks are remembered for the engines.
pub const HEARD: usize = 500;
/// How long a notice stands.
const NOTICE: Duration = Duration::from_secs(8);

/// The whole session.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The library.
    pub catalog: Arc<Catalog>,
    /// The music directory, for the screen of an empty library.
    pub music: Option<PathBuf>,
    /// What was, is and comes.
    pub queue: Queue,
    /// What sounds.
    pub play: Playback,
    /// How it sounds, beside the volume.
    pub sounds: Sounds,
    /// When the music is to stop by itself.
    pub sleep: Option<Sleep>,
    /// How the queue fills itself.
    pub auto: AutoQueue,
    /// What the queue follows at which hours.
    pub moods: Moods,
    /// How it is gone through.
    pub modes: Modes,
    /// The order of the next round of a queue that repeats, once it is needed.
    pub(in crate::app) round: Vec<u64>,
    /// Where chance comes from.
    pub(in crate::app) rng: fastrand::Rng,
    /// Which songs the library shows.
    pub filter: Filter,
    /// What a filter may say.
    pub language: Arc<Language>,
    /// How far scanning and analysis are.
    pub progress: Progress,
    /// Files that cannot be used, and why.
    pub faults: BTreeMap<PathBuf, FileFault>,
    /// What was done and is not on the disk.
    pub unsaved: Unsaved,
    /// The last line for the user.
    pub notice: Option<Notice>,
    /// The signature as last described.
    pub signature: Option<SignatureReport>,
    /// What the dimensions mean, as far as it was asked.
    pub cards: Option<Arc<Cards>>,
    /// The names of the saved signatures.
    pub saved_signatures: Vec<String>,
    /// The names of the saved playlists.
    pub saved_playlists: Vec<String>,
    /// What the journal adds up to.
    pub tallies: Tallies,
    /// The last answer of several lines: its title and its lines.
    pub told: Option<(String, Vec<String>)>,
    /// What was heard, the latest last; at most [`HEARD`].
    pub heard: Vec<TrackId>,
    /// Time since the start, as of the last tick.
    pub now: Duration,
    /// Names of the engines that can be chosen.
    pub engines: Vec<String>,
    /// Names of the themes that can be chosen.
    pub themes: Vec<String>,
    /// Commands from outside that are under way.
    pub outcomes: Outcomes,
    /// Whether the store was opened and told what it knows.
    pub opened: bool,
    /// Why the session cannot go on, once that is so.
    pub fatal: Option<String>,
    /// Where the screen stands.
    pub view: View,
    /// Where it stood in the last session, for the screen to take once.
    pub resumed: Option<View>,
    /// The last session, until there is a catalog to find its songs in.
    pub(in crate::app) waiting: Option<Session>,
    /// Files to be played as soon as the catalog knows them.
    pub(in crate::app) opening: Vec<PathBuf>,
    /// Whether some of them were found and play.
    pub(in crate::app) opening_begun: bool,
    /// How many things were said of the user's taste since the start.
    pub(in crate::app) said: i64,
    /// How many of those that this session said have not come back from the journal yet.
    pub(in crate::app) unnoted: usize,
    /// How things stood before each answer to a proposal, the latest last.
    pub(in crate::app) undo: Vec<Before>,
    /// The session as last written down, and when.
    pub(in crate::app) saved: Option<(Session, Duration)>,
}

/// Which songs the library shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The filter as it was asked for last; empty for none.
    pub text: String,
    /// The songs that passed the last one that could be understood.
    pub shown: Option<Arc<Catalog>>,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// Whether something sounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing is loaded.
    #[default]
    Stopped,
    /// A track plays.
    Playing,
    /// A track is held.
    Paused,
}

/// When the music is to stop by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sleep {
    /// At this time.
    At(Duration),
    /// After the current track.
    Track,
    /// After the current album.
    Album,
}

/// What sounds, as the player reported it last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Playback {
    /// Whether it sounds.
    pub state: State,
    /// Seconds from the track's beginning.
    pub position: f64,
    /// Seconds, when the decoder knows better than the catalog.
    pub duration: Option<f64>,
    /// Percent.
    pub volume: u8,
    /// The output, once one was opened.
    pub output: Option<Output>,
    /// How loud each band is, while somebody wants to see it.
    pub spectrum: Option<[f32; crate::audio::player::spectrum::BANDS]>,
    /// How often the sound broke off in the middle of a track since the start.
    pub underruns: u64,
    /// The newest start's name.
    pub(in crate::app) token: u64,
    /// The current start.
    pub(in crate::app) current: u64,
    /// The follower that the player knows: its start and its item.
    pub(in crate::app) following: Option<(u64, u64)>,
    /// Whether that one's gain is of a song that is played in the order of its album.
    pub(in crate::app) following_in_order: bool,
    /// What was heard right before the current track.
    pub(in crate::app) before: Option<Arc<Song>>,
    /// Set while the current track has ended and its follower was not heard yet: since when.
    pub(in crate::app) gap: Option<Duration>,
    /// The queue ran out while picks were asked for: play them when they come.
    pub(in crate::app) starved: bool,
    /// The item that a restored session held and whose file the library does not have yet.
    pub(in crate::app) awaited: Option<u64>,
    /// Seconds of the current track that were heard.
    pub(in crate::app) heard: f64,
    /// Failures in a row.
    pub(in crate::app) failures: u32,
    /// Under which name the player knows the follower.
    pub(in crate::app) following_path: Option<Arc<Path>>,
    /// A track to come that was not there under this name.
    pub(in crate::app) absent: Option<Arc<Path>>,
    /// The current track was not there when it was to begin: it is looked for.
    pub(in crate::app) lost: Option<Lost>,
}

/// A current track that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) struct Lost {
    /// Since when.
    pub since: Duration,
    /// Whether the library did not list it meanwhile: when it does again, it is back.
    pub unlisted: bool,
    /// Whether its file was opened once more at the end of the search.
    pub retried: bool,
}

/// Where the sound goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Whether it is the silent sink.
    pub silent: bool,
}

/// How the queue fills itself.
#[derive(Clone, Debug, PartialEq)]
pub struct AutoQueue {
    /// Whether it does.
    pub on: bool,
    /// Who proposes.
    pub engine: String,
    /// Which dimensions.
    pub choice: Choice,
    /// Whether the user's taste counts.
    pub taste: bool,
    /// The saved signature that it follows instead of the playlist.
    pub following: Option<Following>,
    /// A direction or a journey that was asked for.
    pub course: Option<Course>,
    /// The newest course's number.
    pub(in crate::app) courses: u32,
    /// Fill up to so many ahead …
    pub ahead: usize,
    /// … whenever there are fewer than this.
    pub refill: usize,
    /// The open request: its number and when it was made.
    pub(in crate::app) pending: Option<(u64, Duration)>,
    /// The newest request's number.
    pub(in crate::app) request: u64,
    /// Whether the automatic items ahead are to give way to the next answer.
    pub(in crate::app) renewal: Renewal,
    /// What is not to be proposed.
    pub unwanted: Unwanted,
    /// Set when the last answer was shorter than asked for: how much was known then (songs, latents).
    pub(in crate::app) short: Option<(usize, usize)>,
    /// How many latents there were when the last picks were made.
    pub(in crate::app) chosen_from: usize,
}

/// Whether, and how, automatic items ahead give way to the next answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::app) enum Renewal {
    /// They stay.
    #[default]
    No,
    /// Only those that would no longer be picked, each in its place: more is known, nothing else has changed.
    Better,
    /// All: what the queue goes by has changed.
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
    /// When the hour of the day brought it: the choice of dimensions before, to go back to.
    pub before: Option<Choice>,
}

/// What the queue follows at which hours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moods {
    /// Those that the user keeps; none until they were read.
    pub list: Option<Vec<Mood>>,
    /// The hour by the user's clock, 0 to 23, once it was told.
    pub hour: Option<u8>,
    /// The mood whose hours these are, whether it is followed or the user chose otherwise.
    pub(in crate::app) current: Option<String>,
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

/// A line for the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Whether it is an error.
    pub error: bool,
    /// The text (sanitised).
    pub text: String,
    /// When it was said.
    pub at: Duration,
}

impl Model {
    /// A session at its start. `music` is the directory that is the library.
    pub fn new(config: &Config, music: Option<PathBuf>) -> Model {
        Model {
            music,
            play: Playback { volume: config.player.volume.min(100), ..Playback::default() },
            sounds: Sounds::new(&config.player),
            auto: AutoQueue {
                on: config.queue.auto,
                engine: config.queue.engine.clone(),
                taste: config.queue.taste,
                ahead: config.queue.ahead,
                refill: config.queue.refill,
                ..AutoQueue::default()
            },
            engines: vec!["signature".into()],
            language: Arc::new(super::super::search::language(&config.filters)),
            ..Model::default()
        }
    }

    /// What the library shows: all songs, or those that pass the filter.
    pub fn shown(&self) -> &Arc<Catalog> {
        self.filter.shown.as_ref().unwrap_or(&self.catalog)
    }

    /// The current item, playing or held.
    pub fn playing(&self) -> Option<&Item> {
        self.queue.playing()
    }

    /// Duration of the current track in seconds; 0 when unknown. It may be an estimate: where the music has gone on
    /// behind it, the track is as long as that at least.
    pub fn duration(&self) -> f64 {
        let listed = || self.playing().map_or(0.0, |i| i.song.secs);
        let told = self.play.duration.filter(|d| d.is_finite() && *d > 0.0).unwrap_or_else(listed);
        if told > 0.0 { told.max(self.play.position) } else { told }
    }

    /// Whether ticks change anything: a notice fades, a follower is awaited, the session is to be saved.
    pub fn wants_tick(&self) -> bool {
        self.play.state == State::Playing
            || self.notice.is_some()
            || self.play.gap.is_some()
            || self.play.lost.is_some()
            || self.auto.pending.is_some()
    }

    /// The tracks whose signature the queue follows: those of a saved one, else the ones that the user chose.
    pub fn anchor(&self) -> Vec<TrackId> {
        self.auto.following.as_ref().map_or_else(|| self.queue.playlist(), |f| f.members.clone())
    }

    /// The course in words, with how far it is: `↑ tempo 4/12`.
    pub fn course(&self) -> Option<String> {
        let course = self.auto.course?;
        let way = crate::describe::reason::way(&course.way, &self.catalog);
        Some(format!("{way} {}/{}", course.reached.at, course.steps))
    }

    /// What the dimensions mean, where that is known.
    pub fn cards(&self) -> Option<&Cards> {
        self.cards.as_deref()
    }

    /// Whether picks are being asked for.
    pub fn asking(&self) -> bool {
        self.auto.pending.is_some()
    }

    /// The first file of a track, for its name.
    pub fn song(&self, track: TrackId) -> Option<&Arc<Song>> {
        self.catalog.of_track(track)
    }

    /// Says a line to the user.
    pub fn say(&mut self, text: impl AsRef<str>) {
        self.notice = Some(Notice { error: false, text: crate::text::sanitize(text.as_ref()), at: self.now });
    }

    /// Tells the user of something that went wrong.
    pub fn complain(&mut self, text: impl AsRef<str>) {
        let text = crate::text::sanitize(text.as_ref());
        self.outcomes.complain(&text);
        self.notice = Some(Notice { error: true, text, at: self.now });
    }

    /// Takes in what is not on the disk, and says so when that begins, grows beyond what can be kept, or ends.
    pub(in crate::app) fn note_unsaved(&mut self, unsaved: Unsaved) {
        let before = std::mem::replace(&mut self.unsaved, unsaved);
        if self.unsaved.is_empty() != before.is_empty() || self.unsaved.refused > before.refused {
            match self.unsaved.words() {
                words if words.is_empty() => self.say("everything is on the disk again"),
                words => self.complain(words),
            }
        }
    }

    /// Drops a notice that has stood long enough.
    pub(in crate::app) fn fade(&mut self) {
        if self.notice.as_ref().is_some_and(|n| self.now.saturating_sub(n.at) >= NOTICE) {
            self.notice = None;
        }
    }
}
