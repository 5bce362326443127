//! Playing: starts, gapless followers, ends and failures.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::audio::{Command, Event};
use crate::library::Song;
use crate::track::FileFault;

use super::super::effect::Effect;
use super::super::state::model::{HEARD, Model, Output, State};
use super::{modes, moved, sounding, taste};

/// So many failures in a row end the music: the disk is probably gone.
const FAILURES: u32 = 5;
/// When a follower is not heard after this long, it is started anew.
const GAP: Duration = Duration::from_secs(2);
/// A position that moved by more than this was a seek, not listening, in seconds.
const STEP: f64 = 2.0;

/// The effects that load a restored session's track, held at its place, and set the volume.
pub fn resume(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![sounding::shape(model)];
    if model.queue.current().is_some() {
        model.play.before = model.queue.played().last().map(|i| i.song.clone());
        take_up(model, &mut effects);
    }
    super::autoqueue::refill(model, &mut effects);
    follow(model, &mut effects);
    effects
}

/// Loads the track that a restored session held, at its place, as soon as the library has it; until then it is looked
/// for before everything else.
pub(super) fn take_up(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(item) = model.playing() else { return };
    if item.away {
        model.play.awaited = Some(item.serial);
        effects.extend(path_of_current(model).map(Effect::Prefer));
    } else {
        load(model, model.play.position, true, effects);
    }
}

/// Takes up what a restored session held, once a new catalog has it.
pub(super) fn appeared(model: &mut Model, effects: &mut Vec<Effect>) {
    let there = |i: &crate::queue::Item| Some(i.serial) == model.play.awaited && !i.away;
    if model.play.awaited.is_some() && model.playing().is_some_and(there) {
        take_up(model, effects);
    }
}

/// Starts the queue's current item from its beginning.
pub(super) fn start(model: &mut Model, effects: &mut Vec<Effect>) {
    load(model, 0.0, false, effects);
}

/// Plays songs that the user chose: the first one now, the others next.
pub(super) fn play_now(model: &mut Model, songs: Vec<Arc<Song>>, effects: &mut Vec<Effect>) {
    leave(model, false, effects);
    super::answers::welcome(model, &songs);
    model.queue.insert_next(songs);
    model.queue.next();
    start(model, effects);
}

/// Goes on to what is ahead; at the end, stops (or waits for picks that were asked for).
pub(super) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    go_on(model, false, effects);
}

fn go_on(model: &mut Model, paused: bool, effects: &mut Vec<Effect>) {
    if model.queue.step().is_some() || modes::again(model) {
        load(model, 0.0, paused, effects);
    } else {
        halt(model, effects);
        if !model.queue.ahead().is_empty() {
            model.complain("what comes next is not there: the library does not have the files (yet)");
        }
        model.play.starved = model.auto.on && !paused;
    }
}

/// Stops the player; the queue stays where it is.
pub(super) fn halt(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.play.state != State::Stopped {
        effects.push(Effect::Player(Command::Stop));
    }
    let play = &mut model.play;
    play.state = State::Stopped;
    (play.position, play.duration, play.heard) = (0.0, None, 0.0);
    (play.following, play.gap, play.starved) = (None, None, false);
    (play.awaited, play.lost) = (None, None);
    // No event of the stopped track may count any more.
    play.token += 1;
    play.current = play.token;
}

/// Writes down what was heard of the current track, once; call before leaving it.
pub(super) fn leave(model: &mut Model, whole: bool, effects: &mut Vec<Effect>) {
    let secs = std::mem::take(&mut model.play.heard);
    let Some(item) = model.queue.playing() else { return };
    // What never sounded was neither played nor skipped.
    if secs <= 0.0 && !whole {
        return;
    }
    let track = item.song.track;
    model.play.before = Some(item.song.clone());
    effects.push(Effect::Heard { track, secs, whole });
    if whole {
        taste::heard(model, item, secs, effects);
    }
    model.heard.retain(|t| *t != track);
    model.heard.push(track);
    if model.heard.len() > HEARD {
        model.heard.remove(0);
    }
}

