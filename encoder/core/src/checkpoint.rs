//! Checkpoints: the complete state of a training, written after every epoch and during long ones, so that it can be
//! resumed.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::job::{Config, EpochReport};
use crate::losses::Losses;
use crate::optimise::Moving;
use crate::parameters::{Parameters, Spec};
use crate::weights::{Named, floats, pack, unpack};

/// Everything that the next step depends on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub parameters: Parameters,
    pub optimiser: Moving,
    /// The moving average of the parameters.
    pub average: Parameters,
    /// The average after the best epoch.
    pub best: Parameters,
    /// Mean and variance of each normalised layer, averaged over the steps, if the recipe asks for them; else nothing.
    pub running: Parameters,
    /// The same after the best epoch.
    pub best_running: Parameters,
    /// Reports of the completed epochs.
    pub reports: Vec<EpochReport>,
    /// The epoch in progress: steps done, sums of their losses, and time in seconds.
    pub begun: Begun,
}

/// An epoch in progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Begun {
    pub steps: usize,
    pub losses: Losses,
    pub seconds: f64,
}

#[derive(Serialize, Deserialize)]
struct Header {
    config: Config,
    /// BLAKE3 of the training clips.
    data: String,
    steps: u64,
    /// Encoded with [`exact`], because parsing decimal numbers is not exact to the last bit.
    reports: Value,
    begun: Value,
}

/// Replaces every floating-point number by the hexadecimal form of its bits.
fn exact(value: Value) -> Value {
    match value {
        Value::Number(n) if n.is_f64() => Value::String(format!("{:016x}", n.as_f64().unwrap_or(f64::NAN).to_bits())),
        Value::Array(all) => all.into_iter().map(exact).collect(),
        Value::Object(all) => all.into_iter().map(|(key, v)| (key, exact(v))).collect(),
        other => other,
    }
}

/// The inverse of [`exact`]; the values contain no other strings.
fn inexact(value: Value) -> Value {
    match value {
        Value::String(bits) => u64::from_str_radix(&bits, 16).map_or(Value::Null, |b| f64::from_bits(b).into()),
        Value::Array(all) => all.into_iter().map(inexact).collect(),
        Value::Object(all) => all.into_iter().map(|(key, v)| (key, inexact(v))).collect(),
        other => other,
    }
}

impl State {
    /// Writes the state beside `path` and renames it into place, so that a complete one always
    /// exists.
    pub fn save(&self, path: &Path, specs: &[Spec], config: &Config, data: &str) -> Result<()> {
        let parts = [
            ("parameters", &self.parameters),
            ("first", &self.optimiser.first),
            ("second", &self.optimiser.second),
            ("average", &self.average),
            ("best", &self.best),
        ];
        let mut tensors: Vec<Named> = Vec::new();
        for (part, parameters) in parts {
            for (spec, values) in specs.iter().zip(&parameters.values) {
                tensors.push((format!("{part}/{}", spec.name), spec.shape.clone(), values.clone()));
            }
        }
        for (part, running) in [("running", &self.running), ("best running", &self.best_running)] {
            for (i, values) in running.values.iter().enumerate() {
                tensors.push((format!("{part}/{i}"), vec![values.len()], values.clone()));
            }
        }
        let header = Header {
            config: config.clone(),
            data: data.to_owned(),
            steps: self.optimiser.steps,
            reports: exact(serde_json::to_value(&self.reports)?),
            begun: exact(serde_json::to_value(self.begun)?),
        };
        let bytes = pack(&tensors, &header)?;
        let place = path.with_extension("new");
        let write = || {
            let mut file = File::create(&place)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&place, path)
        };
        let written = write();
        if written.is_err() {
            // A partial file on a full disk would obstruct the next attempt.
            let _ = fs::remove_file(&place);
        }
        written.with_context(|| format!("cannot write the checkpoint {}", path.display()))
    }

    /// Reads what [`State::save`] wrote. `channels` are the sizes of the running statistics.
    ///
    /// # Errors
    /// When there is none, it is damaged, or it belongs to another configuration or other clips.
    pub fn load(path: &Path, specs: &[Spec], channels: &[usize], config: &Config, data: &str) -> Result<State> {
        let name = path.display();
        let bytes = fs::read(path).with_context(|| format!("cannot read the checkpoint {name}"))?;
        let (file, header): (_, Header) =
            unpack(&bytes).with_context(|| format!("the checkpoint {name} cannot be used"))?;
        ensure!(
            header.config == *config,
            "the checkpoint {name} belongs to a training with another configuration: resume with the same, or start anew"
        );
        ensure!(
            header.data == data,
            "the checkpoint {name} belongs to a training on other clips: resume with the same, or start anew"
        );
        let damaged = || format!("the checkpoint {name} is damaged");
        let part = |part: &str| -> Result<Parameters> {
            let values = specs.iter().map(|s| floats(&file, &format!("{part}/{}", s.name), &s.shape));
            Ok(Parameters { values: values.collect::<Result<_>>().with_context(|| format!("the checkpoint {name}"))? })
        };
        let statistics = |part: &str| -> Result<Parameters> {
            let values = channels.iter().enumerate().map(|(i, n)| floats(&file, &format!("{part}/{i}"), &[*n]));
            Ok(Parameters { values: values.collect::<Result<_>>().with_context(|| format!("the checkpoint {name}"))? })
        };
        Ok(State {
            parameters: part("parameters")?,
            optimiser: Moving { first: part("first")?, second: part("second")?, steps: header.steps },
            average: part("average")?,
            best: part("best")?,
            running: statistics("running")?,
            best_running: statistics("best running")?,
            reports: serde_json::from_value(inexact(header.reports)).with_context(damaged)?,
            begun: serde_json::from_value(inexact(header.begun)).with_context(damaged)?,
        })
    }
}
