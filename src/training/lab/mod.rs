//! The lab: the experiments of docs/paper.md, and the tables and figures made of their runs.
//!
//! A run is a training that only has a curve: it is neither judged nor published. The runs of an experiment lie in a
//! directory named after their setting (data, image size, width, epochs), each in one of its own with its record and,
//! while it is unfinished, its checkpoint. The same command finds them again and goes on.

pub mod arm;
pub mod effects;
#[cfg(test)]
mod fixture;
pub mod page;
pub mod record;
pub mod small;
#[cfg(test)]
mod tests;
pub mod work;

use std::path::Path;

use jukebox_encoder::train::Clips;

use arm::Experiment;
use record::Setting;

use super::{DataSet, Part};
use crate::files;

/// The clips of an experiment.
pub struct Stock {
    /// The names of the genres.
    pub genres: Vec<String>,
    /// The clips to train on.
    pub training: Clips,
    /// The clips on which curves are measured.
    pub validation: Clips,
    /// The data set's name.
    pub data: String,
    /// What the images are.
    pub images: String,
}

/// What the options of a command say of an experiment.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Width of the networks.
    pub width: usize,
    /// Passes over the clips.
    pub epochs: usize,
    /// The rate of all arms instead of that of the pilots.
    pub rate: Option<f64>,
    /// The command that repeats it.
    pub command: String,
}

impl Stock {
    /// The clips of a data set, as images of powers, averaged to 64 × 64 unless `full`.
    ///
    /// # Errors
    /// When its images are of a kind that the lab cannot use, or a part is empty.
    pub fn of(set: DataSet, full: bool) -> Result<Stock, String> {
        let images = small::about(&set, full)?;
        let set = small::powers(set, full)?;
        let [training, validation] = [Part::Training, Part::Validation].map(|part| set.part(part));
        if training.len() < 2 || validation.is_empty() {
            return Err(format!("{}: there are too few clips to train on, or none to validate on", set.name));
        }
        Ok(Stock { genres: set.genres, training, validation, data: set.name, images })
    }

    /// The setting of an experiment on these clips.
    pub fn setting(&self, experiment: Experiment, asked: &Asked) -> Setting {
        let mut hasher = blake3::Hasher::new();
        for clips in [&self.training, &self.validation] {
            hasher.update(&clips.strobes);
            for genre in &clips.genres {
                hasher.update(&genre.to_le_bytes());
            }
        }
        Setting {
            experiment: experiment.name().into(),
            data: self.data.clone(),
            images: self.images.clone(),
            clips: hasher.finalize().to_hex()[..16].into(),
            counts: [self.training.len(), self.validation.len()],
            genres: self.genres.len(),
            width: asked.width,
            epochs: asked.epochs,
            rate: asked.rate,
            command: asked.command.clone(),
        }
    }
}

/// The revision of the source tree at a directory, if it is one of git; read from its files, without running git.
pub fn revision(tree: &Path) -> Option<String> {
    let text = |name: &str| files::text(&tree.join(".git").join(name), files::SMALL).ok();
    let head = text("HEAD")?;
    let Some(name) = head.trim().strip_prefix("ref: ") else { return Some(head.trim().chars().take(12).collect()) };
    let packed = || {
        let all = text("packed-refs")?;
        let line = all.lines().find(|line| line.ends_with(&format!(" {name}")))?;
        line.split(' ').next().map(String::from)
    };
    let hash = text(name).or_else(packed)?;
    Some(hash.trim().chars().take(12).collect())
}
