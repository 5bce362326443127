//! Queueing the songs of playlists.

use std::sync::Arc;

use crate::library::journal::{Event, Verdict};
use crate::library::playlist::{Finder, How, Playlist};
use crate::library::{Catalog, Song};
use crate::queue::{Origin, Queue};
use crate::track::TrackId;

use super::super::effect::Effect;
use super::super::state::auto::AutoQueue;
use super::super::state::model::Model;
use super::meant::count;
use super::{playback, taste};

/// A playlist was read: those of its songs that the library has, and what to say.
pub(in crate::app) fn opened(
    catalog: &Catalog,
    name: &str,
    list: &Playlist,
) -> Result<(Vec<Arc<Song>>, String), String> {
    let finder = Finder::new(catalog);
    let found: Vec<(&Arc<Song>, How)> = list.entries.iter().filter_map(|entry| finder.find(entry)).collect();
    let gone = list.entries.len() - found.len();
    if found.is_empty() {
        return Err(format!("{name}: none of its {gone} tracks is in the library"));
    }
    let moved = found.iter().filter(|(_, how)| *how == How::Track).count();
    let tails = found.iter().filter(|(_, how)| *how == How::Tail).count();
    let guessed = found.iter().filter(|(_, how)| *how == How::Name).count();
    let mut said = format!("{name}: {}", count(found.len(), "track"));
    for (n, what) in [
        (moved, "moved"),
        (tails, "found by the end of their path"),
        (guessed, "found by name and length"),
        (gone, "not in the library"),
        (list.left_out, "left out (no local files)"),
    ] {
        if n > 0 {
            said.push_str(&format!(", {n} {what}"));
        }
    }
    Ok((found.into_iter().map(|(song, _)| song.clone()).collect(), said))
}

/// Queues the songs of a playlist, and says so.
pub(in crate::app) fn queue_up(
    model: &mut Model,
    songs: Vec<Arc<Song>>,
    said: impl AsRef<str>,
    replace: bool,
    effects: &mut Vec<Effect>,
) {
    if replace {
        playback::leave(model, false, effects);
        model.queue.reset();
        model.undo.clear();
        playback::play_now(model, songs, effects);
    } else {
        model.queue.append(songs);
    }
    if model.auto.following.is_none() {
        model.auto.replace();
    }
    model.say(said);
}

/// The user adds songs; those that an engine had picked were kept.
pub(in crate::app) fn kept(auto: &AutoQueue, queue: &Queue, songs: &[Arc<Song>], effects: &mut Vec<Effect>) {
    let picked = |track: TrackId| queue.items().iter().find(|i| i.song.track == track && i.origin != Origin::Hand);
    for item in tracks(songs).filter_map(picked) {
        effects.push(Effect::Note(Event::Kept { track: item.song.track }));
        effects.extend(taste::judge_pick(auto, queue, item, Verdict::Kept));
    }
}

/// The tracks of songs, each once.
pub(in crate::app) fn tracks(songs: &[Arc<Song>]) -> impl Iterator<Item = TrackId> {
    let mut seen = std::collections::HashSet::new();
    songs.iter().map(|song| song.track).filter(move |track| seen.insert(*track))
}
