//! Files that move while they are queued or play.

use std::path::PathBuf;

use super::*;
use crate::audio;
use crate::track::{FileFault, TrackId};

/// The library with its albums renamed.
fn renamed(catalog: &Catalog) -> Arc<Catalog> {
    let song = |song: &Arc<Song>| {
        let path = song.path.to_str().unwrap().replace("First Light", "First Light (1970)");
        Arc::new(Song { path: PathBuf::from(path).into(), ..(**song).clone() })
    };
    Arc::new(Catalog::new(catalog.songs().iter().map(song).collect()))
}

/// Four tracks of an album, the first of which plays and the second of which the player has been told of.
fn album() -> (Model, u64, u64) {
    let mut model = fixture::model(40);
    give(&mut model, "auto off", &[]);
    let songs: Vec<_> = model.catalog.songs().iter().filter(|s| s.album() == "First Light").take(4).cloned().collect();
    let effects = give(&mut model, "play", &songs.iter().collect::<Vec<_>>());
    let (token, follow) = (started(&effects).unwrap(), follower(&effects).unwrap());
    update(&mut model, Msg::Player(audio::Event::Started { token, secs: Some(100.0) }));
    update(&mut model, Msg::Player(audio::Event::Position { token, secs: 1.5 }));
    (model, token, follow)
}

fn paths(model: &Model) -> Vec<PathBuf> {
    model.queue.items().iter().map(|item| item.song.path.to_path_buf()).collect()
}

fn played(effects: &[Effect]) -> Option<(PathBuf, f64, bool)> {
    effects.iter().find_map(|e| match e {
        Effect::Player(Command::Play { path, at, paused, .. }) => Some((path.clone(), *at, *paused)),
        _ => None,
    })
}

fn failed(model: &mut Model, token: u64) -> Vec<Effect> {
    update(model, Msg::Player(audio::Event::Failed { token, why: FileFault::Missing }))
}

fn tick(model: &mut Model, secs: u64) -> Vec<Effect> {
    update(model, Msg::Tick { now: Duration::from_secs(secs) })
}

#[test]
fn a_renamed_album_is_followed_by_the_queue_and_by_the_player() {
    let (mut model, token, _) = album();
    let tracks: Vec<TrackId> = model.queue.items().iter().map(|i| i.song.track).collect();
    let catalog = renamed(&model.catalog);
    let effects = update(&mut model, Msg::Catalog(catalog.clone()));
    assert!(paths(&model).iter().all(|path| catalog.of_path(path).is_some()), "{:?}", paths(&model));
    assert_eq!(model.queue.items().iter().map(|i| i.song.track).collect::<Vec<_>>(), tracks);
    assert_eq!((model.play.current, started(&effects)), (token, None), "what plays plays on");
    let told = effects.iter().find_map(|e| match e {
        Effect::Player(Command::Follow { path, .. }) => Some(path.clone()),
        _ => None,
    });
    assert_eq!(told, Some(paths(&model)[1].clone()), "the follower is told under its new name");
    assert_eq!(follower(&update(&mut model, Msg::Catalog(catalog))), None, "once");
    let effects = give(&mut model, "next", &[]);
    assert_eq!(played(&effects).unwrap().0, paths(&model)[1]);
}

#[test]
fn a_track_that_is_not_there_when_it_is_to_begin_is_looked_for() {
    let (mut model, ..) = album();
    let catalog = renamed(&model.catalog);
    // Renamed a moment ago: the library does not know it yet.
    let effects = give(&mut model, "next", &[]);
    let token = started(&effects).unwrap();
    let effects = failed(&mut model, token);
    assert!(effects.contains(&Effect::Player(Command::Stop)) && follower(&effects).is_none(), "{effects:?}");
    assert!(model.faults.is_empty() && model.wants_tick());
    let serial = model.playing().unwrap().serial;
    assert!(tick(&mut model, 2).iter().all(|e| !matches!(e, Effect::Player(_))));
    let effects = update(&mut model, Msg::Catalog(catalog.clone()));
    assert_eq!(played(&effects), Some((paths(&model)[1].clone(), 0.0, false)));
    assert_eq!(model.playing().unwrap().serial, serial);
    // Nor is it looked for again and again.
    let token = started(&effects).unwrap();
    failed(&mut model, token);
    let token = started(&tick(&mut model, 9)).unwrap();
    assert_eq!(tick(&mut model, 10), [], "opened once more, not at every tick");
    let gone = failed(&mut model, token);
    assert_eq!(model.faults.values().collect::<Vec<_>>(), [&FileFault::Missing]);
    assert!(gone.contains(&Effect::Suspect { path: paths(&model)[1].clone(), missing: true }));
    assert_eq!(played(&gone).unwrap().0, paths(&model)[2], "the music goes on");
}

