//! `plugins.lock`: where added plugins came from, and what their files were then.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use serde::{Deserialize, Serialize};

use super::fetch::Files;
use crate::files;
use crate::store::private;

/// What is known of a plugin that was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Where it came from, as it was typed; folders as absolute paths.
    pub source: String,
    /// The revision; empty for a folder.
    #[serde(default)]
    pub rev: String,
    /// The hash of its files.
    pub hash: String,
}

/// Every plugin that was added, by name.
#[derive(Debug)]
pub struct Lock {
    file: PathBuf,
    /// The entries.
    pub entries: BTreeMap<String, Entry>,
}

impl Lock {
    /// Reads the file in the directory of plugins; none means that nothing was added.
    ///
    /// # Errors
    /// It cannot be read; one line with the file.
    pub fn read(dir: &Path) -> Result<Lock> {
        let file = dir.join("plugins.lock");
        let entries = match files::text(&file, files::SMALL) {
            Ok(text) => toml::from_str(&text).map_err(|e| anyhow!("{}: {}", file.display(), e.message()))?,
            Err(e) if e.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(e) => bail!("{}: cannot be read: {e}", file.display()),
        };
        Ok(Lock { file, entries })
    }

    /// Writes it.
    ///
    /// # Errors
    /// One line with the file.
    pub fn write(&self) -> Result<()> {
        let text = toml::to_string(&self.entries).map_err(|e| anyhow!("{}: {e}", self.file.display()))?;
        let text = format!("# Written by `jukebox plugin add`, `update` and `remove`.\n\n{text}");
        private::replace(&self.file, text.as_bytes())
            .map_err(|e| anyhow!("{}: cannot be written: {}", self.file.display(), private::explain(&e)))
    }
}

/// The hash of a plugin's files: of each its name, its length and its contents.
pub fn hash(files: &Files) -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, contents) in files {
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(&(contents.len() as u64).to_le_bytes());
        hasher.update(contents);
    }
    hasher.finalize().to_hex().to_string()
}
