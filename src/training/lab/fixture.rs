//! Records for tests.

use super::record::{Point, Record, Setting};
use crate::training::Config;

/// A setting on a hundred validation clips.
pub fn setting(experiment: &str) -> Setting {
    Setting {
        experiment: experiment.into(),
        data: "toys".into(),
        images: "powers, averaged to 64 × 64".into(),
        clips: "0".into(),
        counts: [400, 100],
        genres: 8,
        width: 32,
        epochs: 2,
        rate: None,
        command: "jukebox lab".into(),
    }
}

/// A finished run of the ablation, or of Figure 3 if the arm's name is one of its arms.
pub fn record(arm: &str, seed: u64, accuracies: &[f64]) -> Record {
    let point = |(i, validation): (usize, &f64)| Point {
        epoch: i + 1,
        loss: 2.0,
        validation: *validation,
        validation_loss: 2.0,
        seconds: 1.0,
    };
    let fig3 = super::arm::arms(super::arm::Experiment::Fig3).iter().any(|own| own.name == arm);
    Record {
        setting: setting(if fig3 { "fig3" } else { "ablation" }),
        arm: arm.into(),
        seed,
        config: Config { seed, ..Config::default() },
        version: "0".into(),
        device: "cpu".into(),
        finished: true,
        diverged: false,
        curve: accuracies.iter().enumerate().map(point).collect(),
    }
}
