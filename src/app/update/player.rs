//! The player's events: starts, positions, ends, failures, outputs.

use std::time::Duration;

use crate::audio::{Command, Event};
use crate::notice::Kind;
use crate::track::FileFault;

use super::super::effect::Effect;
use super::super::state::log::Matter;
use super::super::state::model::Model;
use super::super::state::playback::{Output, State};
use super::{playback, signature, sounding};

/// A follower that has not started this long after the end of the track before is loaded explicitly.
const GAP: Duration = Duration::from_secs(2);

/// Applies an event.
pub(super) fn event(model: &mut Model, event: Event, effects: &mut Vec<Effect>) {
    match event {
        Event::Started { token, secs } => started(model, token, secs, effects),
        Event::Position { token, secs } => model.play.note_position(token, secs),
        Event::Finished { token } if token == model.play.current => finished(model, effects),
        Event::Finished { .. } => {}
        Event::Failed { token, why } => failed(model, token, &why, effects),
        Event::Underruns(count) => {
            if count > model.play.underruns {
                model.log.add(model.now, Matter::Playback, Kind::Obstacle, "the sound dropped out", None);
            }
            model.play.underruns = count;
        }
        Event::Spectrum(bands) => {
            if let Some(shown) = &mut model.play.spectrum {
                *shown = bands;
            }
            model.sound_view.hear(bands);
        }
        Event::Devices { found, chosen, standing } => {
            let lines = sounding::listed(&mut model.sounds, found, chosen.as_deref(), standing, effects);
            model.outcomes.outputs_came(lines.as_ref().err().map(String::as_str));
            match lines {
                Ok(lines) if lines.is_empty() => {}
                Ok(lines) => model.told = Some(signature::told("outputs", &lines, effects)),
                Err(why) => model.complain(why),
            }
        }
        Event::Refused(why) => model.report(Matter::Playback, Kind::Error, why),
        Event::Output { name, silent, why } => {
            let name = crate::text::sanitize(&name);
            let asked = silent && why.is_none();
            match why {
                // The device is tried again after a pause; that it is still missing was reported before.
                Some(_) if model.play.output.as_ref().is_some_and(|o| o.silent) => {}
                Some(why) => {
                    model.report(Matter::Playback, Kind::Obstacle, format!("no sound: {why}; playing silently"));
                }
                // The same output again is not reported: it was only released during a pause.
                None if model.play.output.as_ref().is_some_and(|o| o.name != name) => {
                    model.report(Matter::Playback, Kind::Hint, format!("output: {name}"));
                }
                None => {}
            }
            model.play.output = Some(Output { name, silent, asked });
        }
    }
}

/// Loads the follower that did not start in time.
pub(super) fn mend_gap(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.play.gap.take_if(|since| model.now.saturating_sub(*since) >= GAP).is_none() {
        return;
    }
    // Stays paused if it was paused meanwhile.
    let paused = model.play.state == State::Paused;
    match model.play.following.take() {
        Some(follower) if model.order.reach(&mut model.queue, follower.serial) => {
            playback::load(model, 0.0, paused, effects);
        }
        _ => playback::go_on(model, paused, effects),
    }
}

fn started(model: &mut Model, token: u64, secs: Option<f64>, effects: &mut Vec<Effect>) {
    if token == model.play.current {
        (model.play.duration, model.play.lost) = (secs, None);
        return;
    }
    let Some(follower) = model.play.following.take_if(|f| f.token == token) else { return };
    // A crossfade may start the next track before the last one's end was reported.
    if model.play.gap.take().is_none() {
        playback::leave(model, true, effects);
    }
    if !model.order.reach(&mut model.queue, follower.serial) {
        // It was removed from the queue just as it started.
        return playback::go_on(model, false, effects);
    }
    model.play.reach(&follower, secs);
    effects.extend(model.queue.playing().map(playback::prefer));
}

fn finished(model: &mut Model, effects: &mut Vec<Effect>) {
    playback::leave(model, true, effects);
    if model.play.following.is_some() {
        model.play.gap = Some(model.now);
    } else if model.order.modes.go_on && !model.order.ends_here(&model.queue) {
        playback::go_on(model, false, effects);
    } else {
        playback::hold(model, effects);
    }
}

fn failed(model: &mut Model, token: u64, why: &FileFault, effects: &mut Vec<Effect>) {
    let follower = model.play.following.as_ref().filter(|f| f.token == token).map(|f| f.serial);
    let broken = match follower {
        Some(serial) => model.queue.get(serial),
        None if token == model.play.current => model.queue.playing(),
        None => None,
    };
    let Some(path) = broken.map(|i| i.song.path.clone()) else { return };
    if *why != FileFault::Missing {
        give_up(model, follower, why, effects);
    } else if follower.is_some() {
        model.play.miss_follower(path);
    } else if model.play.search(model.now, model.catalog.of_path(&path).is_none()) {
        effects.push(Effect::Player(Command::Stop));
    } else {
        give_up(model, None, why, effects);
    }
}

/// Skips the current track or, if given, the follower with this serial, which cannot be played.
pub(super) fn give_up(model: &mut Model, follower: Option<u64>, why: &FileFault, effects: &mut Vec<Effect>) {
    let broken = follower.map_or_else(|| model.queue.playing(), |serial| model.queue.get(serial));
    let Some(song) = broken.map(|i| i.song.clone()) else { return };
    let too_many = model.play.fail();
    model.faults.insert(song.path.to_path_buf(), why.clone());
    effects.push(Effect::Suspect { path: song.path.to_path_buf(), missing: *why == FileFault::Missing });
    if too_many {
        let why = playback::give_in(&mut model.play, effects);
        return model.report(Matter::Playback, Kind::Error, why);
    }
    model.report(Matter::Playback, Kind::Error, format!("{}: {why}", song.title()));
    // While paused (a restored session, say), the replacement is loaded paused, and no follower starts.
    let paused = model.play.state == State::Paused;
    match follower {
        Some(serial) => {
            // The one after it follows instead.
            model.queue.remove(serial);
            model.play.following = None;
            if model.play.gap.take().is_some() {
                playback::go_on(model, false, effects);
            }
        }
        None => {
            playback::leave(model, false, effects);
            if model.play.following.is_some() && !paused {
                model.play.gap = Some(model.now);
            } else {
                playback::go_on(model, paused, effects);
            }
        }
    }
}
