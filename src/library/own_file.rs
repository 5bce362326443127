//! The JSON files of what the user has set in the program: moods, names of dimensions. A damaged file, or one of a newer
//! version, is reported and left unchanged.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::files;
use crate::store::private;

/// Size limit in bytes: a larger file was not written by jukebox.
const LARGEST: u64 = 1024 * 1024;

/// Why such a file could not be read or written. Its `Display` form is one line with the path.
#[derive(Debug, Error)]
pub enum OwnFileError {
    /// The file could not be read.
    #[error("{}: the {what} cannot be read: {cause}", path.display())]
    Unread {
        /// The file.
        path: PathBuf,
        /// What is in it: `moods`.
        what: &'static str,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// The file is damaged.
    #[error("{}: the {what} cannot be read: {cause}; correct the file, or remove it to start again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is in it: `moods`.
        what: &'static str,
        /// Where and why.
        #[source]
        cause: serde_json::Error,
    },
    /// The file was written by a newer version of the program.
    #[error("{}: the {what} cannot be read: written by a newer jukebox (version {version})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// What is in it: `moods`.
        what: &'static str,
        /// The version of its format.
        version: u32,
    },
    /// The file could not be written.
    #[error("{}: not saved: {cause}", path.display())]
    Unsaved {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
}

/// For callers that only show the error.
impl From<OwnFileError> for String {
    fn from(error: OwnFileError) -> String {
        error.to_string()
    }
}

/// Reads `what` is in a file; `None` if there is no file. `version` is that of the contents, which may be `newest` at most.
pub(super) fn read<T: DeserializeOwned>(
    path: &Path,
    what: &'static str,
    version: impl Fn(&T) -> u32,
    newest: u32,
) -> Result<Option<T>, OwnFileError> {
    let at = || path.to_path_buf();
    let bytes = match files::read(path, LARGEST) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|cause| OwnFileError::Unread { path: at(), what, cause })?,
    };
    let kept = serde_json::from_slice(&bytes).map_err(|cause| OwnFileError::Damaged { path: at(), what, cause })?;
    match version(&kept) {
        version if version > newest => Err(OwnFileError::Newer { path: at(), what, version }),
        _ => Ok(Some(kept)),
    }
}

/// Replaces the contents of a file.
pub(super) fn write(path: &Path, contents: &impl Serialize) -> Result<(), OwnFileError> {
    let bytes = serde_json::to_vec_pretty(contents).map_err(io::Error::from);
    let written = bytes.and_then(|bytes| private::replace(path, &bytes));
    written.map_err(|cause| OwnFileError::Unsaved { path: path.to_path_buf(), cause })
}
