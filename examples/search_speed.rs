//! Measures how fast a key in the filter shows its result. `search_speed [SONGS]` generates a library of that many
//! songs in memory (100,000: Zipf-distributed artists, albums of ten, accents and CJK; the same every time) and types
//! filters into it letter by letter, each letter a search of the whole library as in the player; and fuzzy searches.
//!
//!     cargo run --example search_speed

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use fastrand::Rng;
use jukebox::ask::answers::Answers;
use jukebox::library::signatures::Signatures;
use jukebox::library::{Catalog, Song};
use jukebox::track::{Tags, TrackId};

const FILTERS: [&str; 6] = [
    "~a beatles (!~y1960-1965 | ~d>10:00)",
    "genre=jazz & plays=0",
    "bjork jo",
    "坂本",
    "zzz nothing has this",
    "artist=\"the a*\" | title~love & year>=1990",
];
const FUZZY: [&str; 12] = [
    "bjrk lov",
    "sigur hop",
    "the nght",
    "moonlove",
    "beatles sea",
    "darnight",
    "sunline rea",
    "青い鳥",
    "jaz lo ve",
    "lsbt",
    "vesunmoon",
    "ca na ri",
];
const SYLLABLES: [&str; 24] = [
    "lo", "ve", "night", "sun", "björk", "sig", "rós", "beat", "les", "jaz", "moon", "dar", "the", "of", "青い", "鳥",
    "坂本", "龍一", "é", "ça", "na", "ri", "sea", "line",
];

fn main() {
    let songs: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let begun = Instant::now();
    let catalog = Arc::new(library(songs));
    println!("{songs} songs made and sorted in {:.0} ms", ms(begun));
    let answers = Answers::new(catalog, Arc::default(), Signatures::in_dir(PathBuf::from("/nonexistent")));
    let begun = Instant::now();
    let found = answers.filtered("love").map_or(0, |c| c.len());
    println!("first search, which folds every text: {:.0} ms ({found} found)", ms(begun));
    for (name, typed, fuzzy) in [("filter", &FILTERS[..], false), ("fuzzy", &FUZZY[..], true)] {
        let mut times = Vec::new();
        for text in typed {
            for (end, _) in text.char_indices().skip(1).chain([(text.len(), ' ')]) {
                let begun = Instant::now();
                let searched = if fuzzy {
                    answers.search(&text[..end], true, 200).map(|(hits, _)| hits.len())
                } else {
                    answers.filtered(&text[..end]).map(|c| c.len())
                };
                // An incomplete filter costs nothing and is not counted.
                if searched.is_ok() {
                    times.push(ms(begun));
                }
            }
        }
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        println!("{name}: {} keys, p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms", times.len(), at(0.5), at(0.99), at(1.0));
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn words(rng: &mut Rng, most: usize) -> String {
    let word =
        |rng: &mut Rng| (0..rng.usize(1..4)).map(|_| SYLLABLES[rng.usize(..SYLLABLES.len())]).collect::<String>();
    (0..rng.usize(1..=most)).map(|_| word(rng)).collect::<Vec<_>>().join(" ")
}

fn library(count: usize) -> Catalog {
    let mut rng = Rng::with_seed(1);
    let artists: Vec<String> = (0..count / 30 + 1).map(|_| words(&mut rng, 3)).collect();
    let genres = ["Rock", "Jazz", "Electronic", "Folk", "Classical", "Hip-Hop", "Ambient"];
    let mut songs = Vec::with_capacity(count);
    for album in 0..count.div_ceil(10) {
        // Zipf: the n-th artist has a share of 1/n.
        let artist = &artists[((artists.len() as f64).powf(rng.f64()) as usize - 1).min(artists.len() - 1)];
        let (title, year) = (words(&mut rng, 4), rng.i32(1955..2026));
        let genre = genres[rng.usize(..genres.len())];
        for track in 0..10.min(count - album * 10) {
            let tags = Tags {
                title: Some(words(&mut rng, 5).into()),
                artist: Some(artist.as_str().into()),
                album: Some(title.as_str().into()),
                genres: [genre.into()].into(),
                year: Some(year),
                track: Some(track as u32 + 1),
                ..Tags::default()
            };
            let mut id = [1; 16];
            id[8..].copy_from_slice(&(songs.len() as u64).to_le_bytes());
            let path = format!("/music/{artist}/{title}/{track:02} {}.flac", songs.len());
            let secs = rng.f64() * 600.0;
            songs.push(Arc::new(Song { tags: tags.into(), secs, ..Song::bare(path, TrackId(id)) }));
        }
    }
    Catalog::new(songs)
}
