//! Playback: loading tracks, moving on to the next one, leaving, stopping, and the follower that plays without a gap.

use std::sync::Arc;

use crate::audio::Command;
use crate::library::Song;
use crate::library::journal::{Event, Verdict};
use crate::notice::Kind;
use crate::queue::{Item, Origin, Queue};

use super::super::effect::Effect;
use super::super::state::deck::Deck;
use super::super::state::faults::{Faults, is_deadly};
use super::super::state::log::Matter;
use super::super::state::model::HEARD;
use super::super::state::order::Order;
use super::super::state::playback::{FAILURES, Playback, State};
use super::{ending, taste};

const GOOD_NIGHT: &str = "good night; space goes on";
const THE_END: &str = "the queue ends here, as you wished; what you play next goes on without an end";

/// Plays songs that the user chose: the first one now, the others next.
pub(in crate::app) fn play_now(deck: &mut Deck<'_>, songs: Vec<Arc<Song>>, effects: &mut Vec<Effect>) {
    leave(deck, false, effects);
    deck.auto.welcome(&songs);
    deck.queue.insert_next(songs);
    deck.queue.next();
    load(deck, 0.0, false, effects);
}

/// Loads the current track at a position in seconds. A track whose file is missing is skipped, and so is one whose file
/// crashed the worker process that read it.
pub(in crate::app) fn load(deck: &mut Deck<'_>, at: f64, paused: bool, effects: &mut Vec<Effect>) {
    let Some(item) = deck.queue.playing() else { return };
    let path = item.song.path.to_path_buf();
    if item.away {
        return go_on(deck, paused, effects);
    }
    if is_deadly(deck.faults, &item.song.path) {
        if deck.play.fail() {
            let why = give_in(deck.play, effects);
            return deck.notices.report(Matter::Playback, Kind::Error, why);
        }
        go_on(deck, paused, effects);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = format!("{name}: skipped, it breaks whatever reads it; :errors says how");
        return deck.notices.report(Matter::Playback, Kind::Error, text);
    }
    let at = if at > 0.0 { at } else { deck.play.take_start(item.serial) };
    let preference = prefer(item);
    let between = deck.order.around_current(deck.queue, deck.play.before.as_deref());
    let sounding = deck.sounds.of(&item.song, between, deck.catalog);
    let token = deck.play.begin(at, paused, sounding.gain);
    effects.push(Effect::Player(Command::Play { token, path, at, paused, sounding }));
    effects.push(preference);
}

/// Has the analysis process an item that plays, or is to play, first.
pub(in crate::app) fn prefer(item: &Item) -> Effect {
    Effect::Prefer { path: item.song.path.to_path_buf(), chosen: item.origin == Origin::Hand }
}

/// Moves on to the next item; at the end of the queue stops, or waits for picks.
pub(in crate::app) fn go_on(deck: &mut Deck<'_>, paused: bool, effects: &mut Vec<Effect>) {
    if deck.order.step(deck.queue) {
        return load(deck, 0.0, paused, effects);
    }
    halt(deck.play, effects);
    if ending::is_over(&mut deck.filling()) {
        return deck.notices.notify(Kind::Hint, THE_END);
    }
    if !deck.queue.ahead().is_empty() {
        let why = "what comes next is not there: the library does not have the files (yet)";
        // Nothing is broken, but a command that was to play it has failed.
        deck.notices.outcomes.complain(why);
        deck.notices.report(Matter::Playback, Kind::Obstacle, why);
    }
    deck.play.starved = deck.auto.on && !paused;
}

/// Stops after a track, for the sleep timer or with `continue` off; the next item becomes the current one.
pub(in crate::app) fn hold(deck: &mut Deck<'_>, effects: &mut Vec<Effect>) {
    let asleep = deck.order.ends_here(deck.queue);
    if asleep {
        deck.order.sleep = None;
    }
    let more = deck.order.repeats_one() || deck.order.step(deck.queue);
    halt(deck.play, effects);
    if asleep {
        deck.notices.notify(Kind::Hint, GOOD_NIGHT);
    } else if more {
        deck.notices.notify(Kind::Hint, "stopped after the track; space goes on");
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

/// Records how much of the current track was heard, which has `ended` by itself or is left; call once before leaving it.
pub(in crate::app) fn leave(deck: &mut Deck<'_>, ended: bool, effects: &mut Vec<Effect>) {
    let length = deck.play.length(deck.queue);
    let (secs, whole) = deck.play.take_heard(length, ended, f64::from(deck.sounds.crossfade));
    let Some(item) = deck.queue.playing() else { return };
    // A track that was never heard was neither played nor skipped.
    if secs <= 0.0 && !ended {
        return;
    }
    let track = item.song.track;
    deck.play.before = Some(item.song.clone());
    effects.push(Effect::Heard { song: item.song.clone(), secs, whole, ended });
    if ended {
        effects.extend(taste::heard(deck.auto, deck.queue, item, whole || secs > 0.5 * length));
    }
    deck.heard.retain(|t| *t != track);
    deck.heard.push(track);
    if deck.heard.len() > HEARD {
        deck.heard.remove(0);
    }
}

/// Removes items from the queue; if the current one is among them, moves on to the next.
pub(in crate::app) fn take_out(deck: &mut Deck<'_>, serials: &[u64], verdict: Verdict, effects: &mut Vec<Effect>) {
    let current = deck.queue.playing().is_some_and(|i| serials.contains(&i.serial));
    if current {
        leave(deck, false, effects);
    }
    for serial in serials {
        let gone = deck.queue.remove(*serial).filter(|item| item.origin != Origin::Hand);
        if let Some(item) = gone {
            effects.push(Effect::Note(Event::Removed { track: item.song.track }));
            effects.extend(taste::judge_pick(deck.auto, deck.queue, &item, verdict));
        }
    }
    if current && deck.play.state == State::Playing {
        go_on(deck, false, effects);
    } else if current {
        halt(deck.play, effects);
    }
}

/// Updates the player's follower and its gain to match the queue.
pub(in crate::app) fn follow(deck: &mut Deck<'_>, effects: &mut Vec<Effect>) {
    // In the gap between two tracks the player has already taken its follower.
    if deck.play.state == State::Stopped || deck.play.gap.is_some() || deck.play.lost.is_some() {
        return;
    }
    for title in drop_deadly(deck.order, deck.queue, deck.faults) {
        let text = format!("{title}: skipped, it breaks whatever reads it; :errors says how");
        deck.notices.report(Matter::Playback, Kind::Error, text);
    }
    let Deck { queue, play, order, sounds, faults, catalog, .. } = deck;
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
