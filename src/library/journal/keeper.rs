//! Buffers entries that cannot be written to the journal, retries, and writes them in order.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Entry, Journal};

/// Maximum number of entries buffered while the disk accepts none: at about 200 bytes each 20 MB,
/// or years of listening. Further entries are refused, and the user is informed.
pub const MOST: usize = 100_000;

/// The journal that a [`Keeper`] writes to: a [`Journal`], or in tests one that fails.
pub trait Pages {
    /// Appends an entry, or leaves everything unchanged on an error.
    ///
    /// # Errors
    /// As [`Journal::append`].
    fn append(&mut self, entry: &Entry) -> io::Result<()>;
    /// Syncs now.
    ///
    /// # Errors
    /// As [`Journal::sync`].
    fn sync(&mut self) -> io::Result<()>;
    /// Syncs if a sync is due.
    ///
    /// # Errors
    /// As [`Journal::sync_if_due`].
    fn sync_if_due(&mut self, now: Duration) -> io::Result<bool>;
    /// Whether something was written since the last sync.
    fn owes(&self) -> bool;
}

impl Pages for Journal {
    fn append(&mut self, entry: &Entry) -> io::Result<()> {
        Journal::append(self, entry)
    }

    fn sync(&mut self) -> io::Result<()> {
        Journal::sync(self)
    }

    fn sync_if_due(&mut self, now: Duration) -> io::Result<bool> {
        Journal::sync_if_due(self, now)
    }

    fn owes(&self) -> bool {
        Journal::owes(self)
    }
}

/// What is not on disk, for display.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Number of buffered entries, which will be written once the disk accepts them.
    pub entries: usize,
    /// Number of entries refused because [`MOST`] were buffered already.
    pub refused: usize,
    /// The error, with the path; empty if there is none.
    pub why: String,
}

/// A journal with a buffer of the entries that it could not write yet.
pub struct Keeper<P> {
    path: PathBuf,
    /// Opens the journal again after a failure.
    open: Box<dyn FnMut() -> io::Result<P> + Send>,
    pages: Option<P>,
    waiting: VecDeque<Entry>,
    most: usize,
    refused: usize,
    why: String,
}

impl Keeper<Journal> {
    /// Opens the journal. Returns also its entries in order, and messages for the user about
    /// repairs. If it cannot be opened for writing, entries are buffered until a retry succeeds.
    pub fn open(path: &Path) -> (Keeper<Journal>, Vec<Entry>, Vec<String>) {
        let (opened, entries, mut notes) = match Journal::open(path) {
            Ok((journal, entries, notes)) => (Ok(journal), entries, notes),
            // A full or read-only disk may still be readable.
            Err(e) => (Err(e), Journal::read(path).unwrap_or_default(), Vec::new()),
        };
        let file = path.to_owned();
        let open = move || Journal::open(&file).map(|(journal, ..)| journal);
        let mut keeper = Keeper::new(path, MOST, Box::new(open));
        match opened {
            Ok(journal) => keeper.pages = Some(journal),
            Err(e) => keeper.fail(&e),
        }
        if !keeper.why.is_empty() {
            notes.push(format!("{}; what is played and rated is kept in memory until it can be written", keeper.why));
        }
        (keeper, entries, notes)
    }
}

impl<P: Pages> Keeper<P> {
    fn new(path: &Path, most: usize, open: Box<dyn FnMut() -> io::Result<P> + Send>) -> Keeper<P> {
        let (waiting, why) = (VecDeque::new(), String::new());
        Keeper { path: path.to_owned(), open, pages: None, waiting, most, refused: 0, why }
    }

    /// Writes an entry, after those that are buffered. It is buffered too if it cannot be written,
    /// and refused if the buffer is full.
    pub fn add(&mut self, entry: Entry) {
        if self.waiting.len() >= self.most {
            self.refused += 1;
            return;
        }
        self.waiting.push_back(entry);
        // After an error, leave further attempts to `retry` instead of trying for every new entry.
        if self.why.is_empty()
            && let Err(e) = self.write_out()
        {
            self.fail(&e);
        }
    }

    /// Writes the buffered entries in order, until one fails, and syncs.
    pub fn retry(&mut self) {
        let written = self.write_out().and_then(|()| self.pages.as_mut().map_or(Ok(()), P::sync));
        match written {
            Ok(()) => self.why.clear(),
            Err(e) => self.fail(&e),
        }
    }

