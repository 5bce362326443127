//! What a second `jukebox` or a script can ask of the running player, and the replies. On the control socket each is one
//! line of JSON.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::duplicates;
use super::find::Finding;
use super::report::{About, Hit, Neighbour, Place, SignatureCard, Status};
use super::set::Side;
use super::tags::TagCard;
use crate::describe::Cards;
use crate::describe::compare::Comparison;
use crate::library::journal::Event;
use crate::library::playlist::{self, smart::Smart};
use crate::queue::next::Sounds;
use crate::queue::taste::TasteReport;
use crate::track::TrackId;

/// What can be asked of a running player. Paths are raw bytes: names need not be UTF-8.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// A command line, as after `:`.
    Command(String),
    /// Play these files or directories' files now, the rest after.
    Open(#[serde(with = "crate::paths::raw::list")] Vec<PathBuf>),
    /// What is going on.
    Status,
    /// The `count` nearest to a file.
    Similar {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// The words of the track at a path.
    Tags(#[serde(with = "crate::paths::raw")] PathBuf),
    /// The tracks that sound as words say.
    Words {
        /// The words.
        text: String,
        /// At most so many.
        count: usize,
    },
    /// The songs that pass a filter.
    Search {
        /// The filter, or what was typed.
        text: String,
        /// Letters in order instead of the filter language.
        fuzzy: bool,
        /// At most so many.
        count: usize,
    },
    /// The signature of a set.
    Signature(Side),
    /// How far two sets are apart.
    Compare(Side, Side),
    /// Save a set's signature under a name.
    Save {
        /// The name.
        name: String,
        /// The set.
        side: Side,
    },
    /// What is known of these tracks, for statistics.
    Songs(Vec<TrackId>),
    /// The songs that a smart playlist means now.
    Smart(Smart),
    /// Where the entries of a playlist lie.
    Find(Vec<playlist::Entry>),
    /// What the dimensions mean.
    Cards,
    /// How every track sounds, for learning what comes next.
    Sounds,
    /// The songs of which there is more than one file.
    Duplicates(duplicates::Kind),
    /// Write what training needs to know of the library into this file.
    Snapshot(#[serde(with = "crate::paths::raw")] PathBuf),
    /// What was learned of the user's taste.
    Taste,
    /// Three tracks of which one is to be called odd.
    Triplet {
        /// Chance.
        seed: u64,
    },
    /// Give a dimension a name; an empty one takes the user's own away. Answered by [`Reply::Said`].
    Rename {
        /// Its number or name.
        dim: String,
        /// The name.
        name: String,
    },
    /// Write something of taste into the journal.
    Note(Event),
}

/// What a running player answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Carried out.
    Done,
    /// Carried out; what was done, in words.
    Said(String),
    /// Not possible; why and what would be.
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
        /// How many there are in all.
        all: usize,
    },
    /// Answer to [`Request::Songs`]: none for a track that the library has not.
    Songs(Vec<Option<About>>),
    /// Answer to [`Request::Find`]: none for an entry that the library has not.
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
    /// Answer to [`Request::Snapshot`]: how many tracks were written.
    Snapshot(usize),
    /// Answer to [`Request::Taste`].
    Taste(Box<TasteReport>),
    /// Answer to [`Request::Triplet`].
    Triplet {
        /// The three.
        tracks: Vec<TrackId>,
        /// Their songs, in the same order.
        songs: Vec<Hit>,
        /// Whether the answer is to be held out.
        held_out: bool,
    },
}
