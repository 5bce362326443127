//! Has files read in a worker process: tags, texts and pictures are strangers' (docs/design.md, "Processes and untrusted
//! data"). Only the last job that was given matters.

use crossbeam_channel::{Receiver, Sender, select};

use crate::analysis::jobs::{Found, Job};
use crate::analysis::pool::{Done, Idler, Outcome};
use crate::track::FileFault;

/// A running reader, which knows of each job what it is for; its thread ends when this is dropped.
pub(super) struct Reader<T> {
    asked: Sender<(Job, T)>,
}

impl<T: Send + 'static> Reader<T> {
    /// Starts the thread of this name. `idler`'s worker reads; `tell` gets what came of each job that was not replaced.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(name: &str, idler: Idler, tell: impl FnMut(Done, T) + Send + 'static) -> std::io::Result<Reader<T>> {
        let (asked, jobs) = crossbeam_channel::unbounded();
        let work = move || run(&jobs, idler, tell);
        std::thread::Builder::new().name(name.into()).spawn(work)?;
        Ok(Reader { asked })
    }

    /// Has a job done, and no other any more.
    pub fn ask(&self, job: Job, about: T) {
        let _ = self.asked.send((job, about));
    }
}

fn run<T>(jobs: &Receiver<(Job, T)>, mut idler: Idler, mut tell: impl FnMut(Done, T)) {
    let mut answers = idler.answers();
    let mut again = true;
    let mut last = None;
    loop {
        select! {
            recv(jobs) -> job => match job {
                Ok((job, about)) => {
                    (again, last) = (true, Some(about));
                    idler.give(job);
                }
                Err(_) => return,
            },
            recv(answers) -> answer => match answer {
                Ok(answer) => if let Some(done) = idler.accept(answer) {
                    // It may have been chance, once.
                    if is_chance(&done.outcome) && std::mem::take(&mut again) {
                        idler.give(done.job);
                    } else if let Some(about) = last.take() {
                        tell(done, about);
                    }
                },
                Err(_) => answers = crossbeam_channel::never(),
            },
        }
    }
}

/// Whether another attempt may have a different outcome.
fn is_chance(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Interrupted(_) | Outcome::Found(Found::Changed) => true,
        Outcome::Killed(fault) => fault.is_deadly(),
        _ => false,
    }
}

/// What stopped a job.
pub(super) fn why_not(outcome: Outcome) -> FileFault {
    match outcome {
        Outcome::Found(Found::Changed) => FileFault::Outside("the file changes all the time".into()),
        Outcome::Found(_) | Outcome::Each(_) => "its reader answered something else".into(),
        Outcome::Refused(fault) | Outcome::Killed(fault) => fault,
        Outcome::Interrupted(why) | Outcome::NoWorker(why) => FileFault::Outside(why),
    }
}
