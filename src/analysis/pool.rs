//! Threads that each keep one worker process busy with [`Job`]s.

use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

use super::jobs::{Found, Job};
use crate::worker::{Worker, WorkerError, WorkerSpec};

/// The longest a file may take to be read, whatever is in it.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a job ended.
#[derive(Debug)]
pub enum Outcome {
    /// An answer.
    Found(Found),
    /// The file is at fault; its own words.
    Refused(String),
    /// The worker died or hung over it.
    Killed(String),
    /// The worker could not be run at all: not the file's fault.
    NoWorker(String),
}

/// A finished job.
#[derive(Debug)]
pub struct Done {
    /// What was asked.
    pub job: Job,
    /// How it ended.
    pub outcome: Outcome,
}

/// Starts `count` threads that take jobs until `jobs` is closed.
///
/// # Errors
/// When a thread cannot be started.
pub fn start(count: usize, jobs: &Receiver<Job>, done: &Sender<Done>) -> Result<(), String> {
    for n in 0..count {
        let (jobs, done) = (jobs.clone(), done.clone());
        std::thread::Builder::new()
            .name(format!("listen-{n}"))
            .spawn(move || {
                let mut worker: Worker<Job, Found> = Worker::new(spec("listen"));
                for job in jobs {
                    let outcome = ask(&mut worker, &job);
                    if done.send(Done { job, outcome }).is_err() {
                        break;
                    }
                }
            })
            .map_err(|e| format!("cannot start a worker thread: {e}"))?;
    }
    Ok(())
}

/// How a child of this program is started for a kind of work.
pub fn spec(kind: &str) -> WorkerSpec {
    WorkerSpec::this_program(["__worker", kind])
}

fn ask(worker: &mut Worker<Job, Found>, job: &Job) -> Outcome {
    match worker.call(job, PATIENCE) {
        Ok(found) => Outcome::Found(found),
        Err(WorkerError::Refused(why)) => Outcome::Refused(why),
        Err(WorkerError::TimedOut) => Outcome::Killed(format!("took longer than {} s to read", PATIENCE.as_secs())),
        Err(WorkerError::Died(how)) => Outcome::Killed(format!("its reader died ({how})")),
        // An answer that cannot be understood is this file's doing as much as a crash is.
        Err(WorkerError::Protocol(what)) => Outcome::Killed(format!("its reader went astray ({what})")),
        Err(WorkerError::NotStarted(why)) => Outcome::NoWorker(why),
    }
}
