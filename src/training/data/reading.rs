//! The parameters for reading a data set, and messages shared by its readers.

use std::path::{Path, PathBuf};

use jukebox_encoder::Input;

use super::classes::Least;
use super::fault::Unheard;
use super::genres::Genres;
use super::listen::Listener;
use super::teacher::Teacher;
use crate::text;

/// What is needed to read data other than a pack.
pub struct Reading<'a> {
    /// The kind of image to make of a clip.
    pub image: Input,
    /// The interpretation of genre tags.
    pub genres: &'a Genres,
    /// The minimum size of a genre for training; `None` uses every genre as it is, for evaluation.
    pub least: Option<Least>,
    /// The directory that caches images made from audio files.
    pub cache: &'a Path,
    /// For `library`: the exported snapshot, and the cache of the images that the encoder takes.
    pub library: Option<(&'a Path, &'a Path)>,
    /// For `taught:MODEL`: the tagger.
    pub teacher: Option<Teacher<'a>>,
    /// Whether the clips are to have descriptors of the sound.
    pub describe: bool,
    /// Decodes audio files.
    pub listener: &'a mut dyn Listener,
}

/// The name of a directory.
pub(super) fn name_of(directory: &Path) -> String {
    // "." and ".." have no file name.
    let whole = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
    text::sanitize(&whole.file_name().unwrap_or(whole.as_os_str()).to_string_lossy())
}

/// A note about files that were left out: their number, and the first few with the reasons.
pub(super) fn left_out(faults: &[(PathBuf, Unheard)], of: usize) -> Option<String> {
    const SHOWN: usize = 3;
    let shown: Vec<String> = faults
        .iter()
        .take(SHOWN)
        .map(|(file, why)| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            format!("{}: {}", text::sanitize(&name), text::sanitize(&why.to_string()))
        })
        .collect();
    let more = faults.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    (!faults.is_empty())
        .then(|| format!("{} of {of} files cannot be used and are left out ({}{more})", faults.len(), shown.join("; ")))
}
