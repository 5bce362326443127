//! Measures the exact scan over libraries of 10,000 to 1,000,000 tracks by 32, 8 and 4 dimensions, with a filter,
//! compared with the rate at which this machine reads memory. Uses one thread and reports both wall-clock time and
//! processor time, which excludes other programs.
//!
//! `make bench`, or `cargo bench --workspace --profile dev --bench search`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use fastrand::Rng;
use jukebox::latent::{Choice, DIMS, Latent, Member, Prior, Scorer, Signature, Space};
use jukebox::track::TrackId;
use rustix::time::{ClockId, clock_gettime};

/// Number of tracks requested per query.
const WANTED: usize = 100;
/// Number of timed queries per row of the table.
const QUERIES: usize = 1000;
/// 0-based dimensions of the smaller signatures.
const EIGHT: [u8; 8] = [0, 3, 7, 12, 17, 21, 26, 30];
const FOUR: [u8; 4] = [1, 8, 20, 31];

fn main() {
    let bandwidth = bandwidth();
    println!("memory, streaming sum of 256 MB of f32, best of 10: {:.1} GB/s", bandwidth / 1e9);
    println!("signature scan for {WANTED}, three tracks of four kept by a filter, {QUERIES} queries a row, ms");
    println!(
        "{:>9} {:>5} {:>8} {:>8} {:>8} {:>8} {:>8} {:>10}",
        "tracks", "dims", "min", "p50", "p99", "p99 cpu", "GB/s", "of memory"
    );
    let mut criterion = Criterion::default().configure_from_args();
    for tracks in [10_000, 100_000, 1_000_000] {
        let library = Library::of(tracks);
        for dims in [DIMS, EIGHT.len(), FOUR.len()] {
            let scorers = library.scorers(dims);
            let (mut times, mut cpu): (Vec<f64>, Vec<f64>) =
                (0..QUERIES).map(|i| milliseconds(|| library.query(&scorers[i % scorers.len()]))).unzip();
            times.sort_by(f64::total_cmp);
            cpu.sort_by(f64::total_cmp);
            // Each score is one byte, its place, so the scan is limited by table lookups rather than by memory.
            let rate = (tracks * dims) as f64 / (times[QUERIES / 2] / 1e3);
            println!(
                "{tracks:>9} {dims:>5} {:>8.3} {:>8.3} {:>8.3} {:>8.3} {:>8.1} {:>8.0} %",
                times[0],
                times[QUERIES / 2],
                times[QUERIES * 99 / 100],
                cpu[QUERIES * 99 / 100],
                rate / 1e9,
                100.0 * rate / bandwidth
            );
            if tracks == 100_000 {
                let mut next = scorers.iter().cycle();
                criterion.bench_function(&format!("scan of 100,000 by {dims}"), |b| {
                    b.iter(|| next.next().map(|scorer| library.query(scorer)));
                });
            }
        }
    }
    criterion.final_summary();
}

/// A library of random latents.
struct Library {
    space: Space,
    keep: Vec<bool>,
}

impl Library {
    fn of(tracks: usize) -> Library {
        let mut rng = Rng::with_seed(1);
        let latent = |rng: &mut Rng| -> Latent { std::array::from_fn(|_| rng.f32()) };
        let tracks: Vec<(TrackId, Latent)> =
            (0..tracks as u128).map(|i| (TrackId(i.to_be_bytes()), latent(&mut rng))).collect();
        let keep = (0..tracks.len()).map(|_| rng.u8(..4) > 0).collect();
        Library { space: Space::build("bench".into(), Arc::default(), tracks), keep }
    }

    /// Signatures of sixteen sets of five tracks.
    fn scorers(&self, dims: usize) -> Vec<Scorer> {
        let choice = match dims {
            4 => Choice::dims(FOUR),
            8 => Choice::dims(EIGHT),
            _ => Choice::All,
        };
        let members =
            |set: u32| -> Vec<Member> { (0..5).map(|i| Member { row: 5 * set + i, group: u64::from(i) }).collect() };
        (0..16)
            .filter_map(|set| Signature::of(&self.space, &members(set), &choice, Prior::default()))
            .map(|signature| signature.scorer())
            .collect()
    }

    fn query(&self, scorer: &Scorer) -> usize {
        self.space.scan(black_box(scorer), WANTED, &|row| self.keep[row as usize]).len()
    }
}

/// The wall-clock time of some work and this thread's processor time, in milliseconds.
fn milliseconds<T>(work: impl FnOnce() -> T) -> (f64, f64) {
    let cpu = || {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
    };
    let (start, start_cpu) = (Instant::now(), cpu());
    black_box(work());
    (1e3 * start.elapsed().as_secs_f64(), cpu() - start_cpu)
}

/// Bytes per second that one thread reads sequentially.
fn bandwidth() -> f64 {
    let values = vec![1.0f32; 64 << 20];
    let sum = |values: &[f32]| {
        let (lanes, _) = values.as_chunks::<32>();
        lanes.iter().fold([0.0; 32], |mut sums: [f32; 32], lane| {
            sums.iter_mut().zip(lane).for_each(|(sum, value)| *sum += value);
            sums
        })
    };
    let best = (0..10)
        .map(|_| {
            let start = Instant::now();
            black_box(sum(black_box(&values)));
            start.elapsed()
        })
        .min()
        .unwrap_or(Duration::MAX);
    size_of_val(values.as_slice()) as f64 / best.as_secs_f64()
}
