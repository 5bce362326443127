//! The albums of a list in which their songs do not stand together: one that is sorted, or what was found.

use std::collections::HashMap;
use std::sync::Arc;

use super::song::Song;

/// Albums in the order of their first entries.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// Where each album's entries begin in `entries`; one more at the end.
    starts: Vec<u32>,
    /// The entries, album by album; those of an album in the order of the list.
    entries: Vec<u32>,
    /// The album of each entry.
    albums: Vec<u32>,
}

impl Gathered {
    /// Gathers a list's songs by [`Song::album_key`]. Takes about 20 ms for 100,000 songs.
    pub fn of<'a>(songs: impl Iterator<Item = &'a Arc<Song>>) -> Gathered {
        let mut known = HashMap::new();
        let mut albums = Vec::new();
        for song in songs {
            let next = known.len() as u32;
            albums.push(*known.entry(song.album_key()).or_insert(next));
        }
        let mut starts = vec![0; known.len() + 1];
        for album in &albums {
            starts[*album as usize + 1] += 1;
        }
        for album in 1..starts.len() {
            starts[album] += starts[album - 1];
        }
        let (mut free, mut entries) = (starts.clone(), vec![0; albums.len()]);
        for (entry, album) in (0..).zip(&albums) {
            let place = &mut free[*album as usize];
            entries[*place as usize] = entry;
            *place += 1;
        }
        Gathered { starts, entries, albums }
    }

    /// How many albums there are.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entries of an album, in the order of the list; none of one that is not there.
    pub fn entries(&self, album: usize) -> &[u32] {
        let start = |album: usize| self.starts.get(album).map_or(self.entries.len(), |start| *start as usize);
        &self.entries[start(album)..start(album.saturating_add(1))]
    }

    /// The album of an entry; 0 if there is no such entry.
    pub fn album(&self, entry: usize) -> usize {
        self.albums.get(entry).map_or(0, |album| *album as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{Tags, TrackId};

    fn song(album: &str, n: u8) -> Arc<Song> {
        let tags = Tags { album: Some(album.into()), ..Tags::default() };
        Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/m/{album}/{n}.mp3"), TrackId([n; 16])) })
    }

    #[test]
    fn albums_stand_in_the_order_of_their_first_entries() {
        let songs = [song("b", 0), song("a", 1), song("b", 2), song("c", 3), song("a", 4)];
        let gathered = Gathered::of(songs.iter());
        assert_eq!(gathered.len(), 3);
        let entries: Vec<&[u32]> = (0..4).map(|album| gathered.entries(album)).collect();
        assert_eq!(entries, [&[0, 2][..], &[1, 4], &[3], &[]]);
        assert_eq!((0..6).map(|entry| gathered.album(entry)).collect::<Vec<_>>(), [0, 1, 0, 2, 1, 0]);
        let none = Gathered::of(std::iter::empty());
        assert!(none.is_empty() && none.entries(0).is_empty() && Gathered::default().entries(7).is_empty());
    }
}
