//! Measures how long the encoder trains and how fast it encodes. `train_speed [STEPS]` trains the default network on
//! random images without augmentation on the CPU, and prints the median step time and the rate; then the same for
//! encoding. `train_speed STEPS paper WIDTH SIZE [bn]` takes training steps of the paper's network by its authors' recipe
//! on random powers, SIZE being 128x1280 or 64x64, with `bn` and batch normalisation; it also prints processor seconds
//! and the most memory so far. `scripts/torch_speed.py` prints PyTorch's figures for the same networks.
//!
//!     cargo run --example train_speed
//!     cargo run --example train_speed -- 3 paper 512 128x1280

mod support;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use jukebox_encoder::recipe::Norm;
use jukebox_encoder::strobe::BYTES;
use jukebox_encoder::train::{Clips, Config, Job, Progress, train};
use jukebox_encoder::{Architecture, Augment, Device, Encoder};

/// Warm-up steps that are not counted.
const WARM: usize = 3;
const GENRES: usize = 8;
const USAGE: &str = "usage: train_speed [STEPS [paper WIDTH ROWSxCOLUMNS [bn]]]";

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let args = support::args();
    let steps = args.first().map_or(Some(20), |text| text.parse().ok()).ok_or(USAGE)?;
    match args.get(1).map(String::as_str) {
        None => usual(steps),
        Some("paper") => paper(steps, &args[2..]),
        Some(_) => Err(USAGE.into()),
    }
}

/// Steps of the default network.
fn usual(steps: usize) -> Result<(), String> {
    // One view per clip, since images are counted.
    let config = Config { epochs: 1, agree: 0.0, augment: Augment::none(), ..Config::default() };
    let n = (steps.max(1) + WARM) * config.batch;
    let mut rng = fastrand::Rng::with_seed(1);
    let mut strobes = vec![0; n * BYTES];
    rng.fill(&mut strobes);
    let training = Clips { strobes, genres: genres(n), ..Clips::default() };
    let (mut clock, mut times) = (Instant::now(), Vec::new());
    let trained = train(&job(&names(), &training, &config), &mut |progress| {
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

/// Steps of the paper's network.
fn paper(steps: usize, args: &[String]) -> Result<(), String> {
    let (width, size) = (args.first().and_then(|w| w.parse().ok()), args.get(1).and_then(|s| s.split_once('x')));
    let (Some(width), Some((bands, columns))) = (width, size) else { return Err(USAGE.into()) };
    let (Ok(bands), Ok(columns)) = (bands.parse(), columns.parse()) else { return Err(USAGE.into()) };
    let mut config = Config { width, epochs: 1, ..Config::authors(Architecture::Paper) };
    if args.get(2).is_some_and(|a| a == "bn") {
        config.recipe.norm = Some(Norm::Running);
    }
    let all = steps.max(1) + 1;
    let n = all * config.batch;
    let mut rng = fastrand::Rng::with_seed(1);
    // Half floats from 0.0005 to 4.
    let strobes = (0..n * bands * columns).flat_map(|_| rng.u16(0x1000..0x4400).to_le_bytes()).collect();
    let empty = Clips { bands, steps: columns, power: true, ..Clips::default() };
    let training = Clips { strobes, genres: genres(n), ..empty };
    let (mut clock, mut spent, mut took) = (Instant::now(), seconds(), Vec::new());
    let names = names();
    let ended = train(&job(&names, &training, &config), &mut |progress| {
        if let Progress::Step { .. } = progress {
            took.push([clock.elapsed().as_secs_f64(), seconds() - spent]);
            (clock, spent) = (Instant::now(), seconds());
        }
        // Only steps are wanted, not what comes of them.
        took.len() < all
    });
    if took.len() < all {
        return ended.map(drop).map_err(|e| format!("{e:#}"));
    }
    let median = |i: usize| {
        let mut own: Vec<f64> = took[1..].iter().map(|t| t[i]).collect();
        own.sort_by(f64::total_cmp);
        own[own.len() / 2]
    };
    println!(
        "training step, {bands} x {columns}, width {width}: {:.2} s, {:.2} CPU seconds for {} images (median of {steps}); \
         at most {:.2} GB",
        median(0),
        median(1),
        config.batch,
        memory()
    );
    Ok(())
}

/// Processor time of this process so far; 0 where it is not known.
fn seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // In hundredths: the 14th and 15th fields, of which the second may contain spaces.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    rest.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory this process has had, in GB; 0 where it is not known.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    most.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) * 1024.0 / 1e9
}

fn names() -> Vec<String> {
    (1..=GENRES).map(|g| format!("genre {g}")).collect()
}

fn genres(n: usize) -> Vec<u16> {
    (0..n).map(|i| (i % GENRES) as u16).collect()
}

fn job<'a>(genres: &'a [String], training: &'a Clips, config: &'a Config) -> Job<'a> {
    static NONE: std::sync::LazyLock<Clips> = std::sync::LazyLock::new(Clips::default);
    Job {
        genres,
        tags: &[],
        training,
        validation: &NONE,
        config,
        device: Device::Cpu,
        start: None,
        checkpoint: None,
        every: Duration::MAX,
        resume: false,
        data: "random",
    }
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
