//! The catalog: every playable file of the library in memory, in listening order. A catalog never changes; a new one, built
//! in the background, replaces it.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::albums::{Album, group};
use super::scan;
use crate::audio::cue;
use crate::track::{Codec, Probe, Tags, TrackId};

/// One playable file.
#[derive(Clone, Debug, PartialEq)]
pub struct Song {
    /// Its path; raw bytes, not necessarily UTF-8. Shared with the record that it comes from.
    pub path: Arc<Path>,
    /// The track behind it.
    pub track: TrackId,
    /// The track's identity by the version before; what the user made then names it so.
    pub former: TrackId,
    /// Its tags (sanitised), shared with the record that they come from.
    pub tags: Arc<Tags>,
    /// Duration in seconds, 0 when unknown.
    pub secs: f64,
    /// When it was seen first, seconds since the Unix epoch.
    pub added: u64,
    /// Short name of the codec, as in [`Probe::codec`].
    pub codec: Codec,
    /// Sample rate in Hz.
    pub rate: u32,
    /// What of its tags could not be read, as in [`Probe::tag_fault`].
    pub tag_fault: Option<Box<str>>,
}

impl Song {
    /// A song from a first look at its file, and when that was.
    pub fn new(path: Arc<Path>, probe: &Probe, added: u64) -> Song {
        let Probe { track, former, secs, rate, codec, ref tags, ref tag_fault, .. } = *probe;
        let tag_fault = tag_fault.as_deref().map(Into::into);
        Song { path, track, former, tags: tags.clone(), secs, added, codec, rate, tag_fault }
    }

    /// A song of which nothing is known but its file and its track.
    pub fn bare(path: impl AsRef<Path>, track: TrackId) -> Song {
        let (path, tags) = (path.as_ref().into(), Arc::default());
        Song { path, track, former: track, tags, secs: 0.0, added: 0, codec: "", rate: 0, tag_fault: None }
    }

    /// The title, or the file's name when there is none in which anything can be seen (sanitised); never blank.
    pub fn title(&self) -> String {
        if let Some(title) = seen(self.tags.title.as_deref()) {
            return title.to_string();
        }
        let named = crate::text::sanitize(&self.path.file_stem().unwrap_or_default().to_string_lossy());
        if named.is_empty() { "(untitled)".into() } else { named }
    }

    /// The artist, or "" when unknown.
    pub fn artist(&self) -> &str {
        seen(self.tags.artist.as_deref()).or_else(|| seen(self.tags.album_artist.as_deref())).unwrap_or("")
    }

    /// The album, or "" when unknown.
    pub fn album(&self) -> &str {
        seen(self.tags.album.as_deref()).unwrap_or("")
    }

    /// What makes an album one album: its artist, title, year and directory (two albums of one name in two
    /// directories stay two; the discs of one in "CD1", "CD2" are one). Files without an album tag belong to their
    /// directory. [`Catalog::albums`] looks closer.
    pub fn album_key(&self) -> (&str, &str, i32, &Path) {
        let dir = album_dir(&self.path);
        match &self.tags.album {
            // A compilation's tracks have different artists but one directory.
            Some(album) => (self.tags.album_artist.as_deref().unwrap_or(""), album, self.tags.year.unwrap_or(0), dir),
            None => ("", "", 0, dir),
        }
    }
}

/// A text of a tag, unless nothing of it can be seen: stores of older versions hold such.
fn seen(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !crate::text::is_blank(text))
}

/// The directory of a file's album: its own, or the one around it when its own is only a disc's. A piece lies where its cue
/// sheet does.
fn album_dir(path: &Path) -> &Path {
    let dir = cue::split(path).map_or(path, |(sheet, _)| sheet).parent().unwrap_or(Path::new(""));
    match (dir.file_name().and_then(|n| n.to_str()), dir.parent()) {
        (Some(name), Some(around)) if is_disc(name) => around,
        _ => dir,
    }
}

/// Whether a directory's name says that it is one disc of several: "CD1", "Disc 2", "disk_03 - Live".
fn is_disc(name: &str) -> bool {
    let name = name.to_lowercase();
    let rest = ["cd", "disc", "disk", "dvd"].iter().find_map(|word| name.strip_prefix(word));
    let number = rest.map(|r| r.trim_start_matches([' ', '_', '-', '.', '#']));
    number.is_some_and(|n| {
        let digits = n.bytes().take_while(u8::is_ascii_digit).count();
        (1..=2).contains(&digits) && !n[digits..].starts_with(char::is_alphanumeric)
    })
}

/// How many neighbours on either side of a song are searched for its album.
const ALBUM_REACH: usize = 1000;

/// Every song, sorted by artist, album, disc, track, path.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    songs: Vec<Arc<Song>>,
    /// None for a part of another catalog, which is made for every letter of a filter and seldom asked.
    index: Option<Index>,
    ranked: bool,
}

#[derive(Clone, Debug, Default)]
struct Index {
    /// Places in `songs`, in the order of the tracks, those of one track as they stand there.
    by_track: Vec<u32>,
    /// Places in `songs`, in the order of the paths: a path costs memory enough in its song.
    by_path: Vec<u32>,
    /// Places of the first file of each track, as they stand in `songs`.
    firsts: Vec<u32>,
    /// Places of files that have a former identity, in the order of that and, for one of several tracks, of the tracks.
    by_former: Vec<u32>,
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

    /// Indexes songs that stand in the catalog's order.
    pub(super) fn in_order(songs: Vec<Arc<Song>>) -> Catalog {
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
        Catalog { songs, index: Some(Index { by_track, by_path, firsts, by_former }), ranked: false }
    }

    /// The songs that pass, in the same order.
    pub fn subset(&self, mut keep: impl FnMut(usize, &Song) -> bool) -> Catalog {
        let passing = self.songs.iter().enumerate().filter(|(i, song)| keep(*i, song));
        Catalog { songs: passing.map(|(_, song)| song.clone()).collect(), index: None, ranked: false }
    }

    /// The songs at these places, in this order: what was found, the best first.
    pub fn ranked(&self, places: impl IntoIterator<Item = usize>) -> Catalog {
        let songs = places.into_iter().filter_map(|place| self.songs.get(place)).cloned().collect();
        Catalog { songs, index: None, ranked: true }
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
    fn a_title_can_always_be_seen() {
        let titled = |path: &str, title: Option<&str>| {
            let tags = Tags { title: title.map(Into::into), artist: Some("\u{3164}".into()), ..Tags::default() };
            Song { tags: tags.into(), ..Song::bare(path, TrackId([1; 16])) }
        };
        let joiners = "\u{200d}\u{200c}\u{200d}";
        assert_eq!(titled("/m/a song.mp3", Some("So What")).title(), "So What");
        assert_eq!(titled("/m/a song.mp3", Some(joiners)).title(), "a song");
        assert_eq!(titled(&format!("/m/{joiners}.mp3"), Some("\u{2800}")).title(), "(untitled)");
        assert_eq!(titled("/m/a.mp3", None).artist(), "");
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
