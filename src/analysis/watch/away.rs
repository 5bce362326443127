//! Files that are away for a while: an unplugged disk, a share that is not mounted. Faults that are reported meanwhile are
//! not the files' own, and are withdrawn when the files are back.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::analysis::shelf::Shelf;
use crate::audio::cue;
use crate::library::Catalog;
use crate::store::{FileRecord, Outcome};

/// How often to look whether they are back.
const LOOK: Duration = Duration::from_secs(2);

/// Files that were not there when they were last looked at, and for whose faults that is the reason.
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

    /// Takes out the files that are back, and those whose sound is known at another path now: nobody waits for them. None
    /// when it is too early to look again.
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
