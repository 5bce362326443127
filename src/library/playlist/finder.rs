//! Which songs of the library a playlist means, also when their files have moved.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Entry;
use crate::library::{Catalog, Song};

/// Durations that differ by more are of different recordings, in seconds.
const SLACK: f64 = 2.0;

/// How an entry was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    /// It lies where the playlist says.
    Path,
    /// It has moved; its sound is the same.
    Track,
    /// It has moved, and only name and duration agree: it may be another file of the same music.
    Name,
}

/// Finds entries in a catalog.
#[derive(Debug)]
pub struct Finder<'a> {
    catalog: &'a Catalog,
    /// Songs by name; made when the first entry needs it.
    names: OnceCell<HashMap<String, Vec<&'a Arc<Song>>>>,
}

impl<'a> Finder<'a> {
    /// A finder for a catalog.
    pub fn new(catalog: &'a Catalog) -> Finder<'a> {
        Finder { catalog, names: OnceCell::new() }
    }

    /// The song that an entry means; `None` when the library has none.
    pub fn find(&self, entry: &Entry) -> Option<(&'a Arc<Song>, How)> {
        let there = || self.catalog.of_path(&entry.path).map(|song| (song, How::Path));
        let moved = || self.catalog.of_track(entry.track?).map(|song| (song, How::Track));
        there().or_else(moved).or_else(|| self.by_name(entry).map(|song| (song, How::Name)))
    }

    /// The only song of an entry's name and duration.
    fn by_name(&self, entry: &Entry) -> Option<&'a Arc<Song>> {
        let secs = entry.secs?;
        let names = self.names.get_or_init(|| {
            let mut names: HashMap<String, Vec<_>> = HashMap::new();
            for song in self.catalog.songs() {
                names.entry(folded(song.artist(), &song.title())).or_default().push(song);
            }
            names
        });
        let name = entry.artist.as_deref().map_or_else(
            || folded("", entry.title.as_deref().unwrap_or("")),
            |artist| folded(artist, entry.title.as_deref().unwrap_or("")),
        );
        let mut fitting = names.get(&name)?.iter().filter(|song| (song.secs - secs).abs() <= SLACK);
        // Two that fit are a guess.
        fitting.next().filter(|_| fitting.next().is_none()).copied()
    }
}

/// `artist - title` without regard to case.
fn folded(artist: &str, title: &str) -> String {
    let gap = if artist.is_empty() { "" } else { " - " };
    format!("{artist}{gap}{title}").to_lowercase()
}
