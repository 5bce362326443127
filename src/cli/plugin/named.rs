//! Engines as they are named on the command line.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use crate::paths::Paths;
use crate::queue::plugin::source;

/// An engine as it was named on the command line.
pub struct Named {
    /// Its name, or a chain.
    pub name: String,
    /// Where it is looked for.
    pub dirs: Vec<PathBuf>,
}

impl Named {
    /// Reads a name, or a path to a folder.
    ///
    /// # Errors
    /// The path is none of a plugin's folder.
    pub fn of(text: &str, paths: &Paths) -> Result<Named> {
        let path = Path::new(text);
        if !text.contains('/') && !text.starts_with('.') {
            return Ok(Named { name: text.into(), dirs: vec![paths.plugins()] });
        }
        let folder = path.canonicalize().map_err(|e| anyhow!("{text}: {e}"))?;
        let name = source::named(&folder).map_err(|why| anyhow!("{text}: {why}"))?;
        let name = name.ok_or_else(|| anyhow!("{text}: it has no plugin.toml"))?;
        let dir = folder.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(Named { name, dirs: vec![dir] })
    }
}