#[test]
fn a_disk_that_is_back_without_a_word_of_the_library_is_noticed_at_the_end_of_the_search() {
    let (mut model, ..) = album();
    let effects = give(&mut model, "next", &[]);
    failed(&mut model, started(&effects).unwrap());
    let effects = tick(&mut model, 7);
    assert_eq!(played(&effects), Some((paths(&model)[1].clone(), 0.0, false)));
    let token = started(&effects).unwrap();
    update(&mut model, Msg::Player(audio::Event::Started { token, secs: Some(100.0) }));
    assert_eq!(played(&tick(&mut model, 20)), None);
    assert!(model.faults.is_empty() && model.playing().unwrap().song.path.to_path_buf() == paths(&model)[1]);
}

#[test]
fn one_that_is_back_under_its_own_name_begins_and_a_held_one_stays_held() {
    let (mut model, ..) = album();
    let all = model.catalog.clone();
    give(&mut model, "pause", &[]);
    let effects = give(&mut model, "next", &[]);
    let token = started(&effects).unwrap();
    failed(&mut model, token);
    give(&mut model, "pause", &[]);
    let held = model.play.state == State::Paused;
    let none = Arc::new(all.subset(|_, _| false));
    let effects = update(&mut model, Msg::Catalog(none));
    assert_eq!((played(&effects), model.queue.items().len()), (None, 4), "what is away stays in the queue");
    let effects = update(&mut model, Msg::Catalog(all));
    assert_eq!(played(&effects), Some((paths(&model)[1].clone(), 0.0, held)));
    let token = started(&effects).unwrap();
    update(&mut model, Msg::Player(audio::Event::Started { token, secs: Some(100.0) }));
    assert_eq!(played(&tick(&mut model, 9)), None, "it is no longer looked for");
}

#[test]
fn a_follower_that_is_not_there_stays_in_the_queue() {
    let (mut model, _, follow) = album();
    let effects = failed(&mut model, follow);
    assert_eq!((follower(&effects), model.queue.items().len()), (None, 4));
    assert!(model.faults.is_empty());
    assert_eq!(follower(&tick(&mut model, 1)), None, "the player is not told of it again under that name");
    let catalog = renamed(&model.catalog);
    assert!(follower(&update(&mut model, Msg::Catalog(catalog))).is_some());
}

#[test]
fn another_file_in_the_place_of_what_plays_does_not_take_its_place_in_the_queue() {
    let (mut model, ..) = album();
    let all = model.catalog.clone();
    let (first, second) = (paths(&model)[0].clone(), paths(&model)[1].clone());
    let other = |song: &Arc<Song>| match song.path.as_ref() {
        path if path == first || path == second => {
            Arc::new(Song { track: TrackId([200; 16]), former: TrackId([200; 16]), ..(**song).clone() })
        }
        _ => song.clone(),
    };
    let before = model.playing().unwrap().song.track;
    let songs = all.songs().iter().map(other).collect();
    update(&mut model, Msg::Catalog(Arc::new(Catalog::new(songs))));
    assert_eq!(model.playing().unwrap().song.track, before);
    assert_eq!(model.queue.items()[1].song.track, TrackId([200; 16]), "of what is to come it does");
}

#[test]
fn what_is_remembered_goes_by_present_identities() {
    let (mut model, ..) = album();
    let former = |n: u8| {
        let mut id = [n; 16];
        id[0] = TrackId::FORMER;
        TrackId(id)
    };
    let renewed = |song: &Arc<Song>| match song.path.to_str().unwrap() {
        path if path.contains("/000 ") => Arc::new(Song { former: former(7), ..(**song).clone() }),
        _ => song.clone(),
    };
    let track = model.catalog.songs().iter().find(|s| s.path.to_str().unwrap().contains("/000 ")).unwrap().track;
    model.heard = vec![former(7), former(8)];
    model.auto.unwanted.tracks = vec![former(7)];
    model.queue.set_consumed(vec![former(7)]);
    let songs = model.catalog.songs().iter().map(renewed).collect();
    update(&mut model, Msg::Catalog(Arc::new(Catalog::new(songs))));
    assert_eq!(model.heard, [track, former(8)], "what the library has not stays as it is");
    assert_eq!(
        (model.auto.unwanted.tracks.as_slice(), model.queue.consumed()),
        ([track].as_slice(), [track].as_slice())
    );
}
