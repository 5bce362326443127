//! The order of listening: the tracks that the next picks are likeliest to be made from come first.
//!
//! The seed and a few tracks of its album, which its signature is made of; then tracks of its genre by other artists,
//! since picks avoid runs of one artist; without genre tags, the tracks of its artist and its folder. After a number of
//! these, more of them alternate with a spread over the whole library, against which they are told apart.
//!
//! The order depends on the catalog and the seed alone: drawn up again in the middle of the work, it goes on where it
//! was.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::path::Path;
use std::sync::Arc;

use crate::library::{Catalog, Song};

/// Tracks of the seed's album that follow it.
const MATES: usize = 3;
/// Tracks of the seed's artist that come before those of its folder; the others come after them.
const OWN: usize = 8;
/// Related tracks that come before the spread begins.
const FIRST: usize = 40;
/// Years of one span; within a span, the folder decides.
const SPAN: u32 = 5;

/// How a track is related to the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kin {
    /// By another artist, of one of its genres.
    Genre,
    /// By its artist.
    Artist,
    /// In its folder or in one around it; only where genres are not known to differ.
    Folder,
    None,
}

/// Every distinct track of a catalog, the most useful for picks like `seed` first, and how many of them come before the
/// spread begins.
pub(super) fn order<'a>(catalog: &'a Catalog, seed: Option<&Arc<Song>>) -> (Vec<&'a Arc<Song>>, usize) {
    let mut seen = HashSet::new();
    let songs: Vec<&Arc<Song>> = catalog.songs().iter().filter(|song| seen.insert(song.track)).collect();
    let Some(seed) = seed else { return (spread(songs), 0) };
    let mut near: Vec<(&Arc<Song>, usize)> = songs.into_iter().map(|song| (song, shared(song, seed))).collect();
    // The folder that holds the whole library relates nothing.
    let top = near.iter().map(|&(_, depth)| depth).min().unwrap_or_default();
    near.sort_by_key(|&(song, depth)| (years(song, seed), Reverse(depth), song.track));

    let asked = Asked::of(seed);
    let (mut first, mut mates) = (Vec::new(), Vec::new());
    let (mut genre, mut artist, mut folder, mut rest) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (song, depth) in near {
        if song.track == seed.track {
            first.push(song);
        } else if mates.len() < MATES && song.album_key() == seed.album_key() {
            mates.push(song);
        } else {
            match asked.kin(song, depth > top) {
                Kin::Genre => genre.push(song),
                Kin::Artist => artist.push(song),
                Kin::Folder => folder.push((Reverse(depth), song)),
                Kin::None => rest.push(song),
            }
        }
    }
    let mut related = in_turn(genre, artist_of);
    let mut artist = in_turn(artist, Song::album_key);
    let more = artist.split_off(artist.len().min(OWN));
    related.extend(artist);
    // From the inmost folder outwards.
    folder.sort_by_key(|&(depth, _)| depth);
    for level in folder.chunk_by(|a, b| a.0 == b.0) {
        related.extend(in_turn(level.iter().map(|&(_, song)| song).collect(), artist_of));
    }
    related.extend(more);

    let later = related.split_off(related.len().min(FIRST));
    first.extend(mates);
    first.extend(related);
    let near = first.len();
    first.extend(alternate(spread(rest), later));
    (first, near)
}

/// What is asked of related tracks.
struct Asked {
    artist: String,
    genres: Vec<String>,
}

impl Asked {
    fn of(seed: &Song) -> Asked {
        Asked { artist: plain(seed.artist()), genres: seed.tags.genres.iter().map(|genre| plain(genre)).collect() }
    }

    /// How a track is related; `beside`: it shares a folder with the seed.
    fn kin(&self, song: &Song, beside: bool) -> Kin {
        let genres = &song.tags.genres;
        if !self.artist.is_empty() && plain(song.artist()) == self.artist {
            Kin::Artist
        } else if genres.iter().any(|genre| self.genres.contains(&plain(genre))) {
            Kin::Genre
        } else if beside && (genres.is_empty() || self.genres.is_empty()) {
            Kin::Folder
        } else {
            Kin::None
        }
    }
}

