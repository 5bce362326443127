//! The gate before the player. A file that nobody has decoded yet may hang or kill whatever opens it, and that must not
//! be the player: a worker process opens it first (docs/design.md, "Processes and untrusted data"), and only then the
//! player is told. A file that fails there is reported in the player's own words, so that everything else goes on as if
//! the player had failed with it.
//!
//! What follows is known long before it is needed, so nothing is heard of the waiting; a track that is begun by hand
//! waits a moment. A track that was listened to, or opened here before, does not wait at all.

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

/// What the gate is told.
pub(super) enum Word {
    /// A command for the player.
    Command(Command),
    /// Which track each file is.
    Catalog(Arc<Catalog>),
    /// Which tracks have been listened to.
    Space(Arc<Space>),
}

/// What is to be done.
#[derive(Debug, PartialEq)]
enum Step {
    /// Tell the player.
    Pass(Command),
    /// Have a worker open this file, whatever it was doing.
    Open(PathBuf),
    /// Tell the session.
    Tell(Event),
}

/// What waits, and why; decides and does nothing itself.
#[derive(Default)]
struct Queue {
    catalog: Arc<Catalog>,
    space: Option<Arc<Space>>,
    opened: HashSet<TrackId>,
    /// The file of no known track that was opened last.
    stray: Option<PathBuf>,
    /// What the player was told of last, to play and to follow: it has them open, also when they were deleted since.
    playing: Option<PathBuf>,
    following: Option<PathBuf>,
    /// The `Play` that waits: what came behind it and is about it was worked into it.
    play: Option<Command>,
    /// The `Follow` that waits.
    follow: Option<Command>,
    /// The file that is being opened, and which track it was when that began.
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
                    // Silence at once, as when the player opens a file that is slow.
                    out.push(Step::Pass(Command::Stop));
                }
                (self.play, self.follow) = (Some(command), None);
                return;
            }
            (Command::Follow { path, .. }, play, _) => {
                let waits = play.is_some();
                if !waits && !self.is_known(path) {
                    // The one that it takes the place of must not begin meanwhile.
                    out.push(Step::Pass(Command::Unfollow));
                }
                self.follow = Some(command);
                return;
            }
            (Command::Stop, ..) => (self.play, self.follow) = (None, None),
            (Command::Unfollow, play, _) => {
                self.follow = None;
                // What waits to play has stopped what a follower could follow.
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

    /// Lets through what need not wait any more, and has opened what waits first.
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
            // A restored session is held: it waits until it is known what was listened to, or until it is to go on.
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

    /// The file that is being opened was, or why it cannot be.
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
                // As in the player: what follows takes the place of what cannot be played.
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

    /// Whether a worker has been through a file.
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

/// The running gate. Dropped, it ends the player that it passes commands to.
pub(super) struct Gate {
    words: Sender<Word>,
    thread: Option<JoinHandle<()>>,
}

impl Gate {
    /// Starts the thread. `opener`'s worker opens files; `pass` tells the player, `tell` the session.
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

    /// A way to tell it something.
    pub fn words(&self) -> Sender<Word> {
        self.words.clone()
    }

    /// Tells the player something, as soon as it may be told.
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
                        // Once it may have been chance: memory that ran out, a process that somebody ended.
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
                // Its thread is gone: nothing more is opened, but what is known plays on.
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

/// Whether another try may come to something else.
fn is_chance(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Interrupted(_) => true,
        Outcome::Killed(fault) => fault.is_deadly(),
        _ => false,
    }
}

/// What the worker's answer says of the file.
fn judged(done: Done) -> Result<(), FileFault> {
    match done.outcome {
        // Also of one that changed meanwhile: it was opened and did no harm.
        Outcome::Found(_) | Outcome::Each(_) => Ok(()),
        // Not the file's fault, and the analysis says it: the music is not to stop because no process can be started.
        Outcome::NoWorker(_) => Ok(()),
        Outcome::Refused(fault) | Outcome::Killed(fault) => Err(fault),
        Outcome::Interrupted(why) => Err(FileFault::Outside(why)),
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
