//! Playback: loading tracks, moving on to the next one, leaving, stopping, and the follower that plays without a gap.

use std::sync::Arc;

use crate::audio::Command;
use crate::library::Song;
use crate::library::journal::{Event, Verdict};
use crate::notice::Kind;
use crate::queue::{Item, Origin, Queue};

use super::super::effect::Effect;
use super::super::state::faults::{Faults, is_deadly};
use super::super::state::log::Matter;
use super::super::state::model::{HEARD, Model};
use super::super::state::order::Order;
use super::super::state::playback::{FAILURES, Playback, State};
use super::{ending, taste};

const GOOD_NIGHT: &str = "good night; space goes on";
const THE_END: &str = "the queue ends here, as you wished; what you play next goes on without an end";

/// Plays songs that the user chose: the first one now, the others next.
pub(in crate::app) fn play_now(model: &mut Model, songs: Vec<Arc<Song>>, effects: &mut Vec<Effect>) {
    leave(model, false, effects);
    model.auto.welcome(&songs);
    model.queue.insert_next(songs);
    model.queue.next();
    load(model, 0.0, false, effects);
}

/// Loads the current track at a position in seconds. A track whose file is missing is skipped, and so is one whose file
/// crashed the worker process that read it.
pub(in crate::app) fn load(model: &mut Model, at: f64, paused: bool, effects: &mut Vec<Effect>) {
    let Some(item) = model.queue.playing() else { return };
    let path = item.song.path.to_path_buf();
    if item.away {
        return go_on(model, paused, effects);
    }
    if is_deadly(&model.faults, &item.song.path) {
        if model.play.fail() {
            let why = give_in(&mut model.play, effects);
            return model.report(Matter::Playback, Kind::Error, why);
        }
        go_on(model, paused, effects);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = format!("{name}: skipped, it breaks whatever reads it; :errors says how");
        return model.report(Matter::Playback, Kind::Error, text);
    }
    let at = if at > 0.0 { at } else { model.play.take_start(item.serial) };
    let preference = prefer(item);
    let between = model.order.around_current(&model.queue, model.play.before.as_deref());
    let sounding = model.sounds.of(&item.song, between, &model.catalog);
    let token = model.play.begin(at, paused, sounding.gain);
    effects.push(Effect::Player(Command::Play { token, path, at, paused, sounding }));
    effects.push(preference);
}

/// Has the analysis process an item that plays, or is to play, first.
pub(in crate::app) fn prefer(item: &Item) -> Effect {
    Effect::Prefer { path: item.song.path.to_path_buf(), chosen: item.origin == Origin::Hand }
}

/// Moves on to the next item; at the end of the queue stops, or waits for picks.
pub(in crate::app) fn go_on(model: &mut Model, paused: bool, effects: &mut Vec<Effect>) {
    if model.order.step(&mut model.queue) {
        return load(model, 0.0, paused, effects);
    }
    halt(&mut model.play, effects);
    if ending::is_over(&mut model.filling()) {
        return model.notify(Kind::Hint, THE_END);
    }
    if !model.queue.ahead().is_empty() {
        let why = "what comes next is not there: the library does not have the files (yet)";
        // Nothing is broken, but a command that was to play it has failed.
        model.outcomes.complain(why);
        model.report(Matter::Playback, Kind::Obstacle, why);
    }
    model.play.starved = model.auto.on && !paused;
}

/// Stops after a track, for the sleep timer or with `continue` off; the next item becomes the current one.
pub(in crate::app) fn hold(model: &mut Model, effects: &mut Vec<Effect>) {
    let asleep = model.order.ends_here(&model.queue);
    if asleep {
        model.order.sleep = None;
    }
    let more = model.order.repeats_one() || model.order.step(&mut model.queue);
    halt(&mut model.play, effects);
    if asleep {
        model.notify(Kind::Hint, GOOD_NIGHT);
    } else if more {
        model.notify(Kind::Hint, "stopped after the track; space goes on");
    }
}

/// Pauses because the sleep timer has run out, and no longer plays picks as they arrive. Returns the notice.
pub(in crate::app) fn doze(play: &mut Playback, effects: &mut Vec<Effect>) -> Option<&'static str> {
    play.starved = false;
    effects.push(Effect::Player(play.pause()?));
    Some(GOOD_NIGHT)
}

/// Stops the player; the queue is left unchanged.
pub(in crate::app) fn halt(play: &mut Playback, effects: &mut Vec<Effect>) {
    effects.extend(play.halt().map(Effect::Player));
}

