//! What can go wrong with an audio file.

use std::io;

use thiserror::Error;

use crate::track::FileFault;

/// Why a file cannot be read as audio. The `Display` form is one line without the path.
#[derive(Debug, Error)]
pub enum AudioError {
    /// Reading failed.
    #[error("{}", describe(.0))]
    Io(#[from] io::Error),
    /// A directory, FIFO, socket or device.
    #[error("not a regular file")]
    NotAFile,
    /// The file is empty.
    #[error("the file is empty")]
    Empty,
    /// A format or codec that jukebox does not support; which one.
    #[error("not a supported audio format ({0})")]
    Unsupported(String),
    /// The format is known, but the content is damaged; how.
    #[error("damaged audio ({0})")]
    Broken(String),
    /// The position cannot be reached; why.
    #[error("cannot seek ({0})")]
    Seek(String),
}

impl AudioError {
    /// Whether the system reports that there is no such file. (A cue sheet without the track is a different error.)
    pub fn is_missing(&self) -> bool {
        matches!(self, AudioError::Io(error) if is_missing(error))
    }
}

impl From<&AudioError> for FileFault {
    fn from(error: &AudioError) -> FileFault {
        if error.is_missing() { FileFault::Missing } else { FileFault::Other(error.to_string()) }
    }
}

fn describe(error: &io::Error) -> String {
    if is_missing(error) { FileFault::Missing.to_string() } else { format!("cannot be read: {error}") }
}

fn is_missing(error: &io::Error) -> bool {
    error.raw_os_error().is_some() && is_absent(error)
}

/// Whether an error means that the file does not exist, rather than that this could not be
/// determined.
pub fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_told_from_one_that_cannot_be_read() {
        let gone = std::fs::File::open("/nonexistent/a.mp3").unwrap_err();
        assert!(AudioError::from(gone).is_missing());
        let denied = io::Error::from_raw_os_error(13);
        assert!(!AudioError::from(denied).is_missing());
        let sheet = io::Error::new(io::ErrorKind::NotFound, "the cue sheet has no track 9");
        let sheet = AudioError::from(sheet);
        assert!(!sheet.is_missing() && sheet.to_string().contains("no track 9"), "{sheet}");
    }
}
