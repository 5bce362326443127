//! Errors of playlist files.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::library::xml::XmlError;

/// Why a playlist was not read or written. Its `Display` form is one line with the path.
#[derive(Debug, Error)]
pub enum PlaylistError {
    /// A file of this name exists and was left unchanged.
    #[error("{}: is there already", .0.display())]
    Taken(PathBuf),
    /// The file could not be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// Its name or content is of no format that is known, or the content is not valid.
    #[error("{}: {cause}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        cause: FormatError,
    },
    /// Nothing can be appended to the file.
    #[error("{}: this file cannot be extended", .0.display())]
    Final(PathBuf),
}

impl PlaylistError {
    /// For `map_err`: the error of the file at `path`.
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> PlaylistError + '_ {
        |cause| PlaylistError::File { path: path.to_owned(), cause }
    }

    /// For `map_err`: what is wrong with the format of the file at `path`.
    pub(super) fn format(path: &Path) -> impl FnOnce(FormatError) -> PlaylistError + '_ {
        |cause| PlaylistError::Format { path: path.to_owned(), cause }
    }
}

/// What is wrong with the format of a playlist. Its `Display` form is one line without the path.
#[derive(Clone, Debug, Error)]
pub enum FormatError {
    /// The extension is not that of a playlist.
    #[error("a playlist is a .m3u8, .m3u, .pls or .xspf")]
    Extension,
    /// There are more entries than are read.
    #[error("more than 100,000 entries")]
    TooMany,
    /// The XML is not valid.
    #[error("not XSPF: {0}")]
    Xspf(#[source] XmlError),
}

/// Why a text is not a smart playlist. Its `Display` form is one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SmartError {
    /// A typed one has no filter.
    #[error("a smart playlist begins with a filter; plays>=0 is every track")]
    Empty,
    /// A file has no filter.
    #[error("the first line of a smart playlist is its filter")]
    NoFilter,
    /// The limit is not a number.
    #[error("limit takes a number, such as 50")]
    Limit,
    /// A line below the filter is neither an order nor a limit.
    #[error("not 'sort: …' or 'limit: …': {}", crate::text::sanitize(.0))]
    Line(String),
}
