//! Playlists, ratings, and the order of the queue.

use std::path::PathBuf;
use std::sync::Arc;

use crate::library::journal::{Event, Verdict};
use crate::library::playlist::{Entry, Finder, How, Playlist, sort};
use crate::library::{Song, fuzzy};
use crate::queue::Origin;
use crate::track::TrackId;

use super::super::effect::{Effect, PlaylistOrder};
use super::super::playlist::PlaylistAction;
use super::super::state::model::Model;
use super::{playback, taste};

/// Carries out what `:playlist` asks for.
pub(super) fn act(
    model: &Model,
    action: PlaylistAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let order = match action {
        PlaylistAction::List => PlaylistOrder::List,
        PlaylistAction::Save(name, over) => PlaylistOrder::Save(name, Box::new(queue(model)?), over),
        PlaylistAction::Add(name) => {
            let songs = meant(model, selected)?;
            PlaylistOrder::Add(name, Box::new(listed(songs.iter())))
        }
        PlaylistAction::Append(name) => PlaylistOrder::Open { name, replace: false },
        PlaylistAction::Open(name) => PlaylistOrder::Open { name, replace: true },
        PlaylistAction::Smart(name, smart, over) => {
            match fuzzy::typed(&smart.filter) {
                Some(_) => {}
                None => drop(model.language.parse(&smart.filter).map_err(|fault| fault.to_string())?),
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
pub(super) fn write(model: &Model, file: Option<PathBuf>, over: bool, effects: &mut Vec<Effect>) -> Result<(), String> {
    let file = file.ok_or("save wants a file, like evening.m3u8")?;
    effects.push(Effect::Playlists(PlaylistOrder::Write(file, Box::new(queue(model)?), over)));
    Ok(())
}

/// A playlist was read: queues those of its songs that the library has.
pub(super) fn opened(model: &mut Model, name: &str, list: &Playlist, replace: bool, effects: &mut Vec<Effect>) {
    let catalog = model.catalog.clone();
    let finder = Finder::new(&catalog);
    let found: Vec<(&Arc<Song>, How)> = list.entries.iter().filter_map(|entry| finder.find(entry)).collect();
    let gone = list.entries.len() - found.len();
    if found.is_empty() {
        return model.complain(format!("{name}: none of its {gone} tracks is in the library"));
    }
    let moved = found.iter().filter(|(_, how)| *how == How::Track).count();
    let tails = found.iter().filter(|(_, how)| *how == How::Tail).count();
    let guessed = found.iter().filter(|(_, how)| *how == How::Name).count();
    let mut said = format!("{name}: {}", super::commands::count(found.len(), "track"));
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
    queue_up(model, found.into_iter().map(|(song, _)| song.clone()).collect(), replace, effects);
    model.say(said);
}

/// Songs that a smart playlist means were found.
pub(super) fn found(model: &mut Model, name: &str, songs: Vec<Arc<Song>>, replace: bool, effects: &mut Vec<Effect>) {
    if songs.is_empty() {
        return model.complain(format!("{name}: no track of the library is meant by it now"));
    }
    let said = format!("{name}: {}", super::commands::count(songs.len(), "track"));
    queue_up(model, songs, replace, effects);
    model.say(said);
}

fn queue_up(model: &mut Model, songs: Vec<Arc<Song>>, replace: bool, effects: &mut Vec<Effect>) {
    if replace {
        playback::leave(model, false, effects);
        model.queue.reset();
        model.undo.clear();
        playback::play_now(model, songs, effects);
    } else {
        model.queue.append(songs);
    }
    if model.auto.following.is_none() {
        super::autoqueue::replace(model);
    }
}

/// Rates the selected tracks, or the playing one.
pub(super) fn rate(
    model: &mut Model,
    rating: Option<u8>,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let songs = meant(model, selected)?;
    model.say(match rating {
        Some(rating) => format!("{}: {rating} %", who(&songs)),
        None => format!("{}: no rating", who(&songs)),
    });
    effects.extend(tracks(&songs).map(|track| Effect::Note(Event::Rated { track, rating })));
    Ok(())
}

/// Loves the selected tracks, or the playing one; again: no more.
pub(super) fn love(model: &mut Model, selected: &[Arc<Song>], effects: &mut Vec<Effect>) -> Result<(), String> {
    let songs = meant(model, selected)?;
    let loved = !songs.iter().all(|song| model.tallies.of_song(song).loved);
    model.say(format!("{}: {}", who(&songs), if loved { "loved" } else { "no longer loved" }));
    effects.extend(tracks(&songs).map(|track| Effect::Note(Event::Loved { track, loved })));
    Ok(())
}

/// Sorts what is ahead in the queue and was chosen by hand.
pub(super) fn sort(model: &mut Model, keys: &[(sort::SortKey, bool)]) {
    model.queue.sort_ahead(|a, b| sort::compare(a, b, keys));
}

/// Notes that automatic tracks were made the user's own.
pub(super) fn kept(model: &Model, songs: &[Arc<Song>], effects: &mut Vec<Effect>) {
    let items = model.queue.items();
    let auto = |track: TrackId| items.iter().find(|i| i.song.track == track && i.origin != Origin::Hand);
    for item in tracks(songs).filter_map(auto) {
        effects.push(Effect::Note(Event::Kept { track: item.song.track }));
        taste::judge_pick(model, item, Verdict::Kept, effects);
    }
}

/// The tracks that a command is about: the selected ones, else the playing one.
fn meant(model: &Model, selected: &[Arc<Song>]) -> Result<Vec<Arc<Song>>, String> {
    let playing = || model.playing().map(|item| item.song.clone()).into_iter().collect();
    let songs = if selected.is_empty() { playing() } else { selected.to_vec() };
    if songs.is_empty() { Err("no track is selected and none plays".into()) } else { Ok(songs) }
}

/// The tracks of songs, each once.
fn tracks(songs: &[Arc<Song>]) -> impl Iterator<Item = TrackId> {
    let mut seen = std::collections::HashSet::new();
    songs.iter().map(|song| song.track).filter(move |track| seen.insert(*track))
}

fn who(songs: &[Arc<Song>]) -> String {
    match songs {
        [one] => one.title(),
        many => super::commands::count(many.len(), "track"),
    }
}

/// The queue as a playlist: what plays, what was chosen, what comes by itself.
fn queue(model: &Model) -> Result<Playlist, String> {
    let items = model.queue.items();
    if items.is_empty() { Err("the queue is empty".into()) } else { Ok(listed(items.iter().map(|i| &i.song))) }
}

fn listed<'a>(songs: impl Iterator<Item = &'a Arc<Song>>) -> Playlist {
    Playlist { entries: songs.map(|song| Entry::from(&**song)).collect(), ..Playlist::default() }
}
