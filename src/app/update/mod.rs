//! `update`: what happened changes the model, and says what is to be done. No I/O and no clock; chance
//! comes from a generator in the model.

mod answers;
mod autoqueue;
mod commands;
mod course;
mod filter;
mod modes;
mod mood;
mod moved;
mod open;
mod playback;
mod playlist;
mod signature;
mod sounding;
pub(super) mod taste;

use std::time::Duration;

use super::effect::Effect;
use super::msg::Msg;
use super::state::model::{Model, State};

pub use answers::{Before, NIGHT, Unwanted};
pub use playback::resume;

/// How often the session is written down while it changes.
const SAVE: Duration = Duration::from_secs(5);

/// Takes a message in. The effects are to be run in order.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    match msg {
        Msg::For { asker, msg } => {
            model.outcomes.begin(asker);
            take(model, *msg, &mut effects);
            model.outcomes.pause();
            effects = model.outcomes.wrap(asker, effects);
        }
        Msg::Ended(asker) => model.outcomes.ended(asker),
        msg => take(model, msg, &mut effects),
    }
    if model.modes.consume {
        model.queue.consume();
    }
    mood::tune(model, &mut effects);
    course::progress(model);
    autoqueue::refill(model, &mut effects);
    let request =
        effects.iter().find_map(|e| if let Effect::Propose { request, .. } = e { Some(*request) } else { None });
    model.outcomes.asked_for_picks(request);
    playback::follow(model, &mut effects);
    let said = answers::of_taste(&effects);
    model.said += said as i64;
    model.unnoted += said;
    effects.extend(model.outcomes.answers());
    effects
}

fn take(model: &mut Model, msg: Msg, effects: &mut Vec<Effect>) {
    match msg {
        // One asker's message is never inside another's.
        Msg::For { msg, .. } => take(model, *msg, effects),
        Msg::Ended(asker) => model.outcomes.ended(asker),
        Msg::Command { line, selected } => commands::command(model, &line, &selected, effects),
        Msg::Player(event) => playback::event(model, event, effects),
        Msg::Catalog(catalog) => open::catalog(model, catalog, effects),
        Msg::Scanned(unsure) => open::scanned(model, &unsure),
        Msg::Open(paths) => open::open(model, paths, effects),
        Msg::Fatal(why) => {
            model.fatal = Some(why);
            effects.push(Effect::Quit);
        }
        Msg::Progress(progress) => {
            model.progress = progress;
            autoqueue::reconsider(model);
        }
        Msg::Picks { request, picks, note } => autoqueue::picks(model, request, picks, note, effects),
        Msg::Signature(report) => model.signature = Some(*report),
        Msg::Cards(cards) => model.cards = Some(cards),
        Msg::SavedNames(names) => model.saved_signatures = names,
        Msg::Follow { name, members, choice } => signature::follow(model, name, members, choice, effects),
        Msg::Journey { from, to, steps } => course::journey(model, from, to, steps),
        Msg::Blend { name, blend } => course::blend(model, &name, blend, effects),
        Msg::Mood { name, members, choice } => mood::follow(model, &name, members, choice, effects),
        Msg::Moods(moods) => model.moods.list = Some(moods),
        Msg::Hour(hour) => model.moods.hour = Some(hour),
        Msg::Told { title, lines } => signature::told(model, &title, &lines, effects),
        Msg::Loudness(loudness) => model.sounds.loudness = loudness,
        Msg::Heard => filter::renew(model, effects),
        Msg::FilterOpened { fuzzy } => effects.push(Effect::ReadySearch { fuzzy }),
        Msg::Filter(text) => filter::set(model, &text, effects),
        Msg::Filtered { text, found } => filter::found(model, &text, found),
        Msg::Noted(entry) => {
            model.tallies.note(&entry);
            answers::noted(model, &entry.event);
        }
        Msg::Unsaved(unsaved) => model.note_unsaved(unsaved),
        Msg::PlaylistNames(names) => model.saved_playlists = names,
        Msg::Smart { name, smart, replace } => effects.push(Effect::Smart { name, smart, replace }),
        Msg::Queue { name, songs, replace } => playlist::found(model, &name, songs, replace, effects),
        Msg::Playlist { name, playlist, replace } => {
            playlist::opened(model, &name, &playlist, replace, effects);
        }
        Msg::Fault { path, why } => {
            model.faults.insert(path, why);
        }
        Msg::FaultGone(path) => {
            model.faults.remove(&path);
        }
        Msg::Notice { error: true, text } => model.complain(text),
        Msg::Notice { error: false, text } => model.say(text),
        Msg::Tick { now } => {
            model.now = model.now.max(now);
            model.fade();
            answers::forgive(model);
            autoqueue::forget_the_lost(model);
            playback::mend_gap(model, effects);
            moved::give_up(model, effects);
            sounding::doze(model, effects);
            save(model, effects);
        }
    }
}

/// Writes the session down when it changed, not more often than every [`SAVE`].
fn save(model: &mut Model, effects: &mut Vec<Effect>) {
    let due = model.saved.as_ref().is_none_or(|(_, at)| model.now.saturating_sub(*at) >= SAVE);
    // A session in which nothing has been queued yet is not worth a file; a queue that was emptied is.
    let untouched = model.saved.is_none() && model.play.state == State::Stopped && model.queue.is_empty();
    if !due || untouched {
        return;
    }
    let session = model.session();
    if model.saved.as_ref().is_none_or(|(old, _)| *old != session) {
        effects.push(Effect::Save(Box::new(session.clone())));
        model.saved = Some((session, model.now));
    }
}

#[cfg(test)]
mod tests;
