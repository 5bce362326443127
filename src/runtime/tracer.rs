//! Makes pictures of sound in a worker process, which decodes strangers' files (docs/design.md, "Processes and untrusted
//! data"): the trace of what plays, piece by piece, and the spectrograms of `:spectrogram`.

use std::collections::VecDeque;
use std::path::PathBuf;

use crossbeam_channel::{Receiver, Sender, select};

use crate::analysis::figure::{self, panel};
use crate::analysis::jobs::{Found, Job};
use crate::analysis::pool::{Done, Idler, Outcome};
use crate::app::msg::Msg;
use crate::sound::trace::Piece;

use super::reader::why_not;

/// What is asked of the thread; each takes the place of the one before of its kind.
enum Ask {
    Trace(Option<(PathBuf, Piece)>),
    Draw(Vec<PathBuf>),
}

/// The running thread, which ends when this is dropped.
pub(super) struct Tracer {
    asks: Sender<Ask>,
}

impl Tracer {
    /// Starts the thread. `idler`'s worker decodes; `tell` sends to the session.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(idler: Idler, tell: impl Fn(Msg) + Send + 'static) -> std::io::Result<Tracer> {
        let (asks, asked) = crossbeam_channel::unbounded();
        let work = move || run(&asked, Work::new(idler), &tell);
        std::thread::Builder::new().name("spectrogram".into()).spawn(work)?;
        Ok(Tracer { asks })
    }

    /// Has a piece of a file traced, and no other any more; answered by `Msg::Traced`.
    pub fn trace(&self, piece: Option<(PathBuf, Piece)>) {
        let _ = self.asks.send(Ask::Trace(piece));
    }

    /// Has the beginnings of files drawn, and no others any more; answered by `Msg::Figure` for each.
    pub fn draw(&self, paths: Vec<PathBuf>) {
        let _ = self.asks.send(Ask::Draw(paths));
    }
}

/// What is to be done, and by whom.
struct Work {
    idler: Idler,
    piece: Option<(PathBuf, Piece)>,
    figures: VecDeque<PathBuf>,
    /// Whether the worker traces, instead of drawing.
    traces: bool,
}

impl Work {
    fn new(idler: Idler) -> Work {
        Work { idler, piece: None, figures: VecDeque::new(), traces: false }
    }

    fn take(&mut self, ask: Ask) {
        // What is being made for the one before is not wanted any more.
        if self.idler.busy() && self.traces == matches!(ask, Ask::Trace(_)) {
            self.idler.call_back();
        }
        match ask {
            Ask::Trace(piece) => self.piece = piece,
            Ask::Draw(paths) => self.figures = paths.into(),
        }
    }

    /// Gives the worker its next job: what the user has asked for first.
    fn go_on(&mut self) {
        if self.idler.busy() {
            return;
        }
        if let Some(path) = self.figures.pop_front() {
            self.traces = false;
            self.idler.give(figure::job(path));
        } else if let Some((path, piece)) = self.piece.take() {
            self.traces = true;
            self.idler.give(Job::Trace { path, piece });
        }
    }
}

fn run(asked: &Receiver<Ask>, mut work: Work, tell: &dyn Fn(Msg)) {
    let mut answers = work.idler.answers();
    loop {
        work.go_on();
        select! {
            recv(asked) -> ask => match ask {
                Ok(ask) => work.take(ask),
                Err(_) => return,
            },
            recv(answers) -> answer => match answer {
                Ok(answer) => if let Some(done) = work.idler.accept(answer) {
                    told(done).into_iter().for_each(tell);
                },
                Err(_) => answers = crossbeam_channel::never(),
            },
        }
    }
}

/// The message that a finished job becomes.
fn told(done: Done) -> Option<Msg> {
    let Done { job, outcome } = done;
    match job {
        Job::Trace { path, piece } => {
            let found = match outcome {
                Outcome::Found(Found::Trace(trace)) => Ok(trace),
                other => Err(why_not(other)),
            };
            Some(Msg::Traced { path, piece, found })
        }
        Job::Draw { path, .. } => {
            let found = match outcome {
                Outcome::Found(Found::Drawn(images)) => {
                    images.first().map(|image| Box::new(panel("", image))).ok_or("its beginning is silent".into())
                }
                other => Err(why_not(other)),
            };
            Some(Msg::Figure { path, found })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::full::BANDS;
    use crate::sound::power::PACKED;
    use crate::sound::trace::Trace;
    use crate::track::FileFault;
    use crate::worker::WorkerSpec;
    use std::time::Duration;

    const PIECE: Piece = Piece { first: 0, columns: 2, start: 0.0, secs: 1.0 };

    #[test]
    fn answers_are_told_from_failures() {
        let trace = |outcome| match told(Done { job: Job::Trace { path: "/m/a".into(), piece: PIECE }, outcome }) {
            Some(Msg::Traced { found, .. }) => found.map(|trace| trace.loudness.len()),
            other => panic!("{other:?}"),
        };
        assert_eq!(trace(Outcome::Found(Found::Trace(Box::new(Trace::empty(2))))), Ok(2));
        assert!(trace(Outcome::Found(Found::Changed)).is_err() && trace(Outcome::Found(Found::Opened)).is_err());
        assert_eq!(trace(Outcome::NoWorker("no memory".into())), Err(FileFault::Outside("no memory".into())));
        let draw = |outcome| match told(Done { job: figure::job("/m/a".into()), outcome }) {
            Some(Msg::Figure { found, .. }) => found.map(|panel| panel.levels.len()),
            other => panic!("{other:?}"),
        };
        // The image is of half floats, two bytes each.
        let image = vec![0x3c; PACKED];
        assert_eq!(draw(Outcome::Found(Found::Drawn(vec![image]))), Ok(BANDS * 640));
        assert!(draw(Outcome::Found(Found::Drawn(Vec::new()))).unwrap_err().to_string().contains("silent"));
        let other = Done { job: Job::Open { path: "/m/a".into() }, outcome: Outcome::Found(Found::Opened) };
        assert!(told(other).is_none());
    }

    #[test]
    fn a_file_that_kills_its_reader_costs_its_picture_only() {
        let ready = r"printf '\0jukebox worker\2\2\0\0\0\0\0'";
        let script = format!("{ready}; kill -SEGV $$");
        let spec =
            WorkerSpec { program: "/bin/sh".into(), args: vec!["-c".into(), script.into()], env: vec![], log: None };
        let (tell, messages) = crossbeam_channel::unbounded();
        let idler = Idler::start("trace-test", spec).unwrap();
        let tracer = Tracer::start(idler, move |msg| drop(tell.send(msg))).unwrap();
        tracer.trace(Some(("/m/a.mp3".into(), PIECE)));
        match messages.recv_timeout(Duration::from_secs(60)) {
            Ok(Msg::Traced { found, .. }) => assert!(found.unwrap_err().is_deadly()),
            other => panic!("{other:?}"),
        }
    }
}
