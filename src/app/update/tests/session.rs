//! The session: kept when it changed, read again, and with songs that are not all there, or not yet.

use super::*;
use crate::app::State;
use crate::app::msg::Unsaved;
use crate::latent::{DIMS, Fits, Reference, Space};
use crate::track::TrackId;
use std::path::PathBuf;

/// A session of forty tracks chosen by hand, the fifth of which plays.
fn forty() -> Session {
    let mut model = fixture::model(40);
    let songs: Vec<Arc<Song>> = model.catalog.songs().to_vec();
    give(&mut model, "auto off", &[]);
    give(&mut model, "play", &songs.iter().collect::<Vec<_>>());
    for _ in 0..4 {
        give(&mut model, "next", &[]);
    }
    model.play.position = 42.5;
    model.session()
}

/// A player that starts with a session, before it has heard anything of its library.
fn starting(session: Session) -> Model {
    let mut model = fixture::model(0);
    model.resume_later(Some(session), Vec::new());
    model
}

fn part(range: std::ops::Range<usize>) -> Msg {
    Msg::Catalog(Arc::new(fixture::catalog(40).subset(|i, _| range.contains(&i))))
}

fn whole() -> Msg {
    Msg::Catalog(fixture::catalog(40))
}

fn scanned(unsure: &[&str]) -> Msg {
    Msg::Scanned { unsure: unsure.iter().map(PathBuf::from).collect(), asked: 0 }
}

fn away(model: &Model) -> usize {
    model.queue.items().iter().filter(|i| i.away).count()
}

fn held_at(effects: &[Effect]) -> Option<f64> {
    effects.iter().find_map(|e| match e {
        Effect::Player(Command::Play { at, paused: true, .. }) => Some(*at),
        _ => None,
    })
}

#[test]
fn a_library_that_comes_in_parts_costs_the_queue_nothing() {
    let session = forty();
    let mut model = starting(session.clone());
    // Nothing at first (the store was made anew), then a part, then all of it.
    let effects = update(&mut model, Msg::Catalog(Arc::default()));
    assert_eq!((model.queue.items().len(), away(&model), held_at(&effects)), (40, 40, None));
    let wanted = session.items[4].path.clone().unwrap();
    let looked_for = |e: &Effect| matches!(e, Effect::Prefer { path, .. } if *path == wanted);
    assert!(effects.iter().any(looked_for), "what was held is looked for first");
    assert_eq!(model.queue.items()[0].song.title(), session.items[0].title.clone().unwrap(), "shown by its name");
    assert_eq!(model.session(), session, "an end here keeps everything");
    let effects = update(&mut model, part(20..29));
    assert_eq!((model.queue.items().len(), away(&model), held_at(&effects)), (40, 31, None));
    assert_eq!(model.session(), session);
    let effects = update(&mut model, whole());
    assert_eq!((away(&model), held_at(&effects)), (0, Some(42.5)), "what was held is held again, at its place");
    assert_eq!((model.play.state, model.queue.current()), (State::Paused, Some(4)));
    assert_eq!(update(&mut model, whole()), [], "once");
    update(&mut model, scanned(&[]));
    assert_eq!(model.session(), session);
}

#[test]
fn what_a_whole_scan_does_not_find_leaves_the_queue_but_for_disks_that_are_away() {
    let mut model = starting(forty());
    let songs = fixture::catalog(40);
    update(&mut model, part(0..30));
    let lost = songs.songs()[32].path.to_path_buf();
    update(&mut model, Msg::Fault { path: lost.clone(), why: "the worker was killed".into() });
    // Perhaps nothing is mounted at the album of the last ten.
    let album = songs.songs()[39].path.parent().unwrap().to_str().unwrap().to_owned();
    update(&mut model, scanned(&[&album]));
    let under = |i: &crate::queue::Item| i.song.path.starts_with(&album) || *i.song.path == *lost;
    let kept = songs.songs()[30..].iter().filter(|s| s.path.starts_with(&album) || *s.path == *lost).count();
    assert!(kept > 1 && model.queue.items().iter().filter(|i| i.away).all(under));
    assert_eq!((model.queue.items().len(), away(&model)), (30 + kept, kept));
    update(&mut model, Msg::FaultGone(lost));
    update(&mut model, scanned(&[]));
    assert_eq!((model.queue.items().len(), away(&model)), (30, 0));
    assert!(model.notice.as_ref().unwrap().text.contains("left the queue"));
    // They come back with the library, not by themselves.
    update(&mut model, whole());
    assert_eq!(model.queue.items().len(), 30);
}

