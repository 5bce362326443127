//! Where events of the user are written down.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::Sender;

use super::diary::{Diary, Line};
use super::engine::Ask;
use crate::app::Msg;
use crate::app::outcomes::Asker;
use crate::clock::{Clock, SystemClock};
use crate::library::journal::{Entry, Event};

/// Writes events to the journal, and sends them to the engine and to the session.
#[derive(Clone)]
pub(super) struct Notebook {
    pub(super) diary: Diary,
    pub(super) engine: Sender<Ask>,
    pub(super) messages: Sender<Msg>,
    /// The journal's file.
    pub(super) journal: PathBuf,
    /// Held while part of an import is taken; whether the journal has imported entries that were not taken in yet.
    pub(super) behind: Arc<Mutex<bool>>,
    noted: Arc<Mutex<Noted>>,
}

/// What was noted. It is locked for moments only, since the ui thread notes too.
#[derive(Debug, Default)]
pub(super) struct Noted {
    /// How many entries since the start.
    count: u64,
    /// The latest of them, each with its number from 1, while an import is taken.
    meanwhile: Option<Vec<(u64, Entry)>>,
}

impl Noted {
    /// Keeps what is noted from now on.
    pub(super) fn keep(&mut self) {
        self.meanwhile = Some(Vec::new());
    }

    /// Forgets what was kept, and keeps nothing more.
    pub(super) fn forget(&mut self) {
        self.meanwhile = None;
    }

    /// What was kept after the first `count` entries since the start.
    pub(super) fn after(&self, count: u64) -> impl Iterator<Item = &Entry> {
        self.meanwhile.iter().flatten().filter(move |(number, _)| *number > count).map(|(_, entry)| entry)
    }

    fn add(&mut self, entry: &Entry) {
        self.count += 1;
        let number = self.count;
        self.meanwhile.iter_mut().for_each(|kept| kept.push((number, entry.clone())));
    }
}

impl Notebook {
    pub(super) fn new(diary: Diary, engine: Sender<Ask>, messages: Sender<Msg>, journal: PathBuf) -> Notebook {
        Notebook { diary, engine, messages, journal, behind: Arc::default(), noted: Arc::default() }
    }

    pub(super) fn note(&self, event: Event) {
        self.take_down(event, Ask::Noted);
    }

    /// The same for a client that waits until the engine has taken it.
    pub(super) fn note_for(&self, event: Event, asker: Asker) {
        self.take_down(event, |entry| Ask::For { asker, ask: Box::new(Ask::Noted(entry)) });
    }

    /// What was noted; while it is locked, nothing more is.
    pub(super) fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_down(&self, event: Event, ask: impl FnOnce(Entry) -> Ask) {
        // Locked, so that engine, session and journal have all entries in the same order.
        let mut noted = self.noted();
        let entry = Entry { at: SystemClock::new().unix(), event };
        noted.add(&entry);
        let _ = self.engine.send(ask(entry.clone()));
        let _ = self.messages.send(Msg::Noted(entry.clone()));
        self.diary.write(Line::Entry(entry));
    }
}
