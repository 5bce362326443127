//! Records for tests.

use std::collections::BTreeMap;

use super::arm::{Experiment, arms};
use super::outcome::Outcome;
use super::record::{Point, Record, Setting};
use crate::training::Config;

/// A setting on a hundred validation clips.
pub fn setting(experiment: Experiment) -> Setting {
    let images = match experiment {
        Experiment::Table4 | Experiment::Outlook => "strobe images, 128 × 128",
        Experiment::Transfer => "patches of 3 s, 96 × 186",
        Experiment::Fig3 | Experiment::Ablation => "powers, averaged to 64 × 64",
    };
    Setting {
        experiment: experiment.name().into(),
        data: if experiment.goes_beyond() { "emotify" } else { "fma-small" }.into(),
        images: images.into(),
        clips: "0".into(),
        counts: [400, 100],
        genres: 8,
        width: 32,
        epochs: experiment.epochs(),
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
    let of = |experiment: Experiment| Some((experiment, arms(experiment).into_iter().find(|own| own.name == arm)?));
    let found = Experiment::ALL.into_iter().find_map(of);
    let experiment = found.as_ref().map_or(Experiment::Ablation, |(experiment, _)| *experiment);
    let setting = setting(experiment);
    let (mut config, mut epochs) = (Config::default(), setting.epochs);
    if let Some((_, own)) = found {
        epochs = own.epochs.unwrap_or(epochs);
        config = own.config;
    }
    let width = if config.arch.is_paper() { setting.width } else { config.width };
    Record {
        setting,
        arm: arm.into(),
        seed,
        config: Config { seed, epochs, width, ..config },
        version: "0".into(),
        device: "cpu".into(),
        finished: true,
        diverged: false,
        curve: accuracies.iter().enumerate().map(point).collect(),
        test: None,
        parts: None,
        learned: None,
        outcome: None,
    }
}

/// A finished run of an experiment that measures whole tracks, with this accuracy on them as on the validation clips.
pub fn ended(arm: &str, seed: u64, validation: f64) -> Record {
    let outcome = Outcome {
        validation,
        precision: None,
        reconstruction: None,
        described: None,
        last_reconstruction: None,
        last_described: BTreeMap::new(),
        said: None,
    };
    Record { outcome: Some(outcome), ..record(arm, seed, &[validation]) }
}
