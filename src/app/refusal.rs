//! Why a command is not carried out.

use std::borrow::Cow;

use thiserror::Error;

use crate::audio::output::OutputError;
use crate::latent::choice::{ChoiceError, DimensionError};
use crate::latent::names;
use crate::library::filter::Fault;
use crate::library::moods::HoursError;
use crate::library::name::NameError;
use crate::library::playlist::SmartError;
use crate::library::playlist::sort::KeysError;
use crate::queue::plugin::ChainError;
use crate::text::words::SplitError;

/// A fixed text, or one made of names and numbers.
type Words = Cow<'static, str>;

/// Why a command is not carried out: what is wrong with its line, or what stands in its way now. The `Display` form is
/// one line for the user.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    /// The argument is none that the command takes.
    #[error("{command} wants {wants}")]
    Wants {
        /// The command, with its verb if that is meant.
        command: Words,
        /// What it wants, with an example.
        wants: Words,
    },
    /// The command has such an argument, but not this one.
    #[error("{command} takes {takes}")]
    Takes {
        /// The command, with its verb if that is meant.
        command: Words,
        /// What it takes.
        takes: Words,
    },
    /// The argument cannot be split into words.
    #[error(transparent)]
    Words(#[from] SplitError),
    /// The argument is no chain of engines that there are.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The argument is no dimension.
    #[error(transparent)]
    Dimension(#[from] DimensionError),
    /// The argument is no choice of dimensions.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// A dimension cannot have the name.
    #[error(transparent)]
    DimensionName(#[from] names::NameError),
    /// A playlist or a signature cannot have the name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The argument is not the hours of a mood.
    #[error(transparent)]
    Hours(#[from] HoursError),
    /// The argument is no smart playlist.
    #[error(transparent)]
    Smart(#[from] SmartError),
    /// The argument is no order of songs.
    #[error(transparent)]
    SortKeys(#[from] KeysError),
    /// The argument is no filter.
    #[error(transparent)]
    Filter(#[from] Fault),
    /// Another part of the argument with a language of its own: what its reader says of it.
    #[error("{0}")]
    Argument(String),
    /// There is no such command.
    #[error("no command '{word}'; {}", near.map_or(":help lists them".into(), |name| format!("did you mean {name}?")))]
    NoCommand {
        /// The word that was typed.
        word: String,
        /// The command that may be meant.
        near: Option<&'static str>,
    },
    /// Settings are not changed by a command.
    #[error(
        "settings are in a file of yours, which jukebox only reads: `jukebox config path` tells where it is, \
         `jukebox config check` whether it is right"
    )]
    Settings,
    /// An abbreviation of several commands.
    #[error("'{word}' could be {}", some_of(fits))]
    Ambiguous {
        /// The word that was typed.
        word: String,
        /// The commands that it could be.
        fits: Vec<&'static str>,
    },
    /// The outputs cannot be listed.
    #[error("the outputs cannot be listed: {0}")]
    Outputs(#[source] OutputError),
    /// Nothing is known by that name, number or path.
    #[error("{what}{instead}")]
    Unknown {
        /// That there is no such thing.
        what: String,
        /// Which there are, or how one comes to be; may be empty.
        instead: Words,
    },
    /// The command is about what plays, and nothing does.
    #[error("nothing plays{0}")]
    NothingPlays(&'static str),
    /// The command is about selected tracks, and none are.
    #[error("no track is selected{0}")]
    NothingSelected(&'static str),
    /// The command is about what the user chose, and nothing was chosen yet.
    #[error("there is no playlist yet{0}")]
    NoPlaylist(&'static str),
    /// The queue is empty.
    #[error("the queue is empty{0}")]
    EmptyQueue(&'static str),
    /// The library does not have the files that the command is about.
    #[error("{what}: the library does not have {files} (yet)")]
    Away {
        /// A track, or what of the queue cannot be played.
        what: Words,
        /// "its file" or "the files".
        files: &'static str,
    },
    /// It cannot be done with this track, dimension, set or number: why.
    #[error("{0}")]
    Impossible(Words),
    /// There is nothing that the command could undo, lift, end or let count.
    #[error("{0}")]
    NothingTo(&'static str),
    /// What the command needs is not known yet; by when or by what it will be.
    #[error("{0}")]
    NotYet(Words),
    /// How the queue is set does not allow it.
    #[error("{now}{instead}")]
    Mode {
        /// How it is set.
        now: &'static str,
        /// The command to give first, or instead.
        instead: &'static str,
    },
}

impl Refusal {
    /// A command wants another argument.
    pub fn wants(command: impl Into<Words>, wants: impl Into<Words>) -> Refusal {
        Refusal::Wants { command: command.into(), wants: wants.into() }
    }

    /// A command takes something else.
    pub fn takes(command: impl Into<Words>, takes: impl Into<Words>) -> Refusal {
        Refusal::Takes { command: command.into(), takes: takes.into() }
    }

    /// What the reader of a part of the argument says of it.
    pub fn argument(fault: impl Into<String>) -> Refusal {
        Refusal::Argument(fault.into())
    }

    /// It cannot be done with a track, dimension, set or number: why.
    pub fn impossible(why: impl Into<Words>) -> Refusal {
        Refusal::Impossible(why.into())
    }

    /// Nothing is known by a name.
    pub fn unknown(what: impl Into<String>, instead: impl Into<Words>) -> Refusal {
        Refusal::Unknown { what: what.into(), instead: instead.into() }
    }
}

/// For callers that only show the refusal.
impl From<Refusal> for String {
    fn from(refusal: Refusal) -> String {
        refusal.to_string()
    }
}

/// The first few names.
fn some_of(names: &[&str]) -> String {
    const MOST: usize = 5;
    let first = names.get(..MOST).unwrap_or(names).join(", ");
    if names.len() > MOST { format!("{first} …") } else { first }
}
