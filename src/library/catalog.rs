//! The catalog: every playable file of the library in memory, in listening order. A catalog never changes; a new one, built
//! in the background, replaces it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::albums::{Album, group};
use super::scan;
use super::song::{Song, album_dir};
use crate::track::TrackId;

/// How many neighbours on either side of a song are searched for its album.
const ALBUM_REACH: usize = 1000;

/// Every song, sorted by artist, album, disc, track, path.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    songs: Vec<Arc<Song>>,
    /// None for a part of another catalog, which is made for every letter of a filter and seldom asked.
    index: Option<Index>,
    ranked: bool,
    /// Places of songs with tags that were read in part, once they were asked for.
    partly: OnceLock<Box<[u32]>>,
}

/// The orders by which songs are looked up: places in [`Catalog::songs`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Index {
    /// Places in `songs`, in the order of the tracks, those of one track as they stand there.
    by_track: Vec<u32>,
    /// Places in `songs`, in the order of the paths: a path costs memory enough in its song.
    by_path: Vec<u32>,
    /// Places of the first file of each track, as they stand in `songs`.
    firsts: Vec<u32>,
    /// Places of files that have a former identity, in the order of that and, for one of several tracks, of the tracks.
    by_former: Vec<u32>,
}

impl Index {
    fn of(songs: &[Arc<Song>]) -> Index {
        let mut by_track: Vec<u32> = (0..songs.len() as u32).collect();
        let mut by_path = by_track.clone();
        by_track.sort_by_key(|&i| songs[i as usize].track);
        let track = |i: u32| songs[i as usize].track;
        let mut firsts: Vec<u32> = by_track.chunk_by(|&a, &b| track(a) == track(b)).map(|files| files[0]).collect();
        firsts.sort_unstable();
        let mut by_former: Vec<u32> = by_track.clone();
        by_former.retain(|&i| songs[i as usize].former != songs[i as usize].track);
        by_former.sort_by_key(|&i| songs[i as usize].former);
        by_path.sort_unstable_by(|&a, &b| scan::order(&songs[a as usize].path, &songs[b as usize].path));
        Index { by_track, by_path, firsts, by_former }
    }

    /// Whether it can be an index of `len` songs: every place exists, and the full orders have all of them.
    fn fits(&self, len: usize) -> bool {
        let Index { by_track, by_path, firsts, by_former } = self;
        let full = by_track.len() == len && by_path.len() == len && firsts.len().max(by_former.len()) <= len;
        full && [by_track, by_path, firsts, by_former].into_iter().flatten().all(|&place| (place as usize) < len)
    }
}

impl Catalog {
    /// Sorts and indexes songs.
    pub fn new(mut songs: Vec<Arc<Song>>) -> Catalog {
        songs.sort_by_cached_key(|s| {
            let artist = s.tags.album_artist.as_deref().unwrap_or_else(|| s.artist()).to_lowercase();
            // Untitled artists sort last, as every player does.
            (
                artist.is_empty(),
                artist,
                s.tags.year.unwrap_or(0),
                s.album().to_lowercase(),
                s.tags.disc.unwrap_or(0),
                s.tags.track.unwrap_or(0),
                s.path.clone(),
            )
        });
        Catalog::in_order(songs)
    }

    /// Indexes songs that are in the catalog's order.
    fn in_order(songs: Vec<Arc<Song>>) -> Catalog {
        let index = Index::of(&songs);
        Catalog { songs, index: Some(index), ranked: false, partly: OnceLock::new() }
    }

    /// A catalog from the songs and the index of an earlier one, without sorting anything; `None` when the index does
    /// not fit the songs in number. That its orders are right is not checked.
    pub(super) fn restored(songs: Vec<Arc<Song>>, index: Index) -> Option<Catalog> {
        index.fits(songs.len()).then_some(Catalog { songs, index: Some(index), ranked: false, partly: OnceLock::new() })
    }

    /// The index; none for a part of another catalog.
    pub(super) fn index(&self) -> Option<&Index> {
        self.index.as_ref()
    }

    /// The songs that pass, in the same order.
    pub fn subset(&self, mut keep: impl FnMut(usize, &Song) -> bool) -> Catalog {
        let passing = self.songs.iter().enumerate().filter(|(i, song)| keep(*i, song));
        Catalog {
            songs: passing.map(|(_, song)| song.clone()).collect(),
            index: None,
            ranked: false,
            partly: OnceLock::new(),
        }
    }

