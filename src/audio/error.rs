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
            AudioError::Io(error) if is_absent(error) => write!(f, "{MISSING}"),
            AudioError::Io(error) => write!(f, "cannot be read: {error}"),
            AudioError::NotAFile => write!(f, "not a regular file"),
            AudioError::Empty => write!(f, "the file is empty"),
            AudioError::Unsupported(what) => write!(f, "not a supported audio format ({what})"),
            AudioError::Broken(what) => write!(f, "damaged audio ({what})"),
            AudioError::Seek(what) => write!(f, "cannot seek ({what})"),
        }
    }
}

/// What is said of a file that is not there.
pub const MISSING: &str = "not there any more, or on a disk that is not mounted";

/// Whether a fault, as [`AudioError`] displays it, says no more of a file than that it is not there.
pub fn is_missing(fault: &str) -> bool {
    fault == MISSING
}

/// The system's own word that there is nothing of that name; not a sheet that names no such track.
fn is_absent(error: &io::Error) -> bool {
    error.raw_os_error().is_some() && super::cue::is_absent(error)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_told_from_one_that_cannot_be_read() {
        let gone = std::fs::File::open("/nonexistent/a.mp3").unwrap_err();
        assert!(is_missing(&AudioError::from(gone).to_string()));
        let denied = io::Error::from_raw_os_error(13);
        assert!(!is_missing(&AudioError::from(denied).to_string()));
        let sheet = io::Error::new(io::ErrorKind::NotFound, "the cue sheet has no track 9");
        let text = AudioError::from(sheet).to_string();
        assert!(!is_missing(&text) && text.contains("no track 9"), "{text}");
    }
}
