//! Real sets (albums, artists and playlists of at least five recordings) as ground truth for which tracks belong
//! together.

use std::collections::BTreeMap;

use super::corpus::{Corpus, Relations};

/// Minimum number of members of a set.
pub const FEWEST: usize = 5;

/// The origin of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An album.
    Album,
    /// All tracks by an artist.
    Artist,
    /// A playlist.
    Playlist,
}

/// A set of tracks.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    /// Its origin.
    pub origin: Origin,
    /// Its members in ascending order, each recording once.
    pub members: Vec<usize>,
    /// The bootstrap group: the artist of most of its tracks, or a group of its own if there is none.
    pub group: u32,
}

/// All sets of a corpus. Sets with the same members count once: an artist with one album, or a
/// playlist of an album, is the album.
pub fn of(corpus: &Corpus, about: &Relations) -> Vec<Set> {
    let mut albums: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    let mut artists: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for track in 0..about.len() {
        if let Some(album) = about.album[track] {
            albums.entry(album).or_default().push(track);
        }
        if about.artist_known[track] {
            artists.entry(about.artist[track]).or_default().push(track);
        }
    }
    let named = albums
        .into_values()
        .map(|m| (Origin::Album, m))
        .chain(artists.into_values().map(|m| (Origin::Artist, m)))
        .chain(corpus.playlists.iter().map(|p| (Origin::Playlist, p.members.clone())));
    let mut sets: Vec<Set> = Vec::new();
    for (origin, mut members) in named {
        members.sort_unstable();
        let mut songs = Vec::with_capacity(members.len());
        members.retain(|&m| {
            let new = !songs.contains(&about.song[m]);
            songs.push(about.song[m]);
            new
        });
        if members.len() >= FEWEST && sets.iter().all(|s| s.members != members) {
            // Greater than any artist's number, which is at most that of a track.
            let own = (about.len() + sets.len()) as u32;
            sets.push(Set { origin, group: main_artist(about, &members).unwrap_or(own), members });
        }
    }
    sets
}

/// The known artist of more than half of the tracks.
fn main_artist(about: &Relations, members: &[usize]) -> Option<u32> {
    let by = |artist: u32| members.iter().filter(|&&m| about.artist[m] == artist).count();
    let known = members.iter().filter(|&&m| about.artist_known[m]);
    known.map(|&m| about.artist[m]).find(|&artist| 2 * by(artist) > members.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::corpus::{Item, Playlist};

    #[test]
    fn sets_are_found_once() {
        let item = |i: usize, artist: &str, album: &str| Item {
            title: format!("t{}", i % 6),
            artist: artist.into(),
            album: album.into(),
            ..Item::default()
        };
        let mut items: Vec<Item> = (0..6).map(|i| item(i, "Ann", "A")).collect();
        items.extend((0..3).map(|i| item(i, "Bob", "B")));
        items.extend((0..5).map(|i| item(i, "", "C")));
        let playlists = vec![
            Playlist { name: "mix".into(), members: vec![13, 12, 11, 0, 1, 0] },
            Playlist { name: "album".into(), members: vec![5, 4, 3, 2, 1, 0] },
        ];
        let corpus = Corpus { items, playlists, ..Corpus::default() };
        let about = Relations::of(&corpus.items);
        let sets = of(&corpus, &about);
        let found: Vec<(Origin, usize)> = sets.iter().map(|s| (s.origin, s.members.len())).collect();
        assert_eq!(found, [(Origin::Album, 6), (Origin::Album, 5), (Origin::Playlist, 5)]);
        assert_eq!((sets[0].group, sets[2].members[0]), (about.artist[0], 0));
        assert!(sets[1].group >= 14 && sets[2].group > sets[1].group);
    }
}