#[test]
fn playing_passes_over_what_is_not_there_and_keeps_it() {
    for consume in [false, true] {
        let mut model = starting(forty());
        update(&mut model, part(0..40));
        give(&mut model, if consume { "consume on" } else { "consume off" }, &[]);
        // All but the fifth, the tenth and the last one go away.
        let there = [4, 9, 39];
        update(&mut model, Msg::Catalog(Arc::new(fixture::catalog(40).subset(|i, _| there.contains(&i)))));
        give(&mut model, "play", &[]);
        let mut heard = vec![playing_place(&model)];
        for _ in 0..3 {
            let token = model.play.following.as_ref().map(|f| f.token);
            end(&mut model);
            if let Some(token) = token {
                update(&mut model, Msg::Player(audio::Event::Started { token, secs: None }));
            }
            heard.push(playing_place(&model));
        }
        assert_eq!(heard, [Some(4), Some(9), Some(39), None], "consume {consume}");
        // Those that were there when consume was turned on and had been played left with it, the others did not.
        let (gone, kept) = if consume { (33, 33) } else { (37, 40) };
        assert_eq!((model.play.state, away(&model)), (State::Stopped, gone), "consume {consume}");
        assert_eq!(model.queue.items().len(), kept, "consume {consume}");
    }
}

#[test]
fn what_is_away_cannot_be_jumped_to_and_a_queue_of_nothing_else_says_why() {
    let mut model = starting(forty());
    update(&mut model, part(0..5));
    let effects = give(&mut model, "jump 1", &[]);
    assert!(started(&effects).is_none() && model.notice.as_ref().unwrap().text.contains("does not have its file"));
    give(&mut model, "next", &[]);
    assert!(model.notice.as_ref().unwrap().text.contains("nothing that comes next is there"));
    assert_eq!((model.queue.ahead().len(), model.queue.current()), (35, Some(4)));
    let mut model = starting(forty());
    update(&mut model, Msg::Catalog(Arc::default()));
    let effects = give(&mut model, "toggle", &[]);
    assert!(started(&effects).is_none() && model.notice.as_ref().unwrap().kind == Kind::Error);
    assert_eq!(model.queue.items().len(), 40);
    // With the files the music can go on.
    update(&mut model, whole());
    assert!(started(&give(&mut model, "toggle", &[])).is_some() || model.play.state == State::Playing);
}

#[test]
fn a_round_passes_over_what_is_away() {
    let mut model = starting(forty());
    update(&mut model, whole());
    give(&mut model, "repeat all", &[]);
    let there = [0, 4, 9];
    update(&mut model, Msg::Catalog(Arc::new(fixture::catalog(40).subset(|i, _| there.contains(&i)))));
    give(&mut model, "play", &[]);
    let mut heard = vec![playing_place(&model)];
    for _ in 0..4 {
        let token = model.play.following.as_ref().map(|f| f.token).expect("a follower");
        end(&mut model);
        update(&mut model, Msg::Player(audio::Event::Started { token, secs: None }));
        heard.push(playing_place(&model));
    }
    assert_eq!(heard, [4, 9, 0, 4, 9].map(Some));
    assert_eq!((model.queue.items().len(), away(&model)), (40, 37));
}

#[test]
fn the_queue_follows_a_file_to_its_new_name() {
    let mut model = starting(forty());
    update(&mut model, whole());
    let moved = |song: &Arc<Song>| {
        let path = PathBuf::from("/music/renamed").join(song.path.file_name().unwrap());
        Arc::new(Song { path: path.into(), ..(**song).clone() })
    };
    let songs = fixture::catalog(40).songs().iter().map(moved).collect();
    update(&mut model, Msg::Catalog(Arc::new(Catalog::new(songs))));
    assert_eq!(away(&model), 0);
    assert!(model.queue.items().iter().all(|i| i.song.path.starts_with("/music/renamed")));
    // A session from before the renaming finds them too.
    let mut later = starting(forty());
    update(&mut later, Msg::Catalog(model.catalog.clone()));
    assert_eq!((later.queue.items().len(), away(&later)), (40, 0));
}

