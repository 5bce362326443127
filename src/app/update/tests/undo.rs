//! Undo of changes of the queue and of ratings.

use super::*;
use crate::queue::{Item, Shuffle};

/// A session in which song 0 plays, songs 1 to 3 were chosen and 12 others were picked.
pub(super) fn filled() -> Model {
    let mut model = fixture::model(40);
    let songs: Vec<Arc<Song>> = model.catalog.songs()[..4].to_vec();
    let effects = give(&mut model, "play", &songs.iter().collect::<Vec<_>>());
    answer(&mut model, &effects, 10..25);
    assert_eq!(model.queue.ahead().len(), 15);
    model
}

pub(super) fn items(model: &Model) -> Vec<Item> {
    model.queue.items().to_vec()
}

pub(super) fn notice(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |notice| &notice.text)
}

/// Undoes the last step, which has this name.
#[track_caller]
fn undo(model: &mut Model, what: &str) -> Vec<Effect> {
    assert_eq!(model.undoable().map(|(_, last)| last), Some(what));
    let effects = give(model, "undo", &[]);
    assert_eq!(notice(model), format!("undone: {what}"));
    assert!(!interrupts(&effects), "{effects:?}");
    effects
}

/// Whether the track that plays is interrupted.
pub(super) fn interrupts(effects: &[Effect]) -> bool {
    let stops = |e: &Effect| matches!(e, Effect::Player(Command::Play { .. } | Command::Stop | Command::Pause));
    effects.iter().any(stops)
}

#[test]
fn every_change_of_the_queue_is_undone_by_its_name() {
    let model = filled();
    let title = |n: usize| model.queue.ahead()[n - 1].song.title();
    let artist = model.queue.ahead()[4].song.artist().to_string();
    let changes = [
        ("remove 2", format!("remove {}", title(2))),
        ("remove 1 5", "remove 2 tracks".into()),
        ("clear", "clear (15 tracks)".into()),
        ("move 3 1", format!("move {}", title(3))),
        ("move 9 1", format!("move {}", title(9))),
        ("sort -title", "sort".into()),
        ("keep 5", format!("keep {}", title(5))),
        ("not 5", format!("not {}", title(5))),
        ("not-artist 5", format!("no more {artist}")),
    ];
    for (line, what) in changes {
        let mut model = filled();
        let before = items(&model);
        let effects = give(&mut model, line, &[]);
        assert_ne!(items(&model), before, "{line}");
        // What was picked for the changed queue gives way again.
        if request(&effects).is_some() {
            answer(&mut model, &effects, 20..35);
        }
        undo(&mut model, &what);
        assert_eq!((items(&model), model.undoable()), (before, None), "{line}");
        assert!(model.auto.unwanted == Default::default() && !model.asking(), "{line}");
    }
}

#[test]
fn what_changes_nothing_leaves_no_step() {
    let mut model = filled();
    let lines =
        ["sort path", "move 2 2", "remove 99", "shuffle off", "repeat all", "volume 50", "not-artist off", "undo"];
    for line in lines {
        give(&mut model, line, &[]);
        assert_eq!(model.undoable(), None, "{line}");
    }
    assert_eq!(notice(&model), "there is nothing to undo");
    let mut empty = fixture::model(3);
    give(&mut empty, "clear", &[]);
    assert_eq!(empty.undoable(), None);
}

#[test]
fn shuffle_is_undone_with_its_mode() {
    let mut model = filled();
    let before = items(&model);
    for line in ["shuffle tracks", "shuffle albums"] {
        give(&mut model, line, &[]);
    }
    undo(&mut model, "shuffle albums");
    assert_eq!(model.order.modes.shuffle, Shuffle::Tracks);
    undo(&mut model, "shuffle tracks");
    assert_eq!((model.order.modes.shuffle, items(&model)), (Shuffle::Off, before));
}

