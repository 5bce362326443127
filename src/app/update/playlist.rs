//! `:playlist`, `:rate` and `:love`.

use std::path::PathBuf;
use std::sync::Arc;

use crate::library::filter::Language;
use crate::library::journal::{Event, Tallies, Verdict};
use crate::library::playlist::{Entry, Finder, How, Playlist};
use crate::library::{Catalog, Song, fuzzy};
use crate::queue::{Origin, Queue};
use crate::track::TrackId;

use super::super::effect::{Effect, PlaylistOrder};
use super::super::playlist::PlaylistAction;
use super::super::state::auto::AutoQueue;
use super::super::state::model::Model;
use super::meant::{self, count};
use super::{playback, taste};

/// Carries `:playlist` out.
pub(super) fn act(
    queue: &Queue,
    language: &Language,
    action: PlaylistAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let order = match action {
        PlaylistAction::List => PlaylistOrder::List,
        PlaylistAction::Save(name, over) => PlaylistOrder::Save(name, Box::new(whole(queue)?), over),
        PlaylistAction::Add(name) => {
            let songs = meant::selected_or_playing(queue, selected)?;
            PlaylistOrder::Add(name, Box::new(listed(songs.iter())))
        }
        PlaylistAction::Append(name) => PlaylistOrder::Open { name, replace: false },
        PlaylistAction::Open(name) => PlaylistOrder::Open { name, replace: true },
        PlaylistAction::Smart(name, smart, over) => {
            if fuzzy::typed(&smart.filter).is_none() {
                language.parse(&smart.filter).map_err(|fault| fault.to_string())?;
            }
            PlaylistOrder::Smart(name, smart, over)
        }
        PlaylistAction::Delete(name) => PlaylistOrder::Delete(name),
        PlaylistAction::Rename(from, to) => PlaylistOrder::Rename(from, to),
        PlaylistAction::Export(name, file, over) => PlaylistOrder::Export(name, file, over),
    };
    effects.push(Effect::Playlists(order));
    Ok(())
}

/// Writes the queue into a file.
pub(super) fn write(queue: &Queue, file: Option<PathBuf>, over: bool) -> Result<Effect, String> {
    let file = file.ok_or("save wants a file, like evening.m3u8")?;
    Ok(Effect::Playlists(PlaylistOrder::Write(file, Box::new(whole(queue)?), over)))
}

/// A playlist was read: those of its songs that the library has, and what to say.
pub(super) fn opened(catalog: &Catalog, name: &str, list: &Playlist) -> Result<(Vec<Arc<Song>>, String), String> {
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
pub(super) fn queue_up(
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

/// Rates the selected tracks, or the playing one; what to say.
pub(super) fn rate(
    queue: &Queue,
    rating: Option<u8>,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<String, String> {
    let songs = meant::selected_or_playing(queue, selected)?;
    effects.extend(tracks(&songs).map(|track| Effect::Note(Event::Rated { track, rating })));
    let rating = rating.map_or_else(|| "no rating".into(), |rating| format!("{rating} %"));
    Ok(format!("{}: {rating}", meant::titles(songs.iter())))
}

/// Loves the selected tracks, or the playing one; if all of them are loved already, takes that back. What to say.
pub(super) fn love(
    queue: &Queue,
    tallies: &Tallies,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<String, String> {
    let songs = meant::selected_or_playing(queue, selected)?;
    let loved = !songs.iter().all(|song| tallies.of_song(song).loved);
    effects.extend(tracks(&songs).map(|track| Effect::Note(Event::Loved { track, loved })));
    Ok(format!("{}: {}", meant::titles(songs.iter()), if loved { "loved" } else { "no longer loved" }))
}

/// The user adds songs; those that an engine had picked were kept.
pub(super) fn kept(auto: &AutoQueue, queue: &Queue, songs: &[Arc<Song>], effects: &mut Vec<Effect>) {
    let picked = |track: TrackId| queue.items().iter().find(|i| i.song.track == track && i.origin != Origin::Hand);
    for item in tracks(songs).filter_map(picked) {
        effects.push(Effect::Note(Event::Kept { track: item.song.track }));
        effects.extend(taste::judge_pick(auto, queue, item, Verdict::Kept));
    }
}

/// The tracks of songs, each once.
fn tracks(songs: &[Arc<Song>]) -> impl Iterator<Item = TrackId> {
    let mut seen = std::collections::HashSet::new();
    songs.iter().map(|song| song.track).filter(move |track| seen.insert(*track))
}

/// The whole queue as a playlist.
fn whole(queue: &Queue) -> Result<Playlist, String> {
    let items = queue.items();
    if items.is_empty() { Err("the queue is empty".into()) } else { Ok(listed(items.iter().map(|i| &i.song))) }
}

fn listed<'a>(songs: impl Iterator<Item = &'a Arc<Song>>) -> Playlist {
    Playlist { entries: songs.map(|song| Entry::from(&**song)).collect(), ..Playlist::default() }
}
