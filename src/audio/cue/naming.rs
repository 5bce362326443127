//! The paths that name pieces of files.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::track::is_audio;

/// Whether a path has the extension of a cue sheet.
pub fn is_sheet(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("cue"))
}

/// The path that names a track of a sheet.
pub fn name(sheet: &Path, number: u32) -> PathBuf {
    sheet.join(format!("track{number:04}"))
}

/// The sheet and the track's number in a path made by [`name`]; `None` for any other path.
pub fn split(path: &Path) -> Option<(&Path, u32)> {
    let digits = path.file_name()?.to_str()?.strip_prefix("track")?;
    let sheet = path.parent().filter(|sheet| is_sheet(sheet) || is_audio(sheet))?;
    let plain = digits.len() >= 4 && digits.bytes().all(|b| b.is_ascii_digit());
    Some((sheet, digits.parse().ok().filter(|_| plain)?))
}

/// Whether a path names a track: an audio file (by extension) or a piece.
pub fn is_track(path: &Path) -> bool {
    is_audio(path) || split(path).is_some()
}

/// A file name in lower case, for comparison.
pub(super) fn lower(name: &OsStr) -> String {
    name.to_string_lossy().to_lowercase()
}
