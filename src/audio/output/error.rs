//! Errors of audio outputs.

use thiserror::Error;

/// Why an output is not available. Its `Display` form is one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OutputError {
    /// The system has no output.
    #[error("no output device")]
    None,
    /// No output has this id.
    #[error("there is no output device '{0}'; :device lists them")]
    Unknown(String),
    /// The device supports no sample format that jukebox can write.
    #[error("the device takes no kind of sample that jukebox gives")]
    Format,
    /// The device did not open in time; which one.
    #[error("the {0} does not answer")]
    Hangs(&'static str),
    /// An error of the sound system or the operating system, some of which are sentences with a full stop.
    #[error("{}", crate::text::clause(.0))]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_can_follow_what_the_sound_system_says() {
        let said = OutputError::from("The device is not available. It may have been disconnected.");
        assert_eq!(format!("{said}; silent"), "The device is not available. It may have been disconnected; silent");
    }
}
