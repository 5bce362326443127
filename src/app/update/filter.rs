//! The filter of the library's list: requesting the songs that pass, and what a question was understood to mean.

use crate::notice::Kind;
use crate::queue::Queue;

use super::super::effect::Effect;
use super::super::state::auto::AutoQueue;
use super::super::state::filter::Filter;
use super::super::state::model::Model;
use super::signature::told;

/// The effect that finds the songs that pass the filter.
pub(in crate::app) fn ask(filter: &Filter, auto: &AutoQueue, queue: &Queue) -> Effect {
    Effect::Filter { text: filter.text.clone(), followed: auto.anchor(queue), choice: auto.choice.clone() }
}

/// The library or its analysis changed: searches again if there is a filter.
pub(in crate::app) fn renew(model: &Model) -> Option<Effect> {
    model.filter.is_set(&model.language).then(|| ask(&model.filter, &model.auto, &model.queue))
}

/// Takes what a question was understood to mean. Its songs are shown already; the explanation is kept for `:answer`.
/// `notes`: the parts that were not understood.
pub(super) fn explained(model: &mut Model, title: &str, lines: &[String], notes: &[String]) {
    let (title, lines) = told(title, lines, &mut Vec::new());
    // A client gets all of it at once.
    let notes: Vec<String> = notes.iter().map(|note| crate::text::sanitize(note)).collect();
    model.outcomes.list(&[&lines[..], &notes[..]].concat());
    let first = lines.first().cloned().unwrap_or_default();
    model.told = Some((title, lines));
    match notes.is_empty() {
        true => model.notify(Kind::Hint, format!("{first}; :answer says why")),
        false => model.notify(Kind::Obstacle, notes.join("; ")),
    }
}
