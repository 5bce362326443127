//! Files that move, vanish and come back: queue and player find them again by the identity of their audio.

use crate::track::{FileFault, TrackId};

use super::super::effect::Effect;
use super::super::state::deck::Deck;
use super::super::state::playback::{Lost, State};
use super::{playback, player};

/// Applies a new catalog to what is queued, was heard or refused, and is followed: moved files get their new paths, retagged ones
/// their new tags, and former track identities are replaced by the current ones.
pub(super) fn renew(deck: &mut Deck<'_>, effects: &mut Vec<Effect>) {
    let catalog = deck.catalog;
    let playing = deck.queue.playing().map(|item| item.song.path.clone());
    deck.queue.look_up(catalog, deck.play.is_open());
    let current = |tracks: &mut Vec<TrackId>| {
        tracks.iter_mut().filter(|track| track.is_former()).for_each(|track| *track = catalog.current(*track));
    };
    current(deck.heard);
    current(&mut deck.auto.unwanted.tracks);
    if let Some(following) = &mut deck.auto.following {
        current(&mut following.members);
        let sets = following.blend.iter_mut().flat_map(|blend| blend.plus.iter_mut().chain(&mut blend.minus));
        sets.for_each(current);
    }
    let mut consumed = deck.queue.consumed().to_vec();
    current(&mut consumed);
    deck.queue.set_consumed(consumed);
    // Reloads the current track if its file was missing and has been found.
    let (Some(lost), Some(item)) = (deck.play.lost, deck.queue.playing()) else { return };
    let there = catalog.of_path(&item.song.path).is_some();
    if playing.is_some_and(|before| before != item.song.path) || there && lost.unlisted {
        playback::load(deck, deck.play.position, deck.play.state == State::Paused, effects);
    }
    // If it fails again, the search continues instead of starting over.
    deck.play.lost = Some(Lost { unlisted: lost.unlisted || !there, ..lost });
}

/// Gives up a track when its search time is over. Its file is first opened once more: the library may not have noticed
/// yet that a disk is back.
pub(super) fn give_up(deck: &mut Deck<'_>, effects: &mut Vec<Effect>) {
    let Some(lost) = deck.play.lost.filter(|lost| lost.is_given_up(deck.now)) else { return };
    if deck.queue.playing().is_some_and(|item| item.away) {
        player::give_up(deck, None, &FileFault::Missing, effects);
    } else if !lost.retried {
        playback::load(deck, deck.play.position, deck.play.state == State::Paused, effects);
        deck.play.lost = Some(Lost { retried: true, ..lost });
    }
}
