//! Every message that [`update`](super) handles.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use crate::analysis::Progress;
use crate::analysis::changes::Change;
use crate::ask::error::SearchError;
use crate::ask::inspect::Inspection;
use crate::ask::map::{Area, Chart, Charting, News};
use crate::ask::trial::Tried;
use crate::audio;
use crate::config::Changes;
use crate::describe::Cards;
use crate::latent::{Choice, Fits, Names, Space};
use crate::library::journal::{Entry, Tallies};
use crate::library::lyrics::Read;
use crate::library::playlist::{Playlist, smart::Smart};
use crate::library::rows::{Rows, Wanted};
use crate::library::unsupported::Unsupported;
use crate::library::{Catalog, Mood, Song};
use crate::notice::Kind;
use crate::picture::Drawn;
use crate::picture::Panel;
use crate::queue::{Blend, Proposal};
use crate::sound::Loudness;
use crate::sound::trace::{Piece, Trace};
use crate::track::{FileFault, TrackId};
use crate::training::runs::Board;

use super::commands::Action;
use super::commands::row::Selection;
use super::outcomes::Asker;
use super::state::bounds::Until;
use super::state::covers;
use super::state::lists::{Counted, Listed, Placing};
use super::state::log::Matter;

pub use super::state::Unsaved;
pub use crate::latent::{DimReport, SignatureReport};
pub use crate::queue::Situation;

