//! Prints one CSV line per file: the descriptors of the middle segment, as the analysis computes them, and with
//! `--loudness` the loudness of the whole file.
//!
//!     cargo run --example descriptors -- [--loudness] FILE…

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use jukebox::audio::decode::Decoder;
use jukebox::audio::segment::{RATE, Segments};
use jukebox::sound::{Loudness, Meter, describe, plan};

const COLUMNS: [&str; 19] = [
    "path",
    "start",
    "secs",
    "bpm",
    "bpm_confidence",
    "key",
    "camelot",
    "tonic",
    "minor",
    "key_confidence",
    "mode",
    "brightness",
    "noisiness",
    "bass",
    "dynamics",
    "percussiveness",
    "onsets",
    "danceability",
    "energy",
];

/// Time spent on descriptors and on loudness, and the duration of the audio measured for loudness.
#[derive(Default)]
struct Times {
    describe: Vec<Duration>,
    loudness: Duration,
    measured_secs: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (options, files): (Vec<OsString>, Vec<OsString>) = std::env::args_os().skip(1).partition(|a| a == "--loudness");
    let loudness = !options.is_empty();
    let mut out = csv::Writer::from_writer(std::io::stdout().lock());
    out.write_record(COLUMNS.iter().chain(loudness.then_some(&["lufs", "range", "peak"]).into_iter().flatten()))?;
    let mut times = Times::default();
    for file in &files {
        match line(Path::new(file), loudness, &mut times) {
            Ok(line) => out.write_record(line)?,
            Err(error) => eprintln!("{}: {error}", Path::new(file).display()),
        }
    }
    out.flush()?;
    times.describe.sort_unstable();
    if let Some(median) = times.describe.get(times.describe.len() / 2) {
        eprintln!("descriptors: {median:?} a segment (median of {})", times.describe.len());
    }
    if loudness {
        let speed = times.measured_secs / times.loudness.as_secs_f64().max(1e-9);
        eprintln!("loudness: {speed:.0} × real time, decoding left out");
    }
    Ok(())
}

fn line(path: &Path, loudness: bool, times: &mut Times) -> Result<Vec<String>, Box<dyn Error>> {
    let mut segments = Segments::open(path)?;
    let spans = plan(segments.info().secs.unwrap_or(0.0));
    let span = spans[spans.len() / 2];
    let samples = segments.read(span.start, span.secs)?;
    let begun = Instant::now();
    let sound = describe(&samples);
    times.describe.push(begun.elapsed());

    let number = |value: Option<f32>| value.map_or(String::new(), |v| v.to_string());
    let (tempo, key) = (sound.tempo, sound.key);
    let secs = samples.len() as f64 / f64::from(RATE);
    let mut line = vec![path.display().to_string(), span.start.to_string(), secs.to_string()];
    line.extend([number(tempo.map(|t| t.bpm)), number(tempo.map(|t| t.confidence))]);
    line.extend([key.map_or(String::new(), |k| k.name()), key.map_or(String::new(), |k| k.camelot())]);
    line.extend([number(key.map(|k| k.tonic.into())), number(key.map(|k| f32::from(u8::from(k.minor))))]);
    line.extend([
        number(key.map(|k| k.confidence)),
        number(sound.mode),
        number(sound.brightness),
        number(sound.noisiness),
        number(sound.bass),
        number(sound.dynamics),
        number(sound.percussiveness),
        number(sound.onsets),
        number(sound.danceability),
        number(sound.energy),
    ]);
    if loudness {
        let whole = measure(path, times)?;
        line.extend([number(whole.lufs), number(whole.range), number(whole.peak)]);
    }
    Ok(line)
}

/// The loudness of a whole file.
fn measure(path: &Path, times: &mut Times) -> Result<Loudness, Box<dyn Error>> {
    let mut decoder = Decoder::open(path)?;
    let (channels, rate) = (decoder.info().channels, decoder.info().rate);
    let mut meter = Meter::new(channels, rate).ok_or("so many channels have no loudness")?;
    let mut block = Vec::new();
    while decoder.next(&mut block)? {
        let begun = Instant::now();
        meter.add(&block);
        times.loudness += begun.elapsed();
        times.measured_secs += block.len() as f64 / f64::from(channels) / f64::from(rate);
        block.clear();
    }
    Ok(meter.finish())
}
