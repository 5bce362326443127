//! A toy set that anybody can tell apart: low hums, high hisses, and pulses.

use std::time::Duration;

use jukebox_encoder::strobe::{BANDS, BYTES, STEPS};
use jukebox_encoder::train::{Clips, Config, Job, Trained, train};
use jukebox_encoder::{Augment, Device};

/// The classes.
pub fn genres() -> Vec<String> {
    ["Hum", "Hiss", "Pulse"].map(String::from).to_vec()
}

/// `n` clips, the classes in turn; the teacher says where the energy lies.
pub fn clips(n: usize, seed: u64) -> Clips {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut clips = Clips::default();
    for i in 0..n {
        let class = i % 3;
        let level: [f32; 3] = std::array::from_fn(|_| 4.0 + 8.0 * rng.f32());
        for band in 0..BANDS {
            let row: Vec<u8> = (0..STEPS)
                .map(|step| {
                    let on = match class {
                        0 => band < 40,
                        1 => band > 80,
                        _ => step % 8 < 2,
                    };
                    let loud = if on { level[0] } else { level[1] / 4.0 };
                    (loud + level[2] / 4.0 * rng.f32() + 2.0 * rng.f32()).clamp(0.0, 15.0) as u8
                })
                .collect();
            clips.strobes.extend(row.chunks_exact(2).map(|p| p[0] << 4 | p[1]));
        }
        clips.genres.push(class as u16);
        clips.teacher.extend([class as f32 - 1.0, level[0] / 4.0 - 2.0]);
    }
    assert_eq!(clips.strobes.len(), n * BYTES);
    clips
}

/// Small and quick.
pub fn config(epochs: usize) -> Config {
    let augment = Augment { mixup: 0.1, ..Augment::default() };
    Config { width: 2, epochs, batch: 32, shard: 16, rate: 1e-2, average: 0.9, augment, ..Config::default() }
}

/// A training on `training`, with everything else as it is usual here.
pub fn job<'a>(genres: &'a [String], training: &'a Clips, validation: &'a Clips, config: &'a Config) -> Job<'a> {
    let (device, start, checkpoint) = (Device::Cpu, None, None);
    let every = Duration::from_secs(3600);
    Job {
        genres,
        tags: &[],
        training,
        validation,
        config,
        device,
        start,
        checkpoint,
        every,
        resume: false,
        data: "toys",
    }
}

/// A trained toy.
#[allow(dead_code)]
pub fn trained(epochs: usize, seed: u64) -> Trained {
    let (genres, training, validation) = (genres(), clips(192, 1), clips(48, 2));
    let config = Config { seed, ..config(epochs) };
    train(&job(&genres, &training, &validation, &config), &mut |_| true).expect("the toy trains")
}
