//! Announces to the followers of the session what a message has changed.

use crate::ask::event::Happening;
use crate::ask::report::Playing;
use crate::queue::Shuffle;

use super::super::effect::Effect;
use super::super::state::announced::Last;
use super::super::state::model::Model;

/// The session as it is to be announced now, and the announcement: what has changed since the last one, and everything as
/// it is for those who have joined since; no announcement if nothing has changed and nobody has joined. `None` while
/// nobody follows.
pub(super) fn changes(model: &Model) -> Option<(Last, Option<Effect>)> {
    let announced = &model.announced;
    if !announced.followed {
        return None;
    }
    let now = last(model);
    let changed = differences(announced.last.as_ref(), &now, model);
    let all = if announced.joined { differences(None, &now, model) } else { Vec::new() };
    let told = announced.joined || !changed.is_empty();
    Some((now, told.then_some(Effect::Announce { changed, all })))
}

fn last(model: &Model) -> Last {
    let (progress, modes) = (&model.progress, &model.order.modes);
    let following = model.auto.following.as_ref().map(|f| f.name.clone()).unwrap_or_default();
    Last {
        playing: model.playing().map(|item| (item.serial, item.song.path.clone())),
        state: model.play.state,
        volume: model.play.volume,
        queue: (model.queue.revision(), model.queue.ahead().len()),
        modes: (modes.repeat, modes.shuffle),
        signature: (model.auto.choice.to_string(), following),
        analysis: (progress.stage.clone(), progress.done, progress.total),
        position: model.play.position,
        at: model.now,
    }
}

fn differences(before: Option<&Last>, now: &Last, model: &Model) -> Vec<Happening> {
    let differs = |part: &dyn Fn(&Last) -> bool| before.is_none_or(part);
    let mut out = Vec::new();
    let another = differs(&|b| b.playing != now.playing);
    if another {
        let track = model.playing().map(|item| Playing::of(&item.song, now.position, model.duration()));
        let serial = |last: &Last| last.playing.as_ref().map(|(serial, _)| *serial);
        let moved = track.is_some() && before.is_some_and(|before| serial(before) == serial(now));
        out.push(Happening::Track { track, moved });
    }
    if differs(&|b| b.state != now.state) {
        out.push(Happening::State { state: now.state.name().into(), position: now.position });
    }
    if !another && before.is_some_and(|b| now.jumped(b)) {
        out.push(Happening::Seek { position: now.position });
    }
    if differs(&|b| b.volume != now.volume) {
        out.push(Happening::Volume { volume: now.volume });
    }
    if differs(&|b| b.queue != now.queue) {
        let next = model.queue.ahead().iter().find(|item| !item.away).map(|item| item.song.title()).unwrap_or_default();
        out.push(Happening::Queue { ahead: now.queue.1, next });
    }
    if differs(&|b| b.modes != now.modes) {
        let (repeat, shuffle) = now.modes;
        out.push(Happening::Modes { repeat: repeat.name().into(), shuffle: shuffle != Shuffle::Off });
    }
    if differs(&|b| b.signature != now.signature) {
        let (choice, following) = now.signature.clone();
        out.push(Happening::Signature { choice, following });
    }
    if differs(&|b| b.analysis != now.analysis) {
        let (stage, done, total) = now.analysis.clone();
        out.push(Happening::Analysis { stage, done, total });
    }
    out
}
