//! A saved run: what was asked for, on which data, and its curve. No weights.

use std::fs;
use std::path::{Path, PathBuf};

use jukebox_encoder::{Architecture, Input};
use serde::{Deserialize, Serialize};

use super::arm::Experiment;
use super::fault::RecordError;
use super::outcome::{Outcome, short};
use crate::files;
use crate::store::private;
use crate::training::{Config, EpochReport};

/// The name of a run's record in its directory.
const RECORD: &str = "record.json";
/// The number of validation clips below which these are a small sample.
const FEW: usize = 500;

/// An epoch of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// 1-based.
    pub epoch: usize,
    /// Mean training loss.
    pub loss: f64,
    /// Accuracy on the validation clips, 0 to 1.
    pub validation: f64,
    /// Cross-entropy on the validation clips.
    pub validation_loss: f64,
    /// Duration in seconds.
    pub seconds: f64,
}

impl Point {
    /// Of a report, rounded to what is worth keeping.
    pub fn of(report: &EpochReport) -> Point {
        Point {
            epoch: report.epoch,
            loss: short(report.loss),
            validation: short(report.validation),
            validation_loss: short(report.validation_loss),
            seconds: (report.seconds * 10.0).round() / 10.0,
        }
    }
}

/// What all runs of a command share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// The experiment's name.
    pub experiment: String,
    /// The data set's name.
    pub data: String,
    /// What its images are.
    pub images: String,
    /// Hash of its clips.
    pub clips: String,
    /// Number of training clips and of validation clips; of tracks where these are measured as wholes.
    pub counts: [usize; 2],
    /// Number of genres.
    pub genres: usize,
    /// Width of the paper's networks; others have one of their own, which this is where all arms are of one.
    pub width: usize,
    /// Passes over the clips.
    pub epochs: usize,
    /// The learning rate of all arms, if it was given instead of chosen by pilots; see [`Arm::rate`](super::arm::Arm::rate).
    pub rate: Option<f64>,
    /// The command that repeats it.
    pub command: String,
}

impl Setting {
    /// The directory's name: equal for equal settings, whatever the data's path was.
    pub fn directory(&self) -> String {
        let known = Setting { command: String::new(), ..self.clone() };
        let text = serde_json::to_string(&known).unwrap_or_default();
        let hash = blake3::hash(text.as_bytes()).to_hex();
        let name: String =
            self.data.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(24).collect();
        format!("{}-{name}-w{}-e{}-{}", self.experiment, self.width, self.epochs, &hash[..8])
    }

    /// Bands and steps of its images, which end the words on them.
    pub fn size(&self) -> Option<[usize; 2]> {
        let numbers: Vec<usize> = self.images.split(' ').filter_map(|word| word.parse().ok()).collect();
        numbers.last_chunk().copied()
    }

    /// Whether its images are as large as the paper's.
    pub fn is_whole(&self) -> bool {
        self.size() == Some([Input::Power.bands(), Input::Power.steps()])
    }

    /// Whether so few clips are measured on that other ones would give other figures: where whole tracks are, always.
    pub fn is_small(&self) -> bool {
        Experiment::named(&self.experiment).is_some_and(Experiment::goes_beyond) || self.counts[1] < FEW
    }

    /// Whether the paper's networks have the paper's width.
    pub fn is_wide(&self) -> bool {
        self.width >= Architecture::Paper.width()
    }
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What it shares with the experiment's other runs.
    pub setting: Setting,
    /// The arm's name.
    pub arm: String,
    /// The seed.
    pub seed: u64,
    /// The whole configuration.
    pub config: Config,
    /// The version of the program, and the revision of its source if that is known.
    pub version: String,
    /// The device, in words.
    pub device: String,
    /// Whether all epochs are done, or no more can be.
    pub finished: bool,
    /// Whether its loss stopped being a number.
    #[serde(default)]
    pub diverged: bool,
    /// The epochs that are done.
    pub curve: Vec<Point>,
    /// Accuracy on the test clips of the network of the epoch that is best on the validation clips, once all are done;
    /// `None` where the experiment has no test clips.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<f64>,
    /// Numbers of its training, validation and test clips, if it is measured on the latter; of tracks where these are
    /// measured as wholes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<[usize; 3]>,
    /// Hash of what it learned from and is measured on ([`Parts::hash`](super::Parts::hash)), where the setting's is of a
    /// part of that; `None` elsewhere, and in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<String>,
    /// What is measured of whole tracks at its end; `None` where the experiment has no such measures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

impl Record {
    /// The best validation accuracy of any epoch, as the paper reports it.
    pub fn best(&self) -> Option<f64> {
        self.curve.iter().map(|p| p.validation).reduce(f64::max)
    }

