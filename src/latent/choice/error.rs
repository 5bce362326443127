//! Errors of choosing dimensions.

use thiserror::Error;

use crate::latent::DIMS;
use crate::latent::lexicon::NO_WORDS;
use crate::latent::named::NAMED;

/// Why a text or a change is not a choice of dimensions. Its `Display` form is one line.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ChoiceError {
    /// A word means no dimension.
    #[error(transparent)]
    Dimension(#[from] DimensionError),
    /// A text names none.
    #[error("signature takes dimensions such as 3,7,tempo, or -5, auto, off")]
    Empty,
    /// A text has a dimension twice; its label.
    #[error("dimension {0} is listed twice")]
    Twice(String),
    /// A dimension that is left out has a weight; its label.
    #[error("-{0} leaves the dimension out and cannot have a weight")]
    WeightOfNothing(String),
    /// A weight is not a number, or out of range.
    #[error("the weight of {name} must be above 0 and at most {most}, such as {name}*2")]
    Weight {
        /// The dimension as it was written.
        name: String,
        /// The largest weight.
        most: f32,
    },
    /// A text has dimensions to use and others to leave out; the label of one of the latter.
    #[error("name the dimensions to use, or those to leave out, not both: drop -{0}, or begin with auto")]
    Both(String),
    /// The last dimension of an exact list cannot be taken out of it; its label.
    #[error("{0} is the only dimension of your list; :signature auto lets the tracks decide")]
    Only(String),
    /// All dimensions would be left out.
    #[error("that would leave no dimension")]
    Nothing,
}

/// For callers that only show the error.
impl From<ChoiceError> for String {
    fn from(error: ChoiceError) -> String {
        error.to_string()
    }
}

/// Why a word means no dimension. Its `Display` form is one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DimensionError {
    /// A number is out of range.
    #[error("no dimension {0}: use 1 to {most}, or a name such as tempo", most = DIMS)]
    Number(u32),
    /// Some names are like the word.
    #[error("no dimension '{word}'; did you mean {}?", near.join(" or "))]
    Near {
        /// The word, safe for a terminal.
        word: String,
        /// The names, the nearest first.
        near: Vec<String>,
    },
    /// No name is like the word. It was read without the names of a library.
    #[error("no dimension '{0}': numbers from 1 to {most}, or {names}", most = DIMS, names = descriptors())]
    Unknown(String),
    /// No name is like the word, and the encoder names its dimensions.
    #[error(
        "no dimension '{0}': numbers from 1 to {most}, the names that `jukebox dims` lists, or {names}",
        most = DIMS,
        names = descriptors()
    )]
    Unlisted(String),
    /// No name is like the word, and the encoder has no words.
    #[error("no dimension '{0}': numbers from 1 to {most}, or {names}; {wordless}", wordless = NO_WORDS, most = DIMS, names = descriptors())]
    Wordless(String),
    /// The encoder knows the word, but no dimension follows it in this library.
    #[error("no dimension follows '{0}' in this library; `jukebox find {0}` and sounds:{0} find by the word itself")]
    NotCarried(String),
}

/// For callers that only show the error.
impl From<DimensionError> for String {
    fn from(error: DimensionError) -> String {
        error.to_string()
    }
}

/// The names of the descriptors.
fn descriptors() -> String {
    NAMED.iter().map(|named| named.name).collect::<Vec<_>>().join(", ")
}
