//! Measures the front end: the strobe image of a 30-s segment, seven patches of 3 s, and the mel spectrogram of the
//! paper.
//!
//!     cargo run --example strobe_speed

use std::time::{Duration, Instant};

use jukebox::sound::{Mel, MelConfig, patch, strobe};

fn main() {
    let mut state = 1u32;
    let noise: Vec<f32> = (0..30 * 44_100)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        })
        .collect();
    let mel = Mel::new(MelConfig { rate: 22_050, n_fft: 2048, hop: 512, bands: 128, fmin: 0.0, fmax: 11_025.0 });
    println!("strobe image, 30 s at 44.1 kHz:    {:?} (median of 21)", median(|| strobe(&noise).is_some()));
    let patches = || noise.chunks(48_000).take(7).all(|part| patch(part).is_some());
    println!("seven patches, 21 s at 16 kHz:      {:?}", median(patches));
    println!("mel spectrogram, 30 s at 22.05 kHz: {:?}", median(|| !mel.db(&noise[..30 * 22_050]).is_empty()));
}

fn median(mut work: impl FnMut() -> bool) -> Duration {
    let mut times: Vec<_> = (0..21)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed()
        })
        .collect();
    times.sort();
    times[10]
}
