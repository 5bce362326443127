//! The player's events: starts, positions, ends, failures, outputs.

use std::time::Duration;

use crate::audio::{Command, Event};
use crate::notice::Kind;
use crate::track::FileFault;

use super::super::effect::Effect;
use super::super::state::deck::Deck;
use super::super::state::log::Matter;
use super::super::state::model::Model;
use super::super::state::playback::{Output, State};
use super::{playback, signature, sounding};

/// A follower that has not started this long after the end of the track before is loaded explicitly.
const GAP: Duration = Duration::from_secs(2);

/// Applies an event.
pub(super) fn event(model: &mut Model, event: Event, effects: &mut Vec<Effect>) {
    match event {
        Event::Started { token, secs } => started(&mut model.deck(), token, secs, effects),
        Event::Position { token, secs } => model.play.note_position(token, secs),
        Event::Finished { token } if token == model.play.current => finished(&mut model.deck(), effects),
        Event::Finished { .. } => {}
        Event::Failed { token, why } => failed(&mut model.deck(), token, &why, effects),
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
            match lines {
                Ok(lines) if lines.is_empty() => model.outcomes.outputs_came(Ok(&[])),
                Ok(lines) => {
                    let (title, lines) = signature::told("outputs", &lines, effects);
                    model.outcomes.outputs_came(Ok(&lines));
                    model.told = Some((title, lines));
                }
                Err(why) => {
                    let why = why.to_string();
                    model.outcomes.outputs_came(Err(&why));
                    model.complain(why);
                }
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
                    model.report(
                        Matter::Playback,
                        Kind::Obstacle,
                        format!("no sound: {}; playing silently", why.trim_end_matches('.')),
                    );
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
pub(super) fn mend_gap(deck: &mut Deck<'_>, effects: &mut Vec<Effect>) {
    if deck.play.gap.take_if(|since| deck.now.saturating_sub(*since) >= GAP).is_none() {
        return;
    }
    // Stays paused if it was paused meanwhile.
    let paused = deck.play.state == State::Paused;
    match deck.play.following.take() {
        Some(follower) if deck.order.reach(deck.queue, follower.serial) => {
            playback::load(deck, 0.0, paused, effects);
        }
        _ => playback::go_on(deck, paused, effects),
    }
}

fn started(deck: &mut Deck<'_>, token: u64, secs: Option<f64>, effects: &mut Vec<Effect>) {
    if token == deck.play.current {
        (deck.play.duration, deck.play.lost) = (secs, None);
        return;
    }
    let Some(follower) = deck.play.following.take_if(|f| f.token == token) else { return };
    // A crossfade may start the next track before the last one's end was reported.
    if deck.play.gap.take().is_none() {
        playback::leave(deck, true, effects);
    }
    if !deck.order.reach(deck.queue, follower.serial) {
        // It was removed from the queue just as it started.
        return playback::go_on(deck, false, effects);
    }
    deck.play.reach(&follower, secs);
    effects.extend(deck.queue.playing().map(playback::prefer));
}

fn finished(deck: &mut Deck<'_>, effects: &mut Vec<Effect>) {
    playback::leave(deck, true, effects);
    if deck.play.following.is_some() {
        deck.play.gap = Some(deck.now);
    } else if deck.order.modes.go_on && !deck.order.ends_here(deck.queue) {
        playback::go_on(deck, false, effects);
    } else {
        playback::hold(deck, effects);
    }
}

fn failed(deck: &mut Deck<'_>, token: u64, why: &FileFault, effects: &mut Vec<Effect>) {
    let follower = deck.play.following.as_ref().filter(|f| f.token == token).map(|f| f.serial);
    let broken = match follower {
        Some(serial) => deck.queue.get(serial),
        None if token == deck.play.current => deck.queue.playing(),
        None => None,
    };
    let Some(path) = broken.map(|i| i.song.path.clone()) else { return };
    if *why != FileFault::Missing {
        give_up(deck, follower, why, effects);
    } else if follower.is_some() {
        deck.play.miss_follower(path);
    } else if deck.play.search(deck.now, deck.catalog.of_path(&path).is_none()) {
        effects.push(Effect::Player(Command::Stop));
    } else {
        give_up(deck, None, why, effects);
    }
}

/// Skips the current track or, if given, the follower with this serial, which cannot be played.
pub(super) fn give_up(deck: &mut Deck<'_>, follower: Option<u64>, why: &FileFault, effects: &mut Vec<Effect>) {
    let broken = follower.map_or_else(|| deck.queue.playing(), |serial| deck.queue.get(serial));
    let Some(song) = broken.map(|i| i.song.clone()) else { return };
    let too_many = deck.play.fail();
    deck.faults.insert(song.path.to_path_buf(), why.clone());
    effects.push(Effect::Suspect { path: song.path.to_path_buf(), missing: *why == FileFault::Missing });
    if too_many {
        let why = playback::give_in(deck.play, effects);
        return deck.notices.report(Matter::Playback, Kind::Error, why);
    }
    deck.notices.report(Matter::Playback, Kind::Error, format!("{}: {why}", song.title()));
    // While paused (a restored session, say), the replacement is loaded paused, and no follower starts.
    let paused = deck.play.state == State::Paused;
    match follower {
        Some(serial) => {
            // The one after it follows instead.
            deck.queue.remove(serial);
            deck.play.following = None;
            if deck.play.gap.take().is_some() {
                playback::go_on(deck, false, effects);
            }
        }
        None => {
            playback::leave(deck, false, effects);
            if deck.play.following.is_some() && !paused {
                deck.play.gap = Some(deck.now);
            } else {
                playback::go_on(deck, paused, effects);
            }
        }
    }
}
