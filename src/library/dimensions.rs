//! The user's own names of dimensions, in one JSON file. A damaged file is reported and left
//! unchanged.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::files;
use crate::store::private;

/// Size limit in bytes: a larger file was not written by jukebox.
const LARGEST: u64 = 1024 * 1024;
/// The format version that this program writes.
const VERSION: u32 = 1;

/// The contents of the file.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    version: u32,
    /// Keyed by the encoder's name of the dimension, or by its number if it has none.
    names: BTreeMap<String, String>,
}

/// The file of the user's names.
#[derive(Clone, Debug, Default)]
pub struct OwnNames {
    file: PathBuf,
}

impl OwnNames {
    /// Uses the names in `file`, which need not exist yet.
    pub fn in_file(file: PathBuf) -> OwnNames {
        OwnNames { file }
    }

    /// Reads all names.
    ///
    /// # Errors
    /// The file cannot be read or parsed, or is from a newer version; a one-line message with its
    /// path.
    pub fn load(&self) -> Result<BTreeMap<String, String>, String> {
        let explain =
            |e: &dyn std::fmt::Display| format!("{}: the names of dimensions cannot be read: {e}", self.file.display());
        let bytes = match files::read(&self.file, LARGEST) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
            read => read.map_err(|e| explain(&e))?,
        };
        let kept: Kept = serde_json::from_slice(&bytes)
            .map_err(|e| explain(&format!("{e}; correct the file, or remove it to start again")))?;
        if kept.version > VERSION {
            return Err(explain(&format!("written by a newer jukebox (version {})", kept.version)));
        }
        let safe = |(key, name): (String, String)| (crate::text::sanitize(&key), crate::text::sanitize(&name));
        Ok(kept.names.into_iter().map(safe).filter(|(_, name)| !name.is_empty()).collect())
    }

    /// Sets the name of a dimension, or removes it with `None`; returns all names.
    ///
    /// # Errors
    /// The file is damaged or cannot be written.
    pub fn put(&self, key: &str, name: Option<&str>) -> Result<BTreeMap<String, String>, String> {
        let mut names = self.load()?;
        match name {
            Some(name) => drop(names.insert(key.into(), name.into())),
            None => drop(names.remove(key)),
        }
        let explain = |e: &dyn std::fmt::Display| format!("{}: not saved: {e}", self.file.display());
        let kept = Kept { version: VERSION, names };
        let bytes = serde_json::to_vec_pretty(&kept).map_err(|e| explain(&e))?;
        private::replace(&self.file, &bytes).map_err(|e| explain(&e))?;
        Ok(kept.names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_and_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let names = OwnNames::in_file(dir.path().join("dimensions.json"));
        assert!(names.load().unwrap().is_empty());
        names.put("3", Some("twang")).unwrap();
        names.put("driving", Some("push")).unwrap();
        assert_eq!(
            names.load().unwrap().into_iter().collect::<Vec<_>>(),
            [("3".into(), "twang".into()), ("driving".into(), "push".into())]
        );
        assert_eq!(names.put("3", None).unwrap().len(), 1);
        std::fs::write(dir.path().join("dimensions.json"), "{").unwrap();
        let why = names.put("3", Some("twang")).unwrap_err();
        assert!(why.contains("dimensions.json") && why.contains("correct the file"), "{why}");
        assert_eq!(std::fs::read_to_string(dir.path().join("dimensions.json")).unwrap(), "{", "left as it is");
    }
}