    /// The songs with tags that were read in part. They are looked for once.
    pub fn partly_read(&self) -> impl Iterator<Item = &Arc<Song>> {
        let found = self.partly.get_or_init(|| {
            let songs = (0..).zip(&self.songs);
            songs.filter(|(_, song)| song.tag_fault.is_some()).map(|(place, _)| place).collect()
        });
        found.iter().map(|place| &self.songs[*place as usize])
    }

    /// The songs at these places, in this order: what was found, the best first.
    pub fn ranked(&self, places: impl IntoIterator<Item = usize>) -> Catalog {
        let songs = places.into_iter().filter_map(|place| self.songs.get(place)).cloned().collect();
        Catalog { songs, index: None, ranked: true, partly: OnceLock::new() }
    }

    /// Whether the songs stand in an order of worth, not of listening.
    pub fn is_ranked(&self) -> bool {
        self.ranked
    }

    /// All songs in listening order.
    pub fn songs(&self) -> &[Arc<Song>] {
        &self.songs
    }

    /// Number of songs (files).
    pub fn len(&self) -> usize {
        self.songs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.songs.is_empty()
    }

    /// The first file of a track, or of the track that had this identity by the version before. Of several that the
    /// version before took for one it is the one with the lowest identity, always the same.
    pub fn of_track(&self, track: TrackId) -> Option<&Arc<Song>> {
        let Some(Index { by_track, by_former, .. }) = &self.index else {
            let songs = || self.songs.iter();
            return songs().find(|s| s.track == track).or_else(|| songs().find(|s| s.former == track));
        };
        let song = |i: &u32| &self.songs[*i as usize];
        let first = by_track.partition_point(|i| song(i).track < track);
        let known = by_track.get(first).map(song).filter(|song| song.track == track);
        known.or_else(|| {
            let first = by_former.partition_point(|i| song(i).former < track);
            by_former.get(first).map(song).filter(|song| song.former == track)
        })
    }

    /// The identity by which a track is known here: of one that the version before named the present one; itself where
    /// the library has no such track.
    pub fn current(&self, track: TrackId) -> TrackId {
        self.of_track(track).map_or(track, |song| song.track)
    }

    /// Every file of a track.
    pub fn files_of(&self, track: TrackId) -> impl Iterator<Item = &Arc<Song>> {
        let by_track = self.index.as_ref().map_or(&[][..], |index| &index.by_track);
        let first = by_track.partition_point(|&i| self.songs[i as usize].track < track);
        let indexed = by_track[first..].iter().map(|&i| &self.songs[i as usize]);
        let part = self.index.is_none().then_some(self.songs.iter()).into_iter().flatten();
        indexed.take_while(move |song| song.track == track).chain(part.filter(move |song| song.track == track))
    }

    /// Where a track that was last seen at a path is now: there, or where a file of the same sound lies (of several the one
    /// whose place is most like the old one). When its sound is nowhere any more, what lies at the path in its stead; and
    /// `None` when there is nothing either. Queue, session and whatever else holds a file for longer than a moment asks
    /// here.
    pub fn whereabouts(&self, path: &Path, track: TrackId) -> Option<&Arc<Song>> {
        let there = self.of_path(path);
        let track = self.current(track);
        if let Some(song) = there.filter(|song| song.track == track) {
            return Some(song);
        }
        let alike = |song: &&Arc<Song>| {
            let ends = song.path.components().rev().zip(path.components().rev());
            let begins = song.path.components().zip(path.components());
            (ends.take_while(|(a, b)| a == b).count(), begins.take_while(|(a, b)| a == b).count())
        };
        // The first of those that are equally alike.
        let moved = self.files_of(track).max_by(|a, b| alike(a).cmp(&alike(b)).then_with(|| b.path.cmp(&a.path)));
        moved.or(there)
    }

    /// The song at a path.
    pub fn of_path(&self, path: &Path) -> Option<&Arc<Song>> {
        self.index_of(path).and_then(|i| self.songs.get(i))
    }

    /// The position of a path in [`Self::songs`].
    pub fn index_of(&self, path: &Path) -> Option<usize> {
        let Some(Index { by_path, .. }) = &self.index else { return self.songs.iter().position(|s| &*s.path == path) };
        let at = by_path.binary_search_by(|&i| scan::order(&self.songs[i as usize].path, path)).ok()?;
        Some(by_path[at] as usize)
    }

