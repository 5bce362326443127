//! The trial: asks what it would bring whenever it or the session changed, takes the answers, lets it count.

use crate::ask::trial::Tried;
use crate::latent::{Choice, Names};
use crate::queue::Queue;

use super::super::effect::{Effect, Trying};
use super::super::outcomes::Outcomes;
use super::super::refusal::Refusal;
use super::super::sets::Whom;
use super::super::state::auto::{AutoQueue, Following};
use super::super::state::filling::{Filling, Stock};
use super::super::state::trial::{About, Trial};
use super::autoqueue::outlook;
use super::signature;

/// Why there is nothing to try.
const NOTHING: &str = "nothing is chosen yet: play a track or add one to the queue";

/// Asks again what the trial would bring, if it is on the screen or was changed and anything that it depends on has
/// changed. The answer to an older request is dropped when it comes.
pub(in crate::app) fn renew(trial: &mut Trial, filling: &mut Filling<'_>, stock: Stock<'_>, effects: &mut Vec<Effect>) {
    let unasked = trial.asked.as_ref().map_or(trial.changes > 0, |of| of.changes != trial.changes);
    // Until the store is open nothing is known of any track.
    if !stock.opened || !(trial.seen || unasked) {
        return;
    }
    let about = about(trial.changes, filling, stock);
    if trial.asked.as_ref() == Some(&about) {
        return;
    }
    trial.asked = Some(about);
    let playlist = match trial.whom {
        Whom::Followed => filling.auto.anchor(filling.queue),
        Whom::Queue => filling.queue.playlist(),
        Whom::Set(_) | Whom::Playlist(_) => Vec::new(),
    };
    let (mut situation, want) = outlook(filling, stock, playlist);
    let looked_up = matches!(trial.whom, Whom::Set(_) | Whom::Playlist(_));
    if trial.whom != Whom::Followed {
        situation.blend = None;
    }
    trial.request += 1;
    if situation.playlist.is_empty() && !looked_up {
        (trial.answered, trial.tried, trial.confidence) = (trial.request, None, None);
        trial.fault = Some(NOTHING.into());
        return;
    }
    let (own, auto) = (looked_up && trial.edits.is_none(), &*filling.auto);
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

/// All that the answer depends on. `changes`: how often the user changed the trial.
fn about(changes: u64, filling: &mut Filling<'_>, stock: Stock<'_>) -> About {
    let chosen = filling.queue.chosen();
    let (auto, latents) = (&filling.auto, stock.progress.latents);
    About {
        changes,
        chosen,
        following: auto.following.as_ref().map(|f| (f.name.clone(), f.members.len())),
        course: auto.course.map(|course| course.number),
        choice: auto.choice.clone(),
        playing: filling.queue.playing().map(|item| item.song.track),
        engine: auto.engine.clone(),
        taste: auto.taste,
        refused: auto.unwanted.tracks.len() + auto.unwanted.artists.len(),
        limits: auto.bounds.changes,
        songs: stock.catalog.len(),
        // In steps of a twentieth.
        latents: latents - latents % (latents / 20).max(1),
    }
}

/// Takes an answer, unless a newer request was made. Returns what could not be compared. That a set which was asked for
/// is not found is told to the client that asked.
pub(super) fn tried(
    trial: &mut Trial,
    outcomes: &mut Outcomes,
    request: u64,
    tried: Result<Box<Tried>, String>,
) -> Option<String> {
    if request != trial.request {
        return None;
    }
    (trial.answered, trial.confidence) = (request, None);
    match tried {
        Ok(tried) => {
            let failed = tried.note.clone().filter(|_| trial.beside.is_some() && tried.beside.is_none());
            (trial.tried, trial.fault) = (Some(tried), None);
            if failed.is_some() {
                // Nothing of the comparison is seen. It is not tried again with every track.
                trial.beside = None;
            }
            failed
        }
        Err(why) => {
            if trial.whom != Whom::Followed {
                outcomes.complain(&why);
            }
            (trial.tried, trial.fault) = (None, Some(why));
            None
        }
    }
}

/// Takes how far the newest answer is to be trusted.
pub(super) fn trusted(trial: &mut Trial, request: u64, confidence: Option<f64>) {
    if request == trial.request {
        trial.confidence = confidence;
    }
}

/// Lets the trial count: the queue goes by its set and its choice from now on. Returns the notice.
///
/// # Errors
/// Nothing is tried, or the tracks of the set are not known.
pub(in crate::app) fn keep(
    trial: &mut Trial,
    auto: &mut AutoQueue,
    queue: &Queue,
    names: &Names,
    effects: &mut Vec<Effect>,
) -> Result<String, Refusal> {
    if !trial.changed() {
        return Err(Refusal::NothingTo(
            "nothing is tried: space uses or drops a dimension, :signature-of looks at another set",
        ));
    }
    let choice = trial.choice(auto);
    let following = match &trial.whom {
        Whom::Followed => auto.following.clone(),
        Whom::Queue => None,
        Whom::Set(_) | Whom::Playlist(_) => {
            let waits = trial.waits();
            let why = trial.fault.clone().map_or("its tracks are still being looked up".into(), Into::into);
            let tried = trial.tried.as_ref().filter(|tried| !waits && !tried.tracks.is_empty());
            let tried = tried.ok_or(Refusal::NotYet(why))?;
            Some(Following { name: tried.label.clone(), members: tried.tracks.clone(), ..Following::default() })
        }
    };
    let told = match &choice {
        Choice::Auto => "what the tracks agree on".to_string(),
        choice => names.told(choice),
    };
    let said = match following.as_ref().filter(|_| trial.whom != Whom::Followed) {
        Some(following) => format!("the queue follows {}, by {told}; :signature auto goes back", following.name),
        None => format!("the queue goes by {told}"),
    };
    auto.following = following;
    auto.adopt(choice);
    trial.give_up();
    effects.push(signature::describe(auto, queue));
    Ok(said)
}
