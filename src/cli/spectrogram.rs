//! `jukebox spectrogram`: the mel spectrogram of a file's beginning, or of two files side by side (the paper's Figure 1).

use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow, bail};
use clap::Args;
use jukebox_encoder::Input;

use super::data::Workers;
use super::print;
use crate::analysis::figure::panel;
use crate::config::Config;
use crate::picture::{self, Panel};
use crate::store::exported;
use crate::text;
use crate::training::Listener;

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
pub fn run(args: &SpectrogramArgs, config: &Config) -> Result<()> {
    let files: Vec<(PathBuf, f64)> = args.files.iter().map(|file| (file.clone(), 0.0)).collect();
    for (file, _) in &files {
        if !file.is_file() {
            bail!("{}: no such file", file.display());
        }
    }
    if let [(first, _), (second, _)] = &files[..]
        && first == second
    {
        bail!("{}: named twice; name another file to see beside it", first.display());
    }
    let mut images: Vec<Result<Vec<Vec<u8>>, String>> = vec![Ok(Vec::new()); files.len()];
    Workers::new(config).listen(&files, Input::Power, &mut |at, heard| {
        images[at] = heard.map_err(|why| why.to_string());
        Ok(())
    })?;
    let mut panels = Vec::new();
    for ((file, _), heard) in files.iter().zip(images) {
        let images = heard.map_err(|why| anyhow!("{}: {why}", file.display()))?;
        let image = images.first().ok_or_else(|| anyhow!("{}: its beginning is silent", file.display()))?;
        let name = text::sanitize(&file.file_name().unwrap_or_default().to_string_lossy());
        panels.push(panel(&name, image));
    }
    if args.svg.is_none() && args.png.is_none() {
        panels.iter().flat_map(lines).for_each(|line| print::line(&line));
        return Ok(());
    }
    save(&panels, args.svg.as_deref(), args.png.as_deref())
}

/// Writes panels into files.
///
/// # Errors
/// The file that cannot be written.
pub fn save(panels: &[Panel], svg: Option<&Path>, png: Option<&Path>) -> Result<()> {
    let write = |path: &Path, bytes: &[u8]| {
        exported::overwrite(path, bytes).map_err(|e| anyhow!("{}: cannot be written: {e}", path.display()))?;
        print::note(&format!("written: {}", path.display()));
        Ok::<(), Error>(())
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
    use crate::sound::power;

    #[test]
    fn a_spectrogram_in_text_has_its_axes() {
        let tone: Vec<f32> = (0..22_050 * 30).map(|i| (i as f32 * 0.1).sin()).collect();
        let panel = panel("x", &power(&tone).unwrap());
        let lines = lines(&panel);
        assert_eq!(lines.len(), 1 + TEXT[1] + 1);
        assert!(lines.iter().any(|l| l.starts_with("  512 Hz │")) && lines[17].contains("20 s"), "{lines:#?}");
    }
}
