//! The thread that owns the user's journal, playlists and the session file: the things that are the user's own.

use std::path::Path;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::{moods, playlists};
use crate::app::effect::{MoodOrder, PlaylistOrder};
use crate::app::msg::Msg;
use crate::app::session::Session;
use crate::clock::{Clock, SystemClock};
use crate::library::journal::{Entry, Journal};
use crate::library::moods::Moods;
use crate::library::playlists::Playlists;
use crate::paths::Paths;
use crate::store::private;

/// What is to be written down.
#[derive(Debug)]
pub enum Line {
    /// For the journal.
    Entry(Entry),
    /// The session as it stands now.
    Session(Box<Session>),
    /// Something to be done with playlists; answered by messages.
    Playlists(PlaylistOrder),
    /// Something to be done with moods; answered by messages.
    Moods(MoodOrder),
    /// Answered when everything before it is on the disk.
    Flush(Sender<()>),
}

/// A handle to the thread.
#[derive(Clone, Debug)]
pub struct Diary(Sender<Line>);

impl Diary {
    /// Opens the journal and starts the thread; what had to be repaired comes as notes, and the tracks heard
    /// so far in their order.
    ///
    /// # Errors
    /// When the thread cannot be started. A journal that cannot be written is a note: the music goes on.
    pub fn start(paths: &Paths, messages: Sender<Msg>) -> Result<(Diary, Vec<Entry>), String> {
        let complain = {
            let messages = messages.clone();
            move |text: String| drop(messages.send(Msg::Notice { error: true, text }))
        };
        let (sender, lines) = crossbeam_channel::unbounded();
        let (journal, entries) = match Journal::open(&paths.journal()) {
            Ok((journal, entries, notes)) => {
                notes.into_iter().for_each(&complain);
                (Some(journal), entries)
            }
            Err(e) => {
                complain(format!("{}: plays are not remembered: {e}", paths.journal().display()));
                (None, Vec::new())
            }
        };
        let session = paths.session();
        let lists = Playlists::in_dir(paths.playlists());
        let kept = Moods::in_file(paths.moods());
        let told = move |order| {
            let answers = match order {
                Order::Playlists(order) => playlists::carry_out(&lists, order),
                Order::Moods(order) => moods::carry_out(&kept, order),
            };
            answers.into_iter().for_each(|m| drop(messages.send(m)));
        };
        std::thread::Builder::new()
            .name("diary".into())
            .spawn(move || run(journal, &session, &lines, &complain, &told))
            .map_err(|e| format!("cannot start the journal's thread: {e}"))?;
        Ok((Diary(sender), entries))
    }

    /// Hands over a line.
    pub fn write(&self, line: Line) {
        let _ = self.0.send(line);
    }

    /// Waits until everything handed over is on the disk, at most `patience`.
    pub fn flush(&self, patience: Duration) {
        let (sender, done) = crossbeam_channel::bounded(1);
        self.write(Line::Flush(sender));
        let _ = done.recv_timeout(patience);
    }
}

/// What is to be done with files that are the user's own.
enum Order {
    Playlists(PlaylistOrder),
    Moods(MoodOrder),
}

fn run(
    mut journal: Option<Journal>,
    session_file: &Path,
    lines: &Receiver<Line>,
    complain: &dyn Fn(String),
    carry_out: &dyn Fn(Order),
) {
    let clock = SystemClock::new();
    let mut faulty = false;
    loop {
        // Without anything to be synced nothing wakes this thread but a line.
        let line = match journal.as_ref().is_some_and(Journal::owes) {
            true => lines.recv_timeout(Duration::from_secs(1)),
            false => lines.recv().map_err(Into::into),
        };
        let result = match line {
            Ok(Line::Entry(entry)) => {
                journal.as_mut().map_or(Ok(()), |j| j.append(&entry)).map_err(|e| format!("the journal: {e}"))
            }
            Ok(Line::Playlists(order)) => {
                carry_out(Order::Playlists(order));
                Ok(())
            }
            Ok(Line::Moods(order)) => {
                carry_out(Order::Moods(order));
                Ok(())
            }
            Ok(Line::Session(session)) => save(session_file, &session),
            Ok(Line::Flush(done)) => {
                let synced = journal.as_mut().map_or(Ok(()), Journal::sync).map_err(|e| format!("the journal: {e}"));
                let _ = done.send(());
                synced
            }
            Err(RecvTimeoutError::Timeout) => journal
                .as_mut()
                .map_or(Ok(()), |j| j.sync_if_due(clock.now()).map(|_| ()))
                .map_err(|e| format!("the journal: {e}")),
            Err(RecvTimeoutError::Disconnected) => break,
        };
        match result {
            Ok(()) => faulty = false,
            // Said once; a full disk would say it every second.
            Err(e) if !std::mem::replace(&mut faulty, true) => complain(format!("cannot be written down: {e}")),
            Err(_) => {}
        }
    }
    if let Some(journal) = &mut journal {
        let _ = journal.sync();
    }
}

fn save(file: &Path, session: &Session) -> Result<(), String> {
    let explain = |e: &dyn std::fmt::Display| format!("{}: {e}", file.display());
    let bytes = serde_json::to_vec_pretty(session).map_err(|e| explain(&e))?;
    private::replace(file, &bytes).map_err(|e| explain(&e))
}

/// The session of the last time; `None` when there is none. A damaged one is kept aside and named.
///
/// # Errors
/// One line for the user.
pub fn last_session(paths: &Paths) -> Result<Option<Session>, String> {
    let file = paths.session();
    let bytes = match std::fs::read(&file) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(format!("{}: the last session cannot be read: {e}", file.display())),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|e| {
        let aside = file.with_extension("damaged.json");
        let kept = std::fs::rename(&file, &aside).is_ok();
        let where_to = if kept { format!(" (kept as {})", aside.display()) } else { String::new() };
        format!("{}: the last session is damaged{where_to}: {e}", file.display())
    })
}
