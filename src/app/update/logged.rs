//! What the log keeps of faults and scans.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::library::unsupported::{self, Unsupported};
use crate::notice::Kind;
use crate::track::FileFault;

use super::super::state::log::Matter;
use super::super::state::model::Model;
use super::meant::count;

/// A file cannot be used. What is known already is not noted again.
pub(super) fn fault(model: &mut Model, path: PathBuf, why: FileFault) {
    if model.faults.get(&path) != Some(&why) {
        model.log.add(model.now, Matter::File, Kind::Error, &why.to_string(), Some(&path));
    }
    model.faults.insert(path, why);
}

/// A file can be used again, or is gone.
pub(super) fn well(model: &mut Model, path: &Path) {
    if model.faults.remove(path).is_some() {
        model.log.add(model.now, Matter::File, Kind::Success, "can be used again, or is gone", Some(path));
    }
}

/// The scan found other files than before whose formats cannot be played.
pub(super) fn unsupported(model: &mut Model, files: Arc<Unsupported>) {
    if let Some(text) = unsupported::words(&files.counts) {
        model.log.add(model.now, Matter::Watch, Kind::Obstacle, &text, None);
    }
    model.unsupported = files;
}

/// The music directory was scanned. Only a scan that found another number of songs than the one before is noted: a directory
/// that cannot be watched is scanned every minute.
pub(super) fn scanned(model: &mut Model) {
    let songs = model.catalog.len();
    let text = match model.scanned.replace(songs) {
        Some(before) if before == songs => return,
        Some(before) if before < songs => format!("scanned: {} ({} more)", count(songs, "song"), songs - before),
        Some(before) => format!("scanned: {} ({} fewer)", count(songs, "song"), before - songs),
        None => format!("scanned: {}", count(songs, "song")),
    };
    model.log.add(model.now, Matter::Watch, Kind::Success, &text, None);
}
