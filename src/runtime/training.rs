//! Trainings of encoders: reads how they stand while that is on the screen, starts them as processes of their own, and
//! asks them to stop. A training is found by its lock, whoever has started it.

mod error;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, after, bounded, never, select, unbounded};
use rustix::process::{Pid, Signal, kill_process};

use crate::analysis::model::{OLDER, SHIPPED};
use crate::app::effect::TrainOrder;
use crate::app::msg::Msg;
use crate::app::outcomes::Asker;
use crate::files;
use crate::paths::Paths;
use crate::store::private;
use crate::text;
use crate::training::limit::Local;
use crate::training::models::{Models, PREVIOUS};
use crate::training::runs::{Board, Reader, Run, State};
use crate::training::{Holder, holder};
use crate::worker::WorkerSpec;

use error::OrderError;

/// How often files are looked at while they are on the screen.
const EVERY: Duration = Duration::from_secs(1);

/// An order to the thread, and the asker that waits for its outcome.
pub(super) type Ask = (TrainOrder, Option<Asker>);

/// Starts and stops processes: the system, or a fake in tests.
trait Runner: Send {
    /// Starts a training with these arguments, whose output goes to a file.
    fn start(&mut self, arguments: &[String], log: &Path) -> io::Result<()>;

    /// Asks a process to stop at its next safe point.
    fn stop(&mut self, pid: i32) -> io::Result<()>;

    /// Runs another command of this program to its end; its first line, or the error that it printed.
    fn ask(&mut self, arguments: &[String]) -> Result<String, OrderError>;
}

/// Starts the thread; answers are sent to `messages`. The processes that it starts read the configuration from `config`.
///
/// # Errors
/// When it cannot be started.
pub(super) fn start(paths: &Paths, config: &Path, messages: Sender<Msg>) -> io::Result<Sender<Ask>> {
    let (asks, orders) = unbounded();
    let (ended, ends) = unbounded();
    let config = std::path::absolute(config)?;
    let mut desk = Desk::new(paths, Box::new(Processes { config, ended }), Local::system(), messages);
    std::thread::Builder::new().name("training".into()).spawn(move || desk.run(&orders, &ends))?;
    Ok(asks)
}

/// Trainings as processes of their own.
struct Processes {
    config: PathBuf,
    /// Told when one that was started here has ended, and whether as it should.
    ended: Sender<bool>,
}

impl Processes {
    /// This program with other arguments, and with the configuration of this one.
    fn command(&self, arguments: &[String]) -> Command {
        let WorkerSpec { program, args, .. } = WorkerSpec::this_program(arguments);
        let mut command = Command::new(program);
        if self.config.exists() {
            command.arg("--config").arg(&self.config);
        }
        command.args(args).stdin(Stdio::null());
        command
    }
}

impl Runner for Processes {
    fn start(&mut self, arguments: &[String], log: &Path) -> io::Result<()> {
        let mut options = private::options();
        let (out, _) = files::with(options.write(true).create(true).truncate(true), log)?;
        let errors = out.try_clone()?;
        let mut command = self.command(arguments);
        command.stdout(out).stderr(errors);
        // Whatever directory the player was started in is not held by it.
        command.current_dir(log.parent().unwrap_or(Path::new("/")));
        // Started first: without this thread its end would not be told.
        let (begun, begins) = bounded::<Child>(1);
        let ended = self.ended.clone();
        std::thread::Builder::new().name("training-end".into()).spawn(move || {
            if let Ok(mut child) = begins.recv() {
                let _ = ended.send(child.wait().is_ok_and(|status| status.success()));
            }
        })?;
        let _ = begun.send(command.spawn()?);
        Ok(())
    }

    fn stop(&mut self, pid: i32) -> io::Result<()> {
        let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::InvalidInput)?;
        kill_process(pid, Signal::TERM).map_err(Into::into)
    }

    fn ask(&mut self, arguments: &[String]) -> Result<String, OrderError> {
        // An encoder is tried out there: it cannot take the player with it.
        let done = self.command(arguments).output().map_err(OrderError::Uncarried)?;
        let first = |said: &[u8]| text::sanitize(String::from_utf8_lossy(said).lines().next().unwrap_or_default());
        if done.status.success() {
            return Ok(first(&done.stdout));
        }
        let said = first(&done.stderr);
        Err(OrderError::Said(said.strip_prefix("jukebox: ").map(str::to_string).unwrap_or(said)))
    }
}

