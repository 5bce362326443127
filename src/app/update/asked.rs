//! Commands from the control socket: which effects their askers wait for.

use crate::audio::Command;
use crate::library::journal::Event;

use super::super::effect::{Effect, TrainOrder};
use super::super::outcomes::{Asker, Outcomes};

/// Marks the effects whose outcome the asker waits for.
pub(super) fn wrap(outcomes: &mut Outcomes, asker: Asker, effects: Vec<Effect>) -> Vec<Effect> {
    let wrapped = |effect: Effect| {
        if effect == Effect::Player(Command::Devices) {
            outcomes.await_outputs(asker);
        } else if answered(&effect) {
            outcomes.wait(asker);
            return Effect::For { asker, effect: Box::new(effect) };
        }
        effect
    };
    effects.into_iter().map(wrapped).collect()
}

/// Whether the worker that carries an effect out sends [`Msg::Ended`](super::super::Msg::Ended) at the end.
fn answered(effect: &Effect) -> bool {
    match effect {
        Effect::Sets(_)
        | Effect::Try(_)
        | Effect::Smart { .. }
        | Effect::Expand(_)
        | Effect::Rediscover(_)
        | Effect::Mix(_)
        | Effect::Playlist { .. }
        | Effect::Filter { .. }
        | Effect::Explain(_)
        | Effect::Words(_)
        | Effect::Rename { .. }
        | Effect::Cards
        | Effect::Duplicates
        | Effect::Taste
        | Effect::Until { .. }
        | Effect::Playlists(_)
        | Effect::Moods(_)
        | Effect::Signatures(_)
        | Effect::Theme(_)
        | Effect::Screen(_) => true,
        Effect::Train(order) => !matches!(order, TrainOrder::Watch(_)),
        // Only the diary thread, which owns the journal, knows whether there is something to undo.
        Effect::Note(event) => *event == Event::TasteUndone,
        _ => false,
    }
}
