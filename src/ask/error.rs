//! Errors of questions about the library. Those who asked are shown their `Display` form, which is one line except for
//! [`SearchError`].

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use crate::latent::Choice;
use crate::latent::choice::ChoiceError;
use crate::latent::lexicon::NO_WORDS;
use crate::library::filter::Fault;
use crate::library::lyrics::WordsError;
use crate::library::playlist::sort::KeysError;
use crate::library::signatures::SignatureError;
use crate::text::{printable, sanitize, shown};

/// The most candidates for a name that are listed.
const LISTED: usize = 4;

/// Why nothing can be said of the track at a path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TrackError {
    /// The library has no such file.
    #[error("{}: not in the library; `jukebox scan` it", .0.display())]
    NotInLibrary(PathBuf),
    /// It has no latent.
    #[error("{}: not analysed yet", .0.display())]
    NotAnalysed(PathBuf),
    /// No signature can be made of it.
    #[error("{}: has no signature", .0.display())]
    NoSignature(PathBuf),
    /// No other track has a latent.
    #[error("nothing to compare {} with: no other track is analysed yet", .0.display())]
    Alone(PathBuf),
    /// It was listened to by an encoder without words.
    #[error("{}: its words are not known yet; they come when it is listened to again", .0.display())]
    Unworded(PathBuf),
    /// The encoder in use has no words.
    #[error(transparent)]
    Word(#[from] WordError),
}

/// Why a word is none of the encoder's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WordError {
    /// The encoder in use has none.
    #[error("{}", NO_WORDS)]
    NoWords,
    /// It has others.
    #[error("no tag '{}'; {}the tags are: {}", sanitize(word), meant(near), there.join(", "))]
    Unknown {
        /// What was asked for.
        word: String,
        /// Those that are spelt like it.
        near: Vec<String>,
        /// All that there are.
        there: Vec<String>,
    },
}

fn meant(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("did you mean {}? ", near.join(" or ")) }
}

