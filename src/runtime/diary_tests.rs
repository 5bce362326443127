use super::*;
use crate::library::journal::Event;
use crate::track::TrackId;

fn rated(n: u8) -> Entry {
    Entry { at: u64::from(n), event: Event::Rated { track: TrackId([n; 16]), rating: Some(80) } }
}

/// The next news of what is not on the disk.
#[track_caller]
fn news(messages: &Receiver<Msg>) -> Unsaved {
    loop {
        if let Msg::Unsaved(unsaved) = messages.recv_timeout(Duration::from_secs(180)).expect("news") {
            return unsaved;
        }
    }
}

#[test]
fn what_was_acknowledged_is_kept_told_and_written_when_the_disk_takes_it_again() {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::under(dir.path());
    // Nothing can be made where these should be: a disk that takes nothing, for whoever asks.
    std::fs::write(&paths.data, b"").unwrap();
    std::fs::write(&paths.state, b"").unwrap();
    let (sender, messages) = crossbeam_channel::unbounded();
    let (diary, entries) = Diary::start(&paths, Path::new("/m"), sender).unwrap();
    assert!(entries.is_empty());
    (0..80).for_each(|n| diary.write(Line::Entry(rated(n))));
    diary.write(Line::Session(Box::new(Session { volume: 1, ..Session::default() }.into())));
    diary.write(Line::Session(Box::new(Session { volume: 2, ..Session::default() }.into())));
    let left = diary.flush(Duration::from_secs(180)).expect("an answer");
    assert_eq!((left.unsaved.changes, left.unsaved.session, left.entries.len()), (80, true, 80));
    assert!(left.unsaved.why.contains("journal.jsonl"), "{}", left.unsaved.why);
    while news(&messages).changes != 80 {}
    std::fs::remove_file(&paths.data).unwrap();
    std::fs::remove_file(&paths.state).unwrap();
    // Nobody does anything: it is tried again by itself.
    while !news(&messages).is_empty() {}
    assert_eq!(Journal::read(&paths.journal()).unwrap(), (0..80).map(rated).collect::<Vec<_>>());
    assert_eq!(Sessions::of(&paths, Path::new("/m")).load().0.map(|s| s.volume), Some(2), "the newest");
    assert_eq!(diary.flush(Duration::from_secs(180)), Some(Left::default()));
}

#[test]
fn an_import_goes_behind_what_was_noted_and_without_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::under(dir.path());
    let (diary, _) = Diary::start(&paths, Path::new("/m"), crossbeam_channel::unbounded().0).unwrap();
    let import = |entries: &[u8], known| {
        let entries = entries.iter().map(|n| rated(*n)).collect();
        diary.import(entries, known).recv_timeout(Duration::from_secs(180)).unwrap()
    };
    diary.write(Line::Entry(rated(1)));
    let taken = import(&[2, 1, 3], 0);
    let end = std::fs::metadata(paths.journal()).unwrap().len();
    assert_eq!(taken, Taken { written: 2, known: 1, why: None, end: Some(end), noted: 1 });
    diary.write(Line::Entry(rated(4)));
    // The import knows the journal up to there.
    let taken = import(&[1, 4, 5], end);
    assert_eq!((taken.written, taken.known, taken.noted), (2, 1, 2));
    assert_eq!(Journal::read(&paths.journal()).unwrap(), [1, 2, 3, 4, 1, 5].map(rated));
}

#[test]
fn what_is_left_at_the_end_is_named_and_can_be_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let entries = vec![rated(1), rated(2), Entry { at: 3, event: Event::Kept { track: TrackId([3; 16]) } }];
    let why = "/d/journal.jsonl: the disk is full; free some space".to_string();
    let unsaved = Unsaved { changes: 3, refused: 0, session: true, why };
    let orders = vec!["the playlist night".to_string()];
    let left = Left { unsaved, entries: entries.clone(), orders };
    let refuges = [dir.path().join("none"), dir.path().to_path_buf()];
    let said = farewell(Some(left.clone()), &refuges).expect("words");
    assert!(said.starts_with("/d/journal.jsonl: the disk is full") && said.contains("1 kept, 2 rated"), "{said}");
    assert!(said.contains("jukebox import") && said.contains("the latest queue"), "{said}");
    assert!(said.contains("not changed: the playlist night"), "{said}");
    let kept = dir.path().join(format!("jukebox-unsaved-{}/history.jsonl", std::process::id()));
    let text = std::fs::read_to_string(kept).unwrap();
    let read: Vec<Entry> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, entries);
    // The same place again is not written over, and without any place the loss is said.
    let said = farewell(Some(left), &refuges).expect("words");
    assert!(said.contains("They are lost"), "{said}");
    assert_eq!(farewell(Some(Left::default()), &refuges), None);
    assert!(farewell(None, &refuges).is_some());
}
