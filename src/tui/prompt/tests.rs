use super::*;
use crate::app::fixture;
use crate::tui::keys::parse;

fn type_in(prompt: &mut Prompt, keys: &str, history: &[String]) -> Outcome {
    let model = fixture::model(3);
    let mut outcome = Outcome::Open;
    for key in parse(keys).unwrap() {
        outcome = prompt.key(key, history, &model);
    }
    outcome
}

#[test]
fn edits_within_graphemes() {
    let model = fixture::model(3);
    let mut prompt = Prompt::new(Purpose::Search { back: false }, &model);
    prompt.insert("ae\u{301}b\u{1b}[0m", &model);
    assert_eq!(prompt.text, "aéb [0m");
    type_in(&mut prompt, "ctrl-a right right backspace x end backspace", &[]);
    assert_eq!(prompt.text, "axb [0");
    type_in(&mut prompt, "ctrl-w", &[]);
    assert_eq!(prompt.text, "axb ");
    type_in(&mut prompt, "ctrl-u", &[]);
    assert_eq!(type_in(&mut prompt, "backspace", &[]), Outcome::Cancelled);
}

#[test]
fn tab_completes_and_goes_round() {
    let model = fixture::model(3);
    let mut prompt = Prompt::new(Purpose::Command, &model);
    prompt.insert("theme", &model);
    prompt.insert(" ", &model);
    type_in(&mut prompt, "tab", &[]);
    assert_eq!(prompt.text, "theme gruvbox-dark");
    type_in(&mut prompt, "shift-tab", &[]);
    assert_eq!(prompt.text, "theme terminal");
    assert_eq!(type_in(&mut prompt, "enter", &[]), Outcome::Done("theme terminal".into()));
}

#[test]
fn a_typed_theme_is_known_before_it_is_loaded() {
    let model = fixture::model(3);
    let theme = |purpose, text: &str| {
        let mut prompt = Prompt::new(purpose, &model);
        prompt.insert(text, &model);
        prompt.theme()
    };
    assert_eq!(theme(Purpose::Command, "theme mono").as_deref(), Some("mono"));
    assert_eq!(theme(Purpose::Command, "them  mo ").as_deref(), Some("mo"));
    for (purpose, text) in [
        (Purpose::Command, "theme"),
        (Purpose::Command, "enqueue mono"),
        (Purpose::Command, ""),
        (Purpose::Filter, "theme mono"),
        (Purpose::Search { back: false }, "theme mono"),
    ] {
        assert_eq!(theme(purpose, text), None, "{text}");
    }
}

#[test]
fn history_goes_back_and_forth() {
    let mut history = Vec::new();
    for line in ["next", "stop", "next", ""] {
        remember(&mut history, line);
    }
    assert_eq!(history, ["stop", "next"]);
    let mut prompt = Prompt::new(Purpose::Command, &fixture::model(3));
    type_in(&mut prompt, "v o l up", &history);
    assert_eq!(prompt.text, "next");
    type_in(&mut prompt, "up up", &history);
    assert_eq!(prompt.text, "stop");
    type_in(&mut prompt, "down down down", &history);
    assert_eq!(prompt.text, "vol");
}

#[test]
fn every_purpose_has_a_history_of_its_own() {
    let mut history = History::default();
    let purposes = [Purpose::Command, Purpose::Search { back: false }, Purpose::Filter, Purpose::Narrow];
    for (purpose, line) in purposes.iter().zip(["stop", "so what", "genre=jazz", "seek"]) {
        history.remember(*purpose, line);
    }
    let all = purposes.map(|purpose| history.of(purpose).to_vec());
    assert_eq!(all, [["stop"], ["so what"], ["genre=jazz"], ["seek"]]);
    assert_eq!(history.of(Purpose::Search { back: true }), ["so what"], "in both directions");
    history.remember(Purpose::Quit, "quit");
    assert!(history.of(Purpose::Quit).is_empty());
}
