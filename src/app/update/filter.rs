//! Which songs the library shows.

use std::sync::Arc;

use crate::library::{Catalog, fuzzy};

use super::super::effect::Effect;
use super::super::state::model::{Filter, Model};

/// Shows only what passes a filter; an empty one shows all. What is wrong with it changes nothing but the fault.
pub(super) fn set(model: &mut Model, text: &str, effects: &mut Vec<Effect>) {
    let text = text.trim();
    if text.is_empty() {
        model.filter = Filter::default();
        return;
    }
    (model.filter.text, model.filter.fault) = (text.to_owned(), None);
    if fuzzy::typed(text).is_some() {
        return ask(model, effects);
    }
    match model.language.parse(text) {
        Ok(_) => ask(model, effects),
        Err(fault) => model.filter.fault = Some(fault.to_string()),
    }
}

/// Takes an answer in, unless something else was asked for since.
pub(super) fn found(model: &mut Model, text: &str, found: Result<Arc<Catalog>, String>) {
    if model.filter.text != text {
        return;
    }
    match found {
        Ok(shown) => (model.filter.shown, model.filter.fault) = (Some(shown), None),
        Err(why) => {
            // The place is shown where the filter is typed.
            let first = why.lines().next().unwrap_or_default().to_owned();
            if model.filter.fault.as_ref() != Some(&first) {
                model.complain(&first);
            }
            model.filter.fault = Some(first);
        }
    }
}

/// The library or what was heard of it changed: what passes is to be found anew.
pub(super) fn renew(model: &Model, effects: &mut Vec<Effect>) {
    let text = &model.filter.text;
    if !text.is_empty() && (fuzzy::typed(text).is_some() || model.language.parse(text).is_ok()) {
        ask(model, effects);
    }
}

fn ask(model: &Model, effects: &mut Vec<Effect>) {
    let (text, followed, choice) = (model.filter.text.clone(), model.anchor(), model.auto.choice.clone());
    effects.push(Effect::Filter { text, followed, choice });
}
