//! Groups songs into albums: by album artist, title, year and directory ([`Song::album_key`]);
//! without an album artist tag, also by whether the track numbers collide.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Song;

/// An album.
#[derive(Clone, Debug, PartialEq)]
pub struct Album {
    /// Album artist; "" for a compilation by several artists.
    pub artist: String,
    /// Its title.
    pub title: String,
    /// Year of release.
    pub year: Option<i32>,
    /// Its songs, ordered by disc, track number and path.
    pub songs: Vec<Arc<Song>>,
}

/// Groups songs into albums, in the order of each album's first song. Songs without an album tag
/// are left out.
pub(super) fn group(songs: &[Arc<Song>]) -> Vec<Album> {
    let mut places = HashMap::new();
    let mut groups: Vec<Vec<Arc<Song>>> = Vec::new();
    for song in songs.iter().filter(|s| s.tags.album.is_some()) {
        let place = *places.entry(song.album_key()).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(song.clone());
    }
    groups.into_iter().flat_map(split).map(album).collect()
}

/// Splits songs of one key by artist if they are evidently several albums. Without an album artist
/// tag they may be a compilation, one record with guests, or albums of the same name by several
/// artists ("Greatest Hits") in one directory. It is the last if two artists share a track number.
fn split(songs: Vec<Arc<Song>>) -> Vec<Vec<Arc<Song>>> {
    if songs.iter().any(|s| s.tags.album_artist.is_some() || s.tags.compilation) {
        return vec![songs];
    }
    let mut artist_of: HashMap<(u32, u32), &str> = HashMap::new();
    let collide = songs.iter().any(|song| {
        let Some(number) = song.tags.track else { return false };
        let disc = song.tags.disc.unwrap_or(1);
        *artist_of.entry((disc, number)).or_insert(song.artist()) != song.artist()
    });
    if !collide {
        return vec![songs];
    }
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut parts: Vec<Vec<Arc<Song>>> = Vec::new();
    for song in &songs {
        let place = *places.entry(song.artist().to_lowercase()).or_insert(parts.len());
        if place == parts.len() {
            parts.push(Vec::new());
        }
        parts[place].push(song.clone());
    }
    parts
}

fn album(mut songs: Vec<Arc<Song>>) -> Album {
    songs.sort_by(|a, b| {
        let number = |s: &Song| (s.tags.disc.unwrap_or(0), s.tags.track.unwrap_or(0));
        number(a).cmp(&number(b)).then_with(|| a.path.cmp(&b.path))
    });
    let artists: HashSet<&str> = songs.iter().map(|s| s.artist()).collect();
    let first = songs.first();
    let of_all = songs.iter().find_map(|s| s.tags.album_artist.as_deref()).map(str::to_owned);
    // Without an album artist tag, the main artist cannot be told from the guests.
    let own = first.filter(|s| artists.len() == 1 && !s.tags.compilation).map(|s| s.artist().to_owned());
    Album {
        artist: of_all.or(own).unwrap_or_default(),
        title: first.map(|s| s.album().to_owned()).unwrap_or_default(),
        year: first.and_then(|s| s.tags.year),
        songs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Catalog;
    use crate::track::{Tags, TrackId};

    fn song(path: &str, artist: &str, number: u32, change: impl Fn(&mut Tags)) -> Arc<Song> {
        let mut tags = Tags {
            artist: Some(artist.into()),
            album: Some("Greatest Hits".into()),
            track: Some(number),
            ..Tags::default()
        };
        change(&mut tags);
        let (track, tags) = (TrackId([0; 16]), tags.into());
        Arc::new(Song { tags, secs: 1.0, ..Song::bare(path, track) })
    }

    /// The artist of each album and the paths of its songs, joined by spaces.
    fn albums(songs: &[Arc<Song>]) -> Vec<(String, String)> {
        let paths = |a: &Album| a.songs.iter().map(|s| s.path.display().to_string()).collect::<Vec<_>>().join(" ");
        Catalog::new(songs.to_vec()).albums().iter().map(|a| (a.artist.clone(), paths(a))).collect()
    }

    fn two(a: (&str, &str), b: (&str, &str)) -> [(String, String); 2] {
        [(a.0.into(), a.1.into()), (b.0.into(), b.1.into())]
    }

    #[test]
    fn greatest_hits_of_two_stay_two_even_in_one_directory() {
        let plain = |_: &mut Tags| {};
        let songs = [
            song("/m/q1", "Queen", 1, plain),
            song("/m/q2", "Queen", 2, plain),
            song("/m/a1", "ABBA", 1, plain),
            song("/m/a2", "ABBA", 2, plain),
        ];
        assert_eq!(albums(&songs), two(("ABBA", "/m/a1 /m/a2"), ("Queen", "/m/q1 /m/q2")));
        let named = |artist: &'static str| move |t: &mut Tags| t.album_artist = Some(artist.into());
        let songs = [song("/m/1", "Queen", 1, named("Queen")), song("/m/2", "ABBA", 2, named("ABBA"))];
        assert_eq!(albums(&songs), two(("ABBA", "/m/2"), ("Queen", "/m/1")));
    }

    #[test]
    fn guests_and_compilations_are_one_album() {
        let plain = |_: &mut Tags| {};
        let guests = [song("/m/1", "Queen", 1, plain), song("/m/2", "Queen & David Bowie", 2, plain)];
        assert_eq!(albums(&guests).len(), 1);
        let various = |t: &mut Tags| t.compilation = true;
        // The second disc restarts its numbering, and its disc tag is missing.
        let compilation = [song("/m/2", "B", 1, various), song("/m/1", "A", 1, various)];
        assert_eq!(albums(&compilation), [(String::new(), "/m/1 /m/2".into())]);
    }

    #[test]
    fn discs_in_directories_are_one_album_and_other_directories_are_not() {
        let disc = |n| move |t: &mut Tags| t.disc = Some(n);
        let songs = [song("/m/h/CD1/1", "Q", 1, disc(1)), song("/m/h/Disc 2 - Live/1", "Q", 1, disc(2))];
        assert_eq!(albums(&songs), [("Q".into(), "/m/h/CD1/1 /m/h/Disc 2 - Live/1".into())]);
        let songs = [song("/m/h/1", "Q", 1, disc(1)), song("/m/remaster/1", "Q", 1, disc(1))];
        assert_eq!(albums(&songs).len(), 2);
        for name in ["CDs", "Discovery", "cd1988", "CD", "Disco 2000", "cd2go"] {
            let path = format!("/m/{name}/1");
            let songs = [song(&path, "Q", 1, disc(1)), song("/m/CD1/1", "Q", 1, disc(1))];
            assert_eq!(albums(&songs).len(), 2, "{name}");
        }
    }

    #[test]
    fn years_part_albums_and_songs_without_one_make_none() {
        let year = |y| move |t: &mut Tags| t.year = Some(y);
        assert_eq!(albums(&[song("/m/1", "Q", 1, year(1981)), song("/m/2", "Q", 2, year(2011))]).len(), 2);
        assert_eq!(albums(&[song("/m/1", "Q", 1, |t| t.album = None)]), []);
    }
}
