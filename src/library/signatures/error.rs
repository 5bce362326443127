//! Errors of the saved signatures.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::library::name::NameError;
use crate::store::private;

/// Why a saved signature could not be read or changed. Its `Display` form is one line.
#[derive(Debug, Error)]
pub enum SignatureError {
    /// The name is not allowed.
    #[error(transparent)]
    Name(#[from] NameError),
    /// There is no signature of this name.
    #[error("no signature '{name}'; {}", instead(names))]
    Missing {
        /// The name.
        name: String,
        /// The names of all signatures.
        names: Vec<String>,
    },
    /// The name of a signature to be saved is that of another one.
    #[error("signature '{0}' already exists; `:signature delete {0}` first")]
    Exists(String),
    /// The new name of a signature is that of another one.
    #[error("signature '{0}' already exists; choose another name, or delete it first")]
    Taken(String),
    /// A file could not be read, written, renamed or deleted.
    #[error("{}: {what}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What failed: `cannot be read`, `not saved`.
        what: &'static str,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// The copy of a signature could not be written.
    #[error("{}: not saved: {}", path.display(), private::explain(cause))]
    Uncopied {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// The file is damaged. It was left unchanged.
    #[error("{}: the signature is damaged and was left as it is: {cause}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        cause: serde_json::Error,
    },
    /// The file was written by a newer version of the program.
    #[error("{}: written by a newer jukebox (version {version})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its format.
        version: u32,
    },
}

impl SignatureError {
    /// For `map_err`: what failed with the file at `path`.
    pub(super) fn file<'a>(path: &'a Path, what: &'static str) -> impl FnOnce(io::Error) -> SignatureError + 'a {
        move |cause| SignatureError::File { path: path.to_owned(), what, cause }
    }
}

/// What there is instead of a missing signature.
fn instead(names: &[String]) -> String {
    match names.is_empty() {
        true => "`:signature save NAME` saves one of the playlist".into(),
        false => format!("there are: {}", names.join(", ")),
    }
}