    /// The mean validation accuracy of the last epochs, of so many; `None` before the first.
    pub fn late(&self, epochs: usize) -> Option<f64> {
        let late: Vec<f64> = self.curve.iter().rev().take(epochs).map(|p| p.validation).collect();
        (!late.is_empty()).then(|| late.iter().sum::<f64>() / late.len() as f64)
    }

    /// Whether it only chooses a rate.
    pub fn is_pilot(&self) -> bool {
        self.arm.starts_with("pilot-")
    }

    /// The number of its network's parameters; `None` if no layers are known for such images.
    pub fn parameters(&self) -> Option<usize> {
        let layers = self.config.arch.layers(self.config.width, self.setting.size()?, self.setting.genres)?;
        Some(layers.iter().map(|layer| layer.parameters).sum())
    }

    /// The experiment.
    pub fn experiment(&self) -> Option<Experiment> {
        Experiment::named(&self.setting.experiment)
    }

    /// A name that no other run has.
    pub fn name(&self) -> String {
        format!("{}-{}-s{}", self.setting.directory(), self.arm, self.seed)
    }

    /// As JSON, the same for the same run.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn text(&self) -> Result<String, RecordError> {
        let text = serde_json::to_string(self).map_err(|cause| RecordError::Json { run: self.name(), cause })?;
        Ok(text + "\n")
    }
}

/// The directory of a run.
pub fn directory(root: &Path, setting: &Setting, arm: &str, seed: u64) -> PathBuf {
    root.join(setting.directory()).join(format!("{arm}-s{seed}"))
}

/// The record of a run, if it has one.
///
/// # Errors
/// When it cannot be understood.
pub fn read(directory: &Path) -> Result<Option<Record>, RecordError> {
    let path = directory.join(RECORD);
    match files::text(&path, files::SMALL) {
        Ok(text) => parse(&path, &text).map(Some),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(RecordError::Io { path, cause }),
    }
}

/// Writes the record of a run.
///
/// # Errors
/// When it cannot be written.
pub fn write(directory: &Path, record: &Record) -> Result<(), RecordError> {
    let path = directory.join(RECORD);
    private::replace(&path, record.text()?.as_bytes()).map_err(RecordError::io(&path))
}

fn parse(path: &Path, text: &str) -> Result<Record, RecordError> {
    serde_json::from_str(text).map_err(|cause| RecordError::Damaged { path: path.to_owned(), cause })
}

/// All runs below the lab's directory, in order of their names.
///
/// # Errors
/// A directory that cannot be read, or a record that cannot be understood.
pub fn all(root: &Path) -> Result<Vec<Record>, RecordError> {
    let mut found = Vec::new();
    for setting in entries(root)? {
        for run in entries(&setting)? {
            found.extend(read(&run)?);
        }
    }
    found.sort_by_key(Record::name);
    Ok(found)
}

/// The runs kept in a directory of JSON files, in order of their names.
///
/// # Errors
/// As [`all`].
pub fn kept(directory: &Path) -> Result<Vec<Record>, RecordError> {
    let mut found = Vec::new();
    for path in entries(directory)? {
        if path.extension().is_some_and(|e| e == "json") {
            let text = files::text(&path, files::SMALL).map_err(RecordError::io(&path))?;
            found.push(parse(&path, &text)?);
        }
    }
    found.sort_by_key(Record::name);
    Ok(found)
}

/// What a directory contains, sorted; nothing if it does not exist.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, RecordError> {
    let fault = |cause| RecordError::Directory { path: directory.to_owned(), cause };
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(e) => return Err(fault(e)),
    };
    let mut paths = entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(fault)?;
    paths.sort();
    Ok(paths)
}
