//! The filter of the library's list: requesting the songs that pass.

use crate::queue::Queue;

use super::super::effect::Effect;
use super::super::state::auto::AutoQueue;
use super::super::state::filter::Filter;
use super::super::state::model::Model;

/// The effect that finds the songs that pass the filter.
pub(in crate::app) fn ask(filter: &Filter, auto: &AutoQueue, queue: &Queue) -> Effect {
    Effect::Filter { text: filter.text.clone(), followed: auto.anchor(queue), choice: auto.choice.clone() }
}

/// The library or its analysis changed: searches again if there is a filter.
pub(in crate::app) fn renew(model: &Model) -> Option<Effect> {
    model.filter.is_set(&model.language).then(|| ask(&model.filter, &model.auto, &model.queue))
}
