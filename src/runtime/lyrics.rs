//! Reads lyrics in a worker process, those of the last file that was asked for only.

use crate::analysis::jobs::Found;
use crate::analysis::pool::{Idler, Outcome};
use crate::app::msg::Msg;
use crate::library::lyrics::Read;
use crate::track::FileFault;

use super::reader::{Reader, why_not};

/// Starts the reader of [`crate::analysis::jobs::Job::Lyrics`], which answers with `Msg::Lyrics`.
///
/// # Errors
/// When its thread cannot be started.
pub(super) fn start(idler: Idler, tell: impl Fn(Msg) + Send + 'static) -> std::io::Result<Reader<()>> {
    Reader::start("lyrics", idler, move |done, ()| {
        let path = done.job.path().to_path_buf();
        tell(Msg::Lyrics { path, found: found(done.outcome) });
    })
}

/// Translates the worker's outcome.
fn found(outcome: Outcome) -> Result<Read, FileFault> {
    match outcome {
        Outcome::Found(Found::Lyrics(read)) => Ok(*read),
        Outcome::Found(Found::Changed) => {
            Err(FileFault::Outside("the file changes all the time; open the lyrics again later".into()))
        }
        other => Err(why_not(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::jobs::Job;
    use crate::worker::WorkerSpec;
    use std::path::PathBuf;
    use std::time::Duration;

    /// A program that announces itself as a worker, and then runs this command.
    fn script(does: &str) -> WorkerSpec {
        let ready = r"printf '\0jukebox worker\2\2\0\0\0\0\0'";
        let script = format!("{ready}; {does}");
        WorkerSpec { program: "/bin/sh".into(), args: vec!["-c".into(), script.into()], env: vec![], log: None }
    }

    fn answer(does: &str) -> (PathBuf, Result<Read, FileFault>) {
        let (tell, told) = crossbeam_channel::unbounded();
        let idler = Idler::start("lyrics-test", script(does)).unwrap();
        let reader = start(idler, move |msg| drop(tell.send(msg))).unwrap();
        reader.ask(Job::Lyrics { path: "/m/a.mp3".into(), follow_links: false }, ());
        match told.recv_timeout(Duration::from_secs(60)) {
            Ok(Msg::Lyrics { path, found }) => (path, found),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_that_kills_its_reader_costs_its_lyrics_only() {
        let (path, found) = answer("kill -SEGV $$");
        assert_eq!(path, PathBuf::from("/m/a.mp3"));
        assert!(found.unwrap_err().is_deadly());
        assert!(answer("kill -KILL $$").1.unwrap_err().to_string().contains("SIGKILL"));
    }

    #[test]
    fn answers_are_told_from_failures() {
        let of = found;
        assert_eq!(of(Outcome::Found(Found::Lyrics(Box::default()))), Ok(Read::default()));
        assert!(of(Outcome::Found(Found::Changed)).is_err() && of(Outcome::Found(Found::Opened)).is_err());
        assert_eq!(of(Outcome::NoWorker("no memory".into())), Err(FileFault::Outside("no memory".into())));
    }
}
