//! Where imported events go: into the journal, or to the running player, which adds them to its journal.

use std::fmt::Display;
use std::io;
use std::path::Path;

use anyhow::{Error, Result, anyhow};

use crate::ask::protocol::{Reply, Request};
use crate::cli::{asker, print};
use crate::library::journal::{Entry, Journal};
use crate::paths::Paths;
use crate::runtime::socket;
use crate::store::private;

/// The most entries in one request: the player answers when they are on the disk and it has taken them in.
const MOST: usize = 50_000;
/// The most bytes of entries in one request.
const BYTES: usize = 16 * 1024 * 1024;

/// Who takes imported events.
pub(super) enum Target {
    /// Nobody: they are only shown.
    Nobody,
    /// This process, which holds the store.
    Own(Journal),
    /// The running player; the bytes of the journal's file that were read.
    Player(u64),
}

impl Target {
    /// Nobody, and the entries of the journal.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn nobody(paths: &Paths) -> Result<(Target, Vec<Entry>)> {
        let file = paths.journal();
        Ok((Target::Nobody, Journal::read(&file).map_err(|e| unread(&file, &e))?))
    }

    /// The journal, for whoever holds the store, and its entries.
    ///
    /// # Errors
    /// When it cannot be opened for writing.
    pub fn own(paths: &Paths) -> Result<(Target, Vec<Entry>)> {
        let file = paths.journal();
        let (journal, entries, notes) = Journal::open(&file).map_err(|e| unread(&file, &e))?;
        notes.iter().for_each(|note| print::note(note));
        Ok((Target::Own(journal), entries))
    }

    /// The running player, and the entries of its journal.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn player(paths: &Paths) -> Result<(Target, Vec<Entry>)> {
        let file = paths.journal();
        let (entries, known) = Journal::read_between(&file, 0, None).map_err(|e| unread(&file, &e))?;
        Ok((Target::Player(known), entries))
    }

    /// Adds events to the journal, in order. Returns how many of them the player left out, because it has written the same
    /// or something newer since the journal was read.
    ///
    /// # Errors
    /// Why not all were added, how many were, and that importing again adds nothing twice.
    pub fn take(self, events: &[Entry], paths: &Paths) -> Result<usize> {
        match self {
            Target::Nobody => Ok(0),
            Target::Own(journal) => append(journal, events, &paths.journal()).map(|()| 0),
            Target::Player(known) => hand_over(events, known, &|request| match socket::ask(&paths.socket(), request) {
                Ok(Some(reply)) => Ok(reply),
                Ok(None) => Err(anyhow!("the player has just ended")),
                Err(why) => Err(why.into()),
            }),
        }
    }
}

fn unread(file: &Path, e: &io::Error) -> Error {
    anyhow!("{}: {e}", file.display())
}

/// That the disk did not take all events.
fn half_way(why: &str, taken: usize, all: usize) -> Error {
    anyhow!("{why}; {taken} of {all} events were imported; run it again when there is room: nothing is imported twice")
}

/// That the player did not say what became of the last ones, which it may still write.
fn unanswered(why: &dyn Display, taken: usize, all: usize) -> Error {
    anyhow!("{why}; at least {taken} of {all} events were imported; run it again: nothing is imported twice")
}

fn append(mut journal: Journal, events: &[Entry], file: &Path) -> Result<()> {
    let mut fault = None;
    let taken = events.iter().take_while(|entry| match journal.append(entry) {
        Ok(()) => true,
        Err(e) => {
            fault = Some(e);
            false
        }
    });
    let taken = taken.count();
    match fault.or(journal.sync().err()) {
        None => Ok(()),
        Some(e) => {
            let why = format!("{}: {}", file.display(), private::explain(&e));
            Err(half_way(&why, taken, events.len()))
        }
    }
}

