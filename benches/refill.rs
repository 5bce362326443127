//! Measures a refill of the queue: 15 picks from a library of 100,000 tracks, for playlists of 1, 5 and 30 tracks, with
//! 500 tracks played. Uses one thread and reports both wall-clock time and processor time, which excludes other
//! programs.
//!
//! The first request after a change of the playlist computes what the playlist agrees on; later refills reuse it. A press in
//! the view of the signature changes the choice of dimensions: its trial describes every dimension and makes the picks anew.
//!
//! `cargo bench --workspace --profile dev --bench refill` (part of `make bench`).

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use fastrand::Rng;
use jukebox::ask::trial::rows;
use jukebox::latent::{Choice, DIMS, Histograms, Latent, NamedValues, Prior, Space, Stand};
use jukebox::library::{Catalog, Song};
use jukebox::queue::{self, Context, Director, Situation};
use jukebox::track::{Tags, TrackId};
use rustix::time::{ClockId, clock_gettime};

const TRACKS: u32 = 100_000;
/// Each has twenty tracks on two albums.
const ARTISTS: u32 = 5_000;
const STYLES: usize = 40;
/// Number of sessions per row; `REFILLS`: refills per session.
const SESSIONS: usize = 60;
const REFILLS: usize = 10;
const WANTED: usize = 15;
const HEARD: usize = 500;
/// Limit for a refill in ms (99th percentile of processor time, as other programs may be running).
const FLOOR: f64 = 10.0;
/// The same for a press in the view of the signature.
const PRESS: f64 = 50.0;

fn main() {
    let library = Library::new();
    println!("{WANTED} picks from {TRACKS} tracks by {ARTISTS} artists, {HEARD} heard, {SESSIONS} sessions a row; ms");
    println!("{:>9} {:>9} {:>8} {:>8} {:>8} {:>8}", "playlist", "request", "p50", "p99", "p50 cpu", "p99 cpu");
    let (_, histograms) = timed(|| Histograms::of(&library.space));
    println!("histograms of all dimensions, once for each space: {:.2} ms, {:.2} cpu", histograms.0, histograms.1);
    let (mut slowest, mut slowest_press) = (0.0f64, 0.0f64);
    for members in [1, 5, 30] {
        let (mut first, mut later, mut presses) = (Vec::new(), Vec::new(), Vec::new());
        let mut rng = Rng::with_seed(members as u64);
        let (mut director, mut trials) = (Director::new(Vec::new()), Director::new(Vec::new()));
        for _ in 0..SESSIONS {
            let mut context = library.session(members, &mut rng);
            let mut tried = Choice::Auto;
            for refill in 0..=REFILLS {
                let (picks, taken) = timed(|| director.picks(&context, "signature", WANTED).0);
                assert_eq!(picks.len(), WANTED, "the library has more");
                if refill == 0 {
                    first.push(taken)
                } else {
                    later.push(taken)
                }
                // All picks but the last nine count as played.
                let situation = &mut context.situation;
                let mut queue: Vec<TrackId> = situation.ahead.drain(..).collect();
                queue.extend(picks.iter().map(|p| p.id));
                let ahead = queue.split_off(queue.len() - 9);
                situation.heard.extend(queue);
                situation.heard.drain(..situation.heard.len() - HEARD);
                situation.playing = situation.heard.last().copied();
                situation.ahead = ahead;
                let dim = rng.u8(..DIMS as u8);
                let stand = [Stand::Never, Stand::Used(1.5), Stand::ByTest][rng.usize(..3)];
                tried = tried.with(dim, stand).unwrap_or(Choice::Auto);
                context.choice = tried.clone();
                let press = || {
                    let signature = context.signature(&context.situation.playlist).map(|(signature, _)| signature);
                    let rows = signature.map(|s| rows(&context.space, &s, &context.choice, context.situation.playing));
                    (rows.map_or(0, |rows| rows.len()), trials.picks(&context, "signature", WANTED).0.len())
                };
                presses.push(timed(press).1);
                context.choice = Choice::Auto;
            }
        }
        for (name, times) in [("first", first), ("refill", later), ("press", presses)] {
            let of = |p: f64, which: fn(&(f64, f64)) -> f64| {
                let mut sorted: Vec<f64> = times.iter().map(which).collect();
                sorted.sort_by(f64::total_cmp);
                sorted[(p * (sorted.len() - 1) as f64).round() as usize]
            };
            println!(
                "{members:>9} {name:>9} {:>8.2} {:>8.2} {:>8.2} {:>8.2}",
                of(0.5, |t| t.0),
                of(0.99, |t| t.0),
                of(0.5, |t| t.1),
                of(0.99, |t| t.1)
            );
            match name {
                "refill" => slowest = slowest.max(of(0.99, |t| t.1)),
                "press" => slowest_press = slowest_press.max(of(0.99, |t| t.1)),
                _ => {}
            }
        }
    }
    let word = if slowest < FLOOR { "met" } else { "MISSED" };
    println!("a refill in under {FLOOR} ms (p99 cpu): {word}: {slowest:.2} ms");
    let word = if slowest_press < PRESS { "met" } else { "MISSED" };
    println!("a press in the view of the signature in under {PRESS} ms (p99 cpu): {word}: {slowest_press:.2} ms");
}

