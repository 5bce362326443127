//! Walks of the music directory, each on a thread of its own.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use crate::library::scan::{self, WalkReport};
use crate::track::Stat;

/// What a walk found.
pub(crate) struct Walked {
    /// Where it began.
    pub dir: PathBuf,
    /// Errors, faults and cue sheets.
    pub report: WalkReport,
    /// The files, sorted by [`scan::order`], each once.
    pub found: Vec<(PathBuf, Stat)>,
}

/// The walks that are under way.
pub(super) struct Walks {
    // Kept so that the channel never closes: a closed one would be ready for ever.
    answer: Sender<Walked>,
    walked: Receiver<Walked>,
    running: usize,
    /// When the last walk of the whole directory ended.
    ended: Option<Instant>,
    /// Another walk of the whole directory was asked for while one was under way.
    again: bool,
}

impl Walks {
    pub fn new() -> Walks {
        let (answer, walked) = crossbeam_channel::unbounded();
        Walks { answer, walked, running: 0, ended: None, again: false }
    }

    /// Where walks arrive when they have ended.
    pub fn results(&self) -> Receiver<Walked> {
        self.walked.clone()
    }

    pub fn are_running(&self) -> bool {
        self.running > 0
    }

    /// Starts a walk of `dir`. The files `inside` hold a cue sheet of their own.
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

    /// Notes that a walk has ended; `whole`: one of the whole directory.
    pub fn end(&mut self, whole: bool) {
        self.running = self.running.saturating_sub(1);
        if whole {
            self.ended = Some(Instant::now());
        }
    }

    /// Remembers to walk the whole directory once more.
    pub fn once_more(&mut self) {
        self.again = true;
    }

    /// Whether the whole directory is to be walked now, if that is done every `often`; it is then taken for begun.
    pub fn take_due(&mut self, often: Duration) -> bool {
        let due = self.again || self.ended.is_some_and(|at| at.elapsed() > often);
        self.again &= !due;
        due
    }

    /// How long ago the last walk of the whole directory ended; zero before the first.
    pub fn age(&self) -> Duration {
        self.ended.map_or(Duration::ZERO, |at| at.elapsed())
    }
}
