//! The end of the queue: `:length` and `:until`.

use super::undo::{filled, items, notice};
use super::*;
use crate::app::state::bounds::{Ending, Until};
use crate::queue::Limits;
use crate::track::Tags;

/// Seconds that the queue lasts from here on.
fn lasts(model: &Model) -> f64 {
    model.duration() - model.play.position + model.queue.secs_ahead()
}

/// Answers the requests by which the queue is filled as far as it goes.
fn fill(model: &mut Model, effects: &[Effect]) {
    let effects = answer(model, effects, 10..25);
    if request(&effects).is_some() {
        assert_eq!(request(&answer(model, &effects, 25..40)), None, "nothing more fits in");
    }
}

/// Hears the current track to its end, and begins the next one.
fn hear(model: &mut Model) -> Vec<Effect> {
    let whole = model.duration();
    model.play.sounded += whole - model.play.position;
    model.play.position = whole;
    let follower = model.play.following.as_ref().map(|f| f.token);
    let mut effects = end(model);
    if let Some(token) = follower {
        effects.extend(update(model, Msg::Player(audio::Event::Started { token, secs: None })));
    }
    effects
}

#[test]
fn a_queue_of_a_length_is_filled_only_so_far_and_the_music_ends_with_it() {
    let (mut model, effects) = playing(0);
    give(&mut model, "length 20m", &[]);
    assert_eq!(notice(&model), "the queue ends in 20 min, and the music with it; :length off lets it go on");
    fill(&mut model, &effects);
    // No track of this library lasts longer than four minutes.
    assert!((lasts(&model) - 1200.0).abs() <= 120.0, "{}", lasts(&model));
    let tracks = model.queue.items().len();
    for n in 1..tracks {
        assert_eq!(request(&hear(&mut model)), None, "{n}");
        assert_eq!(model.queue.items().len(), tracks);
    }
    assert_eq!(model.play.state, State::Playing);
    let effects = hear(&mut model);
    assert_eq!(request(&effects), None);
    assert_eq!((model.play.state, model.play.starved, model.auto.bounds.ending), (State::Stopped, false, None));
    assert!(notice(&model).starts_with("the queue ends here"), "{}", notice(&model));
    // What is played next goes on without an end.
    assert!(request(&give(&mut model, "toggle", &[])).is_some());
}

#[test]
fn what_the_limits_keep_apart_stays_so_where_a_track_does_not_fit() {
    let made = |(n, artist, genre): (u16, &str, &str)| {
        let mut song = Song::clone(&fixture::song(n, artist, &format!("album {n}"), &format!("title {n}")));
        song.tags = Tags { genres: [genre.to_string()].into(), ..Tags::from(&song.tags) }.into();
        Arc::new(song)
    };
    // They last 200 seconds and as many more as the number says.
    let songs =
        [(0, "A", "rock"), (10, "B", "jazz"), (100, "C", "rock"), (11, "B", "jazz"), (12, "D", "rock")].map(made);
    let ahead = |limit: fn(&mut Limits)| {
        let mut model = fixture::of(Arc::new(Catalog::new(songs.to_vec())));
        limit(&mut model.auto.bounds.limits);
        let effects = give(&mut model, "play", &[&songs[0]]);
        // Behind the first pick, 110 seconds are left.
        model.auto.bounds.ending = Some(Ending::Heard(520.0));
        let why = || Why { engine: "signature".into(), ..Why::default() };
        let picks = songs[1..].iter().map(|song| Proposal { id: song.track, score: 1.0, why: why() }).collect();
        let request = request(&effects).expect("a request").0;
        update(&mut model, Msg::Picks { request, picks, note: None });
        model.queue.ahead().iter().map(|item| item.song.secs as u32).collect::<Vec<_>>()
    };
    assert_eq!(ahead(|_| {}), [210, 211], "the one of 300 s has no room");
    assert_eq!(ahead(|limits| limits.spacing.artist = 1), [210, 212]);
    let half = |limits: &mut Limits| limits.shares.extend([("jazz".to_string(), 50)]);
    assert_eq!(ahead(half), [210, 212], "and so do shares of genres");
}

#[test]
fn what_is_skipped_leaves_room_for_more() {
    let (mut model, effects) = playing(0);
    give(&mut model, "length 20m", &[]);
    fill(&mut model, &effects);
    let effects = give(&mut model, "next", &[]);
    assert!(request(&effects).is_some(), "a whole track was not heard");
    // Of the last track ahead nothing is heard: the music goes on with what comes.
    let (mut model, effects) = playing(0);
    give(&mut model, "length 10m", &[]);
    answer(&mut model, &effects, 10..11);
    give(&mut model, "next", &[]);
    let token = model.play.current;
    update(&mut model, Msg::Player(audio::Event::Failed { token, why: "broken".into() }));
    assert!(model.play.starved && model.auto.bounds.ending.is_some(), "ten minutes were not heard");
}

