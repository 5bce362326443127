//! What the log keeps of faults and scans.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::analysis::changes::Change;
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

/// The most files of which each gets a line of its own; of more their number is noted.
const EACH: usize = 20;

/// Files came to the music directory, moved in it or went.
pub(super) fn files(changes: &[Change], (log, now): (&mut Log, Duration)) {
    let mut add = |text: &str, path: Option<&Path>| log.add(now, Matter::Watch, Kind::Success, text, path);
    if changes.len() <= EACH {
        for change in changes {
            match change {
                Change::Added(path) => add("added", Some(path.as_path())),
                Change::Moved { from, to } => add(&format!("was {}", from.to_string_lossy()), Some(to.as_path())),
                Change::Removed(path) => add("removed", Some(path.as_path())),
            }
        }
        return;
    }
    let (mut added, mut moved, mut removed) = (0, 0, 0);
    for change in changes {
        match change {
            Change::Added(_) => added += 1,
            Change::Moved { .. } => moved += 1,
            Change::Removed(_) => removed += 1,
        }
    }
    for (n, what) in [(added, "added"), (moved, "moved or renamed"), (removed, "removed")] {
        if n > 0 {
            add(&format!("{} {what}", count(n, "file")), None);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(changes: &[Change]) -> Vec<(String, Option<PathBuf>)> {
        let mut log = Log::default();
        files(changes, (&mut log, Duration::ZERO));
        log.newest().map(|entry| (entry.text.clone(), entry.path.clone())).collect()
    }

    #[test]
    fn files_are_noted_each_or_by_their_number() {
        let (a, b, c) = (PathBuf::from("/m/a.mp3"), PathBuf::from("/m/b.mp3"), PathBuf::from("/m/c.mp3"));
        let mut changes = vec![
            Change::Added(a.clone()),
            Change::Moved { from: "/m/x.mp3".into(), to: b.clone() },
            Change::Removed(c.clone()),
        ];
        let lines = [("removed", c), ("was /m/x.mp3", b), ("added", a)];
        assert_eq!(noted(&changes), lines.map(|(text, path)| (text.to_string(), Some(path))));
        changes.extend((0..EACH).map(|n| Change::Added(format!("/m/{n}.mp3").into())));
        let numbers = ["1 file removed", "1 file moved or renamed", "21 files added"];
        assert_eq!(noted(&changes), numbers.map(|text| (text.to_string(), None)));
        assert!(noted(&[]).is_empty());
    }
}
