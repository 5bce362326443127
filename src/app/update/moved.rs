//! Files that move, vanish and come back while the session holds them: queue and player follow them by what they sound like.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::audio::Command;
use crate::library::Song;
use crate::track::{FileFault, TrackId};

use super::super::effect::Effect;
use super::super::state::model::{Lost, Model, State};
use super::playback;

/// How long a file that is not there may take to turn up under another name: a renamed album is looked through first.
const SEARCH: Duration = Duration::from_secs(6);

/// Takes a new catalog to everything that the session holds: what moved is found at its new place, what was retagged has
/// its new tags, and tracks go by their present identities.
pub(super) fn renew(model: &mut Model, effects: &mut Vec<Effect>) {
    let catalog = model.catalog.clone();
    let playing = model.queue.playing().map(|item| item.song.path.clone());
    look_up(model);
    let current = |tracks: &mut Vec<TrackId>| {
        tracks.iter_mut().filter(|track| track.is_former()).for_each(|track| *track = catalog.current(*track));
    };
    current(&mut model.heard);
    current(&mut model.auto.unwanted.tracks);
    if let Some(following) = &mut model.auto.following {
        current(&mut following.members);
        let sets = following.blend.iter_mut().flat_map(|blend| blend.plus.iter_mut().chain(&mut blend.minus));
        sets.for_each(current);
    }
    let mut consumed = model.queue.consumed().to_vec();
    current(&mut consumed);
    model.queue.set_consumed(consumed);
    find(model, playing, effects);
}

/// Looks the queue up in the catalog. What plays is not away while the player has it open.
pub(super) fn look_up(model: &mut Model) {
    let open = model.play.state != State::Stopped && model.play.awaited.is_none() && model.play.lost.is_none();
    model.queue.look_up(&model.catalog, open);
}

/// Begins the current track anew when it was to be played, was not there, and is found now.
fn find(model: &mut Model, before: Option<Arc<Path>>, effects: &mut Vec<Effect>) {
    let Some(lost) = model.play.lost else { return };
    let Some(path) = model.queue.playing().map(|item| item.song.path.clone()) else { return };
    let there = model.catalog.of_path(&path).is_some();
    if before.is_some_and(|before| before != path) || there && lost.unlisted {
        playback::reload(model, effects);
    }
    // Should it fail again, it is not looked for anew.
    model.play.lost = Some(Lost { unlisted: lost.unlisted || !there, ..lost });
}

/// Whether a track that cannot be read is only not there, so that it is looked for first. `follower`: whether it is the
/// one to come.
pub(super) fn search(
    model: &mut Model,
    song: &Song,
    why: &FileFault,
    follower: bool,
    effects: &mut Vec<Effect>,
) -> bool {
    if *why != FileFault::Missing {
        return false;
    }
    if follower {
        // The player is told of it again when it has another name, or is to begin.
        model.play.absent = Some(song.path.clone());
        model.play.following = None;
        return true;
    }
    let unlisted = model.catalog.of_path(&song.path).is_none();
    let lost = *model.play.lost.get_or_insert(Lost { since: model.now, unlisted, retried: false });
    if model.now.saturating_sub(lost.since) >= SEARCH {
        return false;
    }
    // What follows waits too.
    effects.push(Effect::Player(Command::Stop));
    model.play.following = None;
    true
}

/// Gives up a track that was looked for long enough. Its file is opened once more first: nothing else tells that a disk which the
/// library has not looked at meanwhile is back.
pub(super) fn give_up(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(lost) = model.play.lost.filter(|lost| model.now.saturating_sub(lost.since) >= SEARCH) else { return };
    if model.playing().is_some_and(|item| item.away) {
        playback::give_up(model, None, &FileFault::Missing, effects);
    } else if !lost.retried {
        playback::reload(model, effects);
        model.play.lost = Some(Lost { retried: true, ..lost });
    }
}
