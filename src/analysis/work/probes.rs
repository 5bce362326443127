//! Probing files for tags and identity: chooses the next files and processes the results.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};

use super::bench::{Bench, Wish};
use super::trouble::{Blame, is_doubtful};
use crate::analysis::jobs::{Found, Job};
use crate::analysis::pool::Outcome as JobOutcome;
use crate::analysis::publish::Publisher;
use crate::audio::cue;
use crate::store::{FileRecord, Outcome};
use crate::worker::STRIKES;

/// Maximum number of files in one message to a worker.
const MOST: usize = 64;

/// The queue of files to be probed.
#[derive(Default)]
pub(super) struct Probes {
    queue: VecDeque<PathBuf>,
    /// Files in the queue and files being probed.
    pending: HashSet<PathBuf>,
    done: usize,
}

impl Probes {
    /// The number of files queued or being probed.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// The number of files probed since the start.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Adds a file; at the front if it is in the directory `first`.
    pub fn add(&mut self, path: PathBuf, first: Option<&Path>) {
        if self.pending.insert(path.clone()) {
            if first.is_some() && path.parent() == first {
                self.queue.push_front(path);
            } else {
                self.queue.push_back(path);
            }
        }
    }

    /// Moves the files of a directory to the front.
    pub fn prefer(&mut self, dir: &Path) {
        let (first, rest): (Vec<_>, Vec<_>) = self.queue.drain(..).partition(|p| p.parent() == Some(dir));
        self.queue.extend(first.into_iter().chain(rest));
    }

    /// Whether the next file is in this directory.
    pub fn next_is_in(&self, dir: Option<&Path>) -> bool {
        dir.is_some() && self.queue.front().is_some_and(|p| p.parent() == dir)
    }

    /// The next job. It holds up to `MOST` files to amortise the cost of a message, but few enough that each of
    /// `workers` gets some.
    pub fn take(&mut self, workers: usize) -> Option<Job> {
        let count = (self.queue.len() / (workers + 1)).clamp(1, MOST).min(self.queue.len());
        match count {
            0 => None,
            1 => self.queue.pop_front().map(|path| Job::Probe { path }),
            _ => Some(Job::Probes { paths: self.queue.drain(..count).collect() }),
        }
    }

    /// Processes a result. `first` is the directory with priority; `tags_mark` marks how tags are read now
    /// ([`FileRecord::is_outdated`]).
    pub fn finish(
        &mut self,
        path: PathBuf,
        outcome: JobOutcome,
        first: Option<&Path>,
        tags_mark: u16,
        bench: &mut Bench,
        publisher: &mut Publisher,
    ) {
        self.pending.remove(&path);
        self.done += 1;
        let (stat, outcome) = match outcome {
            JobOutcome::Found(Found::Probe { pieces, .. }) if !pieces.is_empty() => {
                return bench.wishes.push(Wish::TakeApart(path, pieces));
            }
            JobOutcome::Found(Found::Probe { stat, probe, .. }) => {
                publisher.teller.well(&path);
                (stat, Outcome::Probed(*probe))
            }
            JobOutcome::Found(_) | JobOutcome::Each(_) => return bench.settle(path),
            outcome => match (bench.trouble.blame(&path, outcome, &publisher.teller), cue::stat(&path)) {
                (Blame::Again, _) => {
                    self.done -= 1;
                    return self.add(path, first);
                }
                // An existing record is kept; a file without one is new to the next scan.
                (Blame::Later(why), _) => return publisher.teller.outside(path, why),
                (Blame::File(why), Ok(stat)) => {
                    publisher.teller.fault(path.clone(), why.clone());
                    (stat, Outcome::Failed { why, strikes: STRIKES })
                }
                (Blame::Gone | Blame::File(_), _) => return publisher.gone(&path),
            },
        };
        let known = publisher.shelf.file(&path);
        // An unchanged file that was probed only because tags are read differently now: the fault of its earlier
        // analysis remains.
        let retagged = |r: &FileRecord| r.stat == stat && r.is_outdated(tags_mark) && !is_doubtful(r);
        let listen_fault = known.filter(retagged).and_then(|r| r.listen_fault);
        if let Some(why) = &listen_fault {
            publisher.teller.fault(path.clone(), why.clone());
        }
        let added = publisher.shelf.added(&path, &outcome).unwrap_or_else(|| publisher.unix());
        let record = FileRecord { stat, outcome, listen_fault, added, tags_version: tags_mark, gone_since: None };
        publisher.put_file(path, record);
    }

    /// Drops a probed file that a cue sheet has split into pieces in the meantime.
    pub fn leave(&mut self, path: &Path) {
        self.pending.remove(path);
        self.done += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probes(count: usize) -> Probes {
        let mut probes = Probes::default();
        (0..count).for_each(|n| probes.add(format!("/m/{}/{n}", n % 2).into(), None));
        probes
    }

    #[test]
    fn messages_are_as_large_as_leaves_some_for_every_worker() {
        let size = |count, workers| match probes(count).take(workers) {
            Some(Job::Probes { paths }) => paths.len(),
            Some(Job::Probe { .. }) => 1,
            _ => 0,
        };
        assert_eq!([size(0, 3), size(1, 3), size(7, 3), size(40, 3), size(10_000, 3)], [0, 1, 1, 10, MOST]);
    }

    #[test]
    fn each_file_waits_once_and_the_preferred_directory_goes_first() {
        let mut probes = probes(4);
        probes.add("/m/0/0".into(), None);
        assert_eq!(probes.pending(), 4);
        probes.prefer(Path::new("/m/1"));
        assert!(probes.next_is_in(Some(Path::new("/m/1"))) && !probes.next_is_in(None));
        probes.add("/m/0/9".into(), Some(Path::new("/m/0")));
        let Some(Job::Probe { path }) = probes.take(9) else { panic!("one at a time") };
        assert_eq!(path, Path::new("/m/0/9"));
        probes.leave(&path);
        assert_eq!((probes.pending(), probes.done()), (4, 1));
    }
}
