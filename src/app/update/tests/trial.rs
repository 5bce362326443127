//! Trials: what is asked, what is kept, and that nothing else changes meanwhile.

use super::*;
use crate::app::effect::Trying;
use crate::app::sets::Whom;
use crate::ask::trial::Tried;
use crate::latent::ALL_DIMS;

/// A session that plays a track, with fifteen automatic ones ahead.
fn filled() -> Model {
    let (mut model, effects) = playing(0);
    let (request, _) = request(&effects).unwrap();
    let picks = proposals(&model, 10..25);
    update(&mut model, Msg::Picks { request, picks, note: None });
    assert_eq!(model.queue.ahead().len(), 15);
    model
}

fn asked(effects: &[Effect]) -> Option<Trying> {
    effects.iter().find_map(|e| if let Effect::Try(trying) = e { Some((**trying).clone()) } else { None })
}

/// A random change of the trial.
fn change(rng: &mut fastrand::Rng) -> String {
    let dim = crate::latent::named::label(rng.u8(..ALL_DIMS as u8));
    match rng.u8(..8) {
        0 => format!("dimension toggle {dim}"),
        1 => format!("dimension use {dim}"),
        2 => format!("dimension never {dim}"),
        3 => format!("dimension test {dim}"),
        4 => format!("dimension weigh {dim} +0.5"),
        5 => format!("dimension weigh {dim} -0.5"),
        6 => format!("dimension weigh {dim} 3"),
        _ => "dimension test all".into(),
    }
}

#[test]
fn what_is_kept_is_asked_for_as_it_was_tried() {
    let mut rng = fastrand::Rng::with_seed(11);
    for round in 0..60 {
        let mut model = filled();
        if rng.bool() {
            give(&mut model, "signature 3,7,tempo", &[]);
            let request = model.auto.request;
            let picks = proposals(&model, 20..35);
            update(&mut model, Msg::Picks { request, picks, note: None });
        }
        let mut last = None;
        for _ in 0..rng.usize(1..12) {
            last = asked(&give(&mut model, &change(&mut rng), &[])).or(last);
        }
        if !model.trial.changed() {
            continue;
        }
        let trying = last.expect("a change is asked about");
        let effects = give(&mut model, "trial keep", &[]);
        let proposed = effects.iter().find_map(|e| match e {
            Effect::Propose { request, engine, situation, choice, want } => {
                Some((*request, engine.clone(), (**situation).clone(), choice.clone(), *want))
            }
            _ => None,
        });
        let Trying { number, engine, situation, choice, want, .. } = trying;
        let choice = choice.expect("a choice");
        assert_eq!(model.auto.choice, choice, "round {round}");
        assert_eq!(proposed, Some((number, engine, situation, choice, want)), "round {round}");
    }
}

#[test]
fn what_is_given_up_leaves_everything_as_it_was() {
    let mut rng = fastrand::Rng::with_seed(12);
    for round in 0..60 {
        let mut model = filled();
        let before = (model.auto.clone(), model.queue.items().to_vec(), model.session());
        let album = model.catalog.songs()[30].clone();
        for _ in 0..rng.usize(1..12) {
            let effects = match rng.u8(..6) {
                0 => give(&mut model, "signature-of album", &[&album]),
                1 => give(&mut model, "compare library", &[]),
                _ => give(&mut model, &change(&mut rng), &[]),
            };
            let harmless = |e: &Effect| matches!(e, Effect::Try(_) | Effect::Screen(_));
            assert!(effects.iter().all(harmless), "round {round}: {effects:?}");
        }
        give(&mut model, "trial off", &[]);
        assert!(!model.trial.changed());
        let after = (model.auto.clone(), model.queue.items().to_vec(), model.session());
        assert_eq!(after, before, "round {round}");
    }
}

#[test]
fn an_answer_to_an_older_trial_is_dropped() {
    let mut model = filled();
    let first = asked(&give(&mut model, "dimension use 3", &[])).unwrap().request;
    let second = asked(&give(&mut model, "dimension use 7", &[])).unwrap().request;
    assert!(second > first && model.trial.waits());
    let answer = |label: &str| Ok(Box::new(Tried { label: label.into(), ..Tried::default() }));
    update(&mut model, Msg::Tried { request: first, tried: answer("old") });
    assert!(model.trial.tried.is_none() && model.trial.waits());
    update(&mut model, Msg::Tried { request: second, tried: answer("new") });
    assert_eq!(model.trial.tried.as_ref().map(|tried| tried.label.as_str()), Some("new"));
    update(&mut model, Msg::Trusted { request: first, confidence: Some(0.9) });
    assert_eq!(model.trial.confidence, None);
    update(&mut model, Msg::Trusted { request: second, confidence: Some(0.9) });
    assert_eq!((model.trial.confidence, model.trial.waits()), (Some(0.9), false));
}

