//! Moods: a saved signature that is followed at its hours, unless the user chose something else.

use crate::latent::Choice;
use crate::queue::Queue;
use crate::track::TrackId;

use super::super::effect::{Effect, SetOrder};
use super::super::state::auto::{AutoQueue, Following};
use super::super::state::model::{Model, Moods};
use super::signature;

/// Checks whether a mood's hours have begun or ended. What the user chose to follow is left alone, and a mood that the
/// user left stays left until its hours are over.
pub(in crate::app) fn tune(model: &mut Model, effects: &mut Vec<Effect>) {
    // Without songs there is nothing to follow, and the last session may still say what was followed.
    if model.catalog.is_empty() || model.waiting.is_some() || !model.moods.turn() {
        return;
    }
    let now = model.moods.current.clone();
    let followed = model.auto.following.as_ref().filter(|f| f.before.is_some());
    if followed.is_some_and(|f| now.as_ref() != Some(&f.name))
        && let Some(left) = leave(&mut model.auto, &model.queue, effects)
    {
        model.say(format!("the hours of {left} are over: the queue follows the playlist again"));
    }
    if let Some(name) = now.filter(|_| model.auto.following.is_none() && model.auto.on) {
        effects.push(Effect::Sets(SetOrder::Mood(name)));
    }
}

/// The signature of a mood was read, and is followed from now on unless its hours are over or the user chose something
/// else meanwhile. What to say.
pub(in crate::app) fn follow(
    auto: &mut AutoQueue,
    moods: &Moods,
    name: String,
    members: Vec<TrackId>,
    choice: Choice,
) -> Option<String> {
    if moods.current.as_ref() != Some(&name) || auto.following.is_some() {
        return None;
    }
    let said = format!("these are the hours of {name}: the queue follows it; :mood off leaves it");
    let before = Some(std::mem::replace(&mut auto.choice, choice));
    auto.following = Some(Following { name, members, blend: None, before });
    auto.replace();
    Some(said)
}

/// Leaves the mood that is followed and goes back to the choice of dimensions before it; its name.
pub(in crate::app) fn leave(auto: &mut AutoQueue, queue: &Queue, effects: &mut Vec<Effect>) -> Option<String> {
    let left = auto.following.take_if(|f| f.before.is_some())?;
    auto.choice = left.before.unwrap_or_default();
    auto.replace();
    effects.push(signature::describe(auto, queue));
    Some(left.name)
}
