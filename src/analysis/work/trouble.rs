//! Failures with a cause outside of the file, such as a killed worker or a process that cannot be started. They exclude
//! a file from this scan at most; the next scan tries again.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::Path;

use crate::analysis::messages::Update;
use crate::analysis::pool::Outcome as JobOutcome;
use crate::analysis::teller::Teller;
use crate::audio::cue;
use crate::store::{FileRecord, Outcome};
use crate::track::{FileFault, TrackId};
use crate::worker::{Quarantine, STRIKES};

/// Why a job has no result.
pub(super) enum Blame {
    /// It may have been chance: the file is to be read again by another process.
    Again,
    /// The file is at fault, until it changes, for this reason.
    File(FileFault),
    /// Something else is at fault, or the cause is unknown: the next scan tries again. The reason is `None` if it was
    /// reported already.
    Later(Option<String>),
    /// The file no longer exists.
    Gone,
}

/// The failures of this scan.
#[derive(Default)]
pub(super) struct Trouble {
    /// How often a worker died while reading each file.
    struck: Quarantine,
    /// Tracks that are skipped until the next scan.
    pub aside: HashSet<TrackId>,
    /// A required process cannot be run; reported once per scan.
    no_worker: bool,
}

impl Trouble {
    /// Resets the state for a new scan. True if any work was skipped.
    pub fn forget(&mut self) -> bool {
        self.struck = Quarantine::default();
        let left = !self.aside.is_empty() || self.no_worker;
        self.aside.clear();
        self.no_worker = false;
        left
    }

    /// Decides the cause of a job without a result.
    pub fn blame(&mut self, path: &Path, outcome: JobOutcome, teller: &Teller) -> Blame {
        let stat = match cue::stat(path) {
            Ok(stat) => stat,
            // The file does not exist, or its cue sheet no longer defines it.
            Err(e) if [ErrorKind::NotFound, ErrorKind::NotADirectory, ErrorKind::InvalidData].contains(&e.kind()) => {
                return Blame::Gone;
            }
            Err(e) => return Blame::Later(Some(format!("cannot be looked at ({e}); the next scan tries it again"))),
        };
        let chance = match &outcome {
            JobOutcome::Interrupted(_) | JobOutcome::Killed(_) => self.struck.strike(path, &stat) < STRIKES,
            _ => false,
        };
        match outcome {
            _ if chance => Blame::Again,
            JobOutcome::Refused(why) | JobOutcome::Killed(why) => Blame::File(why),
            JobOutcome::Interrupted(why) => Blame::Later(Some(format!("{why}; the next scan tries it again"))),
            JobOutcome::NoWorker(why) => {
                self.tell_no_worker(format!("files cannot be read: {why}; the next scan tries again"), teller);
                Blame::Later(None)
            }
            JobOutcome::Found(_) | JobOutcome::Each(_) => Blame::Later(None),
        }
    }

    /// Reports, once per scan, that a required process cannot be run.
    pub fn tell_no_worker(&mut self, why: String, teller: &Teller) {
        if !std::mem::replace(&mut self.no_worker, true) {
            teller.tell(Update::NoWorker(why));
        }
    }

    /// Skips a track until the next scan; `why` is `None` if the reason was reported already.
    pub fn set_aside(&mut self, track: TrackId, path: &Path, why: Option<String>, teller: &mut Teller) {
        self.aside.insert(track);
        teller.outside(path.to_path_buf(), why);
    }
}

/// Whether a record's failure may have an external cause, such as a killed worker, so that the file is to be read
/// again.
pub(in crate::analysis) fn is_doubtful(record: &FileRecord) -> bool {
    let outside = |why: &FileFault| matches!(why, FileFault::Outside(_));
    let failed = matches!(&record.outcome, Outcome::Failed { why, strikes } if *strikes < STRIKES || outside(why));
    failed || record.listen_fault.as_ref().is_some_and(outside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_blamed_after_two_strikes_and_not_for_what_lies_outside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.mp3");
        std::fs::write(&path, "a").unwrap();
        let (updates, told) = crossbeam_channel::unbounded();
        let (mut trouble, teller) = (Trouble::default(), Teller::new(updates));
        let mut blame = |path: &Path, outcome| trouble.blame(path, outcome, &teller);
        let killed = || JobOutcome::Killed(FileFault::Crashed("signal: 11".into()));
        assert!(matches!(blame(&path, killed()), Blame::Again));
        assert!(matches!(blame(&path, killed()), Blame::File(FileFault::Crashed(_))));
        assert!(matches!(blame(&path, JobOutcome::Interrupted("slow".into())), Blame::Later(Some(_))));
        assert!(matches!(blame(&dir.path().join("b.mp3"), killed()), Blame::Gone));
        assert!(told.is_empty());
        for _ in 0..2 {
            assert!(matches!(blame(&path, JobOutcome::NoWorker("no memory".into())), Blame::Later(None)));
        }
        assert!(matches!(told.try_recv(), Ok(Update::NoWorker(_))) && told.is_empty(), "told once");
        assert!(trouble.forget());
        assert!(matches!(trouble.blame(&path, killed(), &teller), Blame::Again), "another scan, another try");
    }
}