    /// The song at a path or, if there is none, those below it, in listening order: a directory's, or the pieces of a file.
    pub fn at_or_below(&self, path: &Path) -> Vec<Arc<Song>> {
        if let Some(song) = self.of_path(path) {
            return vec![song.clone()];
        }
        // Without `.`, repeated slashes and one at the end, as in a walk.
        let path: PathBuf = path.components().collect();
        if let Some(song) = self.of_path(&path) {
            return vec![song.clone()];
        }
        let Some(Index { by_path, .. }) = &self.index else {
            return self.songs.iter().filter(|song| song.path.starts_with(&path)).cloned().collect();
        };
        // With a slash at the end, the paths below a directory stand side by side.
        let dir = path.join("");
        let from = by_path.partition_point(|&i| scan::order(&self.songs[i as usize].path, &dir).is_lt());
        let below = by_path[from..].iter().take_while(|&&i| scan::is_under(&self.songs[i as usize].path, &dir));
        let mut places: Vec<u32> = below.copied().collect();
        places.sort_unstable();
        places.into_iter().map(|i| self.songs[i as usize].clone()).collect()
    }

    /// The songs of a song's album, by [`Song::album_key`], itself too; none when it has no album tag. Of a directory of
    /// thousands of files only those near its own place are looked at.
    pub fn album_of<'a>(&'a self, song: &Song) -> impl Iterator<Item = &'a Arc<Song>> {
        let places = self.index.as_ref().map_or(&[][..], |index| &index.by_path);
        let at = places.partition_point(|&i| scan::order(&self.songs[i as usize].path, &song.path).is_lt());
        let dir = album_dir(&song.path);
        let songs = move |places: &'a [u32]| places.iter().map(|&i| &self.songs[i as usize]);
        let (before, after) = places.split_at(at);
        let beside = |s: &&Arc<Song>| s.path.starts_with(dir);
        let before = songs(before).rev().take(ALBUM_REACH).take_while(beside);
        let after = songs(after).take(ALBUM_REACH).take_while(beside);
        let tagged = song.tags.album.is_some();
        let found: Vec<_> = before.chain(after).filter(|s| tagged && s.album_key() == song.album_key()).collect();
        found.into_iter()
    }

    /// Every album, in the order of its first song. Songs without an album tag make none.
    pub fn albums(&self) -> Vec<Album> {
        group(&self.songs)
    }

    /// Every distinct track, once.
    pub fn tracks(&self) -> impl Iterator<Item = TrackId> + '_ {
        let firsts = self.index.as_ref().map(|index| index.firsts.iter().map(|&i| self.songs[i as usize].track));
        let mut seen = HashSet::new();
        let part = self.index.is_none().then_some(self.songs.iter()).into_iter().flatten().map(|s| s.track);
        firsts.into_iter().flatten().chain(part.filter(move |track| seen.insert(*track)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::Tags;

    fn song(path: &str, artist: Option<&str>, album: Option<&str>, track: u32) -> Arc<Song> {
        let tags = Tags {
            artist: artist.map(Into::into),
            album: album.map(Into::into),
            track: Some(track),
            ..Tags::default()
        };
        Arc::new(Song { tags: tags.into(), secs: 1.0, ..Song::bare(path, TrackId([track as u8; 16])) })
    }

    #[test]
    fn an_album_is_found_from_any_of_its_songs() {
        let catalog = Catalog::new(vec![
            song("/m/b/2.mp3", Some("Beta"), Some("B"), 2),
            song("/m/b/1.mp3", Some("Guest"), Some("B"), 1),
            song("/m/b/3.mp3", Some("Beta"), Some("Other"), 3),
            song("/m/b/4.mp3", Some("Beta"), None, 4),
            song("/m/a/1.mp3", Some("Beta"), Some("B"), 5),
            song("/m/c/1.mp3", Some("Beta"), Some("B"), 6),
        ]);
        let of = |n: u8| {
            let song = catalog.of_track(TrackId([n; 16])).unwrap();
            let mut tracks: Vec<u8> = catalog.album_of(song).map(|s| s.track.0[0]).collect();
            tracks.sort_unstable();
            tracks
        };
        assert_eq!((of(1), of(2), of(3), of(4), of(6)), (vec![1, 2], vec![1, 2], vec![3], vec![], vec![6]));
    }

    #[test]
    fn a_track_is_found_where_it_went_and_by_its_former_identity() {
        let at = |path: &str, track: u8, former: u8| {
            let bare = Song::bare(path, TrackId([track; 16]));
            Arc::new(Song { former: TrackId([former; 16]), ..bare })
        };
        let (id, path) = (|n: u8| TrackId([n; 16]), Path::new);
        let catalog = Catalog::new(vec![
            at("/m/New name/1.mp3", 12, 2),
            at("/m/New name/2.mp3", 13, 3),
            at("/m/copies/1.mp3", 12, 2),
            at("/m/a/other.mp3", 14, 4),
            at("/m/twin.wav", 16, 5),
            at("/m/twin 2.wav", 15, 5),
        ]);
        let now = |old: &str, track: u8| catalog.whereabouts(path(old), id(track)).map(|s| s.path.to_str().unwrap());
        assert_eq!(now("/m/copies/1.mp3", 12), Some("/m/copies/1.mp3"), "it is still there");
        assert_eq!(now("/m/Old name/2.mp3", 13), Some("/m/New name/2.mp3"), "its directory was renamed");
        assert_eq!(now("/m/New name/first.mp3", 12), Some("/m/New name/1.mp3"), "it was, and has a copy elsewhere");
        assert_eq!(now("/m/a/other.mp3", 13), Some("/m/New name/2.mp3"), "another file took its place");
        assert_eq!(now("/m/a/other.mp3", 99), Some("/m/a/other.mp3"), "its sound is gone: what stands in its place");
        assert_eq!(now("/m/a/gone.mp3", 99), None);
        assert_eq!(now("/m/Old name/2.mp3", 3), Some("/m/New name/2.mp3"), "by its former identity");
        assert_eq!(
            (catalog.current(id(3)), catalog.current(id(13)), catalog.current(id(99))),
            (id(13), id(13), id(99))
        );
        assert_eq!(catalog.current(id(5)), id(15), "of two that were taken for one always the same");
        assert_eq!(catalog.files_of(id(12)).count(), 2);
        let part = catalog.subset(|_, song| song.track == id(12));
        assert_eq!((part.files_of(id(12)).count(), part.current(id(2))), (2, id(12)));
    }

    #[test]
    fn a_path_stands_for_all_that_is_below_it() {
        let songs = vec![
            song("/m/b/2.mp3", Some("Alpha"), None, 2),
            song("/m/b/1.mp3", Some("Beta"), None, 1),
            song("/m/b.mp3", Some("Beta"), None, 3),
            song("/m/b c/1.mp3", Some("Beta"), None, 4),
            song("/m/a.m4b/track0001", Some("Beta"), None, 5),
            song("/m/a.m4b/track0002", Some("Beta"), None, 6),
        ];
        let whole = Catalog::new(songs);
        // A part has no index.
        for catalog in [&whole, &whole.subset(|_, _| true)] {
            let at = |path: &str| -> Vec<u8> {
                catalog.at_or_below(Path::new(path)).iter().map(|song| song.track.0[0]).collect()
            };
            assert_eq!(at("/m/b"), [2, 1], "in listening order, without what only begins alike");
            assert_eq!((at("/m//./b/"), at("/m/b.mp3"), at("/m/b.mp3/")), (vec![2, 1], vec![3], vec![3]));
            assert_eq!((at("/m/a.m4b"), at("/m/a.m4b/track0002")), (vec![5, 6], vec![6]));
            assert_eq!((at("/m").len(), at("/").len(), at("/m/"), at("/m/c")), (6, 6, at("/m"), vec![]));
        }
    }

    #[test]
    fn sorts_by_artist_then_number_with_the_unknown_last() {
        let catalog = Catalog::new(vec![
            song("/m/x.mp3", None, None, 9),
            song("/m/b2.mp3", Some("beta"), Some("B"), 2),
            song("/m/b1.mp3", Some("Beta"), Some("B"), 1),
            song("/m/a.mp3", Some("Alpha"), Some("A"), 5),
        ]);
        let names: Vec<_> = catalog.songs().iter().map(|s| s.title()).collect();
        assert_eq!(names, ["a", "b1", "b2", "x"]);
        assert_eq!(catalog.of_track(TrackId([2; 16])).unwrap().title(), "b2");
        assert_eq!(catalog.index_of(Path::new("/m/x.mp3")), Some(3));
    }
}