#[test]
fn ten_steps_are_undone_in_turn() {
    let mut model = filled();
    let song = model.playing().unwrap().song.clone();
    give(&mut model, "clear", &[]);
    for n in 0..10 {
        give(&mut model, &format!("rate {}%", 50 + n), &[]);
    }
    assert_eq!(model.undoable(), Some((10, format!("rate {} 58% → 59%", song.title()).as_str())));
    for n in (0..10).rev() {
        let from = if n == 0 { "off".to_string() } else { format!("{}%", 49 + n) };
        undo(&mut model, &format!("rate {} {from} → {}%", song.title(), 50 + n));
        assert_eq!(model.undoable().map(|(left, _)| left), (n > 0).then_some(n));
    }
    assert_eq!((model.queue.items().len(), model.tallies.of_song(&song).rating), (1, None), "clear was the eleventh");
    give(&mut model, "undo", &[]);
    assert!(model.notice.as_ref().unwrap().kind == Kind::Error);
}

#[test]
fn the_former_rating_is_written_again() {
    let mut model = filled();
    let songs = model.catalog.songs().to_vec();
    let (one, other) = (&songs[5], &songs[6]);
    let rated = |track, rating| Event::Rated { track, rating };
    give(&mut model, "rate 4", &[one]);
    // Before the journal has reported the first.
    give(&mut model, "rate 2", &[one]);
    give(&mut model, "rate 2", &[one, one]);
    give(&mut model, "rate 3", &[one, other]);
    let effects = undo(&mut model, "rate 2 tracks 3");
    assert_eq!(notes(&effects), [rated(one.track, Some(40)), rated(other.track, None)]);
    let effects = undo(&mut model, &format!("rate {} 4 → 2", one.title()));
    assert_eq!(notes(&effects), [rated(one.track, Some(80))]);
    undo(&mut model, &format!("rate {} off → 4", one.title()));
    assert_eq!(model.tallies.of_song(one).rating, None);
    give(&mut model, "love", &[one]);
    give(&mut model, "love", &[one, other]);
    give(&mut model, "love", &[one, other]);
    let effects = undo(&mut model, "no longer love 2 tracks");
    assert_eq!(notes(&effects), [one, other].map(|song| Event::Loved { track: song.track, loved: true }));
    let effects = undo(&mut model, &format!("love {}", other.title()));
    assert_eq!(notes(&effects), [Event::Loved { track: other.track, loved: false }]);
    undo(&mut model, &format!("love {}", one.title()));
    assert!(!model.tallies.of_song(one).loved && model.undoable().is_none());
}

#[test]
fn what_was_judged_is_undone_with_the_removal_and_told_once() {
    let mut model = filled();
    let gone = model.queue.ahead()[4].song.track;
    let effects = give(&mut model, "remove 5", &[]);
    assert!(matches!(notes(&effects)[..], [Event::Removed { .. }, Event::Judged { track, .. }] if track == gone));
    let title = model.catalog.of_track(gone).unwrap().title();
    let effects = undo(&mut model, &format!("remove {title}"));
    assert_eq!(notes(&effects), [Event::TasteUndone]);
    let told = |text: &str, error| Msg::TasteUndone { error, text: text.into() };
    update(&mut model, told("taste: taken back", false));
    assert_eq!(notice(&model), format!("undone: remove {title}"));
    // What `:taste undo` has undone is told.
    give(&mut model, "taste undo", &[]);
    update(&mut model, told("taste: nothing to undo", true));
    assert!(notice(&model) == "taste: nothing to undo" && model.notice.as_ref().unwrap().kind == Kind::Error);
}

#[test]
fn an_opened_playlist_gives_way_and_what_played_comes_next_where_it_was_left() {
    let open = |model: &mut Model| {
        model.play.position = 42.5;
        let songs = model.catalog.songs()[30..33].to_vec();
        let queue =
            Msg::Queue { name: "night".into(), songs, notes: String::new(), placing: Placing::Open { from: 0 } };
        let effects = update(model, queue);
        answer(model, &effects, 20..35);
    };
    let at = |effects: &[Effect]| {
        effects.iter().find_map(|e| match e {
            Effect::Player(Command::Play { at, .. }) => Some(*at),
            _ => None,
        })
    };
    for line in ["next", ""] {
        let mut model = filled();
        let before = items(&model);
        open(&mut model);
        let playing = model.playing().unwrap().serial;
        undo(&mut model, "open night (3 tracks)");
        assert_eq!(model.playing().map(|i| i.serial), Some(playing));
        assert_eq!(model.queue.ahead(), before);
        // The track that was left is not followed without a gap, because it does not start at its beginning.
        assert_eq!(model.play.following, None);
        let effects = if line.is_empty() { end(&mut model) } else { give(&mut model, line, &[]) };
        assert_eq!((at(&effects), model.playing()), (Some(42.5), before.first()), "{line}");
        assert!(model.play.following.is_some());
        give(&mut model, "previous", &[]);
        assert_eq!(at(&give(&mut model, "next", &[])), Some(0.0), "once");
    }
    // With the player stopped nothing is interrupted: all is as before, and starts at that place.
    let mut model = filled();
    let before = items(&model);
    open(&mut model);
    give(&mut model, "stop", &[]);
    undo(&mut model, "open night (3 tracks)");
    assert_eq!((model.playing(), model.queue.ahead()), (before.first(), &before[1..]));
    assert_eq!(at(&give(&mut model, "play", &[])), Some(42.5));
}

