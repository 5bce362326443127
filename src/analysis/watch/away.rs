//! Files that are temporarily missing, because of an unplugged disk or an unmounted share. Faults reported meanwhile
//! are not the files' own and are withdrawn when the files are back.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::analysis::shelf::Shelf;
use crate::audio::cue;
use crate::library::Catalog;
use crate::store::{FileRecord, Outcome};

/// Interval between checks whether they are back.
const LOOK: Duration = Duration::from_secs(2);

/// Files that were missing when last checked, which explains their faults.
pub(super) struct Away {
    files: HashSet<PathBuf>,
    looked_at: Instant,
}

impl Away {
    pub fn new() -> Away {
        Away { files: HashSet::new(), looked_at: Instant::now() }
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub fn add(&mut self, path: PathBuf) {
        self.files.insert(path);
    }

    /// Removes and returns the files that are back, and those whose track is now known at another path. Empty if the
    /// last check is too recent.
    pub fn take_back(&mut self, shelf: &Shelf, catalog: &Catalog) -> Vec<PathBuf> {
        if self.files.is_empty() || self.looked_at.elapsed() < LOOK {
            return Vec::new();
        }
        self.looked_at = Instant::now();
        let moved = |path: &PathBuf| match shelf.file(path) {
            Some(FileRecord { outcome: Outcome::Probed(probe), gone_since: Some(_), .. }) => {
                catalog.of_track(probe.track).is_some()
            }
            Some(_) => false,
            None => true,
        };
        self.files.extract_if(|path| cue::stat(path).is_ok() || moved(path)).collect()
    }
}