/// Why a set of tracks has no signature, or cannot be compared or saved.
#[derive(Debug, Error)]
pub enum SetError {
    /// The library is to be compared with itself.
    #[error("comparing the library with itself; name something else as well")]
    Itself,
    /// In no dimension something is known of both sets.
    #[error("there is no dimension in which both are known")]
    NothingShared,
    /// None of its tracks is in the library, so there is nothing to save.
    #[error("nothing to save: no track of it is in the library")]
    NothingToSave,
    /// No track of the library has a latent.
    #[error("nothing is analysed yet")]
    EmptySpace,
    /// The library has none of its files.
    #[error("none of these files is in the library; `jukebox scan` it")]
    NotInLibrary,
    /// None of its files has a latent.
    #[error("none of these files is analysed yet")]
    FilesNotAnalysed,
    /// No track of the set with this label has a latent.
    #[error("nothing of {0} is analysed yet")]
    NotAnalysed(String),
    /// Its tracks have latents, but no values in the dimensions of this choice.
    #[error("nothing is known of these tracks in {0}")]
    NotInDimensions(Choice),
    /// What was asked for is no choice of dimensions.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// The choice that was saved with a signature is none.
    #[error("the signature '{name}': {cause}")]
    SavedChoice {
        /// The signature's name.
        name: String,
        /// Why not.
        #[source]
        cause: ChoiceError,
    },
    /// The saved signature does not exist, or its file cannot be read or written.
    #[error(transparent)]
    Saved(#[from] SignatureError),
}

/// Why a name means no tracks, or not one track.
#[derive(Debug, Error)]
pub enum NameError {
    /// Nothing has this name.
    #[error("no track, artist, album or saved signature '{}'", sanitize(.0))]
    Unknown(String),
    /// It could be several things.
    #[error("'{}' could be {}", sanitize(name), listed(candidates))]
    Ambiguous {
        /// The name.
        name: String,
        /// What it could be, sorted.
        candidates: Vec<String>,
    },
    /// It is a saved signature whose tracks have all left the library.
    #[error("none of the tracks of '{name}' is in the library")]
    Gone {
        /// The signature's name.
        name: String,
        /// How many tracks it had.
        missing: usize,
    },
    /// What it means is a set that has no middle, or a saved signature that cannot be read.
    #[error(transparent)]
    Set(#[from] SetError),
}

/// The first few names, quoted and joined.
fn listed(names: &[String]) -> String {
    let first: Vec<String> = names.iter().take(LISTED).map(|name| format!("\"{}\"", sanitize(name))).collect();
    format!("{}{}", first.join(", "), if names.len() > LISTED { " …" } else { "" })
}

/// Why a search finds nothing. The `Display` form has the filter and its faulty part below; [`SearchError::line`] has not.
#[derive(Clone, Debug, Error)]
pub enum SearchError {
    /// The filter is none.
    #[error("{}", pointed(.0))]
    Filter(#[from] Fault),
    /// The filter refers to a track that is not in the library.
    #[error("like({}): not in the library", .0.display())]
    NotInLibrary(PathBuf),
    /// The filter refers to a track that nothing can be compared with.
    #[error(transparent)]
    Track(#[from] TrackError),
    /// The filter refers to a word that is none of the encoder's.
    #[error(transparent)]
    Word(#[from] WordError),
    /// The filter refers to lyrics where none are known.
    #[error("lyrics are searched in a running player only")]
    NoLyrics,
    /// The lyrics that the filter refers to cannot be read.
    #[error("{0}")]
    Lyrics(#[from] Arc<WordsError>),
    /// A question in words was not understood.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// A smart playlist's sort keys are none.
    #[error(transparent)]
    SortKeys(#[from] KeysError),
}

/// The fault, the filter, and marks below its faulty part, each on a line.
fn pointed(fault: &Fault) -> String {
    let [shown, marks] = fault.pointed();
    format!("{fault}\n  {shown}\n  {marks}")
}

impl SearchError {
    /// The error in one line, which a line break in a path does not end.
    pub fn line(&self) -> String {
        match self {
            SearchError::Filter(fault) => fault.to_string(),
            other => printable(&other.to_string()).into_owned(),
        }
    }
}

/// Why a question in words has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QuestionError {
    /// There is nothing to find.
    #[error("the library is empty; run `jukebox scan DIR` first")]
    EmptyLibrary,
    /// It has no words.
    #[error("find wants words, like: calm acoustic, no singing")]
    NoWords,
    /// None of its words is known; a note on each.
    #[error("{}", .0.join("; "))]
    NotUnderstood(Vec<String>),
}

/// Why a limit of the queue lets nothing pass.
#[derive(Debug, Error)]
pub enum LimitError {
    /// It is a question or a fuzzy search, which have no answer that all tracks either pass or do not.
    #[error("{limit} {filter}: {}", NO_FILTER)]
    NoFilter {
        /// `only` or `never`.
        limit: &'static str,
        /// What was set.
        filter: String,
    },
    /// It cannot be evaluated.
    #[error("{limit} {filter}: {}", why.line())]
    Search {
        /// `only` or `never`.
        limit: &'static str,
        /// The filter.
        filter: String,
        /// Why not.
        #[source]
        why: SearchError,
    },
}

/// What is said of a question or a fuzzy search where a limit belongs.
pub(super) const NO_FILTER: &str =
    "a limit is a filter such as genre=jazz & rating>=60, no question and no fuzzy search";

/// Why `:rediscover` and `:mix` find nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LikedError {
    /// Nothing that was liked was last heard so long ago.
    #[error(
        "nothing that you loved, rated four stars or heard three times was last heard more than {} ago{}",
        ago(*days),
        nearer.as_ref().map_or(String::new(), |command| format!("; {command} looks back less far"))
    )]
    NoneSoLongAgo {
        /// How many days ago.
        days: u32,
        /// A command that may find something.
        nearer: Option<String>,
    },
    /// All that was found is queued already or kept out by a limit.
    #[error(
        "the queue and its limits leave none of the {found} that you liked and have not heard for {}",
        ago(*days)
    )]
    KeptOut {
        /// How many tracks were found.
        found: usize,
        /// How many days ago they were heard.
        days: u32,
    },
    /// Too few tracks for mixes were heard.
    #[error("mixes need {least} analysed tracks that you have heard; so far there are {heard}")]
    TooFew {
        /// The fewest.
        least: usize,
        /// How many there are.
        heard: usize,
    },
}

fn ago(days: u32) -> String {
    if days == 1 { "1 day".into() } else { format!("{days} days") }
}

shown!(TrackError, QuestionError, LikedError);
