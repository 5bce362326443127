//! What `update` wants done; workers do it and answer with a [`super::Msg`].

use std::path::PathBuf;

use crate::audio;
use crate::latent::Choice;
use crate::library::Mood;
use crate::library::journal::Event;
use crate::library::playlist::{Playlist, smart::Smart};
use crate::track::TrackId;

use super::commands::screen::ScreenAction;
use super::face::Face;
use super::outcomes::Asker;
use super::state::session::{Place, Saving};
use crate::ask::names::Part;
use crate::ask::set::Side;
use crate::queue::Situation;

/// Something to be done outside the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The player could not read this file.
    Suspect {
        /// The file.
        path: PathBuf,
        /// Because it was not there; that is withdrawn once it is back.
        missing: bool,
    },
    /// Tell the player.
    Player(audio::Command),
    /// Ask an engine for tracks; answered by `Msg::Picks`.
    Propose {
        /// Number of the request.
        request: u64,
        /// The engine's name.
        engine: String,
        /// The session as the engine should see it.
        situation: Situation,
        /// Which dimensions.
        choice: Choice,
        /// How many tracks.
        want: usize,
    },
    /// Describe the playlist's signature; answered by `Msg::Signature`.
    Signature {
        /// Members.
        playlist: Vec<TrackId>,
        /// Which dimensions.
        choice: Choice,
    },
    /// Save, read or compare signatures; answered by a message of the kind that the order says.
    Sets(SetOrder),
    /// Find the songs that a smart playlist means; answered by `Msg::Queue`.
    Smart {
        /// Its name.
        name: String,
        /// What it says.
        smart: Smart,
        /// Whether they take the queue's place.
        replace: bool,
    },
    /// Find the songs of a playlist that was read; answered by `Msg::Queue`.
    Playlist {
        /// Its name.
        name: String,
        /// What it holds.
        playlist: Box<Playlist>,
        /// Whether they take the queue's place.
        replace: bool,
    },
    /// Make the texts ready that filters search, or fuzzy searches: the first letter then finds as fast as the others.
    ReadySearch {
        /// Those of fuzzy searches.
        fuzzy: bool,
    },
    /// Find the songs that pass a filter; answered by `Msg::Filtered`.
    Filter {
        /// The filter.
        text: String,
        /// What the queue follows, for `fit`.
        followed: Vec<TrackId>,
        /// In which dimensions.
        choice: Choice,
    },
    /// Tell the words of the track at a path; answered by `Msg::Told`.
    Words(PathBuf),
    /// Explain how a question in words is understood and why tracks match; answered by `Msg::Explained`.
    Explain(String),
    /// Give a dimension another name; answered by `Msg::Names` and a notice.
    Rename {
        /// Its number or name.
        dim: String,
        /// The name; empty takes the user's away.
        name: String,
    },
    /// Tell the songs of which there is more than one file; answered by `Msg::Told`.
    Duplicates,
    /// Tell what the dimensions mean; answered by `Msg::Cards`.
    Cards,
    /// Tell what was learned of the user's taste; answered by `Msg::Told`.
    Taste,
    /// Analyse this file and its album before everything else.
    Prefer(PathBuf),
    /// Compare the music directory with what is known, now.
    Rescan,
    /// Write a line of the user's journal: a track was played (`true`: to the end) for so many seconds, or skipped.
    Heard {
        /// The track.
        track: TrackId,
        /// Seconds heard.
        secs: f64,
        /// Whether to its end.
        whole: bool,
    },
    /// Write something else into the user's journal.
    Note(Event),
    /// Read or change the user's playlists; answered by notices, `Msg::PlaylistNames` and `Msg::Playlist`.
    Playlists(PlaylistOrder),
    /// Read or change the moods; answered by notices, `Msg::Moods` and `Msg::Told`.
    Moods(MoodOrder),
    /// Load another theme (the ui does it).
    Theme(String),
    /// A command of the screen that came from outside it (the ui does it).
    Screen(ScreenAction),
    /// Do this for somebody who waits for the outcome: send the messages that come of it as `Msg::For`, then `Msg::Ended`.
    For {
        /// Who waits.
        asker: Asker,
        /// What to do.
        effect: Box<Effect>,
    },
    /// Tell whoever sent a command what became of it.
    Answer {
        /// Who waits.
        asker: Asker,
        /// What went wrong, one line.
        outcome: Result<(), String>,
    },
    /// Show how the session stands to whoever asked by [`super::Msg::Look`].
    Face {
        /// Who asked.
        asker: Asker,
        /// The session.
        face: Box<Face>,
    },
    /// Write the session down; comes at most every few seconds when it changed, and before [`Effect::Quit`].
    Save(Box<Saving>),
    /// Write down the place in the session that was saved last; comes at most every few seconds while it changes.
    SavePlace(Box<Place>),
    /// End.
    Quit,
}

/// Something to be done with signatures of sets, off the ui's thread.
#[derive(Clone, Debug, PartialEq)]
pub enum SetOrder {
    /// Save one; answered by a notice and `Msg::SavedNames`.
    Save {
        /// Its name.
        name: String,
        /// What.
        side: Side,
    },
    /// Read one to be followed; answered by `Msg::Follow`.
    Use(String),
    /// Read one to be followed at its hours; answered by `Msg::Mood`.
    Mood(String),
    /// Find the ends of a journey; answered by `Msg::Journey`.
    Journey {
        /// Where it begins.
        from: Part,
        /// Where it ends.
        to: Part,
        /// In how many tracks.
        steps: u16,
    },
    /// Find the sets of a blend; answered by `Msg::Blend`.
    Blend {
        /// To be like.
        plus: Vec<Part>,
        /// To be unlike.
        minus: Vec<Part>,
    },
    /// Name the saved ones; answered by `Msg::Told`.
    List,
    /// Remove one; answered by a notice and `Msg::SavedNames`.
    Delete(String),
    /// Compare two sets; answered by `Msg::Told`.
    Compare(Side, Side),
    /// Write one as JSON into a new file; answered by a notice.
    Export {
        /// What.
        side: Side,
        /// Where.
        file: PathBuf,
    },
}

/// Something to be done with the moods, off the ui's thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoodOrder {
    /// Tell them to the session.
    Names,
    /// Show them to the user.
    List,
    /// Keep one.
    Put(Mood),
    /// Forget one.
    Delete(String),
}

/// Something to be done with the user's playlists, off the ui's thread.
#[derive(Clone, Debug, PartialEq)]
pub enum PlaylistOrder {
    /// Tell their names to the session.
    Names,
    /// Show their names to the user.
    List,
    /// Keep one under a name; whether in the place of one that is there.
    Save(String, Box<Playlist>, bool),
    /// Add to one, or make it.
    Add(String, Box<Playlist>),
    /// Read one to be queued, at the end or in the queue's place.
    Open {
        /// Its name.
        name: String,
        /// Whether it takes the queue's place.
        replace: bool,
    },
    /// Keep a filter under a name; whether in the place of one that is there.
    Smart(String, Smart, bool),
    /// Remove one.
    Delete(String),
    /// Give one another name.
    Rename(String, String),
    /// Write one into a file; whether over one that is there.
    Export(String, PathBuf, bool),
    /// Write these tracks into a file; whether over one that is there.
    Write(PathBuf, Box<Playlist>, bool),
}
