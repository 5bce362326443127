//! The run directory, and publishing what a run made.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use jukebox_encoder::Card;
use serde_json::json;

use super::{EpochReport, Options};

const CHECKPOINT: &str = "checkpoint.safetensors";
const LOG: &str = "log.jsonl";
const MODEL: &str = "model.safetensors";

/// An open run directory.
pub(super) struct Run(PathBuf);

impl Run {
    /// Makes or takes up the directory.
    ///
    /// # Errors
    /// When there is a run in it already and it is not to be resumed: a night's work is not overwritten by accident.
    pub fn open(directory: &Path, options: &Options) -> Result<Run, String> {
        let name = directory.display();
        fs::create_dir_all(directory).map_err(|e| format!("cannot make the run directory {name}: {e}"))?;
        let there = directory.join(CHECKPOINT).exists();
        if there && !options.resume {
            return Err(format!("there is a run in {name} already: add --resume to go on with it, or choose another"));
        }
        if !there {
            let config = json!({
                "data": options.data,
                "config": options.config,
                "device": options.device,
                "start": options.start,
                "version": env!("CARGO_PKG_VERSION"),
            });
            write_whole(&directory.join("config.json"), format!("{config:#}\n").as_bytes())?;
            // A log without a checkpoint is of a run that got nowhere.
            write_whole(&directory.join(LOG), b"")?;
        }
        Ok(Run(directory.to_owned()))
    }

    pub fn checkpoint(&self) -> PathBuf {
        self.0.join(CHECKPOINT)
    }

    /// Appends an epoch to the log.
    pub fn log(&self, report: &EpochReport) -> Result<(), String> {
        let path = self.0.join(LOG);
        let append = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            writeln!(file, "{}", serde_json::to_string(report)?)
        };
        append().map_err(|e| format!("cannot write {}: {e}", path.display()))
    }

    /// Writes the log anew.
    pub fn rewrite_log(&self, reports: &[EpochReport]) -> Result<(), String> {
        let lines: Result<Vec<String>, _> = reports.iter().map(serde_json::to_string).collect();
        let path = self.0.join(LOG);
        let lines = lines.map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        write_whole(&path, (lines.join("\n") + "\n").as_bytes())
    }

    /// Writes the encoder's file.
    pub fn save_model(&self, weights: &[u8]) -> Result<PathBuf, String> {
        let path = self.0.join(MODEL);
        write_whole(&path, weights)?;
        Ok(path)
    }
}

/// Makes a run's model the one at `current`: checked, copied beside it, renamed over it. Whoever reads `current` sees
/// the old model or the new one, never a part. The old one stays beside it as `.previous`.
///
/// # Errors
/// When the model cannot be read or is damaged, or `current` cannot be written.
pub fn publish(model: &Path, current: &Path) -> Result<Card, String> {
    let bytes = fs::read(model).map_err(|e| format!("cannot read {}: {e}", model.display()))?;
    let card = Card::read(&bytes).map_err(|e| format!("{} is not published: {e:#}", model.display()))?;
    if let Some(directory) = current.parent() {
        fs::create_dir_all(directory).map_err(|e| format!("cannot make {}: {e}", directory.display()))?;
    }
    if let Ok(old) = fs::read(current)
        && old != bytes
    {
        write_whole(&current.with_extension("previous"), &old)?;
    }
    write_whole(current, &bytes)?;
    Ok(card)
}

/// Writes a file beside its place and renames it there.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let beside = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|e| format!("cannot write {}: {e}", path.display()))
}
