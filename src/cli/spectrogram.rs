//! `jukebox spectrogram`: the mel spectrogram of a file's beginning, or of two files side by side (the paper's Figure 1).

use std::path::{Path, PathBuf};

use clap::Args;
use jukebox_encoder::{Input, halves};

use super::data::Workers;
use super::print;
use crate::config::Config;
use crate::picture::{self, Panel};
use crate::sound::full::{BANDS, RATE, STEPS};
use crate::sound::mel::{MelConfig, place};
use crate::store::private;
use crate::text;
use crate::training::Listener;

/// Decibels below the loudest place that are shown.
const RANGE: f32 = 80.0;
/// Columns of a drawn spectrogram: two frames each.
const COLUMNS: usize = STEPS / 2;
/// Frequencies that are marked, in Hz.
const MARKED: [f64; 6] = [256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0];
/// Seconds that are marked.
const SECONDS: [f64; 4] = [0.0, 10.0, 20.0, 29.0];
/// Size of a spectrogram in text.
const TEXT: [usize; 2] = [64, 16];

/// `jukebox spectrogram`
#[derive(Debug, Args)]
#[command(
    after_help = "The first 29.7 s in 128 mel bands up to 11 kHz, 80 dB down from the loudest place: the redder, the louder. \
Without --svg or --png it is printed in shades."
)]
pub struct SpectrogramArgs {
    /// One audio file, or two to compare
    #[arg(value_name = "FILE", num_args = 1..=2, required = true)]
    pub files: Vec<PathBuf>,
    /// Write an SVG file, with axes
    #[arg(long, value_name = "OUT")]
    pub svg: Option<PathBuf>,
    /// Write a PNG file, a pixel for a band and two frames, without axes
    #[arg(long, value_name = "OUT")]
    pub png: Option<PathBuf>,
}

/// Draws the files.
///
/// # Errors
/// When a file cannot be decoded or is silent, or the output cannot be written.
pub fn run(args: &SpectrogramArgs, config: &Config) -> Result<(), String> {
    let files: Vec<(PathBuf, f64)> = args.files.iter().map(|file| (file.clone(), 0.0)).collect();
    for (file, _) in &files {
        if !file.is_file() {
            return Err(format!("{}: no such file", file.display()));
        }
    }
    if let [(first, _), (second, _)] = &files[..]
        && first == second
    {
        return Err(format!("{}: named twice; name another file to see beside it", first.display()));
    }
    let mut images: Vec<Result<Vec<Vec<u8>>, String>> = vec![Ok(Vec::new()); files.len()];
    Workers::new(config).listen(&files, Input::Power, &mut |at, heard| {
        images[at] = heard;
        Ok(())
    })?;
    let mut panels = Vec::new();
    for ((file, _), heard) in files.iter().zip(images) {
        let images = heard.map_err(|why| format!("{}: {why}", file.display()))?;
        let image = images.first().ok_or_else(|| format!("{}: its beginning is silent", file.display()))?;
        let name = text::sanitize(&file.file_name().unwrap_or_default().to_string_lossy());
        panels.push(panel(&name, image));
    }
    if args.svg.is_none() && args.png.is_none() {
        panels.iter().flat_map(lines).for_each(|line| print::line(&line));
        return Ok(());
    }
    save(&panels, args.svg.as_deref(), args.png.as_deref())
}

/// The picture of a packed image of powers.
pub fn panel(title: &str, image: &[u8]) -> Panel {
    let powers: Vec<f32> = halves::powers(image).collect();
    let loudest = halves::decibels(powers.iter().copied().fold(0.0, f32::max));
    let level = |power: f32| ((halves::decibels(power) - loudest) / RANGE + 1.0).clamp(0.0, 1.0);
    let levels = powers.chunks_exact(2).map(|two| level((two[0] + two[1]) / 2.0)).collect();
    let config = MelConfig { rate: RATE, n_fft: 2048, hop: 512, bands: BANDS, fmin: 0.0, fmax: RATE as f32 / 2.0 };
    let seconds = STEPS as f64 * 512.0 / f64::from(RATE);
    Panel {
        title: title.into(),
        levels,
        columns: COLUMNS,
        x: SECONDS.map(|s| (s / seconds, format!("{s:.0} s"))).to_vec(),
        y: MARKED.map(|hz| (place(&config, hz), format!("{hz:.0} Hz"))).to_vec(),
    }
}

/// Writes panels into files.
///
/// # Errors
/// The file that cannot be written.
pub fn save(panels: &[Panel], svg: Option<&Path>, png: Option<&Path>) -> Result<(), String> {
    let write = |path: &Path, bytes: &[u8]| {
        private::replace(path, bytes).map_err(|e| format!("{}: cannot be written: {e}", path.display()))?;
        print::note(&format!("written: {}", path.display()));
        Ok::<(), String>(())
    };
    if let Some(path) = svg {
        write(path, picture::standalone(&picture::panels(panels)).as_bytes())?;
    }
    if let Some(path) = png {
        write(path, &picture::png(panels))?;
    }
    Ok(())
}

/// A spectrogram in text, with its axes.
fn lines(panel: &Panel) -> Vec<String> {
    let [width, height] = TEXT;
    let mut out = vec![panel.title.clone()];
    let marks: Vec<(usize, &str)> =
        panel.y.iter().map(|(place, label)| (((1.0 - place) * height as f64) as usize, label.as_str())).collect();
    for (i, line) in picture::shades(panel, width, height).into_iter().enumerate() {
        let label = marks.iter().find(|(at, _)| *at == i).map_or("", |(_, label)| label);
        out.push(format!("{label:>8} │{line}│"));
    }
    let mut axis: Vec<char> = vec![' '; width + 16];
    for (place, label) in &panel.x {
        let at = 10 + (place * width as f64) as usize;
        label.chars().enumerate().for_each(|(i, c)| {
            if let Some(cell) = axis.get_mut(at + i) {
                *cell = c;
            }
        });
    }
    out.push(axis.into_iter().collect::<String>().trim_end().to_string());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loudest_place_is_at_the_top_of_the_range() {
        // 1.0 in one place (band 60, frames 20 and 21), a thousandth elsewhere: 30 dB less.
        let mut image = 0x1419u16.to_le_bytes().repeat(BANDS * STEPS);
        for frame in [20, 21] {
            let at = 2 * (60 * STEPS + frame);
            image[at..at + 2].copy_from_slice(&0x3c00u16.to_le_bytes());
        }
        let panel = panel("x", &image);
        assert_eq!((panel.levels.len(), panel.levels[60 * COLUMNS + 10]), (BANDS * COLUMNS, 1.0));
        assert!((panel.levels[0] - (1.0 - 30.0 / 80.0)).abs() < 0.01, "{}", panel.levels[0]);
        let lines = lines(&panel);
        assert_eq!(lines.len(), 1 + TEXT[1] + 1);
        assert!(lines.iter().any(|l| l.starts_with("  512 Hz │")) && lines[17].contains("20 s"), "{lines:#?}");
    }
}
