//! Measures what is computed about a whole library of 100,000 tracks: the space, the cards of the dimensions, and which
//! tracks are versions of one song. Uses one thread and reports processor time, which excludes other programs.
//!
//! `cargo bench --workspace --profile dev --bench library` (part of `make bench`).

use std::hint::black_box;
use std::sync::Arc;

use fastrand::Rng;
use jukebox::describe::Cards;
use jukebox::latent::{Latent, Space};
use jukebox::library::{Catalog, Song};
use jukebox::queue::Versions;
use jukebox::track::{Tags, TrackId};
use rustix::time::{ClockId, clock_gettime};

const TRACKS: u32 = 100_000;
/// Number of runs per row; the median is printed.
const RUNS: usize = 5;
/// The limit for each, in seconds.
const MOST: [(&str, f64); 3] = [("space", 5.0), ("cards", 3.0), ("versions", 5.0)];

fn main() {
    let mut rng = Rng::with_seed(5);
    let latents: Vec<(TrackId, Latent)> =
        (0..TRACKS).map(|n| (id(n), std::array::from_fn(|_| normal(&mut rng)))).collect();
    let songs = (0..TRACKS).map(|n| Arc::new(song(n, 150.0 + 150.0 * rng.f64())));
    let catalog = Catalog::new(songs.collect::<Vec<_>>());
    let build = || Space::build("bench".into(), Arc::default(), latents.clone());
    let space = build();
    println!("{TRACKS} tracks, {RUNS} runs, s of the processor");
    println!("{:>10} {:>8} {:>8} {:>6}", "what", "median", "target", "pass");
    let took = [
        seconds(|| drop(black_box(build()))),
        seconds(|| drop(black_box(Cards::of(&space, &catalog)))),
        seconds(|| drop(black_box(Versions::of(&catalog, &space)))),
    ];
    for ((what, most), took) in MOST.into_iter().zip(took) {
        println!("{what:>10} {took:>8.2} {most:>8.1} {:>6}", if took < most { "yes" } else { "NO" });
    }
}

/// The median processor time of a computation, in seconds.
fn seconds(mut run: impl FnMut()) -> f64 {
    let mut took: Vec<f64> = (0..RUNS)
        .map(|_| {
            let begun = worked();
            run();
            worked() - begun
        })
        .collect();
    took.sort_by(f64::total_cmp);
    took[RUNS / 2]
}

fn worked() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn id(n: u32) -> TrackId {
    let mut bytes = [0; 16];
    bytes[0] = TrackId::VERSION;
    bytes[1..5].copy_from_slice(&n.to_le_bytes());
    TrackId(bytes)
}

fn song(n: u32, secs: f64) -> Song {
    let tags = Tags {
        title: Some(format!("Name {n}").into()),
        artist: Some(format!("Artist {}", n / 10).into()),
        album: Some(format!("Album {}", n / 10).into()),
        ..Tags::default()
    };
    let path = format!("/music/Album {}/{n}.flac", n / 10);
    Song { tags: tags.into(), secs, ..Song::bare(path, id(n)) }
}

fn normal(rng: &mut Rng) -> f32 {
    (0..12).map(|_| rng.f32()).sum::<f32>() - 6.0
}
