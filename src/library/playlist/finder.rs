//! Finds the songs of the library that a playlist refers to, even when their files have moved.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::readings::{Parts, is_numbered, parts, readings};
use crate::library::{Catalog, Song};

/// Durations that differ by more are of different recordings, in seconds.
const SLACK: f64 = 2.0;

/// How an entry was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    /// It lies where the playlist says, whatever the separators, the escapes, the code page or the case that it says it in.
    Path,
    /// It has moved; its sound is the same.
    Track,
    /// It has moved, and only name and duration agree: it may be another file of the same music.
    Name,
    /// It lies below another directory (`D:\Music`, `/volume1/music`); file name and directory agree.
    Tail,
}

/// The parts of a song's path, and the song.
type Place<'a> = (Parts, &'a Arc<Song>);

/// Finds entries in a catalog.
#[derive(Debug)]
pub struct Finder<'a> {
    catalog: &'a Catalog,
    /// Songs by artist and title; made when the first entry needs it.
    names: OnceCell<HashMap<String, Vec<&'a Arc<Song>>>>,
    /// The parts of songs' paths by the last two, file name and directory; made when the first entry needs it.
    files: OnceCell<HashMap<String, Vec<Place<'a>>>>,
}

impl<'a> Finder<'a> {
    /// A finder for a catalog.
    pub fn new(catalog: &'a Catalog) -> Finder<'a> {
        Finder { catalog, names: OnceCell::new(), files: OnceCell::new() }
    }

    /// The song that an entry means; `None` when the library has none, or several of which each may be meant.
    pub fn find(&self, entry: &Entry) -> Option<(&'a Arc<Song>, How)> {
        let there = || self.catalog.of_path(&entry.path).map(|song| (song, How::Path));
        let moved = || self.catalog.of_track(entry.track?).map(|song| (song, How::Track));
        let named = || self.by_name(entry).map(|song| (song, How::Name));
        there().or_else(moved).or_else(|| self.by_path(entry)).or_else(named)
    }

    /// The song whose path ends as the entry's does in some reading, by the longest such end.
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
            // Two directories may differ by their case alone.
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
            // A file in a directory that only counts may be any: "CD 1/01 Intro.mp3".
            let named = wanted[wanted.len() - n..].iter().rev().skip(1).any(|dir| !is_numbered(dir));
            if named && best.is_none_or(|(most, _)| most < n) {
                best = Some((n, song));
            }
        }
        best.map(|(_, song)| (song, How::Tail))
    }

    /// The only song of an entry's name and duration.
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
        // Two that fit are a guess.
        fitting.next().filter(|_| fitting.next().is_none()).copied()
    }
}

/// File name and directory.
fn key(parts: &Parts) -> String {
    parts[parts.len().saturating_sub(2)..].join("/")
}

/// How many parts at the ends of two paths are equal, and whether all of both are.
fn common(a: &Parts, b: &Parts) -> (usize, bool) {
    let n = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    (n, n == a.len() && n == b.len())
}

/// The one of several that is meant: the only one, one of several files of the same sound, or the only one that lasts as
/// long as the entry says.
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

/// `artist - title` without regard to case.
fn named(artist: &str, title: &str) -> String {
    let gap = if artist.is_empty() { "" } else { " - " };
    format!("{artist}{gap}{title}").to_lowercase()
}
