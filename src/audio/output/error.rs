//! What can go wrong with an output.

use thiserror::Error;

/// Why an output cannot be had. Displayed, it is one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OutputError {
    /// The system has no output.
    #[error("no output device")]
    None,
    /// No output has this id.
    #[error("there is no output device '{0}'; :device lists them")]
    Unknown(String),
    /// The device takes no sample format that jukebox writes.
    #[error("the device takes no kind of sample that jukebox gives")]
    Format,
    /// The device did not open in time.
    #[error("the {0} does not answer")]
    Hangs(&'static str),
    /// The sound system or the operating system refuses, in its words.
    #[error("{0}")]
    System(String),
}

impl From<String> for OutputError {
    fn from(why: String) -> OutputError {
        OutputError::System(why)
    }
}

impl From<&str> for OutputError {
    fn from(why: &str) -> OutputError {
        OutputError::System(why.into())
    }
}

impl From<std::io::Error> for OutputError {
    fn from(error: std::io::Error) -> OutputError {
        OutputError::System(error.to_string())
    }
}
