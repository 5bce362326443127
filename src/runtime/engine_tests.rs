use super::*;
use crate::app::effect::{Expanding, Mixing, Rediscovering, Trying};
use crate::app::fixture;
use crate::app::sets::Whom;
use crate::ask::fields;
use crate::ask::set::{Set, Side};
use crate::latent::{DIMS, Latent, Space};
use crate::library::Catalog;
use crate::library::mixes::Mixes;
use crate::library::playlist::{Entry as Line, Playlist};
use crate::paths::Paths;
use crate::queue::Limits;
use crate::queue::next::Recent;
use crate::track::TrackId;

/// Only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// The latents of a library.
fn space(catalog: &Catalog) -> Arc<Space> {
    let mut rng = fastrand::Rng::with_seed(5);
    let mut latent = || -> Latent { std::array::from_fn::<f32, DIMS, _>(|_| rng.f32() - 0.5) };
    let latents = catalog.tracks().map(|track| (track, latent())).collect();
    Arc::new(Space::build("test".into(), Arc::default(), latents))
}

/// An engine with the directories of its files.
fn started() -> (tempfile::TempDir, Sender<Ask>, Receiver<Msg>) {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::under(dir.path());
    let (messages, inbox) = crossbeam_channel::unbounded();
    let usually = Usually::start(&paths, Recent::default(), messages.clone()).unwrap();
    let own = (fields::language(&Default::default()), Tallies::default(), Learner::default());
    let names = (paths.signatures(), Playlists::in_dir(paths.playlists()), OwnNames::in_file(paths.dimensions()));
    let words = Words::in_file(paths.lyrics()).0;
    let engine = start(Plugins::default(), names, own, (usually, words), Weights::default(), messages).unwrap();
    (dir, engine, inbox)
}

fn received<T>(inbox: &Receiver<Msg>, wanted: impl Fn(Msg) -> Option<T>) -> T {
    loop {
        if let Some(found) = wanted(inbox.recv_timeout(PATIENCE).unwrap()) {
            return found;
        }
    }
}

#[test]
fn a_trial_brings_what_the_queue_then_gets() {
    let (_dir, engine, inbox) = started();
    let catalog = fixture::catalog(200);
    engine.send(Ask::Catalog(catalog.clone())).unwrap();
    engine.send(Ask::Space(space(&catalog))).unwrap();
    let tracks: Vec<TrackId> = catalog.tracks().collect();
    let mut rng = fastrand::Rng::with_seed(2);
    for (number, choice) in (1..).zip(["auto", "3,7", "auto,3*2,-5", "-1,-2", "off", "auto,9*0.5"]) {
        let choice: Choice = choice.parse().unwrap();
        let playlist: Vec<TrackId> = (0..rng.usize(1..8)).map(|_| tracks[rng.usize(..tracks.len())]).collect();
        let heard = (0..20).map(|_| tracks[rng.usize(..tracks.len())]).collect();
        let situation = Situation { playing: playlist.first().copied(), playlist, heard, ..Situation::default() };
        // Named by its tracks, the set brings the same as when it is followed.
        let side = Side { label: "these".into(), set: Set::Tracks(situation.playlist.clone()), choice: None };
        for whom in [Whom::Followed, Whom::Set(side)] {
            engine
                .send(Ask::Try(Box::new(Trying {
                    request: number,
                    whom,
                    beside: None,
                    engine: "signature".into(),
                    situation: situation.clone(),
                    choice: Some(choice.clone()),
                    want: 15,
                    number,
                })))
                .unwrap();
            let tried = received(&inbox, |msg| if let Msg::Tried { tried, .. } = msg { Some(tried) } else { None });
            let tried = tried.unwrap();
            engine
                .send(Ask::Propose {
                    request: number,
                    engine: "signature".into(),
                    situation: Box::new(situation.clone()),
                    choice: choice.clone(),
                    want: 15,
                })
                .unwrap();
            let picks = received(&inbox, |msg| if let Msg::Picks { picks, .. } = msg { Some(picks) } else { None });
            assert!(!picks.is_empty() && tried.picks == picks, "{choice}");
            assert_eq!((&tried.choice, &tried.tracks), (&choice, &situation.playlist));
        }
    }
}

