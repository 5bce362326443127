//! Repeat, shuffle, continue, consume.

use super::*;
use crate::app::State;
use crate::queue::Modes;

/// A session that plays the first of `n` songs chosen by hand.
fn chosen(n: usize) -> Model {
    let mut model = fixture::model(40);
    let songs: Vec<Arc<Song>> = model.catalog.songs()[..n].to_vec();
    let all: Vec<&Arc<Song>> = songs.iter().collect();
    give(&mut model, "play", &all);
    model
}

/// The end of the current track and the start of what follows, as the player reports them; what plays then.
fn goes_on(model: &mut Model) -> Option<usize> {
    let follow = model.play.following.as_ref().map(|f| f.token);
    end(model);
    if let Some(token) = follow {
        update(model, Msg::Player(crate::audio::Event::Started { token, secs: None }));
    }
    let playing = model.queue.playing()?.song.track;
    model.catalog.songs().iter().position(|s| s.track == playing)
}

#[test]
fn one_track_repeats_until_the_next_is_asked_for() {
    let mut model = chosen(2);
    let effects = give(&mut model, "repeat one", &[]);
    assert!(follower(&effects).is_some(), "the player is told anew");
    assert_eq!((goes_on(&mut model), goes_on(&mut model)), (Some(0), Some(0)));
    give(&mut model, "next", &[]);
    assert_eq!((goes_on(&mut model), goes_on(&mut model)), (Some(1), Some(1)));
    give(&mut model, "repeat off", &[]);
    assert_ne!(model.play.following.as_ref().map(|f| f.serial), model.queue.playing().map(|i| i.serial));
}

#[test]
fn the_status_tells_the_modes() {
    let mut model = chosen(2);
    let told = |model: &Model| {
        let status = Face::of(model).into_status();
        (status.repeat, status.shuffle)
    };
    assert_eq!(told(&model), ("off".into(), false));
    give(&mut model, "repeat one", &[]);
    give(&mut model, "shuffle albums", &[]);
    assert_eq!(told(&model), ("track".into(), true));
}

#[test]
fn a_queue_that_repeats_goes_round_and_asks_for_nothing() {
    let mut model = chosen(3);
    let effects = give(&mut model, "repeat all", &[]);
    assert_eq!(request(&effects), None);
    // The answer to a question from before is not wanted any more.
    let picks = proposals(&model, 10..20);
    let open = model.auto.request;
    update(&mut model, Msg::Picks { request: open, picks, note: None });
    assert_eq!(model.queue.items().len(), 3);
    let heard: Vec<_> = (0..7).map(|_| goes_on(&mut model)).collect();
    assert_eq!(heard, [1, 2, 0, 1, 2, 0, 1].map(Some));
    for _ in 0..2 {
        assert!(started(&give(&mut model, "next", &[])).is_some());
    }
    assert_eq!(model.queue.playing().map(|i| i.song.track), Some(model.catalog.songs()[0].track));
    assert!(request(&give(&mut model, "repeat off", &[])).is_some(), "it fills itself again");
}

#[test]
fn a_shuffled_round_has_every_track_once() {
    let mut model = chosen(8);
    give(&mut model, "repeat all", &[]);
    give(&mut model, "shuffle tracks", &[]);
    let mut rounds = std::collections::HashSet::new();
    let mut first: Vec<usize> = vec![0];
    first.extend((0..7).filter_map(|_| goes_on(&mut model)));
    for _ in 0..6 {
        let round: Vec<usize> = (0..8).filter_map(|_| goes_on(&mut model)).collect();
        let mut sorted = round.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..8).collect::<Vec<_>>());
        rounds.insert(round);
    }
    assert!(rounds.len() >= 5, "always the same order");
}

#[test]
fn what_is_added_to_a_shuffled_queue_comes_anywhere() {
    let mut model = chosen(1);
    give(&mut model, "shuffle tracks", &[]);
    let songs: Vec<Arc<Song>> = model.catalog.songs()[1..21].to_vec();
    give(&mut model, "enqueue", &songs.iter().collect::<Vec<_>>());
    let ahead: Vec<_> = model.queue.ahead().iter().map(|i| i.song.track).collect();
    assert_ne!(ahead, songs.iter().map(|s| s.track).collect::<Vec<_>>());
    give(&mut model, "shuffle off", &[]);
    let ahead: Vec<_> = model.queue.ahead().iter().map(|i| i.song.track).collect();
    assert_eq!(ahead, songs.iter().map(|s| s.track).collect::<Vec<_>>());
}

