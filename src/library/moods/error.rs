//! Errors of moods.

use std::path::PathBuf;

use thiserror::Error;

use crate::library::name::NameError;
use crate::library::own_file::OwnFileError;

/// A text is not two hours of a day. Its `Display` form is one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a mood takes two hours, such as late-night 22-2")]
pub struct HoursError;

/// Why moods could not be read or changed. Its `Display` form is one line.
#[derive(Debug, Error)]
pub enum MoodError {
    /// Its name cannot be that of a signature.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Its hours are not hours of a day, or the same.
    #[error("{0}: hours are 0 to 23")]
    Hours(String),
    /// Another mood has some of its hours.
    #[error("{name} already has some of these hours ({hours})")]
    Overlap {
        /// The name of the other one.
        name: String,
        /// The hours of the other one: `22-2`.
        hours: String,
    },
    /// There is no mood of this name.
    #[error("no mood '{}'; :mood list shows them", crate::text::sanitize(.0))]
    Missing(String),
    /// The file could not be read or written.
    #[error(transparent)]
    File(#[from] OwnFileError),
    /// A mood in the file is not valid.
    #[error("{}: the moods cannot be read: {cause}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with the mood.
        #[source]
        cause: Box<MoodError>,
    },
}
