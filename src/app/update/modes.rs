//! How the queue is gone through: what follows, what happens at the end.

use crate::queue::{Mode, Repeat, Shuffle};

use super::super::effect::Effect;
use super::super::state::model::{Model, Renewal};
use super::{autoqueue, playback, sounding};

/// Sets a mode and says so.
pub(super) fn set(model: &mut Model, mode: Mode) {
    let before = model.modes;
    model.modes = mode.applied(before);
    let modes = model.modes;
    if modes.shuffle != before.shuffle {
        model.queue.reorder(modes.shuffle, &mut model.rng);
        model.round.clear();
    }
    if modes.repeat == Repeat::All && before.repeat != Repeat::All {
        model.queue.clear_auto();
        model.auto.pending = None;
        model.auto.renewal = Renewal::No;
    }
    if modes.repeat != Repeat::All && before.repeat == Repeat::All {
        autoqueue::replace(model);
    }
    model.say(match mode {
        Mode::Repeat(_) => match modes.repeat {
            Repeat::Off => "repeat: off",
            _ if modes.consume => "repeat has no effect while consume is on: what was played leaves the queue",
            Repeat::All => "repeat: the queue begins anew at its end; nothing is added by itself",
            Repeat::One => "repeat: this track again and again",
        },
        Mode::Shuffle(_) => match modes.shuffle {
            Shuffle::Off => "shuffle: off; what you added comes in its order",
            Shuffle::Tracks => "shuffle: tracks",
            Shuffle::Albums => "shuffle: albums, each in its order",
        },
        Mode::Continue(_) if modes.go_on => "continue: the next track follows by itself",
        Mode::Continue(_) => "continue: off; the music stops after each track",
        Mode::Consume(_) if modes.consume && modes.repeat != Repeat::Off => {
            "consume: what was played leaves the queue, so nothing repeats"
        }
        Mode::Consume(_) if modes.consume => "consume: what was played leaves the queue",
        Mode::Consume(_) => "consume: off; what was played stays",
    });
}

/// Songs that the user adds, in the order in which they shall come.
pub(super) fn added(model: &mut Model) {
    if model.modes.shuffle != Shuffle::Off {
        model.queue.reorder(model.modes.shuffle, &mut model.rng);
    }
}

/// The item that follows the current one by itself.
pub(super) fn follower(model: &mut Model) -> Option<u64> {
    if !model.modes.go_on || sounding::ends_here(model) {
        return None;
    }
    if repeat(model) == Repeat::One {
        return model.queue.playing().map(|i| i.serial);
    }
    match model.queue.ahead().iter().find(|i| !i.away) {
        Some(item) => Some(item.serial),
        None => next_round(model).into_iter().find(|serial| is_there(model, *serial)),
    }
}

/// The item that comes by itself after the follower, as far as that is known: how a round is shuffled is not chosen
/// before the round before it ends.
pub(super) fn second(model: &Model, follower: u64) -> Option<u64> {
    if repeat(model) == Repeat::One {
        return Some(follower);
    }
    let again = repeat(model) == Repeat::All;
    let mut ahead = model.queue.ahead().iter().filter(|i| !i.away);
    if ahead.next().is_some() {
        let next = ahead.next().map(|i| i.serial);
        let known = again && model.modes.shuffle == Shuffle::Off;
        let first = || model.queue.in_order().into_iter().find(|serial| is_there(model, *serial));
        return next.or_else(|| first().filter(|_| known));
    }
    // The follower begins another round; one of a single track begins with it again.
    let mut round = model.round.iter().copied().filter(|serial| is_there(model, *serial));
    let first = round.next();
    round.next().or(first).filter(|_| again)
}

/// Makes an item that followed the current one, which may be the first of another round. False when it left the queue.
pub(super) fn reach(model: &mut Model, serial: u64) -> bool {
    let wraps = model.queue.ahead().iter().all(|i| i.away)
        && repeat(model) == Repeat::All
        && model.round.contains(&serial)
        && model.queue.is_round(&model.round);
    if wraps {
        let round = std::mem::take(&mut model.round);
        model.queue.begin(&round);
    }
    model.queue.jump(serial).is_some()
}

/// At the end of a queue that repeats: its next round, its first track current. False when it does not repeat.
pub(super) fn again(model: &mut Model) -> bool {
    let round = next_round(model);
    model.round.clear();
    if round.is_empty() {
        return false;
    }
    model.queue.begin(&round);
    model.queue.step().is_some()
}

/// Stops after a track; the next one is ready to be played.
pub(super) fn hold(model: &mut Model, effects: &mut Vec<Effect>) {
    let more = repeat(model) == Repeat::One || model.queue.step().is_some() || again(model);
    playback::halt(model, effects);
    if more {
        model.say("stopped after the track; space goes on");
    }
}

/// Whether the queue begins anew at its end.
pub(super) fn goes_round(model: &Model) -> bool {
    repeat(model) == Repeat::All && model.queue.items().iter().any(|i| !i.away)
}

/// Whether the library has an item's file.
fn is_there(model: &Model, serial: u64) -> bool {
    model.queue.get(serial).is_some_and(|i| !i.away)
}

/// What repeats in effect. What is consumed leaves the queue once it was played, the last track too (as in mpd), so
/// there is nothing left to repeat: consume has precedence over repeat in either order.
fn repeat(model: &Model) -> Repeat {
    if model.modes.consume { Repeat::Off } else { model.modes.repeat }
}

fn next_round(model: &mut Model) -> Vec<u64> {
    if repeat(model) != Repeat::All {
        return Vec::new();
    }
    if !model.queue.is_round(&model.round) {
        model.round = model.queue.round(model.modes.shuffle, &mut model.rng);
    }
    model.round.clone()
}
