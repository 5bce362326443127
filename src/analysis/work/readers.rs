//! The worker processes that read files, and the jobs that they have.

use std::collections::VecDeque;

use crossbeam_channel::{Receiver, Sender};

use crate::analysis::jobs::Job;
use crate::analysis::pool::{self, Done};
use crate::config::TagEncoding;

/// A fixed number of workers, each with a job or without.
pub(super) struct Readers {
    jobs: Sender<Job>,
    done: Receiver<Done>,
    count: usize,
    busy: usize,
    /// Jobs to be done once more, before all others.
    once_more: VecDeque<Job>,
}

impl Readers {
    /// Starts `count` workers; 0 chooses as many as leave one core free.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(count: usize, encoding: TagEncoding) -> Result<Readers, String> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let count = if count == 0 { cores.saturating_sub(1).max(1) } else { count };
        let (jobs, todo) = crossbeam_channel::unbounded();
        let (answer, done) = crossbeam_channel::unbounded();
        pool::start(count, &pool::reader(encoding), &todo, &answer)?;
        Ok(Readers { jobs, done, count, busy: 0, once_more: VecDeque::new() })
    }

    /// How many workers there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Finished jobs, each for [`Readers::finish`].
    pub fn results(&self) -> Receiver<Done> {
        self.done.clone()
    }

    /// Whether no job is under way.
    pub fn are_idle(&self) -> bool {
        self.busy == 0
    }

    /// Whether to give them another job: one waits at the most, since what is wanted most may change at any time.
    pub fn want_work(&self) -> bool {
        self.busy < self.count + 1
    }

    /// Gives them a job; false when they have ended.
    pub fn give(&mut self, job: Job) -> bool {
        let given = self.jobs.send(job).is_ok();
        self.busy += usize::from(given);
        given
    }

    /// A job is done.
    pub fn finish(&mut self) {
        self.busy = self.busy.saturating_sub(1);
    }

    /// Has a job done once more.
    pub fn repeat(&mut self, job: Job) {
        self.once_more.push_back(job);
    }

    /// The next job that is to be done once more.
    pub fn take_repeated(&mut self) -> Option<Job> {
        self.once_more.pop_front()
    }
}
