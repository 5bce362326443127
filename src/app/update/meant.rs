//! Resolves the arguments of commands to songs and to items of the queue.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::library::{Catalog, Song, unsupported};
use crate::queue::{Item, Queue};
pub(in crate::app) use crate::text::count;

use super::super::commands::words::Entry;
use super::super::refusal::Refusal;

/// The songs at or below a path, or without one the selected songs. A relative path is also tried below the music
/// directory.
pub(in crate::app) fn songs(
    catalog: &Catalog,
    music: Option<&Path>,
    path: Option<PathBuf>,
    selected: &[Arc<Song>],
) -> Result<Vec<Arc<Song>>, Refusal> {
    let Some(path) = path else {
        return if selected.is_empty() { Err(Refusal::NothingSelected("")) } else { Ok(selected.to_vec()) };
    };
    let mut found = catalog.at_or_below(&path);
    if let Some(music) = music.filter(|_| found.is_empty()) {
        found = catalog.at_or_below(&music.join(&path));
    }
    match unsupported::refusal(&path) {
        _ if !found.is_empty() => Ok(found),
        Some(why) => Err(Refusal::impossible(why)),
        None => Err(Refusal::unknown(format!("the library has nothing at {}", path.display()), "")),
    }
}

/// The selected songs, or else the playing one.
pub(in crate::app) fn selected_or_playing(queue: &Queue, selected: &[Arc<Song>]) -> Result<Vec<Arc<Song>>, Refusal> {
    let playing = || queue.playing().map(|item| item.song.clone()).into_iter().collect();
    let songs = if selected.is_empty() { playing() } else { selected.to_vec() };
    if songs.is_empty() { Err(Refusal::NothingSelected(" and none plays")) } else { Ok(songs) }
}

/// The serial number of an item of the queue.
pub(in crate::app) fn serial(queue: &Queue, entry: Entry) -> Result<u64, Refusal> {
    match entry {
        Entry::Nth(n) => queue.ahead().get(n - 1).map(|i| i.serial).ok_or_else(|| match queue.ahead().len() {
            0 => Refusal::unknown("nothing is ahead in the queue", ""),
            last => Refusal::unknown(format!("the queue has no track {n}"), format!(": they count from 1 to {last}")),
        }),
        Entry::Serial(serial) => {
            queue.get(serial).map(|i| i.serial).ok_or_else(|| Refusal::unknown("that track left the queue", ""))
        }
    }
}

/// The serial numbers of several items.
pub(in crate::app) fn serials(queue: &Queue, entries: &[Entry]) -> Result<Vec<u64>, Refusal> {
    entries.iter().map(|entry| serial(queue, *entry)).collect()
}

/// The items of the entries, or without entries the playing one.
pub(in crate::app) fn items_or_playing(queue: &Queue, entries: &[Entry]) -> Result<Vec<Item>, Refusal> {
    if entries.is_empty() {
        let playing = queue.playing().cloned();
        return playing.map(|item| vec![item]).ok_or(Refusal::NothingPlays(": name a track ahead, like 3"));
    }
    Ok(serials(queue, entries)?.iter().filter_map(|s| queue.get(*s).cloned()).collect())
}

/// Songs for a notice: the title of a single one, or else their number.
pub(in crate::app) fn titles<'a>(songs: impl ExactSizeIterator<Item = &'a Arc<Song>>) -> String {
    let n = songs.len();
    let mut songs = songs;
    match songs.next() {
        Some(one) if n == 1 => one.title(),
        _ => count(n, "track"),
    }
}
