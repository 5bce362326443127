//! The user's own names of dimensions, in one JSON file. A damaged file is reported and left
//! unchanged.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::own_file::{self, OwnFileError};

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
    /// The file cannot be read or parsed, or is from a newer version.
    pub fn load(&self) -> Result<BTreeMap<String, String>, OwnFileError> {
        let version = |kept: &Kept| kept.version;
        let kept = own_file::read(&self.file, "names of dimensions", version, VERSION)?.unwrap_or_default();
        let safe = |(key, name): (String, String)| (crate::text::sanitize(&key), crate::text::sanitize(&name));
        Ok(kept.names.into_iter().map(safe).filter(|(_, name)| !name.is_empty()).collect())
    }

    /// Sets the name of a dimension, or removes it with `None`; returns all names.
    ///
    /// # Errors
    /// The file is damaged or cannot be written.
    pub fn put(&self, key: &str, name: Option<&str>) -> Result<BTreeMap<String, String>, OwnFileError> {
        let mut names = self.load()?;
        match name {
            Some(name) => drop(names.insert(key.into(), name.into())),
            None => drop(names.remove(key)),
        }
        let kept = Kept { version: VERSION, names };
        own_file::write(&self.file, &kept)?;
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
        let why = names.put("3", Some("twang")).unwrap_err().to_string();
        assert!(why.contains("dimensions.json") && why.contains("correct the file"), "{why}");
        assert_eq!(std::fs::read_to_string(dir.path().join("dimensions.json")).unwrap(), "{", "left as it is");
    }
}
