//! Errors of data sets. Every message names the file or option that is wrong, and what to do.

mod distil;
mod folder;
mod genres;
mod lacking;
mod library;
mod listen;
mod pack;
mod table;
mod taught;

use thiserror::Error;

pub use distil::{DistilError, ShardError};
pub use folder::FolderError;
pub use genres::GenresError;
pub use lacking::{Insufficient, Lack};
pub use library::{EntryError, LibraryError, SnapshotError};
pub use listen::{CacheError, ListenError, Unheard};
pub use pack::PackError;
pub use table::{LineError, TableError};
pub use taught::TaughtError;

/// The kinds of data, for messages.
const KINDS: &str = "distil:DIR, strobe:DIR, tree:DIR, fma:DIR, taught:MODEL or library";

/// Why a data set cannot be read.
#[derive(Debug, Error)]
pub enum DataError {
    /// What was asked for is not `strobe:DIR`.
    #[error("`{0}` names no data set of images: write strobe:DIR, a directory with clips.tsv")]
    NoPack(String),
    /// What was asked for is of no kind that there is.
    #[error("`{0}` names no data: write {KINDS}")]
    Unknown(String),
    /// The data is a pack of strobe images, and the encoder hears others.
    #[error(
        "{0} holds strobe images; this encoder hears others, which are made from audio: --data tree:DIR or fma:DIR"
    )]
    OnlyStrobes(String),
    /// Views are wanted of data that is not `tree:DIR`.
    #[error("--data {0}: the outlook draws its images from audio in folders named by genre: use tree:DIR")]
    NoTree(String),
    /// There are more genres than can be learned.
    #[error("{data}: {genres} genres, at most 4096 can be learned")]
    TooManyGenres {
        /// The data set's name.
        data: String,
        /// Number of its genres.
        genres: usize,
    },
    /// Descriptors are wanted of data that is made of images alone.
    #[error(
        "--describe: {0} holds images without descriptors of their sound; use --data library, tree:DIR or fma:DIR, or \
         leave --describe out"
    )]
    NoDescriptors(String),
    /// Too few tracks have descriptors.
    #[error(
        "--describe: {data} has descriptors of {training} tracks to train on and {validation} to validate on, two each \
         are the least; {how}"
    )]
    FewDescriptors {
        /// The data set's name.
        data: String,
        /// Number of tracks to train on that have some.
        training: usize,
        /// Number of tracks to validate on that have some.
        validation: usize,
        /// How more tracks would have some.
        how: &'static str,
    },
    /// A folder of audio files does not hold what it should.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A table is wrong: `clips.tsv`, `tracks.csv` or `echonest.csv`.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The images or vectors of a pack are wrong.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// What a teacher said of audio is wrong.
    #[error(transparent)]
    Distil(#[from] DistilError),
    /// Audio files cannot be listened to.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The library cannot be used.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The library cannot be labelled by a tagger.
    #[error(transparent)]
    Taught(#[from] TaughtError),
}

/// For callers that only show the error.
impl From<DataError> for String {
    fn from(error: DataError) -> String {
        error.to_string()
    }
}
