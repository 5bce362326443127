//! Checks an encoder: `encoder_health FILE strobe:DIR` prints, on the validation clips: accuracy, genre precision at 10
//! compared with an untrained encoder, and whether its 32 dimensions vary, are uncorrelated, and are informative.

mod support;

use std::process::ExitCode;

use jukebox::training::{Config, DataSet, Device, Options, Part, measure_on, untrained};
use jukebox_encoder::strobe::BYTES;
use jukebox_encoder::{DIMS, Encoder};

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let args = support::args();
    let [file, data] = &args[..] else { return Err("usage: encoder_health FILE strobe:DIR".into()) };
    let weights = std::fs::read(file).map_err(|e| format!("cannot read {file}: {e}"))?;
    let set = DataSet::read(data)?;
    let clips = set.part(Part::Validation);
    let report = measure_on(&weights, &clips, Device::Auto)?;
    println!(
        "{} clips, accuracy {:.4} ± {:.4}, P@10 {:.4}",
        report.clips, report.accuracy, report.error, report.precision
    );
    for seed in 1..=3 {
        let mut options = Options::new(data, "");
        options.config = Config { seed, ..options.config };
        let [validation, test] = [Part::Validation, Part::Test].map(|part| untrained(&options, part));
        println!("untrained, seed {seed}: P@10 {:.4}, on the test clips {:.4}", validation?.precision, test?.precision);
    }

    let encoder = Encoder::load(&weights, Device::Auto).map_err(|e| format!("{e:#}"))?;
    let images: Vec<&[u8]> = clips.strobes.chunks_exact(BYTES).collect();
    let clock = std::time::Instant::now();
    let heard = encoder.encode(&images).map_err(|e| format!("{e:#}"))?;
    println!("{:.2} ms a clip on {}", clock.elapsed().as_secs_f64() * 1e3 / images.len() as f64, encoder.device());
    let n = heard.len() as f64;
    let at = |i: usize, d: usize| f64::from(heard[i].latent[d]);
    let mean: Vec<f64> = (0..DIMS).map(|d| (0..heard.len()).map(|i| at(i, d)).sum::<f64>() / n).collect();
    let covariance =
        |a: usize, b: usize| (0..heard.len()).map(|i| (at(i, a) - mean[a]) * (at(i, b) - mean[b])).sum::<f64>() / n;
    let (mut trace, mut squares, mut off) = (0.0, 0.0, 0.0);
    for a in 0..DIMS {
        trace += covariance(a, a);
        for b in 0..DIMS {
            squares += covariance(a, b).powi(2);
            if a != b {
                off += (covariance(a, b) / (covariance(a, a) * covariance(b, b)).sqrt()).abs();
            }
        }
    }
    println!(
        "effective dimensions {:.1} of {DIMS}, mean |correlation| {:.3}",
        trace * trace / squares,
        off / (DIMS * (DIMS - 1)) as f64
    );
    println!("dim  mean   std    skew   kurt   share of variance between genres; lowest and highest genre");
    let genres = &encoder.card().genres;
    #[allow(clippy::needless_range_loop, reason = "one dimension of two tables")]
    for d in 0..DIMS {
        let std = covariance(d, d).sqrt();
        let moment = |k: i32| (0..heard.len()).map(|i| ((at(i, d) - mean[d]) / std).powi(k)).sum::<f64>() / n;
        let of: Vec<(f64, f64)> = (0..genres.len())
            .map(|g| {
                let own: Vec<f64> =
                    (0..heard.len()).filter(|i| usize::from(clips.genres[*i]) == g).map(|i| at(i, d)).collect();
                (own.iter().sum::<f64>() / own.len().max(1) as f64, own.len() as f64)
            })
            .collect();
        let between = of.iter().map(|(m, k)| k * (m - mean[d]).powi(2)).sum::<f64>() / n / covariance(d, d);
        let low = (0..genres.len()).min_by(|a, b| of[*a].0.total_cmp(&of[*b].0)).unwrap_or(0);
        let high = (0..genres.len()).max_by(|a, b| of[*a].0.total_cmp(&of[*b].0)).unwrap_or(0);
        let (skew, kurtosis) = (moment(3), moment(4) - 3.0);
        println!(
            "{:3} {:6.2} {:6.2} {skew:6.2} {kurtosis:6.2}   {between:.2} {} {:.2} … {} {:.2}",
            d + 1,
            mean[d],
            std,
            genres[low],
            of[low].0,
            genres[high],
            of[high].0
        );
    }
    Ok(())
}
