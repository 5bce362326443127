//! The library in groups: by artist, genre, folder, year, composer or the month of its arrival.

use std::path::Path;

use jiff::Timestamp;

use super::catalog::Catalog;
use super::song::{Song, dir_of};

/// What the songs are grouped by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The artist of the album, else of the song: the order of the catalog.
    #[default]
    AlbumArtist,
    /// Every performing artist.
    Artist,
    /// Every genre tag.
    Genre,
    /// The directory, below the music directory.
    Folder,
    /// The year, the latest first.
    Year,
    /// The composer.
    Composer,
    /// The month in which the file was first seen, the latest first.
    Added,
}

/// The name of each grouping, as it is typed, and what its groups are called.
pub const NAMES: [(&str, By, &str); 7] = [
    ("album-artist", By::AlbumArtist, "Artists"),
    ("artist", By::Artist, "All artists"),
    ("genre", By::Genre, "Genres"),
    ("folder", By::Folder, "Folders"),
    ("year", By::Year, "Years"),
    ("composer", By::Composer, "Composers"),
    ("added", By::Added, "Added"),
];

impl By {
    /// The grouping of a name.
    pub fn named(name: &str) -> Option<By> {
        NAMES.iter().find(|(own, ..)| *own == name).map(|(_, by, _)| *by)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, by, _)| *by == self).map_or("", |(name, ..)| name)
    }

    /// The grouping after this one, the first after the last.
    pub fn next(self) -> By {
        let at = NAMES.iter().position(|(_, by, _)| *by == self).unwrap_or(0);
        NAMES[(at + 1) % NAMES.len()].1
    }

    /// What its groups are called.
    pub fn title(self) -> &'static str {
        NAMES.iter().find(|(_, by, _)| *by == self).map_or("", |(.., title)| title)
    }

    /// The names of the groups that a song belongs to, at least one; an empty name where the tag is missing.
    fn groups(self, song: &Song, root: Option<&Path>) -> Vec<String> {
        let tags = &song.tags;
        let several = |names: &[String], one: &str| match names {
            [] => vec![one.to_string()],
            names => names.to_vec(),
        };
        match self {
            By::AlbumArtist => vec![leader(song).to_string()],
            By::Artist => several(&tags.artists, song.artist()),
            By::Genre => several(&tags.genres, ""),
            By::Folder => {
                let folder = dir_of(&song.path);
                let below = root.and_then(|root| folder.strip_prefix(root).ok()).unwrap_or(folder);
                vec![crate::text::sanitize(&below.to_string_lossy())]
            }
            By::Year => vec![tags.year.map(|year| year.to_string()).unwrap_or_default()],
            By::Composer => vec![tags.composer().unwrap_or_default().to_string()],
            By::Added => vec![month(song.added)],
        }
    }

    /// Whether the last group, in the order of the names, comes first.
    fn descends(self) -> bool {
        matches!(self, By::Year | By::Added)
    }
}

/// The artist by whom the catalog is sorted.
fn leader(song: &Song) -> &str {
    song.tags.album_artist.as_deref().unwrap_or_else(|| song.artist())
}

/// "2026-11"; empty for a time that is not known.
fn month(secs: u64) -> String {
    let time = i64::try_from(secs).ok().filter(|secs| *secs > 0).and_then(|secs| Timestamp::from_second(secs).ok());
    time.map(|time| time.strftime("%Y-%m").to_string()).unwrap_or_default()
}

/// A group of songs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name; empty for the songs that lack the tag.
    pub name: String,
    /// Its first entry.
    pub first: u32,
}

/// The songs of a catalog in the order of their groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grouping {
    /// What it is by.
    pub by: By,
    /// The groups, in order.
    pub groups: Vec<Group>,
    /// The entries: positions in the catalog, one more than once where a song belongs to several groups. `None` where
    /// they are the catalog's own order.
    pub order: Option<Vec<u32>>,
}

impl Grouping {
    /// Groups a catalog. Songs keep the catalog's order within a group; those without the tag come last. A catalog that is
    /// ranked has no groups. `root` is the music directory.
    pub fn of(catalog: &Catalog, by: By, root: Option<&Path>) -> Grouping {
        if catalog.is_ranked() {
            return Grouping { by, ..Grouping::default() };
        }
        let songs = catalog.songs();
        if by == By::AlbumArtist {
            let mut groups: Vec<Group> = Vec::new();
            for (at, song) in songs.iter().enumerate() {
                let name = leader(song);
                let same = |group: &Group| group.name == name || group.name.to_lowercase() == name.to_lowercase();
                if !groups.last().is_some_and(same) {
                    groups.push(Group { name: name.to_string(), first: at as u32 });
                }
            }
            return Grouping { by, groups, order: None };
        }
        let mut entries: Vec<(String, u32, String)> = Vec::with_capacity(songs.len());
        for (at, song) in songs.iter().enumerate() {
            let names = by.groups(song, root);
            entries.extend(names.into_iter().map(|name| (name.to_lowercase(), at as u32, name)));
        }
        entries.sort_by(|(a, i, _), (b, j, _)| {
            let names = if by.descends() { b.cmp(a) } else { a.cmp(b) };
            a.is_empty().cmp(&b.is_empty()).then(names).then(i.cmp(j))
        });
        entries.dedup_by(|(a, i, _), (b, j, _)| i == j && a == b);
        let mut groups: Vec<Group> = Vec::new();
        let mut order = Vec::with_capacity(entries.len());
        let mut last: Option<String> = None;
        for (key, at, name) in entries {
            if last.as_ref() != Some(&key) {
                groups.push(Group { name, first: order.len() as u32 });
                last = Some(key);
            }
            order.push(at);
        }
        Grouping { by, groups, order: Some(order) }
    }

