//! What can happen: every message that [`update`](super) takes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use crate::analysis::Progress;
use crate::audio;
use crate::describe::Cards;
use crate::latent::{Choice, Names};
use crate::library::journal::Entry;
use crate::library::playlist::{Playlist, smart::Smart};
use crate::library::{Catalog, Mood, Song};
use crate::queue::{Blend, Proposal};
use crate::sound::Loudness;
use crate::track::{FileFault, TrackId};

use super::commands::Action;
use super::commands::row::Selection;
use super::outcomes::Asker;

pub use super::state::Unsaved;
pub use crate::latent::{DimReport, SignatureReport};
pub use crate::queue::Situation;

/// Something happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A command that was typed, bound to a key or sent through the socket.
    Command {
        /// What it asks for.
        action: Action,
        /// What was selected when it was given; nothing from the socket.
        selection: Selection,
    },
    /// Play these files, the first one now; from the command line or a second `jukebox`.
    Open(Vec<PathBuf>),
    /// A message on behalf of somebody whose command is being carried out (see [`super::outcomes`]).
    For {
        /// Who waits for the outcome.
        asker: Asker,
        /// The command, or what a worker found for it.
        msg: Box<Msg>,
    },
    /// Somebody wants to know how the session stands; answered by `Effect::Face`.
    Look(Asker),
    /// A worker has done a piece of work for a command of this asker.
    Ended(Asker),
    /// The session cannot go on: why.
    Fatal(String),
    /// The player reports.
    Player(audio::Event),
    /// The catalog as it was at the end of the last session; comes before the first [`Msg::Catalog`], or not at all.
    Preview(Arc<Catalog>),
    /// A new catalog.
    Catalog(Arc<Catalog>),
    /// The whole music directory was looked through: what the last catalog does not have is gone, but for what lies below
    /// these paths.
    Scanned(Arc<[PathBuf]>),
    /// How far scanning and analysis are.
    Progress(Progress),
    /// Answer to [`super::Effect::Propose`]: what the policy picked, best first.
    Picks {
        /// The request's number; an answer to an older request is ignored.
        request: u64,
        /// The picks.
        picks: Vec<Proposal>,
        /// Something the user should know: the engine failed and the built-in one served.
        note: Option<String>,
    },
    /// Answer to [`super::Effect::Signature`].
    Signature(Box<SignatureReport>),
    /// What the dimensions mean.
    Cards(Arc<Cards>),
    /// What dimensions are called now, and the encoder's words.
    Names(Arc<Names>),
    /// The answer to a question in words was explained: its lines, and what of it was not understood.
    Explained {
        /// What was asked.
        title: String,
        /// The answer.
        lines: Vec<String>,
        /// What was not understood; empty when all was.
        notes: Vec<String>,
    },
    /// The names of the saved signatures.
    SavedNames(Vec<String>),
    /// A saved signature was read: the queue is to follow it.
    Follow {
        /// Its name.
        name: String,
        /// Its tracks that are in the library.
        members: Vec<TrackId>,
        /// Its dimensions.
        choice: Choice,
    },
    /// The ends of a journey were found.
    Journey {
        /// Where it begins.
        from: TrackId,
        /// Where it ends.
        to: TrackId,
        /// In how many tracks.
        steps: u16,
    },
    /// The sets of a blend were found: the queue is to follow it.
    Blend {
        /// What to call it.
        name: String,
        /// The sets.
        blend: Blend,
    },
    /// The signature of a mood was read: the queue is to follow it while its hours last.
    Mood {
        /// Its name.
        name: String,
        /// Its tracks that are in the library.
        members: Vec<TrackId>,
        /// Its dimensions.
        choice: Choice,
    },
    /// The moods that the user keeps.
    Moods(Vec<Mood>),
    /// The hour by the user's clock, 0 to 23; comes at the start and when it changes.
    Hour(u8),
    /// An answer of several lines, to be shown.
    Told {
        /// What it is.
        title: String,
        /// The answer.
        lines: Vec<String>,
    },
    /// What is known of the loudness of whole tracks.
    Loudness(Arc<HashMap<TrackId, Loudness>>),
    /// More was heard, or heard anew: what filters say of the sound may have changed.
    Heard,
    /// A filter is about to be typed, or letters for a fuzzy search: what it searches can be made ready.
    FilterOpened {
        /// Letters.
        fuzzy: bool,
    },
    /// Show only the songs that pass this filter; an empty one shows all. Comes with every letter that is typed.
    Filter(String),
    /// Answer to [`super::Effect::Filter`].
    Filtered {
        /// The filter.
        text: String,
        /// The songs, or what is wrong.
        found: Result<Arc<Catalog>, String>,
    },
    /// A line went into the journal.
    Noted(Entry),
    /// What was done and is not on the disk, when that changes.
    Unsaved(Unsaved),
    /// The names of the saved playlists.
    PlaylistNames(Vec<String>),
    /// A saved playlist was read: its songs are to be queued.
    Playlist {
        /// Its name.
        name: String,
        /// What it holds.
        playlist: Box<Playlist>,
        /// Whether it takes the queue's place.
        replace: bool,
    },
    /// A smart playlist was read: the songs that it means are to be queued.
    Smart {
        /// Its name.
        name: String,
        /// What it says.
        smart: Smart,
        /// Whether they take the queue's place.
        replace: bool,
    },
    /// These songs are to be queued.
    Queue {
        /// What they are called together.
        name: String,
        /// The songs.
        songs: Vec<Arc<Song>>,
        /// What else to say of them, after the number of tracks: `, 1 moved`.
        notes: String,
        /// Whether they take the queue's place.
        replace: bool,
    },
    /// A file that cannot be used, for `:errors`.
    Fault {
        /// The file.
        path: PathBuf,
        /// Why.
        why: FileFault,
    },
    /// A file that was in `:errors` is well again or gone.
    FaultGone(PathBuf),
    /// A line for the status bar.
    Notice {
        /// Whether it is an error.
        error: bool,
        /// The text (sanitised).
        text: String,
    },
    /// Time goes on; sent once a second.
    Tick {
        /// Since the start.
        now: Duration,
    },
}

impl Msg {
    /// A command that is about nothing that is selected.
    pub fn command(action: impl Into<Action>) -> Msg {
        Msg::Command { action: action.into(), selection: Selection::default() }
    }

    /// The same, on behalf of whoever waits for it.
    pub fn on_behalf(self, asker: Option<Asker>) -> Msg {
        match asker {
            Some(asker) => Msg::For { asker, msg: Box::new(self) },
            None => self,
        }
    }
}