/// Hands events to the player, which is asked by `ask`, in parts. `known` are the bytes of the journal's file that were
/// read.
fn hand_over(events: &[Entry], mut known: u64, ask: &dyn Fn(&Request) -> Result<Reply>) -> Result<usize> {
    let (all, mut taken, mut left_out) = (events.len(), 0, 0);
    for part in parts(events) {
        match ask(&Request::Import { entries: part.to_vec(), known }) {
            Ok(Reply::Imported { written, known: others, end, why }) => {
                taken += written;
                left_out += others;
                known = end;
                if !why.is_empty() {
                    return Err(half_way(&why, taken, all));
                }
            }
            Ok(Reply::Error(why)) => return Err(unanswered(&why, taken, all)),
            Ok(_) => return Err(unanswered(&asker::OTHER_ANSWER, taken, all)),
            Err(why) => return Err(unanswered(&why, taken, all)),
        }
    }
    Ok(left_out)
}

/// Divides events into what one request has room for. Without events there is an empty part, so that the player looks at
/// the files that have come.
fn parts(events: &[Entry]) -> Vec<&[Entry]> {
    let (mut parts, mut begin, mut bytes) = (Vec::new(), 0, 0);
    for (n, entry) in events.iter().enumerate() {
        let size = serde_json::to_vec(entry).map_or(0, |json| json.len());
        if n > begin && (n - begin == MOST || bytes + size > BYTES) {
            parts.push(&events[begin..n]);
            (begin, bytes) = (n, 0);
        }
        bytes += size;
    }
    parts.push(&events[begin..]);
    parts
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::library::journal::{Event, Verdict};
    use crate::track::TrackId;

    fn rated(at: u64) -> Entry {
        Entry { at, event: Event::Rated { track: TrackId([1; 16]), rating: Some(80) } }
    }

    #[test]
    fn a_request_has_so_many_entries_and_bytes() {
        let lengths = |events: &[Entry]| parts(events).iter().map(|part| part.len()).collect::<Vec<_>>();
        assert_eq!(lengths(&[]), [0]);
        let many: Vec<Entry> = (0..2 * MOST as u64 + 1).map(rated).collect();
        assert_eq!(lengths(&many), [MOST, MOST, 1]);
        let among = vec![TrackId([2; 16]); 100_000];
        let judged = Event::Judged { track: TrackId([1; 16]), verdict: Verdict::Kept, among };
        let large: Vec<Entry> = (0..9).map(|at| Entry { at, event: judged.clone() }).collect();
        // Of 3.5 MB each.
        assert_eq!(lengths(&large), [4, 4, 1]);
        assert_eq!(parts(&large).concat(), large);
    }

    #[test]
    fn each_part_knows_the_one_before_and_a_fault_says_how_far_it_came() {
        let events: Vec<Entry> = (0..2 * MOST as u64 + 1).map(rated).collect();
        let asked = RefCell::new(Vec::new());
        let answering = |why: &'static str| {
            let asked = &asked;
            move |request: &Request| {
                let Request::Import { entries, known } = request else { panic!("{request:?}") };
                asked.borrow_mut().push((entries.len(), *known));
                let why = if entries.len() == 1 { why.to_string() } else { String::new() };
                let written = if why.is_empty() { entries.len() - 1 } else { 0 };
                Ok::<_, Error>(Reply::Imported { written, known: 1, end: known + 100, why })
            }
        };
        assert_eq!(hand_over(&events, 7, &answering("")).unwrap(), 3);
        assert_eq!(asked.take(), [(MOST, 7), (MOST, 107), (1, 207)]);
        let why = hand_over(&events, 7, &answering("/d/journal.jsonl: the disk is full")).unwrap_err().to_string();
        assert_eq!(
            why,
            "/d/journal.jsonl: the disk is full; 99998 of 100001 events were imported; run it again when there is room: \
             nothing is imported twice"
        );
        let why = hand_over(&events, 7, &|_| Ok(Reply::Error("no".into()))).unwrap_err().to_string();
        assert_eq!(why, "no; at least 0 of 100001 events were imported; run it again: nothing is imported twice");
        assert!(
            hand_over(&[], 7, &|_| Err(anyhow!("gone"))).unwrap_err().to_string().starts_with("gone; at least 0 of 0")
        );
    }
}