fn plain(text: &str) -> String {
    text.trim().to_lowercase()
}

/// How many spans of years a track is away from the seed; 0 when the seed's year is unknown.
fn years(song: &Song, seed: &Song) -> u32 {
    match (song.tags.year, seed.tags.year) {
        (Some(a), Some(b)) => a.abs_diff(b) / SPAN,
        (None, Some(_)) => u32::MAX,
        (_, None) => 0,
    }
}

/// How many levels of folders a track's album shares with the seed's.
fn shared(song: &Song, seed: &Song) -> usize {
    let (a, b) = (song.album_key().3, seed.album_key().3);
    a.components().zip(b.components()).take_while(|(a, b)| a == b).count()
}

/// The artist; of a track whose artist is unknown, the folder in its stead.
fn artist_of(song: &Song) -> (&str, &Path) {
    match song.artist() {
        "" => ("", song.album_key().3),
        artist => (artist, Path::new("")),
    }
}

/// One track of each artist in turn, from another album each time where there is one.
fn spread(mut songs: Vec<&Arc<Song>>) -> Vec<&Arc<Song>> {
    // An identity is a hash, so this is a random order that is always the same.
    songs.sort_by_key(|song| song.track);
    in_turn(in_turn(songs, Song::album_key), artist_of)
}

