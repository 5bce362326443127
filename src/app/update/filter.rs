//! The filter of the library's list: asking for the songs that pass.

use crate::queue::Queue;

use super::super::effect::Effect;
use super::super::state::auto::AutoQueue;
use super::super::state::filter::Filter;
use super::super::state::model::Model;

/// Asks for the songs that pass the filter.
pub(in crate::app) fn ask(filter: &Filter, auto: &AutoQueue, queue: &Queue) -> Effect {
    Effect::Filter { text: filter.text.clone(), followed: auto.anchor(queue), choice: auto.choice.clone() }
}

/// The library, or what is known of its sound, changed: asks again when there is a filter.
pub(in crate::app) fn renew(model: &Model) -> Option<Effect> {
    model.filter.is_set(&model.language).then(|| ask(&model.filter, &model.auto, &model.queue))
}