    /// The position in the catalog of an entry; an entry past the end is its own.
    pub fn song(&self, entry: usize) -> usize {
        self.order.as_ref().map_or(entry, |order| order.get(entry).map_or(usize::MAX, |at| *at as usize))
    }

    /// The first entry of a song, by its position in the catalog.
    pub fn entry(&self, song: usize) -> Option<usize> {
        match &self.order {
            None => Some(song),
            Some(order) => order.iter().position(|at| *at as usize == song),
        }
    }

    /// The group of an entry; `None` where there are no groups.
    pub fn group_of(&self, entry: usize) -> Option<usize> {
        self.groups.partition_point(|group| group.first as usize <= entry).checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::track::{Tags, TrackId};

    fn catalog() -> Catalog {
        let song = |n: u8, artist: &str, genres: &[&str], year: Option<i32>, added: u64| {
            let tags = Tags {
                artist: (!artist.is_empty()).then(|| artist.into()),
                genres: genres.iter().map(|g| (*g).into()).collect(),
                year,
                ..Tags::default()
            };
            let bare = Song::bare(format!("/m/{}/{n}.mp3", n % 2), TrackId([n; 16]));
            Arc::new(Song { tags: tags.into(), added, ..bare })
        };
        Catalog::new(vec![
            song(1, "Alpha", &["Jazz", "Soul"], Some(1999), 1_700_000_000),
            song(2, "alpha", &["jazz", "Jazz"], Some(2001), 1_700_000_100),
            song(3, "Beta", &[], None, 0),
        ])
    }

    #[test]
    fn pieces_of_a_file_are_in_its_folder() {
        let paths = ["/m/cases/1.mp3", "/m/cases/book.m4b/track0001", "/m/cases/all.cue/track0002"];
        let songs = (1u8..).zip(paths).map(|(n, path)| Arc::new(Song::bare(path, TrackId([n; 16]))));
        let grouping = Grouping::of(&Catalog::new(songs.collect()), By::Folder, Some(Path::new("/m")));
        assert_eq!(grouping.groups, [Group { name: "cases".into(), first: 0 }]);
    }

    fn shown(by: By) -> Vec<(String, Vec<u8>)> {
        let catalog = catalog();
        let grouping = Grouping::of(&catalog, by, Some(Path::new("/m")));
        let len = grouping.order.as_ref().map_or(catalog.len(), Vec::len);
        let ends = grouping.groups.iter().skip(1).map(|g| g.first as usize).chain([len]);
        let of = |(group, end): (&Group, usize)| {
            let songs = (group.first as usize..end).map(|entry| catalog.songs()[grouping.song(entry)].track.0[0]);
            (group.name.clone(), songs.collect())
        };
        grouping.groups.iter().zip(ends).map(of).collect()
    }

    #[test]
    fn every_song_stands_in_each_of_its_groups_once() {
        let is = |name: &str, songs: &[u8]| (name.to_string(), songs.to_vec());
        assert_eq!(shown(By::AlbumArtist), [is("Alpha", &[1, 2]), is("Beta", &[3])], "spellings are one artist");
        assert_eq!(shown(By::Genre), [is("Jazz", &[1, 2]), is("Soul", &[1]), is("", &[3])]);
        assert_eq!(shown(By::Year), [is("2001", &[2]), is("1999", &[1]), is("", &[3])]);
        assert_eq!(shown(By::Folder), [is("0", &[2]), is("1", &[1, 3])]);
        assert_eq!(shown(By::Added), [is("2023-11", &[1, 2]), is("", &[3])]);
    }

    #[test]
    fn an_entry_knows_its_song_and_its_group() {
        let grouping = Grouping::of(&catalog(), By::Genre, None);
        assert_eq!((grouping.song(2), grouping.entry(0), grouping.entry(2)), (0, Some(0), Some(3)));
        assert_eq!((0..4).map(|e| grouping.group_of(e)).collect::<Vec<_>>(), [Some(0), Some(0), Some(1), Some(2)]);
        assert_eq!(Grouping::default().group_of(0), None);
        assert!(NAMES.iter().all(|(name, by, _)| By::named(name) == Some(*by) && by.name() == *name));
    }
}