#[test]
fn appended_tracks_leave_again_but_for_those_that_played() {
    let mut model = filled();
    let before = items(&model);
    let songs = model.catalog.songs()[30..33].to_vec();
    let append = Msg::Queue { name: "night".into(), songs, notes: String::new(), placing: Placing::Append };
    update(&mut model, append.clone());
    assert_eq!(model.queue.ahead()[3].song, model.catalog.songs()[30]);
    undo(&mut model, "append night (3 tracks)");
    assert_eq!(items(&model), before);
    update(&mut model, append);
    let first = model.queue.ahead()[3].serial;
    give(&mut model, &format!("jump #{first}"), &[]);
    undo(&mut model, "append night (3 tracks)");
    assert_eq!(model.playing().map(|i| i.serial), Some(first));
    assert_eq!(model.queue.ahead(), &before[4..]);
}

#[test]
fn a_queue_that_was_emptied_after_stop_comes_back_whole() {
    let mut model = filled();
    model.play.position = 12.0;
    give(&mut model, "stop", &[]);
    let before = items(&model);
    give(&mut model, "clear", &[]);
    assert!(model.queue.is_empty());
    undo(&mut model, "clear (16 tracks)");
    assert_eq!((items(&model), model.queue.current()), (before, Some(0)));
}

#[test]
fn what_was_consumed_since_does_not_come_back() {
    let mut model = filled();
    give(&mut model, "consume on", &[]);
    let ahead = model.queue.ahead().to_vec();
    give(&mut model, "remove 3", &[]);
    give(&mut model, "next", &[]);
    give(&mut model, "next", &[]);
    undo(&mut model, &format!("remove {}", ahead[2].song.title()));
    assert_eq!((model.playing(), model.queue.ahead()), (ahead.get(1), &ahead[2..]));
    // A track that was removed while it played would be consumed at once: it comes next.
    give(&mut model, "remove #3", &[]);
    assert_eq!(model.playing(), ahead.get(2));
    undo(&mut model, &format!("remove {}", ahead[1].song.title()));
    assert_eq!((model.playing(), model.queue.ahead().first()), (ahead.get(2), ahead.get(1)));
}

#[test]
fn an_undo_brings_no_track_back_that_was_heard_since() {
    let mut model = filled();
    // An automatic track plays, is kept, and what follows it is picked anew: the same tracks, as other items.
    let first = model.queue.ahead()[3].serial;
    give(&mut model, &format!("jump #{first}"), &[]);
    let second = model.queue.ahead()[0].clone();
    let effects = give(&mut model, &format!("keep #{first}"), &[]);
    answer(&mut model, &effects, 11..26);
    give(&mut model, &format!("not #{first}"), &[]);
    let playing = model.playing().unwrap().clone();
    assert!(playing.song.track == second.song.track && playing.serial != second.serial, "{playing:?}");
    for _ in 0..2 {
        give(&mut model, "undo", &[]);
        assert!(notice(&model).starts_with("undone: "), "{}", notice(&model));
        assert_eq!(model.playing().map(|item| item.serial), Some(playing.serial));
        assert!(model.queue.ahead().iter().all(|item| item.song.track != playing.song.track));
    }
    assert_eq!(model.undoable(), None);
    // What was not heard is back.
    assert!(model.queue.ahead().len() >= 10, "{}", model.queue.ahead().len());
}

