//! The corpus: the tracks of a library with their tags and relations.

use std::collections::HashMap;
use std::hash::Hash;
use std::path::PathBuf;

use crate::latent::NamedValues;
use crate::track::TrackId;

/// One track.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// Its identity; `None` in a corpus not read from files.
    pub track: Option<TrackId>,
    /// Path of its first file.
    pub path: PathBuf,
    /// Its title; "" when it has none.
    pub title: String,
    /// The artist; "" when unknown.
    pub artist: String,
    /// Key of its album; "" when it has none.
    pub album: String,
    /// Its genre, if known.
    pub genre: Option<String>,
}

/// A user's playlist.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Playlist {
    /// The stem of its file name.
    pub name: String,
    /// Positions in [`Corpus::items`].
    pub members: Vec<usize>,
}

/// The tracks that are measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corpus {
    /// Its name.
    pub name: String,
    /// The tracks, without duplicates.
    pub items: Vec<Item>,
    /// Each track's named dimensions, NaN where unknown; as long as `items`.
    pub named: Vec<NamedValues>,
    /// The playlists found with it.
    pub playlists: Vec<Playlist>,
    /// Caveats about the data for the reader.
    pub notes: Vec<String>,
}

impl Corpus {
    /// The corpus restricted to the items at these positions (ascending).
    pub fn only(&self, kept: &[usize]) -> Corpus {
        let new: HashMap<usize, usize> = kept.iter().enumerate().map(|(new, &old)| (old, new)).collect();
        let playlists = self.playlists.iter().map(|p| Playlist {
            name: p.name.clone(),
            members: p.members.iter().filter_map(|m| new.get(m).copied()).collect(),
        });
        Corpus {
            name: self.name.clone(),
            items: kept.iter().filter_map(|&i| self.items.get(i).cloned()).collect(),
            named: kept.iter().filter_map(|&i| self.named.get(i).copied()).collect(),
            playlists: playlists.collect(),
            notes: self.notes.clone(),
        }
    }
}

/// Group numbers by track; tracks with equal numbers share the genre, artist, album or recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Relations {
    /// Genre; `None` when unknown.
    pub genre: Vec<Option<u32>>,
    /// Artist; every track of unknown artist has a number of its own.
    pub artist: Vec<u32>,
    /// Whether the artist is known.
    pub artist_known: Vec<bool>,
    /// Album; `None` when it has none.
    pub album: Vec<Option<u32>>,
    /// Recording: tracks with the same artist and title count as one, whatever the file.
    pub song: Vec<u32>,
    /// The names of the genres, by number.
    pub genres: Vec<String>,
}

impl Relations {
    /// Derives them from the items. Case and surrounding white space are ignored.
    pub fn of(items: &[Item]) -> Relations {
        let plain = |text: &str| text.trim().to_lowercase();
        let mut out = Relations::default();
        let (mut genres, mut artists, mut albums, mut songs) =
            (Numbers::default(), Numbers::default(), Numbers::default(), Numbers::default());
        for (i, item) in items.iter().enumerate() {
            let genre = item.genre.as_deref().map(plain).filter(|g| !g.is_empty());
            let genre = genre.map(|g| genres.number(g));
            // A new number is always the next one.
            if let (Some(number), Some(name)) = (genre, &item.genre)
                && number as usize == out.genres.len()
            {
                out.genres.push(name.trim().to_string());
            }
            out.genre.push(genre);
            let (artist, title) = (plain(&item.artist), plain(&item.title));
            // A key that cannot be a name.
            let own = |what: &str| format!("\0{what}{i}");
            out.artist_known.push(!artist.is_empty());
            out.song.push(songs.number(if artist.is_empty() || title.is_empty() {
                own("song")
            } else {
                format!("{artist}\0{title}")
            }));
            out.artist.push(artists.number(if artist.is_empty() { own("artist") } else { artist }));
            out.album.push((!item.album.is_empty()).then(|| albums.number(item.album.clone())));
        }
        out
    }

    /// Number of tracks.
    pub fn len(&self) -> usize {
        self.artist.len()
    }

    /// Whether there are no tracks.
    pub fn is_empty(&self) -> bool {
        self.artist.is_empty()
    }

    /// Whether two tracks are the same recording, so that neither counts as a result for the other.
    pub fn same_song(&self, a: usize, b: usize) -> bool {
        self.song[a] == self.song[b]
    }
}

/// Numbers keys in order of first occurrence.
struct Numbers<K>(HashMap<K, u32>);

impl<K> Default for Numbers<K> {
    fn default() -> Self {
        Numbers(HashMap::new())
    }
}

impl<K: Eq + Hash> Numbers<K> {
    fn number(&mut self, key: K) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(key).or_insert(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(title: &str, artist: &str, album: &str, genre: Option<&str>) -> Item {
        let (title, artist, album) = (title.into(), artist.into(), album.into());
        Item { title, artist, album, genre: genre.map(Into::into), ..Item::default() }
    }

    #[test]
    fn the_unknown_share_nothing() {
        let r = Relations::of(&[
            item("One", "Ann", "A", Some("Rock")),
            item(" one", "ann ", "B", Some("rock ")),
            item("One", "", "", None),
            item("One", "", "", Some("")),
            item("", "Ann", "A", Some("Jazz")),
        ]);
        assert_eq!(r.genre, [Some(0), Some(0), None, None, Some(1)]);
        assert_eq!(r.genres, ["Rock", "Jazz"]);
        assert!(r.artist[0] == r.artist[1] && r.artist[0] == r.artist[4] && r.artist[2] != r.artist[3]);
        assert_eq!(r.artist_known, [true, true, false, false, true]);
        assert_eq!(r.album, [Some(0), Some(1), None, None, Some(0)]);
        assert!(r.same_song(0, 1) && !r.same_song(2, 3) && !r.same_song(0, 4));
    }

    #[test]
    fn what_is_kept_keeps_its_playlists() {
        let items = (0..4).map(|i| item(&i.to_string(), "", "", None)).collect();
        let playlists = vec![Playlist { name: "p".into(), members: vec![3, 1, 0] }];
        let corpus = Corpus { items, named: vec![[0.0; 13]; 4], playlists, ..Corpus::default() };
        let kept = corpus.only(&[1, 3]);
        assert_eq!((kept.items.len(), kept.named.len(), kept.items[1].title.as_str()), (2, 2, "3"));
        assert_eq!(kept.playlists[0].members, [1, 0]);
    }
}
