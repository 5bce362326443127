//! Errors of naming a dimension.

use thiserror::Error;

/// Why a dimension cannot have a name. Its `Display` form is one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// The dimension is a descriptor, whose name stays.
    #[error("{0} has its own name; numbered dimensions take others")]
    Descriptor(String),
    /// The name is too long, or has characters that are not allowed.
    #[error("'{name}' cannot be a dimension's name: one word of letters, digits and hyphens, at most {most}")]
    Characters {
        /// The name, safe for a terminal.
        name: String,
        /// The most characters.
        most: usize,
    },
    /// The name has another meaning where a dimension can be written.
    #[error("'{0}' means something else already")]
    Reserved(String),
    /// Another dimension has the name.
    #[error("dimension {number} is called {name} already")]
    Taken {
        /// The number of the other dimension, from 1.
        number: u32,
        /// The name, safe for a terminal.
        name: String,
    },
}

/// For callers that only show the error.
impl From<NameError> for String {
    fn from(error: NameError) -> String {
        error.to_string()
    }
}
