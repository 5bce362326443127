//! File systems, mounts and devices.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

use rustix::fs::{fcntl_rdadvise, statfs};

use crate::system::watching::Watches;

/// Whether a path is on a file system that is not stored on this computer, and so may change without its knowledge.
/// `false` if it cannot be determined.
pub fn is_network_fs(path: &Path) -> bool {
    // MNT_LOCAL of sys/mount.h.
    const LOCAL: u32 = 0x1000;
    statfs(path).is_ok_and(|fs| fs.f_flags & LOCAL == 0)
}

/// No list of mounts can be waited for.
///
/// # Errors
/// Always: who watches must look at intervals.
pub fn mounts() -> io::Result<File> {
    Err(ErrorKind::Unsupported.into())
}

/// Whether the system reports that a file which was written is closed, beside that it was created and changes: FSEvents
/// does not.
pub const REPORTS_CLOSING: bool = false;

/// FSEvents watches a tree as a whole.
pub fn watches() -> Watches {
    Watches::Any
}

/// Always the same: sound cards have no files. A lost device is tried again at intervals.
pub fn signs_of_cards() -> u64 {
    0
}

/// Tells the system that these bytes of a file are about to be read; a failure only costs time.
pub fn announce(file: &File, at: u64, len: usize) {
    let _ = fcntl_rdadvise(file, at, len as u64);
}