/// Keeps the player's follower equal to the first item ahead.
pub(super) fn follow(model: &mut Model, effects: &mut Vec<Effect>) {
    // In the gap between two tracks the player has already taken its follower.
    if model.play.state == State::Stopped || model.play.gap.is_some() || model.play.lost.is_some() {
        return;
    }
    let deadly = |model: &Model, serial: u64| {
        model.queue.get(serial).is_some_and(|i| model.faults.get(&*i.song.path).is_some_and(FileFault::is_deadly))
    };
    while let Some(serial) = modes::follower(model).filter(|s| deadly(model, *s)) {
        // What plays stays where it is, also when it would follow itself.
        if model.queue.playing().is_some_and(|i| i.serial == serial) {
            break;
        }
        let Some(item) = model.queue.remove(serial) else { break };
        model.complain(format!("{}: skipped, it breaks whatever reads it; :errors says how", item.song.title()));
    }
    let wanted = modes::follower(model).filter(|s| !deadly(model, *s));
    let wanted = wanted.and_then(|s| model.queue.get(s)).map(|i| (i.serial, i.song.path.clone()));
    let known = model.play.following.map(|(_, serial)| serial);
    match wanted {
        Some((serial, path)) if known == Some(serial) && model.play.following_path.as_ref() == Some(&path) => {
            sounding::renew(model, effects);
        }
        // It was not there under this name; it is looked for when it is to begin.
        Some((_, path)) if known.is_none() && model.play.absent.as_ref() == Some(&path) => {}
        Some((serial, path)) => {
            model.play.token += 1;
            model.play.following = Some((model.play.token, serial));
            (model.play.following_path, model.play.absent) = (Some(path.clone()), None);
            let path = path.to_path_buf();
            let (sounding, in_order) = sounding::of_follower(model, serial);
            model.play.following_in_order = in_order;
            effects.push(Effect::Player(Command::Follow { token: model.play.token, path, sounding }));
        }
        None if known.is_some() => {
            model.play.following = None;
            effects.push(Effect::Player(Command::Unfollow));
        }
        None => {}
    }
}

/// What the player reports.
pub(super) fn event(model: &mut Model, event: Event, effects: &mut Vec<Effect>) {
    match event {
        Event::Started { token, secs } => started(model, token, secs, effects),
        Event::Position { token, secs } => position(model, token, secs),
        Event::Finished { token } if token == model.play.current => finished(model, effects),
        Event::Failed { token, why } => failed(model, token, &why, effects),
        Event::Underruns(count) => model.play.underruns = count,
        Event::Spectrum(bands) => {
            if let Some(shown) = &mut model.play.spectrum {
                *shown = bands;
            }
        }
        Event::Devices { found, chosen, standing } => {
            sounding::listed(model, found, (chosen.as_deref(), standing), effects);
        }
        Event::Refused(why) => model.complain(why),
        Event::Finished { .. } => {}
        Event::Output { name, silent, why } => {
            let name = crate::text::sanitize(&name);
            match why {
                // After a pause it is looked for anew; that there still is none is no news.
                Some(_) if model.play.output.as_ref().is_some_and(|o| o.silent) => {}
                Some(why) => model.complain(format!("no sound: {why}; playing silently")),
                // The same one again is no news: it was given back during a pause.
                None if model.play.output.as_ref().is_some_and(|o| o.name != name) => {
                    model.say(format!("output: {name}"));
                }
                None => {}
            }
            model.play.output = Some(Output { name, silent });
        }
    }
}

/// Starts the follower that was not heard in time.
pub(super) fn mend_gap(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(since) = model.play.gap else { return };
    if model.now.saturating_sub(since) < GAP {
        return;
    }
    model.play.gap = None;
    // Held meanwhile, it stays so.
    let held = model.play.state == State::Paused;
    match model.play.following.take() {
        Some((_, serial)) if modes::reach(model, serial) => load(model, 0.0, held, effects),
        _ => go_on(model, held, effects),
    }
}

fn started(model: &mut Model, token: u64, secs: Option<f64>, effects: &mut Vec<Effect>) {
    if token == model.play.current {
        (model.play.duration, model.play.lost) = (secs, None);
        return;
    }
    let Some((_, serial)) = model.play.following.filter(|(t, _)| *t == token) else { return };
    // A crossfade may start the next before the last one's end was told.
    if model.play.gap.is_none() {
        leave(model, true, effects);
    }
    (model.play.following, model.play.gap) = (None, None);
    if !modes::reach(model, serial) {
        // It was taken out of the queue at the very moment it began.
        return advance(model, effects);
    }
    model.play.current = token;
    (model.play.position, model.play.duration, model.play.heard) = (0.0, secs, 0.0);
    effects.extend(path_of_current(model).map(Effect::Prefer));
}

