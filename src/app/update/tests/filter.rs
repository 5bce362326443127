//! The library's filter.

use super::*;
use crate::ask::error::SearchError;

fn asked(effects: &[Effect]) -> Option<&str> {
    effects.iter().find_map(|e| match e {
        Effect::Filter { text, .. } => Some(text.as_str()),
        _ => None,
    })
}

fn answer(model: &mut Model, text: &str, songs: usize) {
    let found = Arc::new(model.catalog.subset(|i, _| i < songs));
    update(model, Msg::Filtered { text: text.into(), found: Ok(found), hint: None });
}

#[test]
fn only_the_answer_to_the_last_letter_counts() {
    let mut model = fixture::model(40);
    assert_eq!(asked(&update(&mut model, Msg::Filter("ab".into()))), Some("ab"));
    assert_eq!(asked(&update(&mut model, Msg::Filter("abc".into()))), Some("abc"));
    answer(&mut model, "ab", 30);
    assert_eq!(model.shown().len(), 40, "an older answer");
    answer(&mut model, "abc", 3);
    assert_eq!((model.shown().len(), model.catalog.len()), (3, 40));
    // A new catalog asks again, and shows the old answer until the new one is there.
    let catalog = fixture::catalog(50);
    assert_eq!(asked(&update(&mut model, Msg::Catalog(catalog))), Some("abc"));
    assert_eq!(model.shown().len(), 3);
    assert_eq!(asked(&update(&mut model, Msg::Heard)), Some("abc"), "it may be about the sound");
    assert_eq!(asked(&give(&mut model, "filter", &[])), None);
    assert_eq!(model.shown().len(), 50);
    assert_eq!(asked(&update(&mut model, Msg::Heard)), None);
}

#[test]
fn a_fault_keeps_what_was_shown() {
    let mut model = fixture::model(40);
    give(&mut model, "filter ~a nina", &[]);
    answer(&mut model, "~a nina", 5);
    assert_eq!(asked(&give(&mut model, "filter yeer=3", &[])), None);
    let notice = model.notice.as_ref().unwrap();
    assert_eq!(notice.text, "no field 'yeer'; did you mean year? (at character 1)");
    assert_eq!(model.shown().len(), 5);
    update(&mut model, Msg::Filter("like(x)".into()));
    let found = Err(SearchError::Filter(model.language.parse("genree=x").unwrap_err()));
    update(&mut model, Msg::Filtered { text: "like(x)".into(), found, hint: None });
    let said = &model.notice.as_ref().unwrap().text;
    assert!(said.starts_with("no field 'genree'") && !said.contains('\n'), "{said}");
    // What is shown keeps its own name.
    assert_eq!((model.shown().len(), model.filter.passed.as_str()), (5, "~a nina"));
}

#[test]
fn a_hint_is_told_once_for_each_filter_that_was_entered() {
    let mut model = fixture::model(40);
    let hint = "no genre is exactly 'rock'; genre~rock would find 3 (Hard Rock)";
    let none = |model: &mut Model| {
        let nothing = Arc::new(model.catalog.subset(|_, _| false));
        update(model, Msg::Filtered { text: "genre=rock".into(), found: Ok(nothing), hint: Some(hint.into()) });
    };
    update(&mut model, Msg::Filter("genre=rock".into()));
    none(&mut model);
    assert!(model.notice.is_none(), "while it is typed the line itself says so");
    assert_eq!(model.filter.hint.as_deref(), Some(hint));
    give(&mut model, "filter genre=rock", &[]);
    assert_eq!(model.filter.hint, None, "until the answer is there");
    none(&mut model);
    let told = model.notice.take().unwrap();
    assert_eq!((told.kind, told.text.as_str()), (Kind::Hint, hint));
    // The library changes, and the same filter is asked for again.
    update(&mut model, Msg::Heard);
    none(&mut model);
    assert!(model.notice.is_none());
    give(&mut model, "filter", &[]);
    assert_eq!(model.filter.hint, None);
}
