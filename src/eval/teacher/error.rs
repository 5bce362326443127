//! Errors of a teacher's outputs.

use std::io;
use std::path::PathBuf;

use safetensors::SafeTensorError;
use safetensors::tensor::Dtype;
use thiserror::Error;

/// How to create them.
const HOW: &str = "make it with scripts/teacher.py (docs/training.md)";

/// Why a teacher's outputs were not read. Its `Display` form is one line with the file.
#[derive(Debug, Error)]
pub enum TeacherError {
    /// The list of files could not be read.
    #[error("{}: cannot be read: {cause}; {how}", path.display(), how = HOW)]
    NoListing {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// The list of files is damaged.
    #[error("{}: {cause}; {how}", path.display(), how = HOW)]
    Listing {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        cause: serde_json::Error,
    },
    /// The list of files is of another version, or has no tags.
    #[error("{}: of another version, or without tags; {how}", .0.display(), how = HOW)]
    Version(PathBuf),
    /// The directory or a shard could not be read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Unread {
        /// The directory or file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// A shard is damaged.
    #[error("{}: {cause}; remove it and run scripts/teacher.py again", path.display())]
    Shard {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: ShardError,
    },
    /// No shard of the directory has outputs.
    #[error("{}: there is no shard with patches in it; {how}", .0.display(), how = HOW)]
    Empty(PathBuf),
}

/// What is wrong with a shard.
#[derive(Debug, Error)]
pub enum ShardError {
    /// It has another format.
    #[error("it is no safetensors file, or cut off ({0})")]
    Format(#[from] SafeTensorError),
    /// A tensor is missing; its name.
    #[error("it lacks `{0}`")]
    Lacks(&'static str),
    /// A tensor has another type.
    #[error("its `{name}` is of type {kind:?}")]
    Type {
        /// The name of the tensor.
        name: &'static str,
        /// Its type.
        kind: Dtype,
    },
    /// The shapes of its tensors differ.
    #[error("its tensors do not fit together")]
    Shapes,
    /// It has outputs for a file that is not listed; the number.
    #[error("it is of file {0}, which distil.json does not name")]
    File(i32),
    /// An output is not finite.
    #[error("it holds a number that is not finite")]
    NotFinite,
}
