//! Errors of a pack of strobe images.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What is wrong with the files of a pack; errors within `clips.tsv` are [`TableError`](super::TableError).
#[derive(Debug, Error)]
pub enum PackError {
    /// `clips.tsv` cannot be read.
    #[error(
        "cannot read {}: {cause}; a data set is a directory with clips.tsv and mel128.q4.zst", path.display()
    )]
    NoClips {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// Another file cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// The images cannot be unpacked.
    #[error("{} is not a zstd file, or damaged ({cause}): fetch it again", path.display())]
    Damaged {
        /// The file of the images.
        path: PathBuf,
        /// The decoder's error.
        cause: io::Error,
    },
    /// The images are not as many as the clips.
    #[error(
        "{}: {clips} clips in clips.tsv need {wanted} bytes, it has {}", path.display(),
        has.map_or_else(|| "more".into(), |has| has.to_string())
    )]
    Images {
        /// The file of the images.
        path: PathBuf,
        /// Number of clips.
        clips: usize,
        /// Bytes of their images.
        wanted: usize,
        /// Bytes that there are; `None` if there are more.
        has: Option<usize>,
    },
    /// The teacher's vectors are not as many as the clips.
    #[error("{}: {clips} clips in clips.tsv need {wanted} bytes, it has {has}; or remove it", path.display())]
    Vectors {
        /// The file of the vectors.
        path: PathBuf,
        /// Number of clips.
        clips: usize,
        /// Bytes of their vectors.
        wanted: usize,
        /// Bytes that there are.
        has: usize,
    },
    /// A teacher's vector holds a number that is not finite.
    #[error("{}: row {row} holds a number that is not finite; fetch it again", path.display())]
    NotFinite {
        /// The file of the vectors.
        path: PathBuf,
        /// The row, from 0.
        row: usize,
    },
}

impl PackError {
    /// For `map_err`: the error of reading `path`.
    pub(in crate::training::data) fn unreadable(path: &Path) -> impl Fn(io::Error) -> PackError + '_ {
        |cause| PackError::Unreadable { path: path.to_owned(), cause }
    }
}
