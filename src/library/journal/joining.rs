//! What a process that imports needs of a journal that another process writes: how far it has read it, and which of its
//! entries are still missing when they join it.

use std::collections::HashSet;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::{Entry, Journal, recover};
use crate::files;

impl Journal {
    /// Reads the entries from one byte of a journal's file to another (`None`: to its end) while another process may be
    /// writing it. Returns also the byte behind the last complete line. A file that is shorter than `from` is read from its
    /// beginning, since it is not the one that was read before.
    ///
    /// # Errors
    /// An I/O error; a missing journal is empty, not an error.
    pub fn read_between(path: &Path, from: u64, until: Option<u64>) -> io::Result<(Vec<Entry>, u64)> {
        let (mut file, meta) = match files::open(path) {
            Ok(opened) => opened,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok((Vec::new(), 0)),
            Err(e) => return Err(e),
        };
        let from = if from > meta.len() { 0 } else { from };
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        let most = until.map_or(u64::MAX, |until| until.saturating_sub(from));
        file.take(most).read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        Ok((recover(&bytes[..whole]).entries, from + whole as u64))
    }
}

/// The entries of an import that a journal lacks, in order, given what was written to it `since` the import read it: not
/// those that are there by now, and not those that set what was set since, which is newer.
pub fn lacking(entries: Vec<Entry>, since: &[Entry]) -> Vec<Entry> {
    if since.is_empty() {
        return entries;
    }
    let line = |entry: &Entry| serde_json::to_string(entry).unwrap_or_default();
    let have: HashSet<String> = since.iter().map(line).collect();
    let set: HashSet<_> = since.iter().filter_map(|entry| entry.event.sets()).collect();
    let is_lacking =
        |entry: &Entry| !have.contains(&line(entry)) && entry.event.sets().is_none_or(|matter| !set.contains(&matter));
    entries.into_iter().filter(is_lacking).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;

    use super::*;
    use crate::library::journal::Event;
    use crate::track::TrackId;

    fn rated(at: u64, n: u8, rating: u8) -> Entry {
        Entry { at, event: Event::Rated { track: TrackId([n; 16]), rating: Some(rating) } }
    }

    fn played(at: u64, n: u8) -> Entry {
        Entry { at, event: Event::Played { track: TrackId([n; 16]), secs: 124.375_539_523_586_03, whole: true } }
    }

    #[test]
    fn a_journal_is_read_on_from_where_it_was_read_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        assert_eq!(Journal::read_between(&path, 7, None).unwrap(), (vec![], 0));
        let mut journal = Journal::open(&path).unwrap().0;
        journal.append(&rated(1, 1, 80)).unwrap();
        let (entries, first) = Journal::read_between(&path, 0, None).unwrap();
        assert_eq!((entries, first), (vec![rated(1, 1, 80)], fs::metadata(&path).unwrap().len()));
        journal.append(&rated(2, 2, 60)).unwrap();
        let (entries, second) = Journal::read_between(&path, first, None).unwrap();
        assert_eq!((entries, second), (vec![rated(2, 2, 60)], fs::metadata(&path).unwrap().len()));
        // A line that is being written is not read yet.
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"0123").unwrap();
        assert_eq!(Journal::read_between(&path, second, None).unwrap(), (vec![], second));
        assert_eq!(Journal::read_between(&path, 0, Some(first)).unwrap(), (vec![rated(1, 1, 80)], first));
        assert_eq!(Journal::read_between(&path, 0, None).unwrap().0.len(), 2);
        // The file is another one by now.
        assert_eq!(Journal::read_between(&path, 1 << 40, None).unwrap().0.len(), 2);
    }

    #[test]
    fn what_came_or_was_set_since_is_not_taken() {
        let counted = |plays| {
            let (track, source) = (TrackId([4; 16]), "mpd".to_string());
            Entry { at: 9, event: Event::Counted { track, source, plays, skips: 0, last: None } }
        };
        let import = vec![rated(1, 1, 80), played(2, 1), played(3, 1), rated(4, 2, 60), counted(7)];
        assert_eq!(lacking(import.clone(), &[]), import);
        // As the journal gives back what was written: the last digit of such a number may be another one.
        let read = |entry: &Entry| serde_json::from_str(&serde_json::to_string(entry).unwrap()).unwrap();
        let came: Entry = read(&played(2, 1));
        let import: Vec<Entry> = import.iter().map(read).collect();
        let since = [rated(50, 1, 20), came, counted(8), Entry { at: 51, event: Event::TasteReset }];
        assert_eq!(lacking(import.clone(), &since), [import[2].clone(), import[3].clone()]);
        assert!(lacking(import.clone(), &import).is_empty());
    }
}
