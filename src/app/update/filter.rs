//! The filter of the library's list: asking for the songs that pass.

use super::super::effect::Effect;
use super::super::state::model::Model;

/// Asks for the songs that pass the filter.
pub(in crate::app) fn ask(model: &Model) -> Effect {
    Effect::Filter { text: model.filter.text.clone(), followed: model.anchor(), choice: model.auto.choice.clone() }
}

/// The library, or what is known of its sound, changed: asks again when there is a filter.
pub(in crate::app) fn renew(model: &Model) -> Option<Effect> {
    model.filter.is_set(&model.language).then(|| ask(model))
}
