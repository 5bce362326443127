//! Files that move, vanish and come back: the queue and the player follow them by the identity of their sound.

use crate::track::{FileFault, TrackId};

use super::super::effect::Effect;
use super::super::state::model::Model;
use super::super::state::playback::{Lost, State};
use super::{playback, player};

/// Applies a new catalog to everything that the session holds: moved files are found at their new places, retagged ones
/// have their new tags, and tracks go by their present identities.
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
    // The current track is loaded again when its file was missing and is found now.
    let (Some(lost), Some(item)) = (model.play.lost, model.queue.playing()) else { return };
    let there = catalog.of_path(&item.song.path).is_some();
    if playing.is_some_and(|before| before != item.song.path) || there && lost.unlisted {
        playback::load(model, model.play.position, model.play.state == State::Paused, effects);
    }
    // Should it fail again, it is not looked for anew.
    model.play.lost = Some(Lost { unlisted: lost.unlisted || !there, ..lost });
}

/// Gives up a track that was looked for long enough. Its file is opened once more first: nothing else tells that a disk
/// is back which the library has not looked at meanwhile.
pub(super) fn give_up(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(lost) = model.play.lost.filter(|lost| lost.is_given_up(model.now)) else { return };
    if model.playing().is_some_and(|item| item.away) {
        player::give_up(model, None, &FileFault::Missing, effects);
    } else if !lost.retried {
        playback::load(model, model.play.position, model.play.state == State::Paused, effects);
        model.play.lost = Some(Lost { retried: true, ..lost });
    }
}
