//! The signature that the queue follows, and answers of several lines.

use crate::latent::Choice;
use crate::queue::Queue;
use crate::track::TrackId;

use super::super::commands::screen::ScreenAction;
use super::super::effect::Effect;
use super::super::state::auto::{AutoQueue, Following};
use super::super::state::model::Model;
use super::meant::count;

/// Follows a saved signature that was loaded. Returns the notice.
pub(in crate::app) fn follow(auto: &mut AutoQueue, name: &str, members: Vec<TrackId>, choice: Choice) -> String {
    let name = crate::text::sanitize(name);
    let said = format!("the queue follows {name} ({}); :signature auto goes back", count(members.len(), "track"));
    auto.following = Some(Following { name, members, ..Following::default() });
    auto.choice = choice;
    auto.replace();
    said
}

/// A saved signature has another name now, which the queue goes on to follow.
pub(in crate::app) fn renamed(auto: &mut AutoQueue, from: &str, to: &str) {
    if let Some(following) = auto.following.as_mut().filter(|f| f.blend.is_none() && f.name == from) {
        to.clone_into(&mut following.name);
    }
}

/// Shows an answer of several lines. Returns its title and lines, sanitised.
pub(in crate::app) fn told(title: &str, lines: &[String], effects: &mut Vec<Effect>) -> (String, Vec<String>) {
    let safe = |text: &str| {
        // Sanitising would collapse the runs of spaces that align columns.
        text.split(' ').map(crate::text::sanitize).collect::<Vec<_>>().join(" ")
    };
    effects.push(Effect::Screen(ScreenAction::Answer));
    (safe(title), lines.iter().map(|line| safe(line)).collect())
}

/// Asks for the signature, and with it for how well every track fits, where neither has been told: a restored queue that
/// is full needs no picks, which would bring them. Asks again when a round of listening has ended and there are tracks
/// that were new in it; not for each of them, as every answer costs a scan of the library.
pub(super) fn acquaint(model: &Model) -> Option<Effect> {
    let known = |track: &TrackId| model.space.row(*track).is_some();
    let outdated = !model.progress.is_growing() && !model.fits.are_of(&model.space);
    let wanted = (model.fits.is_empty() || outdated) && model.anchor().iter().any(known);
    wanted.then(|| describe(&model.auto, &model.queue))
}

/// The effect that describes the signature that is followed.
pub(in crate::app) fn describe(auto: &AutoQueue, queue: &Queue) -> Effect {
    Effect::Signature { playlist: auto.anchor(queue), choice: auto.choice.clone() }
}