fn position(model: &mut Model, token: u64, secs: f64) {
    if token != model.play.current || !secs.is_finite() {
        return;
    }
    let step = secs - model.play.position;
    if (0.0..=STEP).contains(&step) {
        model.play.heard += step;
    }
    if secs > 0.0 && model.play.state == State::Playing {
        model.play.failures = 0;
    }
    model.play.position = secs.max(0.0);
}

fn finished(model: &mut Model, effects: &mut Vec<Effect>) {
    leave(model, true, effects);
    if model.play.following.is_some() {
        model.play.gap = Some(model.now);
    } else if sounding::ends_here(model) {
        sounding::fall_asleep(model, effects);
    } else if model.modes.go_on {
        advance(model, effects);
    } else {
        modes::hold(model, effects);
    }
}

fn failed(model: &mut Model, token: u64, why: &FileFault, effects: &mut Vec<Effect>) {
    let follower = model.play.following.filter(|(t, _)| *t == token).map(|(_, serial)| serial);
    let broken = match follower {
        Some(serial) => model.queue.get(serial),
        None if token == model.play.current => model.queue.playing(),
        None => None,
    };
    let Some(song) = broken.map(|i| i.song.clone()) else { return };
    if !moved::search(model, &song, why, follower.is_some(), effects) {
        give_up(model, follower, why, effects);
    }
}

/// Goes on without the current track, or without the one that follows, which cannot be played.
pub(super) fn give_up(model: &mut Model, follower: Option<u64>, why: &FileFault, effects: &mut Vec<Effect>) {
    let broken = follower.map_or_else(|| model.queue.playing(), |serial| model.queue.get(serial));
    let Some(song) = broken.map(|i| i.song.clone()) else { return };
    model.play.lost = None;
    model.play.failures += 1;
    model.faults.insert(song.path.to_path_buf(), why.clone());
    effects.push(Effect::Suspect { path: song.path.to_path_buf(), missing: *why == FileFault::Missing });
    if model.play.failures >= FAILURES {
        model.play.failures = 0;
        model.complain(format!("{FAILURES} tracks in a row could not be played: stopped; :errors says why"));
        return halt(model, effects);
    }
    model.complain(format!("{}: {why}", song.title()));
    match follower {
        Some(serial) => {
            // The one after it follows instead.
            model.queue.remove(serial);
            model.play.following = None;
            if model.play.gap.take().is_some() {
                advance(model, effects);
            }
        }
        None => {
            leave(model, false, effects);
            // A restored session is held: what is loaded instead is held too, and no follower begins by itself.
            let held = model.play.state == State::Paused;
            if model.play.following.is_some() && !held {
                model.play.gap = Some(model.now);
            } else {
                go_on(model, held, effects);
            }
        }
    }
}

/// Loads the current track anew where it stands: its file is found elsewhere now.
pub(super) fn reload(model: &mut Model, effects: &mut Vec<Effect>) {
    load(model, model.play.position, model.play.state == State::Paused, effects);
}

fn load(model: &mut Model, at: f64, paused: bool, effects: &mut Vec<Effect>) {
    let Some(path) = path_of_current(model) else { return };
    if model.playing().is_some_and(|i| i.away) {
        return go_on(model, paused, effects);
    }
    if model.faults.get(&path).is_some_and(FileFault::is_deadly) {
        return skip(model, &path, paused, effects);
    }
    let play = &mut model.play;
    play.token += 1;
    play.current = play.token;
    play.state = if paused { State::Paused } else { State::Playing };
    (play.position, play.duration, play.heard) = (at, None, 0.0);
    (play.gap, play.starved, play.awaited) = (None, false, None);
    (play.lost, play.absent) = (None, None);
    // The player drops its follower with the track, so it is told anew.
    play.following = None;
    let token = play.token;
    let (sounding, _) = sounding::of_current(model);
    effects.push(Effect::Player(Command::Play { token, path: path.clone(), at, paused, sounding }));
    effects.push(Effect::Prefer(path));
}

/// A file that ended the process that read it is not opened in this one: what comes next plays, or is held as this was to be.
fn skip(model: &mut Model, path: &Path, paused: bool, effects: &mut Vec<Effect>) {
    model.play.failures += 1;
    if model.play.failures >= FAILURES {
        model.play.failures = 0;
        model.complain(format!("{FAILURES} tracks in a row could not be played: stopped; :errors says why"));
        return halt(model, effects);
    }
    go_on(model, paused, effects);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    model.complain(format!("{name}: skipped, it breaks whatever reads it; :errors says how"));
}

fn path_of_current(model: &Model) -> Option<PathBuf> {
    model.queue.playing().map(|i| i.song.path.to_path_buf())
}