/// An event or an answer from a worker thread.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A command that was typed, triggered by a key or sent through the socket.
    Command {
        /// The parsed command.
        action: Action,
        /// The selection when the command was given; empty from the socket.
        selection: Selection,
    },
    /// Play these files, the first one now; from the command line or a second `jukebox`.
    Open(Vec<PathBuf>),
    /// Add the songs at or below these paths to what the user chose: right after the playing track, or last.
    Add {
        /// Files and directories.
        paths: Vec<PathBuf>,
        /// Whether they come right after the playing track.
        next: bool,
    },
    /// A message on behalf of a client whose command is being carried out (see [`super::outcomes`]).
    For {
        /// Who waits for the outcome.
        asker: Asker,
        /// The command, or a worker's answer to it.
        msg: Box<Msg>,
    },
    /// A client asks for the state of the session; answered by `Effect::Face`.
    Look(Asker),
    /// Somebody more follows the session now: it is to hear everything as it is, and from then on what changes.
    Announce,
    /// The user gave a line or pressed the keys of a command: what was said before is not about it.
    Accepted,
    /// A worker has finished a piece of work for a command of this asker.
    Ended(Asker),
    /// The session cannot go on; the text says why.
    Fatal(String),
    /// An event of the player.
    Player(audio::Event),
    /// The catalog as of the end of the last session; sent before the first [`Msg::Catalog`], or not at all.
    Preview(Arc<Catalog>),
    /// A new catalog.
    Catalog(Arc<Catalog>),
    /// The whole music directory was scanned: a file missing from the last catalog was not there when the scan began.
    Scanned {
        /// Except below these paths.
        unsure: Arc<[PathBuf]>,
        /// The highest number of an [`Effect::Rescan`](super::Effect::Rescan) that came before the scan began; 0 for none.
        asked: u64,
    },
    /// How far scanning and analysis are.
    Progress(Progress),
    /// Answer to [`super::Effect::Propose`]: what the policy picked, best first.
    Picks {
        /// The request's number; an answer to an older request is ignored.
        request: u64,
        /// The picks.
        picks: Vec<Proposal>,
        /// A note for the user, such as that the engine failed and the built-in one was used instead.
        note: Option<String>,
    },
    /// Comes before [`Msg::Picks`] where the limits of the queue left fewer tracks than were wanted.
    Scarce {
        /// The request's number.
        request: u64,
        /// What they leave, which they are, and how they are relaxed.
        text: String,
    },
    /// Answer to [`super::Effect::Until`].
    Until {
        /// Minutes after midnight.
        minute: u16,
        /// How many seconds it is until then; at most a day.
        secs: f64,
        /// What it was asked for.
        asked: Until,
    },
    /// Answer to [`super::Effect::Signature`].
    Signature(Box<SignatureReport>),
    /// Answer to [`super::Effect::Try`].
    Tried {
        /// The request's number; an answer to an older request is ignored.
        request: u64,
        /// The trial, or why there is none.
        tried: Result<Box<Tried>, String>,
    },
    /// How far what was tried is to be trusted; sent after [`Msg::Tried`] as soon as there is time.
    Trusted {
        /// The request's number.
        request: u64,
        /// Leave-one-out AUC; `None` with too few tracks.
        confidence: Option<f64>,
    },
    /// The descriptions of the dimensions.
    Cards(Arc<Cards>),
    /// The view of the playlists was opened; answered by [`Msg::Lists`].
    Browse,
    /// What the user saved, with its songs; without moods, which the session adds.
    Lists(Vec<Listed>),
    /// The line of a smart playlist is being typed: its songs are to be counted. Sent with every letter.
    Count(String),
    /// Answer to [`super::Effect::Count`].
    Counted(Counted),
    /// How well every track fits what the queue follows.
    Fits(Arc<Fits>),
    /// The current names of the dimensions, and the encoder's words.
    Names(Arc<Names>),
    /// The explanation of the answer to a `find:` question.
    Explained {
        /// The question.
        title: String,
        /// The answer.
        lines: Vec<String>,
        /// The parts of the question that were not understood.
        notes: Vec<String>,
    },
    /// The names of the saved signatures.
    SavedNames(Vec<String>),
    /// A saved signature, and its mood, have another name now. Sent before the new names.
    SignatureRenamed {
        /// The former name.
        from: String,
        /// The name.
        to: String,
    },
    /// A saved signature was loaded: the queue is to follow it.
    Follow {
        /// Its name.
        name: String,
        /// Its tracks that are in the library.
        members: Vec<TrackId>,
        /// Its dimensions.
        choice: Choice,
    },
    /// The points of a journey were found.
    Journey {
        /// Where it begins.
        from: TrackId,
        /// Where it ends.
        to: TrackId,
        /// What it goes by, in this order.
        via: Vec<TrackId>,
        /// Number of tracks.
        steps: u16,
        /// Which way it takes; `None` for any.
        seed: Option<u32>,
    },
    /// The sets of a blend were resolved: the queue is to follow it.
    Blend {
        /// Its name for the user.
        name: String,
        /// The sets.
        blend: Blend,
    },
    /// The signature of a mood was loaded: the queue is to follow it during the mood's hours.
    Mood {
        /// Its name.
        name: String,
        /// Its tracks that are in the library.
        members: Vec<TrackId>,
        /// Its dimensions.
        choice: Choice,
    },
    /// The user's moods.
    Moods(Vec<Mood>),
    /// The hour of the local time, 0 to 23; sent at the start and when it changes.
    Hour(u8),
    /// An answer of several lines to be displayed.
    Told {
        /// Its title.
        title: String,
        /// The answer.
        lines: Vec<String>,
    },
    /// The measured loudness of whole tracks.
    Loudness(Arc<HashMap<TrackId, Loudness>>),
    /// The latents and descriptors of the analysed tracks.
    Space(Arc<Space>),
    /// More tracks were analysed: the result of a filter on sound may have changed.
    Heard,
    /// A filter or a fuzzy search is about to be typed: its search texts can be prepared.
    FilterOpened {
        /// Whether it is a fuzzy search.
        fuzzy: bool,
    },
    /// Show only the songs that pass this filter; an empty one shows all. Sent with every letter typed.
    Filter(String),
    /// The screen wants other rows of the library's list.
    Arrange(Box<Wanted>),
    /// Answer to [`super::Effect::Arrange`].
    Arranged(Box<Rows>),
    /// The map came on the screen, or left it.
    MapShown(bool),
    /// The map is to be laid out anew.
    Refit,
    /// The work on the map is to be given up.
    StopMap,
    /// How far the map is.
    Map(News),
    /// The screen wants a part of the map.
    Chart(Box<Charting>),
    /// Answer to [`super::Effect::Chart`].
    Charted(Box<Chart>),
    /// The songs in an area of the map are wanted.
    Area(Area),
    /// Answer to [`super::Effect::Within`].
    Within(Vec<Arc<Song>>),
    /// The info panel shows the track at this path.
    Inspect(PathBuf),
    /// Answer to [`super::Effect::Inspect`].
    Inspected(Box<Inspection>),
    /// Answer to [`super::Effect::Filter`].
    Filtered {
        /// The filter.
        text: String,
        /// The songs, or what is wrong with the filter.
        found: Result<Arc<Catalog>, SearchError>,
        /// Where it found nothing: what a similar filter would find.
        hint: Option<String>,
    },
    /// An entry was written to the journal.
    Noted(Entry),
    /// Entries were imported into the journal.
    Imported {
        /// Plays, ratings and the like, summed over the whole journal.
        tallies: Box<Tallies>,
        /// The tracks heard last according to it, each once, the latest last.
        heard: Vec<TrackId>,
    },
    /// Answer of the engine to an undone judgement of taste.
    TasteUndone {
        /// Whether there was nothing to undo.
        error: bool,
        /// What was undone.
        text: String,
    },
    /// What is not yet written to the disk; sent when that changes.
    Unsaved(Unsaved),
    /// The names of the saved playlists.
    PlaylistNames(Vec<String>),
    /// Tracks were added to the playlist of this name, and are on the disk.
    Added(String),
    /// The change of playlists with this number was not carried out, or cannot be undone.
    StepFailed(u64),
    /// A change of playlists could not be undone now, but later perhaps.
    StepStays {
        /// Its number.
        step: u64,
        /// The change, for display.
        what: String,
    },
    /// A saved playlist was loaded: its songs are to be queued.
    Playlist {
        /// Its name.
        name: String,
        /// What it holds.
        playlist: Box<Playlist>,
        /// Where its songs go.
        placing: Placing,
    },
    /// A smart playlist was loaded: the songs that it selects are to be queued.
    Smart {
        /// Its name.
        name: String,
        /// Its filter, order and limit.
        smart: Smart,
        /// Where they go.
        placing: Placing,
    },
    /// Answer to [`super::Effect::Expand`]: these songs are to be added to a saved playlist.
    Expand {
        /// Its name.
        name: String,
        /// The songs.
        songs: Vec<Arc<Song>>,
    },
    /// Answer to [`super::Effect::Mix`]: these mixes are to be kept as playlists.
    Mixes {
        /// Whether the user has asked for them.
        asked: bool,
        /// The day: `2026-11-30`.
        day: String,
        /// The mixes, each with the name that it is to have.
        lists: Vec<(String, Playlist)>,
    },
    /// These songs are to be queued.
    Queue {
        /// The name of the playlist they come from.
        name: String,
        /// The songs.
        songs: Vec<Arc<Song>>,
        /// A suffix for the notice, after the number of tracks: `, 1 moved`.
        notes: String,
        /// Where they go.
        placing: Placing,
    },
    /// A file that cannot be used, for `:errors`.
    Fault {
        /// The file.
        path: PathBuf,
        /// Why.
        why: FileFault,
    },
    /// A file listed in `:errors` is usable again or gone.
    FaultGone(PathBuf),
    /// The files whose formats cannot be played.
    Unsupported(Arc<Unsupported>),
    /// The user has changed the configuration.
    Settings(Box<Changes>),
    /// The user's theme files have changed.
    Themes,
    /// The view of the trainings came on the screen, or left it.
    TrainShown(bool),
    /// The trainings as they are now.
    Runs(Arc<Board>),
    /// The lyrics came on the screen, or left it.
    LyricsShown(bool),
    /// Answer to [`super::Effect::Lyrics`].
    Lyrics {
        /// The file.
        path: PathBuf,
        /// What was found, or in one line why nothing could be read.
        found: Result<Read, FileFault>,
    },
    /// The screen wants a cover; one that comes while another is being read is not heeded.
    CoverWanted(Box<covers::Wanted>),
    /// A picture that may be a cover came to this directory, changed, or went.
    CoverChanged(PathBuf),
    /// The files that came, moved and went in the music directory.
    Files(Vec<Change>),
    /// Answer to [`super::Effect::Cover`].
    Cover {
        /// What was wanted.
        wanted: Box<covers::Wanted>,
        /// The cover, if there is one.
        found: Option<Arc<Drawn>>,
        /// What could not be read, a line each (sanitised).
        faults: Vec<String>,
    },
    /// The view of the sound came on the screen, or left it.
    SoundShown(bool),
    /// Answer to [`super::Effect::Trace`].
    Traced {
        /// The file.
        path: PathBuf,
        /// The piece of it.
        piece: Piece,
        /// Its trace, or in one line why there is none.
        found: Result<Box<Trace>, FileFault>,
    },
    /// Answer to [`super::Effect::Figures`], for each file.
    Figure {
        /// The file.
        path: PathBuf,
        /// The spectrogram of its beginning, or in one line why there is none.
        found: Result<Box<Panel>, FileFault>,
    },
    /// A line for the status bar that the log keeps whatever its kind.
    Report {
        /// What it is about.
        matter: Matter,
        /// What it is.
        kind: Kind,
        /// The text (sanitised).
        text: String,
    },
    /// A line for the log alone, about the engines.
    Logged(String),
    /// The engines that can be chosen, after the user's plugins have changed.
    Engines(Vec<String>),
    /// A line for the status bar.
    Notice {
        /// What it is.
        kind: Kind,
        /// The text (sanitised).
        text: String,
    },
    /// The clock; sent once a second.
    Tick {
        /// Time since the start.
        now: Duration,
    },
}

