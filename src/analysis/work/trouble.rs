//! Failures for reasons outside of a file: a reader that was ended by somebody else, a process that cannot be started. Such a
//! failure costs a file this scan at the most; the next scan tries again.

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
    /// It may have been chance: the file is to be read again, by another process.
    Again,
    /// The file is at fault, as long as it stays as it is: why.
    File(FileFault),
    /// Something else is at fault, or it is not known: the next scan tries again. Why, unless that has been told already.
    Later(Option<String>),
    /// The file is not there any more.
    Gone,
}

/// What went wrong in this scan.
#[derive(Default)]
pub(super) struct Trouble {
    /// How often the reader of each file died over it.
    struck: Quarantine,
    /// Tracks that are left alone until the next scan.
    pub aside: HashSet<TrackId>,
    /// A process that is needed cannot be run; told once in a scan.
    no_worker: bool,
}

impl Trouble {
    /// Begins anew; whether anything had been left for this.
    pub fn forget(&mut self) -> bool {
        self.struck = Quarantine::default();
        let left = !self.aside.is_empty() || self.no_worker;
        self.aside.clear();
        self.no_worker = false;
        left
    }

    /// Whom to blame for a job about a file that has no result.
    pub fn blame(&mut self, path: &Path, outcome: JobOutcome, teller: &Teller) -> Blame {
        let stat = match cue::stat(path) {
            Ok(stat) => stat,
            // Not there, or in no sheet that makes sense.
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

    /// Tells, once in a scan, that a process cannot be run that is needed.
    pub fn tell_no_worker(&mut self, why: String, teller: &Teller) {
        if !std::mem::replace(&mut self.no_worker, true) {
            teller.tell(Update::NoWorker(why));
        }
    }

    /// Leaves a track alone until the next scan; `why`, unless that has been told already.
    pub fn set_aside(&mut self, track: TrackId, path: &Path, why: Option<String>, teller: &mut Teller) {
        self.aside.insert(track);
        teller.outside(path.to_path_buf(), why);
    }
}

/// Whether all that is known of a file is that its reader was ended, perhaps from outside: it is read again.
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