#[test]
fn a_trial_is_answered_for_what_was_asked_last_and_then_trusted() {
    let (_dir, engine, inbox) = started();
    let catalog = fixture::catalog(200);
    let trying = |request, whom, beside| {
        let playlist: Vec<TrackId> = catalog.tracks().take(6).collect();
        Box::new(Trying {
            request,
            whom,
            beside,
            engine: "signature".into(),
            situation: Situation { playlist, ..Situation::default() },
            choice: Some(Choice::Auto),
            want: 5,
            number: 1,
        })
    };
    let answer = |inbox: &Receiver<Msg>, wanted: u64| {
        received(inbox, |msg| match msg {
            Msg::Tried { request, tried } if request == wanted => Some(tried),
            _ => None,
        })
    };
    engine.send(Ask::Catalog(catalog.clone())).unwrap();
    engine.send(Ask::Try(trying(1, Whom::Followed, None))).unwrap();
    assert!(answer(&inbox, 1).unwrap_err().contains("analysed yet"));
    engine.send(Ask::Space(space(&catalog))).unwrap();
    for request in 2..9 {
        engine.send(Ask::Try(trying(request, Whom::Followed, None))).unwrap();
    }
    let tried = answer(&inbox, 8).unwrap();
    assert_eq!((tried.members, tried.rows.len(), tried.picks.len()), (6, DIMS, 5));
    let confidence = received(&inbox, |msg| match msg {
        Msg::Trusted { request: 8, confidence } => Some(confidence),
        _ => None,
    });
    assert!(confidence.is_some_and(|c| (0.0..=1.0).contains(&c)));
    engine.send(Ask::Try(trying(9, Whom::Playlist("nope".into()), None))).unwrap();
    assert!(answer(&inbox, 9).unwrap_err().contains("nope"));
    let library = Side { label: "library".into(), set: Set::Library, choice: None };
    engine.send(Ask::Try(trying(10, Whom::Followed, Some(Whom::Set(library))))).unwrap();
    let beside = answer(&inbox, 10).unwrap().beside.unwrap();
    assert_eq!((beside.label.as_str(), beside.members), ("library", 200));
    assert!(!beside.dims.is_empty());
    let gone = Side { label: "gone".into(), set: Set::Saved("gone".into()), choice: None };
    engine.send(Ask::Try(trying(11, Whom::Followed, Some(Whom::Set(gone))))).unwrap();
    let tried = answer(&inbox, 11).unwrap();
    assert!(tried.beside.is_none() && tried.note.is_some_and(|why| why.contains("gone")), "a comparison that fails");
}

#[test]
fn the_cards_come_with_the_space_though_nothing_is_asked_for() {
    let (_dir, engine, inbox) = started();
    let catalog = fixture::catalog(40);
    engine.send(Ask::Catalog(catalog.clone())).unwrap();
    // While nothing is analysed there is nothing to describe.
    engine.send(Ask::Space(Arc::default())).unwrap();
    engine.send(Ask::Space(space(&catalog))).unwrap();
    let cards = loop {
        if let Msg::Cards(cards) = inbox.recv_timeout(PATIENCE).unwrap() {
            break cards;
        }
    };
    assert_eq!((cards.tracks, cards.cards.is_empty()), (40, false), "the first that come are of the space");
}

#[test]
fn a_signature_of_nothing_is_not_complained_of() {
    let (_dir, engine, inbox) = started();
    let catalog = fixture::catalog(20);
    engine.send(Ask::Catalog(catalog.clone())).unwrap();
    let track = catalog.tracks().next().unwrap();
    // A track that is not analysed yet is worth a notice; no track at all is not, as the page says so itself.
    for playlist in [vec![], vec![track]] {
        engine.send(Ask::Describe { playlist, choice: Choice::Auto }).unwrap();
    }
    let notices = |msg: Msg| matches!(msg, Msg::Notice { .. }).then_some(msg);
    let first = received(&inbox, notices);
    assert!(format!("{first:?}").contains("nothing of the playlist is analysed"), "{first:?}");
    engine.send(Ask::Space(space(&catalog))).unwrap();
    engine.send(Ask::Describe { playlist: vec![track], choice: Choice::Auto }).unwrap();
    let next = received(&inbox, |msg| match msg {
        Msg::Signature(_) => Some("signature"),
        Msg::Notice { .. } => Some("notice"),
        _ => None,
    });
    assert_eq!(next, "signature", "there was one notice");
}

#[test]
fn what_is_like_a_playlist_is_found_within_the_limits() {
    let (dir, engine, inbox) = started();
    let catalog = fixture::catalog(200);
    engine.send(Ask::Catalog(catalog.clone())).unwrap();
    engine.send(Ask::Space(space(&catalog))).unwrap();
    let lists = Playlists::in_dir(Paths::under(dir.path()).playlists());
    let entries = catalog.songs()[..3].iter().map(|song| Line::from(&**song)).collect();
    lists.save("night", &Playlist { entries, ..Playlist::default() }, false).unwrap();
    lists.save_smart("calm", &Smart::typed("genre=jazz").unwrap(), false).unwrap();
    let ask = |name: &str, count: usize| {
        let limits = Limits { only: "artist=bjork".into(), ..Limits::default() };
        let situation = Situation { limits, ..Situation::default() };
        engine.send(Ask::Expand(Box::new(Expanding { name: name.into(), count, fit: 0, situation }))).unwrap();
        received(&inbox, |msg| match msg {
            Msg::Expand { name, songs } => Some(Ok((name, songs))),
            Msg::Notice { text, .. } => Some(Err(text)),
            _ => None,
        })
    };
    let (name, songs) = ask("night", 3).unwrap();
    assert_eq!((name.as_str(), songs.len()), ("night", 3));
    assert!(songs.iter().all(|song| song.artist() == "Björk"));
    assert!(ask("calm", 3).unwrap_err().contains("calm: a filter says what is in it"));
    assert!(ask("gone", 3).unwrap_err().starts_with("no playlist 'gone'"));
}

