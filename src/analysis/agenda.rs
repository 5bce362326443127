//! The order in which tracks are analysed. What picks are made from begins with the seed and what is related to it
//! (`near`); the rest of the work begins with the playing track and its album, then takes one track of every album.

mod near;

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use crate::library::{Catalog, Song};
use crate::track::TrackId;

/// The tracks that are still to be analysed, highest priority first.
#[derive(Debug, Default)]
pub struct Agenda {
    queue: VecDeque<Arc<Song>>,
    /// How many at the front come first because of the seed: it, tracks of its album, and those related to it.
    near: usize,
}

impl Agenda {
    /// The agenda for a catalog: every distinct track for which `wanted` is true, prioritised by
    /// the playing file.
    pub fn new(catalog: &Catalog, playing: Option<&Path>, wanted: impl Fn(TrackId) -> bool) -> Agenda {
        let mut seen = HashSet::new();
        let mut todo: Vec<&Arc<Song>> =
            catalog.songs().iter().filter(|s| wanted(s.track) && seen.insert(s.track)).collect();
        let current = playing.and_then(|p| catalog.of_path(p));
        let mut albums: HashMap<_, usize> = HashMap::new();
        // An album that is partly analysed already counts as represented.
        for song in catalog.songs().iter().filter(|s| !wanted(s.track)) {
            albums.insert(song.album_key(), 1);
        }
        let mut rank: HashMap<&Path, (u8, usize)> = HashMap::with_capacity(todo.len());
        for (position, song) in todo.iter().enumerate() {
            let nth = albums.entry(song.album_key()).or_insert(0);
            *nth += 1;
            let class = match current {
                Some(c) if c.track == song.track => 0,
                Some(c) if c.album_key() == song.album_key() => 1,
                _ if *nth == 1 => 2,
                _ => 3,
            };
            rank.insert(&song.path, (class, position));
        }
        todo.sort_by_key(|s| rank[&*s.path]);
        Agenda { queue: todo.into_iter().cloned().collect(), near: 0 }
    }

    /// The agenda of a library that picks like `seed` are made from: every distinct track that `wanted` accepts, the
    /// likeliest picks first.
    pub fn for_picks(catalog: &Catalog, seed: Option<&Path>, wanted: impl Fn(TrackId) -> bool) -> Agenda {
        if !catalog.tracks().any(&wanted) {
            return Agenda::default();
        }
        let seed = seed.and_then(|path| catalog.of_path(path));
        let (order, near) = near::order(catalog, seed);
        let near = order.iter().take(near).filter(|song| wanted(song.track)).count();
        let order = order.into_iter();
        Agenda { queue: order.filter(|song| wanted(song.track)).cloned().collect(), near }
    }

    /// Removes and returns the track with the highest priority.
    pub fn take(&mut self) -> Option<Arc<Song>> {
        self.near = self.near.saturating_sub(1);
        self.queue.pop_front()
    }

    /// Whether the next track comes first because of the seed, before the spread over the whole library.
    pub fn is_near(&self) -> bool {
        self.near > 0
    }

    /// The track with the highest priority, without removing it.
    pub fn peek(&self) -> Option<&Arc<Song>> {
        self.queue.front()
    }

    /// The number of tracks left.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether no tracks are left.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::Tags;

    fn catalog() -> Catalog {
        let song = |album: &str, n: u8| {
            let tags = Tags {
                artist: Some(album.to_uppercase().into()),
                album: Some(album.into()),
                track: Some(n.into()),
                ..Tags::default()
            };
            let id = [album.as_bytes()[0], n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            Arc::new(Song { tags: tags.into(), secs: 1.0, ..Song::bare(format!("/m/{album}/{n}"), TrackId(id)) })
        };
        Catalog::new(["a", "b", "c"].iter().flat_map(|a| (1..=3).map(move |n| song(a, n))).collect())
    }

    fn order(playing: Option<&str>, wanted: impl Fn(TrackId) -> bool) -> Vec<String> {
        let mut agenda = Agenda::new(&catalog(), playing.map(Path::new), wanted);
        std::iter::from_fn(|| agenda.take()).map(|s| s.path.display().to_string()[3..].to_string()).collect()
    }

    #[test]
    fn the_playing_track_then_its_album_then_one_of_each() {
        assert_eq!(order(Some("/m/b/2"), |_| true), ["b/2", "b/1", "b/3", "a/1", "c/1", "a/2", "a/3", "c/2", "c/3"]);
    }

    #[test]
    fn without_a_playing_track_albums_come_first() {
        assert_eq!(order(None, |_| true)[..3], ["a/1", "b/1", "c/1"]);
    }

    #[test]
    fn for_picks_it_goes_on_where_it_was_until_another_seed_plays() {
        let order = |seed: &str, heard: &[&str]| -> Vec<String> {
            let catalog = catalog();
            let heard: Vec<TrackId> =
                heard.iter().map(|name| catalog.of_path(&Path::new("/m").join(name)).unwrap().track).collect();
            let mut agenda = Agenda::for_picks(&catalog, Some(Path::new(seed)), |track| !heard.contains(&track));
            std::iter::from_fn(|| agenda.take()).map(|s| s.path.display().to_string()[3..].to_string()).collect()
        };
        let all = order("/m/b/2", &[]);
        assert_eq!(all, ["b/2", "b/1", "b/3", "a/1", "c/1", "a/2", "c/2", "a/3", "c/3"]);
        let heard = ["b/2", "b/1", "b/3", "a/1"];
        assert_eq!(order("/m/b/2", &heard), all[4..]);
        assert_eq!(order("/m/c/3", &heard), ["c/3", "c/1", "c/2", "a/2", "a/3"]);
        assert!(order("/m/c/3", &["a/1", "a/2", "a/3", "b/1", "b/2", "b/3", "c/1", "c/2", "c/3"]).is_empty());
    }

    #[test]
    fn what_is_near_is_counted_without_what_was_heard() {
        let catalog = catalog();
        let near = |seed: Option<&str>, wanted: &dyn Fn(TrackId) -> bool| {
            let mut agenda = Agenda::for_picks(&catalog, seed.map(Path::new), wanted);
            std::iter::from_fn(|| agenda.is_near().then(|| agenda.take()).flatten()).count()
        };
        // The seed and the rest of its album; no other track is of its genre, artist or folder.
        assert_eq!(near(Some("/m/b/2"), &|_| true), 3);
        assert_eq!(near(Some("/m/b/2"), &|track| track.0[..2] != [b'b', 1]), 2);
        assert_eq!((near(None, &|_| true), near(Some("/m/none"), &|_| true)), (0, 0));
    }

    #[test]
    fn an_album_heard_in_part_is_represented() {
        assert_eq!(order(None, |id| id.0[..2] != [b'a', 3])[..3], ["b/1", "c/1", "a/1"]);
    }
}
