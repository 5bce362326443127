//! Queueing the songs of playlists.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::library::Song;
use crate::library::journal::{Event, Verdict};
use crate::queue::{Item, Origin, Queue};
use crate::track::TrackId;

use super::super::effect::Effect;
use super::super::state::auto::AutoQueue;
use super::super::state::deck::Deck;
use super::super::state::lists::Placing;
use super::super::state::model::Model;
use super::meant::count;
use super::{playback, taste};

/// The songs of a playlist were found: queues them, as a change that can be undone.
pub(super) fn queued(
    model: &mut Model,
    (name, notes): (&str, &str),
    songs: Vec<Arc<Song>>,
    placing: Placing,
    effects: &mut Vec<Effect>,
) {
    if songs.is_empty() {
        return model.complain(format!("{name}: no track of the library is meant by it now"));
    }
    let from = placing.first(&songs);
    if from.is_some_and(|from| from >= songs.len()) {
        return model.complain(format!("{} has {}{notes}", crate::text::sanitize(name), count(songs.len(), "track")));
    }
    let stood = model.stand().with(&model.auto.unwanted);
    let (what, said) = queue_up(&mut model.deck(), (name, notes), songs, from, effects);
    model.undo.push_queue(what, stood);
    model.say(said);
}

/// Queues the songs of a playlist: in the place of the queue, playing from the one at the index `from` on, or without one
/// behind what the user chose. `notes` follow their number in the notice. Returns the change and the notice.
fn queue_up(
    deck: &mut Deck<'_>,
    (name, notes): (&str, &str),
    songs: Vec<Arc<Song>>,
    from: Option<usize>,
    effects: &mut Vec<Effect>,
) -> (String, String) {
    let tracks = count(songs.len(), "track");
    let verb = match from {
        Some(from) => {
            playback::leave(deck, false, effects);
            deck.queue.reset();
            deck.auto.welcome(&songs);
            deck.queue.append(songs);
            if let Some(serial) = deck.queue.items().get(from).map(|item| item.serial) {
                deck.queue.jump(serial);
            }
            playback::load(deck, 0.0, false, effects);
            "open"
        }
        None => {
            kept(deck.auto, deck.queue, &songs, effects);
            deck.auto.welcome(&songs);
            deck.queue.append(songs);
            deck.order.added(deck.queue);
            "append"
        }
    };
    if deck.auto.following.is_none() {
        deck.auto.replace();
    }
    (format!("{verb} {name} ({tracks})"), format!("{name}: {tracks}{notes}"))
}

/// Notes in the journal which of the songs that the user adds had been picked by an engine: they count as kept.
pub(in crate::app) fn kept(auto: &AutoQueue, queue: &Queue, songs: &[Arc<Song>], effects: &mut Vec<Effect>) {
    let picks = queue.items().iter().rev().filter(|i| i.origin != Origin::Hand);
    let picks: HashMap<TrackId, &Item> = picks.map(|i| (i.song.track, i)).collect();
    for item in tracks(songs).filter_map(|track| picks.get(&track)) {
        effects.push(Effect::Note(Event::Kept { track: item.song.track }));
        effects.extend(taste::judge_pick(auto, queue, item, Verdict::Kept));
    }
}

/// The distinct tracks of the songs, in order.
fn tracks(songs: &[Arc<Song>]) -> impl Iterator<Item = TrackId> {
    let mut seen = HashSet::new();
    songs.iter().map(|song| song.track).filter(move |track| seen.insert(*track))
}
