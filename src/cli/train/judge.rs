//! What a finished encoder goes through before the player uses it.

use std::path::{Path, PathBuf};

use crate::paths::Paths;
use crate::training::judging::{Aligned, Judge, Judgement, Published};
use crate::training::{self, DataSet};

/// Keeps every new encoder aside unless it is published by hand.
pub struct Aside {
    current: PathBuf,
}

impl Aside {
    /// For the models of a home.
    pub fn new(paths: &Paths) -> Aside {
        Aside { current: paths.data.join("models").join("current") }
    }
}

impl Judge for Aside {
    fn align(&mut self, candidate: Vec<u8>, _data: &DataSet) -> Result<Aligned, String> {
        Ok(Aligned { weights: candidate, correlation: Vec::new() })
    }

    fn judge(&mut self, _candidate: &[u8], _data: &DataSet) -> Result<Judgement, String> {
        let why = "It was not compared with the encoder in use.".into();
        Ok(Judgement { publish: false, why, measures: Vec::new() })
    }

    fn publish(&mut self, model: &Path) -> Result<Published, String> {
        let card = training::publish(model, &self.current)?;
        Ok(Published { name: card.hash.chars().take(12).collect(), previous: "shipped".into() })
    }
}
