//! Measures how long a seek takes in each format, and how far it lands from its target: two thousand seeks per file to
//! random positions, in a newly opened file and in one that has played.
//!
//! `cargo run --release --example seek_speed -- FILE…` works best with long files. The landing is checked against
//! decoding from the start: the first 512 samples after it are searched for within a tenth of a second around the
//! target.

use std::path::Path;
use std::time::{Duration, Instant};

use jukebox::audio::decode::Decoder;

const SEEKS: usize = 2000;
/// Number of landings compared with the whole file.
const CHECKED: usize = 50;

fn main() -> Result<(), String> {
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    if files.is_empty() {
        return Err("name some files, best long ones".into());
    }
    println!("{:<32} {:>8} {:>9} {:>9} {:>9} {:>12}", "file", "length", "p50", "p99", "worst", "off by");
    for file in files {
        let path = Path::new(&file);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match measure(path) {
            Ok(line) => println!("{name:<32.32} {line}"),
            Err(why) => println!("{name:<32.32} {why}"),
        }
    }
    Ok(())
}

fn measure(path: &Path) -> Result<String, String> {
    let whole = mono(path)?;
    let mut decoder = Decoder::open(path).map_err(|e| e.to_string())?;
    let (rate, channels) = (f64::from(decoder.info().rate), usize::from(decoder.info().channels));
    let secs = whole.len() as f64 / rate;
    let mut random = fastrand::Rng::with_seed(7);
    let (mut took, mut off, mut block) = (Vec::new(), 0i64, Vec::new());
    for seek in 0..SEEKS {
        if seek % 100 == 0 {
            decoder = Decoder::open(path).map_err(|e| e.to_string())?;
        }
        let to = random.f64() * (secs - 1.0).max(0.0);
        let begun = Instant::now();
        decoder.seek(to).map_err(|e| e.to_string())?;
        block.clear();
        decoder.next(&mut block).map_err(|e| e.to_string())?;
        took.push(begun.elapsed());
        if seek % (SEEKS / CHECKED) == 0 {
            while block.len() < 512 * channels && decoder.next(&mut block).map_err(|e| e.to_string())? {}
            let heard: Vec<f32> = block.chunks_exact(channels).take(512).map(|f| f.iter().sum()).collect();
            off = off.max(lag(&whole, &heard, (to * rate).round() as i64, (rate / 10.0) as i64).abs());
        }
    }
    took.sort_unstable();
    let at = |share: f64| ms(took[((took.len() - 1) as f64 * share) as usize]);
    let off = format!("{off} ({:.2} ms)", off as f64 / rate * 1000.0);
    Ok(format!("{:>7.0}s {:>9} {:>9} {:>9} {off:>12}", secs, at(0.5), at(0.99), at(1.0)))
}

/// The offset in samples from `at`, within ±`around`, at which `part` differs least from the whole.
fn lag(whole: &[f32], part: &[f32], at: i64, around: i64) -> i64 {
    let distance = |lag: i64| -> f64 {
        let from = at + lag;
        let there = |i: usize| whole.get((from + i as i64) as usize).copied().unwrap_or(0.0);
        part.iter().enumerate().map(|(i, x)| f64::from(x - there(i)).powi(2)).sum()
    };
    // Silence matches everywhere, and the noise with which AAC fills bands differs after every seek and matches
    // nowhere, so a position counts only if it matches much better.
    let here = distance(0);
    (-around..=around)
        .min_by(|&a, &b| distance(a).total_cmp(&distance(b)))
        .filter(|&l| distance(l) < here / 4.0)
        .unwrap_or(0)
}

fn mono(path: &Path) -> Result<Vec<f32>, String> {
    let mut decoder = Decoder::open(path).map_err(|e| e.to_string())?;
    let channels = usize::from(decoder.info().channels);
    let (mut all, mut block) = (Vec::new(), Vec::new());
    while decoder.next(&mut block).map_err(|e| e.to_string())? {
        all.extend(block.chunks_exact(channels).map(|f| f.iter().sum::<f32>()));
        block.clear();
    }
    Ok(all)
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