#[test]
fn what_was_liked_is_found_again_and_what_was_heard_is_mixed_every_day() {
    let (dir, engine, inbox) = started();
    let catalog = fixture::catalog(200);
    engine.send(Ask::Catalog(catalog.clone())).unwrap();
    let rediscover = || {
        let wanted = Rediscovering { count: 5, days: 180, situation: Situation::default() };
        engine.send(Ask::Rediscover(Box::new(wanted))).unwrap();
        received(&inbox, |msg| match msg {
            Msg::Queue { name, songs, .. } => Some(Ok((name, songs.len()))),
            Msg::Notice { text, .. } => Some(Err(text)),
            _ => None,
        })
    };
    let hear = |song: &Song| {
        let event = Event::Played { track: song.track, secs: 200.0, whole: true };
        engine.send(Ask::Noted(Entry { at: 1000, event })).unwrap();
    };
    assert!(rediscover().unwrap_err().starts_with("nothing that you loved"));
    (0..3).for_each(|_| catalog.songs()[..4].iter().for_each(|song| hear(song)));
    assert_eq!(rediscover(), Ok(("rediscovered".into(), 4)));

    let mix = |asked| {
        engine.send(Ask::Mix(Box::new(Mixing { asked, situation: Situation::default() }))).unwrap();
    };
    let mixed = || {
        received(&inbox, |msg| match msg {
            Msg::Mixes { asked, lists, .. } => Some(Ok((asked, lists))),
            Msg::Notice { text, .. } => Some(Err(text)),
            _ => None,
        })
    };
    // Those of a former day are made anew, as soon as there are latents.
    let lists = Playlists::in_dir(Paths::under(dir.path()).playlists());
    let former = Mixes::of(&lists);
    former.carry_out(&former.plan("2000-01-01", Vec::new())).unwrap();
    catalog.songs()[..40].iter().for_each(|song| hear(song));
    mix(false);
    engine.send(Ask::Space(space(&catalog))).unwrap();
    let (asked, made) = mixed().unwrap();
    assert!(!asked && (3..=6).contains(&made.len()), "{made:?}");
    assert!(made.iter().all(|(name, list)| name.starts_with("mix") && !list.entries.is_empty()));
    mix(true);
    assert_eq!(mixed().map(|(asked, again)| (asked, again == made)), Ok((true, true)), "the same day");
}

#[test]
fn what_was_imported_is_known_as_after_a_start() {
    let (dir, engine, inbox) = started();
    let catalog = fixture::catalog(40);
    engine.send(Ask::Catalog(catalog.clone())).unwrap();
    engine.send(Ask::Space(space(&catalog))).unwrap();
    let track = |n: usize| catalog.songs()[n].track;
    let rated = |n, rating| Event::Rated { track: track(n), rating: Some(rating) };
    let played = |n| Event::Played { track: track(n), secs: 200.0, whole: true };
    let odd = Event::OddOne { tracks: vec![track(4), track(5), track(6)], odd: 1, held_out: false };
    let loved = Event::Loved { track: track(2), loved: true };
    let events = [rated(0, 80), played(1), played(1), played(1), loved, odd];
    let entries: Vec<Entry> = (1000..).zip(events).map(|(at, event)| Entry { at, event }).collect();
    // As the journal stood before.
    engine.send(Ask::Noted(Entry { at: 2000, event: rated(3, 20) })).unwrap();
    engine.send(Ask::Imported(Box::new(Past::of(&entries)))).unwrap();
    let answer = |request| {
        let (reply, answer) = crossbeam_channel::bounded(1);
        engine.send(Ask::Question { request, reply }).unwrap();
        answer.recv_timeout(PATIENCE).unwrap()
    };
    let found = |filter: &str| match answer(Request::Search { text: filter.into(), fuzzy: false, count: 99 }) {
        Reply::Found { all, .. } => all,
        other => panic!("{other:?}"),
    };
    assert_eq!(["rating=80", "rating=20", "plays=3", "plays=0"].map(found), [1, 0, 1, 39]);
    let Reply::Taste(report) = answer(Request::Taste) else { panic!("no report") };
    assert_eq!(report.answers, 1);
    let wanted = Rediscovering { count: 5, days: 180, situation: Situation::default() };
    engine.send(Ask::Rediscover(Box::new(wanted))).unwrap();
    let again = received(&inbox, |msg| if let Msg::Queue { songs, .. } = msg { Some(songs) } else { None });
    assert_eq!(again.iter().map(|song| song.track).collect::<Vec<_>>(), [track(1)]);

    // Files that came with it.
    let paths = Paths::under(dir.path());
    std::fs::create_dir_all(paths.signatures()).unwrap();
    std::fs::write(paths.signatures().join("calm.json"), "{}").unwrap();
    OwnNames::in_file(paths.dimensions()).put("3", Some("twang")).unwrap();
    engine.send(Ask::Files).unwrap();
    received(&inbox, |msg| matches!(msg, Msg::SavedNames(names) if names == ["calm"]).then_some(()));
    received(&inbox, |msg| matches!(msg, Msg::Names(names) if names.own(2) == Some("twang")).then_some(()));
}
