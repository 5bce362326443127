//! Walks of the music directory, each on its own thread.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
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
        let answer = self.answer.clone();
        std::thread::Builder::new().name("scan".into()).spawn(move || {
            let mut found = Vec::new();
            let report = scan::walk_over(&dir, follow_links, &inside, &mut |path, stat| found.push((path, stat)));
            found.sort_unstable_by(|a, b| scan::order(&a.0, &b.0));
            found.dedup_by(|a, b| a.0 == b.0);
            let _ = answer.send(Walked { dir, report, found });
        })?;
        self.running += 1;
        Ok(())
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