#[test]
fn whoever_sends_it_is_told() {
    let told = |effects: &[Effect]| {
        effects.iter().find_map(|e| match e {
            Effect::Answer { asker: 7, outcome } => Some(outcome.clone().map(drop)),
            _ => None,
        })
    };
    let mut model = filled();
    let send = |model: &mut Model| update(model, command("undo", Selection::default()).on_behalf(Some(7)));
    assert_eq!(told(&send(&mut model)), Some(Err("there is nothing to undo".into())));
    give(&mut model, "clear", &[]);
    assert_eq!(told(&send(&mut model)), Some(Ok(())));
    // The diary thread says what became of a playlist.
    give(&mut model, "playlist delete night", &[]);
    let effects = send(&mut model);
    assert_eq!(told(&effects), None);
    let order = Effect::Playlists(PlaylistOrder::Undo { step: 1, what: "playlist delete night".into() });
    assert!(effects.contains(&Effect::For { asker: 7, effect: Box::new(order) }), "{effects:?}");
    let stays = Msg::StepStays { step: 1, what: "playlist delete night".into() };
    for msg in [Msg::error("taken"), stays] {
        update(&mut model, msg.on_behalf(Some(7)));
    }
    assert_eq!(told(&update(&mut model, Msg::Ended(7))), Some(Err("taken".into())));
    assert_eq!(model.undoable(), Some((1, "playlist delete night")));
}

#[test]
fn under_another_signature_what_was_chosen_comes_back_and_picks_are_made_anew() {
    let lines = ["signature 3,7", "sig off", "engine radio"];
    for line in lines {
        let mut model = filled();
        let before = items(&model);
        let (removed, title) = (before[2].clone(), before[2].song.title());
        give(&mut model, &format!("remove #{} #{}", removed.serial, before[6].serial), &[]);
        let effects = give(&mut model, line, &[]);
        answer(&mut model, &effects, 20..33);
        let effects = undo(&mut model, "remove 2 tracks");
        let ahead = model.queue.ahead();
        assert!(
            ahead.iter().any(|item| item.serial == removed.serial && item.origin == Origin::Hand),
            "{line} {title}"
        );
        let former = |item: &Item| before.iter().any(|old| old.serial == item.serial && old.origin != Origin::Hand);
        assert!(!ahead.iter().any(former), "{line}: no pick of the former signature comes back");
        assert!(request(&effects).is_some(), "{line}: {effects:?}");
        answer(&mut model, &effects, 28..40);
        let picked: Vec<_> = model.queue.ahead().iter().filter(|item| item.origin != Origin::Hand).collect();
        let songs = &model.catalog.songs()[28..40];
        assert!(picked.len() >= 10 && picked.iter().all(|item| songs.contains(&item.song)), "{line}");
    }
    // A saved signature, too, and one that is followed no longer.
    let mut model = filled();
    let follow = |model: &Model| Msg::Follow {
        name: "night".into(),
        members: vec![model.catalog.songs()[9].track],
        choice: Choice::Auto,
    };
    give(&mut model, "clear", &[]);
    let msg = follow(&model);
    let effects = update(&mut model, msg);
    answer(&mut model, &effects, 20..35);
    assert!(request(&undo(&mut model, "clear (15 tracks)")).is_some());
    assert_eq!(model.queue.ahead().iter().filter(|item| item.origin == Origin::Hand).count(), 3);
}

#[test]
fn picks_that_others_were_about_to_replace_do_not_come_back() {
    let mut model = filled();
    let former: Vec<u64> =
        model.queue.ahead().iter().filter(|item| item.origin != Origin::Hand).map(|item| item.serial).collect();
    let chosen = give(&mut model, "engine radio", &[]);
    assert!(request(&chosen).is_some());
    // Something is changed before its picks have come.
    let removed = give(&mut model, "remove 6", &[]);
    let (_, what) = model.undoable().expect("a step");
    let what = what.to_string();
    answer(&mut model, if request(&removed).is_some() { &removed } else { &chosen }, 20..33);
    let comes_back = |model: &Model| model.queue.ahead().iter().any(|item| former.contains(&item.serial));
    assert!(!comes_back(&model));
    let effects = undo(&mut model, &what);
    assert!(!comes_back(&model) && request(&effects).is_some(), "{effects:?}");
}