#[test]
fn a_trial_that_is_seen_follows_the_queue_and_asks_only_once() {
    let mut model = filled();
    assert!(asked(&give(&mut model, "signature", &[])).is_some());
    let tick = Msg::Tick { now: Duration::from_secs(1) };
    assert!(asked(&update(&mut model, tick)).is_none(), "nothing has changed");
    let song = model.catalog.songs()[5].clone();
    let trying = asked(&give(&mut model, "enqueue", &[&song])).expect("another track is followed");
    assert!(trying.situation.playlist.contains(&song.track));
    model.trial.seen = false;
    let song = model.catalog.songs()[6].clone();
    assert!(asked(&give(&mut model, "enqueue", &[&song])).is_none());
}

#[test]
fn another_set_is_followed_once_it_is_kept() {
    let mut model = filled();
    let song = model.catalog.songs()[30].clone();
    let trying = asked(&give(&mut model, "signature-of album", &[&song])).unwrap();
    assert!(matches!(&trying.whom, Whom::Set(side) if side.label == song.album()));
    assert!(trying.situation.playlist.is_empty() && trying.choice.is_none());
    let effects = give(&mut model, "trial keep", &[]);
    assert!(request(&effects).is_none() && model.notice.as_ref().unwrap().text.contains("still being looked up"));
    let tracks: Vec<_> = model.catalog.songs()[30..40].iter().map(|song| song.track).collect();
    let tried = Tried { label: "Long Way Home".into(), tracks: tracks.clone(), ..Tried::default() };
    update(&mut model, Msg::Tried { request: trying.request, tried: Ok(Box::new(tried)) });
    let effects = give(&mut model, "trial keep", &[]);
    let situation = effects.iter().find_map(|e| match e {
        Effect::Propose { situation, .. } => Some(situation.playlist.clone()),
        _ => None,
    });
    assert_eq!(situation, Some(tracks.clone()));
    assert_eq!(model.auto.following.as_ref().map(|f| f.members.clone()), Some(tracks));
    // Back to the user's own tracks, by the same way.
    let trying = asked(&give(&mut model, "signature-of queue", &[])).unwrap();
    assert_eq!(trying.situation.playlist, model.queue.playlist());
    give(&mut model, "trial keep", &[]);
    assert!(model.auto.following.is_none());
}

#[test]
fn without_a_playlist_there_is_nothing_to_try() {
    let mut model = fixture::model(40);
    let effects = give(&mut model, "dimension use 3", &[]);
    assert!(asked(&effects).is_none() && !model.trial.waits());
    assert!(model.trial.fault.as_ref().is_some_and(|why| why.contains("play a track")));
    give(&mut model, "trial", &[]);
    assert_eq!(model.notice.as_ref().unwrap().text, "tried: auto,3");
    give(&mut model, "trial off", &[]);
    give(&mut model, "trial off", &[]);
    assert_eq!(model.notice.as_ref().unwrap().text, "nothing is tried");
}

#[test]
fn a_client_hears_whether_the_set_was_found() {
    let mut model = filled();
    let line = command("signature-of late-night", Selection::default());
    let effects = update(&mut model, Msg::For { asker: 5, msg: Box::new(line) });
    let awaited: Vec<&Effect> = effects
        .iter()
        .filter_map(|e| if let Effect::For { effect, .. } = e { Some(&**effect) } else { None })
        .collect();
    let request = awaited.iter().find_map(|e| if let Effect::Try(trying) = e { Some(trying.request) } else { None });
    let tried = Err("no signature 'late-night'".to_string());
    update(&mut model, Msg::For { asker: 5, msg: Box::new(Msg::Tried { request: request.unwrap(), tried }) });
    let ended: Vec<Effect> = awaited.iter().flat_map(|_| update(&mut model, Msg::Ended(5))).collect();
    let outcome = ended.iter().find_map(|e| match e {
        Effect::Answer { asker: 5, outcome } => Some(outcome.clone()),
        _ => None,
    });
    assert_eq!(outcome, Some(Err("no signature 'late-night'".into())));
}
