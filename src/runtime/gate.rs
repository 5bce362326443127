//! The gate before the player. A file that was never decoded may hang or crash the process that opens it. So that this
//! is not the player, a worker process opens it first (docs/design.md, "Processes and untrusted data"), and only then
//! the command is passed on to the player. A file that fails there is reported with the event that the player would
//! have sent.
//!
//! A follower is known long before it is needed, so the delay is inaudible; a track started by the user waits a moment.
//! A track that was analysed, or opened here before, does not wait at all.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, select};

use crate::analysis::jobs::Job;
use crate::analysis::pool::{Done, Idler, Outcome};
use crate::audio::{Command, Event};
use crate::latent::Space;
use crate::library::Catalog;
use crate::track::{FileFault, TrackId};

/// A message to the gate.
pub(super) enum Word {
    /// A command for the player.
    Command(Command),
    /// The catalog, which maps files to tracks.
    Catalog(Arc<Catalog>),
    /// The space, which has the tracks that were analysed.
    Space(Arc<Space>),
}

/// An action decided by [`Queue`].
#[derive(Debug, PartialEq)]
enum Step {
    /// Send the command to the player.
    Pass(Command),
    /// Have the worker open this file, dropping any other one.
    Open(PathBuf),
    /// Send the event to the session.
    Tell(Event),
}

/// The waiting commands and the reasons for waiting; decides the steps without carrying them out.
#[derive(Default)]
struct Queue {
    catalog: Arc<Catalog>,
    space: Option<Arc<Space>>,
    opened: HashSet<TrackId>,
    /// The last opened file that is not in the catalog.
    stray: Option<PathBuf>,
    /// The last files sent to the player, to play and to follow: it has them open, even if they were deleted since.
    playing: Option<PathBuf>,
    following: Option<PathBuf>,
    /// The waiting `Play`, with later commands about the same track merged into it.
    play: Option<Command>,
    /// The waiting `Follow`.
    follow: Option<Command>,
    /// The file being opened, and its track when that began.
    opening: Option<(PathBuf, Option<TrackId>)>,
}

impl Queue {
    fn word(&mut self, word: Word, out: &mut Vec<Step>) {
        match word {
            Word::Catalog(catalog) => self.catalog = catalog,
            Word::Space(space) => self.space = Some(space),
            Word::Command(command) => self.command(command, out),
        }
        self.advance(out);
    }

    fn command(&mut self, mut command: Command, out: &mut Vec<Step>) {
        match (&mut command, &mut self.play, &mut self.follow) {
            (Command::Play { path, .. }, ..) => {
                if !self.is_known(path) {
                    // Stops the old track at once, as when the player opens a slow file.
                    out.push(Step::Pass(Command::Stop));
                }
                (self.play, self.follow) = (Some(command), None);
                return;
            }
            (Command::Follow { path, .. }, play, _) => {
                let waits = play.is_some();
                if !waits && !self.is_known(path) {
                    // The previous follower must not start meanwhile.
                    out.push(Step::Pass(Command::Unfollow));
                }
                self.follow = Some(command);
                return;
            }
            (Command::Stop, ..) => (self.play, self.follow) = (None, None),
            (Command::Unfollow, play, _) => {
                self.follow = None;
                // The player was stopped for the waiting `Play` and has no follower.
                if play.is_some() {
                    return;
                }
            }
            (Command::Gain { token, gain }, _, Some(Command::Follow { token: waits, sounding, .. }))
            | (Command::Gain { token, gain }, Some(Command::Play { token: waits, sounding, .. }), _)
                if token == waits =>
            {
                sounding.gain = *gain;
                return;
            }
            (Command::Pause, Some(Command::Play { paused, .. }), _) => {
                *paused = true;
                return;
            }
            (Command::Resume, Some(Command::Play { paused, .. }), _) => {
                *paused = false;
                return;
            }
            (Command::Seek(to), Some(Command::Play { at, .. }), _) => {
                *at = *to;
                return;
            }
            _ => {}
        }
        out.push(Step::Pass(command));
    }

    /// Passes on the commands that no longer have to wait, and has the next waiting file opened.
    fn advance(&mut self, out: &mut Vec<Step>) {
        while let Some(path) = path_of(&self.play).or(path_of(&self.follow)) {
            if self.is_known(path) {
                let command = self.play.take().or_else(|| self.follow.take());
                match &command {
                    Some(Command::Play { path, .. }) => self.playing = Some(path.clone()),
                    Some(Command::Follow { path, .. }) => self.following = Some(path.clone()),
                    _ => {}
                }
                out.extend(command.map(Step::Pass));
                continue;
            }
            // A restored session is paused: its track waits until the space is known, or until playback is resumed.
            if self.space.is_none() && matches!(self.play, Some(Command::Play { paused: true, .. })) {
                return;
            }
            if self.opening.as_ref().is_none_or(|(opening, _)| opening != path) {
                let (path, track) = (path.to_path_buf(), self.track_of(path));
                out.push(Step::Open(path.clone()));
                self.opening = Some((path, track));
            }
            return;
        }
    }

