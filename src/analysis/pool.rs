//! Threads that each keep one worker process busy with [`Job`]s.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::error::ThreadError;
use super::jobs::{Found, Job, TAG_ENCODING};
use crate::config::TagEncoding;
use crate::track::FileFault;
use crate::worker::{Worker, WorkerError, WorkerSpec};

/// How long an occasionally used thread keeps an idle process.
const IDLE: Duration = Duration::from_secs(20);

/// The result of a job.
#[derive(Debug)]
pub enum Outcome {
    /// An answer.
    Found(Found),
    /// The file is at fault.
    Refused(FileFault),
    /// The worker died or hung on it: [`FileFault::Crashed`], [`FileFault::Astray`] or [`FileFault::TooLong`].
    Killed(FileFault),
    /// It was not read for a reason outside of it: the worker was killed by someone or the system, or the disk did not
    /// answer. A retry may succeed.
    Interrupted(String),
    /// The worker could not be run at all: not the file's fault.
    NoWorker(String),
    /// The result for each file of [`Job::Probes`], in order.
    Each(Vec<Outcome>),
}

/// A finished job.
#[derive(Debug)]
pub struct Done {
    /// The job.
    pub job: Job,
    /// Its result.
    pub outcome: Outcome,
}

/// Starts `count` threads that take jobs until `jobs` is closed, each with a process started by `spec`.
///
/// # Errors
/// When a thread cannot be started.
pub fn start(count: usize, spec: &WorkerSpec, jobs: &Receiver<Job>, done: &Sender<Done>) -> Result<(), ThreadError> {
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
            .map_err(ThreadError::of("a worker thread"))?;
    }
    Ok(())
}

/// How to start a child process of this program for a kind of work.
pub fn spec(kind: &str) -> WorkerSpec {
    WorkerSpec::this_program(["__worker", kind])
}

/// How to start a child process that reads files; `encoding` is that of tags that do not declare one.
pub fn reader(encoding: TagEncoding) -> WorkerSpec {
    let mut spec = spec("listen");
    spec.env.push((TAG_ENCODING.into(), encoding.name().into()));
    spec
}

/// The same at the player's priority and with less memory, for a reader that somebody waits for.
pub fn prompt_reader(encoding: TagEncoding) -> WorkerSpec {
    let mut spec = spec("open");
    spec.env.push((TAG_ENCODING.into(), encoding.name().into()));
    spec
}

fn ask(worker: &mut Worker<Job, Found>, job: &Job, wanted: &dyn Fn() -> bool) -> Outcome {
    if let Job::Probes { paths } = job {
        return Outcome::Each(ask_each(worker, job, paths, wanted));
    }
    match call(worker, job, wanted) {
        Ok(found) => outcome(found),
        Err(WorkerError::Refused(why)) => Outcome::Refused(why.into()),
        Err(WorkerError::TimedOut { computed: true }) => Outcome::Killed(FileFault::TooLong(job.patience().as_secs())),
        Err(WorkerError::TimedOut { computed: false }) => {
            let secs = job.patience().as_secs();
            Outcome::Interrupted(format!("could not be read within {secs} s: the disk or the computer was too slow"))
        }
        Err(WorkerError::Died(how)) => Outcome::Killed(FileFault::Crashed(how)),
        Err(WorkerError::Killed(how)) => Outcome::Interrupted(format!("its reader was ended from outside: {how}")),
        // An unintelligible answer is blamed on the file like a crash.
        Err(WorkerError::Protocol(what)) => Outcome::Killed(FileFault::Astray(what)),
        Err(WorkerError::NotStarted(why)) => Outcome::NoWorker(why),
    }
}

fn outcome(found: Found) -> Outcome {
    match found {
        Found::Unable(why) => Outcome::Interrupted(why),
        Found::Missing => Outcome::Refused(FileFault::Missing),
        found => Outcome::Found(found),
    }
}

fn call(worker: &mut Worker<Job, Found>, job: &Job, wanted: &dyn Fn() -> bool) -> Result<Found, WorkerError> {
    match worker.call_while(job, job.patience(), wanted) {
        // Processes, descriptors or memory may have been short temporarily.
        Err(WorkerError::NotStarted(_)) if wanted() => worker.call_while(job, job.patience(), wanted),
        answer => answer,
    }
}

