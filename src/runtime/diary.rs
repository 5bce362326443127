//! The thread that owns the user's data: journal, playlists, signatures, moods and session files.
//!
//! What cannot be written (the disk is full or read-only) is kept in memory, tried again every two seconds and written
//! in order; the session is told as long as anything is not on the disk. What is still not written when the player
//! exits is saved elsewhere for `jukebox import`, and reported.

use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::orders::{Clerk, Order};
use super::sessions::Sessions;
use super::start_error::StartError;
use crate::app::effect::{MoodOrder, PlaylistOrder, SignatureOrder};
use crate::app::msg::{Msg, Unsaved};
use crate::app::outcomes::Asker;
use crate::app::state::session::{Place, Saving, Session};
use crate::clock::{Clock, SystemClock};
use crate::library::journal::{Entry, Journal, Keeper, MOST, lacking};
use crate::paths::Paths;
use crate::store::private;

/// The interval between attempts to write what could not be written.
const RETRY: Duration = Duration::from_secs(2);
/// The least time between syncs of written entries, and how long to wait for another line before one.
const SYNC: Duration = Duration::from_secs(1);

/// Something to be written.
#[derive(Debug)]
pub enum Line {
    /// An entry of the journal.
    Entry(Entry),
    /// The current session.
    Session(Box<Saving>),
    /// The current place in the last session handed over.
    Place(Box<Place>),
    /// An operation on playlists, and the asker that waits for it; answered by messages.
    Playlists(PlaylistOrder, Option<Asker>),
    /// An operation on moods, and the asker that waits for it; answered by messages.
    Moods(MoodOrder, Option<Asker>),
    /// A change of saved signatures, and the asker that waits for it; answered by messages.
    Signatures(SignatureOrder, Option<Asker>),
    /// A part of an import, answered when it has been written or has failed to be.
    Import {
        /// The entries, in order.
        entries: Vec<Entry>,
        /// How many bytes of the journal's file the import has read.
        known: u64,
        /// Where the answer goes.
        done: Sender<Taken>,
    },
    /// Answered once everything before it has been written or has failed to be.
    Flush(Sender<Left>),
}

/// What became of a part of an import.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// How many of its entries were written, in order.
    pub written: usize,
    /// How many were left out, because the journal has them by now, or something newer in their place.
    pub known: usize,
    /// Why the others were not written.
    pub why: Option<String>,
    /// The length of the journal's file then; `None` when that cannot be found out.
    pub end: Option<u64>,
    /// How many entries that were handed over by [`Line::Entry`] are in it.
    pub noted: u64,
}

/// What could not be written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Left {
    /// The amount and the reason.
    pub unsaved: Unsaved,
    /// The unwritten journal entries, in order.
    pub entries: Vec<Entry>,
    /// The other changes not made, in words.
    pub orders: Vec<String>,
}

/// A handle to the thread.
#[derive(Clone, Debug)]
pub struct Diary {
    lines: Sender<Line>,
    full: Arc<AtomicBool>,
}

impl Diary {
    /// Opens the journal and starts the thread; returns the journal's entries, and sends notices of repairs. `root` is
    /// the music directory whose session is written.
    ///
    /// # Errors
    /// The thread cannot be started. A journal that cannot be written is only reported by a notice.
    pub fn start(paths: &Paths, root: &Path, messages: Sender<Msg>) -> Result<(Diary, Vec<Entry>), StartError> {
        let (sender, lines) = crossbeam_channel::unbounded();
        let (keeper, entries, notes) = Keeper::open(&paths.journal());
        for text in notes {
            let _ = messages.send(Msg::error(text));
        }
        let full = Arc::new(AtomicBool::new(false));
        let mut desk = Desk {
            keeper,
            journal: paths.journal(),
            noted: 0,
            clerk: Clerk::new(paths),
            sessions: Sessions::of(paths, root),
            session: None,
            place: None,
            session_fault: String::new(),
            told: Unsaved::default(),
            full: full.clone(),
            messages,
        };
        std::thread::Builder::new()
            .name("diary".into())
            .spawn(move || run(&mut desk, &lines))
            .map_err(StartError::thread("the journal's thread"))?;
        Ok((Diary { lines: sender, full }, entries))
    }

    /// Hands over a line.
    pub fn write(&self, line: Line) {
        let _ = self.lines.send(line);
    }

    /// Whether so many entries wait to be written that no more are accepted.
    pub fn is_full(&self) -> bool {
        self.full.load(Ordering::SeqCst)
    }

