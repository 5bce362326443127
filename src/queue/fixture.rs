//! A small generated library for the tests of `queue`: four distinct styles of eight tracks, each
//! by four artists.

use std::sync::Arc;

use fastrand::Rng;

use crate::latent::{DIMS, Latent, Space};
use crate::library::{Catalog, Song};
use crate::track::{Tags, TrackId};

use super::versions::Versions;
use super::{Context, Situation};

pub(super) fn id(n: u8) -> TrackId {
    let mut bytes = [n; 16];
    bytes[0] = TrackId::VERSION;
    TrackId(bytes)
}

pub(super) fn song(n: u8, artist: &str, title: &str) -> Arc<Song> {
    let tags = Tags {
        title: Some(title.into()),
        artist: Some(artist.into()),
        album: Some(format!("Album {}", n / 4).into()),
        year: Some(1970 + i32::from(n)),
        genres: [format!("style {}", style(n))].into(),
        track: Some(u32::from(n)),
        ..Tags::default()
    };
    Arc::new(Song { tags: tags.into(), secs: 60.0 + f64::from(n), ..Song::bare(format!("/music/{n:03}.flac"), id(n)) })
}

/// The style of a track: 0 for tracks 0–7, 1 for 8–15, and so on.
pub(super) fn style(n: u8) -> u8 {
    n / 8
}

pub(super) fn style_of(track: TrackId) -> u8 {
    style(track.0[1])
}

/// 32 songs; artist A has tracks 0, 1, 8, 9 …, B has 2, 3, 10, 11 …, and so on for C and D.
pub(super) fn songs() -> Vec<Arc<Song>> {
    (0..32).map(|n| song(n, ["A", "B", "C", "D"][usize::from(n % 8 / 2)], &format!("Song {n}"))).collect()
}

pub(super) fn latents() -> Vec<(TrackId, Latent)> {
    let mut rng = Rng::with_seed(21);
    let mut noise = move || (0..6).map(|_| rng.f32() - 0.5).sum::<f32>();
    let centres: Vec<Latent> = (0..4).map(|_| std::array::from_fn(|_| 4.0 * noise())).collect();
    (0..32)
        .map(|n| (id(n), std::array::from_fn::<f32, DIMS, _>(|d| centres[usize::from(style(n))][d] + noise())))
        .collect()
}

pub(super) fn context_of(songs: Vec<Arc<Song>>, latents: Vec<(TrackId, Latent)>, playlist: &[u8]) -> Context {
    let catalog = Catalog::new(songs);
    let space = Space::build("test".into(), Arc::default(), latents);
    Context {
        versions: Versions::of(&catalog, &space).into(),
        catalog: catalog.into(),
        space: space.into(),
        situation: Situation {
            playlist: playlist.iter().map(|&n| id(n)).collect(),
            playing: playlist.first().map(|&n| id(n)),
            ..Situation::default()
        },
        seed: 1,
        ..Context::default()
    }
}

/// A context with a playlist whose first track is playing.
pub(super) fn context(playlist: &[u8]) -> Context {
    context_of(songs(), latents(), playlist)
}
