//! The effects that `update` asks for; worker threads carry them out and answer with a [`super::Msg`].

use std::path::PathBuf;
use std::sync::Arc;

use crate::ask::event::Happening;
use crate::audio;
use crate::config::Changes;
use crate::latent::Choice;
use crate::library::journal::Event;
use crate::library::playlist::{Playlist, smart::Smart};
use crate::library::rows::Wanted;
use crate::library::{Mood, Song};
use crate::sound::trace::Piece;
use crate::track::TrackId;

use super::commands::screen::ScreenAction;
use super::face::Face;
use super::outcomes::{Asker, Outcome};
use super::sets::Whom;
use super::state::bounds::Until;
use super::state::covers;
use super::state::lists::Placing;
use super::state::session::{Place, Saving};
use crate::ask::map::{Area, Charting};
use crate::ask::names::Part;
use crate::ask::set::Side;
use crate::queue::Situation;

/// A side effect to be carried out outside the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The player could not read this file.
    Suspect {
        /// The file.
        path: PathBuf,
        /// Whether the file was missing; such a fault is withdrawn once the file is back.
        missing: bool,
    },
    /// Send a command to the player.
    Player(audio::Command),
    /// Ask an engine for tracks; answered by `Msg::Picks`.
    Propose {
        /// Number of the request.
        request: u64,
        /// The engine's name.
        engine: String,
        /// The engine's view of the session.
        situation: Box<Situation>,
        /// The dimensions to use.
        choice: Choice,
        /// Number of tracks wanted.
        want: usize,
    },
    /// Find out how long it is until a time of day; answered by `Msg::Until`.
    Until {
        /// Minutes after midnight.
        minute: u16,
        /// What for.
        asked: Until,
    },
    /// Describe the playlist's signature; answered by `Msg::Signature`.
    Signature {
        /// Members.
        playlist: Vec<TrackId>,
        /// The dimensions to use.
        choice: Choice,
    },
    /// Work out what a trial would bring; answered by `Msg::Tried`, then `Msg::Trusted`.
    Try(Box<Trying>),
    /// Save, read or compare signatures; each [`SetOrder`] names the message that answers it.
    Sets(SetOrder),
    /// Find the songs that a smart playlist selects; answered by `Msg::Queue`.
    Smart {
        /// Its name.
        name: String,
        /// Its filter, order and limit.
        smart: Smart,
        /// Where they go.
        placing: Placing,
    },
    /// Find tracks like those of a saved playlist; answered by `Msg::Expand`.
    Expand(Box<Expanding>),
    /// Find tracks that were liked and not heard for long; answered by `Msg::Queue`.
    Rediscover(Box<Rediscovering>),
    /// Make the day's mixes, unless nobody asks and they are made or not wanted; answered by `Msg::Mixes`.
    Mix(Box<Mixing>),
    /// Find the songs of a loaded playlist in the library; answered by `Msg::Queue`.
    Playlist {
        /// Its name.
        name: String,
        /// What it holds.
        playlist: Box<Playlist>,
        /// Where they go.
        placing: Placing,
    },
    /// Prepare the search texts of filters or of fuzzy search, so that the first letter is answered without delay.
    ReadySearch {
        /// Whether those of fuzzy search.
        fuzzy: bool,
    },
    /// Find the songs that pass a filter; answered by `Msg::Filtered`.
    Filter {
        /// The filter.
        text: String,
        /// The tracks that the queue follows, for the field `fit`.
        followed: Vec<TrackId>,
        /// The dimensions to use for it.
        choice: Choice,
    },
    /// Build the rows of the library's list; answered by `Msg::Arranged`.
    Arrange(Box<Wanted>),
    /// See to the map.
    Map(MapOrder),
    /// Draw up a part of the map; answered by `Msg::Charted`.
    Chart(Box<Charting>),
    /// Find the songs in an area of the map; answered by `Msg::Within`.
    Within(Area),
    /// Look at the track at this path for the info panel; answered by `Msg::Inspected`.
    Inspect(PathBuf),
    /// List the words (tags) of the track at this path; answered by `Msg::Told`.
    Words(PathBuf),
    /// Explain how a `find:` question is interpreted and why tracks match; answered by `Msg::Explained`.
    Explain(String),
    /// Give a dimension another name; answered by `Msg::Names` and a notice.
    Rename {
        /// Its number or name.
        dim: String,
        /// The name; empty removes the user's name.
        name: String,
    },
    /// List the songs that the library has more than one file of; answered by `Msg::Told`.
    Duplicates,
    /// Read the lyrics of this file; answered by `Msg::Lyrics`.
    Lyrics(PathBuf),
    /// Look at trainings or change something about them; answered by notices, `Msg::Runs` and `Msg::Told`.
    Train(TrainOrder),
    /// Read a cover; answered by `Msg::Cover`.
    Cover(Box<covers::Wanted>),
    /// Make the trace of this piece of a file, and of no other any more; answered by `Msg::Traced`.
    Trace(Option<(PathBuf, Piece)>),
    /// Draw the spectrograms of the beginnings of these files, and of no others any more; answered by `Msg::Figure`.
    Figures(Vec<PathBuf>),
    /// Read what the user saved; answered by `Msg::Lists`.
    Lists,
    /// Count the songs of a smart playlist, given as it is typed; answered by `Msg::Counted`.
    Count(String),
    /// Describe the dimensions; answered by `Msg::Cards`.
    Cards,
    /// Report what was learned of the user's taste; answered by `Msg::Told`.
    Taste,
    /// Analyse this file, which is to play, before everything else.
    Prefer {
        /// The file.
        path: PathBuf,
        /// Whether the user chose it, so that picks are to be like it.
        chosen: bool,
    },
    /// Compare the music directory with the library now. [`Msg::Scanned`](super::Msg::Scanned) answers with the highest
    /// number that came before its scan began; 0 for a scan that nobody waits for.
    Rescan(u64),
    /// Write into the user's journal, and into the log of listens if there is one, that a track was played or skipped.
    Heard {
        /// The song.
        song: Arc<Song>,
        /// Seconds heard.
        secs: f64,
        /// Whether that is the whole of it.
        whole: bool,
        /// Whether it ended by itself, be it because the user sought its end.
        ended: bool,
    },
    /// Write any other event into the user's journal.
    Note(Event),
    /// Read or change the user's playlists; answered by notices, `Msg::PlaylistNames` and `Msg::Playlist`.
    Playlists(PlaylistOrder),
    /// Read or change the moods; answered by notices, `Msg::Moods` and `Msg::Told`.
    Moods(MoodOrder),
    /// Change the files of saved signatures; answered by notices, `Msg::SavedNames` and `Msg::Moods`.
    Signatures(SignatureOrder),
    /// Load another theme (carried out by the ui).
    Theme(String),
    /// Load the theme in use anew (carried out by the ui).
    Themes,
    /// Carry out what has changed in the configuration and takes effect at once (carried out by the ui).
    Settings(Box<Changes>),
    /// A screen command that did not come from the screen itself (carried out by the ui).
    Screen(ScreenAction),
    /// Carry out an effect for a client that waits: wrap the resulting messages in `Msg::For`, then send `Msg::Ended`.
    For {
        /// Who waits.
        asker: Asker,
        /// The effect.
        effect: Box<Effect>,
    },
    /// Report the outcome of a command to its sender.
    Answer {
        /// Who waits.
        asker: Asker,
        /// Success with what was said, or the error in one line.
        outcome: Outcome,
    },
    /// Tell the followers of the session what happened.
    Announce {
        /// What has changed.
        changed: Vec<Happening>,
        /// Everything as it is, for followers who have joined since the last announcement; empty if there are none.
        all: Vec<Happening>,
    },
    /// Send the state of the session to whoever asked by [`super::Msg::Look`].
    Face {
        /// Who asked.
        asker: Asker,
        /// The session.
        face: Box<Face>,
    },
    /// Save the session; requested at most every few seconds while it changes, and before [`Effect::Quit`].
    Save(Box<Saving>),
    /// Save the place in the session that was saved last; requested at most every few seconds while it changes.
    SavePlace(Box<Place>),
    /// Exit.
    Quit,
}

