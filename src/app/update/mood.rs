//! Moods: saved signatures that are followed during their hours, unless the user chose something else.

use crate::latent::Choice;
use crate::queue::Queue;
use crate::track::TrackId;

use super::super::effect::{Effect, SetOrder};
use super::super::state::auto::{AutoQueue, Following};
use super::super::state::moods::MoodClock;
use super::signature;

/// Switches to the mood of the new hour, or to none. What the user chose to follow is not changed, and a mood that the
/// user left is not followed again during the same hours. Returns the notice.
pub(in crate::app) fn tune(
    auto: &mut AutoQueue,
    queue: &Queue,
    moods: &MoodClock,
    effects: &mut Vec<Effect>,
) -> Option<String> {
    let now = &moods.current;
    let followed = auto.following.as_ref().filter(|f| f.before.is_some());
    let over = followed.is_some_and(|f| now.as_ref() != Some(&f.name));
    let left = if over { leave(auto, queue, effects) } else { None };
    if let Some(name) = now.clone().filter(|_| auto.following.is_none() && auto.on) {
        effects.push(Effect::Sets(SetOrder::Mood(name)));
    }
    left.map(|left| format!("the hours of {left} are over: the queue follows the playlist again"))
}

/// Follows a mood whose signature was loaded, unless its hours are over or the user chose something else meanwhile.
/// Returns the notice.
pub(in crate::app) fn follow(
    auto: &mut AutoQueue,
    moods: &MoodClock,
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

/// Stops following the current mood and restores the choice of dimensions before it. Returns the mood's name.
pub(in crate::app) fn leave(auto: &mut AutoQueue, queue: &Queue, effects: &mut Vec<Effect>) -> Option<String> {
    let left = auto.following.take_if(|f| f.before.is_some())?;
    auto.choice = left.before.unwrap_or_default();
    auto.replace();
    effects.push(signature::describe(auto, queue));
    Some(left.name)
}
