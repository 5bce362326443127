//! What goes wrong for reasons outside of a file: a reader that somebody ended, a process that cannot be started, a cache that
//! cannot be written. It costs a file this scan at the most; the next one tries again.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Coordinator;
use crate::analysis::messages::Update;
use crate::analysis::pool::Outcome as JobOutcome;
use crate::audio::cue;
use crate::store::{FileRecord, Outcome, StrobeCache};
use crate::track::{FileFault, TrackId};
use crate::worker::{Quarantine, STRIKES};

/// What a file's reader came to, when it came to nothing.
pub(super) enum Blame {
    /// Once is chance: it is to be read again, by another process.
    Again,
    /// The file is at fault, as long as it stays as it is: why.
    File(FileFault),
    /// Nobody knows, or something else is: it is tried again at the next scan. Why not in this one.
    Later(String),
    /// It is not there any more.
    Gone,
}

impl Coordinator {
    /// A whole scan is through the directory: what could not be done in the last one for reasons outside of the files is tried
    /// again.
    pub(super) fn another_try(&mut self) {
        self.struck = Quarantine::default();
        let waits = !self.aside.is_empty() || self.encoder_down || self.no_worker;
        self.aside.clear();
        (self.encoder_down, self.no_worker) = (false, false);
        if self.cache.is_none()
            && let Ok(cache) = StrobeCache::open(&self.options.paths.strobes())
        {
            self.cache = Some(cache);
            self.later_stale = true;
        }
        self.try_again();
        if waits {
            self.plan();
        }
    }

    /// Whom to blame for a job about a file that has no result.
    pub(super) fn blame(&mut self, path: &Path, outcome: JobOutcome) -> Blame {
        let stat = match cue::stat(path) {
            Ok(stat) => stat,
            // Not there, or in no sheet that makes sense.
            Err(e) if [ErrorKind::NotFound, ErrorKind::NotADirectory, ErrorKind::InvalidData].contains(&e.kind()) => {
                return Blame::Gone;
            }
            Err(e) => return Blame::Later(format!("cannot be looked at ({e}); the next scan tries it again")),
        };
        let chance = match &outcome {
            JobOutcome::Interrupted(_) | JobOutcome::Killed(_) => self.struck.strike(path, &stat) < STRIKES,
            _ => false,
        };
        match outcome {
            _ if chance => Blame::Again,
            JobOutcome::Refused(why) | JobOutcome::Killed(why) => Blame::File(why),
            JobOutcome::Interrupted(why) => Blame::Later(format!("{why}; the next scan tries it again")),
            JobOutcome::NoWorker(why) => {
                self.say_no_worker(format!("files cannot be read: {why}; the next scan tries again"));
                Blame::Later(String::new())
            }
            JobOutcome::Found(_) | JobOutcome::Each(_) => Blame::Later(String::new()),
        }
    }

    /// Says that a process cannot be run that is needed.
    pub(super) fn say_no_worker(&mut self, why: String) {
        if !std::mem::replace(&mut self.no_worker, true) {
            self.tell(Update::NoWorker(why));
        }
    }

    /// Says why a file is not read in this scan; nothing to say means that it was said for all.
    pub(super) fn leave_for_now(&mut self, path: PathBuf, why: String) {
        if !why.is_empty() {
            self.fault(path, FileFault::Outside(why));
        }
    }

    /// Leaves a track alone until the next scan.
    pub(super) fn set_aside(&mut self, track: TrackId, path: &Path, why: String) {
        self.aside.insert(track);
        self.leave_for_now(path.to_path_buf(), why);
    }

    /// The strobe cache cannot be written; it only saves time, so everything goes on without it.
    pub(super) fn without_cache(&mut self, why: &std::io::Error) {
        self.cache = None;
        self.later_stale = true;
        let file = self.options.paths.strobes();
        let text = format!("{}: images cannot be kept, going on without until the next scan: {why}", file.display());
        self.note(true, text);
    }
}

/// Whether what is known of a file is no more than that its reader was ended, perhaps from outside: it is read again.
pub(super) fn is_doubtful(record: &FileRecord) -> bool {
    let outside = |why: &FileFault| matches!(why, FileFault::Outside(_));
    let failed = matches!(&record.outcome, Outcome::Failed { why, strikes } if *strikes < STRIKES || outside(why));
    failed || record.listen_fault.as_ref().is_some_and(outside)
}