    /// Writes entries of an import in order until one fails, and syncs. Returns how many were written, and why not all of
    /// them. Unlike those of [`Keeper::add`] they are not buffered, because the import still has them; while others are
    /// buffered, none is written.
    pub fn import(&mut self, entries: &[Entry]) -> (usize, Option<String>) {
        let stuck = self.is_stuck();
        let pages = match &mut self.pages {
            Some(pages) if !stuck => pages,
            _ => return (0, Some(self.why.clone())),
        };
        let mut fault = None;
        let written = entries.iter().take_while(|entry| match pages.append(entry) {
            Ok(()) => true,
            Err(e) => {
                fault = Some(e);
                false
            }
        });
        let written = written.count();
        let synced = pages.sync();
        if let Err(e) = &synced {
            // It is tried again until the disk takes it.
            self.fail(e);
        }
        (written, fault.or(synced.err()).map(|e| self.words(&e)))
    }

    fn write_out(&mut self) -> io::Result<()> {
        let pages = match &mut self.pages {
            Some(pages) => pages,
            none => none.insert((self.open)()?),
        };
        while let Some(entry) = self.waiting.front() {
            match pages.append(entry) {
                // Drop an invalid entry: it could never be written, and would block those behind
                // it.
                Err(e) if e.kind() != io::ErrorKind::InvalidInput => return Err(e),
                _ => drop(self.waiting.pop_front()),
            }
        }
        Ok(())
    }

    /// Syncs if a sync is due.
    pub fn sync_if_due(&mut self, now: Duration) {
        let synced = self.pages.as_mut().map_or(Ok(false), |pages| pages.sync_if_due(now));
        if let Err(e) = synced {
            self.fail(&e);
        }
    }

    /// Whether something was written since the last sync.
    pub fn owes(&self) -> bool {
        self.pages.as_ref().is_some_and(Pages::owes)
    }

    /// Whether `Keeper::retry` is needed.
    pub fn is_stuck(&self) -> bool {
        !self.why.is_empty() || !self.waiting.is_empty()
    }

    /// What is not on disk.
    pub fn waiting(&self) -> Waiting {
        Waiting { entries: self.waiting.len(), refused: self.refused, why: self.why.clone() }
    }

    /// The buffered entries, in order.
    pub fn left(&self) -> impl Iterator<Item = &Entry> {
        self.waiting.iter()
    }

    fn fail(&mut self, e: &io::Error) {
        self.why = self.words(e);
    }

