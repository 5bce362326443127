//! What can go wrong with a file of sound.

use std::fmt;
use std::io;

/// Why a file cannot be read as sound. Displays as one line, without the path.
#[derive(Debug)]
pub enum AudioError {
    /// Reading failed.
    Io(io::Error),
    /// A directory, FIFO, socket or device.
    NotAFile,
    /// No bytes at all.
    Empty,
    /// Not a format or codec that jukebox knows.
    Unsupported(String),
    /// The format is known, the content is damaged.
    Broken(String),
    /// The place asked for cannot be reached.
    Seek(String),
}

impl fmt::Display for AudioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AudioError::Io(error) => write!(f, "cannot be read: {error}"),
            AudioError::NotAFile => write!(f, "not a regular file"),
            AudioError::Empty => write!(f, "the file is empty"),
            AudioError::Unsupported(what) => write!(f, "not a supported audio format ({what})"),
            AudioError::Broken(what) => write!(f, "damaged audio ({what})"),
            AudioError::Seek(what) => write!(f, "cannot seek ({what})"),
        }
    }
}

impl std::error::Error for AudioError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            AudioError::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for AudioError {
    fn from(error: io::Error) -> Self {
        AudioError::Io(error)
    }
}
