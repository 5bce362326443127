//! Compares the mel spectrogram with librosa's, value by value. `fixtures/mel_reference.py` created the reference.

#![allow(clippy::unwrap_used)]

use jukebox::sound::{Mel, MelConfig, power};
use jukebox_encoder::halves::{decibels, from_bits};

const REFERENCE: &str = include_str!("fixtures/mel_reference.tsv");

/// The signal used by the script: noise and a rising tone, then silence.
fn signal(rate: u32) -> Vec<f32> {
    let n = 2 * rate as usize;
    let mut state = 12_345u32;
    (0..n)
        .map(|i| {
            if i >= n - rate as usize / 4 {
                return 0.0;
            }
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = f64::from(state >> 8) / f64::from(1 << 23) - 1.0;
            let t = i as f64 / f64::from(rate);
            let chirp = (std::f64::consts::TAU * (100.0 * t + 1500.0 * t * t)).sin();
            (0.1 * noise + 0.5 * chirp) as f32
        })
        .collect()
}

#[test]
fn equals_librosa() {
    let mut compared = 0;
    for rate in [22_050, 44_100] {
        let mel = Mel::new(MelConfig { rate, n_fft: 2048, hop: 512, bands: 128, fmin: 0.0, fmax: rate as f32 / 2.0 });
        let samples = signal(rate);
        let (frames, db) = (mel.frames(samples.len()), mel.db(&samples));
        let mut worst = 0.0f32;
        for line in REFERENCE.lines().filter(|l| l.starts_with(&format!("{rate}\t"))) {
            let mut fields = line.split('\t').skip(1);
            let frame: usize = fields.next().unwrap().parse().unwrap();
            assert!(frame < frames);
            for (band, want) in fields.enumerate() {
                worst = worst.max((db[band * frames + frame] - want.parse::<f32>().unwrap()).abs());
                compared += 1;
            }
        }
        println!("{rate} Hz: largest difference {worst:.1e} dB");
        assert!(worst < 1e-3, "{rate} Hz: {worst} dB");
    }
    assert_eq!(compared, 2 * 9 * 128);
}

#[test]
fn the_image_of_powers_equals_librosa() {
    const RATE: u32 = 22_050;
    let image = power(&signal(RATE)).unwrap();
    let steps = image.len() / 2 / 128;
    let (mut compared, mut worst) = (0, 0.0f32);
    for line in REFERENCE.lines().filter(|l| l.starts_with(&format!("{RATE}\t"))) {
        let mut fields = line.split('\t').skip(1);
        let frame: usize = fields.next().unwrap().parse().unwrap();
        for (band, want) in fields.enumerate() {
            let at = 2 * (band * steps + frame);
            let found = from_bits(u16::from_le_bytes([image[at], image[at + 1]]));
            let want = want.parse::<f32>().unwrap();
            // Below −42 dB half floats have steps of more than a thousandth.
            if want < -42.0 {
                assert!(found < 7e-5, "band {band}, frame {frame}: {found}");
                continue;
            }
            worst = worst.max((decibels(found) - want).abs());
            compared += 1;
        }
    }
    println!("{compared} values: largest difference {worst:.1e} dB");
    // Half a step of a half float is 0.0021 dB of the smallest number between two powers of 2.
    assert!(compared > 500 && worst < 5e-3, "{compared} values, {worst} dB");
}
