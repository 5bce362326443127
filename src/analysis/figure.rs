//! The picture of a file's beginning, as in the paper's Figure 1: the mel spectrogram that an image of powers holds.

use std::path::PathBuf;

use jukebox_encoder::{Input, halves};

use crate::analysis::jobs::Job;
use crate::picture::Panel;
use crate::sound::full::{BANDS, RATE, STEPS};
use crate::sound::mel::{MelConfig, place};

/// Decibels below the loudest place that are shown.
const RANGE: f32 = 80.0;
/// Columns of a drawn spectrogram: two frames each.
const COLUMNS: usize = STEPS / 2;
/// Frequencies that are marked, in Hz.
const MARKED: [f64; 6] = [256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0];
/// Seconds that are marked.
const SECONDS: [f64; 4] = [0.0, 10.0, 20.0, 29.0];

/// The job that draws the image of a file's beginning.
pub fn job(path: PathBuf) -> Job {
    Job::Draw { path, secs: 0.0, input: Input::Power }
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
    }
}