#[test]
fn names_that_are_not_utf8_and_items_of_older_sessions_are_found_again() {
    use std::os::unix::ffi::OsStrExt;
    let odd = std::ffi::OsStr::from_bytes(b"/music/caf\xe9.mp3");
    let song = Arc::new(Song::bare(odd, crate::track::TrackId([9; 16])));
    let mut model = fixture::model(0);
    update(&mut model, Msg::Catalog(Arc::new(Catalog::new(vec![song.clone()]))));
    give(&mut model, "play", &[&song]);
    let text = serde_json::to_string(&model.session()).unwrap();
    let mut again = starting(serde_json::from_str(&text).unwrap());
    update(&mut again, Msg::Catalog(Arc::default()));
    assert_eq!(&*again.queue.items()[0].song.path, std::path::Path::new(odd));
    // An item as version 0.1.0 wrote it, and one that nothing can be found by.
    let old = r#"{"items":[{"path":null,"track":"09090909090909090909090909090909","why":null},
        {"path":null,"track":"rubbish","why":null}],"played":0,"live":true,"position":1.5}"#;
    let mut again = starting(serde_json::from_str(old).unwrap());
    update(&mut again, Msg::Catalog(Arc::new(Catalog::new(vec![song]))));
    assert_eq!((again.queue.items().len(), again.play.state), (1, State::Paused));
}

#[test]
fn what_is_not_on_the_disk_is_said_when_it_begins_and_when_it_ends() {
    let mut model = fixture::model(3);
    let unsaved = |changes, refused| Unsaved { changes, refused, session: false, why: "/d: the disk is full".into() };
    update(&mut model, Msg::Unsaved(unsaved(1, 0)));
    assert!(model.notice.take().unwrap().text.contains("1 change, kept in memory"));
    update(&mut model, Msg::Unsaved(unsaved(2, 0)));
    assert_eq!(
        (model.notice.take(), model.unsaved.short().as_str()),
        (None, "2 not saved"),
        "the status line counts on"
    );
    update(&mut model, Msg::Unsaved(unsaved(2, 7)));
    assert!(model.notice.take().unwrap().text.contains("7 more were too many and are lost"));
    update(&mut model, Msg::Unsaved(Unsaved::default()));
    assert_eq!(model.notice.take().unwrap().text, "everything is on the disk again");
    assert_eq!((model.unsaved.words().as_str(), model.unsaved.short().as_str()), ("", ""));
}

/// Where what plays stands in the whole library.
fn playing_place(model: &Model) -> Option<usize> {
    let path = &model.queue.playing()?.song.path;
    fixture::catalog(40).songs().iter().position(|s| s.path == *path)
}

#[test]
fn a_session_survives_its_text() {
    let (mut model, effects) = playing(7);
    answer(&mut model, &effects, 10..25);
    give(&mut model, "signature 3,7", &[]);
    give(&mut model, "engine radio", &[]);
    give(&mut model, "volume 33", &[]);
    model.play.position = 42.5;
    let session = model.session();
    let text = serde_json::to_string(&session).unwrap();
    let read: Session = serde_json::from_str(&text).unwrap();
    assert_eq!(read, session);

    let mut again = fixture::model(40);
    let catalog = again.catalog.clone();
    again.restore(read, &catalog);
    assert_eq!(again.session(), session);
    assert_eq!(again.play.state, State::Paused);
    let effects = resume(&mut again);
    assert!(effects.iter().any(|e| matches!(e, Effect::Player(Command::Play { at: 42.5, paused: true, .. }))));

    // A catalog that does not have the current track keeps its place too, and nothing plays.
    let rest: Vec<_> = catalog.songs().iter().filter(|s| s.track != catalog.songs()[7].track).cloned().collect();
    let mut fewer = Model::default();
    fewer.restore(session, &Catalog::new(rest));
    assert_eq!((fewer.queue.current(), fewer.queue.ahead().len()), (Some(0), 15));
    assert_eq!((fewer.play.state, fewer.queue.items()[0].away), (State::Stopped, true));
}

