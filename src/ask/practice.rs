//! A made-up library on which plugins are checked: 200 tracks that differ in everything that a script can ask for, and a
//! session in it. It is the same every time, whatever the clock says.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;

use super::answers::Answers;
use super::fields;
use crate::clock::Moment;
use crate::latent::{Latent, NAMED, NamedValues, Space, named};
use crate::library::journal::{Entry, Event, Tallies};
use crate::library::signatures::Signatures;
use crate::library::{Catalog, Song};
use crate::queue::{Context, Situation};
use crate::track::{Tags, TrackId};

/// The number of tracks.
pub const TRACKS: usize = 200;
/// The genres, each with 40 tracks by four artists with two albums of five tracks.
pub const GENRES: [&str; 5] = ["Ambient", "Folk", "Jazz", "Rock", "Techno"];
/// Tracks of an album, an artist, a genre.
const ALBUM: usize = 5;
const ARTIST: usize = 10;
const GENRE: usize = 40;
/// The moment of the session: a Tuesday evening, in UTC.
const NOW: Moment = Moment { unix: 1_700_000_000, year: 2023, month: 11, day: 14, hour: 22, minute: 13, weekday: 2 };
/// A day in seconds.
const DAY: u64 = 86_400;

/// The library.
pub fn answers() -> Answers {
    let songs = (0..TRACKS).map(song).collect();
    let space = Space::build("practice".into(), Arc::default(), latents()).with_named(|id| number(id).map(sound));
    let signatures = Signatures::in_dir("/nonexistent".into());
    let answers = Answers::new(Arc::new(Catalog::new(songs)), Arc::new(space), signatures);
    answers.with_own(fields::language(&BTreeMap::new()), Tallies::new(&journal()))
}

/// A session: three jazz tracks were chosen, the last of them plays, and twenty others were heard.
pub fn context(answers: &Answers, seed: u64) -> Context {
    let playlist: Vec<TrackId> = [80, 91, 102].map(track).into();
    let playing = playlist.last().copied();
    let heard = (0..20).map(|n| track(9 * n + 1)).collect();
    let situation = Situation { playlist, playing, heard, ..Situation::default() };
    let context = answers.context(situation, seed, NOW);
    Context { versions: answers.versions(), ..context }
}

/// The n-th track's identity.
pub fn track(n: usize) -> TrackId {
    let mut bytes = [0; 16];
    bytes[0] = TrackId::VERSION;
    bytes[14..].copy_from_slice(&(n as u16).to_be_bytes());
    TrackId(bytes)
}

/// The number of a track, if it is one of the library.
pub fn number(id: TrackId) -> Option<usize> {
    (0..TRACKS).find(|&n| track(n) == id)
}

fn song(n: usize) -> Arc<Song> {
    let genre = GENRES[n / GENRE];
    let (artist, album) = (n / ARTIST, n / ALBUM);
    let tags = Tags {
        title: Some(format!("Piece {n}").into()),
        artist: Some(format!("{genre} Artist {artist}").into()),
        album: Some(format!("{genre} Album {album}").into()),
        genres: [genre.to_string()].into(),
        year: Some(1960 + (album as i32 * 7) % 60),
        track: Some((n % ALBUM) as u32 + 1),
        ..Tags::default()
    };
    let path = format!("/practice/{genre}/{artist}/{album}/{n:03}.flac");
    let (secs, added) = (150.0 + ((n * 37) % 200) as f64, NOW.unix - 3 * DAY * (n as u64 + 1));
    Arc::new(Song { tags: tags.into(), secs, added, ..Song::bare(path, track(n)) })
}

/// Tracks of a genre sound alike, those of an album more so.
fn latents() -> Vec<(TrackId, Latent)> {
    let mut rng = Rng::with_seed(17);
    let mut point =
        |size: f32| -> Latent { std::array::from_fn(|_| size * ((0..6).map(|_| rng.f32()).sum::<f32>() - 3.0)) };
    let genres: Vec<Latent> = (0..GENRES.len()).map(|_| point(2.0)).collect();
    let albums: Vec<Latent> = (0..TRACKS / ALBUM).map(|_| point(0.7)).collect();
    let tracks = (0..TRACKS).map(|n| {
        let own = point(0.7);
        let (genre, album) = (genres[n / GENRE], albums[n / ALBUM]);
        (track(n), std::array::from_fn(|dim| genre[dim] + album[dim] + own[dim]))
    });
    tracks.collect()
}

/// Tempo, brightness and energy; the rest is not known.
fn sound(n: usize) -> NamedValues {
    let mut values = [f32::NAN; NAMED.len()];
    let put = |values: &mut NamedValues, name: &str, value: f32| {
        if let Some(place) = NAMED.iter().position(|dim| dim.name == name) {
            values[place] = value;
        }
    };
    put(&mut values, "tempo", named::turns_of_tempo(80.0 + ((n * 13) % 75) as f32));
    put(&mut values, "brightness", 600.0 + ((n * 97) % 3000) as f32);
    put(&mut values, "energy", ((n * 29) % 100) as f32 / 100.0);
    values
}

/// Every album but each fifth is rated, one to four stars; each tenth track is loved; most were played, at all hours.
fn journal() -> Vec<Entry> {
    let mut entries = Vec::new();
    for n in 0..TRACKS {
        let track = track(n);
        let mut note = |ago: u64, event| entries.push(Entry { at: NOW.unix - ago, event });
        let stars = (n / ALBUM) % 5;
        for play in 0..n % 7 {
            let ago = 3600 * ((n * 5) % 24) as u64 + DAY * (1 + 2 * n as u64 + 40 * play as u64);
            note(ago, Event::Played { track, secs: 180.0, whole: true });
        }
        if n % 11 == 0 {
            note(DAY, Event::Skipped { track, secs: 5.0 });
        }
        if stars > 0 {
            note(DAY, Event::Rated { track, rating: Some(20 * stars as u8) });
        }
        if n % 10 == 0 {
            note(DAY, Event::Loved { track, loved: true });
        }
    }
    entries
}

#[cfg(test)]
mod tests;
