//! Queueing the songs of playlists.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::library::Song;
use crate::library::journal::{Event, Verdict};
use crate::queue::{Item, Origin, Queue};
use crate::track::TrackId;

use super::super::effect::Effect;
use super::super::state::auto::AutoQueue;
use super::super::state::lists::Placing;
use super::super::state::model::Model;
use super::meant::count;
use super::{playback, taste};

/// Queues the songs of a playlist; `notes` follow their number in the notice.
pub(in crate::app) fn queue_up(
    model: &mut Model,
    name: &str,
    songs: Vec<Arc<Song>>,
    notes: &str,
    placing: Placing,
    effects: &mut Vec<Effect>,
) {
    let stood = model.stand().with(&model.auto.unwanted);
    let tracks = count(songs.len(), "track");
    let verb = match placing {
        Placing::Open { from } => {
            playback::leave(model, false, effects);
            model.queue.reset();
            model.auto.welcome(&songs);
            let from = from.min(songs.len().saturating_sub(1));
            model.queue.append(songs);
            if let Some(serial) = model.queue.items().get(from).map(|item| item.serial) {
                model.queue.jump(serial);
            }
            playback::load(model, 0.0, false, effects);
            "open"
        }
        Placing::Append => {
            kept(&model.auto, &model.queue, &songs, effects);
            model.auto.welcome(&songs);
            model.queue.append(songs);
            model.order.added(&mut model.queue);
            "append"
        }
    };
    if model.auto.following.is_none() {
        model.auto.replace();
    }
    model.undo.push_queue(format!("{verb} {name} ({tracks})"), stood);
    model.say(format!("{name}: {tracks}{notes}"));
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
