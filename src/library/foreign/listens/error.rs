//! Errors of reading the exports of listening histories.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use zip::result::ZipError;

/// Why an export was not read. Its `Display` form is one line with the file.
#[derive(Debug, Error)]
pub enum ExportError {
    /// A file, or a file in an archive, could not be read.
    #[error("{place}: {cause}")]
    File {
        /// The file, and its name in the archive.
        place: String,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// An archive is damaged or of a kind that is not supported.
    #[error("{place}: {cause}")]
    Archive {
        /// The archive, and the name in it.
        place: String,
        /// What is wrong with it.
        #[source]
        cause: ZipError,
    },
    /// More than is read of one export.
    #[error("{place}: the archive unpacks to more than {mib} MiB")]
    TooLarge {
        /// The archive, and the name in it.
        place: String,
        /// How much is read at most.
        mib: u64,
    },
    /// A file is not of the service that it is said to be of.
    #[error("{place}: {cause}; {expected}")]
    Content {
        /// The file, and its name in the archive.
        place: String,
        /// What is wrong with it.
        #[source]
        cause: ContentError,
        /// What is expected, in words.
        expected: &'static str,
    },
    /// There are no listens in it.
    #[error("{}: no listens in it; {expected}", path.display())]
    Empty {
        /// The export.
        path: PathBuf,
        /// What is expected, in words.
        expected: &'static str,
    },
}

/// What is wrong with the text of an export.
#[derive(Debug, Error)]
pub enum ContentError {
    /// It is not JSON.
    #[error("not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    /// It is a JSON array of something else.
    #[error("no list of listens: {0}")]
    NoListens(#[source] serde_json::Error),
    /// It is a table of something else.
    #[error("no line has an artist, a title and a time")]
    NoLine,
}