    /// Takes the result of opening a file.
    fn opened(&mut self, result: Result<(), FileFault>, out: &mut Vec<Step>) {
        let Some((path, track)) = self.opening.take() else { return };
        match result {
            Ok(()) => match track {
                Some(track) => drop(self.opened.insert(track)),
                None => self.stray = Some(path),
            },
            Err(why) => self.fail(&path, why, out),
        }
        self.advance(out);
    }

    fn fail(&mut self, path: &Path, why: FileFault, out: &mut Vec<Step>) {
        if path_of(&self.play) == Some(path) {
            if let Some(Command::Play { token, paused, .. }) = self.play.take() {
                out.push(Step::Tell(Event::Failed { token, why }));
                // As in the player: the follower replaces the track that cannot be played.
                if let Some(Command::Follow { token, path, sounding }) = self.follow.take() {
                    self.play = Some(Command::Play { token, path, at: 0.0, paused, sounding });
                }
            }
        } else if path_of(&self.follow) == Some(path)
            && let Some(Command::Follow { token, .. }) = self.follow.take()
        {
            out.push(Step::Tell(Event::Failed { token, why }));
        }
    }

    /// Whether the player may open a file without a worker having to open it first.
    fn is_known(&self, path: &Path) -> bool {
        match self.track_of(path) {
            Some(track) => {
                self.opened.contains(&track) || self.space.as_ref().is_some_and(|space| space.row(track).is_some())
            }
            None => [&self.stray, &self.playing, &self.following].iter().any(|known| known.as_deref() == Some(path)),
        }
    }

    fn track_of(&self, path: &Path) -> Option<TrackId> {
        self.catalog.of_path(path).map(|song| song.track)
    }
}

fn path_of(waiting: &Option<Command>) -> Option<&Path> {
    match waiting {
        Some(Command::Play { path, .. } | Command::Follow { path, .. }) => Some(path),
        _ => None,
    }
}

/// The running gate. Dropping it also quits the player behind it.
pub(super) struct Gate {
    words: Sender<Word>,
    thread: Option<JoinHandle<()>>,
}

impl Gate {
    /// Starts the thread. `opener`'s worker opens files; `pass` sends to the player, `tell` to the session.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(
        opener: Idler,
        pass: impl Fn(Command) + Send + 'static,
        tell: impl Fn(Event) + Send + 'static,
    ) -> std::io::Result<Gate> {
        let (words, spoken) = crossbeam_channel::unbounded();
        let thread =
            std::thread::Builder::new().name("gate".into()).spawn(move || run(&spoken, opener, &pass, &tell))?;
        Ok(Gate { words, thread: Some(thread) })
    }

    /// A sender of messages to the gate.
    pub fn words(&self) -> Sender<Word> {
        self.words.clone()
    }

    /// Sends a command to the player, as soon as it may be passed on.
    pub fn send(&self, command: Command) {
        let _ = self.words.send(Word::Command(command));
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.send(Command::Quit);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(words: &Receiver<Word>, mut opener: Idler, pass: &dyn Fn(Command), tell: &dyn Fn(Event)) {
    let (mut queue, mut steps, mut died) = (Queue::default(), Vec::new(), None);
    let mut answers = opener.answers();
    loop {
        select! {
            recv(words) -> word => match word {
                Ok(Word::Command(Command::Quit)) | Err(_) => return pass(Command::Quit),
                Ok(word) => queue.word(word, &mut steps),
            },
            recv(answers) -> answer => match answer {
                Ok(answer) => if let Some(done) = opener.accept(answer) {
                    match done {
                        // A first crash may be unrelated to the file (out of memory, killed by the user): retry once.
                        Done { job: Job::Open { path }, outcome }
                            if is_chance(&outcome) && died.as_ref() != Some(&path) =>
                        {
                            died = Some(path.clone());
                            opener.give(Job::Open { path });
                        }
                        done => {
                            died = None;
                            queue.opened(judged(done), &mut steps);
                        }
                    }
                },
                // Its thread is gone: no more files are opened, but known ones still play.
                Err(_) => answers = crossbeam_channel::never(),
            },
        }
        for step in steps.drain(..) {
            match step {
                Step::Pass(command) => pass(command),
                Step::Open(path) => opener.give(Job::Open { path }),
                Step::Tell(event) => tell(event),
            }
        }
    }
}

/// Whether another attempt may have a different outcome.
fn is_chance(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Interrupted(_) => true,
        Outcome::Killed(fault) => fault.is_deadly(),
        _ => false,
    }
}

/// Translates the worker's outcome into a result for the file.
fn judged(done: Done) -> Result<(), FileFault> {
    match done.outcome {
        // Even if the file changed meanwhile: it was opened without harm.
        Outcome::Found(_) | Outcome::Each(_) => Ok(()),
        // Not the file's fault, and reported by the analysis: playback must not stop because no process can be started.
        Outcome::NoWorker(_) => Ok(()),
        Outcome::Refused(fault) | Outcome::Killed(fault) => Err(fault),
        Outcome::Interrupted(why) => Err(FileFault::Outside(why)),
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
