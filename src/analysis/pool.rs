//! Threads that each keep one worker process busy with [`Job`]s.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::jobs::{Found, Job, TAG_ENCODING};
use crate::config::TagEncoding;
use crate::worker::{Worker, WorkerError, WorkerSpec};

/// How long a process without work is kept by a thread that has work now and then.
const IDLE: Duration = Duration::from_secs(20);

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
    /// How the job ended for each file of [`Job::Probes`], in their order.
    Each(Vec<Outcome>),
}

/// A finished job.
#[derive(Debug)]
pub struct Done {
    /// What was asked.
    pub job: Job,
    /// How it ended.
    pub outcome: Outcome,
}

/// Starts `count` threads that take jobs until `jobs` is closed, each with a process started so.
///
/// # Errors
/// When a thread cannot be started.
pub fn start(count: usize, spec: &WorkerSpec, jobs: &Receiver<Job>, done: &Sender<Done>) -> Result<(), String> {
    for n in 0..count {
        let (spec, jobs, done) = (spec.clone(), jobs.clone(), done.clone());
        std::thread::Builder::new()
            .name(format!("listen-{n}"))
            .spawn(move || {
                let mut worker: Worker<Job, Found> = Worker::new(spec);
                for job in jobs {
                    let outcome = ask(&mut worker, &job, &|| true);
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

/// How a child is started that reads files, tags included: texts of which the encoding is not stated are in this one.
pub fn reader(encoding: TagEncoding) -> WorkerSpec {
    let mut spec = spec("listen");
    spec.env.push((TAG_ENCODING.into(), encoding.name().into()));
    spec
}

/// How a fault begins that says that the file ended the process that read it.
const DEADLY: [&str; 2] = ["its reader died", "its reader went astray"];

/// Whether a file with this fault ended the process that read it: the player must not open it itself. (One that only took
/// too long may play: the player waits for no file either.)
pub fn is_deadly(fault: &str) -> bool {
    DEADLY.iter().any(|words| fault.starts_with(words))
}

fn ask(worker: &mut Worker<Job, Found>, job: &Job, wanted: &dyn Fn() -> bool) -> Outcome {
    if let Job::Probes { paths } = job {
        return Outcome::Each(ask_each(worker, job, paths, wanted));
    }
    let patience = job.patience();
    match worker.call_while(job, patience, wanted) {
        Ok(found) => Outcome::Found(found),
        Err(WorkerError::Refused(why)) => Outcome::Refused(why),
        Err(WorkerError::TimedOut) => Outcome::Killed(format!("took longer than {} s to read", patience.as_secs())),
        Err(WorkerError::Died(how)) => Outcome::Killed(format!("{} ({how})", DEADLY[0])),
        // An answer that cannot be understood is this file's doing as much as a crash is.
        Err(WorkerError::Protocol(what)) => Outcome::Killed(format!("{} ({what})", DEADLY[1])),
        Err(WorkerError::NotStarted(why)) => Outcome::NoWorker(why),
    }
}

/// Asks about several files in one message, and where that fails about each by itself: one that kills its worker costs
/// only itself.
fn ask_each(worker: &mut Worker<Job, Found>, all: &Job, paths: &[PathBuf], wanted: &dyn Fn() -> bool) -> Vec<Outcome> {
    if paths.len() > 1 {
        match worker.call_while(all, all.patience(), wanted) {
            Ok(Found::Probes(found)) if found.len() == paths.len() => {
                return found.into_iter().map(|f| f.map_or_else(Outcome::Refused, Outcome::Found)).collect();
            }
            Err(WorkerError::NotStarted(why)) => return paths.iter().map(|_| Outcome::NoWorker(why.clone())).collect(),
            _ => {}
        }
    }
    paths.iter().map(|path| ask(worker, &Job::Probe { path: path.clone() }, wanted)).collect()
}

/// One thread with one worker process for what is done now and then, only while there is nothing else to do or before a file
/// plays: at most one job at a time, and that is dropped at once, its process killed, when it is no longer wanted.
#[derive(Debug)]
pub struct Idler {
    jobs: Sender<(u64, Job)>,
    done: Receiver<(u64, Done)>,
    /// The number of the job that is wanted; each gets the next one, and calling it back is counting on.
    wanted: Arc<AtomicU64>,
    busy: bool,
}

impl Idler {
    /// Starts the thread; the process is started by the first job.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(name: &str, spec: WorkerSpec) -> Result<Idler, String> {
        let (jobs, todo) = crossbeam_channel::unbounded::<(u64, Job)>();
        let (answer, done) = crossbeam_channel::unbounded();
        let wanted = Arc::new(AtomicU64::new(0));
        let now_wanted = wanted.clone();
        let work = move || {
            let mut worker: Option<Worker<Job, Found>> = None;
            loop {
                // Without a process there is nothing to wake up for.
                let next = if worker.is_some() { todo.recv_timeout(IDLE) } else { todo.recv().map_err(Into::into) };
                let (number, job) = match next {
                    Ok(next) => next,
                    Err(RecvTimeoutError::Timeout) => {
                        worker = None;
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => return,
                };
                let wanted = || now_wanted.load(Ordering::Relaxed) == number;
                if !wanted() {
                    continue;
                }
                let worker = worker.get_or_insert_with(|| Worker::new(spec.clone()));
                let outcome = ask(worker, &job, &wanted);
                if wanted() && answer.send((number, Done { job, outcome })).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name(name.into()).spawn(work);
        thread.map_err(|e| format!("cannot start a worker thread: {e}"))?;
        Ok(Idler { jobs, done, wanted, busy: false })
    }

    /// Whether it has a job.
    pub fn busy(&self) -> bool {
        self.busy
    }

    /// Gives it a job, in place of the one that it may have.
    pub fn give(&mut self, job: Job) {
        let number = self.wanted.fetch_add(1, Ordering::Relaxed) + 1;
        self.busy = self.jobs.send((number, job)).is_ok();
    }

    /// Takes its job away.
    pub fn call_back(&mut self) {
        self.wanted.fetch_add(1, Ordering::Relaxed);
        self.busy = false;
    }

    /// Where it answers, to be waited on; what comes is for [`Idler::accept`].
    pub fn answers(&self) -> Receiver<(u64, Done)> {
        self.done.clone()
    }

    /// The finished job, unless it had been called back meanwhile.
    pub fn accept(&mut self, (number, done): (u64, Done)) -> Option<Done> {
        let current = number == self.wanted.load(Ordering::Relaxed);
        self.busy &= !current;
        current.then_some(done)
    }
}

impl Drop for Idler {
    fn drop(&mut self) {
        self.call_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_kills_its_worker_is_asked_again_file_by_file() {
        // Ends at once, whatever it is asked.
        let spec = WorkerSpec { program: "/bin/true".into(), args: vec![], env: vec![], log: None };
        let paths: Vec<PathBuf> = (0..3).map(|n| format!("/m/{n}.mp3").into()).collect();
        let ask = |spec: WorkerSpec| match ask(&mut Worker::new(spec), &Job::Probes { paths: paths.clone() }, &|| true)
        {
            Outcome::Each(outcomes) => outcomes,
            other => panic!("{other:?}"),
        };
        let killed = ask(spec.clone());
        let deadly = |o: &Outcome| matches!(o, Outcome::Killed(why) if is_deadly(why));
        assert!(killed.len() == 3 && killed.iter().all(deadly), "{killed:?}");
        assert!(!is_deadly("damaged audio (x)") && !is_deadly("took longer than 30 s to read"));
        let none = ask(WorkerSpec { program: "/no/such/program".into(), ..spec });
        assert!(none.len() == 3 && none.iter().all(|o| matches!(o, Outcome::NoWorker(_))), "not the files' fault");
    }
}
