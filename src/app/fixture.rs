//! A small library for tests.

use std::sync::Arc;

use crate::library::{Catalog, Song};
use crate::track::{Tags, TrackId};

use super::state::model::Model;

/// A song of `artist`'s `album`; `n` makes its track.
pub fn song(n: u16, artist: &str, album: &str, title: &str) -> Arc<Song> {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&n.to_le_bytes());
    let tags = Tags {
        title: Some(title.into()),
        artist: Some(artist.into()),
        album: Some(album.into()),
        year: Some(1990 + i32::from(n % 30)),
        track: Some(u32::from(n % 10) + 1),
        ..Tags::default()
    };
    let bare = Song::bare(format!("/music/{artist}/{album}/{n:03} {title}.flac"), TrackId(id));
    Arc::new(Song { tags: tags.into(), secs: 200.0 + f64::from(n), codec: "flac".into(), rate: 44_100, ..bare })
}

/// `n` songs, ten to an album, three albums to an artist; some names are Japanese.
pub fn catalog(n: u16) -> Arc<Catalog> {
    let artists = ["Nina Simone", "Miles Davis", "坂本龍一", "Björk", "Sigur Rós", "Fela Kuti"];
    let albums = ["First Light", "夜の音楽", "Long Way Home"];
    let titles = ["Sea Line", "Wild Is the Wind", "青い鳥", "So What", "Army of Me", "Hoppípolla"];
    let songs = (0..n).map(|i| {
        let (album, artist) = (usize::from(i / 10), usize::from(i / 30));
        song(i, artists[artist % artists.len()], albums[album % albums.len()], titles[usize::from(i) % titles.len()])
    });
    let mut songs: Vec<_> = songs.collect();
    for song in &mut songs {
        // One year an album.
        if let Some(song) = Arc::get_mut(song) {
            Arc::make_mut(&mut song.tags).year = Some(1970);
        }
    }
    Arc::new(Catalog::new(songs))
}

/// A session over such a library.
pub fn model(n: u16) -> Model {
    Model {
        catalog: catalog(n),
        engines: vec!["signature".into(), "radio".into()],
        themes: vec!["gruvbox-dark".into(), "mono".into(), "terminal".into()],
        music: Some("/music".into()),
        play: super::state::playback::Playback::at_volume(80),
        language: Arc::new(crate::ask::fields::language(&Default::default())),
        order: super::state::order::Order::with_seed(1),
        opened: true,
        ..Model::default()
    }
}
