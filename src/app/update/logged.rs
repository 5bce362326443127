//! What the log keeps of faults and scans.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::library::unsupported::{self, Unsupported};
use crate::notice::Kind;
use crate::track::FileFault;

use super::super::state::faults::Faults;
use super::super::state::log::{Log, Matter};
use super::meant::count;

/// A file cannot be used. What is known already is not noted again.
pub(super) fn fault(faults: &mut Faults, (log, now): (&mut Log, Duration), path: PathBuf, why: FileFault) {
    if faults.get(&path) != Some(&why) {
        log.add(now, Matter::File, Kind::Error, &why.to_string(), Some(&path));
    }
    faults.insert(path, why);
}

/// A file can be used again, or is gone.
pub(super) fn well(faults: &mut Faults, (log, now): (&mut Log, Duration), path: &Path) {
    if faults.remove(path).is_some() {
        log.add(now, Matter::File, Kind::Success, "can be used again, or is gone", Some(path));
    }
}

/// The scan found other files than before whose formats cannot be played.
pub(super) fn unsupported(files: &Unsupported, (log, now): (&mut Log, Duration)) {
    if let Some(text) = unsupported::words(&files.counts) {
        log.add(now, Matter::Watch, Kind::Obstacle, &text, None);
    }
}

/// The music directory was scanned, and the library now has so many songs. Only a scan that changed their number is noted:
/// a directory that cannot be watched is scanned every minute.
pub(super) fn scanned(last: &mut Option<usize>, (log, now): (&mut Log, Duration), songs: usize) {
    let text = match last.replace(songs) {
        Some(before) if before == songs => return,
        Some(before) if before < songs => format!("scanned: {} ({} more)", count(songs, "song"), songs - before),
        Some(before) => format!("scanned: {} ({} fewer)", count(songs, "song"), before - songs),
        None => format!("scanned: {}", count(songs, "song")),
    };
    log.add(now, Matter::Watch, Kind::Success, &text, None);
}
