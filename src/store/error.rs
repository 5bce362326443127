//! Errors of the store.

use std::io;

use rustix::io::Errno;
use thiserror::Error;

use super::sealed::ValueError;

/// Why an operation on the store failed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another process holds the store; its id, if it could be read.
    #[error("another jukebox{} is running", pid.map_or_else(String::new, |pid| format!(" (process {pid})")))]
    Held {
        /// The id of the process that holds it.
        pid: Option<u32>,
    },
    /// An I/O error with the data intact, so nothing was set aside. Once the cause is removed (for instance, space was
    /// freed), call [`Store::reopen`](super::Store::reopen) before continuing: sled fails permanently after its first
    /// I/O error.
    #[error("the store cannot be {}", unreachable_because(.0))]
    Io(#[from] io::Error),
    /// The data on disk is damaged. The owner calls
    /// [`Store::set_aside_and_reopen`](super::Store::set_aside_and_reopen).
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The caller passed a value that may not be stored (not finite, or too long). Nothing was written.
    #[error("a value that cannot be stored: {0}")]
    Value(#[from] ValueError),
}

fn unreachable_because(e: &io::Error) -> String {
    match crate::files::is_full(e) {
        true => "written: the disk is full; free some space".into(),
        false => format!("read or written: {e}"),
    }
}

impl From<sled::Error> for StoreError {
    fn from(e: sled::Error) -> Self {
        match e {
            sled::Error::Io(e) if is_environment(&e) => StoreError::Io(e),
            other => StoreError::Damaged(other.to_string()),
        }
    }
}

/// Whether an I/O error is about the machine, not about the data. Only such an error leaves a store in place; a file
/// that ends early or has invalid contents counts as damage.
fn is_environment(e: &io::Error) -> bool {
    use io::ErrorKind::*;
    matches!(
        e.kind(),
        PermissionDenied | StorageFull | QuotaExceeded | ReadOnlyFilesystem | FileTooLarge | OutOfMemory | Interrupted
    ) || matches!(Errno::from_io_error(e), Some(Errno::IO | Errno::NFILE | Errno::MFILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_not_damage() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert!(matches!(StoreError::from(sled::Error::Io(full)), StoreError::Io(_)));
        let short = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert!(matches!(StoreError::from(sled::Error::Io(short)), StoreError::Damaged(_)));
    }
}
