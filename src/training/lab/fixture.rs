//! Records for tests.

use super::arm::{Experiment, arms};
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

/// A finished run of the experiment that has an arm of this name, or else of the ablation.
pub fn record(arm: &str, seed: u64, accuracies: &[f64]) -> Record {
    let point = |(i, validation): (usize, &f64)| Point {
        epoch: i + 1,
        loss: 2.0,
        validation: *validation,
        validation_loss: 2.0,
        seconds: 1.0,
    };
    let has = |experiment: &Experiment| arms(*experiment).iter().any(|own| own.name == arm);
    let experiment = Experiment::ALL.into_iter().find(has).unwrap_or(Experiment::Ablation);
    Record {
        setting: setting(experiment.name()),
        arm: arm.into(),
        seed,
        config: Config { seed, ..Config::default() },
        version: "0".into(),
        device: "cpu".into(),
        finished: true,
        diverged: false,
        curve: accuracies.iter().enumerate().map(point).collect(),
        test: None,
        parts: None,
    }
}
