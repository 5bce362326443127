//! Files that are away for a while: an unplugged disk, a share that is not mounted. What goes wrong with them meanwhile is
//! not their fault and is withdrawn when they are back.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::Coordinator;
use crate::audio::cue;
use crate::clock::Clock;
use crate::store::{FileRecord, Outcome};

/// How often it is looked whether they are back.
const LOOK: Duration = Duration::from_secs(2);

impl Coordinator {
    /// The player could not read a file, and said so; `missing`: because it was not there. If it is away, that is withdrawn
    /// when it is back, and at once where it is back already. If it is another one by now, it is looked at; else it is the
    /// file's own fault, which stands until it changes.
    pub(super) fn suspect(&mut self, path: PathBuf, missing: bool) {
        self.faulty.insert(path.clone());
        if cue::stat(&path).is_err() {
            self.away.insert(path);
            return;
        }
        if missing {
            self.well(&path);
        }
        self.settler.mark(path, self.clock.now());
    }

    /// Looks whether files are back whose faults were that they are away.
    pub(super) fn look_for_the_lost(&mut self) {
        if self.away.is_empty() || self.away_seen.elapsed() < LOOK {
            return;
        }
        self.away_seen = Instant::now();
        // One whose sound is elsewhere now was moved: nobody waits for it.
        let moved = |path: &PathBuf| match self.shelf.file(path) {
            Some(FileRecord { outcome: Outcome::Probed(probe), gone_since: Some(_), .. }) => {
                self.catalog.of_track(probe.track).is_some()
            }
            Some(_) => false,
            None => true,
        };
        let over = |path: &&PathBuf| cue::stat(path).is_ok() || moved(path);
        let back: Vec<PathBuf> = self.away.iter().filter(over).cloned().collect();
        for path in back {
            self.away.remove(&path);
            self.well(&path);
            self.settler.mark(path, self.clock.now());
        }
    }
}
