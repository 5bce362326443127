//! Quarantines files that kill their workers: after two strikes a file is skipped until it changes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::track::Stat;

/// A version of a file is quarantined after this many deaths or timeouts.
pub const STRIKES: u8 = 2;

/// Counts strikes per path and version of the file. Kept in memory only: the store saves them
/// (`Outcome::Failed::strikes`) and returns them through [`restore`](Quarantine::restore).
#[derive(Clone, Debug, Default)]
pub struct Quarantine {
    strikes: HashMap<PathBuf, (Version, u8)>,
}

/// Identifies a version of a file by size in bytes and modification time in nanoseconds; a changed inode or owner does
/// not make another version.
type Version = (u64, i64);

fn version(stat: &Stat) -> Version {
    (stat.size, stat.mtime_ns)
}

impl Quarantine {
    /// Counts a death or timeout over a file and returns the count for this version of it. From [`STRIKES`] on, the
    /// version is quarantined.
    pub fn strike(&mut self, path: &Path, stat: &Stat) -> u8 {
        let entry = self.strikes.entry(path.to_owned()).or_insert((version(stat), 0));
        if entry.0 != version(stat) {
            *entry = (version(stat), 0);
        }
        entry.1 = entry.1.saturating_add(1);
        entry.1
    }

    /// Whether this version of a file is quarantined.
    pub fn holds(&self, path: &Path, stat: &Stat) -> bool {
        self.strikes.get(path).is_some_and(|(v, n)| *v == version(stat) && *n >= STRIKES)
    }

    /// Restores strikes saved in the store.
    pub fn restore(&mut self, path: &Path, stat: &Stat, strikes: u8) {
        if strikes > 0 {
            self.strikes.insert(path.to_owned(), (version(stat), strikes));
        }
    }

    /// Clears a file's strikes: it was read, no longer exists, or the user wants another attempt.
    pub fn release(&mut self, path: &Path) {
        self.strikes.remove(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_strikes_until_the_file_changes() {
        let mut quarantine = Quarantine::default();
        let path = Path::new("/m/evil.mp3");
        let old = Stat { size: 9, mtime_ns: 5, ..Stat::default() };
        assert!(!quarantine.holds(path, &old));
        assert_eq!(quarantine.strike(path, &old), 1);
        assert!(!quarantine.holds(path, &old));
        assert_eq!(quarantine.strike(path, &old), 2);
        assert!(quarantine.holds(path, &old));
        assert!(quarantine.holds(path, &Stat { ctime_ns: 77, ino: 3, ..old }), "a chmod does not mend a file");
        assert!(!quarantine.holds(Path::new("/m/other.mp3"), &old));

        let new = Stat { mtime_ns: 6, ..old };
        assert!(!quarantine.holds(path, &new));
        assert_eq!(quarantine.strike(path, &new), 1, "a new version begins anew");
        assert!(!quarantine.holds(path, &new));
    }

    #[test]
    fn strikes_outlive_the_process_through_the_store() {
        let mut quarantine = Quarantine::default();
        let stat = Stat { size: 1, ..Stat::default() };
        quarantine.restore(Path::new("/a"), &stat, STRIKES);
        quarantine.restore(Path::new("/b"), &stat, 1);
        assert!(quarantine.holds(Path::new("/a"), &stat) && !quarantine.holds(Path::new("/b"), &stat));
        assert_eq!(quarantine.strike(Path::new("/b"), &stat), STRIKES);
        quarantine.release(Path::new("/a"));
        assert!(!quarantine.holds(Path::new("/a"), &stat));
    }
}
