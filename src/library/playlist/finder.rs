//! Finds the songs of the library that a playlist refers to, even if their files have moved.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::readings::{Parts, is_numbered, parts, readings};
use crate::library::{Catalog, Song};

/// Recordings whose durations differ by more than this many seconds are different.
const SLACK: f64 = 2.0;

/// How an entry was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    /// By its path as written, or as written on another system (separators, escapes, code page,
    /// letter case).
    Path,
    /// The file has moved; found by the track's identity.
    Track,
    /// The file has moved; only artist, title and duration match, so it may be another file of the
    /// same music.
    Name,
    /// Under another directory (`D:\Music`, `/volume1/music`); the end of the path matches.
    Tail,
}

/// The components of a song's path, and the song.
type Place<'a> = (Parts, &'a Arc<Song>);

/// Finds entries in a catalog.
#[derive(Debug)]
pub struct Finder<'a> {
    catalog: &'a Catalog,
    /// Songs by artist and title; built on first use.
    names: OnceCell<HashMap<String, Vec<&'a Arc<Song>>>>,
    /// Songs by the last two components of their path, directory and file name; built on first use.
    files: OnceCell<HashMap<String, Vec<Place<'a>>>>,
}

impl<'a> Finder<'a> {
    /// Creates a finder for a catalog.
    pub fn new(catalog: &'a Catalog) -> Finder<'a> {
        Finder { catalog, names: OnceCell::new(), files: OnceCell::new() }
    }

    /// The song of an entry; `None` if the library has none, or if several match equally well.
    pub fn find(&self, entry: &Entry) -> Option<(&'a Arc<Song>, How)> {
        let there = || self.catalog.of_path(&entry.path).map(|song| (song, How::Path));
        let moved = || self.catalog.of_track(entry.track?).map(|song| (song, How::Track));
        let named = || self.by_name(entry).map(|song| (song, How::Name));
        there().or_else(moved).or_else(|| self.by_path(entry)).or_else(named)
    }

    /// The song whose path has the longest end in common with a reading of the entry's path.
    fn by_path(&self, entry: &Entry) -> Option<(&'a Arc<Song>, How)> {
        let files = self.files.get_or_init(|| {
            let mut files: HashMap<String, Vec<_>> = HashMap::new();
            for song in self.catalog.songs() {
                let parts = parts(&song.path);
                files.entry(key(&parts)).or_default().push((parts, song));
            }
            files
        });
        let mut best: Option<(usize, &'a Arc<Song>)> = None;
        for path in readings(&entry.path) {
            // Check the exact path first: two directories may differ in letter case only.
            if let Some(song) = self.catalog.of_path(&path) {
                return Some((song, How::Path));
            }
            let wanted = parts(&path);
            let Some(songs) = files.get(&key(&wanted)) else { continue };
            let ends: Vec<_> = songs.iter().map(|(parts, song)| (common(&wanted, parts), *song)).collect();
            let longest = ends.iter().map(|(end, _)| *end).max().unwrap_or_default();
            let equal = ends.iter().filter(|(end, _)| *end == longest).map(|(_, song)| *song).collect();
            let Some(song) = one_of(equal, entry) else { continue };
            let (n, whole) = longest;
            if whole {
                return Some((song, How::Path));
            }
            // A match below a directory whose name is just a number is ambiguous: "CD 1/01
            // Intro.mp3".
            let named = wanted[wanted.len() - n..].iter().rev().skip(1).any(|dir| !is_numbered(dir));
            if named && best.is_none_or(|(most, _)| most < n) {
                best = Some((n, song));
            }
        }
        best.map(|(_, song)| (song, How::Tail))
    }

    /// The only song with the entry's name and duration.
    fn by_name(&self, entry: &Entry) -> Option<&'a Arc<Song>> {
        let secs = entry.secs?;
        let names = self.names.get_or_init(|| {
            let mut names: HashMap<String, Vec<_>> = HashMap::new();
            for song in self.catalog.songs() {
                names.entry(named(song.artist(), &song.title())).or_default().push(song);
            }
            names
        });
        let name = entry.artist.as_deref().map_or_else(
            || named("", entry.title.as_deref().unwrap_or("")),
            |artist| named(artist, entry.title.as_deref().unwrap_or("")),
        );
        let mut fitting = names.get(&name)?.iter().filter(|song| (song.secs - secs).abs() <= SLACK);
        // If two songs match, the choice would be a guess.
        fitting.next().filter(|_| fitting.next().is_none()).copied()
    }
}

/// Directory and file name: the last two components, joined.
fn key(parts: &Parts) -> String {
    parts[parts.len().saturating_sub(2)..].join("/")
}

/// The number of equal components at the ends of two paths, and whether the paths are equal.
fn common(a: &Parts, b: &Parts) -> (usize, bool) {
    let n = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    (n, n == a.len() && n == b.len())
}

/// The song to choose from `songs`: if all are the same track, the first; otherwise, if those of
/// the entry's duration are the same track, the first of those.
fn one_of<'a>(songs: Vec<&'a Arc<Song>>, entry: &Entry) -> Option<&'a Arc<Song>> {
    let same = |songs: &[&'a Arc<Song>]| {
        let first = *songs.first()?;
        songs.iter().all(|song| song.track == first.track).then_some(first)
    };
    same(&songs).or_else(|| {
        let secs = entry.secs?;
        let lasting: Vec<_> = songs.into_iter().filter(|song| (song.secs - secs).abs() <= SLACK).collect();
        same(&lasting)
    })
}

/// `artist - title` in lower case.
fn named(artist: &str, title: &str) -> String {
    let gap = if artist.is_empty() { "" } else { " - " };
    format!("{artist}{gap}{title}").to_lowercase()
}
