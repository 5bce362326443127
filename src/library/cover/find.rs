//! Finds and reads the cover of a file. To be called in a worker process: the files are strangers'.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};

use super::decode::decode;
use super::error::PictureError;
use crate::audio::cue;
use crate::files;
use crate::library::tags;
use crate::picture::Raster;
use crate::text::sanitize;

/// The largest file of a picture, in bytes.
const LARGEST: u64 = 16 << 20;
/// The most names of a directory that are looked at.
const MOST_NAMES: usize = 20_000;
/// The names of covers, the likeliest first.
const NAMES: [&str; 3] = ["cover", "folder", "front"];
/// Their endings.
const ENDINGS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];
/// The longest side of a picture that is asked for, in pixels.
pub const LARGEST_SIDE: u16 = 1024;

/// What was found of a file's cover.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The cover, if there is one.
    pub picture: Option<Raster>,
    /// What could not be read, a line each (sanitised).
    pub faults: Vec<String>,
}

/// Reads the cover of a file, as large as it can be within a box of so many pixels (at most [`LARGEST_SIDE`] each): the
/// one in its tags, or else a file `cover`, `folder` or `front` beside it, `jpg`, `png` or `webp`, in any case of letters.
/// Symbolic links count only where the library follows them. `encoding` is that of texts in tags which do not declare
/// one. A piece of a file has the cover of the file.
pub fn read(path: &Path, follow_links: bool, within: (u16, u16), encoding: Option<&'static Encoding>) -> Read {
    let mut read = Read::default();
    match tags::cover(path, encoding) {
        Ok(Some(bytes)) => read.take("the cover in its tags", &bytes, within),
        Ok(None) => {}
        Err(why) => read.faults.push(sanitize(&format!("its tags were not searched for a cover: {why}"))),
    }
    let Ok(file) = cue::file(path) else { return read };
    for candidate in beside(&file, follow_links) {
        if read.picture.is_some() {
            break;
        }
        let name = sanitize(&candidate.file_name().unwrap_or_default().to_string_lossy());
        match files::read(&candidate, LARGEST) {
            Ok(bytes) => read.take(&format!("the cover {name}"), &bytes, within),
            Err(e) => read.faults.push(sanitize(&format!("the cover {name} cannot be read: {e}"))),
        }
    }
    read
}

/// The cover in a file's tags as it is stored there, a JPEG, PNG or WebP, if it is one that [`read`] shows: others decode
/// it too, and are to be spared what is damaged or beyond the limits. A piece of a file has the cover of the file.
pub fn stored(path: &Path, encoding: Option<&'static Encoding>) -> Option<Vec<u8>> {
    let bytes = tags::cover(path, encoding).ok()??;
    let shown = || decode(&bytes).is_ok();
    catch_unwind(AssertUnwindSafe(shown)).unwrap_or(false).then_some(bytes)
}

impl Read {
    /// Keeps a picture, or says why it is none.
    fn take(&mut self, what: &str, bytes: &[u8], (width, height): (u16, u16)) {
        let side = |side: u16| usize::from(side.clamp(1, LARGEST_SIDE));
        let made = || decode(bytes).map(|picture| picture.within(side(width), side(height)));
        match catch_unwind(AssertUnwindSafe(made)).unwrap_or(Err(PictureError::Panicked)) {
            Ok(picture) => self.picture = Some(picture),
            Err(why) => self.faults.push(sanitize(&format!("{what} cannot be shown: {why}"))),
        }
    }
}

/// The covers that lie beside a file, in the order in which they count. Whatever has such a name is listed, so that what
/// is no regular file is reported when it is opened.
pub fn beside(file: &Path, follow_links: bool) -> Vec<PathBuf> {
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut found: Vec<(usize, PathBuf)> = entries
        .take(MOST_NAMES)
        .flatten()
        .filter_map(|entry| Some((rank(&entry.file_name().to_string_lossy())?, entry)))
        .filter(|(_, entry)| follow_links || entry.file_type().is_ok_and(|kind| !kind.is_symlink()))
        .map(|(rank, entry)| (rank, entry.path()))
        .collect();
    // Names that differ in the case of letters only: always the same one.
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

/// Whether a file is a cover by its name.
pub fn is_cover(path: &Path) -> bool {
    path.file_name().is_some_and(|name| rank(&name.to_string_lossy()).is_some())
}

/// How much a file counts as a cover by its name, 0 the most; `None` if it is none.
fn rank(name: &str) -> Option<usize> {
    let (stem, ending) = name.rsplit_once('.')?;
    let place = |of: &[&str], word: &str| of.iter().position(|own| own.eq_ignore_ascii_case(word));
    Some(place(&NAMES, stem)? * ENDINGS.len() + place(&ENDINGS, ending)?)
}
