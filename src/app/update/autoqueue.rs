//! Automatic filling of the queue: asking an engine for picks, and queueing them.

use crate::queue::{Item, Origin, Proposal, Repeat, Way};

use super::super::effect::Effect;
use super::super::state::auto::Renewal;
use super::super::state::model::Model;
use crate::queue::Situation;

/// Asks an engine for picks when too few items are ahead: one request at a time, and after an answer with too few picks
/// only once more songs or latents are known.
pub(super) fn refill(model: &mut Model, effects: &mut Vec<Effect>) {
    let (auto, queue) = (&mut model.auto, &mut model.queue);
    // A repeating queue needs nothing new, and before the store is open no latents are known.
    if !model.opened || !auto.on || auto.pending.is_some() || model.order.modes.repeat == Repeat::All {
        return;
    }
    let stale = auto.renewal != Renewal::No;
    // Automatic items that are about to be replaced do not count.
    let hands = || queue.ahead().iter().filter(|i| i.origin == Origin::Hand);
    let ahead = if stale { hands().count() } else { standing(queue.ahead(), model.play.starved) };
    let exhausted =
        auto.short.is_some_and(|(songs, latents)| model.catalog.len() <= songs && model.progress.latents <= latents);
    if !stale && (ahead >= auto.refill || exhausted) {
        return;
    }
    if auto.ahead <= ahead {
        // The user added so many that there is no room for picks.
        if std::mem::take(&mut auto.renewal) != Renewal::No {
            queue.clear_auto();
        }
        return;
    }
    let mut course = auto.course;
    if stale && let Some(course) = &mut course {
        course.rewind();
    }
    let mut playlist = auto.anchor(queue);
    if let Some(Way::Journey { from, .. }) = course.map(|c| c.way).filter(|_| playlist.is_empty()) {
        // A journey can start without a playlist.
        playlist.push(from);
    }
    if playlist.is_empty() {
        return;
    }
    let situation = Situation {
        playlist,
        playing: queue.playing().map(|i| i.song.track),
        ahead: queue.ahead().iter().filter(|i| !stale || i.origin == Origin::Hand).map(|i| i.song.track).collect(),
        heard: model.heard.clone(),
        refused: auto.unwanted.tracks.clone(),
        artists_off: auto.unwanted.artists.iter().map(|(artist, _)| artist.clone()).collect(),
        course,
        blend: auto.following.as_ref().and_then(|f| f.blend.clone()),
        taste: auto.taste,
    };
    auto.request += 1;
    auto.pending = Some((auto.request, model.now));
    effects.push(Effect::Propose {
        request: auto.request,
        engine: auto.engine.clone(),
        situation,
        choice: auto.choice.clone(),
        want: auto.ahead - ahead,
    });
}

/// The number of items ahead. Those whose files are missing count as well, since they may appear in a moment, unless
/// playback has stopped for lack of others.
fn standing(ahead: &[Item], starved: bool) -> usize {
    if starved { ahead.iter().filter(|i| !i.away).count() } else { ahead.len() }
}

/// Takes the picks of a request. Returns whether items were added.
pub(super) fn picks(model: &mut Model, request: u64, picks: Vec<Proposal>, note: Option<String>) -> bool {
    model.outcomes.picks_came(request, note.as_deref());
    // The answer to a withdrawn request is dropped.
    if model.auto.pending.take_if(|(number, _)| *number == request).is_none() {
        return false;
    }
    if let Some(note) = note {
        model.say(note);
    }
    let (auto, queue) = (&mut model.auto, &mut model.queue);
    let renewal = std::mem::take(&mut auto.renewal);
    let stale = renewal != Renewal::No;
    if stale && let Some(course) = &mut auto.course {
        course.rewind();
    }
    let ahead = queue.ahead();
    // Items about to be replaced take no room.
    let taken = if stale {
        ahead.iter().filter(|i| i.origin == Origin::Hand).count()
    } else {
        standing(ahead, model.play.starved)
    };
    let room = auto.ahead.saturating_sub(taken);
    let songs: Vec<_> = picks
        .into_iter()
        .filter_map(|p| model.catalog.of_track(p.id).map(|song| (song.clone(), p.why)))
        .take(room)
        .collect();
    auto.short = (songs.len() < room).then(|| (model.catalog.len(), model.progress.latents));
    auto.chosen_from = model.progress.latents;
    let came = !songs.is_empty();
    if let Some(course) = &mut auto.course {
        course.note(songs.iter().map(|(song, why)| (song.track, why)));
    }
    match renewal {
        Renewal::Better => queue.renew_auto(songs),
        // Without picks, the old items are kept.
        Renewal::All if came => {
            queue.clear_auto();
            queue.append_auto(songs);
        }
        Renewal::All | Renewal::No => queue.append_auto(songs),
    }
    came
}
