//! Walks of the music directory, each on its own thread.

use std::collections::HashSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use crate::library::scan::{self, WalkReport};
use crate::track::Stat;

/// The result of a walk.
pub(crate) struct Walked {
    /// The directory that was walked.
    pub dir: PathBuf,
    /// Errors, faults and cue sheets.
    pub report: WalkReport,
    /// The files, sorted by [`scan::order`], without duplicates.
    pub found: Vec<(PathBuf, Stat)>,
}

/// What a walk reports and finds.
type Found = (WalkReport, Vec<(PathBuf, Stat)>);

/// The walks in progress.
pub(super) struct Walks {
    // Kept so that the channel never closes: a closed channel is always ready in a `select`.
    answer: Sender<Walked>,
    walked: Receiver<Walked>,
    running: usize,
    /// When the last walk of the whole directory ended.
    ended: Option<Instant>,
    /// Whether another walk of the whole directory was requested while one was running.
    again: bool,
}

impl Walks {
    pub fn new() -> Walks {
        let (answer, walked) = crossbeam_channel::unbounded();
        Walks { answer, walked, running: 0, ended: None, again: false }
    }

    /// The channel that delivers finished walks.
    pub fn results(&self) -> Receiver<Walked> {
        self.walked.clone()
    }

    pub fn are_running(&self) -> bool {
        self.running > 0
    }

    /// Starts a walk of `dir`. The files in `inside` have an embedded cue sheet.
    pub fn start(&mut self, dir: PathBuf, follow_links: bool, inside: HashSet<PathBuf>) -> io::Result<()> {
        self.start_by(dir, move |dir| {
            let mut found = Vec::new();
            let report = scan::walk_over(dir, follow_links, &inside, &mut |path, stat| found.push((path, stat)));
            found.sort_unstable_by(|a, b| scan::order(&a.0, &b.0));
            found.dedup_by(|a, b| a.0 == b.0);
            (report, found)
        })
    }

    /// Starts a walk by `walk`. One that panics is answered too, as a directory that cannot be read: otherwise the scan
    /// would seem to run forever.
    fn start_by(&mut self, dir: PathBuf, walk: impl FnOnce(&Path) -> Found + Send + 'static) -> io::Result<()> {
        let answer = self.answer.clone();
        std::thread::Builder::new().name("scan".into()).spawn(move || {
            let walked = catch_unwind(AssertUnwindSafe(|| walk(&dir)));
            let (report, found) = walked.unwrap_or_else(|_| {
                let why = "the scan of it broke off; see the log".to_string();
                (WalkReport { errors: vec![(dir.clone(), why)], ..WalkReport::default() }, Vec::new())
            });
            let _ = answer.send(Walked { dir, report, found });
        })?;
        self.running += 1;
        Ok(())
    }

    /// Records that a walk of the whole directory could not be started: it is tried again as if it had ended now.
    pub fn put_off(&mut self) {
        self.ended = Some(Instant::now());
    }

    /// Records that a walk has ended; `whole` if it was of the whole directory.
    pub fn end(&mut self, whole: bool) {
        self.running = self.running.saturating_sub(1);
        if whole {
            self.ended = Some(Instant::now());
        }
    }

    /// Requests another walk of the whole directory.
    pub fn once_more(&mut self) {
        self.again = true;
    }

    /// Whether another walk of the whole directory was requested, and can start now.
    pub fn are_asked_again(&self) -> bool {
        self.again && !self.are_running()
    }

    /// Whether a walk of the whole directory is due: because one was requested, which is cleared, or because the last
    /// one ended more than `often` ago.
    pub fn take_due(&mut self, often: Duration) -> bool {
        let due = self.again || self.ended.is_some_and(|at| at.elapsed() > often);
        self.again &= !due;
        due
    }

    /// Time since the last walk of the whole directory ended; zero before the first.
    pub fn age(&self) -> Duration {
        self.ended.map_or(Duration::ZERO, |at| at.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_that_panics_is_answered_with_an_error() {
        let mut walks = Walks::new();
        walks.start_by("/music".into(), |_| panic!("a fault of the test")).unwrap();
        let walked = walks.results().recv().unwrap();
        assert_eq!((walked.dir.as_path(), walked.found.len()), (Path::new("/music"), 0));
        assert_eq!(walked.report.errors.len(), 1);
        assert!(walked.report.errors[0].1.contains("broke off") && !walked.report.root_missing);
        walks.end(true);
        assert!(!walks.are_running());
    }

    #[test]
    fn what_was_asked_for_or_could_not_start_comes_again() {
        let often = Duration::from_secs(3600);
        let mut walks = Walks::new();
        assert!(!walks.take_due(Duration::ZERO), "before the first walk nothing is due");
        walks.put_off();
        assert!(!walks.take_due(often));
        while !walks.take_due(Duration::ZERO) {
            std::thread::yield_now();
        }
        walks.start_by("/music".into(), |_| (WalkReport::default(), Vec::new())).unwrap();
        walks.once_more();
        assert!(!walks.are_asked_again(), "one is running");
        walks.end(false);
        assert!(walks.are_asked_again() && walks.take_due(often));
        assert!(!walks.are_asked_again() && !walks.take_due(often), "once");
    }
}
