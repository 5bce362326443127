//! A generated library of 100,000 tracks, and how the time of some work is taken.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use fastrand::Rng;
use jukebox::latent::{DIMS, Latent, NamedValues, Prior, Space};
use jukebox::library::{Catalog, Song};
use jukebox::queue::{self, Context, Situation};
use jukebox::track::{Tags, TrackId};
use rustix::time::{ClockId, clock_gettime};

/// Tracks of the library.
pub const TRACKS: u32 = 100_000;
/// Each has twenty tracks on two albums.
pub const ARTISTS: u32 = 5_000;
const STYLES: usize = 40;
/// Tracks that were heard in a session.
pub const HEARD: usize = 500;

/// The value at a share of some times: 0.99 for the 99th percentile.
pub fn percentile(times: impl Iterator<Item = f64>, share: f64) -> f64 {
    let mut sorted: Vec<f64> = times.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[(share * (sorted.len() - 1) as f64).round() as usize]
}

/// A generated library: artists are distributed around their style, tracks around their artist.
pub struct Library {
    /// The songs.
    pub catalog: Arc<Catalog>,
    /// Their latents.
    pub space: Arc<Space>,
    prior: Prior,
}

impl Library {
    /// Generates it.
    pub fn new() -> Library {
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
                genres: [format!("Style {}", artist as usize % STYLES)].into(),
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
    pub fn session(&self, members: usize, rng: &mut Rng) -> Context {
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

pub fn id(n: u32) -> TrackId {
    TrackId(u128::from(n).to_be_bytes())
}

fn path(n: u32) -> String {
    format!("/music/{}/{n}.flac", n / 10)
}

/// The result of some work, with its wall-clock time and this thread's processor time in milliseconds.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, (f64, f64)) {
    let cpu = || {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
    };
    let (start, start_cpu) = (Instant::now(), cpu());
    let out = black_box(work());
    (out, (1e3 * start.elapsed().as_secs_f64(), cpu() - start_cpu))
}
