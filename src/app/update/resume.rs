//! Resuming the last session's track as soon as the library has its file.

use super::super::effect::Effect;
use super::super::state::bounds::Until;
use super::super::state::deck::Deck;
use super::super::state::model::Model;
use super::{autoqueue, playback, signature, sounding};

/// The effects that load a restored session's track, paused at its position, and set the volume.
pub fn resume(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![sounding::shape(&model.sounds, &model.play)];
    if model.queue.current().is_some() {
        model.play.before = model.queue.played().last().map(|i| i.song.clone());
        take_up(&mut model.deck(), &mut effects);
    }
    let until = model.auto.bounds.resumed;
    effects.extend(until.map(|minute| Effect::Until { minute, asked: Until::Known }));
    let (mut filling, stock) = model.picking();
    autoqueue::refill(&mut filling, stock, &mut effects);
    playback::follow(&mut model.deck(), &mut effects);
    effects.extend(signature::acquaint(model));
    effects
}

/// Loads the current track, paused at its position; if its file is missing, has it searched for first.
pub(super) fn take_up(deck: &mut Deck<'_>, effects: &mut Vec<Effect>) {
    let Some(item) = deck.queue.playing() else { return };
    if item.away {
        deck.play.awaited = Some(item.serial);
        effects.push(playback::prefer(item));
    } else {
        playback::load(deck, deck.play.position, true, effects);
    }
}