    fn words(&self, e: &io::Error) -> String {
        format!("{}: {}", self.path.display(), crate::store::private::explain(e))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::library::journal::Event;
    use crate::track::TrackId;

    /// A disk with room for `room` entries.
    #[derive(Default)]
    struct Disk {
        room: usize,
        opens: bool,
        written: Vec<Entry>,
    }

    #[derive(Clone, Default)]
    struct Small(Arc<Mutex<Disk>>);

    impl Pages for Small {
        fn append(&mut self, entry: &Entry) -> io::Result<()> {
            let mut disk = self.0.lock().unwrap();
            if matches!(entry.event, Event::Played { secs, .. } if secs.is_nan()) {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            if disk.written.len() >= disk.room {
                return Err(io::ErrorKind::StorageFull.into());
            }
            disk.written.push(entry.clone());
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn sync_if_due(&mut self, _: Duration) -> io::Result<bool> {
            Ok(false)
        }

        fn owes(&self) -> bool {
            false
        }
    }

    fn rated(n: u64) -> Entry {
        Entry { at: n, event: Event::Rated { track: TrackId([n as u8; 16]), rating: Some(80) } }
    }

    fn keeper(disk: &Small, most: usize) -> Keeper<Small> {
        let disk = disk.clone();
        let open = move || {
            if disk.0.lock().unwrap().opens { Ok(disk.clone()) } else { Err(io::ErrorKind::StorageFull.into()) }
        };
        Keeper::new(Path::new("/data/journal.jsonl"), most, Box::new(open))
    }

    fn written(disk: &Small) -> Vec<u64> {
        disk.0.lock().unwrap().written.iter().map(|e| e.at).collect()
    }

    #[test]
    fn what_a_full_disk_does_not_take_is_written_later_in_order() {
        let disk = Small::default();
        (disk.0.lock().unwrap().room, disk.0.lock().unwrap().opens) = (40, true);
        let mut keeper = keeper(&disk, MOST);
        (0..80).for_each(|n| keeper.add(rated(n)));
        assert_eq!(written(&disk), (0..40).collect::<Vec<_>>());
        let waiting = keeper.waiting();
        assert_eq!((waiting.entries, waiting.refused), (40, 0));
        assert!(waiting.why.starts_with("/data/journal.jsonl: the disk is full"), "{}", waiting.why);
        // Room for a few: the others stay buffered, and a new one is appended to them.
        disk.0.lock().unwrap().room = 45;
        keeper.retry();
        keeper.add(rated(80));
        assert_eq!((keeper.waiting().entries, keeper.is_stuck()), (36, true));
        disk.0.lock().unwrap().room = 1000;
        keeper.retry();
        assert_eq!(written(&disk), (0..=80).collect::<Vec<_>>());
        assert_eq!((keeper.waiting(), keeper.is_stuck()), (Waiting::default(), false));
        keeper.add(rated(81));
        assert_eq!(written(&disk).last(), Some(&81));
    }

    #[test]
    fn a_journal_that_cannot_be_opened_is_opened_later() {
        let disk = Small::default();
        disk.0.lock().unwrap().room = 10;
        let mut keeper = keeper(&disk, MOST);
        (0..3).for_each(|n| keeper.add(rated(n)));
        assert_eq!((keeper.waiting().entries, written(&disk).len()), (3, 0));
        disk.0.lock().unwrap().opens = true;
        keeper.retry();
        assert_eq!((written(&disk), keeper.is_stuck()), (vec![0, 1, 2], false));
    }

    #[test]
    fn memory_is_bounded_and_what_is_refused_is_counted() {
        let disk = Small::default();
        let mut keeper = keeper(&disk, 3);
        (0..5).for_each(|n| keeper.add(rated(n)));
        assert_eq!((keeper.waiting().entries, keeper.waiting().refused), (3, 2));
        assert_eq!(keeper.left().map(|e| e.at).collect::<Vec<_>>(), [0, 1, 2], "what was taken first is kept");
    }

    #[test]
    fn an_entry_that_no_disk_takes_holds_up_nothing() {
        let disk = Small::default();
        (disk.0.lock().unwrap().room, disk.0.lock().unwrap().opens) = (10, true);
        let mut keeper = keeper(&disk, MOST);
        keeper.add(Entry { at: 1, event: Event::Played { track: TrackId([1; 16]), secs: f64::NAN, whole: true } });
        keeper.add(rated(2));
        assert_eq!((written(&disk), keeper.is_stuck()), (vec![2], false));
    }

    #[test]
    fn an_import_is_written_as_far_as_there_is_room_and_not_buffered() {
        let disk = Small::default();
        (disk.0.lock().unwrap().room, disk.0.lock().unwrap().opens) = (4, true);
        let mut keeper = keeper(&disk, MOST);
        keeper.add(rated(0));
        let import: Vec<Entry> = (10..15).map(rated).collect();
        let (taken, why) = keeper.import(&import);
        assert_eq!((taken, written(&disk), keeper.is_stuck()), (3, vec![0, 10, 11, 12], false));
        assert!(why.is_some_and(|why| why.starts_with("/data/journal.jsonl: the disk is full")));
        // What the user does is buffered, and goes before a further part.
        keeper.add(rated(1));
        let (taken, why) = keeper.import(&import[3..]);
        assert_eq!((taken, why.as_deref()), (0, Some(keeper.waiting().why.as_str())));
        assert_eq!(keeper.waiting().entries, 1);
        disk.0.lock().unwrap().room = 9;
        keeper.retry();
        assert_eq!(keeper.import(&import[3..]), (2, None));
        assert_eq!(written(&disk), [0, 10, 11, 12, 1, 13, 14]);
        assert_eq!(keeper.import(&[]), (0, None));
    }

    #[test]
    fn a_real_journal_that_cannot_be_made_still_tells_what_it_remembers() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data/journal.jsonl");
        // A file in place of the directory: creating the journal fails even for root.
        std::fs::write(dir.path().join("data"), b"").unwrap();
        let (mut keeper, entries, notes) = Keeper::open(&path);
        assert!(entries.is_empty() && notes.len() == 1 && notes[0].contains("journal.jsonl"), "{notes:?}");
        keeper.add(rated(7));
        assert_eq!(keeper.waiting().entries, 1);
        std::fs::remove_file(dir.path().join("data")).unwrap();
        keeper.retry();
        assert_eq!((Journal::read(&path).unwrap(), keeper.is_stuck()), (vec![rated(7)], false));
    }
}
