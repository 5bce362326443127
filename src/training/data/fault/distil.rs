//! Errors of a teacher's outputs for audio.

use std::io;
use std::path::PathBuf;

use safetensors::SafeTensorError;
use safetensors::tensor::Dtype;
use thiserror::Error;

/// How the data is made.
const HOW: &str = "make it with scripts/teacher.py (docs/training.md)";

/// Why `distil:DIR` cannot be used.
#[derive(Debug, Error)]
pub enum DistilError {
    /// `distil.json` cannot be read.
    #[error("cannot read {}: {cause}; {HOW}", path.display())]
    NoListing {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// `distil.json` is damaged.
    #[error("{}: {cause}; {HOW}", path.display())]
    Listing {
        /// The file.
        path: PathBuf,
        /// The parser's error.
        cause: serde_json::Error,
    },
    /// `distil.json` is of another version, or its images are of another kind.
    #[error("{}: of another version, or of other images than this program hears; {HOW}", .0.display())]
    Version(PathBuf),
    /// The directory or a shard cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The directory or shard.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// A shard is damaged.
    #[error("{}: {cause}; remove it and run scripts/teacher.py again", path.display())]
    Shard {
        /// The shard.
        path: PathBuf,
        /// What is wrong with it.
        cause: ShardError,
    },
    /// There are no patches.
    #[error("{}: there is no shard with patches in it; {HOW}", .0.display())]
    Empty(PathBuf),
}

/// What is wrong with a shard.
#[derive(Debug, Error)]
pub enum ShardError {
    /// The file is of another format, or incomplete.
    #[error("it is no safetensors file, or cut off ({0})")]
    Format(SafeTensorError),
    /// A tensor is missing.
    #[error("it lacks `{0}`")]
    Lacks(&'static str),
    /// A tensor is of another type than it should be.
    #[error("its `{name}` is of type {kind:?}")]
    Type {
        /// The tensor.
        name: &'static str,
        /// Its type.
        kind: Dtype,
    },
    /// The tensors have other numbers of axes.
    #[error("its tensors have other shapes than they should")]
    Shapes,
    /// The tensors have lengths that contradict each other.
    #[error("its tensors do not fit together")]
    Unfitting,
    /// The teacher's vectors are of another length than in the shards before.
    #[error("its vectors have {0} numbers, those of the shards before have others")]
    Vectors(usize),
    /// A patch has a number that is not finite.
    #[error("patch {0} holds a number that is not finite")]
    NotFinite(usize),
    /// A patch is of a file that the listing lacks.
    #[error("patch {0} is of a file that distil.json does not name")]
    NoFile(usize),
}