    /// Hands over a part of an import that has read `known` bytes of the journal's file. The answer comes when the entries
    /// are on the disk, or not all of them can be.
    pub fn import(&self, entries: Vec<Entry>, known: u64) -> Receiver<Taken> {
        let (done, taken) = crossbeam_channel::bounded(1);
        self.write(Line::Import { entries, known, done });
        taken
    }

    /// Waits until everything handed over has been written or has failed to be. Returns what could not be written;
    /// `None` after `patience`.
    pub fn flush(&self, patience: Duration) -> Option<Left> {
        let (sender, done) = crossbeam_channel::bounded(1);
        self.write(Line::Flush(sender));
        done.recv_timeout(patience).ok()
    }
}

/// The thread's state.
struct Desk {
    keeper: Keeper<Journal>,
    /// Its file.
    journal: PathBuf,
    /// How many entries were handed over one by one.
    noted: u64,
    clerk: Clerk,
    sessions: Sessions,
    /// The newest session, while it is not on the disk.
    session: Option<Box<Session>>,
    /// A newer place, in `session` or else in the saved session, while it is not on the disk.
    place: Option<Box<Place>>,
    session_fault: String,
    /// What was last reported to the session.
    told: Unsaved,
    full: Arc<AtomicBool>,
    messages: Sender<Msg>,
}

impl Desk {
    /// Writes the newest session or place, if it is not on the disk yet.
    fn save(&mut self) {
        if let Some(session) = &mut self.session
            && let Some(place) = self.place.take()
        {
            session.set_place(*place);
        }
        let saved = match (&self.session, &self.place) {
            (Some(session), _) => self.sessions.save(session),
            (None, Some(place)) => self.sessions.save_place(place),
            (None, None) => return,
        };
        match saved {
            Ok(()) => (self.session, self.place, self.session_fault) = (None, None, String::new()),
            Err(why) => self.session_fault = why.to_string(),
        }
    }

    fn retry(&mut self) {
        if self.keeper.is_stuck() {
            self.keeper.retry();
        }
        self.save();
        let answers = self.clerk.retry();
        self.answer(answers);
    }

    /// Appends what the journal lacks of a part of an import.
    fn import(&mut self, entries: Vec<Entry>, known: u64) -> Taken {
        if self.keeper.is_stuck() {
            self.keeper.retry();
        }
        let all = entries.len();
        let lacking = Journal::read_between(&self.journal, known, None).map(|(since, _)| lacking(entries, &since));
        let (written, known, why) = match lacking {
            Ok(lacking) => {
                let (written, why) = self.keeper.import(&lacking);
                (written, all - lacking.len(), why)
            }
            Err(e) => (0, 0, Some(format!("{}: {}", self.journal.display(), private::explain(&e)))),
        };
        let end = std::fs::metadata(&self.journal).ok().map(|meta| meta.len());
        Taken { written, known, why, end, noted: self.noted }
    }

    fn carry_out(&mut self, order: Order, asker: Option<Asker>) {
        let answers = self.clerk.take(order);
        self.answer(answers.into_iter().map(|msg| msg.on_behalf(asker)).collect());
        self.answer(asker.map(Msg::Ended).into_iter().collect());
    }

    fn answer(&self, answers: Vec<Msg>) {
        answers.into_iter().for_each(|m| drop(self.messages.send(m)));
    }

    fn is_stuck(&self) -> bool {
        self.keeper.is_stuck() || self.session_waits() || !self.clerk.why().is_empty()
    }

    fn session_waits(&self) -> bool {
        self.session.is_some() || self.place.is_some()
    }

    fn unsaved(&self) -> Unsaved {
        let waiting = self.keeper.waiting();
        let whys = [waiting.why.as_str(), self.clerk.why(), self.session_fault.as_str()];
        let why = whys.into_iter().find(|why| !why.is_empty()).unwrap_or_default().to_string();
        let changes = waiting.entries + self.clerk.left().len();
        Unsaved { changes, refused: waiting.refused, session: self.session_waits(), why }
    }

    /// Reports to the session what is not on the disk, if that has changed.
    fn report(&mut self) {
        let unsaved = self.unsaved();
        self.full.store(self.keeper.waiting().entries >= MOST, Ordering::SeqCst);
        if unsaved != self.told {
            self.told = unsaved.clone();
            let _ = self.messages.send(Msg::Unsaved(unsaved));
        }
    }
}

