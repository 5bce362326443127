//! Judgements on picks of the signature engine, derived from the user's actions.

use crate::library::journal::{Event, Verdict};
use crate::queue::{Item, Origin, Queue, SignatureEngine};
use crate::track::TrackId;

use super::super::effect::Effect;
use super::super::state::auto::AutoQueue;
use super::super::state::playback::{Playback, State};

/// The most tracks recorded for the set that was followed.
const AMONG: usize = 24;
/// A pick left before this many seconds were heard counts as skipped.
const SKIP: f64 = 30.0;

/// Records the verdict on a pick, along with a sample of the set that it was picked to fit.
pub(in crate::app) fn judge(auto: &AutoQueue, queue: &Queue, track: TrackId, verdict: Verdict) -> Option<Effect> {
    let set: Vec<TrackId> = auto.anchor(queue).into_iter().filter(|t| *t != track).collect();
    // Without a set to compare it with, nothing can be learned.
    if set.is_empty() {
        return None;
    }
    let step = set.len().div_ceil(AMONG).max(1);
    let among = set.into_iter().step_by(step).collect();
    Some(Effect::Note(Event::Judged { track, verdict, among }))
}

/// The same, but only for items picked because they fit: a step of a course, a track of an album or a plugin's pick
/// says nothing about the weights of the signature's dimensions.
pub(in crate::app) fn judge_pick(auto: &AutoQueue, queue: &Queue, item: &Item, verdict: Verdict) -> Option<Effect> {
    if picked_to_fit(item) { judge(auto, queue, item.song.track, verdict) } else { None }
}

fn picked_to_fit(item: &Item) -> bool {
    match &item.origin {
        Origin::Auto(why) => why.engine == SignatureEngine::NAME && why.step.is_none(),
        Origin::Hand => false,
    }
}

/// The user moves on to the next track: a pick that had only just begun counts as skipped. Call before leaving it.
pub(in crate::app) fn passed_over(auto: &AutoQueue, queue: &Queue, play: &Playback) -> Option<Effect> {
    let item = queue.playing().filter(|item| picked_to_fit(item))?;
    let (heard, length) = (play.heard, play.length(queue));
    // A track past its middle, even by seeking, was not rejected.
    let past_half = length > 0.0 && heard.max(play.position) > 0.5 * length;
    let skipped = play.state == State::Playing && heard > 0.0 && heard < SKIP && !past_half;
    if skipped { judge(auto, queue, item.song.track, Verdict::Skipped) } else { None }
}

/// A pick played to its end: a verdict only if `most` of it, more than half, was heard. Of any other automatic track it
/// is told that the user did not choose it.
pub(in crate::app) fn heard(auto: &AutoQueue, queue: &Queue, item: &Item, most: bool) -> Option<Effect> {
    if item.origin == Origin::Hand {
        return None;
    }
    let judged = if most { judge_pick(auto, queue, item, Verdict::Heard) } else { None };
    let track = item.song.track;
    judged.or(Some(Effect::Note(Event::Judged { track, verdict: Verdict::Heard, among: Vec::new() })))
}

/// How many of these effects write a judgement of taste into the journal.
pub(in crate::app) fn judgements(effects: &[Effect]) -> usize {
    let is_one = |effect: &Effect| matches!(effect, Effect::Note(event) if event.is_of_taste());
    effects.iter().filter(|e| if let Effect::For { effect, .. } = e { is_one(effect) } else { is_one(e) }).count()
}
