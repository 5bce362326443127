//! The worker processes that read files, and their jobs.

use std::collections::VecDeque;

use crossbeam_channel::{Receiver, Sender};

use crate::analysis::error::ThreadError;
use crate::analysis::jobs::Job;
use crate::analysis::pool::{self, Done};
use crate::config::TagEncoding;

/// A fixed number of workers.
pub(super) struct Readers {
    jobs: Sender<Job>,
    done: Receiver<Done>,
    count: usize,
    busy: usize,
    /// Jobs to repeat, before all others.
    once_more: VecDeque<Job>,
}

impl Readers {
    /// Starts `count` workers; 0 chooses one fewer than there are cores.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(count: usize, encoding: TagEncoding) -> Result<Readers, ThreadError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let count = if count == 0 { cores.saturating_sub(1).max(1) } else { count };
        let (jobs, todo) = crossbeam_channel::unbounded();
        let (answer, done) = crossbeam_channel::unbounded();
        pool::start(count, &pool::reader(encoding), &todo, &answer)?;
        Ok(Readers { jobs, done, count, busy: 0, once_more: VecDeque::new() })
    }

    /// The number of workers.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Delivers finished jobs; call [`Readers::finish`] for each.
    pub fn results(&self) -> Receiver<Done> {
        self.done.clone()
    }

    /// Whether no job is in progress.
    pub fn are_idle(&self) -> bool {
        self.busy == 0
    }

    /// Whether to give them another job. At most one job waits, since priorities may change at any time.
    pub fn want_work(&self) -> bool {
        self.busy < self.count + 1
    }

    /// Gives them a job; false if they have ended.
    pub fn give(&mut self, job: Job) -> bool {
        let given = self.jobs.send(job).is_ok();
        self.busy += usize::from(given);
        given
    }

    /// Records that a job is finished.
    pub fn finish(&mut self) {
        self.busy = self.busy.saturating_sub(1);
    }

    /// Queues a job to be repeated.
    pub fn repeat(&mut self, job: Job) {
        self.once_more.push_back(job);
    }

    /// The next job to be repeated.
    pub fn take_repeated(&mut self) -> Option<Job> {
        self.once_more.pop_front()
    }
}
