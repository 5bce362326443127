//! Compares the loudness of whole files with ffmpeg's `ebur128` filter, and prints the largest difference.
//!
//! `cargo run --release --example loudness_beside -- FILE…` uses the system's ffmpeg. That prints tenths, so
//! differences up to 0.05 are due to its rounding. A mono file counts as two loudspeakers here and as one there, so
//! 3.01 LU are subtracted.

use std::path::Path;
use std::process::Command;

use jukebox::audio::decode::Decoder;
use jukebox::sound::{Loudness, Meter};

fn main() -> Result<(), String> {
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    let (mut loudness, mut peak, mut compared) = (0f32, 0f32, 0);
    for file in &files {
        let path = Path::new(file);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (channels, ours) = measure(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let (Some(theirs), Some(lufs), Some(highest)) = (ffmpeg(path)?, ours.lufs, ours.peak) else {
            println!("{name}: not measured by both");
            continue;
        };
        let lufs = if channels == 1 { lufs - 3.01 } else { lufs };
        println!("{name}: {lufs:.2} and {:.1} LUFS, {highest:.2} and {:.1} dBTP", theirs.0, theirs.1);
        compared += 1;
        loudness = loudness.max((lufs - theirs.0).abs());
        peak = peak.max((highest - theirs.1).abs());
    }
    println!("{compared} of {} files: at most {loudness:.2} LU and {peak:.2} dB of peak apart", files.len());
    Ok(())
}

fn measure(path: &Path) -> Result<(u16, Loudness), String> {
    let mut decoder = Decoder::open(path).map_err(|e| e.to_string())?;
    let (channels, rate) = (decoder.info().channels, decoder.info().rate);
    let mut meter = Meter::new(channels, rate).ok_or("no such rate or number of channels")?;
    let mut block = Vec::new();
    while decoder.next(&mut block).map_err(|e| e.to_string())? {
        meter.add(&block);
        block.clear();
    }
    Ok((channels, meter.finish()))
}

/// Integrated loudness and true peak from ffmpeg's summary.
fn ffmpeg(path: &Path) -> Result<Option<(f32, f32)>, String> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-hide_banner", "-i"]).arg(path);
    command.args(["-map", "0:a:0", "-af", "ebur128=peak=true", "-f", "null", "-"]);
    let said = command.output().map_err(|e| format!("ffmpeg: {e}"))?;
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    let Some(end) = said.rfind("Summary:") else { return Ok(None) };
    let number = |what: &str| {
        let rest = &said[end + said[end..].find(what)? + what.len()..];
        rest.split_whitespace().next()?.parse::<f32>().ok()
    };
    Ok(number("I:").zip(number("Peak:")))
}
