//! Where events of the user are written down.

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
}

impl Notebook {
    pub(super) fn note(&self, event: Event) {
        self.take_down(event, Ask::Noted);
    }

    /// The same for a client that waits until the engine has taken it.
    pub(super) fn note_for(&self, event: Event, asker: Asker) {
        self.take_down(event, |entry| Ask::For { asker, ask: Box::new(Ask::Noted(entry)) });
    }

    fn take_down(&self, event: Event, ask: impl FnOnce(Entry) -> Ask) {
        let entry = Entry { at: SystemClock::new().unix(), event };
        let _ = self.engine.send(ask(entry.clone()));
        let _ = self.messages.send(Msg::Noted(entry.clone()));
        self.diary.write(Line::Entry(entry));
    }
}