/// Stops after too many failures in a row. Returns the error message.
pub(in crate::app) fn give_in(play: &mut Playback, effects: &mut Vec<Effect>) -> String {
    halt(play, effects);
    format!("{FAILURES} tracks in a row could not be played: stopped; :errors says why")
}

/// Records how much of the current track was heard; call once before leaving it.
pub(in crate::app) fn leave(model: &mut Model, whole: bool, effects: &mut Vec<Effect>) {
    let secs = std::mem::take(&mut model.play.heard);
    let Some(item) = model.queue.playing() else { return };
    // A track that was never heard was neither played nor skipped.
    if secs <= 0.0 && !whole {
        return;
    }
    let track = item.song.track;
    model.play.before = Some(item.song.clone());
    effects.push(Effect::Heard { song: item.song.clone(), secs, whole });
    if whole {
        effects.extend(taste::heard(model, item, secs));
    }
    model.heard.retain(|t| *t != track);
    model.heard.push(track);
    if model.heard.len() > HEARD {
        model.heard.remove(0);
    }
}

/// Removes items from the queue; if the current one is among them, moves on to the next.
pub(in crate::app) fn take_out(model: &mut Model, serials: &[u64], verdict: Verdict, effects: &mut Vec<Effect>) {
    let current = model.queue.playing().is_some_and(|i| serials.contains(&i.serial));
    if current {
        leave(model, false, effects);
    }
    for serial in serials {
        let gone = model.queue.remove(*serial).filter(|item| item.origin != Origin::Hand);
        if let Some(item) = gone {
            effects.push(Effect::Note(Event::Removed { track: item.song.track }));
            effects.extend(taste::judge_pick(&model.auto, &model.queue, &item, verdict));
        }
    }
    if current && model.play.state == State::Playing {
        go_on(model, false, effects);
    } else if current {
        halt(&mut model.play, effects);
    }
}

/// Updates the player's follower and its gain to match the queue.
pub(in crate::app) fn follow(model: &mut Model, effects: &mut Vec<Effect>) {
    // In the gap between two tracks the player has already taken its follower.
    if model.play.state == State::Stopped || model.play.gap.is_some() || model.play.lost.is_some() {
        return;
    }
    for title in drop_deadly(&mut model.order, &mut model.queue, &model.faults) {
        let text = format!("{title}: skipped, it breaks whatever reads it; :errors says how");
        model.report(Matter::Playback, Kind::Error, text);
    }
    let Model { queue, play, order, sounds, faults, catalog, .. } = model;
    // A follower starts at its beginning; an item that continues where it was left is loaded instead.
    let item = order.follower(queue).filter(|i| !is_deadly(faults, &i.song.path) && !play.continues(i.serial));
    let Some(item) = item else {
        if play.following.take().is_some() {
            effects.push(Effect::Player(Command::Unfollow));
        }
        return;
    };
    let (serial, path) = (item.serial, &item.song.path);
    let between = order.around_follower(queue, serial);
    let in_order = between.in_order(&item.song);
    let sounding = || sounds.of(&item.song, between, catalog);
    match &mut play.following {
        Some(known) if known.serial == serial && known.path == *path => {
            // The item after it may have changed, and with it the gain. The current track keeps its gain, and loudness
            // measured meanwhile applies to later starts.
            if std::mem::replace(&mut known.in_order, in_order) != in_order {
                known.gain = sounding().gain;
                effects.push(Effect::Player(Command::Gain { token: known.token, gain: known.gain }));
            }
        }
        // Its file was missing at this path; it is searched for when it is to start.
        None if play.absent.as_ref() == Some(path) => {}
        _ => {
            let sounding = sounding();
            let token = play.follow(serial, path.clone(), in_order, sounding.gain);
            effects.push(Effect::Player(Command::Follow { token, path: path.to_path_buf(), sounding }));
        }
    }
}

/// Removes followers whose files crashed the worker process that read them. Returns their titles.
fn drop_deadly(order: &mut Order, queue: &mut Queue, faults: &Faults) -> Vec<String> {
    let mut titles = Vec::new();
    while let Some(item) = order.follower(queue) {
        // The current track is not removed, even if it would follow itself.
        if !is_deadly(faults, &item.song.path) || queue.playing().is_some_and(|i| i.serial == item.serial) {
            break;
        }
        titles.push(item.song.title());
        let serial = item.serial;
        queue.remove(serial);
    }
    titles
}