/// Sends several files in one message and, if that fails, each on its own, so that a file that kills the worker fails
/// alone.
fn ask_each(worker: &mut Worker<Job, Found>, all: &Job, paths: &[PathBuf], wanted: &dyn Fn() -> bool) -> Vec<Outcome> {
    if paths.len() > 1 {
        match call(worker, all, wanted) {
            Ok(Found::Probes(found)) if found.len() == paths.len() => {
                return found.into_iter().map(|f| f.map_or_else(Outcome::Refused, outcome)).collect();
            }
            Err(WorkerError::NotStarted(why)) => return paths.iter().map(|_| Outcome::NoWorker(why.clone())).collect(),
            _ => {}
        }
    }
    paths.iter().map(|path| ask(worker, &Job::Probe { path: path.clone() }, wanted)).collect()
}

/// A thread with one worker process for occasional work (when idle, or before a file plays). It has at most one job,
/// which is aborted at once, its process killed, when it is no longer wanted.
#[derive(Debug)]
pub struct Idler {
    jobs: Sender<(u64, Job)>,
    done: Receiver<(u64, Done)>,
    /// The number of the wanted job. Each job takes the next number; calling a job back increments it.
    wanted: Arc<AtomicU64>,
    busy: bool,
}

impl Idler {
    /// Starts the thread; the process is started by the first job.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(name: &str, spec: WorkerSpec) -> Result<Idler, ThreadError> {
        let (jobs, todo) = crossbeam_channel::unbounded::<(u64, Job)>();
        let (answer, done) = crossbeam_channel::unbounded();
        let wanted = Arc::new(AtomicU64::new(0));
        let now_wanted = wanted.clone();
        let work = move || {
            let mut worker: Option<Worker<Job, Found>> = None;
            loop {
                // Without a process there is nothing to stop when idle.
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
        thread.map_err(ThreadError::of("a worker thread"))?;
        Ok(Idler { jobs, done, wanted, busy: false })
    }

    /// Whether it has a job.
    pub fn busy(&self) -> bool {
        self.busy
    }

    /// Gives it a job, replacing the current one.
    pub fn give(&mut self, job: Job) {
        let number = self.wanted.fetch_add(1, Ordering::Relaxed) + 1;
        self.busy = self.jobs.send((number, job)).is_ok();
    }

    /// Cancels its job.
    pub fn call_back(&mut self) {
        self.wanted.fetch_add(1, Ordering::Relaxed);
        self.busy = false;
    }

    /// The channel of its answers; pass each to [`Idler::accept`].
    pub fn answers(&self) -> Receiver<(u64, Done)> {
        self.done.clone()
    }

    /// The finished job, unless it was called back meanwhile.
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

    /// A program that announces itself as a worker, and runs this command on the first request.
    fn script(does: &str) -> WorkerSpec {
        let ready = r"printf '\0jukebox worker\2\2\0\0\0\0\0'";
        let script = format!("{ready}; read -r _; {does}");
        WorkerSpec { program: "/bin/sh".into(), args: vec!["-c".into(), script.into()], env: vec![], log: None }
    }

    fn ask_of_three(spec: WorkerSpec) -> Vec<Outcome> {
        let paths: Vec<PathBuf> = (0..3).map(|n| format!("/m/{n}.mp3\n").into()).collect();
        match ask(&mut Worker::new(spec), &Job::Probes { paths }, &|| true) {
            Outcome::Each(outcomes) => outcomes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_that_kills_its_worker_is_asked_again_file_by_file() {
        let crashed = ask_of_three(script("kill -SEGV $$"));
        let deadly = |o: &Outcome| matches!(o, Outcome::Killed(fault) if fault.is_deadly());
        assert!(crashed.len() == 3 && crashed.iter().all(deadly), "{crashed:?}");
        let killed = ask_of_three(script("kill -KILL $$"));
        let interrupted = |o: &Outcome| matches!(o, Outcome::Interrupted(why) if why.contains("SIGKILL"));
        assert!(killed.len() == 3 && killed.iter().all(interrupted), "{killed:?}");
    }

    #[test]
    fn what_is_no_worker_is_not_the_files_fault() {
        let missing = WorkerSpec { program: "/no/such/program".into(), ..script("") };
        // Exits before sending anything.
        let mute = WorkerSpec { program: "/bin/true".into(), ..script("") };
        for spec in [missing, mute] {
            let none = ask_of_three(spec);
            assert!(none.len() == 3 && none.iter().all(|o| matches!(o, Outcome::NoWorker(_))), "{none:?}");
        }
    }
}
