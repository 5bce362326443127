//! Reads lyrics in a worker process: tags and texts beside a file are strangers' (docs/design.md, "Processes and untrusted
//! data"). Only the last file that was asked for matters.

use std::path::PathBuf;

use crossbeam_channel::{Receiver, Sender, select};

use crate::analysis::jobs::{Found, Job};
use crate::analysis::pool::{Done, Idler, Outcome};
use crate::app::msg::Msg;
use crate::library::lyrics::Read;

/// The running reader; its thread ends when this is dropped.
pub(super) struct Reader {
    asked: Sender<PathBuf>,
}

impl Reader {
    /// Starts the thread. `idler`'s worker reads, through symbolic links if `follow_links` is set; `tell` sends to the session.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(idler: Idler, follow_links: bool, tell: impl Fn(Msg) + Send + 'static) -> std::io::Result<Reader> {
        let (asked, files) = crossbeam_channel::unbounded();
        let work = move || run(&files, idler, follow_links, &tell);
        std::thread::Builder::new().name("lyrics".into()).spawn(work)?;
        Ok(Reader { asked })
    }

    /// Has the lyrics of a file read, and those of no other any more; answered by `Msg::Lyrics`.
    pub fn ask(&self, path: PathBuf) {
        let _ = self.asked.send(path);
    }
}

fn run(files: &Receiver<PathBuf>, mut idler: Idler, follow_links: bool, tell: &dyn Fn(Msg)) {
    let mut answers = idler.answers();
    let mut again = true;
    loop {
        select! {
            recv(files) -> path => match path {
                Ok(path) => {
                    again = true;
                    idler.give(Job::Lyrics { path, follow_links });
                }
                Err(_) => return,
            },
            recv(answers) -> answer => match answer {
                Ok(answer) => if let Some(done) = idler.accept(answer) {
                    // It may have been chance, once.
                    if is_chance(&done.outcome) && std::mem::take(&mut again) {
                        idler.give(done.job);
                    } else {
                        let path = done.job.path().to_path_buf();
                        tell(Msg::Lyrics { path, found: found(done) });
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

/// Translates the worker's outcome.
fn found(done: Done) -> Result<Read, String> {
    match done.outcome {
        Outcome::Found(Found::Lyrics(read)) => Ok(*read),
        Outcome::Found(Found::Changed) => Err("the file changes all the time; open the lyrics again later".into()),
        Outcome::Found(_) | Outcome::Each(_) => Err("its reader answered something else".into()),
        Outcome::Refused(fault) | Outcome::Killed(fault) => Err(fault.to_string()),
        Outcome::Interrupted(why) | Outcome::NoWorker(why) => Err(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::WorkerSpec;
    use std::time::Duration;

    /// A program that announces itself as a worker, and then runs this command.
    fn script(does: &str) -> WorkerSpec {
        let ready = r"printf '\0jukebox worker\2\2\0\0\0\0\0'";
        let script = format!("{ready}; {does}");
        WorkerSpec { program: "/bin/sh".into(), args: vec!["-c".into(), script.into()], env: vec![], log: None }
    }

    fn answer(does: &str) -> (PathBuf, Result<Read, String>) {
        let (tell, told) = crossbeam_channel::unbounded();
        let idler = Idler::start("lyrics-test", script(does)).unwrap();
        let reader = Reader::start(idler, false, move |msg| drop(tell.send(msg))).unwrap();
        reader.ask("/m/a.mp3".into());
        match told.recv_timeout(Duration::from_secs(60)) {
            Ok(Msg::Lyrics { path, found }) => (path, found),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_that_kills_its_reader_costs_its_lyrics_only() {
        let (path, found) = answer("kill -SEGV $$");
        assert_eq!(path, PathBuf::from("/m/a.mp3"));
        assert!(found.unwrap_err().contains("its reader died"));
        assert!(answer("kill -KILL $$").1.unwrap_err().contains("SIGKILL"));
    }

    #[test]
    fn answers_are_told_from_failures() {
        let job = || Job::Lyrics { path: "/m/a.mp3".into(), follow_links: false };
        let of = |outcome| found(Done { job: job(), outcome });
        assert_eq!(of(Outcome::Found(Found::Lyrics(Box::default()))), Ok(Read::default()));
        assert!(of(Outcome::Found(Found::Changed)).is_err() && of(Outcome::Found(Found::Opened)).is_err());
        assert_eq!(of(Outcome::NoWorker("no memory".into())), Err("no memory".into()));
    }
}
