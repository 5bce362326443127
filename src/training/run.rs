//! The run directory.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::fault::{Fault, RunError};
use super::{Config, Device, EpochReport, Options};
use crate::files;
use crate::store::private;

pub(super) const ASKED: &str = "config.json";
const CHECKPOINT: &str = "checkpoint.safetensors";
pub(super) const LOG: &str = "log.jsonl";
pub(super) const MODEL: &str = "model.safetensors";
pub(super) const OUTCOME: &str = "outcome.json";
const START: &str = "start.safetensors";

/// The settings that a run was started with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// The data set, as [`Options::data`].
    pub data: String,
    /// The training configuration.
    pub config: Config,
    /// The device.
    pub device: Device,
    /// The version of the program.
    #[serde(default)]
    pub version: String,
}

/// Reads the settings of the run in a directory.
///
/// # Errors
/// When there is no run, or it was written by an incompatible version.
pub fn begun(directory: &Path) -> Result<Begun, RunError> {
    let path = directory.join(ASKED);
    let text = files::text(&path, files::SMALL).map_err(|cause| RunError::NoRun {
        directory: directory.to_owned(),
        file: ASKED,
        cause,
    })?;
    serde_json::from_str(&text).map_err(|cause| RunError::Unusable { path, cause })
}

/// The unfinished run in `runs` that was started last.
pub fn latest_unfinished(runs: &Path) -> Option<PathBuf> {
    let unfinished = |dir: &PathBuf| dir.join(ASKED).exists() && !finished(dir);
    let begun = |dir: &PathBuf| fs::metadata(dir.join(ASKED)).and_then(|m| m.modified()).ok();
    let runs = fs::read_dir(runs).ok()?.flatten().map(|entry| entry.path()).filter(unfinished);
    runs.max_by_key(|dir| (begun(dir), dir.clone()))
}

fn finished(directory: &Path) -> bool {
    let outcome = files::text(&directory.join(OUTCOME), files::SMALL).ok();
    let outcome = outcome.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    outcome.is_some_and(|o| o["finished"] == true)
}

/// Checks that a run can start or continue in a directory, without creating anything.
///
/// # Errors
/// When it contains a run that is not to be resumed: a run must not be overwritten by accident.
pub fn may_begin(directory: &Path, resume: bool) -> Result<(), RunError> {
    if directory.join(CHECKPOINT).exists() && !resume {
        return Err(RunError::Taken(directory.to_owned()));
    }
    Ok(())
}

/// An open run directory.
pub(super) struct Run(PathBuf);

impl Run {
    /// Creates the directory, or opens it to resume.
    ///
    /// # Errors
    /// As [`may_begin`], or when it cannot be written.
    pub fn open(directory: &Path, options: &Options) -> Result<Run, Fault> {
        may_begin(directory, options.resume)?;
        fs::create_dir_all(directory).map_err(|cause| RunError::Directory { path: directory.to_owned(), cause })?;
        let run = Run(directory.to_owned());
        if !run.checkpoint().exists() {
            // The starting encoder is written first: `--resume` relies on it once there is a
            // config.
            match &options.start {
                Some(bytes) => run.write(START, bytes).map(drop)?,
                None if !options.resume => {
                    // Left by a run that got no further.
                    let _ = fs::remove_file(directory.join(START));
                }
                None => {}
            }
            let begun = Begun {
                data: options.data.clone(),
                config: options.config.clone(),
                device: options.device,
                version: env!("CARGO_PKG_VERSION").into(),
            };
            let config = serde_json::to_string_pretty(&begun).map_err(|e| run.unwritten(ASKED, e.into()))?;
            run.write(ASKED, format!("{config}\n").as_bytes())?;
            // A log without a checkpoint was left by a run that got no further.
            run.write(LOG, b"")?;
        }
        Ok(run)
    }

    pub fn checkpoint(&self) -> PathBuf {
        self.0.join(CHECKPOINT)
    }

    /// The encoder that the run continues.
    pub fn start(&self) -> Result<Option<Vec<u8>>, RunError> {
        let path = self.0.join(START);
        match files::read(&path, files::MODEL) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(RunError::Unreadable { path, cause }),
        }
    }

    /// The epochs in the log, up to the first invalid line, to show the earlier part of the run.
    pub fn logged(&self) -> Vec<EpochReport> {
        let text = files::text(&self.0.join(LOG), files::ANY).unwrap_or_default();
        text.lines().map_while(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Appends an epoch to the log.
    pub fn log(&self, report: &EpochReport) -> Result<(), Fault> {
        let path = self.0.join(LOG);
        let append = || -> std::io::Result<()> {
            let line = serde_json::to_string(report)? + "\n";
            // One write, so that a full disk or a kill leaves no partial line before another.
            let (mut file, _) = files::with(OpenOptions::new().create(true).append(true), &path)?;
            file.write_all(line.as_bytes())
        };
        append().map_err(Fault::unwritten(&path))
    }

    /// Rewrites the log.
    pub fn rewrite_log(&self, reports: &[EpochReport]) -> Result<(), Fault> {
        let lines: Result<Vec<String>, _> = reports.iter().map(serde_json::to_string).collect();
        let lines = lines.map_err(|e| self.unwritten(LOG, e.into()))?;
        self.write(LOG, (lines.join("\n") + "\n").as_bytes()).map(drop)
    }

    /// Writes the encoder's file.
    pub fn save_model(&self, weights: &[u8]) -> Result<PathBuf, Fault> {
        self.write(MODEL, weights)
    }

    /// Writes the result of the run; a finished run is not continued by `--resume` alone.
    pub fn save_outcome(&self, finished: bool, outcome: &serde_json::Value) -> Result<(), Fault> {
        let all = json!({ "finished": finished, "outcome": outcome });
        self.write(OUTCOME, format!("{all:#}\n").as_bytes()).map(drop)
    }

    /// Writes a file of the run atomically.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Fault> {
        let path = self.0.join(name);
        private::replace(&path, bytes).map_err(Fault::unwritten(&path))?;
        Ok(path)
    }

    /// The fault of a file of the run that cannot be written.
    fn unwritten(&self, name: &str, cause: std::io::Error) -> Fault {
        Fault::Unwritten { path: self.0.join(name), cause }
    }
}
