//! Drums of the demo pieces, each a short mono sound at 44.1 kHz.

use fastrand::Rng;

use super::synth::{Envelope, Pass, Wave, decay, exp2, filter, noise, samples, tone};

/// A kick drum: a sine that sweeps from `from` to `to` Hz and decays within `secs`.
pub fn kick(from: f32, to: f32, secs: f32) -> Vec<f32> {
    // After a third of the time, 1/1024 of the sweep (−60 dB) is left.
    let mut drum = tone(Wave::Sine, samples(secs), |t| to + (from - to) * exp2(-30.0 * t / secs));
    Envelope { attack: 0.001, decay: secs, sustain: 0.0, release: 0.01 }.apply(&mut drum, secs);
    drum
}

/// A burst of noise between two frequencies in Hz that decays by 60 dB in `secs`.
pub fn burst(rng: &mut Rng, low: f32, high: f32, secs: f32) -> Vec<f32> {
    let mut burst = noise(rng, samples(secs));
    filter(&mut burst, Pass::High, 0.0, |_| low);
    filter(&mut burst, Pass::Low, 0.0, |_| high);
    let shrink = decay(secs);
    let mut level = 1.0;
    for x in &mut burst {
        *x *= level;
        level *= shrink;
    }
    burst
}

/// A hand clap: three short bursts and a longer one.
pub fn clap(rng: &mut Rng) -> Vec<f32> {
    let mut clap = vec![0.0; samples(0.26)];
    for (at, secs) in [(0.0, 0.02), (0.011, 0.02), (0.022, 0.02), (0.032, 0.22)] {
        let one = burst(rng, 900.0, 5000.0, secs);
        clap[samples(at)..].iter_mut().zip(&one).for_each(|(a, b)| *a += b);
    }
    clap
}
