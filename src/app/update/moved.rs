//! Files that move, vanish and come back: queue and player find them again by the identity of their audio.

use crate::track::{FileFault, TrackId};

use super::super::effect::Effect;
use super::super::state::model::Model;
use super::super::state::playback::{Lost, State};
use super::{playback, player};

/// Applies a new catalog to the whole session: moved files get their new paths, retagged ones their new tags, and
/// former track identities are replaced by the current ones.
pub(super) fn renew(model: &mut Model, effects: &mut Vec<Effect>) {
    let catalog = model.catalog.clone();
    let playing = model.queue.playing().map(|item| item.song.path.clone());
    model.queue.look_up(&catalog, model.play.is_open());
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
    // Reloads the current track if its file was missing and has been found.
    let (Some(lost), Some(item)) = (model.play.lost, model.queue.playing()) else { return };
    let there = catalog.of_path(&item.song.path).is_some();
    if playing.is_some_and(|before| before != item.song.path) || there && lost.unlisted {
        playback::load(model, model.play.position, model.play.state == State::Paused, effects);
    }
    // If it fails again, the search continues instead of starting over.
    model.play.lost = Some(Lost { unlisted: lost.unlisted || !there, ..lost });
}

/// Gives up a track when its search time is over. Its file is first opened once more: the library may not have noticed
/// yet that a disk is back.
pub(super) fn give_up(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(lost) = model.play.lost.filter(|lost| lost.is_given_up(model.now)) else { return };
    if model.playing().is_some_and(|item| item.away) {
        player::give_up(model, None, &FileFault::Missing, effects);
    } else if !lost.retried {
        playback::load(model, model.play.position, model.play.state == State::Paused, effects);
        model.play.lost = Some(Lost { retried: true, ..lost });
    }
}
