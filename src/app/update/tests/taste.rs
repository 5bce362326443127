//! What the user's doings say of the tracks that engines chose.

use super::*;
use crate::library::journal::Verdict;
use crate::track::TrackId;

/// Plays the first song, then the first chosen track, of which so many seconds are heard.
fn chosen(secs: f64) -> Model {
    let (mut model, effects) = playing(0);
    answer(&mut model, &effects, 10..25);
    give(&mut model, "next", &[]);
    listen(&mut model, secs);
    model
}

fn listen(model: &mut Model, secs: f64) {
    let token = model.play.current;
    let from = model.play.position;
    for step in 1..=secs as u32 {
        update(model, Msg::Player(audio::Event::Position { token, secs: from + f64::from(step) }));
    }
}

fn verdicts(effects: &[Effect]) -> Vec<(TrackId, Verdict)> {
    let verdict = |event: Event| match event {
        Event::Judged { track, verdict, among } if !among.is_empty() => {
            assert!(!among.contains(&track));
            Some((track, verdict))
        }
        _ => None,
    };
    notes(effects).into_iter().filter_map(verdict).collect()
}

#[test]
fn going_on_from_a_track_that_had_hardly_begun_turns_it_away() {
    let mut model = chosen(7.0);
    let track = model.playing().unwrap().song.track;
    assert_eq!(verdicts(&give(&mut model, "next", &[])), [(track, Verdict::Skipped)]);
    // What did not sound, sounded long enough, or was jumped over for the greater part, was not.
    for (secs, seek) in [(0.0, None), (31.0, None), (5.0, Some("seek 190"))] {
        let mut model = chosen(secs);
        seek.map(|line| give(&mut model, line, &[]));
        assert_eq!(verdicts(&give(&mut model, "next", &[])), [], "{secs} {seek:?}");
    }
}

#[test]
fn other_ways_to_leave_a_track_say_nothing() {
    for line in ["jump 3", "stop", "quit", "previous"] {
        let mut model = chosen(7.0);
        assert_eq!(verdicts(&give(&mut model, line, &[])), [], "{line}");
    }
    let mut model = chosen(7.0);
    let token = model.play.current;
    let failed = update(&mut model, Msg::Player(audio::Event::Failed { token, why: "broken".into() }));
    assert_eq!(verdicts(&failed), []);
    // The user's own track is no answer to what was chosen.
    let (mut model, effects) = playing(0);
    answer(&mut model, &effects, 10..25);
    listen(&mut model, 7.0);
    assert_eq!(verdicts(&give(&mut model, "next", &[])), []);
}

#[test]
fn a_track_heard_to_its_end_suits_unless_it_was_jumped_to() {
    let mut model = chosen(180.0);
    let track = model.playing().unwrap().song.track;
    assert_eq!(verdicts(&end(&mut model)), [(track, Verdict::Heard)]);
    // Less than half of the length that was estimated.
    let mut model = chosen(90.0);
    assert_eq!(verdicts(&end(&mut model)), [(track, Verdict::Heard)]);
    let mut model = chosen(5.0);
    give(&mut model, "seek 205", &[]);
    listen(&mut model, 3.0);
    assert_eq!(verdicts(&end(&mut model)), []);
}

#[test]
fn that_the_user_did_not_choose_a_track_is_told_whatever_chose_it() {
    let told = |effects: &[Effect]| {
        notes(effects).iter().find_map(|event| match event {
            Event::Judged { track, among, .. } => Some((*track, among.is_empty(), event.is_of_taste())),
            _ => None,
        })
    };
    let mut model = chosen(5.0);
    give(&mut model, "seek 205", &[]);
    let track = model.playing().unwrap().song.track;
    assert_eq!(told(&end(&mut model)), Some((track, true, false)), "jumped to");
    // By another engine.
    let (mut model, effects) = playing(0);
    let mut picks = proposals(&model, 10..25);
    picks.iter_mut().for_each(|pick| pick.why.engine = "radio".into());
    update(&mut model, Msg::Picks { request: request(&effects).unwrap().0, picks, note: None });
    give(&mut model, "next", &[]);
    listen(&mut model, 180.0);
    let track = model.playing().unwrap().song.track;
    assert_eq!(told(&end(&mut model)), Some((track, true, false)));
    // The user's own.
    let (mut model, _) = playing(0);
    listen(&mut model, 180.0);
    assert_eq!(told(&end(&mut model)), None);
}

#[test]
fn taste_is_switched_and_taken_back() {
    let mut model = chosen(1.0);
    let off = give(&mut model, "taste off", &[]);
    let counts = |effects: &[Effect]| {
        effects.iter().find_map(|e| match e {
            Effect::Propose { situation, .. } => Some(situation.taste),
            _ => None,
        })
    };
    assert_eq!(counts(&off), Some(false), "the queue is chosen anew");
    let text = serde_json::to_string(&model.session()).unwrap();
    let mut other = fixture::model(40);
    let catalog = other.catalog.clone();
    other.restore(serde_json::from_str(&text).unwrap(), &catalog);
    assert!(!other.auto.taste);
    other.restore(Session::default(), &catalog);
    assert!(!other.auto.taste, "an older session says nothing of it");
    assert_eq!(notes(&give(&mut model, "taste undo", &[])), [Event::TasteUndone]);
    assert_eq!(notes(&give(&mut model, "taste reset", &[])), [Event::TasteReset]);
    assert!(give(&mut model, "taste", &[]).contains(&Effect::Taste));
    give(&mut model, "taste sweet", &[]);
    assert!(model.notice.as_ref().unwrap().kind == Kind::Error);
}
