//! Which kind each notice is, how long it stays, and what it means for a client that waits.

use super::*;

fn kind(model: &Model) -> Kind {
    model.notice.as_ref().unwrap().kind
}

/// What a client is told of a command.
fn outcome(effects: &[Effect]) -> Option<Result<Option<String>, String>> {
    effects.iter().find_map(|e| if let Effect::Answer { outcome, .. } = e { Some(outcome.clone()) } else { None })
}

#[test]
fn a_notice_stays_as_long_as_its_kind() {
    for kind in [Kind::Success, Kind::Hint, Kind::Obstacle, Kind::Error] {
        let mut model = fixture::model(3);
        update(&mut model, Msg::Notice { kind, text: "x".into() });
        update(&mut model, Msg::Tick { now: kind.lasts() - Duration::from_millis(1) });
        assert!(model.notice.is_some(), "{kind:?}");
        update(&mut model, Msg::Tick { now: kind.lasts() });
        assert!(model.notice.is_none(), "{kind:?}");
    }
}

#[test]
fn only_an_error_fails_a_command_of_a_client() {
    for kind in [Kind::Success, Kind::Hint, Kind::Obstacle, Kind::Error] {
        let mut model = fixture::model(3);
        let notice = Msg::Notice { kind, text: "x".into() };
        let effects = update(&mut model, Msg::For { asker: 7, msg: Box::new(notice) });
        let text = "x".to_string();
        assert_eq!(outcome(&effects), Some(if kind == Kind::Error { Err(text) } else { Ok(Some(text)) }), "{kind:?}");
    }
}

#[test]
fn what_stands_in_the_way_is_no_success() {
    let (mut model, effects) = playing(0);
    let (request, _) = request(&effects).unwrap();
    let note = Some("nothing of the playlist is analysed yet".to_string());
    update(&mut model, Msg::Picks { request, picks: Vec::new(), note });
    assert_eq!(kind(&model), Kind::Obstacle);
    give(&mut model, "consume on", &[]);
    assert_eq!(kind(&model), Kind::Success);
    give(&mut model, "repeat all", &[]);
    assert_eq!(kind(&model), Kind::Obstacle, "repeat has no effect now");
    give(&mut model, "engine", &[]);
    assert_eq!(kind(&model), Kind::Hint, "an answer");
    give(&mut model, "engine nope", &[]);
    assert_eq!(kind(&model), Kind::Error);
}

#[test]
fn silence_that_was_asked_for_is_no_obstacle() {
    let mut model = fixture::model(3);
    let silent = |why: Option<&str>| {
        Msg::Player(audio::Event::Output { name: "silent".into(), silent: true, why: why.map(Into::into) })
    };
    update(&mut model, silent(None));
    assert!(model.notice.is_none() && model.play.output.as_ref().unwrap().asked);
    let mut model = fixture::model(3);
    // An error of the system is a sentence.
    update(&mut model, silent(Some("The device may have been disconnected.")));
    let said = &model.notice.as_ref().unwrap().text;
    assert_eq!(said, "no sound: The device may have been disconnected; playing silently");
    assert_eq!(kind(&model), Kind::Obstacle);
    assert!(!model.play.output.as_ref().unwrap().asked);
}

#[test]
fn a_next_track_that_is_not_there_stands_in_the_way_and_fails_the_command() {
    let (mut model, _) = playing(0);
    let songs = model.catalog.songs().to_vec();
    give(&mut model, "auto off", &[]);
    give(&mut model, "enqueue", &[&songs[1], &songs[2]]);
    // The files of these two are gone by the time the first one ends.
    update(&mut model, Msg::Catalog(Arc::new(Catalog::new(songs[..1].to_vec()))));
    let token = model.play.current;
    model.play.following = None;
    let ended = Msg::Player(audio::Event::Finished { token });
    let effects = update(&mut model, Msg::For { asker: 7, msg: Box::new(ended) });
    assert_eq!(kind(&model), Kind::Obstacle);
    assert!(outcome(&effects).unwrap().as_ref().unwrap_err().contains("what comes next is not there"));
}
