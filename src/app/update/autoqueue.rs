//! The queue fills itself: when to ask, what to do with the answer.

use std::time::Duration;

use crate::queue::{AlbumsEngine, Origin, Proposal, Repeat, Way};

use super::super::effect::Effect;
use super::super::msg::Situation;
use super::super::state::model::{Model, Renewal, State};
use super::playback;

/// An answer that has not come by then never will.
const LOST: Duration = Duration::from_secs(30);

/// Asks an engine when too few tracks are ahead: one request at a time, and after a short answer only when more is
/// known than then.
pub(super) fn refill(model: &mut Model, effects: &mut Vec<Effect>) {
    let auto = &model.auto;
    let known = (model.catalog.len(), model.progress.latents);
    let stale = auto.renewal != Renewal::No;
    let queue = &model.queue;
    let hands = || queue.ahead().iter().filter(|i| i.origin == Origin::Hand).count();
    // Automatic tracks that are about to give way do not count.
    let ahead = if stale { hands() } else { standing(model) };
    let wanted = stale || ahead < auto.refill;
    // What goes round needs nothing new.
    if model.modes.repeat == Repeat::All {
        return;
    }
    let exhausted = auto.short.is_some_and(|then| known.0 <= then.0 && known.1 <= then.1);
    if !auto.on || !wanted || auto.pending.is_some() || (exhausted && !stale) {
        return;
    }
    if auto.ahead <= ahead {
        // So many were added by hand that there is no room for picks.
        if std::mem::take(&mut model.auto.renewal) != Renewal::No {
            model.queue.clear_auto();
        }
        return;
    }
    let mut course = model.auto.course;
    if stale && let Some(course) = &mut course {
        course.rewind();
    }
    let mut playlist = model.anchor();
    if let Some(Way::Journey { from, .. }) = course.map(|c| c.way).filter(|_| playlist.is_empty()) {
        // A journey needs no playlist to begin with.
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
        taste: model.auto.taste,
    };
    let want = auto.ahead - ahead;
    model.auto.request += 1;
    model.auto.pending = Some((model.auto.request, model.now));
    effects.push(Effect::Propose {
        request: model.auto.request,
        engine: model.auto.engine.clone(),
        situation,
        choice: model.auto.choice.clone(),
        want,
    });
}

/// How many tracks ahead there are. Those that are away count, for they may be there in a moment, until the music has
/// stopped for want of others.
fn standing(model: &Model) -> usize {
    let ahead = model.queue.ahead();
    if model.play.starved { ahead.iter().filter(|i| !i.away).count() } else { ahead.len() }
}

/// The playlist or the choice changed: the automatic tail no longer fits. It stays until the new answer is there, so
/// that the music never runs out meanwhile.
pub(super) fn replace(model: &mut Model) {
    model.auto.pending = None;
    model.auto.short = None;
    model.auto.renewal = if model.auto.on { Renewal::All } else { Renewal::No };
}

/// The tail is as it should be: nothing is asked for until it runs short.
pub(super) fn withdraw(model: &mut Model) {
    model.auto.pending = None;
    model.auto.renewal = Renewal::No;
}

/// Takes an answer in.
pub(super) fn picks(
    model: &mut Model,
    request: u64,
    picks: Vec<Proposal>,
    note: Option<String>,
    effects: &mut Vec<Effect>,
) {
    model.outcomes.picks_came(request, note.as_deref());
    // Also an answer to a question that was withdrawn.
    if model.auto.pending.is_none_or(|(number, _)| number != request) {
        return;
    }
    model.auto.pending = None;
    if let Some(note) = note {
        model.say(note);
    }
    let renewal = std::mem::take(&mut model.auto.renewal);
    if renewal != Renewal::No
        && let Some(course) = &mut model.auto.course
    {
        course.rewind();
    }
    let ahead = model.queue.ahead();
    // What gives way takes no room.
    let gives_way = renewal != Renewal::No;
    let taken = if gives_way { ahead.iter().filter(|i| i.origin == Origin::Hand).count() } else { standing(model) };
    let room = model.auto.ahead.saturating_sub(taken);
    let songs: Vec<_> = picks
        .into_iter()
        .filter_map(|p| model.catalog.of_track(p.id).map(|song| (song.clone(), p.why)))
        .take(room)
        .collect();
    model.auto.short = (songs.len() < room).then(|| (model.catalog.len(), model.progress.latents));
    model.auto.chosen_from = model.progress.latents;
    let came = !songs.is_empty();
    if let Some(course) = &mut model.auto.course {
        course.note(songs.iter().map(|(song, why)| (song.track, why)));
    }
    match renewal {
        Renewal::Better => model.queue.renew_auto(songs),
        _ => {
            // Where nothing came, what stands is better than silence.
            if renewal == Renewal::All && came {
                model.queue.clear_auto();
            }
            model.queue.append_auto(songs);
        }
    }
    if came && model.play.starved && model.play.state == State::Stopped {
        playback::advance(model, effects);
    }
}

/// While a library is being heard for the first time, picks are made from what is known so far; once that has doubled, and
/// once all is heard, better ones are likely. Those that would be picked again stay where they are.
pub(super) fn reconsider(model: &mut Model) {
    let (then, now) = (model.auto.chosen_from, model.progress.latents);
    let automatic = model.queue.ahead().iter().any(|i| i.origin != Origin::Hand);
    // A file more is no news, and steps and albums stand in an order of their own.
    let all = model.progress.stage.is_empty() && now > then + then / 10;
    let in_order = model.auto.course.is_some() || model.auto.engine == AlbumsEngine::NAME;
    if !in_order && automatic && then > 0 && (now >= 2 * then || all) && model.auto.pending.is_none() && model.auto.on {
        model.auto.chosen_from = now;
        model.auto.renewal = model.auto.renewal.max(Renewal::Better);
    }
}

/// A request whose answer never came is forgotten, so that the queue does not dry up.
pub(super) fn forget_the_lost(model: &mut Model) {
    if model.auto.pending.is_some_and(|(_, since)| model.now.saturating_sub(since) >= LOST) {
        model.auto.pending = None;
    }
}
