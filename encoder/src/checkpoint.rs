//! A training that can be left and taken up again: all of its state, written after every epoch, and within long ones.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::optimise::AdamW;
use crate::parameters::{Parameters, Spec};
use crate::step::Losses;
use crate::train::{Config, EpochReport};
use crate::weights::{Named, floats, pack, unpack};

/// Everything that the next step depends on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub parameters: Parameters,
    pub optimiser: AdamW,
    /// The moving average of the parameters.
    pub average: Parameters,
    /// The average as it was after the best epoch.
    pub best: Parameters,
    /// The epochs so far.
    pub reports: Vec<EpochReport>,
    /// Steps done of the epoch in progress, what they came to, and how long they took, seconds.
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
    reports: Vec<EpochReport>,
    begun: Begun,
}

impl State {
    /// Writes the state beside `path`, then renames it into place: there is always a whole one.
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
        let header = Header {
            config: config.clone(),
            data: data.to_owned(),
            steps: self.optimiser.steps,
            reports: self.reports.clone(),
            begun: self.begun,
        };
        let bytes = pack(&tensors, &header)?;
        let place = path.with_extension("new");
        let write = || {
            let mut file = File::create(&place)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&place, path)
        };
        write().with_context(|| format!("cannot write the checkpoint {}", path.display()))
    }

    /// Reads what [`State::save`] wrote.
    ///
    /// # Errors
    /// When there is none, it is damaged, or it belongs to another configuration or other clips.
    pub fn load(path: &Path, specs: &[Spec], config: &Config, data: &str) -> Result<State> {
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
        let part = |part: &str| -> Result<Parameters> {
            let values = specs.iter().map(|s| floats(&file, &format!("{part}/{}", s.name), &s.shape));
            Ok(Parameters { values: values.collect::<Result<_>>().with_context(|| format!("the checkpoint {name}"))? })
        };
        Ok(State {
            parameters: part("parameters")?,
            optimiser: AdamW { first: part("first")?, second: part("second")?, steps: header.steps },
            average: part("average")?,
            best: part("best")?,
            reports: header.reports,
            begun: header.begun,
        })
    }
}
