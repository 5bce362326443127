//! Measures how many images per second the encoder trains on and encodes. `train_speed [STEPS]` trains the default
//! network on random images without augmentation on the CPU, and prints the median step time and the rate; then the
//! same for encoding. `scripts/torch_speed.py` prints PyTorch's figures for the same network.
//!
//!     cargo run --example train_speed

mod support;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use jukebox_encoder::strobe::BYTES;
use jukebox_encoder::train::{Clips, Config, Job, Progress, train};
use jukebox_encoder::{Augment, Device, Encoder};

/// Warm-up steps that are not counted.
const WARM: usize = 3;
const GENRES: usize = 8;

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let steps: usize = match std::env::args().nth(1) {
        Some(text) => text.parse().map_err(|_| "usage: train_speed [STEPS]")?,
        None => 20,
    };
    // One view per clip, since images are counted.
    let config = Config { epochs: 1, agree: 0.0, augment: Augment::none(), ..Config::default() };
    let n = (steps.max(1) + WARM) * config.batch;
    let mut rng = fastrand::Rng::with_seed(1);
    let mut strobes = vec![0; n * BYTES];
    rng.fill(&mut strobes);
    let training = Clips { strobes, genres: (0..n).map(|i| (i % GENRES) as u16).collect(), ..Clips::default() };
    let genres: Vec<String> = (1..=GENRES).map(|g| format!("genre {g}")).collect();
    let job = Job {
        genres: &genres,
        tags: &[],
        training: &training,
        validation: &Clips::default(),
        config: &config,
        device: Device::Cpu,
        start: None,
        checkpoint: None,
        every: Duration::MAX,
        resume: false,
        data: "random",
    };
    let (mut clock, mut times) = (Instant::now(), Vec::new());
    let trained = train(&job, &mut |progress| {
        if let Progress::Step { .. } = progress {
            times.push(clock.elapsed().as_secs_f64());
            clock = Instant::now();
        }
        true
    })
    .map_err(|e| format!("{e:#}"))?;
    print("training step", config.batch, times.split_off(WARM.min(times.len())));

    // As in the analysis, every core encodes its own share.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut encoders = (0..cores)
        .map(|_| Encoder::load(&trained.weights, Device::Cpu))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| format!("{e:#}"))?;
    let images = training.strobes.chunks_exact(BYTES).collect::<Vec<_>>();
    let mut times = Vec::new();
    for batch in images.chunks(config.batch) {
        clock = Instant::now();
        let heard: usize = std::thread::scope(|scope| {
            let shares = batch.chunks(batch.len().div_ceil(cores));
            let threads: Vec<_> =
                encoders.iter_mut().zip(shares).map(|(e, share)| scope.spawn(move || e.encode(share))).collect();
            threads.into_iter().map(|t| t.join().map_or(0, |heard| heard.map_or(0, |h| h.len()))).sum()
        });
        if heard < batch.len() {
            return Err(format!("{heard} of {} images were heard", batch.len()));
        }
        times.push(clock.elapsed().as_secs_f64());
    }
    print("hearing", config.batch, times.split_off(WARM.min(times.len())));
    Ok(())
}

fn print(what: &str, batch: usize, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    if let Some(median) = times.get(times.len() / 2) {
        println!(
            "{what}: {:.1} ms for {batch} images (median of {}), {:.0} images/s",
            1e3 * median,
            times.len(),
            batch as f64 / median
        );
    }
}
