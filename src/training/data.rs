//! Data sets: labelled images of clips, from various sources.
//!
//! | `--data` | what | parts |
//! |---|---|---|
//! | `strobe:DIR` | a pack of images ([`pack`]) | its own |
//! | `tree:DIR` | folders named by genre ([`tree`]) | by artist |
//! | `fma:DIR` | an FMA folder ([`fma`]) | the official ones |
//! | `distil:DIR` | what a teacher says of sound ([`distil`]) | by file |
//! | `library` | the user's library by its genre tags ([`library`]) | by artist |
//! | `taught:MODEL` | the user's library by what an imported tagger says of it ([`taught`]) | by artist |

mod classes;
mod described;
mod distil;
mod echonest;
mod fault;
mod fma;
mod genres;
pub mod library;
mod listen;
mod measured;
mod pack;
mod reading;
mod set;
mod standard;
mod summary;
mod table;
mod taught;
mod teacher;
mod tree;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use jukebox_encoder::Input;

pub use classes::Least;
pub use fault::{
    CacheError, DataError, DistilError, EntryError, FolderError, GenresError, Insufficient, Lack, LibraryError,
    LineError, ListenError, PackError, ShardError, SnapshotError, TableError, TaughtError, Unheard,
};
pub use genres::{Genres, Tagged, folded};
use listen::Drawing;
pub use listen::{Each, EachSound, Listener};
pub(crate) use pack::half;
pub use reading::Reading;
pub use set::{DataSet, Source};
pub use summary::{Amount, GenreAmount, HELD_OUT, Summary};
pub use teacher::{Asked, Teacher};

/// Prefix of `--data` for labels by an imported tagger; the model's name follows.
pub const TAUGHT: &str = "taught:";

impl DataSet {
    /// Reads `strobe:DIR`. The teacher's vectors are standardised per component over the training clips (over all clips
    /// if there are none).
    ///
    /// # Errors
    /// What is wrong with which file, in which line.
    pub fn read(data: &str) -> Result<DataSet, DataError> {
        match directory(data, "strobe:") {
            Some(directory) => pack::read(&directory),
            None => Err(DataError::NoPack(data.into())),
        }
    }

    /// Reads data of any kind: `distil:DIR`, `strobe:DIR`, `tree:DIR`, `fma:DIR`, `library` or `taught:MODEL`.
    ///
    /// # Errors
    /// What is missing or wrong with the data, and how to fix it. Single files that cannot be decoded are left out and
    /// noted.
    pub fn gather(data: &str, reading: &mut Reading<'_>) -> Result<DataSet, DataError> {
        if reading.describe {
            described::can_have(data)?;
        }
        if data == "library" {
            return library::read(reading);
        }
        if data.starts_with(TAUGHT) {
            return taught::read(reading);
        }
        if let Some(directory) = directory(data, "tree:") {
            return tree::read(&directory, Drawing::Parts(reading.image), reading);
        }
        if let Some(directory) = directory(data, "fma:") {
            return fma::read(&directory, reading);
        }
        if let Some(directory) = directory(data, "distil:") {
            return DataSet::distilled(&directory);
        }
        if !data.starts_with("strobe:") {
            return Err(DataError::Unknown(data.into()));
        }
        if reading.image != Input::Strobe {
            return Err(DataError::OnlyStrobes(data.into()));
        }
        DataSet::read(data)
    }

    /// Reads `tree:DIR` as the lab's outlook sees it: the clips of each track are its views ([`crate::sound::views`]), in
    /// order, as strobe images.
    ///
    /// # Errors
    /// As [`DataSet::gather`], and for data of another kind.
    pub fn views(data: &str, pitched: bool, reading: &mut Reading<'_>) -> Result<DataSet, DataError> {
        let Some(directory) = directory(data, "tree:") else {
            return Err(DataError::NoTree(data.into()));
        };
        reading.image = Input::Strobe;
        tree::read(&directory, Drawing::Views { pitched }, reading)
    }

    /// Reads the directory of `distil:DIR`.
    ///
    /// # Errors
    /// What is missing or wrong with it, and how to fix it.
    pub fn distilled(directory: &Path) -> Result<DataSet, DataError> {
        Ok(distil::read(directory)?)
    }

    /// Summarises the contents of the data set.
    pub fn summary(&self) -> Summary {
        Summary::of(self)
    }
}

fn directory(data: &str, kind: &str) -> Option<PathBuf> {
    data.strip_prefix(kind).filter(|d| !d.is_empty()).map(PathBuf::from)
}