#[test]
fn nonsense_in_a_session_file_is_survived() {
    for text in ["{}", r#"{"played":9,"live":true,"position":-1,"volume":255,"signature":"99"}"#] {
        let session: Session = serde_json::from_str(text).unwrap();
        let mut model = fixture::model(3);
        let catalog = model.catalog.clone();
        model.restore(session, &catalog);
        assert!(model.queue.is_empty() && model.play.volume <= 100);
        assert_eq!(model.auto.choice, Choice::Auto);
    }
}

#[test]
fn the_session_is_written_when_it_changed_and_on_quit() {
    let (mut model, _) = playing(0);
    let saves = |effects: &[Effect]| effects.iter().filter(|e| matches!(e, Effect::Save(_))).count();
    let places = |effects: &[Effect]| effects.iter().filter(|e| matches!(e, Effect::SavePlace(_))).count();
    let tick = |model: &mut Model, s| update(model, Msg::Tick { now: Duration::from_secs(s) });
    assert_eq!(saves(&tick(&mut model, 1)), 1);
    model.play.position = 3.0;
    assert_eq!(places(&tick(&mut model, 3)), 0, "not so soon");
    let effects = tick(&mut model, 7);
    assert_eq!((saves(&effects), places(&effects)), (0, 1), "the queue is not written again for the place");
    let effects = tick(&mut model, 14);
    assert_eq!((saves(&effects), places(&effects)), (0, 0), "nothing changed");
    give(&mut model, "repeat all", &[]);
    assert_eq!(saves(&tick(&mut model, 20)), 1, "a mode");
    let song = model.catalog.songs()[0].clone();
    give(&mut model, "add", &[&song]);
    assert_eq!(saves(&tick(&mut model, 26)), 1, "the queue");
    let effects = give(&mut model, "q!", &[]);
    assert_eq!(saves(&effects), 1);
    assert_eq!(effects.last(), Some(&Effect::Quit));
}

/// A full queue asks for no picks; how well tracks fit it is asked for all the same, once.
#[test]
fn a_restored_queue_learns_how_well_everything_fits() {
    let asks = |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::Signature { .. }));
    let mut model = starting(forty());
    update(&mut model, Msg::Catalog(fixture::catalog(40)));
    let track = model.queue.items()[0].song.track;
    let space = |track| Arc::new(Space::build("x".into(), Arc::new(Reference::default()), vec![(track, [0.5; DIMS])]));
    assert!(!asks(&update(&mut model, Msg::Space(space(TrackId([9; 16]))))), "it holds nothing of the queue");
    assert!(asks(&update(&mut model, Msg::Space(space(track)))));
    let fits = Fits::new(&space(track), Some(vec![0.5]));
    update(&mut model, Msg::Fits(Arc::new(fits)));
    assert!(!asks(&update(&mut model, Msg::Space(space(track)))), "known by now");
    // More tracks are listened to, whose fits are asked for once at the end.
    let progress = |stage: &str| Msg::Progress(Progress { stage: stage.into(), ..Progress::default() });
    let grown = || {
        let tracks = vec![(track, [0.5; DIMS]), (TrackId([250; 16]), [0.5; DIMS])];
        Arc::new(Space::build("x".into(), Arc::new(Reference::default()), tracks))
    };
    update(&mut model, progress("listening"));
    assert!(!asks(&update(&mut model, Msg::Space(grown()))), "while others are being listened to");
    assert!(asks(&update(&mut model, progress("measuring loudness"))));
    update(&mut model, Msg::Fits(Arc::new(Fits::new(&grown(), Some(vec![0.5; 2])))));
    assert!(!asks(&update(&mut model, progress(""))));
    assert!(!asks(&update(&mut model, Msg::Space(grown()))), "its loudness was measured");
    // The last tracks may come after the end of the round was told.
    assert!(asks(&update(&mut model, Msg::Space(space(track)))));
}
