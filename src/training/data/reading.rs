//! What reading a data set needs, and the words that its readers share.

use std::path::{Path, PathBuf};

use jukebox_encoder::Input;

use super::classes::Least;
use super::genres::Genres;
use super::listen::Listener;
use super::teacher::Teacher;
use crate::text;

/// What is needed to read data that is not a pack.
pub struct Reading<'a> {
    /// Which picture of a clip to make.
    pub image: Input,
    /// What genre tags mean.
    pub genres: &'a Genres,
    /// The least that a genre is learned from; `None` takes every genre as it is, to measure on.
    pub least: Option<Least>,
    /// The directory in which images made of audio files are kept.
    pub cache: &'a Path,
    /// For `library`: the exported snapshot, and the image cache with what the encoder hears of it.
    pub library: Option<(&'a Path, &'a Path)>,
    /// For `taught:MODEL`: the tagger.
    pub teacher: Option<Teacher<'a>>,
    /// Who decodes.
    pub listener: &'a mut dyn Listener,
}

/// What a directory is called.
pub(super) fn name_of(directory: &Path) -> String {
    // "." and ".." have no name of their own.
    let whole = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
    text::sanitize(&whole.file_name().unwrap_or(whole.as_os_str()).to_string_lossy())
}

/// A note on files that were left out: how many, and the first few with why.
pub(super) fn left_out(faults: &[(PathBuf, String)], of: usize) -> Option<String> {
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
