//! Files that cannot be used.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::track::FileFault;

/// Files that cannot be used, and why.
pub type Faults = BTreeMap<PathBuf, FileFault>;

/// Whether a file ends whatever reads it.
pub(in crate::app) fn is_deadly(faults: &Faults, path: &Path) -> bool {
    faults.get(path).is_some_and(FileFault::is_deadly)
}