/// The first track of each key, then the second of each, and so on.
fn in_turn<'a, K: Eq + Hash>(songs: Vec<&'a Arc<Song>>, key: impl Fn(&'a Song) -> K) -> Vec<&'a Arc<Song>> {
    let mut counts: HashMap<K, usize> = HashMap::new();
    let numbered = songs.into_iter().map(|song| {
        let count = counts.entry(key(song)).or_default();
        *count += 1;
        (*count, song)
    });
    let mut numbered: Vec<(usize, &Arc<Song>)> = numbered.collect();
    numbered.sort_by_key(|&(count, _)| count);
    numbered.into_iter().map(|(_, song)| song).collect()
}

/// One of each in turn, then what is left of the longer one.
fn alternate<T>(a: Vec<T>, b: Vec<T>) -> Vec<T> {
    let (mut a, mut b) = (a.into_iter(), b.into_iter());
    let mut out = Vec::with_capacity(a.len() + b.len());
    while a.len() + b.len() > 0 {
        out.extend(a.next());
        out.extend(b.next());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{Tags, TrackId};

    /// A song by its path, `/music/ARTIST/ALBUM/NAME`; its place in the list is its identity.
    fn catalog(songs: &[(&str, &str, Option<i32>)]) -> Catalog {
        let song = |(n, &(path, genre, year)): (usize, &(&str, &str, Option<i32>))| {
            let mut parts = path.rsplit('/').skip(1);
            let (album, artist) = (parts.next().unwrap(), parts.next().unwrap());
            let tags = Tags {
                artist: Some(artist.into()),
                album: Some(album.into()),
                genres: genre.split(';').filter(|genre| !genre.is_empty()).map(String::from).collect(),
                year,
                ..Tags::default()
            };
            Arc::new(Song { tags: tags.into(), secs: 1.0, ..Song::bare(path, TrackId((n as u128).to_be_bytes())) })
        };
        Catalog::new(songs.iter().enumerate().map(song).collect())
    }

    /// The names of the files, in order.
    fn names(catalog: &Catalog, seed: Option<&str>) -> Vec<String> {
        let seed = seed.and_then(|path| catalog.of_path(Path::new(path)));
        order(catalog, seed).0.iter().map(|song| song.title()).collect()
    }

    #[test]
    fn the_genre_by_other_artists_in_turn_comes_before_the_own_artist_and_the_rest() {
        let own = ["/m/A/one/a1", "/m/A/one/a2", "/m/A/one/a3", "/m/A/one/a4", "/m/A/one/a5", "/m/A/two/a6"];
        let rock = ["/m/B/x/b1", "/m/B/x/b2", "/m/B/x/b3", "/m/C/x/c1"];
        let jazz = ["/m/D/x/d1", "/m/D/x/d2", "/m/E/x/e1"];
        let of = |paths: &[&'static str], genre: &'static str| -> Vec<_> {
            paths.iter().map(|path| (*path, genre, None)).collect()
        };
        let songs = [of(&jazz, "Jazz"), of(&own, "Rock"), of(&rock, "Indie; rock ")].concat();
        let found = names(&catalog(&songs), Some("/m/A/one/a2"));
        let expected = ["a2", "a1", "a3", "a4", "b1", "c1", "b2", "b3", "a5", "a6", "d1", "e1", "d2"];
        assert_eq!(found, expected);
    }

    #[test]
    fn near_years_come_first() {
        let songs = [
            ("/m/A/x/seed", "Rock", Some(1990)),
            ("/m/B/x/old", "Rock", Some(1960)),
            ("/m/C/x/unknown", "Rock", None),
            ("/m/D/x/near", "Rock", Some(1993)),
            ("/m/E/x/other", "Jazz", Some(1990)),
        ];
        assert_eq!(names(&catalog(&songs), Some("/m/A/x/seed")), ["seed", "near", "old", "unknown", "other"]);
    }

    #[test]
    fn after_forty_the_spread_alternates() {
        let paths: Vec<String> = (0..60).map(|n| format!("/m/r{n}/x/rock")).collect();
        let others: Vec<String> = (0..10).map(|n| format!("/m/j{n}/x/jazz")).collect();
        let all = others.iter().map(|path| (path.as_str(), "Jazz", None));
        let songs: Vec<_> = all.chain(paths.iter().map(|path| (path.as_str(), "Rock", None))).collect();
        let found = names(&catalog(&songs), Some("/m/r0/x/rock"));
        assert!(found[..41].iter().all(|name| name == "rock"), "the seed and forty others: {found:?}");
        let by_turns: Vec<&str> = (0..10).flat_map(|_| ["jazz", "rock"]).collect();
        assert_eq!(found[41..61], by_turns);
        assert_eq!(found.len(), 70);
        let catalog = catalog(&songs);
        assert_eq!(order(&catalog, catalog.of_path(Path::new("/m/r0/x/rock"))).1, 41);
    }

    #[test]
    fn without_genres_the_artist_and_the_folder_come_first() {
        let own: Vec<String> = (0..14).map(|n| format!("/m/lossless/A/x/own{n:02}")).collect();
        let beside: Vec<String> = (0..2).map(|n| format!("/m/lossless/B{n}/x/beside{n}")).collect();
        let far: Vec<String> =
            (0..2).flat_map(|artist| (0..2).map(move |n| format!("/m/mp3/C{artist}/x/far{artist}{n}"))).collect();
        let songs: Vec<_> = far.iter().chain(&beside).chain(&own).map(|path| (path.as_str(), "", None)).collect();
        let found = names(&catalog(&songs), Some("/m/lossless/A/x/own00"));
        assert!(found[..12].iter().all(|name| name.starts_with("own")), "the seed, three and eight: {found:?}");
        assert_eq!(found[12..], ["beside0", "beside1", "own12", "own13", "far00", "far10", "far01", "far11"]);
    }

    #[test]
    fn a_folder_does_not_relate_what_tags_tell_apart() {
        let songs = [
            ("/m/mixed/A/x/seed", "Rock", None),
            ("/m/mixed/B/x/jazz", "Jazz", None),
            ("/m/mixed/C/x/untagged", "", None),
            ("/m/other/D/x/rock", "Rock", None),
        ];
        assert_eq!(names(&catalog(&songs), Some("/m/mixed/A/x/seed")), ["seed", "rock", "untagged", "jazz"]);
    }

    #[test]
    fn without_a_seed_one_track_of_each_artist_comes_in_turn() {
        let songs = [
            ("/m/A/one/a1", "", None),
            ("/m/A/one/a2", "", None),
            ("/m/A/two/a3", "", None),
            ("/m/B/one/b1", "", None),
            ("/m/B/one/b2", "", None),
        ];
        assert_eq!(names(&catalog(&songs), None), ["a1", "b1", "a3", "b2", "a2"]);
    }
}