#[test]
fn a_queue_until_a_time_of_day_follows_the_clock() {
    let (mut model, effects) = playing(0);
    let asked = give(&mut model, "until 23:30", &[]);
    assert!(asked.contains(&Effect::Until { minute: 1410, asked: Until::End }) && model.auto.bounds.ending.is_none());
    update(&mut model, Msg::Until { minute: 1410, secs: 1500.0, asked: Until::End });
    assert_eq!(notice(&model), "the queue ends at 23:30, and the music with it; :until off lets it go on");
    fill(&mut model, &effects);
    assert!((lasts(&model) - 1500.0).abs() <= 120.0, "{}", lasts(&model));
    // Ten minutes of a pause are ten minutes less; what no longer fits leaves.
    update(&mut model, Msg::Tick { now: Duration::from_secs(600) });
    assert!((lasts(&model) - 900.0).abs() <= 150.0, "{}", lasts(&model));
    give(&mut model, "until off", &[]);
    assert_eq!((notice(&model), model.auto.bounds.ending), ("the queue goes on as before", None));
    assert_eq!(model.undoable().map(|(_, what)| what), Some("until off"));
    give(&mut model, "until off", &[]);
    assert_eq!(notice(&model), "the queue has no end set");
}

#[test]
fn what_was_added_by_hand_never_leaves() {
    let mut model = filled();
    let before = items(&model);
    give(&mut model, "length 1m", &[]);
    assert!(notice(&model).starts_with("the queue ends in 1 min, but what you added lasts "), "{}", notice(&model));
    assert_eq!(items(&model), before[..4]);
    give(&mut model, "undo", &[]);
    assert_eq!((items(&model), model.auto.bounds.ending), (before, None));
    // It goes on to the end of what was added.
    give(&mut model, "length 1m", &[]);
    for n in 0..3 {
        assert_eq!(request(&hear(&mut model)), None, "{n}");
        assert_eq!(model.play.state, State::Playing, "{n}");
    }
    hear(&mut model);
    assert_eq!(model.play.state, State::Stopped);
}

#[test]
fn an_end_needs_a_queue_that_fills_itself_and_does_not_repeat() {
    for (line, says) in
        [("auto off", ":sleep 45m"), ("repeat all", ":repeat off first"), ("repeat one", ":repeat off first")]
    {
        let mut model = filled();
        give(&mut model, line, &[]);
        for line in ["length 90m", "until 23:30"] {
            let effects = give(&mut model, line, &[]);
            assert!(!effects.iter().any(|e| matches!(e, Effect::Until { .. })));
            assert!(notice(&model).contains(says), "{line}: {}", notice(&model));
        }
        assert_eq!(model.auto.bounds.ending, None);
    }
}

#[test]
fn the_last_session_s_end_by_the_clock_counts_if_it_is_near() {
    for (secs, counts) in [(3600.0, true), (13.0 * 3600.0, false)] {
        let mut model = filled();
        update(&mut model, Msg::Until { minute: 1410, secs: 7200.0, asked: Until::End });
        let session = model.session();
        let mut again = fixture::model(40);
        let catalog = again.catalog.clone();
        again.restore(session, &catalog);
        let effects = resume(&mut again);
        assert!(effects.contains(&Effect::Until { minute: 1410, asked: Until::Known }));
        assert_eq!(again.session().bounds.until, Some(1410), "an end here keeps it");
        update(&mut again, Msg::Until { minute: 1410, secs, asked: Until::Known });
        let at = Duration::from_secs(3600);
        assert_eq!(again.auto.bounds.ending, counts.then_some(Ending::Clock { at, minute: 1410 }));
        assert_eq!(again.session().bounds.until, counts.then_some(1410));
    }
}

#[test]
fn an_end_by_the_clock_is_checked_every_hour() {
    let mut model = filled();
    assert!(!update(&mut model, Msg::Hour(20)).iter().any(|e| matches!(e, Effect::Until { .. })));
    update(&mut model, Msg::Until { minute: 1410, secs: 7200.0, asked: Until::End });
    let check = Effect::Until { minute: 1410, asked: Until::Known };
    assert!(update(&mut model, Msg::Hour(22)).contains(&check));
    model.now = Duration::from_secs(2000);
    let mut told = |secs: f64| {
        update(&mut model, Msg::Until { minute: 1410, secs, asked: Until::Known });
        model.auto.bounds.ending
    };
    let at = |secs| Some(Ending::Clock { at: Duration::from_secs(secs), minute: 1410 });
    assert_eq!(told(3600.0), at(5600), "the computer slept meanwhile");
    assert_eq!(told(7200.0), at(9200), "the clock was set back an hour");
    assert_eq!(told(86_400.0 - 1200.0), at(800), "it slept past the end");
    assert_eq!(told(86_400.0 - 1260.0), at(740), "that stays so");
}
