//! Commands from outside: which effects their askers wait for.

use crate::audio::Command;
use crate::library::journal::Event;

use super::super::effect::Effect;
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

/// Whether the worker that carries an effect out ends with [`Msg::Ended`](super::super::Msg::Ended).
fn answered(effect: &Effect) -> bool {
    match effect {
        Effect::Sets(_)
        | Effect::Smart { .. }
        | Effect::Playlist { .. }
        | Effect::Filter { .. }
        | Effect::Explain(_)
        | Effect::Words(_)
        | Effect::Rename { .. }
        | Effect::Duplicates
        | Effect::Taste
        | Effect::Playlists(_)
        | Effect::Moods(_)
        | Effect::Theme(_)
        | Effect::Screen(_) => true,
        // Whether there is something to take back is known where the journal is.
        Effect::Note(event) => *event == Event::TasteUndone,
        _ => false,
    }
}