impl Msg {
    /// A command with an empty selection.
    pub fn command(action: impl Into<Action>) -> Msg {
        Msg::Command { action: action.into(), selection: Selection::default() }
    }

    /// A notice that something was done.
    pub fn success(text: impl Into<String>) -> Msg {
        Msg::Notice { kind: Kind::Success, text: text.into() }
    }

    /// A notice of something worth knowing.
    pub fn hint(text: impl Into<String>) -> Msg {
        Msg::Notice { kind: Kind::Hint, text: text.into() }
    }

    /// A notice of what stands in the way.
    pub fn obstacle(text: impl Into<String>) -> Msg {
        Msg::Notice { kind: Kind::Obstacle, text: text.into() }
    }

    /// A notice of an error.
    pub fn error(text: impl Into<String>) -> Msg {
        Msg::Notice { kind: Kind::Error, text: text.into() }
    }

    /// A notice of an error of the engines, which the log keeps as such.
    pub fn engine_error(text: impl Into<String>) -> Msg {
        Msg::Report { matter: Matter::Engine, kind: Kind::Error, text: text.into() }
    }

    /// Wraps the message in [`Msg::For`] if a client waits for its outcome.
    pub fn on_behalf(self, asker: Option<Asker>) -> Msg {
        match asker {
            Some(asker) => Msg::For { asker, msg: Box::new(self) },
            None => self,
        }
    }
}
