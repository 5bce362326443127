//! Errors of importing from other players.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::library::xml::XmlError;

/// Why another player's data was not read. Its `Display` form is one line with the file or the server.
#[derive(Debug, Error)]
pub enum ImportError {
    /// A file could not be read.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// A file is not what the player writes.
    #[error("{}: {cause}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: ContentError,
    },
    /// mpd did not answer as it should.
    #[error("mpd at {host}: {cause}")]
    Mpd {
        /// The address of the server, without the password.
        host: String,
        /// What went wrong.
        #[source]
        cause: MpdError,
    },
}

impl ImportError {
    /// For `map_err`: the system's error for the file at `path`.
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> ImportError + '_ {
        |cause| ImportError::File { path: path.to_owned(), cause }
    }

    /// For `map_err`: what is wrong with the file at `path`.
    pub(super) fn content(path: &Path) -> impl FnOnce(ContentError) -> ImportError + '_ {
        |cause| ImportError::Content { path: path.to_owned(), cause }
    }
}

/// What is wrong with a file of another player. Its `Display` form is one line without the path.
#[derive(Clone, Debug, Error)]
pub enum ContentError {
    /// It is not a cache of cmus.
    #[error("not a cmus cache")]
    NotCmus,
    /// It is a cache of a version of cmus that is not supported.
    #[error("a cache of another version of cmus ({found:#x}, not {supported:#x})")]
    CmusVersion {
        /// The version.
        found: u8,
        /// The version that is supported.
        supported: u8,
    },
    /// An entry of a cache of cmus is damaged.
    #[error("damaged in the middle")]
    CmusEntry,
    /// It is not XML.
    #[error("not a Rhythmbox database: {0}")]
    Rhythmbox(#[from] XmlError),
    /// It is XML, but no database.
    #[error("not a Rhythmbox database: it has no <rhythmdb>")]
    NotRhythmbox,
}

/// What went wrong between jukebox and mpd. Its `Display` form is one line without the address.
#[derive(Debug, Error)]
pub enum MpdError {
    /// The server cannot be reached, or does not answer.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The server is another one.
    #[error("the server is not mpd")]
    NotMpd,
    /// The server ended the connection.
    #[error("it hung up")]
    HungUp,
    /// A password is needed; the server's message.
    #[error("{0}: name it as PASSWORD@HOST")]
    Forbidden(String),
    /// The server has no database of stickers; its message.
    #[error("{0}: set sticker_file in mpd.conf")]
    NoStickers(String),
    /// The server refuses a command for another reason; its message.
    #[error("{0}")]
    Refused(String),
}