/// The state of the thread.
struct Desk {
    paths: Paths,
    runner: Box<dyn Runner>,
    messages: Sender<Msg>,
    reader: Reader,
    shown: bool,
    /// What was told last.
    told: Option<Board>,
    /// Whether one that was started here has not ended. It takes a moment until it holds the lock.
    begun: bool,
    /// The training that was asked to stop: a second signal would end it at once.
    stopping: Option<Holder>,
    /// The encoder in use and the one before, and when these files were written.
    models: Option<(Written, String, Option<String>)>,
}

/// When the files that say which encoder is in use were written.
type Written = [Option<std::time::SystemTime>; 2];

impl Desk {
    fn new(paths: &Paths, runner: Box<dyn Runner>, local: Local, messages: Sender<Msg>) -> Desk {
        Desk {
            reader: Reader::new(&paths.runs(), &paths.train_lock(), local),
            paths: paths.clone(),
            runner,
            messages,
            shown: false,
            told: None,
            begun: false,
            stopping: None,
            models: None,
        }
    }

    fn run(&mut self, orders: &Receiver<Ask>, ends: &Receiver<bool>) {
        loop {
            // While it is not on the screen, nothing wakes this thread but an order and the end of a training.
            let timer = if self.shown { after(EVERY) } else { never() };
            select! {
                recv(orders) -> ask => match ask {
                    Ok((order, asker)) => self.take(&order, asker),
                    Err(_) => return,
                },
                recv(ends) -> well => if let Ok(well) = well {
                    let said = self.ended(well);
                    let _ = self.messages.send(said);
                },
                recv(timer) -> _ => {}
            }
            self.look();
        }
    }

    fn take(&mut self, order: &TrainOrder, asker: Option<Asker>) {
        if let TrainOrder::Watch(shown) = order {
            self.shown = *shown;
            // The session may not have what was told before.
            self.told = None;
            return;
        }
        let said = self.carry_out(order).unwrap_or_else(|why| Msg::error(why.to_string()));
        let _ = self.messages.send(said.on_behalf(asker));
        asker.into_iter().for_each(|asker| drop(self.messages.send(Msg::Ended(asker))));
    }

    /// Tells the session how the trainings stand, if that is on the screen and has changed.
    fn look(&mut self) {
        if !self.shown {
            return;
        }
        let mut board = self.reader.read();
        (board.in_use, board.before) = self.in_use();
        if self.told.as_ref().is_some_and(|told| board.is(told)) {
            return;
        }
        self.told = Some(board.clone());
        let _ = self.messages.send(Msg::Runs(Arc::new(board)));
    }

    fn models(&self) -> Models {
        Models::new(&self.paths.models(), SHIPPED).with_older(OLDER).with_images(&self.paths)
    }

    /// The names of the encoder in use and of the one before. Every model is read for that, so only after a change.
    fn in_use(&mut self) -> (String, Option<String>) {
        let models = self.models();
        let written = |path: &Path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
        let written = [written(&models.current_file()), written(&self.paths.models().join(PREVIOUS))];
        if let Some((_, name, before)) = self.models.as_ref().filter(|(when, ..)| *when == written) {
            return (name.clone(), before.clone());
        }
        let all = models.list().unwrap_or_default();
        let name = all.into_iter().find(|entry| entry.in_use).map_or_else(String::new, |entry| entry.name);
        let before = models.find(PREVIOUS).ok().map(|entry| entry.name);
        self.models = Some((written, name.clone(), before.clone()));
        (name, before)
    }

    /// Carries out an order; the answer, or what went wrong.
    fn carry_out(&mut self, order: &TrainOrder) -> Result<Msg, OrderError> {
        match order {
            TrainOrder::Watch(_) => Err(OrderError::Nothing),
            TrainOrder::Start(arguments) => self.begin(arguments),
            TrainOrder::Resume(name) => {
                let board = self.reader.read();
                let run = named(&board, name.as_deref(), Run::goes_on, "be gone on with")?;
                let directory = run.directory.to_str().ok_or(OrderError::Path)?;
                self.begin(&["--resume".into(), "--out".into(), directory.into()])
            }
            TrainOrder::Stop => self.stop(),
            TrainOrder::Publish(name) => {
                let board = self.reader.read();
                let has = |run: &Run| run.has_model && !run.state.is_running();
                let run = named(&board, name.as_deref(), has, "be published")?;
                let file = run.model();
                self.change_to(file.to_str().ok_or(OrderError::Path)?)
            }
            TrainOrder::Use(name) => self.change_to(name),
            TrainOrder::Rollback => self.change_to(PREVIOUS),
            TrainOrder::Models => {
                let mut lines = Vec::new();
                for entry in self.models().list().map_err(|why| OrderError::Said(why.to_string()))? {
                    let what =
                        entry.card.as_ref().map_or_else(ToString::to_string, |card| card.arch.name().to_string());
                    let sign = if entry.in_use { "in use" } else { "" };
                    let line = format!("{:<28} {:<12}  {sign:<6}  {}", entry.name, entry.short_hash(), what);
                    lines.push(text::printable(line.trim_end()).into_owned());
                }
                Ok(Msg::Told { title: "Encoders".into(), lines })
            }
        }
    }

