//! Takes what `jukebox import` adds while the player runs: the journal's thread writes it, and what the player keeps of the
//! journal is made anew, as at the start.

use std::sync::PoisonError;
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;

use super::diary::{Line, Taken};
use super::engine::Ask;
use super::notebook::Notebook;
use super::past::Past;
use super::waiting::{ending, late};
use crate::app::Msg;
use crate::app::effect::{MoodOrder, PlaylistOrder};
use crate::ask::protocol::Reply;
use crate::library::journal::{Entry, Journal};
use crate::store::private;

impl Notebook {
    /// Adds a part of an import to the journal, waiting at most `patience` for the disk. The import has read `known` bytes
    /// of the journal's file. Files that it has brought are looked at too.
    pub(super) fn import(&self, entries: Vec<Entry>, known: u64, patience: Duration) -> Reply {
        // One part after the other. Until the end it is unknown whether the journal has something new.
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *behind, true);
        self.noted().keep();
        let reply = match self.diary.import(entries, known).recv_timeout(patience) {
            Ok(taken) => {
                // What the disk refused altogether has changed nothing, and other entries may wait for the disk.
                let has_news = taken.written > 0 || (before && taken.why.is_none());
                let renewed = if has_news { self.renew(&taken) } else { Ok(()) };
                *behind = if has_news { renewed.is_err() } else { before };
                let Taken { written, known, end, why, .. } = taken;
                let why = why.or(renewed.err()).unwrap_or_default();
                Reply::Imported { written, known, end: end.unwrap_or_default(), why }
            }
            Err(RecvTimeoutError::Timeout) => late(patience),
            Err(RecvTimeoutError::Disconnected) => ending(),
        };
        self.noted().forget();
        self.look_at_files();
        reply
    }

    /// Makes anew what is kept of the journal, of which `taken` says how far it is written.
    ///
    /// # Errors
    /// One line when the journal cannot be read.
    fn renew(&self, taken: &Taken) -> Result<(), String> {
        let explain =
            |why: &str| format!("{}: {why}; it is written, but the player does not know it", self.journal.display());
        let end = taken.end.ok_or_else(|| explain("its length is unknown"))?;
        let entries = Journal::read_between(&self.journal, 0, Some(end)).map_err(|e| explain(&private::explain(&e)))?.0;
        let mut past = Past::of(&entries);
        drop(entries);
        // Locked until all have it: what is noted then comes after it.
        let noted = self.noted();
        noted.after(taken.noted).for_each(|entry| past.note(entry));
        let (tallies, heard) = (Box::new(past.tallies.clone()), std::mem::take(&mut past.heard));
        let _ = self.messages.send(Msg::Imported { tallies, heard });
        let _ = self.engine.send(Ask::Imported(Box::new(past)));
        Ok(())
    }

    /// Tells of playlists, moods, signatures and names of dimensions that may have come.
    fn look_at_files(&self) {
        self.diary.write(Line::Playlists(PlaylistOrder::Names, None));
        self.diary.write(Line::Moods(MoodOrder::Names, None));
        let _ = self.engine.send(Ask::Files);
    }
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