/// A generated library: artists are distributed around their style, tracks around their artist.
struct Library {
    catalog: Arc<Catalog>,
    space: Arc<Space>,
    prior: Prior,
}

impl Library {
    fn new() -> Library {
        let mut rng = Rng::with_seed(1);
        let normal = |rng: &mut Rng| (0..6).map(|_| rng.f32() - 0.5).sum::<f32>() * 1.4;
        let around = |rng: &mut Rng, centre: &Latent, width: f32| -> Latent {
            std::array::from_fn(|d| centre[d] + width * normal(rng))
        };
        let styles: Vec<Latent> = (0..STYLES).map(|_| around(&mut rng, &[0.0; DIMS], 1.0)).collect();
        let artists: Vec<Latent> = (0..ARTISTS).map(|a| around(&mut rng, &styles[a as usize % STYLES], 0.6)).collect();
        let (mut songs, mut latents) = (Vec::new(), Vec::new());
        let mut named: Vec<NamedValues> = Vec::new();
        for n in 0..TRACKS {
            let artist = n / (TRACKS / ARTISTS);
            let tags = Tags {
                title: Some(format!("Song number {n}").into()),
                artist: Some(format!("Artist {artist}").into()),
                album: Some(format!("Album {}", n / 10).into()),
                ..Tags::default()
            };
            songs.push(Arc::new(Song { tags: tags.into(), secs: 200.0, ..Song::bare(path(n), id(n)) }));
            latents.push((id(n), around(&mut rng, &artists[artist as usize], 0.6)));
            named.push(std::array::from_fn(|_| rng.f32()));
        }
        let places = |track: TrackId| named.get(u128::from_be_bytes(track.0) as usize).copied();
        let space = Space::build("bench".into(), Arc::default(), latents).with_named(places);
        let catalog = Catalog::new(songs);
        Library { prior: queue::prior(&catalog, &space), catalog: catalog.into(), space: space.into() }
    }

    /// A session with a playlist of one style, whose first track is playing.
    fn session(&self, members: usize, rng: &mut Rng) -> Context {
        let style = rng.u32(..STYLES as u32);
        let mut member = || {
            let artist = rng.u32(..ARTISTS / STYLES as u32) * STYLES as u32 + style;
            id(artist * (TRACKS / ARTISTS) + rng.u32(..TRACKS / ARTISTS))
        };
        let playlist: Vec<TrackId> = (0..members).map(|_| member()).collect();
        let heard = (0..HEARD).map(|_| id(rng.u32(..TRACKS))).collect();
        Context {
            catalog: self.catalog.clone(),
            space: self.space.clone(),
            prior: self.prior,
            situation: Situation { playing: playlist.first().copied(), playlist, heard, ..Situation::default() },
            seed: rng.u64(..),
            ..Context::default()
        }
    }
}

fn id(n: u32) -> TrackId {
    TrackId(u128::from(n).to_be_bytes())
}

fn path(n: u32) -> String {
    format!("/music/{}/{n}.flac", n / 10)
}

/// The result of some work, with its wall-clock time and this thread's processor time in milliseconds.
fn timed<T>(work: impl FnOnce() -> T) -> (T, (f64, f64)) {
    let cpu = || {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
    };
    let (start, start_cpu) = (Instant::now(), cpu());
    let out = black_box(work());
    (out, (1e3 * start.elapsed().as_secs_f64(), cpu() - start_cpu))
}
