use std::path::Path;

use crossbeam_channel::Receiver;

use super::*;
use crate::library::journal::Event;
use crate::paths::Paths;
use crate::runtime::diary::Diary;
use crate::track::TrackId;

/// Only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// A notebook, and what engine and session are told by it.
struct Bench {
    _dir: tempfile::TempDir,
    paths: Paths,
    notebook: Notebook,
    asked: Receiver<Ask>,
    inbox: Receiver<Msg>,
}

impl Bench {
    /// With `prepare` called before the journal is opened.
    fn new(prepare: impl FnOnce(&Paths)) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        prepare(&paths);
        let (engine, asked) = crossbeam_channel::unbounded();
        let (messages, inbox) = crossbeam_channel::unbounded();
        let (diary, entries) = Diary::start(&paths, Path::new("/m"), messages.clone()).unwrap();
        assert!(entries.is_empty());
        let notebook = Notebook::new(diary, engine, messages, paths.journal());
        Bench { _dir: dir, paths, notebook, asked, inbox }
    }

    /// Imports; the numbers of entries that were written and left out, the length of the journal, and what went wrong.
    fn import(&self, entries: &[Entry], known: u64) -> (usize, usize, u64, String) {
        match self.notebook.import(entries.to_vec(), known, PATIENCE) {
            Reply::Imported { written, known, end, why } => (written, known, end, why),
            other => panic!("{other:?}"),
        }
    }

    /// What the engine was last told of the whole journal, since the last call.
    fn past(&self) -> Option<Past> {
        let past = |ask| if let Ask::Imported(past) = ask { Some(*past) } else { None };
        self.asked.try_iter().filter_map(past).last()
    }

    fn journal(&self) -> Vec<Entry> {
        Journal::read(&self.paths.journal()).unwrap()
    }
}

fn id(n: u8) -> TrackId {
    TrackId([n; 16])
}

fn rated(at: u64, n: u8, rating: u8) -> Entry {
    Entry { at, event: Event::Rated { track: id(n), rating: Some(rating) } }
}

fn played(at: u64, n: u8) -> Entry {
    Entry { at, event: Event::Played { track: id(n), secs: 60.0, whole: true } }
}

#[test]
fn what_is_imported_is_written_and_known_at_once() {
    let bench = Bench::new(|_| {});
    bench.notebook.note(Event::Played { track: id(3), secs: 60.0, whole: true });
    let import = [rated(50, 1, 80), played(40, 2)];
    let (written, known, end, why) = bench.import(&import, 0);
    assert_eq!((written, known, why.as_str()), (2, 0, ""));
    assert_eq!(end, std::fs::metadata(bench.paths.journal()).unwrap().len());
    assert_eq!(bench.journal()[1..], import);
    let past = bench.past().expect("the engine is told");
    let told = bench.inbox.try_iter().find_map(|msg| match msg {
        Msg::Imported { tallies, heard } => Some((*tallies, heard)),
        _ => None,
    });
    assert_eq!(told, Some((past.tallies.clone(), vec![id(2), id(3)])), "the session too, in the order of the times");
    assert_eq!((past.tallies.of(id(1)).rating, past.tallies.of(id(2)).plays), (Some(80), 1));
    assert_eq!(past.tallies.of(id(3)).plays, 1);

    // What the user does after the import has read the journal is newer, and what is there by then is not repeated.
    bench.notebook.note(Event::Rated { track: id(1), rating: Some(20) });
    let further = [rated(60, 1, 60), played(70, 2)];
    assert_eq!(bench.import(&further, end).0, 1);
    assert_eq!(bench.journal().len(), 5);
    let past = bench.past().expect("the engine is told");
    assert_eq!((past.tallies.of(id(1)).rating, past.tallies.of(id(2)).plays), (Some(20), 2));
    let (written, known, ..) = bench.import(&further, end);
    assert_eq!((written, known, bench.journal().len()), (0, 2, 5));
    assert!(bench.past().is_none(), "nothing is new");
    // Unless an answer came too late for the part before.
    *bench.notebook.behind.lock().unwrap() = true;
    bench.import(&[], 0);
    assert!(bench.past().is_some_and(|past| past.tallies.of(id(2)).plays == 2));
    bench.import(&[], 0);
    assert!(bench.past().is_none());
}

#[test]
fn what_is_noted_while_the_journal_is_read_comes_after_it() {
    let bench = Bench::new(|_| {});
    bench.notebook.note(Event::Played { track: id(3), secs: 60.0, whole: true });
    bench.notebook.noted().keep();
    bench.notebook.note(Event::Played { track: id(4), secs: 60.0, whole: true });
    let taken = bench.notebook.diary.import(vec![rated(1, 1, 80), rated(2, 2, 60)], 0);
    let taken = taken.recv_timeout(PATIENCE).unwrap();
    assert_eq!((taken.written, taken.noted), (2, 2));
    bench.notebook.note(Event::Rated { track: id(1), rating: Some(20) });
    bench.notebook.renew(&taken).unwrap();
    let past = bench.past().expect("the engine is told");
    let ratings = [1, 2].map(|n| past.tallies.of(id(n)).rating);
    assert_eq!(ratings, [Some(20), Some(60)]);
    assert_eq!([3, 4].map(|n| past.tallies.of(id(n)).plays), [1, 1], "once each");
}

#[test]
fn what_the_disk_does_not_take_is_said_and_changes_nothing() {
    // A file in place of the directory: nothing can be made there, whoever asks.
    let bench = Bench::new(|paths| std::fs::write(&paths.data, b"").unwrap());
    bench.notebook.note(Event::Rated { track: id(3), rating: Some(40) });
    let import = [rated(50, 1, 80), played(40, 2)];
    let (written, _, _, why) = bench.import(&import, 0);
    assert!(written == 0 && why.contains("journal.jsonl"), "{why}");
    assert!(bench.past().is_none());
    std::fs::remove_file(&bench.paths.data).unwrap();
    let (written, known, _, why) = bench.import(&import, 0);
    assert_eq!((written, known, why.as_str()), (2, 0, ""));
    assert_eq!(bench.journal()[1..], import, "behind what waited");
    assert!(bench.past().is_some_and(|past| past.tallies.of(id(3)).rating == Some(40)));
}
