//! `:taste`, and what the user's doings say of the tracks that engines chose.

use crate::library::journal::{Event, Verdict};
use crate::queue::{Item, Origin, SignatureEngine};
use crate::track::TrackId;

use super::super::effect::Effect;
use super::super::state::model::{Model, State};
use super::super::taste::TasteAction;
use super::autoqueue;

/// The most tracks that stand for the set that was followed.
const AMONG: usize = 24;
/// A track that was left before so many seconds were heard was turned away.
const SKIP: f64 = 30.0;

/// Carries out what `:taste` asks for.
pub(super) fn act(model: &mut Model, action: &TasteAction, effects: &mut Vec<Effect>) {
    match action {
        TasteAction::Show => effects.push(Effect::Taste),
        TasteAction::Switch(on) => {
            model.auto.taste = *on;
            model.say(if *on { "your taste counts" } else { "your taste does not count; :taste on lets it" });
            autoqueue::replace(model);
        }
        // What was taken back is said by whoever knows it.
        TasteAction::Undo => {
            effects.push(Effect::Note(Event::TasteUndone));
            autoqueue::replace(model);
        }
        TasteAction::Reset => {
            effects.push(Effect::Note(Event::TasteReset));
            model.say("your taste is learned anew from now on; :taste undo takes that back");
            autoqueue::replace(model);
        }
    }
}

/// Notes what became of a track that an engine had chosen, beside what it was chosen to fit.
pub(in crate::app) fn judge(model: &Model, track: TrackId, verdict: Verdict, effects: &mut Vec<Effect>) {
    let set: Vec<TrackId> = model.anchor().into_iter().filter(|t| *t != track).collect();
    // Nothing is learned without knowing what it should have been like.
    if set.is_empty() {
        return;
    }
    let step = set.len().div_ceil(AMONG).max(1);
    let among = set.into_iter().step_by(step).collect();
    effects.push(Effect::Note(Event::Judged { track, verdict, among }));
}

/// The same of an item that was picked because it fits: a step of a journey, a track of an album or what a plugin chose
/// says nothing of how well the signature's dimensions weigh.
pub(super) fn judge_pick(model: &Model, item: &Item, verdict: Verdict, effects: &mut Vec<Effect>) {
    if picked_to_fit(item) {
        judge(model, item.song.track, verdict, effects);
    }
}

fn picked_to_fit(item: &Item) -> bool {
    match &item.origin {
        Origin::Auto(why) => why.engine == SignatureEngine::NAME && why.step.is_none(),
        Origin::Hand => false,
    }
}

/// The user goes on to the next track: a chosen one that had hardly begun was turned away. Call before leaving it.
pub(super) fn passed_over(model: &Model, effects: &mut Vec<Effect>) {
    let Some(item) = model.queue.playing().filter(|item| picked_to_fit(item)) else { return };
    let (heard, length) = (model.play.heard, model.duration());
    // What was heard or jumped over for the greater part was not turned away for its beginning.
    let begun = length > 0.0 && heard.max(model.play.position) > 0.5 * length;
    if model.play.state == State::Playing && heard > 0.0 && heard < SKIP && !begun {
        judge(model, item.song.track, Verdict::Skipped, effects);
    }
}

/// A chosen track came to its end after so many seconds; most of it must have been heard for that to say anything.
pub(super) fn heard(model: &Model, item: &Item, secs: f64, effects: &mut Vec<Effect>) {
    if secs > 0.5 * model.duration() {
        judge_pick(model, item, Verdict::Heard, effects);
    }
}
