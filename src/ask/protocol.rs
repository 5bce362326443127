//! Requests to the running player by a second `jukebox` or a script, and the replies. On the control socket each is one
//! line of JSON.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::duplicates;
use super::find::Finding;
use super::report::{About, Hit, Neighbour, Place, SignatureCard, Status};
use super::screen::Terminal;
use super::set::Side;
use super::tags::TagCard;
use crate::describe::Cards;
use crate::describe::compare::Comparison;
use crate::library::journal::{Entry, Event};
use crate::library::playlist::{self, smart::Smart};
use crate::queue::next::Sounds;
use crate::queue::taste::TasteReport;
use crate::track::TrackId;

/// A request to the running player. Paths are raw bytes, since names need not be UTF-8; in lists, text where they are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// A command line, as after `:`.
    Command(String),
    /// Play these files, or the files of these directories: the first one now, the others next.
    Open(#[serde(with = "crate::paths::raw::list")] Vec<PathBuf>),
    /// Add these files, or the files of these directories, to what the user chose.
    Add {
        /// The files and directories.
        #[serde(with = "crate::paths::raw::list")]
        paths: Vec<PathBuf>,
        /// Whether they come right after the playing track, instead of last.
        next: bool,
    },
    /// Follow the player: answered by [`Reply::Done`] and then by a [`super::event::Happening`] per line, first
    /// everything as it is and then what changes, until the connection is closed.
    Follow,
    /// Show the screen of a player without one in this terminal: answered by [`Reply::Done`], and then the connection carries
    /// what [`super::screen`] describes, until either side closes it.
    Attach(Terminal),
    /// The state of the player.
    Status,
    /// The tracks nearest to a file.
    Similar {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// The words (tags) of the track at a path.
    Tags(#[serde(with = "crate::paths::raw")] PathBuf),
    /// The tracks that match a description of their sound.
    Words {
        /// The words.
        text: String,
        /// At most so many.
        count: usize,
    },
    /// The songs that pass a filter.
    Search {
        /// The filter, or the letters of a fuzzy search.
        text: String,
        /// Whether to search fuzzily instead of by the filter language.
        fuzzy: bool,
        /// At most so many.
        count: usize,
    },
    /// The signature of a set.
    Signature(Side),
    /// The distance between two sets.
    Compare(Side, Side),
    /// Save a set's signature under a name.
    Save {
        /// The name.
        name: String,
        /// The set.
        side: Side,
    },
    /// The data of these tracks that statistics need.
    Songs(Vec<TrackId>),
    /// The songs that a smart playlist selects now.
    Smart(Smart),
    /// The files of a playlist's entries.
    Find(Vec<playlist::Entry>),
    /// The descriptions of the dimensions.
    Cards,
    /// How the nearest tracks are found; answered by [`Reply::Said`], or by an error if an index finds too few.
    Index,
    /// Every track's latent scores, for training the next-track model.
    Sounds,
    /// The songs that have more than one file.
    Duplicates(duplicates::Kind),
    /// Write the data of the library that training needs to this file.
    Snapshot(#[serde(with = "crate::paths::raw")] PathBuf),
    /// The same with the descriptors of every track's sound.
    Described(#[serde(with = "crate::paths::raw")] PathBuf),
    /// Write the catalogue of the library to this file, as [`crate::library::snapshot`] does, with `/` for the music directory.
    Catalog(#[serde(with = "crate::paths::raw")] PathBuf),
    /// The report on the learned taste.
    Taste,
    /// Three tracks, of which the user is to choose the odd one out.
    Triplet {
        /// Seed of the random choice.
        seed: u64,
    },
    /// Name a dimension; an empty name removes the user's. Answered by [`Reply::Said`].
    Rename {
        /// Its number or name.
        dim: String,
        /// The name.
        name: String,
    },
    /// Write an event about taste to the journal; others are refused.
    Note(Event),
    /// Add entries to the journal: a part of an import, bounded by the longest request. Answered by [`Reply::Imported`].
    Import {
        /// The entries, in order.
        entries: Vec<Entry>,
        /// How many bytes of the journal's file the import has read. Entries that were written after them are not written
        /// again, and what was set after them stays.
        known: u64,
    },
}

/// The player's reply.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Carried out.
    Done,
    /// Carried out, with a message for the user.
    Said(String),
    /// Failed, with the reason and a way out.
    Error(String),
    /// Answer to [`Request::Status`].
    Status(Box<Status>),
    /// Answer to [`Request::Similar`].
    Similar(Vec<Neighbour>),
    /// Answer to [`Request::Words`].
    Words(Box<Finding>),
    /// Answer to [`Request::Tags`].
    Tags(Box<TagCard>),
    /// Answer to [`Request::Search`] and [`Request::Smart`].
    Found {
        /// The songs.
        hits: Vec<Hit>,
        /// The number of songs found in all.
        all: usize,
    },
    /// Answer to [`Request::Songs`]: `None` for a track that the library does not have.
    Songs(Vec<Option<About>>),
    /// Answer to [`Request::Find`]: `None` for an entry that the library does not have.
    Places(Vec<Option<Place>>),
    /// Answer to [`Request::Signature`].
    Signature(Box<SignatureCard>),
    /// Answer to [`Request::Compare`].
    Comparison(Box<Comparison>),
    /// Answer to [`Request::Cards`].
    Cards(Arc<Cards>),
    /// Answer to [`Request::Sounds`].
    Sounds(Box<Sounds>),
    /// Answer to [`Request::Duplicates`].
    Duplicates(Vec<duplicates::Group>),
    /// Answer to [`Request::Snapshot`] and [`Request::Described`]: the number of tracks written.
    Snapshot(usize),
    /// Answer to [`Request::Taste`].
    Taste(Box<TasteReport>),
    /// Answer to [`Request::Triplet`].
    Triplet {
        /// The three tracks.
        tracks: Vec<TrackId>,
        /// Their songs, in the same order.
        songs: Vec<Hit>,
        /// Whether the answer is held out from learning, to test predictions.
        held_out: bool,
    },
    /// Answer to [`Request::Import`].
    Imported {
        /// How many entries were written, in order.
        written: usize,
        /// How many were left out, because the journal has them by now, or something newer in their place.
        known: usize,
        /// The length of the journal's file then, in bytes: what the next part knows.
        end: u64,
        /// Why not all of the others were written; empty if they were.
        why: String,
    },
}