    /// Changes the encoder in use as `jukebox model use` does; the analysis notices it by the file that changes.
    fn change_to(&mut self, name: &str) -> Result<Msg, OrderError> {
        self.runner.ask(&["model", "use", "--", name].map(String::from)).map(Msg::success)
    }

    /// Starts a training.
    fn begin(&mut self, arguments: &[String]) -> Result<Msg, OrderError> {
        if holder(&self.paths.train_lock()).is_some() {
            return Err(OrderError::Running);
        }
        if self.begun {
            return Err(OrderError::Beginning);
        }
        let log = self.paths.train_log();
        let cannot = |cause| OrderError::Unstarted { log: log.clone(), cause };
        private::dir(&self.paths.data).map_err(cannot)?;
        let own = ["train".to_string(), "--background".to_string()];
        self.runner.start(&[&own[..], arguments].concat(), &log).map_err(cannot)?;
        self.begun = true;
        Ok(Msg::success("the training begins; it goes on when you quit, and :train shows it"))
    }

    fn stop(&mut self) -> Result<Msg, OrderError> {
        let board = self.reader.read();
        let Some(own) = board.holder.clone() else {
            return Err(if self.begun { OrderError::TooEarly } else { OrderError::NoneRuns });
        };
        let stopping = board.running().is_some_and(|run| run.state == State::Stopping);
        if stopping || self.stopping.as_ref() == Some(&own) {
            return Ok(Msg::hint("it was asked to stop already: it ends after the step that it is at"));
        }
        let pid = own.pid.ok_or(OrderError::NoProcess)?;
        self.runner.stop(pid).map_err(|cause| OrderError::Unstopped { pid, cause })?;
        self.stopping = Some(own);
        Ok(Msg::success("the training stops at the next step; what is done is kept, and :train resume goes on"))
    }

    /// What to say of a training that was started here and has ended.
    fn ended(&mut self, well: bool) -> Msg {
        self.begun = false;
        let asked = self.stopping.take().is_some();
        let last = files::text(&self.paths.train_log(), files::SMALL).unwrap_or_default();
        let last = reason(&last);
        let log = self.paths.train_log();
        let board = self.reader.read();
        // Not the newest one, if an older one was gone on with.
        let run = board.runs.iter().max_by_key(|run| run.standing.as_ref().map(|standing| standing.written));
        match (well, run) {
            (true, Some(run)) => Msg::hint(format!("the training has ended: {}; :train shows it", run.words())),
            (true, None) => Msg::hint("the training has ended"),
            // Before it learns, nothing has to be kept.
            (false, _) if asked => Msg::hint("the training was stopped before it had begun to learn"),
            (false, _) if last.is_empty() => {
                Msg::error(format!("the training ended unexpectedly; its output is in {}", log.display()))
            }
            (false, _) => Msg::error(format!("the training has failed: {last}; more in {}", log.display())),
        }
    }
}

/// Why a training has failed, from its output: its last error, which lines of advice may follow; without one, the last line.
fn reason(output: &str) -> String {
    let written = || output.lines().rev().filter(|line| !line.trim().is_empty());
    let error = written().find_map(|line| line.strip_prefix("jukebox: "));
    text::sanitize(error.or_else(|| written().next()).unwrap_or_default()).trim_end_matches('.').to_string()
}

/// The run of a name, or the newest one that may be taken.
fn named<'a>(
    board: &'a Board,
    name: Option<&str>,
    may: impl Fn(&Run) -> bool,
    be: &'static str,
) -> Result<&'a Run, OrderError> {
    match name {
        Some(name) => {
            let run = board.run(name).ok_or_else(|| OrderError::NoRun(text::sanitize(name)))?;
            if may(run) { Ok(run) } else { Err(OrderError::Cannot { name: name.into(), state: run.words(), be }) }
        }
        None => board.runs.iter().find(|run| may(run)).map(|run| &**run).ok_or(OrderError::NoneCan(be)),
    }
}

#[cfg(test)]
#[path = "training_tests.rs"]
mod tests;
