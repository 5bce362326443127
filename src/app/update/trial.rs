//! The trial: asks what it would bring whenever it or the session changed, takes the answers, lets it count.

use crate::ask::trial::Tried;
use crate::latent::Choice;

use super::super::effect::{Effect, Trying};
use super::super::sets::Whom;
use super::super::state::auto::Following;
use super::super::state::model::Model;
use super::super::state::trial::About;
use super::autoqueue::outlook;
use super::signature;

/// Why there is nothing to try.
const NOTHING: &str = "nothing is chosen yet: play a track or add one to the queue";

/// Asks again what the trial would bring, if it is on the screen or was changed and anything that it depends on has
/// changed. The answer to an older request is dropped when it comes.
pub(in crate::app) fn renew(model: &mut Model, effects: &mut Vec<Effect>) {
    let unasked = model.trial.asked.as_ref().map_or(model.trial.changes > 0, |of| of.changes != model.trial.changes);
    // Until the store is open nothing is known of any track.
    if !model.opened || !(model.trial.seen || unasked) {
        return;
    }
    let about = about(model);
    if model.trial.asked.as_ref() == Some(&about) {
        return;
    }
    model.trial.asked = Some(about);
    let playlist = match model.trial.whom {
        Whom::Followed => model.anchor(),
        Whom::Queue => model.queue.playlist(),
        Whom::Set(_) | Whom::Playlist(_) => Vec::new(),
    };
    let (filling, stock) = model.picking();
    let (mut situation, want) = outlook(&filling, stock, playlist);
    let looked_up = matches!(model.trial.whom, Whom::Set(_) | Whom::Playlist(_));
    if model.trial.whom != Whom::Followed {
        situation.blend = None;
    }
    let (trial, auto) = (&mut model.trial, &model.auto);
    trial.request += 1;
    if situation.playlist.is_empty() && !looked_up {
        (trial.answered, trial.tried, trial.confidence) = (trial.request, None, None);
        trial.fault = Some(NOTHING.into());
        return;
    }
    let own = looked_up && trial.edits.is_none();
    effects.push(Effect::Try(Box::new(Trying {
        request: trial.request,
        whom: trial.whom.clone(),
        beside: trial.beside.clone(),
        engine: auto.engine.clone(),
        situation,
        choice: (!own).then(|| trial.choice(auto)),
        want,
        number: auto.request + 1,
    })));
}

fn about(model: &mut Model) -> About {
    let chosen = model.queue.chosen();
    let (auto, latents) = (&model.auto, model.progress.latents);
    About {
        changes: model.trial.changes,
        chosen,
        following: auto.following.as_ref().map(|f| (f.name.clone(), f.members.len())),
        course: auto.course.map(|course| course.number),
        choice: auto.choice.clone(),
        playing: model.queue.playing().map(|item| item.song.track),
        engine: auto.engine.clone(),
        taste: auto.taste,
        refused: auto.unwanted.tracks.len() + auto.unwanted.artists.len(),
        limits: auto.bounds.changes,
        songs: model.catalog.len(),
        // In steps of a twentieth.
        latents: latents - latents % (latents / 20).max(1),
    }
}

/// Takes an answer, unless a newer request was made.
pub(super) fn tried(model: &mut Model, request: u64, tried: Result<Box<Tried>, String>) {
    let trial = &mut model.trial;
    if request != trial.request {
        return;
    }
    (trial.answered, trial.confidence) = (request, None);
    match tried {
        Ok(tried) => {
            let failed = tried.note.clone().filter(|_| trial.beside.is_some() && tried.beside.is_none());
            (trial.tried, trial.fault) = (Some(tried), None);
            if let Some(why) = failed {
                // Nothing of the comparison is seen. It is not tried again with every track.
                trial.beside = None;
                model.complain(why);
            }
        }
        Err(why) => {
            if trial.whom != Whom::Followed {
                model.outcomes.complain(&why);
            }
            (trial.tried, trial.fault) = (None, Some(why));
        }
    }
}

/// Takes how far the newest answer is to be trusted.
pub(super) fn trusted(model: &mut Model, request: u64, confidence: Option<f64>) {
    if request == model.trial.request {
        model.trial.confidence = confidence;
    }
}

/// Lets the trial count: the queue goes by its set and its choice from now on. Returns the notice.
///
/// # Errors
/// Nothing is tried, or the tracks of the set are not known.
pub(in crate::app) fn keep(model: &mut Model, effects: &mut Vec<Effect>) -> Result<String, String> {
    if !model.trial.changed() {
        return Err("nothing is tried: space uses or drops a dimension, :signature-of looks at another set".into());
    }
    let choice = model.trial.choice(&model.auto);
    let following = match &model.trial.whom {
        Whom::Followed => model.auto.following.clone(),
        Whom::Queue => None,
        Whom::Set(_) | Whom::Playlist(_) => {
            let waits = model.trial.waits();
            let why = model.trial.fault.clone().unwrap_or_else(|| "its tracks are still being looked up".into());
            let tried = model.trial.tried.as_ref().filter(|tried| !waits && !tried.tracks.is_empty()).ok_or(why)?;
            Some(Following { name: tried.label.clone(), members: tried.tracks.clone(), ..Following::default() })
        }
    };
    let told = match &choice {
        Choice::Auto => "what the tracks agree on".to_string(),
        choice => model.names.told(choice),
    };
    let said = match following.as_ref().filter(|_| model.trial.whom != Whom::Followed) {
        Some(following) => format!("the queue follows {}, by {told}; :signature auto goes back", following.name),
        None => format!("the queue goes by {told}"),
    };
    model.auto.following = following;
    model.auto.adopt(choice);
    model.trial.give_up();
    effects.push(signature::describe(&model.auto, &model.queue));
    Ok(said)
}