#[test]
fn without_continue_the_music_stops_after_each_track() {
    let mut model = chosen(3);
    let effects = give(&mut model, "continue off", &[]);
    assert!(effects.contains(&Effect::Player(Command::Unfollow)));
    assert_eq!(goes_on(&mut model), Some(1), "the next stands ready");
    assert_eq!(model.play.state, State::Stopped);
    assert!(started(&give(&mut model, "toggle", &[])).is_some());
    assert_eq!(model.play.state, State::Playing);
    assert!(follower(&give(&mut model, "continue on", &[])).is_some());
}

#[test]
fn consumed_tracks_leave_the_queue_and_stay_in_the_playlist() {
    let mut model = chosen(3);
    give(&mut model, "auto off", &[]);
    give(&mut model, "consume on", &[]);
    let before = model.anchor();
    assert_eq!(goes_on(&mut model), Some(1));
    assert_eq!((model.queue.items().len(), model.queue.current()), (2, Some(0)));
    assert_eq!(model.anchor(), before);
    assert_eq!(goes_on(&mut model), Some(2));
    assert_eq!(goes_on(&mut model), None);
    assert_eq!((model.play.state, model.queue.items().len()), (State::Stopped, 0));
}

#[test]
fn with_consume_nothing_repeats_in_whatever_order_the_two_are_turned_on() {
    for (first, second) in [("repeat all", "consume on"), ("consume on", "repeat all"), ("repeat one", "consume on")] {
        let mut model = chosen(3);
        for line in ["auto off", first, second] {
            give(&mut model, line, &[]);
        }
        let heard = [goes_on(&mut model), goes_on(&mut model), goes_on(&mut model)];
        assert_eq!(heard, [Some(1), Some(2), None], "{first}, {second}");
        assert_eq!((model.play.state, model.queue.items().len()), (State::Stopped, 0), "{first}, {second}");
        // By hand too: next on the last track is the end of it.
        let mut model = chosen(1);
        for line in ["auto off", first, second, "next"] {
            give(&mut model, line, &[]);
        }
        let said = model.notice.as_ref().is_some_and(|n| n.kind == Kind::Error && n.text == "nothing comes next");
        assert!(said, "{first}, {second}");
    }
    let mut model = chosen(2);
    for line in ["auto off", "repeat all", "consume on", "consume off"] {
        give(&mut model, line, &[]);
    }
    assert_eq!([goes_on(&mut model), goes_on(&mut model)], [Some(1), Some(0)], "repeat is in force again");
}

#[test]
fn clear_spares_what_plays_or_is_held_and_nothing_after_stop() {
    for (state, left) in [("play", 1), ("pause", 1), ("stop", 0)] {
        let mut model = chosen(3);
        give(&mut model, "consume on", &[]);
        for line in [state, "clear"] {
            give(&mut model, line, &[]);
        }
        assert_eq!(model.queue.items().len(), left, "{state}");
        assert!(model.queue.consumed().is_empty(), "{state}");
    }
    // That it is empty outlives the player however it ends.
    let mut model = chosen(3);
    give(&mut model, "auto off", &[]);
    let tick = |model: &mut Model, secs| update(model, Msg::Tick { now: Duration::from_secs(secs) });
    assert!(tick(&mut model, 10).iter().any(|e| matches!(e, Effect::Save(s) if s.items.len() == 3)));
    give(&mut model, "stop", &[]);
    give(&mut model, "clear", &[]);
    assert!(model.wants_tick(), "the clock must go on until it is written down");
    assert!(tick(&mut model, 16).iter().any(|e| matches!(e, Effect::Save(s) if s.items.is_empty())));
}

#[test]
fn modes_come_back_with_the_session() {
    let mut model = chosen(2);
    for line in ["shuffle albums", "repeat all", "continue off", "consume on", "next"] {
        give(&mut model, line, &[]);
    }
    let text = serde_json::to_string(&model.session()).unwrap();
    let mut other = fixture::model(40);
    let catalog = other.catalog.clone();
    other.restore(serde_json::from_str(&text).unwrap(), &catalog);
    assert_eq!((other.order.modes, other.anchor()), (model.order.modes, model.anchor()));
    assert_ne!(other.order.modes, Modes::default());
    // A session of a jukebox that knew no modes.
    let mut old: serde_json::Value = serde_json::from_str(&text).unwrap();
    old.as_object_mut().unwrap().remove("modes");
    assert_eq!(serde_json::from_value::<Session>(old).unwrap().modes, Modes::default());
}