/// What is asked about the trainings of encoders, and about the encoder in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrainOrder {
    /// Report the runs from now on whenever their files change, or no longer.
    Watch(bool),
    /// Start a training in a process of its own, with these arguments of `jukebox train`.
    Start(Vec<String>),
    /// Go on with the run of this name, or with the last one that can be gone on with.
    Resume(Option<String>),
    /// Ask the training that runs to stop.
    Stop,
    /// Use the encoder of the run of this name, or of the last one that has one.
    Publish(Option<String>),
    /// List the encoders.
    Models,
    /// Use the encoder of this name.
    Use(String),
    /// Use the encoder that was in use before.
    Rollback,
}

/// A trial to be worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Trying {
    /// Number of the trial's request.
    pub request: u64,
    /// Whose signature it is.
    pub whom: Whom,
    /// The set to compare it with.
    pub beside: Option<Whom>,
    /// The engine that would propose.
    pub engine: String,
    /// The session as the queue's next request would describe it; without a playlist where `whom` is to be looked up.
    pub situation: Situation,
    /// The dimensions; `None` for the set's own choice.
    pub choice: Option<Choice>,
    /// Number of tracks that the queue would ask for.
    pub want: usize,
    /// Number that the queue's next request would have.
    pub number: u64,
}

/// What is to be found for a saved playlist.
#[derive(Clone, Debug, PartialEq)]
pub struct Expanding {
    /// The playlist's name.
    pub name: String,
    /// At most so many tracks.
    pub count: usize,
    /// How well they fit at least, in percent.
    pub fit: u8,
    /// The session, without tracks.
    pub situation: Situation,
}