fn run(desk: &mut Desk, lines: &Receiver<Line>) {
    let clock = SystemClock::new();
    let mut tried = clock.now();
    loop {
        desk.report();
        // With nothing to be written again or synced, the thread wakes only for a line.
        let line = match (desk.is_stuck(), desk.keeper.owes()) {
            (false, false) => lines.recv().map_err(Into::into),
            (true, false) => lines.recv_timeout(RETRY),
            (_, true) => lines.recv_timeout(SYNC),
        };
        match line {
            Ok(Line::Entry(entry)) => {
                desk.keeper.add(entry);
                desk.noted += 1;
            }
            Ok(Line::Import { entries, known, done }) => drop(done.send(desk.import(entries, known))),
            Ok(Line::Playlists(order, asker)) => desk.carry_out(Order::Playlists(order), asker),
            Ok(Line::Moods(order, asker)) => desk.carry_out(Order::Moods(order), asker),
            Ok(Line::Signatures(order, asker)) => desk.carry_out(Order::Signatures(order), asker),
            Ok(Line::Session(session)) => {
                // Replaces an older one that still waits: only the newest is needed.
                (desk.session, desk.place) = (Some(Box::new(session.into_session())), None);
                if desk.session_fault.is_empty() {
                    desk.save();
                }
            }
            Ok(Line::Place(place)) => {
                desk.place = Some(place);
                if desk.session_fault.is_empty() {
                    desk.save();
                }
            }
            Ok(Line::Flush(done)) => {
                desk.keeper.retry();
                desk.retry();
                let entries = desk.keeper.left().cloned().collect();
                let _ = done.send(Left { unsaved: desk.unsaved(), entries, orders: desk.clerk.left() });
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        desk.keeper.sync_if_due(clock.now());
        if desk.is_stuck() && clock.now().saturating_sub(tried) >= RETRY {
            tried = clock.now();
            desk.retry();
        }
    }
    desk.retry();
}

/// The message about what could not be written when the player exits; `None` when everything is on the disk. Journal
/// entries are saved in the first of the directories `refuges` that can be written, for import.
pub fn farewell(left: Option<Left>, refuges: &[PathBuf]) -> Option<String> {
    let Some(Left { unsaved, entries, orders }) = left else {
        return Some("the disk did not answer in time: the last changes may not be saved".into());
    };
    if unsaved.is_empty() {
        return None;
    }
    let mut said = vec![unsaved.why.clone()];
    if !entries.is_empty() {
        let what = format!("not written: {}", summary(&entries));
        said.push(match refuges.iter().find_map(|dir| rescue(&entries, dir).ok()) {
            Some(dir) => {
                let dir = crate::text::sanitize(&dir.to_string_lossy());
                format!("{what}. They are kept in {dir}: when there is room, `jukebox import {dir}` takes them back")
            }
            None => format!("{what}. They are lost"),
        });
    }
    if !orders.is_empty() {
        said.push(format!("not changed: {}", orders.join(", ")));
    }
    if unsaved.refused > 0 {
        said.push(format!("{} more were refused because too many waited", unsaved.refused));
    }
    if unsaved.session {
        said.push("the latest queue is not saved either; the one before is kept".into());
    }
    Some(said.join("; "))
}

/// The numbers of entries by kind: `2 played, 5 rated`.
fn summary(entries: &[Entry]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries {
        let json = serde_json::to_value(entry).unwrap_or_default();
        *counts.entry(json["event"].as_str().unwrap_or("other").replace('_', " ")).or_default() += 1;
    }
    counts.iter().map(|(what, n)| format!("{n} {what}")).collect::<Vec<_>>().join(", ")
}

/// Writes entries into a new directory below `dir`, in the form that `jukebox import` reads. Returns the directory.
fn rescue(entries: &[Entry], dir: &Path) -> io::Result<PathBuf> {
    let dir = dir.join(format!("jukebox-unsaved-{}", std::process::id()));
    // Must be new: in a shared directory such as /tmp an existing one may be another user's.
    DirBuilder::new().mode(0o700).create(&dir)?;
    let mut text = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut text, entry)?;
        text.push(b'\n');
    }
    let written = private::replace(&dir.join("history.jsonl"), &text);
    if written.is_err() {
        let _ = std::fs::remove_dir(&dir);
    }
    written.map(|()| dir)
}

#[cfg(test)]
#[path = "diary_tests.rs"]
mod tests;
