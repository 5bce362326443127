//! `:mood`: a saved signature that is followed at its hours, unless the user chose something else.

use crate::latent::Choice;
use crate::track::TrackId;

use super::super::course::MoodAction;
use super::super::effect::{Effect, MoodOrder, SetOrder};
use super::super::state::model::{Following, Model};
use super::{autoqueue, signature};

/// Carries out what stands behind `:mood`.
pub(super) fn act(model: &mut Model, action: MoodAction, effects: &mut Vec<Effect>) -> Result<(), String> {
    let order = match action {
        MoodAction::List => MoodOrder::List,
        MoodAction::Delete(name) => MoodOrder::Delete(name),
        MoodAction::Set(mood) => {
            if !model.saved_signatures.contains(&mood.name) {
                let name = &mood.name;
                return Err(format!("no signature '{name}'; `:signature save {name}` makes one of the playlist"));
            }
            MoodOrder::Put(mood)
        }
        MoodAction::Off => {
            let left = leave(model, effects).ok_or("no mood is followed now")?;
            model.say(format!("{left} is off until its hours come again"));
            return Ok(());
        }
    };
    effects.push(Effect::Moods(order));
    Ok(())
}

/// Looks whether a mood's hours have begun or ended. What the user chose to follow is left alone, and a mood that the
/// user left stays left until its hours are over.
pub(super) fn tune(model: &mut Model, effects: &mut Vec<Effect>) {
    let (Some(moods), Some(hour)) = (&model.moods.list, model.moods.hour) else { return };
    // Before there are songs there is nothing to follow, and the last session may still say what was.
    if model.catalog.is_empty() || model.waiting.is_some() {
        return;
    }
    let now = moods.iter().find(|m| m.holds(hour)).map(|m| m.name.clone());
    if now == model.moods.current {
        return;
    }
    model.moods.current.clone_from(&now);
    let followed = model.auto.following.as_ref().filter(|f| f.before.is_some());
    if followed.is_some_and(|f| now.as_ref() != Some(&f.name))
        && let Some(left) = leave(model, effects)
    {
        model.say(format!("the hours of {left} are over: the queue follows the playlist again"));
    }
    if let Some(name) = now.filter(|_| model.auto.following.is_none() && model.auto.on) {
        effects.push(Effect::Sets(SetOrder::Mood(name)));
    }
}

/// The signature of a mood was read.
pub(super) fn follow(model: &mut Model, name: &str, members: Vec<TrackId>, choice: Choice, effects: &mut Vec<Effect>) {
    // Meanwhile its hours may be over, or the user may have chosen.
    if model.moods.current.as_deref() != Some(name) || model.auto.following.is_some() {
        return;
    }
    model.say(format!("these are the hours of {name}: the queue follows it; :mood off leaves it"));
    let before = Some(std::mem::replace(&mut model.auto.choice, choice));
    model.auto.following = Some(Following { name: name.to_string(), members, blend: None, before });
    autoqueue::replace(model);
    signature::describe(model, effects);
}

/// Goes back to what was before the mood that is followed; its name.
fn leave(model: &mut Model, effects: &mut Vec<Effect>) -> Option<String> {
    let left = model.auto.following.take_if(|f| f.before.is_some())?;
    model.auto.choice = left.before.unwrap_or_default();
    autoqueue::replace(model);
    signature::describe(model, effects);
    Some(left.name)
}