/// What is to be found of what was liked.
#[derive(Clone, Debug, PartialEq)]
pub struct Rediscovering {
    /// At most so many tracks.
    pub count: usize,
    /// Not heard for more than so many days.
    pub days: u32,
    /// The session.
    pub situation: Situation,
}

/// Mixes to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixing {
    /// Whether the user asks for them; else they are made if those of another day are kept.
    pub asked: bool,
    /// The session, without tracks.
    pub situation: Situation,
}

/// An operation on signatures of sets, off the ui thread.
#[derive(Clone, Debug, PartialEq)]
pub enum SetOrder {
    /// Save a signature; answered by a notice and `Msg::SavedNames`.
    Save {
        /// Its name.
        name: String,
        /// The set.
        side: Side,
    },
    /// Load a saved signature to be followed; answered by `Msg::Follow`.
    Use(String),
    /// Load a mood's signature, to be followed during its hours; answered by `Msg::Mood`.
    Mood(String),
    /// Find the points of a journey; answered by `Msg::Journey`.
    Journey {
        /// Where it begins.
        from: Part,
        /// Where it ends.
        to: Part,
        /// What it goes by, in this order.
        via: Vec<Part>,
        /// Number of tracks.
        steps: u16,
        /// Which way it takes; `None` for any.
        seed: Option<u32>,
    },
    /// Resolve the sets of a blend; answered by `Msg::Blend`.
    Blend {
        /// The sets to be like.
        plus: Vec<Part>,
        /// The sets to be unlike.
        minus: Vec<Part>,
    },
    /// List the saved signatures; answered by `Msg::Told`.
    List,
    /// Compare two sets; answered by `Msg::Told`.
    Compare(Side, Side),
    /// Write a signature as JSON into a new file; answered by a notice.
    Export {
        /// The set.
        side: Side,
        /// The file to create.
        file: PathBuf,
    },
}

/// What is to happen with the map; answered by `Msg::Map`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapOrder {
    /// It came on the screen: it is read or made, and has every track from now on.
    Show,
    /// It left the screen: new tracks are placed when it is shown again.
    Hide,
    /// Lay it out anew.
    Refit,
    /// Give up the work on it; a former map stays. It is begun anew when it is asked for by `Refit`.
    Stop,
}

/// An operation on the moods, off the ui thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoodOrder {
    /// Send the moods to the session.
    Names,
    /// List the moods for the user.
    List,
    /// Save a mood.
    Put(Mood),
    /// Delete a mood.
    Delete(String),
    /// Carry out a change that can be undone, as [`PlaylistOrder::Step`] does.
    Step(u64, Box<MoodOrder>),
}

/// A change of the files of saved signatures, off the ui thread. The mood of a signature goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureOrder {
    /// Delete a signature, and its mood.
    Delete(String),
    /// Rename a signature, and its mood.
    Rename(String, String),
    /// Copy a signature under another name.
    Duplicate(String, String),
    /// Carry out a change that can be undone, as [`PlaylistOrder::Step`] does.
    Step(u64, Box<SignatureOrder>),
}

/// An operation on the user's playlists, off the ui thread.
#[derive(Clone, Debug, PartialEq)]
pub enum PlaylistOrder {
    /// Send the playlists' names to the session.
    Names,
    /// List the playlists' names for the user.
    List,
    /// Save a playlist under a name; the flag allows replacing an existing one.
    Save(String, Box<Playlist>, bool),
    /// Append to a playlist, which is created if necessary.
    Add(String, Box<Playlist>),
    /// Carry out a change, and keep how its files were under this number. Answered like the change; if it failed, also
    /// by `Msg::StepFailed`.
    Step(u64, Box<PlaylistOrder>),
    /// Undo the change with this number, be it of playlists, signatures or moods; if that is not possible now, answered also by `Msg::StepStays`.
    Undo {
        /// Its number.
        step: u64,
        /// The change, for display.
        what: String,
    },
    /// Load a playlist into the queue.
    Open {
        /// Its name.
        name: String,
        /// Where its songs go.
        placing: Placing,
    },
    /// Save a smart playlist under a name; the flag allows replacing an existing one.
    Smart(String, Smart, bool),
    /// Let the mixes of a day, each with the name that it is to have, take the place of those of another one.
    Mix {
        /// Whether the user has asked for them; else they are not wanted if there are none to take the place of.
        asked: bool,
        /// The day: `2026-11-30`.
        day: String,
        /// The mixes.
        lists: Vec<(String, Playlist)>,
    },
    /// Remove the day's mixes, and make no more.
    Unmix,
    /// Delete a playlist.
    Delete(String),
    /// Rename a playlist.
    Rename(String, String),
    /// Copy a playlist under another name.
    Duplicate(String, String),
    /// Export a playlist to a file; the flag allows overwriting an existing file.
    Export(String, PathBuf, bool),
    /// Write these tracks to a playlist file; the flag allows overwriting an existing file.
    Write(PathBuf, Box<Playlist>, bool),
}
