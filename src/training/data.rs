//! Data sets: labelled images of clips, from wherever.
//!
//! | `--data` | what | parts |
//! |---|---|---|
//! | `strobe:DIR` | a pack of images ([`pack`]) | its own |
//! | `tree:DIR` | folders named by genre ([`tree`]) | by artist |
//! | `fma:DIR` | an FMA folder ([`fma`]) | the official ones |
//! | `library` | the user's library by its genre tags ([`library`]) | by artist |

mod classes;
mod fma;
mod genres;
pub mod library;
mod listen;
mod pack;
mod summary;
mod tree;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use jukebox_encoder::train::Clips;

pub use classes::Least;
pub use genres::{Genres, Tagged, folded};
pub use listen::{Each, Image, Listener};
pub use summary::{Amount, GenreAmount, HELD_OUT, Summary};

use super::split::{Part, Split};
use crate::text;

/// The kinds of data, for messages.
const KINDS: &str = "strobe:DIR, tree:DIR, fma:DIR or library";

/// A track that clips are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Its artist in one spelling, so that equal texts are one artist; "" when the data does not say.
    pub artist: String,
    /// Its album, "" when unknown; of two artists not the same album.
    pub album: String,
    /// What to call it: its title, its file, its number.
    pub name: String,
}

/// A data set in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSet {
    /// The names of the genres, sorted.
    pub genres: Vec<String>,
    /// The part of every clip; all clips of a track are in one.
    pub split: Split,
    /// All clips. A track of several genres has the first as its genre, and its target is shared evenly by all.
    pub clips: Clips,
    /// The tracks.
    pub tracks: Vec<Source>,
    /// The track of every clip: a position in `tracks`.
    pub track: Vec<u32>,
    /// Every track's genres: positions in `genres`, the principal one first.
    pub labels: Vec<Vec<u16>>,
    /// What was left out or counts as something else, and why; a sentence each.
    pub notes: Vec<String>,
    /// What picture of a clip it holds.
    pub image: Image,
    /// What to call it.
    pub name: String,
}

/// What is needed to read data that is not a pack.
pub struct Reading<'a> {
    /// Which picture of a clip to make.
    pub image: Image,
    /// What genre tags mean.
    pub genres: &'a Genres,
    /// The least that a genre is learned from; `None` takes every genre as it is, to measure on.
    pub least: Option<Least>,
    /// The directory in which images made of audio files are kept.
    pub cache: &'a Path,
    /// For `library`: the exported snapshot, and the strobe cache with its images.
    pub library: Option<(&'a Path, &'a Path)>,
    /// Who decodes.
    pub listener: &'a mut dyn Listener,
}

impl DataSet {
    /// Reads `strobe:DIR`. The teacher's vectors come out with mean 0 and variance 1 a component over the training
    /// clips (over all clips where none are to train on).
    ///
    /// # Errors
    /// A message that names the file, the line where there is one, and what is expected there.
    pub fn read(data: &str) -> Result<DataSet, String> {
        match directory(data, "strobe:") {
            Some(directory) => pack::read(&directory),
            None => Err(format!("`{data}` names no data set of images: write strobe:DIR, a directory with clips.tsv")),
        }
    }

    /// Reads data of any kind: `strobe:DIR`, `tree:DIR`, `fma:DIR` or `library`.
    ///
    /// # Errors
    /// What is missing or wrong with the data, and what helps. A single file that cannot be decoded is left out and
    /// noted.
    pub fn gather(data: &str, reading: &mut Reading<'_>) -> Result<DataSet, String> {
        if data == "library" {
            return library::read(reading);
        }
        if let Some(directory) = directory(data, "tree:") {
            return tree::read(&directory, reading);
        }
        if let Some(directory) = directory(data, "fma:") {
            return fma::read(&directory, reading);
        }
        if !data.starts_with("strobe:") {
            return Err(format!("`{data}` names no data: write {KINDS}"));
        }
        if reading.image != Image::Strobe {
            return Err(format!(
                "{data} holds strobe images; this encoder needs full mels: --data tree:DIR or fma:DIR"
            ));
        }
        DataSet::read(data)
    }

    /// The clips of one part.
    pub fn part(&self, part: Part) -> Clips {
        let of = |values: &[f32]| values.len().checked_div(self.clips.genres.len()).unwrap_or(0);
        let (bytes, shares, wide) = (self.image.bytes(), of(&self.clips.targets), of(&self.clips.teacher));
        let mut clips = Clips { steps: self.clips.steps, ..Clips::default() };
        for i in self.split.of(part) {
            clips.strobes.extend_from_slice(&self.clips.strobes[i * bytes..(i + 1) * bytes]);
            clips.genres.push(self.clips.genres[i]);
            clips.targets.extend_from_slice(&self.clips.targets[i * shares..(i + 1) * shares]);
            clips.teacher.extend_from_slice(&self.clips.teacher[i * wide..(i + 1) * wide]);
        }
        clips
    }

    /// The track of every clip of one part, as many as [`DataSet::part`] has: positions in [`DataSet::tracks`].
    pub fn tracks_of(&self, part: Part) -> Vec<u32> {
        self.split.of(part).map(|i| self.track[i]).collect()
    }

    /// What it holds, in numbers.
    pub fn summary(&self) -> Summary {
        Summary::of(self)
    }

    /// The line about the data that goes into an encoder's file.
    pub(super) fn about(&self, training: usize) -> String {
        let teacher = if self.clips.teacher.is_empty() { "" } else { ", VGGish as teacher" };
        format!("{}: {training} training clips of {} genres{teacher}", self.name, self.genres.len())
    }
}

fn directory(data: &str, kind: &str) -> Option<PathBuf> {
    data.strip_prefix(kind).filter(|d| !d.is_empty()).map(PathBuf::from)
}

/// What a directory is called.
fn name_of(directory: &Path) -> String {
    // "." and ".." have no name of their own.
    let whole = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
    text::sanitize(&whole.file_name().unwrap_or(whole.as_os_str()).to_string_lossy())
}

/// A note on files that were left out: how many, and the first few with why.
fn left_out(faults: &[(PathBuf, String)], of: usize) -> Option<String> {
    const SHOWN: usize = 3;
    let shown: Vec<String> = faults
        .iter()
        .take(SHOWN)
        .map(|(file, why)| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            format!("{}: {}", text::sanitize(&name), text::sanitize(why))
        })
        .collect();
    let more = faults.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    (!faults.is_empty())
        .then(|| format!("{} of {of} files cannot be used and are left out ({}{more})", faults.len(), shown.join("; ")))
}
